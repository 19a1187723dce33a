//! The fate of a session after its connection has ended.

use protocol::End as Ended;

use super::{Bug, bug};
use crate::reaction::Reaction::*;
use crate::situation::{Cause, Cut, Phase as P, Situation as S};

pub(super) static BUGS: &[Bug] = &[
    bug(
        "never-resumes",
        S::Resumes,
        Ignore,
        "resume.after-clean",
        &[],
    ),
    bug(
        "transport-end-costs-the-session",
        S::Eof(Cut::Boundary, P::Open),
        All(&[Forget, End(Ended::Truncated)]),
        "resume.after-trunc",
        &[],
    ),
    bug(
        "transport-end-in-record-costs-the-session",
        S::Eof(Cut::Body, P::Open),
        All(&[Forget, End(Ended::Truncated)]),
        "resume.after-trunc-13",
        &[],
    ),
    bug(
        "tickets-outlive-the-peer-s-error",
        S::SessionsOfFailed(Cause::Theirs),
        Proceed,
        "resume.after-fatal-13",
        &["t12.fatal-then-no-resume"],
    ),
    bug(
        "sessions-outlive-an-own-error",
        S::SessionsOfFailed(Cause::Own),
        Proceed,
        "resume.after-own-fatal",
        &[],
    ),
    bug(
        "a-session-outlives-a-resumption-that-fails",
        S::ResumedFailed(Cause::Own),
        Proceed,
        "resume.after-own-fatal",
        &[],
    ),
];
