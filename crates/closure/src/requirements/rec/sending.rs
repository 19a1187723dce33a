//! The form of the records that the subject sends, and their order.

use protocol::{Capability, Role, Version};
use wire::{Content, ContentType, Epoch, HandshakeType, RecordHeader, split_handshake};

use crate::{
    Axis, Connection, EITHER, Kind, Kinds, Level, Requirement, Rule, Sent, Verdict, deviates,
    rfc5246, rfc8446, rfc8449,
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::OwnHandshake]),
            check: tx_shape,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone]),
            check: limit_8449,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::OwnHandshake]),
            check: zero_handshake_12,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone]),
            check: tx_order,
        },
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
        rule: Rule::One {
            trigger: Kinds::of(&[Kind::HandshakeDone, Kind::OwnKeyUpdate]),
            check: seq_reset,
        },
        ..EITHER
    },
];

fn tx_shape(c: &Connection<'_>) -> Verdict {
    let negotiated = c.negotiated().unwrap_or(usize::MAX);
    for (at, record) in c.sent() {
        if let Some(code) = flaw(c, record, at >= negotiated) {
            return Verdict::found(code, at);
        }
    }
    Verdict::Held
}

/// Whether the header of a record may have this version. `negotiated`: the version of the
/// connection was known when the record was sent.
fn is_right_version(c: &Connection<'_>, record: &Sent, negotiated: bool) -> bool {
    let plain = record.epoch == Some(Epoch::Plain);
    let [kind, major, minor, ..] = record.header;
    let early = plain && !negotiated;
    match (c.version(), major, minor) {
        (_, 3, 3) => true,
        // RFC 8446 5.1: only the first ClientHello may say TLS 1.0.
        (Version::Tls13, 3, 1) => {
            early && c.role() == Role::Client && ContentType(kind) == ContentType::HANDSHAKE
        }
        // RFC 5246 6.2.1, E.1: it is the version that is employed, and until the ServerHello a
        // client may not know which that is.
        (Version::Tls12, 3, _) => early,
        _ => false,
    }
}

/// Whether the subject sent an error alert before its handshake was done, in TLS 1.2.
fn failed_early(c: &Connection<'_>) -> bool {
    let facts = c.facts();
    let done = facts.handshake_done.unwrap_or(usize::MAX);
    c.version() == Version::Tls12 && facts.own_error.is_some_and(|error| error < done)
}

fn flaw(c: &Connection<'_>, record: &Sent, negotiated: bool) -> Option<&'static str> {
    let [kind, .., high, low] = record.header;
    let length = usize::from(u16::from_be_bytes([high, low]));
    let plain = record.epoch == Some(Epoch::Plain);
    let tls13 = c.version() == Version::Tls13;
    if !(20..=23).contains(&kind) {
        return Some("undefined-type");
    }
    if !is_right_version(c, record, negotiated) {
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
    match record.content {
        // The peer does not follow the keys of a TLS 1.2 handshake that has failed.
        Content::Data if plain && !failed_early(c) => Some("data-in-the-clear"),
        Content::Malformed { content_type } => match ContentType(content_type) {
            // The family `frame` covers alerts.
            ContentType::ALERT => None,
            ContentType::HANDSHAKE | ContentType::CHANGE_CIPHER_SPEC => Some("malformed"),
            _ => Some("undefined-type"),
        },
        Content::Handshake(HandshakeType::KEY_UPDATE) if tls13 => {
            let bytes = c.bytes(record.bytes);
            let (message, len) = split_handshake(bytes)?;
            let behind = message.kind == HandshakeType::KEY_UPDATE && len < bytes.len();
            behind.then_some("unaligned")
        }
        _ => None,
    }
}

fn limit_8449(c: &Connection<'_>) -> Verdict {
    let Some(limit) = c.setup().record_size_limit else {
        return Verdict::NotExercised;
    };
    let longest = RecordHeader::LEN + usize::from(limit) + TAG;
    // The limit for 0-RTT data was agreed on another connection.
    let protected =
        |record: &Sent| matches!(record.epoch, Some(Epoch::Handshake | Epoch::Application(_)));
    let mut records = c.sent().filter(|(_, record)| protected(record)).peekable();
    if records.peek().is_none() {
        return Verdict::NotExercised;
    }
    let long = records.find(|(_, record)| record.length as usize > longest);
    Verdict::held_unless("sends-too-much", long.map(|(at, _)| at))
}

fn zero_handshake_12(c: &Connection<'_>) -> Verdict {
    let empty = c.sent().find(|(_, record)| {
        let kind = ContentType(record.header[0]);
        record.bytes.is_empty()
            && record.content != Content::Undecryptable
            && matches!(
                kind,
                ContentType::HANDSHAKE | ContentType::CHANGE_CIPHER_SPEC
            )
    });
    Verdict::held_unless("sends-nothing", empty.map(|(at, _)| at))
}

fn tx_order(c: &Connection<'_>) -> Verdict {
    let Some(done) = c.facts().handshake_done else {
        return Verdict::NotExercised;
    };
    let mut verdict = Verdict::NotExercised;
    for (at, record) in c.sent_after(done) {
        if record.content == Content::Undecryptable {
            return Verdict::found("does-not-open", at);
        }
        verdict = Verdict::Held;
    }
    verdict
}

fn seq_reset(c: &Connection<'_>) -> Verdict {
    let mut verdict = Verdict::NotExercised;
    let mut next = None;
    for (at, record) in c.sent() {
        if let Some(next) = next.take() {
            if (record.epoch, record.sequence) != (Some(next), 0) {
                return Verdict::found("wrong-keys", at);
            }
            verdict = Verdict::Held;
        }
        if let (Content::KeyUpdate { .. }, Some(Epoch::Application(generation))) =
            (record.content, record.epoch)
        {
            next = Some(Epoch::Application(generation.saturating_add(1)));
        }
    }
    verdict
}
