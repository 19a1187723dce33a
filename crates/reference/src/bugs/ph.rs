//! Tickets and other messages after the handshake.

use protocol::ErrorClass;
use wire::{AlertDescription as A, HandshakeType as T, Reason as R};

use super::{Bug, bug};
use crate::reaction::Reaction::*;
use crate::situation::{Again, AlertLevel, Phase as P, Situation as S, What as W};

pub(super) static BUGS: &[Bug] = &[
    bug(
        "late-certificate-request-is-ignored",
        S::Record(
            W::Invalid(R::UnexpectedMessage(T::CERTIFICATE_REQUEST)),
            P::Open,
        ),
        Ignore,
        "ph.unexpected-half-closed",
        &[],
    ),
    bug(
        "late-certificate-request-is-met-in-silence",
        S::Record(
            W::Invalid(R::UnexpectedMessage(T::CERTIFICATE_REQUEST)),
            P::Open,
        ),
        FatalSilent(ErrorClass::UnexpectedMessage),
        "ph.unexpected-half-closed",
        &["fatal-tx.alert-always"],
    ),
    bug(
        "second-finished-is-ignored",
        S::Record(W::Invalid(R::UnexpectedMessage(T::FINISHED)), P::Open),
        Ignore,
        "ph.unexpected-type",
        &[],
    ),
    bug(
        "second-client-hello-is-a-handshake-failure",
        S::Record(W::Invalid(R::UnexpectedMessage(T::CLIENT_HELLO)), P::Open),
        Fatal(A::HANDSHAKE_FAILURE),
        "ph.unexpected-type",
        &[],
    ),
    bug(
        "ticket-after-own-close-is-an-error",
        S::Record(W::Ticket, P::OwnClosed),
        Fatal(A::UNEXPECTED_MESSAGE),
        "ph.nst-while-half-closed",
        &["close-tx.read-side-open", "close-tx.zero-data-session"],
    ),
    bug(
        "ticket-after-peer-close-is-kept",
        S::Record(W::Ticket, P::PeerClosed),
        Proceed,
        "ph.nst-after-peer-close",
        &[],
    ),
    bug(
        "tickets-are-skipped",
        S::Record(W::Ticket, P::Open),
        Ignore,
        "ph.nst-in-same-record-as-other",
        &[],
    ),
    bug(
        "nine-tickets-are-too-many",
        S::InARow(Again::Ticket, 9),
        FatalSilent(ErrorClass::Flood),
        "ph.ticket-limit",
        &[],
    ),
    bug(
        "thirty-three-fragments-are-too-many",
        S::InARow(Again::Part, 33),
        FatalSilent(ErrorClass::Flood),
        "ph.fragment-limit",
        &[],
    ),
    bug(
        "two-requests-to-renegotiate-are-too-many",
        S::Record(W::Renegotiation(2), P::Open),
        FatalSilent(ErrorClass::Flood),
        "ph.renegotiation-limit",
        &[],
    ),
    bug(
        "peer-close-stays-in-the-input",
        S::Record(W::CloseNotify(AlertLevel::Warning), P::Open),
        Leave,
        "ph.nst-in-same-record-as-other",
        &[
            "api.closed-terminal",
            "api.discard-exact",
            "api.peer-closed-once",
            "close-rx.before-tickets",
            "close-rx.ignore-data-after",
            "close-rx.ignore-fatal-after",
            "close-rx.ignore-garbage-after",
            "close-rx.signal-eof",
            "close-rx.with-finished",
            "eof.after-close",
            "rec.zero-appdata",
        ],
    ),
];
