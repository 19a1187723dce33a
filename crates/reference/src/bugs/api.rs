//! The contract of an unbuffered API.

use protocol::{ApiCall, ApiState};
use wire::{AlertDescription, Reason};

use super::{Bug, bug};
use crate::reaction::{
    Flaw,
    Reaction::{self, *},
};
use crate::situation::{AlertLevel, Arrival, Call, Own, Phase as P, Situation as S, What as W};

/// Something that the peer sees, and that harms nobody.
const HINT: Reaction = Alert {
    level: wire::Alert::WARNING,
    description: AlertDescription::USER_CANCELED,
};

pub(super) static BUGS: &[Bug] = &[
    bug(
        "read-traffic-for-an-empty-record",
        S::Record(W::EmptyData(1), P::Open),
        Name(ApiState::ReadTraffic),
        "api.read-traffic",
        &[],
    ),
    bug(
        "early-data-is-read-traffic",
        S::Record(W::EarlyData, P::Handshake),
        All(&[Name(ApiState::ReadTraffic), Deliver]),
        "api.read-early-data",
        &["api.read-traffic"],
    ),
    bug(
        "peer-closed-is-named-again",
        S::Idle(P::PeerClosed),
        All(&[Name(ApiState::PeerClosed), Name(ApiState::WriteTraffic)]),
        "api.peer-closed-once",
        &[],
    ),
    bug(
        "closed-is-never-named",
        S::Idle(P::BothClosed),
        Name(ApiState::WriteTraffic),
        "api.closed-terminal",
        &[],
    ),
    bug(
        "closed-is-named-when-the-peer-closes",
        S::Idle(P::PeerClosed),
        Name(ApiState::Closed),
        "api.closed-terminal",
        &["api.write-traffic"],
    ),
    bug(
        "no-write-traffic-after-the-peer-closed",
        S::Idle(P::PeerClosed),
        Ignore,
        "api.write-traffic",
        &[],
    ),
    bug(
        "a-ticket-is-encoded-and-lost",
        S::Sending(Own::Ticket),
        Seal(Flaw::Lost),
        "api.encode-tls-data",
        &[],
    ),
    bug(
        "transmits-what-was-not-encoded",
        S::Idle(P::Open),
        All(&[
            Name(ApiState::TransmitTlsData),
            Name(ApiState::WriteTraffic),
        ]),
        "api.transmit-tls-data",
        &[],
    ),
    bug(
        "handshake-is-blocked-when-it-is-done",
        S::Idle(P::Open),
        All(&[
            Name(ApiState::BlockedHandshake),
            Name(ApiState::WriteTraffic),
        ]),
        "api.blocked-handshake",
        &[],
    ),
    bug(
        "write-state-after-own-close",
        S::Idle(P::OwnClosed),
        Name(ApiState::WriteTraffic),
        "api.no-write-state-after-own-close",
        &[],
    ),
    bug(
        "write-state-after-own-error",
        S::Idle(P::ErrorSent),
        Name(ApiState::WriteTraffic),
        "api.no-write-state-when-dead",
        &[],
    ),
    bug(
        "waits-for-input-after-own-error",
        S::Idle(P::ErrorSent),
        Name(ApiState::BlockedHandshake),
        "api.error-latched",
        &[],
    ),
    bug(
        "discards-beyond-the-input",
        S::Idle(P::PeerClosed),
        Overdiscard(ApiState::WriteTraffic),
        "api.discard-in-bounds",
        &["api.discard-exact"],
    ),
    bug(
        "an-empty-record-stays-in-the-input",
        S::Record(W::EmptyData(1), P::Open),
        Leave,
        "api.discard-exact",
        &[],
    ),
    bug(
        "writes-to-too-little-room",
        S::TooSmall(ApiCall::Encode),
        Touch,
        "api.small-output",
        &[],
    ),
    bug(
        "a-dropped-state-loses-its-record",
        S::StateDropped,
        Ignore,
        "api.state-must-not-lose-records",
        &[],
    ),
    bug(
        "a-record-without-room-is-lost",
        S::TooSmall(ApiCall::Encode),
        Ignore,
        "api.state-must-not-lose-records",
        &[
            "api.encode-tls-data",
            "api.transmit-tls-data",
            "close-rx.answer-ku-owed",
            "close-rx.not-authenticated-ignored",
            "close-rx.replayed",
            "close-rx.wrong-direction",
            "fatal-tx.alert-always",
            "frame.alert-empty",
            "frame.alert-in-handshake-frag",
            "frame.alert-plain-12-after-ccs",
            "frame.alert-wrong-outer-type",
            "rec.bad-tag",
            "rec.zero-handshake",
        ],
    ),
    bug(
        "a-call-without-input-fails",
        S::Call(Call::Empty, P::BothClosed),
        Latched,
        "api.empty-input-ok",
        &[
            "api.closed-terminal",
            "api.error-latched",
            "close-tx.zero-data-session",
            "early.half-rtt-close",
        ],
    ),
    bug(
        "what-was-not-taken-changes",
        S::InputLeft(P::Open),
        Touch,
        "api.input-immutability",
        &["close-rx.signal-eof"],
    ),
    bug(
        "a-bad-record-after-own-close-kills",
        S::Record(W::Invalid(Reason::BadTag), P::OwnClosed),
        Panic,
        "api.no-panic",
        &[],
    ),
    bug(
        "a-bad-record-after-own-close-is-never-done-with",
        S::Record(W::Invalid(Reason::BadTag), P::OwnClosed),
        Hang,
        "api.no-busy-loop",
        &[],
    ),
    bug(
        "spins-after-the-peer-closed",
        S::Idle(P::PeerClosed),
        Spin(ApiState::WriteTraffic),
        "api.no-busy-loop",
        &["api.bounded-calls"],
    ),
    bug(
        "a-record-in-pieces-calls-for-an-alert",
        S::Arrived(Arrival::SplitBody, P::Open),
        All(&[HINT, Proceed]),
        "api.segmentation-invariance",
        &["close-rx.garbage-same-vs-later-segment"],
    ),
    bug(
        "too-little-room-calls-for-an-alert",
        S::TooSmall(ApiCall::Write),
        HINT,
        "api.habit-invariance",
        &["api.write-traffic"],
    ),
    bug(
        "a-close-calls-for-an-alert",
        S::Record(W::CloseNotify(AlertLevel::Warning), P::Open),
        All(&[HINT, End(protocol::End::Clean)]),
        "api.cross-api-equal",
        &[],
    ),
    bug(
        "records-that-hold-nothing-pile-up",
        S::Record(W::Invalid(Reason::EmptyHandshake), P::Open),
        Leave,
        "api.bounded-memory",
        &["rec.zero-handshake"],
    ),
    bug(
        "spins-when-all-is-over",
        S::Idle(P::PeerClosed),
        Spin(ApiState::WriteTraffic),
        "api.bounded-calls",
        &["api.no-busy-loop"],
    ),
    bug(
        "answers-four-times",
        S::Record(
            W::KeyUpdate {
                requested: true,
                nth: 1,
            },
            P::Open,
        ),
        All(&[
            SayKeyUpdate { requested: false },
            SayKeyUpdate { requested: false },
            SayKeyUpdate { requested: false },
            SayKeyUpdate { requested: false },
            Proceed,
        ]),
        "api.bounded-answer",
        &[],
    ),
];
