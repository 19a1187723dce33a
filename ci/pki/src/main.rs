//! Writes a CA, a server and a client certificate with their keys (ECDSA P-256) into a directory.
//!
//! The validity period covers any clock that a test may simulate.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, SerialNumber, date_time_ymd,
};

fn main() -> Result<(), Box<dyn Error>> {
    let dir = PathBuf::from(env::args_os().nth(1).ok_or("usage: pki DIRECTORY")?);
    fs::create_dir_all(&dir)?;

    let mut ca = params("lastword test CA", 1, &[])?;
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate()?)?;
    write(&dir, "ca", ca.as_ref(), ca.key())?;

    let ends = [
        (
            "server",
            2,
            ExtendedKeyUsagePurpose::ServerAuth,
            ["lastword.test", "localhost"].as_slice(),
        ),
        (
            "client",
            3,
            ExtendedKeyUsagePurpose::ClientAuth,
            ["client.lastword.test"].as_slice(),
        ),
    ];
    for (name, serial, usage, names) in ends {
        let mut params = params(&format!("lastword test {name}"), serial, names)?;
        params.use_authority_key_identifier_extension = true;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![usage];
        let key = KeyPair::generate()?;
        write(&dir, name, &params.signed_by(&key, &ca)?, &key)?;
    }
    Ok(())
}

fn params(name: &str, serial: u64, names: &[&str]) -> Result<CertificateParams, rcgen::Error> {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names)?;
    params.not_before = date_time_ymd(1975, 1, 1);
    params.not_after = date_time_ymd(4096, 1, 1);
    params.serial_number = Some(SerialNumber::from(serial));
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(params)
}

fn write(dir: &Path, name: &str, cert: &Certificate, key: &KeyPair) -> std::io::Result<()> {
    fs::write(dir.join(format!("{name}.pem")), cert.pem())?;
    fs::write(dir.join(format!("{name}.key.pem")), key.serialize_pem())
}
