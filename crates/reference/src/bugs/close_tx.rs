//! Sending `close_notify`.

use protocol::ErrorClass;
use wire::{AlertDescription, Epoch, Reason};

use super::{Bug, bug};
use crate::reaction::{Flaw, Reaction::*};
use crate::situation::{AlertLevel, Call, Own, Phase as P, Situation as S, What as W};

pub(super) static BUGS: &[Bug] = &[
    bug(
        "writes-after-own-close",
        S::Call(Call::Write, P::OwnClosed),
        Proceed,
        "close-tx.no-data-after",
        &[],
    ),
    bug(
        "updates-keys-after-own-close",
        S::Call(Call::UpdateKeys, P::OwnClosed),
        Proceed,
        "close-tx.no-keyupdate-after",
        &[],
    ),
    bug(
        "tickets-after-own-close",
        S::TicketDue(P::OwnClosed),
        Proceed,
        "close-tx.no-ticket-after",
        &[],
    ),
    bug(
        "refuses-renegotiation-after-own-close",
        S::Record(W::Renegotiation(1), P::OwnClosed),
        Alert {
            level: 1,
            description: AlertDescription::NO_RENEGOTIATION,
        },
        "close-tx.no-reneg-reply-after",
        &[],
    ),
    bug(
        "answers-key-update-after-own-close",
        S::Record(
            W::KeyUpdate {
                requested: true,
                nth: 1,
            },
            P::OwnClosed,
        ),
        All(&[SwitchTheirKeys, SayKeyUpdate { requested: false }]),
        "close-tx.no-auto-keyupdate-after",
        &["ku.crossed-with-close"],
    ),
    bug(
        "closes-twice",
        S::Call(Call::Close, P::OwnClosed),
        Proceed,
        "close-tx.idempotent",
        &[],
    ),
    bug(
        "closes-after-error",
        S::Call(Call::Close, P::ErrorSent),
        Proceed,
        "close-tx.not-after-error-sent",
        &[],
    ),
    bug(
        "closes-after-error-received",
        S::Call(Call::Close, P::ErrorReceived),
        Proceed,
        "close-tx.not-after-error-rcvd",
        &[],
    ),
    bug(
        "closes-at-level-fatal",
        S::Sending(Own::Close),
        Seal(Flaw::Content(&[2, 0])),
        "close-tx.level",
        &["close-tx.level-bis"],
    ),
    bug(
        "closes-at-level-fatal-by-the-revision",
        S::Sending(Own::Close),
        Seal(Flaw::Content(&[2, 0])),
        "close-tx.level-bis",
        &[],
    ),
    bug(
        "closes-in-two-records",
        S::Sending(Own::Close),
        Seal(Flaw::Fragments),
        "close-tx.one-alert-per-record",
        &[
            "api.write-traffic",
            "close-rx.wrong-direction",
            "close-tx.before-fin",
            "close-tx.before-fin-12",
            "close-tx.not-lost-on-backpressure",
            "close-tx.reply-after-peer",
            "close-tx.zero-data-session",
            "rec.bad-tag",
        ],
    ),
    bug(
        "closes-in-clear",
        S::Sending(Own::Close),
        Seal(Flaw::Keys(Epoch::Plain)),
        "close-tx.protected",
        &[
            "api.write-traffic",
            "close-rx.wrong-direction",
            "close-tx.before-fin-12",
            "close-tx.ku-then-close-order",
            "close-tx.not-lost-on-backpressure",
            "close-tx.reply-after-peer",
            "close-tx.zero-data-session",
            "rec.seq-reset",
            "rec.tx-order",
        ],
    ),
    bug(
        "close-is-lost-behind-blocked-output",
        S::CloseBlocked(P::Open),
        Ignore,
        "close-tx.not-lost-on-backpressure",
        &[
            "close-tx.before-fin",
            "close-tx.before-fin-12",
            "close-tx.zero-data-session",
        ],
    ),
    bug(
        "fin-for-a-close",
        S::Call(Call::Close, P::Open),
        Fin,
        "close-tx.before-fin",
        &[
            "api.write-traffic",
            "close-tx.before-fin-12",
            "close-tx.not-lost-on-backpressure",
            "close-tx.zero-data-session",
        ],
    ),
    bug(
        "fin-for-a-close-in-answer",
        S::Call(Call::Close, P::PeerClosed),
        Fin,
        "close-tx.before-fin-12",
        &[
            "close-tx.before-fin",
            "close-tx.reply-after-peer",
            "close-tx.zero-data-session",
        ],
    ),
    bug(
        "closes-under-keys-that-nobody-was-told-of",
        S::AnswerOwed(Call::Close),
        SwitchKeys,
        "close-tx.ku-then-close-order",
        &["close-tx.protected"],
    ),
    bug(
        "close-throws-away-what-waits",
        S::CloseBlocked(P::Open),
        All(&[Discard, SayClose]),
        "close-tx.flush-before",
        &[],
    ),
    bug(
        "closes-both-halves",
        S::Record(W::Data, P::OwnClosed),
        FatalSilent(ErrorClass::WriteClosed),
        "close-tx.read-side-open",
        &[
            "close-rx.signal-eof",
            "close-tx.zero-data-session",
            "ku.crossed-with-close",
            "ku.rx-while-half-closed",
            "ph.nst-while-half-closed",
        ],
    ),
    bug(
        "close-waits-for-the-peer-s",
        S::Call(Call::Close, P::Open),
        Ignore,
        "close-tx.no-wait-needed",
        &[
            "api.write-traffic",
            "close-tx.before-fin",
            "close-tx.before-fin-12",
            "close-tx.not-lost-on-backpressure",
            "close-tx.zero-data-session",
        ],
    ),
    bug(
        "peer-close-is-answer-enough",
        S::Call(Call::Close, P::PeerClosed),
        Ignore,
        "close-tx.reply-after-peer",
        &[
            "close-tx.before-fin",
            "close-tx.before-fin-12",
            "close-tx.zero-data-session",
        ],
    ),
    bug(
        "closes-that-cross-are-an-error",
        S::Record(W::CloseNotify(AlertLevel::Warning), P::OwnClosed),
        FatalSilent(ErrorClass::UnexpectedMessage),
        "close-tx.simultaneous",
        &[
            "close-rx.signal-eof",
            "close-tx.zero-data-session",
            "ku.rx-then-close",
            "ku.rx-while-half-closed",
            "ph.nst-while-half-closed",
        ],
    ),
    bug(
        "close-is-a-failure",
        S::Call(Call::Close, P::Open),
        FatalSilent(ErrorClass::Internal),
        "close-tx.zero-data-session",
        &[
            "close-tx.before-fin",
            "close-tx.before-fin-12",
            "close-tx.not-lost-on-backpressure",
        ],
    ),
    bug(
        "error-alert-after-own-close",
        S::Record(W::Invalid(Reason::BadTag), P::OwnClosed),
        Fatal(AlertDescription::BAD_RECORD_MAC),
        "close-tx.error-alert-after-close",
        &[],
    ),
];
