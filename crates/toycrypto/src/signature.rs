//! Signatures that anyone can forge. A signature still verifies only for its own message.

use crate::hash::{mac, HASH_LEN};

/// Length of a signature in bytes.
pub const SIGNATURE_LEN: usize = HASH_LEN;

/// Signs `message` as `name`.
#[must_use]
pub fn sign(name: &[u8], message: &[u8]) -> [u8; SIGNATURE_LEN] {
    mac(name, &[b"signature", message])
}

/// Returns whether `signature` is the signature of `name` over `message`.
#[must_use]
pub fn verify(name: &[u8], message: &[u8], signature: &[u8]) -> bool {
    sign(name, message) == signature
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_verifies_only_for_its_name_and_message() {
        let signature = sign(b"a", b"message");
        assert!(verify(b"a", b"message", &signature));
        assert!(!verify(b"b", b"message", &signature));
        assert!(!verify(b"a", b"massage", &signature));
        assert!(!verify(b"a", b"message", &signature[1..]));
    }
}
