//! The record layer around the end of a connection.

use wire::{AlertDescription, Reason};

use super::{Bug, bug};
use crate::reaction::Reaction::*;
use crate::situation::{Phase as P, Situation as S, What as W};

pub(super) static BUGS: &[Bug] = &[
    bug(
        "empty-handshake-record-is-ignored",
        S::Record(W::Invalid(Reason::EmptyHandshake), P::Open),
        Ignore,
        "rec.zero-handshake",
        &[],
    ),
    bug(
        "empty-handshake-record-is-a-decode-error",
        S::Record(W::Invalid(Reason::EmptyHandshake), P::Open),
        Fatal(AlertDescription::DECODE_ERROR),
        "rec.zero-handshake",
        &[],
    ),
];
