//! Error alerts of the peer's.

use protocol::End as Ended;

use super::{Bug, bug};
use crate::reaction::Reaction::*;
use crate::situation::{AlertKind, AlertLevel, Call, Phase as P, Situation as S, What as W};

const UNKNOWN_WARNING: S = S::Record(W::Error(AlertLevel::Warning, AlertKind::Undefined), P::Open);
const UNKNOWN_FATAL: S = S::Record(W::Error(AlertLevel::Fatal, AlertKind::Undefined), P::Open);

pub(super) static BUGS: &[Bug] = &[
    bug(
        "writes-after-the-peers-error",
        S::Call(Call::Write, P::ErrorReceived),
        Proceed,
        "alert-rx.fatal-no-more-send",
        &[],
    ),
    bug(
        "updates-keys-after-the-peers-error",
        S::Call(Call::UpdateKeys, P::ErrorReceived),
        Proceed,
        "alert-rx.fatal-no-more-send",
        &[],
    ),
    bug(
        "unknown-warning-is-ignored",
        UNKNOWN_WARNING,
        Ignore,
        "alert-rx.unknown-is-error",
        &[],
    ),
    bug(
        "unknown-fatal-alert-is-ignored",
        UNKNOWN_FATAL,
        Ignore,
        "alert-rx.unknown-is-error",
        &[],
    ),
    bug(
        "unknown-alert-is-a-clean-end",
        UNKNOWN_FATAL,
        End(Ended::Clean),
        "alert-rx.unknown-is-error",
        &[],
    ),
];
