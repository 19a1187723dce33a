//! Round trips through the parsers of this project. None may panic, and what one accepts must
//! encode to the same bytes.

use scenario::{Script, Specimen};
use wire::{
    Alert, ClientHello, EncryptedExtensions, Finished, HandshakeHeader, KeyUpdate, Message,
    NewSessionTicket12, NewSessionTicket13, RecordHeader, ServerHello, split_handshake,
    split_record,
};

macro_rules! each {
    ($same:ident, $bytes:expr, $($type:ident),+ $(,)?) => {
        $(
            if let Ok(parsed) = $type::parse($bytes) {
                let mut again = Vec::new();
                parsed.encode(&mut again);
                $same(stringify!($type), &again, $bytes)?;
            }
        )+
    };
}

/// Runs every parser on `bytes`.
///
/// # Errors
///
/// Names the parser whose value does not encode to the bytes it was read from.
pub(crate) fn check(bytes: &[u8]) -> Result<(), String> {
    each!(
        same,
        bytes,
        Alert,
        EncryptedExtensions,
        Finished,
        KeyUpdate,
        NewSessionTicket13,
        NewSessionTicket12,
    );
    each!(same_hello, bytes, ClientHello, ServerHello);
    let _ = (RecordHeader::parse(bytes), HandshakeHeader::parse(bytes));
    if let Some((record, rest)) = split_record(bytes) {
        let mut again = Vec::new();
        record.encode(&mut again);
        again.extend_from_slice(rest);
        same("record", &again, bytes)?;
    }
    if let Some((message, consumed)) = split_handshake(bytes) {
        let mut again = Vec::new();
        message.encode(&mut again);
        same("handshake message", &again, &bytes[..consumed])?;
    }
    scripts(bytes)
}

fn scripts(bytes: &[u8]) -> Result<(), String> {
    let script = Script::from_bytes(bytes);
    if Script::from_bytes(&script.to_bytes()) != script {
        return Err("the byte form of a script does not round-trip".into());
    }
    let text = script.to_string();
    if Script::parse(&text).as_ref() != Ok(&script) {
        return Err(format!(
            "the text form of a script does not round-trip:\n{text}"
        ));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Ok(());
    };
    if let Ok(specimen) = Specimen::parse(text) {
        let again = specimen.to_string();
        if Specimen::parse(&again).as_ref() != Ok(&specimen) {
            return Err(format!("a specimen does not round-trip:\n{again}"));
        }
    }
    Ok(())
}

/// As `same`, but in a hello an empty list of extensions is the same as none (RFC 5246 7.4.1.2).
fn same_hello(what: &str, again: &[u8], bytes: &[u8]) -> Result<(), String> {
    match bytes.strip_suffix(&[0, 0]) {
        Some(short) if short == again => Ok(()),
        _ => same(what, again, bytes),
    }
}

fn same(what: &str, again: &[u8], bytes: &[u8]) -> Result<(), String> {
    match again == bytes {
        true => Ok(()),
        false => Err(format!("a parsed {what} encodes to other bytes")),
    }
}

#[cfg(test)]
mod tests {
    use super::{same, same_hello};

    #[test]
    fn only_a_hello_may_lose_an_empty_list() {
        assert!(same_hello("ServerHello", b"hello", b"hello\0\0").is_ok());
        assert!(same_hello("ServerHello", b"hello", b"hello\0").is_err());
        assert!(same("KeyUpdate", b"update", b"update\0\0").is_err());
        assert!(same("KeyUpdate", b"update", b"update").is_ok());
    }
}
