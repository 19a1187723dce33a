//! What the handshakes of both versions need alike.

use wire::{Extensions, HandshakeType, Role};

use crate::failure::Failure;
use crate::pki;

/// Who the peer is in this role.
pub(super) fn identity(role: Role) -> &'static pki::Identity {
    match role {
        Role::Client => pki::client(),
        Role::Server => pki::server(),
    }
}

pub(super) const fn illegal(kind: HandshakeType, what: &'static str) -> Failure {
    Failure::IllegalParameter { kind, what }
}

/// Gets an extension, blaming the message that carries it for what is malformed.
pub(super) fn extension<'a, E: wire::ExtensionData<'a>>(
    kind: HandshakeType,
    extensions: &Extensions<'a>,
) -> Result<Option<E>, Failure> {
    extensions
        .get::<E>()
        .map_err(|error| Failure::Malformed { kind, error })
}

/// No extension may come twice (RFC 8446 4.2, RFC 5246 7.4.1.4).
pub(super) fn check_distinct(
    kind: HandshakeType,
    extensions: &Extensions<'_>,
) -> Result<(), Failure> {
    match extensions.duplicate() {
        None => Ok(()),
        Some(_) => Err(illegal(kind, "a second extension of one type")),
    }
}
