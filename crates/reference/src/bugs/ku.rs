//! `KeyUpdate` around the end of a connection.

use protocol::ErrorClass;
use wire::{AlertDescription as A, Reason as R};

use super::{Bug, bug};
use crate::reaction::Reaction::*;
use crate::situation::{Call, Phase as P, Situation as S, What as W};

pub(super) static BUGS: &[Bug] = &[
    bug(
        "records-under-other-keys-are-taken",
        S::Record(W::Invalid(R::WrongKeys), P::Open),
        Accept,
        "ku.rx-then-close-old",
        &["frame.alert-under-wrong-epoch", "ku.close-new-without-ku"],
    ),
    bug(
        "records-under-other-keys-are-ignored",
        S::Record(W::Invalid(R::WrongKeys), P::Open),
        Ignore,
        "ku.close-new-without-ku",
        &["frame.alert-under-wrong-epoch", "ku.rx-then-close-old"],
    ),
    bug(
        "undefined-key-update-is-ignored",
        S::Record(W::Invalid(R::KeyUpdateValue), P::Open),
        Ignore,
        "ku.bad-value",
        &["fatal-tx.generic-codes"],
    ),
    bug(
        "undefined-key-update-is-a-decode-error",
        S::Record(W::Invalid(R::KeyUpdateValue), P::Open),
        Fatal(A::DECODE_ERROR),
        "ku.bad-value",
        &["fatal-tx.generic-codes"],
    ),
    bug(
        "message-behind-key-update-is-ignored",
        S::Record(W::Invalid(R::Unaligned), P::Open),
        Ignore,
        "ku.unaligned",
        &[],
    ),
    bug(
        "early-key-update-is-ignored",
        S::Record(W::Invalid(R::EarlyKeyUpdate), P::Handshake),
        Ignore,
        "ku.before-finished",
        &[],
    ),
    bug(
        "key-update-after-own-close-is-skipped",
        S::Record(
            W::KeyUpdate {
                requested: false,
                nth: 1,
            },
            P::OwnClosed,
        ),
        Ignore,
        "ku.rx-while-half-closed",
        &[
            "close-rx.signal-eof",
            "close-tx.read-side-open",
            "close-tx.zero-data-session",
            "fatal-tx.half-closed",
        ],
    ),
    bug(
        "key-update-is-skipped",
        S::Record(
            W::KeyUpdate {
                requested: false,
                nth: 1,
            },
            P::Open,
        ),
        Ignore,
        "ku.rx-then-close",
        &["frame.alert-under-wrong-epoch", "ku.rx-then-close-old"],
    ),
    bug(
        "each-request-after-own-close-is-answered",
        S::Record(
            W::KeyUpdate {
                requested: true,
                nth: 1,
            },
            P::OwnClosed,
        ),
        All(&[SayKeyUpdate { requested: false }, Proceed]),
        "ku.multi-requested-while-half-closed",
        &["close-tx.no-auto-keyupdate-after", "ku.crossed-with-close"],
    ),
    bug(
        "a-crossing-request-is-answered-after-own-close",
        S::Record(
            W::KeyUpdate {
                requested: true,
                nth: 1,
            },
            P::OwnClosed,
        ),
        All(&[SayKeyUpdate { requested: false }, Proceed]),
        "ku.crossed-with-close",
        &["close-tx.no-auto-keyupdate-after"],
    ),
    bug(
        "keys-change-twice-after-peer-close",
        S::Call(Call::UpdateKeys, P::PeerClosed),
        All(&[SayKeyUpdate { requested: true }, SwitchKeys]),
        "ku.peer-closed-we-rekey",
        &["close-tx.protected", "rec.seq-reset"],
    ),
    bug(
        "requests-for-keys-are-forgotten",
        S::AnswerOwed(Call::Write),
        Ignore,
        "ku.coalesced-reply",
        &["close-rx.answer-ku-owed"],
    ),
    bug(
        "own-keys-wait-for-the-peer-s-message",
        S::Call(Call::UpdateKeys, P::Open),
        Fatal(A::UNEXPECTED_MESSAGE),
        "ku.inside-peer-message",
        &[],
    ),
    bug(
        "thirty-three-key-updates-are-too-many",
        S::Record(
            W::KeyUpdate {
                requested: false,
                nth: 33,
            },
            P::Open,
        ),
        FatalSilent(ErrorClass::Flood),
        "ku.limit",
        &[],
    ),
    bug(
        "own-keys-call-for-an-alert",
        S::Call(Call::UpdateKeys, P::Open),
        All(&[
            Alert {
                level: wire::Alert::FATAL,
                description: A::UNEXPECTED_MESSAGE,
            },
            FatalSilent(ErrorClass::UnexpectedMessage),
        ]),
        "ku.inside-peer-message",
        &[],
    ),
];
