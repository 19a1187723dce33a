//! `user_canceled`.

use protocol::ErrorClass;

use super::{Bug, bug};
use crate::reaction::Reaction::*;
use crate::situation::{AlertLevel, Phase as P, Situation as S, What as W};

pub(super) static BUGS: &[Bug] = &[
    bug(
        "five-cancels-in-all-are-too-many",
        S::CanceledInAll(5),
        FatalSilent(ErrorClass::Flood),
        "cancel.rx-limit",
        &[],
    ),
    bug(
        "five-cancels-in-a-row-are-too-many",
        S::Record(W::UserCanceled(AlertLevel::Warning, 5), P::Open),
        FatalSilent(ErrorClass::Flood),
        "cancel.rx-limit",
        &[],
    ),
];
