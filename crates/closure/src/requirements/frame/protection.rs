//! Alert records under the wrong protection.

use protocol::Version;
use wire::{AlertDescription as A, ContentType, HandshakeType, Meaning, Reason as R};

use super::super::refusal::{
    NO_CLEAN_END_12, NO_CLEAN_END_13, REFUSABLE_13, REFUSED_12, REFUSED_13, is_protected,
    on_refusable, refuses_as_close, takes,
};
use super::{Taken, taken};
use crate::ledger::{Blame, Failure, Half};
use crate::messages::is_retry;
use crate::rule::Step;
use crate::{
    Axis, Connection, Delivered, EITHER, Kind, Kinds, Level, Requirement, Rule, Verdict, behaves,
    rfc5246, rfc8446,
};

pub(in super::super) static ALL: &[Requirement] = &[
    Requirement {
        id: "frame.alert-wrong-outer-type",
        sections: &[rfc8446("5"), rfc8446("5.2")],
        says: "A protected record whose header does not say application_data is refused, even a \
               close_notify.",
        why: "The tag covers the header: a receiver that accepts the record lets the network \
              change what was authenticated.",
        codes: NO_CLEAN_END_13,
        rule: refuses_as_close(|reason, _, _| {
            (reason == R::OuterType).then_some(&[A::BAD_RECORD_MAC, A::UNEXPECTED_MESSAGE])
        }),
        ..REFUSED_13
    },
    Requirement {
        id: "frame.alert-wrong-version",
        level: Level::Practice,
        sections: &[rfc8446("5.1"), rfc8446("5.2")],
        versions: &[Version::Tls13],
        says: "Whether the version in a protected record's header may change on the way is left \
               open: one section says to ignore it, another has the tag cover it.",
        why: "The network can change part of what the tag is said to cover.",
        codes: &[behaves("takes-changed-version", Axis::OwnHalf)],
        rule: Rule::Notes {
            trigger: Kinds::of(&[Kind::PeerInvalid]),
            check: alert_wrong_version,
        },
        ..EITHER
    },
    Requirement {
        id: "frame.alert-max-padded",
        sections: &[rfc8446("5.4"), rfc8446("5.2")],
        says: "Whether a receiver takes an alert whose padding makes the record longer than \
               2^14 + 1 bytes is left open: that limit binds the sender.",
        why: "Two readers of the same stream may disagree on whether it is complete.",
        codes: &[behaves("takes", Axis::EndSignal)],
        rule: on_refusable(|c| {
            takes(
                c,
                |reason, record| reason == R::InnerOverflow && record.content.len() <= 2,
                "takes",
            )
        }),
        ..REFUSABLE_13
    },
    Requirement {
        id: "frame.alert-under-wrong-epoch",
        sections: &[rfc8446("4.4.4"), rfc8446("4.6.3"), rfc8446("5.2")],
        says: "A record under keys that are no longer, or not yet, the peer's ends the connection \
               with bad_record_mac, even if it is a close_notify.",
        why: "Discarded keys are trusted for the most important record of all.",
        codes: NO_CLEAN_END_13,
        rule: refuses_as_close(under_wrong_keys),
        ..REFUSED_13
    },
    Requirement {
        id: "frame.alert-plain-12-after-ccs",
        sections: &[rfc5246("7.2"), rfc5246("6.2.3.3")],
        says: "A plaintext alert after the peer's change_cipher_spec ends the connection with \
               bad_record_mac.",
        why: "Anyone on the path can end the stream, and the end looks like the peer's.",
        codes: NO_CLEAN_END_12,
        rule: refuses_as_close(plain_after_ccs),
        ..REFUSED_12
    },
];

fn under_wrong_keys(reason: R, record: &Delivered, step: &Step<'_, '_>) -> Option<&'static [A]> {
    match reason == R::WrongKeys && is_protected(record) {
        false => None,
        true if has_keys(step.c) => Some(&[A::BAD_RECORD_MAC]),
        // Before it has any keys, a receiver sees application data where it expects a handshake
        // message.
        true => Some(&[A::BAD_RECORD_MAC, A::UNEXPECTED_MESSAGE]),
    }
}

/// Whether the subject has sent or received a `ServerHello` that is not a `HelloRetryRequest`.
fn has_keys(c: &Connection<'_>) -> bool {
    let own = c.own_messages().filter_map(|message| {
        // A fragmented message has no body here, so it may be a retry.
        (message.kind == HandshakeType::SERVER_HELLO).then_some(message.body)?
    });
    let peers = c.peer_messages(HandshakeType::SERVER_HELLO);
    let mut hellos = own.chain(peers.map(|(_, body)| body));
    hellos.any(|hello| !is_retry(hello))
}

fn plain_after_ccs(reason: R, record: &Delivered, _: &Step<'_, '_>) -> Option<&'static [A]> {
    match reason == R::Unprotected && record.header[0] == ContentType::ALERT.0 {
        false => None,
        // For a record without a body, a parse error is right as well.
        true if record.header[3..] == [0, 0] => {
            Some(&[A::BAD_RECORD_MAC, A::DECODE_ERROR, A::UNEXPECTED_MESSAGE])
        }
        true => Some(&[A::BAD_RECORD_MAC]),
    }
}

fn alert_wrong_version(c: &Connection<'_>) -> Verdict {
    let first = c.steps_of(Kinds::of(&[Kind::PeerInvalid])).next();
    let Some(step) = first.filter(|step| {
        let now = step.now;
        step.meaning() == Some(Meaning::Invalid(R::HeaderVersion))
            && now.failure == Failure::None
            && now.blame == Blame::None
            && now.peer == Half::Open
    }) else {
        return Verdict::NotExercised;
    };
    match taken(c, step.at) {
        Err(excuse) => Verdict::Excused(excuse),
        Ok(Taken::Refused) => Verdict::Held,
        Ok(_) => Verdict::found("takes-changed-version", step.at),
    }
}
