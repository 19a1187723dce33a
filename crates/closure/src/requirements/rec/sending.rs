//! The form of the records that the subject sends, and their order.

use protocol::{Capability, Role, Version};
use wire::{Content, ContentType, Epoch, HandshakeType, Meaning, RecordHeader, split_handshake};

use crate::ledger::Stage;
use crate::rule::{Depends, Due, NEVER, Never, OWES, Owes, Payment, Step};
use crate::{
    Axis, Connection, EITHER, Kind, Kinds, Level, Requirement, Rule, Sent, deviates, rfc5246,
    rfc8446, rfc8449,
};

/// The bytes that every AEAD of TLS 1.3 adds to a record.
const TAG: usize = 16;

pub(super) static ALL: &[Requirement] = &[
    Requirement {
        id: "rec.tx-shape",
        level: Level::Must,
        sections: &[
            rfc8446("5"),
            rfc8446("5.1"),
            rfc8446("5.2"),
            rfc5246("6.2"),
            rfc5246("E.1"),
        ],
        says: "Records that are sent have content types that TLS defines, the version 0x0303 \
               and lengths within the limits; application data is never in plaintext, and nothing \
               follows a KeyUpdate in its record. A first ClientHello may have the version 0x0301, \
               and in TLS 1.2 no record needs the right one before ServerHello.",
        why: "Strict peers and middleboxes drop the connection, or everyone can read the \
              application data.",
        codes: &[
            deviates("undefined-type", Axis::OwnHalf),
            deviates("wrong-version", Axis::OwnHalf),
            deviates("too-long", Axis::OwnHalf),
            deviates("data-in-the-clear", Axis::Data),
            deviates("malformed", Axis::OwnHalf),
            deviates("unaligned", Axis::OwnHalf),
        ],
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::OwnHandshake]),
            breach: flaw,
            ..SENDING
        }),
        ..EITHER
    },
    Requirement {
        id: "rec.limit-8449",
        level: Level::Must,
        sections: &[rfc8449("4"), rfc8446("5.4")],
        versions: &[Version::Tls13],
        needs: &[Capability::RecordSizeLimit],
        says: "No protected record, alerts included, holds more content, type and padding than the \
               peer's record_size_limit.",
        why: "A peer with little memory cannot accept the record, and ends the connection.",
        codes: &[deviates("sends-too-much", Axis::OwnHalf)],
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::HandshakeDone]),
            tempts: |step| longest(step).is_some(),
            breach: |step| {
                let length = step.sent()?.length as usize;
                (length > longest(step)?).then_some("sends-too-much")
            },
            ..SENDING
        }),
        ..EITHER
    },
    Requirement {
        id: "rec.zero-handshake-12",
        level: Level::Must,
        sections: &[rfc5246("6.2.1")],
        versions: &[Version::Tls12],
        says: "No handshake or change_cipher_spec record is sent without content.",
        why: "Peers that take it for the start of a message wait for the rest.",
        codes: &[deviates("sends-nothing", Axis::OwnHalf)],
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::OwnHandshake]),
            breach: sends_nothing,
            ..SENDING
        }),
        ..EITHER
    },
    Requirement {
        id: "rec.tx-order",
        level: Level::Definition,
        sections: &[rfc8446("5.3"), rfc5246("6.2.1")],
        says: "Records are sent in the order in which they were protected: each decrypts at the \
               next sequence number, whatever held it up.",
        why: "A single record out of order makes the peer give up the connection.",
        codes: &[deviates("does-not-open", Axis::OwnHalf)],
        rule: Rule::Never(Never {
            given: Kinds::of(&[Kind::HandshakeDone]),
            during: |step| step.now.stage == Stage::Done,
            breach: |step| {
                (step.sent()?.content == Content::Undecryptable).then_some("does-not-open")
            },
            ..SENDING
        }),
        ..EITHER
    },
    Requirement {
        id: "rec.seq-reset",
        level: Level::Must,
        sections: &[rfc8446("5.3"), rfc8446("4.6.3")],
        versions: &[Version::Tls13],
        says: "The first record after the sender's own KeyUpdate is under the next keys, with \
               sequence number 0.",
        why: "The peer cannot decrypt it, and gives up the connection.",
        codes: &[deviates("wrong-keys", Axis::OwnHalf)],
        rule: Rule::Owes(Owes {
            given: Kinds::of(&[Kind::HandshakeDone]),
            on: Kinds::of(&[Kind::OwnKeyUpdate]),
            by: Kinds::OUTPUT,
            pays: |_, step| {
                let next = Some(Epoch::Application(step.now.own_keys));
                match step.sent().map(|record| (record.epoch, record.sequence)) {
                    Some(keys) if keys != (next, 0) => Payment::Wrong("wrong-keys"),
                    _ => Payment::Paid,
                }
            },
            due: Due::Act(Depends::Output),
            after_failure: true,
            ..OWES
        }),
        ..EITHER
    },
];

/// A form that no record may have.
const SENDING: Never = Never {
    tempted_by: Kinds::OUTPUT,
    forbids: Kinds::OUTPUT,
    ..NEVER
};

/// Whether the header of a record may have this version.
fn is_right_version(step: &Step<'_, '_>, record: &Sent) -> bool {
    let [kind, major, minor, ..] = record.header;
    // The version of the connection was not known when the record was sent.
    let early = || {
        let negotiated = negotiated(step.c).unwrap_or(usize::MAX);
        record.epoch == Some(Epoch::Plain) && step.at < negotiated
    };
    match (step.version(), major, minor) {
        (_, 3, 3) => true,
        // RFC 8446 5.1: only the first ClientHello may say TLS 1.0.
        (Version::Tls13, 3, 1) => {
            ContentType(kind) == ContentType::HANDSHAKE && step.role() == Role::Client && early()
        }
        // RFC 5246 6.2.1, E.1: it is the version that is employed, and until the ServerHello a
        // client may not know which that is.
        (Version::Tls12, 3, _) => early(),
        _ => false,
    }
}

fn flaw(step: &Step<'_, '_>) -> Option<&'static str> {
    let record = step.sent()?;
    let [kind, .., high, low] = record.header;
    let length = usize::from(u16::from_be_bytes([high, low]));
    let plain = record.epoch == Some(Epoch::Plain);
    let tls13 = step.version() == Version::Tls13;
    if !(20..=23).contains(&kind) {
        return Some("undefined-type");
    }
    if !is_right_version(step, record) {
        return Some("wrong-version");
    }
    let most = match (plain, tls13) {
        (true, _) => wire::MAX_PLAINTEXT,
        (false, true) => wire::MAX_CIPHERTEXT_13,
        (false, false) => wire::MAX_CIPHERTEXT_12,
    };
    let inside = record.bytes.len();
    let opened = record.content != Content::Undecryptable;
    if length > most || opened && inside > wire::MAX_PLAINTEXT {
        return Some("too-long");
    }
    // The peer does not follow the keys of a TLS 1.2 handshake that has failed.
    let followed = tls13 || step.now.stage == Stage::Done || !step.now.has_alerted;
    match record.content {
        Content::Data if plain && followed => Some("data-in-the-clear"),
        Content::Malformed { content_type } => match ContentType(content_type) {
            // The family `frame` covers alerts.
            ContentType::ALERT => None,
            ContentType::HANDSHAKE | ContentType::CHANGE_CIPHER_SPEC => Some("malformed"),
            _ => Some("undefined-type"),
        },
        Content::Handshake(HandshakeType::KEY_UPDATE) if tls13 => {
            let bytes = step.c.bytes(record.bytes);
            let (message, len) = split_handshake(bytes)?;
            let behind = message.kind == HandshakeType::KEY_UPDATE && len < bytes.len();
            behind.then_some("unaligned")
        }
        _ => None,
    }
}

/// The greatest length of a record of this epoch under the peer's limit. The one for 0-RTT data was
/// agreed on another connection.
fn longest(step: &Step<'_, '_>) -> Option<usize> {
    let limit = step.setup().record_size_limit?;
    let protected = matches!(
        step.sent()?.epoch,
        Some(Epoch::Handshake | Epoch::Application(_))
    );
    protected.then_some(RecordHeader::LEN + usize::from(limit) + TAG)
}

fn sends_nothing(step: &Step<'_, '_>) -> Option<&'static str> {
    let record = step.sent()?;
    let kind = ContentType(record.header[0]);
    let handshake = matches!(
        kind,
        ContentType::HANDSHAKE | ContentType::CHANGE_CIPHER_SPEC
    );
    (handshake && record.bytes.is_empty() && record.content != Content::Undecryptable)
        .then_some("sends-nothing")
}

/// Where the version was negotiated: a server subject sent a `ServerHello`, or one arrived at a
/// client subject. A `HelloRetryRequest` selects a version too.
fn negotiated(c: &Connection<'_>) -> Option<usize> {
    match c.role() {
        Role::Server => c.first(Kind::OwnHandshake),
        Role::Client => {
            let mut steps = c.steps_of(Kinds::of(&[Kind::PeerHandshake]));
            let hello = steps.find(|step| matches!(step.meaning(), Some(Meaning::Handshake(_))));
            hello.map(|step| step.at)
        }
    }
}
