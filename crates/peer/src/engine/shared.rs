//! Functions that the handshakes of both versions share.

use wire::{Extensions, HandshakeType, Role};

use crate::config::Config;
use crate::crypto::kx::Group;
use crate::failure::Failure;
use crate::pki;

/// Returns the identity of `role`, which is the peer or the subject.
pub(super) fn identity(config: &Config, role: Role) -> &'static pki::Identity {
    match (role, config.groups.contains(&Group::Toy)) {
        (Role::Client, false) => pki::client(),
        (Role::Server, false) => pki::server(),
        (Role::Client, true) => pki::toy_client(),
        (Role::Server, true) => pki::toy_server(),
    }
}

/// Checks the signature of `sender`, the subject, over `content`.
pub(super) fn check_signature(
    config: &Config,
    sender: Role,
    content: &[u8],
    signature: &[u8],
) -> Result<(), Failure> {
    if !config.check_signatures {
        return Ok(());
    }
    identity(config, sender)
        .key
        .verifying_key()
        .verify(content, signature)
        .map_err(|_| Failure::BadSignature)
}

pub(super) const fn illegal(kind: HandshakeType, what: &'static str) -> Failure {
    Failure::IllegalParameter { kind, what }
}

/// Parses an extension. An error names the message that carries it.
pub(super) fn extension<'a, E: wire::ExtensionData<'a>>(
    kind: HandshakeType,
    extensions: &Extensions<'a>,
) -> Result<Option<E>, Failure> {
    extensions
        .get::<E>()
        .map_err(|error| Failure::Malformed { kind, error })
}

/// Checks that no extension appears twice (RFC 8446 4.2, RFC 5246 7.4.1.4).
pub(super) fn check_distinct(
    kind: HandshakeType,
    extensions: &Extensions<'_>,
) -> Result<(), Failure> {
    match extensions.duplicate() {
        None => Ok(()),
        Some(_) => Err(illegal(kind, "a duplicate extension")),
    }
}
