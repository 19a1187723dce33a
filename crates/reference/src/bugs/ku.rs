//! `KeyUpdate` around the end of a connection.

use super::{Bug, bug};
use crate::reaction::Reaction::*;
use crate::situation::{Phase as P, Situation as S, What as W};

pub(super) static BUGS: &[Bug] = &[bug(
    "key-update-after-own-close-is-skipped",
    S::Record(
        W::KeyUpdate {
            requested: false,
            nth: 1,
        },
        P::OwnClosed,
    ),
    Ignore,
    "ku.rx-while-half-closed",
    &[
        "close-rx.signal-eof",
        "close-tx.read-side-open",
        "close-tx.zero-data-session",
        "fatal-tx.half-closed",
    ],
)];
