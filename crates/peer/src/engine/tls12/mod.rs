//! TLS 1.2 (RFC 5246): ECDHE with ECDSA and AEAD suites, `extended_master_secret`, tickets.
//!
//! Renegotiation is indicated (RFC 5746) and never done: a `HelloRequest` or a second `ClientHello`
//! of the subject is passed over.

mod client;
mod conversation;
mod server;

pub(crate) use self::client::Client;
pub(crate) use self::server::Server;

use wire::{ContentType, Epoch, Extensions, HandshakeType};

use super::core::Core;
use super::shared::{check_distinct, check_signature, extension, identity, illegal};
use crate::failure::Failure;

/// `ClientCertificateType` of RFC 8422 5.5.
const ECDSA_SIGN: u8 = 64;

/// The keys of a connection, which has only these.
const PROTECTED: Epoch = Epoch::Application(0);

/// Takes the subject's `change_cipher_spec`.
fn change_cipher_spec(core: &mut Core, expected: bool) -> Result<(), Failure> {
    // It must not part a message: what comes before it has other keys than what comes after.
    if !expected || !core.assembly.is_empty() {
        return Err(Failure::UnexpectedRecord(ContentType::CHANGE_CIPHER_SPEC));
    }
    core.their_epoch = PROTECTED;
    Ok(())
}

/// In a first handshake there is nothing that it could bind to (RFC 5746 3.4 and 3.6). Whether it
/// was sent.
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

/// The least that `record_size_limit` may be (RFC 8449 4).
const MIN_RECORD_SIZE_LIMIT: u16 = 64;

/// The subject's `record_size_limit`, if it sent one.
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
