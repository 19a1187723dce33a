//! Sending fatal error alerts.

use protocol::ErrorClass;
use wire::{AlertDescription, HandshakeType, Reason};

use super::{Bug, bug};
use crate::reaction::Flaw;
use crate::reaction::Reaction::*;
use crate::situation::{Call, Own, Phase as P, Situation as S, What as W};

pub(super) static BUGS: &[Bug] = &[
    bug(
        "data-after-own-error-is-delivered",
        S::Record(W::Data, P::ErrorSent),
        Deliver,
        "fatal-tx.sticky",
        &["api.error-latched"],
    ),
    bug(
        "writes-after-own-error",
        S::Call(Call::Write, P::ErrorSent),
        Proceed,
        "fatal-tx.sticky",
        &["api.write-refused-when-dead"],
    ),
    bug(
        "updates-keys-after-own-error",
        S::Call(Call::UpdateKeys, P::ErrorSent),
        Proceed,
        "fatal-tx.sticky",
        &[],
    ),
    bug(
        "an-alert-at-every-call-after-an-error",
        S::Idle(P::ErrorSent),
        Fatal(AlertDescription::BAD_RECORD_MAC),
        "fatal-tx.one-alert",
        &["api.bounded-answer"],
    ),
    bug(
        "bad-record-after-own-close-is-ignored",
        S::Record(W::Invalid(Reason::BadTag), P::OwnClosed),
        Ignore,
        "fatal-tx.half-closed",
        &[],
    ),
    bug(
        "data-follows-the-alert",
        S::Record(W::Invalid(Reason::BadTag), P::Open),
        All(&[
            Fatal(AlertDescription::BAD_RECORD_MAC),
            Say(23, b"what was waiting"),
        ]),
        "fatal-tx.data-pending-dropped",
        &["api.encode-tls-data"],
    ),
    bug(
        "bad-record-fails-in-two-ways",
        S::Idle(P::ErrorSent),
        FatalSilent(ErrorClass::DecodeError),
        "fatal-tx.no-reprocess",
        &[],
    ),
    bug(
        "key-is-used-up-in-silence",
        S::KeyLimit(P::PeerClosed),
        Refuse(ErrorClass::KeyExhausted),
        "fatal-tx.peer-closed",
        &[],
    ),
    bug(
        "alert-of-a-bad-record-never-leaves",
        S::Record(W::Invalid(Reason::BadTag), P::Open),
        FatalSilent(ErrorClass::DecryptError),
        "fatal-tx.alert-flushable",
        &["fatal-tx.alert-always", "rec.bad-tag"],
    ),
    bug(
        "no-alert-for-a-record-in-the-clear",
        S::Record(W::Invalid(Reason::Unprotected), P::Open),
        FatalSilent(ErrorClass::UnexpectedMessage),
        "fatal-tx.alert-always",
        &[
            "close-rx.not-authenticated-ignored",
            "frame.alert-plain-12-after-ccs",
        ],
    ),
    bug(
        "own-error-is-a-warning",
        S::Sending(Own::Error),
        Seal(Flaw::Content(&[1, 20])),
        "fatal-tx.level-fatal",
        &[
            "close-rx.not-authenticated-ignored",
            "close-rx.replayed",
            "close-rx.wrong-direction",
            "fatal-tx.alert-always",
            "frame.alert-empty",
            "frame.alert-one-byte",
            "frame.alert-plain-12-after-ccs",
            "rec.bad-tag",
        ],
    ),
    bug(
        "own-error-under-the-keys-before",
        S::Sending(Own::Error),
        Seal(Flaw::OldKeys),
        "fatal-tx.key-epoch",
        &[
            "close-rx.not-authenticated-ignored",
            "close-rx.replayed",
            "close-rx.wrong-direction",
            "fatal-tx.alert-always",
            "frame.alert-plain-12-after-ccs",
            "rec.bad-tag",
            "rec.seq-reset",
            "rec.tx-order",
        ],
    ),
    bug(
        "key-update-value-is-a-decode-error",
        S::Record(W::Invalid(Reason::KeyUpdateValue), P::Open),
        Fatal(AlertDescription::DECODE_ERROR),
        "fatal-tx.generic-codes",
        &["ku.bad-value"],
    ),
    bug(
        "unparsable-key-update-is-unexpected",
        S::Record(
            W::Invalid(Reason::Malformed(HandshakeType::KEY_UPDATE)),
            P::Open,
        ),
        Fatal(AlertDescription::UNEXPECTED_MESSAGE),
        "fatal-tx.generic-codes",
        &[],
    ),
];
