//! How alerts are framed.

use protocol::End as Ended;
use wire::{AlertDescription, Reason};

use super::{Bug, bug};
use crate::reaction::Reaction::*;
use crate::situation::{Phase as P, Situation as S, What as W};

pub(super) static BUGS: &[Bug] = &[
    bug(
        "empty-alert-is-a-decode-error",
        S::Record(W::Invalid(Reason::EmptyAlert), P::Open),
        Fatal(AlertDescription::DECODE_ERROR),
        "frame.alert-empty",
        &[],
    ),
    bug(
        "empty-alert-is-ignored",
        S::Record(W::Invalid(Reason::EmptyAlert), P::Open),
        Ignore,
        "frame.alert-empty",
        &[],
    ),
    bug(
        "close-inside-a-message-is-a-clean-end",
        S::Record(W::Invalid(Reason::Interleaved), P::Open),
        End(Ended::Clean),
        "frame.alert-in-handshake-frag",
        &[],
    ),
    bug(
        "close-inside-a-message-is-ignored",
        S::Record(W::Invalid(Reason::Interleaved), P::Open),
        Ignore,
        "frame.alert-in-handshake-frag",
        &[],
    ),
    bug(
        "outer-type-is-not-looked-at",
        S::Record(W::Invalid(Reason::OuterType), P::Open),
        Accept,
        "frame.alert-wrong-outer-type",
        &[],
    ),
];
