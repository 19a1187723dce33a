//! Any connection: effects that no other rule explains.

use protocol::{ApiState, End, ErrorClass};
use wire::AlertDescription;

use super::{Bug, bug};
use crate::reaction::{
    Flaw,
    Reaction::{self, *},
};
use crate::situation::{
    AlertKind, AlertLevel, Arrival, Call, Cut, Own, Phase as P, Situation as S, Want, What,
};

/// An alert about the end of the transport.
const UNEXPECTED_EOF: Reaction = Alert {
    level: wire::Alert::FATAL,
    description: AlertDescription::DECODE_ERROR,
};

/// An alert that gives up a handshake.
const CANCELED: Reaction = Alert {
    level: wire::Alert::WARNING,
    description: AlertDescription::USER_CANCELED,
};

/// An alert that declines another handshake. In TLS 1.3 it is an error.
const NO_RENEGOTIATION: Reaction = Alert {
    level: wire::Alert::WARNING,
    description: AlertDescription::NO_RENEGOTIATION,
};

pub(super) static BUGS: &[Bug] = &[
    bug(
        "alerts-at-the-end-of-the-transport-after-own-close",
        S::Eof(Cut::Boundary, P::OwnClosed),
        All(&[End(End::Truncated), UNEXPECTED_EOF]),
        "conn.silence-after-close",
        &[],
    ),
    bug(
        "updates-keys-at-the-end-of-the-transport-after-own-close",
        S::Eof(Cut::Boundary, P::OwnClosed),
        All(&[End(End::Truncated), SayKeyUpdate { requested: false }]),
        "conn.silence-after-close",
        &["close-tx.no-keyupdate-after"],
    ),
    bug(
        "closes-again-at-the-end-of-the-transport",
        S::Eof(Cut::Boundary, P::OwnClosed),
        All(&[End(End::Truncated), SayClose]),
        "close-tx.idempotent",
        &[],
    ),
    bug(
        "closes-at-the-end-of-the-transport-after-own-error",
        S::Eof(Cut::Boundary, P::ErrorSent),
        SayClose,
        "close-tx.not-after-error-sent",
        &[],
    ),
    bug(
        "closes-at-the-end-of-the-transport-after-the-peers-error",
        S::Eof(Cut::Boundary, P::ErrorReceived),
        SayClose,
        "close-tx.not-after-error-rcvd",
        &["close-tx.idempotent"],
    ),
    bug(
        "switches-keys-at-an-export",
        S::Call(Call::Export, P::Open),
        All(&[SwitchKeys, Proceed]),
        "conn.keys",
        &[],
    ),
    bug(
        "truncates-at-an-export",
        S::Call(Call::Export, P::Open),
        All(&[End(End::Truncated), Proceed]),
        "conn.ends",
        &[],
    ),
    bug(
        "fails-at-an-export",
        S::Call(Call::Export, P::Open),
        Fatal(AlertDescription::INTERNAL_ERROR),
        "conn.no-failure-without-cause",
        &[],
    ),
    bug(
        "sends-data-twice",
        S::Sending(Own::Data),
        Seal(Flaw::Twice),
        "conn.bytes",
        &["close-tx.flush-before"],
    ),
    bug(
        "drops-what-waits-at-an-export",
        S::Call(Call::Export, P::Open),
        All(&[Discard, Proceed]),
        "conn.nothing-owed",
        &[],
    ),
    bug(
        "the-end-waits-for-output",
        S::InputBlocked(P::Open),
        Ignore,
        "conn.end-while-blocked",
        &["api.read-not-starved", "t12.discard-pending"],
    ),
    bug(
        "drops-a-write-after-the-end-of-the-transport",
        S::Call(Call::Write, P::Truncated),
        Ignore,
        "conn.nothing-owed",
        &[],
    ),
    bug(
        "fails-of-a-record-while-output-waits",
        S::InputBlocked(P::Open),
        Fatal(AlertDescription::INTERNAL_ERROR),
        "conn.no-failure-without-cause",
        &["close-rx.signal-eof", "rec.bad-tag"],
    ),
    bug(
        "refuses-to-close",
        S::Call(Call::Close, P::Open),
        Refuse(ErrorClass::NotNow),
        "conn.no-failure-without-cause",
        &["api.write-traffic"],
    ),
    bug(
        "refuses-to-write",
        S::Call(Call::Write, P::Open),
        Refuse(ErrorClass::NotNow),
        "conn.no-failure-without-cause",
        &[],
    ),
    bug(
        "sends-data-after-a-failure",
        S::Call(Call::Write, P::FailedSilently),
        Proceed,
        "api.write-refused-when-dead",
        &["eof.during-handshake", "rec.tx-shape"],
    ),
    bug(
        "ends-the-transport-at-an-export",
        S::Call(Call::Export, P::Open),
        All(&[Fin, Proceed]),
        "close-tx.before-fin",
        &["close-tx.before-fin-12"],
    ),
    bug(
        "closes-at-an-export",
        S::Call(Call::Export, P::Open),
        All(&[SayClose, Proceed]),
        "conn.unasked",
        &[],
    ),
    bug(
        "cancels-at-an-export",
        S::Call(Call::Export, P::Open),
        All(&[CANCELED, Proceed]),
        "cancel.open-followed-by-close",
        &[],
    ),
    bug(
        "declines-a-renegotiation-at-an-export",
        S::Call(Call::Export, P::Open),
        All(&[NO_RENEGOTIATION, Proceed]),
        "conn.unasked",
        &[
            "conn.no-failure-without-cause",
            "fatal-tx.level-fatal",
            "frame.alert-reserved-tx",
        ],
    ),
    bug(
        "says-finished-at-an-export",
        S::Call(Call::Export, P::Open),
        All(&[Say(22, &[20, 0, 0, 0]), Proceed]),
        "conn.handshake-messages",
        &[],
    ),
    bug(
        "updates-keys-at-an-export",
        S::Call(Call::Export, P::Open),
        All(&[SayKeyUpdate { requested: false }, Proceed]),
        "conn.spontaneous",
        &["conn.handshake-messages"],
    ),
    bug(
        "sends-a-ticket-at-an-export",
        S::Call(Call::Export, P::Open),
        All(&[SayTicket, Proceed]),
        "conn.spontaneous",
        &["conn.handshake-messages"],
    ),
    bug(
        "does-not-answer-an-export",
        S::Call(Call::Export, P::Open),
        Ignore,
        "conn.calls",
        &[],
    ),
    bug(
        "refuses-an-export-that-it-carries-out",
        S::Call(Call::Export, P::Open),
        All(&[Proceed, Refuse(ErrorClass::NotNow), Proceed]),
        "conn.calls",
        &["conn.no-failure-without-cause"],
    ),
    bug(
        "an-export-would-block",
        S::Call(Call::Export, P::Open),
        Refuse(ErrorClass::WouldBlock),
        "conn.calls",
        &[],
    ),
    bug(
        "refuses-to-process",
        S::Call(Call::Same, P::Open),
        Refuse(ErrorClass::Internal),
        "conn.calls",
        &["api.write-traffic"],
    ),
    bug(
        "reports-a-truncation-twice",
        S::Eof(Cut::Boundary, P::Open),
        All(&[End(End::Truncated), End(End::Truncated)]),
        "conn.reports-again",
        &[],
    ),
    bug(
        "reports-the-end-of-the-transport-after-an-error",
        S::Eof(Cut::Boundary, P::ErrorSent),
        End(End::Truncated),
        "conn.reports-again",
        &[],
    ),
    bug(
        "reports-a-reset-at-the-end-of-the-transport",
        S::Eof(Cut::Boundary, P::Open),
        End(End::Reset),
        "conn.ends",
        &[],
    ),
    bug(
        "fails-of-a-client-hello",
        S::Record(
            What::Handshake(wire::HandshakeType::CLIENT_HELLO),
            P::Handshake,
        ),
        Fatal(AlertDescription::INTERNAL_ERROR),
        "conn.no-failure-without-cause",
        &[],
    ),
    bug(
        "refuses-to-update-keys",
        S::Call(Call::UpdateKeys, P::Open),
        Refuse(ErrorClass::NotNow),
        "conn.no-failure-without-cause",
        &[],
    ),
    bug(
        "refuses-to-export",
        S::Call(Call::Export, P::Open),
        Refuse(ErrorClass::NotNow),
        "conn.no-failure-without-cause",
        &[],
    ),
    bug(
        "goes-on-after-data-before-the-handshake",
        S::Record(
            What::Invalid(wire::Reason::EarlyApplicationData),
            P::Handshake,
        ),
        Ignore,
        "conn.fails",
        &[],
    ),
    bug(
        "waits-for-the-transport-after-an-error",
        S::Wants(Want::Nothing, P::ErrorReceived),
        Deny,
        "conn.waits",
        &[],
    ),
    bug(
        "drops-a-request-for-new-keys",
        S::Call(Call::UpdateKeys, P::Open),
        Ignore,
        "conn.calls",
        &[],
    ),
    bug(
        "leaves-a-warning",
        S::Record(What::Warning(AlertKind::Defined, 1), P::Open),
        Leave,
        "conn.takes",
        &["t12.warning-continues", "conn.bytes", "conn.ends"],
    ),
    bug(
        "offers-early-data-that-is-not-there",
        S::Idle(P::HalfRtt),
        Name(ApiState::ReadEarlyData),
        "api.read-early-data",
        &[],
    ),
    bug(
        "offers-early-data-once-both-halves-are-closed",
        S::Idle(P::BothClosed),
        Name(ApiState::ReadEarlyData),
        "conn.offers",
        &["api.closed-terminal", "api.read-early-data"],
    ),
    bug(
        "fails-again-of-what-follows-an-error",
        S::Arrived(Arrival::Behind, P::ErrorSent),
        Fatal(AlertDescription::UNEXPECTED_MESSAGE),
        "conn.once",
        &["fatal-tx.one-alert"],
    ),
    bug(
        "ends-the-transport-at-a-server-hello",
        S::Record(
            What::Handshake(wire::HandshakeType::SERVER_HELLO),
            P::Handshake,
        ),
        All(&[Fin, Proceed]),
        "conn.fin",
        &[
            "close-tx.before-fin",
            "close-tx.before-fin-12",
            "close-tx.zero-data-session",
        ],
    ),
    bug(
        "takes-back-a-truncation",
        S::Record(What::CloseNotify(AlertLevel::Warning), P::Truncated),
        End(End::Clean),
        "conn.ends",
        &[],
    ),
    bug(
        "closes-instead-of-what-waits-at-an-export",
        S::Call(Call::Export, P::Open),
        All(&[Discard, SayClose, Proceed]),
        "conn.bytes",
        &[],
    ),
    bug(
        "loses-data-when-a-key-is-used-up",
        S::Record(What::Data, P::Open),
        Ignore,
        "conn.bytes",
        &[
            "api.peer-closed-once",
            "api.read-not-starved",
            "api.read-traffic",
            "close-rx.backpressure",
            "close-rx.data-first",
            "close-tx.read-side-open",
            "ku.rx-then-close",
        ],
    ),
    bug(
        "tells-the-end-before-data",
        S::Record(What::Data, P::Open),
        All(&[Tell(End::Clean), Deliver]),
        "conn.bytes",
        &[
            "api.wants-read",
            "close-rx.backpressure",
            "close-rx.data-first",
            "close-rx.ignore-close-after",
            "ku.rx-then-close",
        ],
    ),
];
