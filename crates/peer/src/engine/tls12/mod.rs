//! TLS 1.2 (RFC 5246): ECDHE with ECDSA and AEAD suites, `extended_master_secret`, tickets.
//!
//! The peer signals secure renegotiation (RFC 5746), but never renegotiates: it ignores a
//! `HelloRequest` or a second `ClientHello` of the subject.

mod client;
mod conversation;
mod server;

pub(crate) use self::client::Client;
pub(crate) use self::server::Server;

use wire::{ContentType, Epoch, Extensions, HandshakeType};

use super::core::Core;
use super::shared::{check_distinct, check_signature, extension, identity, illegal};
use crate::failure::Failure;

/// The `ClientCertificateType` `ecdsa_sign` (RFC 8422 5.5).
const ECDSA_SIGN: u8 = 64;

/// The only protected epoch of a connection.
const PROTECTED: Epoch = Epoch::Application(0);

/// Processes the subject's `change_cipher_spec`.
fn change_cipher_spec(core: &mut Core, expected: bool) -> Result<(), Failure> {
    // It must not split a message, because the keys before and after it differ.
    if !expected || !core.assembly.is_empty() {
        return Err(Failure::UnexpectedRecord(ContentType::CHANGE_CIPHER_SPEC));
    }
    core.their_epoch = PROTECTED;
    Ok(())
}

/// Checks `renegotiation_info`, which is empty in a first handshake (RFC 5746 3.4 and 3.6). Returns
/// whether it was sent.
fn check_renegotiation_info(
    kind: HandshakeType,
    extensions: &Extensions<'_>,
) -> Result<bool, Failure> {
    match extension::<wire::RenegotiationInfo<'_>>(kind, extensions)? {
        None => Ok(false),
        Some(info) if info.renegotiated_connection.is_empty() => Ok(true),
        Some(_) => Err(illegal(kind, "renegotiated_connection")),
    }
}

/// The minimum of `record_size_limit` (RFC 8449 4).
const MIN_RECORD_SIZE_LIMIT: u16 = 64;

/// Returns the subject's `record_size_limit`, if it sent one.
fn record_size_limit(
    kind: HandshakeType,
    extensions: &Extensions<'_>,
) -> Result<Option<u16>, Failure> {
    match extension::<wire::RecordSizeLimit>(kind, extensions)? {
        Some(limit) if limit.limit < MIN_RECORD_SIZE_LIMIT => {
            Err(illegal(kind, "record_size_limit"))
        }
        limit => Ok(limit.map(|limit| limit.limit)),
    }
}
