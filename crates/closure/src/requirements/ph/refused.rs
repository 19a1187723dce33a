//! Handshake messages that are not allowed after the handshake.

use protocol::Role;
use wire::{
    AlertDescription as A, CertificateRequest13, ClientHello, ExtensionData, ExtensionType,
    Extensions, HandshakeType, KeyShareServerHello, Message, NewSessionTicket13, Reason as R,
    ServerHello, SignatureAlgorithms, SupportedVersionsServerHello, split_handshake,
};

use crate::ledger::Stage;
use crate::requirements::refusal::{REFUSED_13, UNANSWERED, refuses};
use crate::rule::Step;
use crate::{Connection, Delivered, Requirement, rfc8446};

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "ph.unexpected-half-closed",
        sections: &[rfc8446("4.6.2")],
        roles: &[Role::Client],
        says: "A client that did not offer post-handshake authentication answers a \
               CertificateRequest with unexpected_message.",
        why: "A server that waits for a certificate waits forever, and one that may ask at any \
              time learns who is there.",
        codes: UNANSWERED,
        rule: refuses(|reason, record, step| {
            let is = |kind| kind == HandshakeType::CERTIFICATE_REQUEST;
            unexpected(is, reason, record, step)
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "ph.unexpected-type",
        sections: &[rfc8446("4"), rfc8446("4.1.2")],
        says: "A handshake message that is not allowed after the handshake ends the connection \
               with unexpected_message.",
        why: "A state machine that can be taken back into the handshake can be taken past \
              authentication.",
        rule: refuses(|reason, record, step| {
            let is = |kind| kind != HandshakeType::CERTIFICATE_REQUEST;
            unexpected(is, reason, record, step)
        }),
        ..REFUSED_13
    },
];

/// The alerts that are right for a message that is not allowed after the handshake, if its kind
/// counts.
fn unexpected(
    is: fn(HandshakeType) -> bool,
    reason: R,
    record: &Delivered,
    step: &Step<'_, '_>,
) -> Option<&'static [A]> {
    match reason {
        R::UnexpectedMessage(kind) if is(kind) && step.now.stage == Stage::Done => {
            // A receiver that parses the body first may report a parse error instead.
            Some(match parses(step.c, record, kind) {
                true => &[A::UNEXPECTED_MESSAGE],
                false => &[A::UNEXPECTED_MESSAGE, A::DECODE_ERROR, A::ILLEGAL_PARAMETER],
            })
        }
        _ => None,
    }
}

/// Whether the record holds exactly one message of this kind, complete and well formed.
fn parses(c: &Connection<'_>, record: &Delivered, kind: HandshakeType) -> bool {
    let content = c.bytes(record.content);
    let Some((message, len)) = split_handshake(content) else {
        return false;
    };
    let body = message.body;
    len == content.len()
        && message.kind == kind
        && match kind {
            HandshakeType::FINISHED => !body.is_empty(),
            HandshakeType::CERTIFICATE_REQUEST => is_certificate_request(body),
            HandshakeType::CLIENT_HELLO => ClientHello::parse(body).is_ok(),
            HandshakeType::SERVER_HELLO => is_server_hello(body),
            HandshakeType::NEW_SESSION_TICKET => NewSessionTicket13::parse(body).is_ok(),
            _ => false,
        }
}

/// Whether the message parses, and its only extension is the mandatory `signature_algorithms`,
/// which parses too.
fn is_certificate_request(body: &[u8]) -> bool {
    CertificateRequest13::parse(body).is_ok_and(|request| {
        let schemes = request.extensions.get::<SignatureAlgorithms<'_>>();
        matches!(schemes, Ok(Some(_))) && has_only(request.extensions, &[SignatureAlgorithms::TYPE])
    })
}

/// Whether the message parses, and has no extensions but `supported_versions` and `key_share`,
/// which parse too.
fn is_server_hello(body: &[u8]) -> bool {
    ServerHello::parse(body).is_ok_and(|hello| {
        hello
            .extensions
            .get::<SupportedVersionsServerHello>()
            .is_ok()
            && hello.extensions.get::<KeyShareServerHello<'_>>().is_ok()
            && has_only(
                hello.extensions,
                &[
                    SupportedVersionsServerHello::TYPE,
                    KeyShareServerHello::TYPE,
                ],
            )
    })
}

/// Whether all extensions are of these kinds, each at most once. A receiver may check others in
/// ways that this function cannot.
fn has_only(extensions: Extensions<'_>, kinds: &[ExtensionType]) -> bool {
    extensions.iter().all(|each| kinds.contains(&each.kind)) && extensions.duplicate().is_none()
}
