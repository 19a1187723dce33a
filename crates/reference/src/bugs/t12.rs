//! Peculiarities of TLS 1.2.

use protocol::ErrorClass;
use wire::{AlertDescription as A, Reason};

use super::{Bug, bug};
use crate::reaction::Flaw;
use crate::reaction::Reaction::*;
use crate::situation::{
    AlertKind, AlertLevel, Call, Cause, Own, Phase as P, Situation as S, What as W,
};

/// The start of a ServerHello.
const HELLO: &[u8] = &[2, 0, 0, 4, 3, 3, 0, 0];

pub(super) static BUGS: &[Bug] = &[
    bug(
        "full-close-goes-unanswered",
        S::Tls12FullClose(P::PeerClosed),
        Discard,
        "t12.reply-close",
        &["t12.write-after-peer-close"],
    ),
    bug(
        "full-close-keeps-what-waits",
        S::Tls12FullClose(P::PeerClosed),
        SayClose,
        "t12.discard-pending",
        &[],
    ),
    bug(
        "writes-behind-full-close",
        S::Call(Call::Write, P::BothClosed),
        Proceed,
        "t12.write-after-peer-close",
        &["close-tx.no-data-after"],
    ),
    bug(
        "fatal-close-is-an-error",
        S::Record(W::CloseNotify(AlertLevel::Fatal), P::Open),
        FailReceived,
        "t12.level-fatal-close",
        &["close-rx.level-fatal-ok"],
    ),
    bug(
        "warning-ends-the-connection-without-a-word",
        S::Record(W::Warning(AlertKind::Defined, 1), P::Open),
        FatalSilent(ErrorClass::AlertReceived),
        "t12.warning-continues",
        &[],
    ),
    bug(
        "data-behind-a-warning-is-lost",
        S::Record(W::Warning(AlertKind::Defined, 1), P::Open),
        End(protocol::End::Clean),
        "t12.warning-continues",
        &[
            "api.discard-exact",
            "api.peer-closed-once",
            "api.read-traffic",
            "eof.must-have-close-if-reused",
        ],
    ),
    bug(
        "fifth-warning-in-a-row-is-too-much",
        S::Record(W::Warning(AlertKind::Defined, 5), P::Open),
        Fatal(A::UNEXPECTED_MESSAGE),
        "t12.warning-limit",
        &[],
    ),
    bug(
        "fifth-warning-in-all-is-too-much",
        S::WarnedInAll(5),
        Fatal(A::UNEXPECTED_MESSAGE),
        "t12.warning-limit",
        &[],
    ),
    bug(
        "unknown-warning-is-an-error",
        S::Record(W::Warning(AlertKind::Undefined, 1), P::Open),
        Fatal(A::ILLEGAL_PARAMETER),
        "t12.warning-unknown",
        &[],
    ),
    bug(
        "no-renegotiation-is-an-error",
        S::Record(W::Warning(AlertKind::Defined, 1), P::Open),
        Fatal(A::HANDSHAKE_FAILURE),
        "t12.no-reneg-rcvd",
        &[],
    ),
    bug(
        "sessions-outlive-the-peer-s-error",
        S::SessionsOfFailed(Cause::Theirs),
        Proceed,
        "t12.fatal-then-no-resume",
        &["resume.after-fatal-13"],
    ),
    bug(
        "hello-request-is-ignored",
        S::Record(W::Renegotiation(1), P::Open),
        Ignore,
        "t12.hello-request-open",
        &[],
    ),
    bug(
        "hello-request-behind-close-is-answered",
        S::Record(W::Renegotiation(1), P::PeerClosed),
        Alert {
            level: wire::Alert::WARNING,
            description: A::NO_RENEGOTIATION,
        },
        "t12.hello-request-after-peer-close",
        &["close-rx.ignore-garbage-after"],
    ),
    bug(
        "handshakes-after-own-close",
        S::Record(W::Renegotiation(1), P::OwnClosed),
        Say(22, HELLO),
        "t12.client-hello-half-closed",
        &["close-tx.no-reneg-reply-after"],
    ),
    bug(
        "close-inside-a-message-of-tls12-is-ignored",
        S::Record(W::Invalid(Reason::Interleaved), P::Open),
        Ignore,
        "t12.frag-close-interleaved",
        &["frame.alert-in-handshake-frag"],
    ),
    bug(
        "change-cipher-spec-in-clear-is-ignored",
        S::Record(W::Invalid(Reason::Short), P::Open),
        Ignore,
        "t12.ccs-plain-after",
        &["rec.short"],
    ),
    bug(
        "closes-under-the-nonce-of-the-first-record",
        S::Sending(Own::Close),
        Seal(Flaw::Nonce),
        "t12.explicit-nonce-close",
        &[],
    ),
];
