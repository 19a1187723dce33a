use super::{HandshakeType, Message};
use crate::reader::filled;
use crate::{
    Error, Extensions, Item, List, Opaque16, Opaque24, Reader, SignatureScheme, put_u16, vec8,
    vec16, vec24,
};

/// TLS 1.3 `Certificate` (RFC 8446 4.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Certificate13<'a> {
    /// The context. Empty, except in answer to a `CertificateRequest` with a context.
    pub context: &'a [u8],
    /// The chain, the sender's certificate first. A client may send none.
    pub entries: List<'a, CertificateEntry<'a>>,
}

impl<'a> Message<'a> for Certificate13<'a> {
    const KIND: HandshakeType = HandshakeType::CERTIFICATE;

    fn parse(body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        let certificate = Self {
            context: reader.vec8("certificate_request_context")?,
            entries: List::parse(reader.vec24("certificate_list")?)?,
        };
        reader.finish("Certificate")?;
        Ok(certificate)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        vec8(out, |out| out.extend_from_slice(self.context));
        vec24(out, |out| self.entries.write(out));
    }
}

/// One certificate of a TLS 1.3 `Certificate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateEntry<'a> {
    /// The X.509 certificate in DER, at least one byte.
    pub data: &'a [u8],
    /// The extensions of this certificate.
    pub extensions: Extensions<'a>,
}

impl<'a> Item<'a> for CertificateEntry<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        Ok(Self {
            data: filled("cert_data", reader.vec24("cert_data")?)?,
            extensions: List::parse(reader.vec16("extensions")?)?,
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        vec24(out, |out| out.extend_from_slice(self.data));
        vec16(out, |out| self.extensions.write(out));
    }
}

/// TLS 1.2 `Certificate` (RFC 5246 7.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Certificate12<'a> {
    /// The chain of X.509 certificates in DER, the sender's first. A client may send none.
    pub certificates: List<'a, Opaque24<'a>>,
}

impl<'a> Message<'a> for Certificate12<'a> {
    const KIND: HandshakeType = HandshakeType::CERTIFICATE;

    fn parse(body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        let certificates = List::parse(reader.vec24("certificate_list")?)?;
        reader.finish("Certificate")?;
        Ok(Self { certificates })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        vec24(out, |out| self.certificates.write(out));
    }
}

/// TLS 1.3 `CertificateRequest` (RFC 8446 4.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateRequest13<'a> {
    /// The context. Empty during the handshake.
    pub context: &'a [u8],
    /// The extensions. They include `signature_algorithms`.
    pub extensions: Extensions<'a>,
}

impl<'a> Message<'a> for CertificateRequest13<'a> {
    const KIND: HandshakeType = HandshakeType::CERTIFICATE_REQUEST;

    fn parse(body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        let request = Self {
            context: reader.vec8("certificate_request_context")?,
            extensions: List::parse(filled("extensions", reader.vec16("extensions")?)?)?,
        };
        reader.finish("CertificateRequest")?;
        Ok(request)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        vec8(out, |out| out.extend_from_slice(self.context));
        vec16(out, |out| self.extensions.write(out));
    }
}

/// TLS 1.2 `CertificateRequest` (RFC 5246 7.4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateRequest12<'a> {
    /// `ClientCertificateType` bytes: 1 `rsa_sign`, 64 `ecdsa_sign`.
    pub certificate_types: &'a [u8],
    /// The signature algorithms that the server can verify.
    pub signature_algorithms: List<'a, SignatureScheme>,
    /// The distinguished names in DER, possibly none.
    pub authorities: List<'a, Opaque16<'a>>,
}

impl<'a> Message<'a> for CertificateRequest12<'a> {
    const KIND: HandshakeType = HandshakeType::CERTIFICATE_REQUEST;

    fn parse(body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        let request = Self {
            certificate_types: filled("certificate_types", reader.vec8("certificate_types")?)?,
            signature_algorithms: List::parse(filled(
                "supported_signature_algorithms",
                reader.vec16("supported_signature_algorithms")?,
            )?)?,
            authorities: List::parse(reader.vec16("certificate_authorities")?)?,
        };
        reader.finish("CertificateRequest")?;
        Ok(request)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        vec8(out, |out| out.extend_from_slice(self.certificate_types));
        vec16(out, |out| self.signature_algorithms.write(out));
        vec16(out, |out| self.authorities.write(out));
    }
}

/// `CertificateVerify` (RFC 8446 4.4.3, RFC 5246 7.4.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateVerify<'a> {
    /// The scheme of the signature.
    pub algorithm: SignatureScheme,
    /// The signature over the transcript so far.
    pub signature: &'a [u8],
}

impl<'a> Message<'a> for CertificateVerify<'a> {
    const KIND: HandshakeType = HandshakeType::CERTIFICATE_VERIFY;

    fn parse(body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        let verify = Self {
            algorithm: SignatureScheme(reader.u16("algorithm")?),
            signature: reader.vec16("signature")?,
        };
        reader.finish("CertificateVerify")?;
        Ok(verify)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        put_u16(out, self.algorithm.0);
        vec16(out, |out| out.extend_from_slice(self.signature));
    }
}
