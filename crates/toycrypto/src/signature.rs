//! Signatures that anyone can make, but over one message only.

use crate::hash::{mac, HASH_LEN};

/// Bytes of a signature.
pub const SIGNATURE_LEN: usize = HASH_LEN;

/// Signs `message` as `name`.
#[must_use]
pub fn sign(name: &[u8], message: &[u8]) -> [u8; SIGNATURE_LEN] {
    mac(name, &[b"signature", message])
}

/// Whether `signature` is that of `name` over `message`.
#[must_use]
pub fn verify(name: &[u8], message: &[u8], signature: &[u8]) -> bool {
    sign(name, message) == signature
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_of_one_name_over_one_message() {
        let signature = sign(b"a", b"message");
        assert!(verify(b"a", b"message", &signature));
        assert!(!verify(b"b", b"message", &signature));
        assert!(!verify(b"a", b"massage", &signature));
        assert!(!verify(b"a", b"message", &signature[1..]));
    }
}
