//! 0-RTT data, and the end of a connection around it.

use protocol::ErrorClass;
use wire::{AlertDescription as A, HandshakeType, Reason};

use super::{Bug, bug};
use crate::reaction::Flaw;
use crate::reaction::Reaction::*;
use crate::situation::{AlertKind, AlertLevel, Own, Phase as P, Situation as S, Stage, What as W};

pub(super) static BUGS: &[Bug] = &[
    bug(
        "close-under-early-keys-is-ignored",
        S::CloseInHandshake(Stage::EarlyKeys),
        Ignore,
        "early.close-not-eoed",
        &["api.peer-closed-once"],
    ),
    bug(
        "error-in-handshake-is-answered",
        S::Record(
            W::Error(AlertLevel::Fatal, AlertKind::Defined),
            P::Handshake,
        ),
        Fatal(A::DECODE_ERROR),
        "early.alert-under-early-keys",
        &["alert-rx.loggable", "alert-rx.no-alert-in-reply"],
    ),
    bug(
        "early-data-is-taken-and-lost",
        S::Record(W::EarlyData, P::Handshake),
        Ignore,
        "early.data-before-eof",
        &["api.read-early-data", "early.accepted-then-close-1rtt"],
    ),
    bug(
        "early-data-is-delivered-twice",
        S::Record(W::EarlyData, P::Handshake),
        All(&[Deliver, Deliver]),
        "early.accepted-then-close-1rtt",
        &[
            "api.read-early-data",
            "early.data-before-eof",
            "early.too-much",
        ],
    ),
    bug(
        "early-data-has-no-limit",
        S::Record(W::EarlyDataTooMuch, P::Handshake),
        Deliver,
        "early.too-much",
        &[],
    ),
    bug(
        "finished-behind-own-close-is-an-error",
        S::Record(W::Handshake(HandshakeType::FINISHED), P::OwnClosedEarly),
        FatalSilent(ErrorClass::UnexpectedMessage),
        "early.half-rtt-close",
        &["close-tx.read-side-open"],
    ),
    bug(
        "bad-early-record-is-skipped",
        S::Record(W::Invalid(Reason::BadTag), P::Handshake),
        Ignore,
        "early.bad-record",
        &["early.skip-ends", "rec.bad-tag"],
    ),
    bug(
        "rejected-early-data-is-refused",
        S::Record(W::EarlyDataRejected, P::Handshake),
        Fatal(A::BAD_RECORD_MAC),
        "early.rejected-budget",
        &[],
    ),
    bug(
        "rejected-early-data-is-delivered",
        S::Record(W::EarlyDataRejected, P::Handshake),
        Deliver,
        "early.rejected-then-close",
        &[],
    ),
    bug(
        "error-in-clear-is-skipped-with-early-data",
        S::Record(
            W::Error(AlertLevel::Fatal, AlertKind::Defined),
            P::Handshake,
        ),
        Ignore,
        "early.rejected-alert-skipped",
        &[
            "alert-rx.fatal-surfaces",
            "early.alert-under-early-keys",
            "hs.plain-alert-before-keys",
        ],
    ),
    bug(
        "bad-record-behind-rejection-is-unexpected",
        S::Record(W::Invalid(Reason::BadTag), P::Handshake),
        Fatal(A::UNEXPECTED_MESSAGE),
        "early.skip-ends",
        &["early.bad-record", "rec.bad-tag"],
    ),
    bug(
        "end-of-early-data-is-left-out",
        S::Sending(Own::EndOfEarlyData),
        Seal(Flaw::Lost),
        "early.eoed-required",
        &["api.encode-tls-data", "early.close-by-server-before-eoed"],
    ),
    bug(
        "end-of-early-data-from-server-is-ignored",
        S::Record(
            W::Invalid(Reason::UnexpectedMessage(HandshakeType::END_OF_EARLY_DATA)),
            P::Handshake,
        ),
        Ignore,
        "early.eoed-misplaced",
        &[],
    ),
    bug(
        "end-of-early-data-follows-finished",
        S::Sending(Own::EndOfEarlyData),
        Seal(Flaw::Late),
        "early.close-by-server-before-eoed",
        &["early.eoed-required", "api.encode-tls-data"],
    ),
    bug(
        "end-of-early-data-is-sent-in-any-case",
        S::EarlyDataRejected,
        Say(22, &[5, 0, 0, 0]),
        "early.eoed-misplaced",
        &[],
    ),
];
