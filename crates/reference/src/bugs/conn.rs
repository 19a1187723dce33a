//! Any connection: effects that no other rule explains.

use protocol::{End, ErrorClass};
use wire::AlertDescription;

use super::{Bug, bug};
use crate::reaction::{
    Flaw,
    Reaction::{self, *},
};
use crate::situation::{Call, Cut, Own, Phase as P, Situation as S};

/// An alert about the end of the transport.
const UNEXPECTED_EOF: Reaction = Alert {
    level: wire::Alert::FATAL,
    description: AlertDescription::DECODE_ERROR,
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
        &[],
    ),
    bug(
        "closes-again-at-the-end-of-the-transport",
        S::Eof(Cut::Boundary, P::OwnClosed),
        All(&[End(End::Truncated), SayClose]),
        "conn.once",
        &[],
    ),
    bug(
        "closes-at-the-end-of-the-transport-after-own-error",
        S::Eof(Cut::Boundary, P::ErrorSent),
        SayClose,
        "conn.once",
        &[],
    ),
    bug(
        "closes-at-the-end-of-the-transport-after-the-peers-error",
        S::Eof(Cut::Boundary, P::ErrorReceived),
        SayClose,
        "conn.once",
        &[],
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
];
