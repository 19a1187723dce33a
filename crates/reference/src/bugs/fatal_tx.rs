//! Own fatal errors.

use wire::{AlertDescription, Reason};

use super::{Bug, bug};
use crate::reaction::Reaction::*;
use crate::situation::{Call, Phase as P, Situation as S, What as W};

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
        &[],
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
];
