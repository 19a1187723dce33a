//! Transcripts of a connection, and the requirements judged on them.
//!
//! A [`Transcript`] is one totally ordered list of [`Event`]s: what the subject was given, what
//! it put on the wire, and what its application saw. A [`Requirement`] is one value that holds
//! what a specification asks for next to the rule that judges a transcript by it. [`judge`] gives
//! a [`Verdict`] for every requirement; [`Expectations`] turn verdicts into [`Outcome`]s.

mod connection;
mod event;
mod expectation;
mod facts;
mod family;
mod group;
mod instance;
mod judge;
mod messages;
mod requirement;
pub mod requirements;
mod transcript;

pub use connection::Connection;
pub use event::{Call, Delivered, Event, Kind, Kinds, Sent, Setup, Span, Transport};
pub use expectation::{
    Deviation, Expectations, ExpectationsError, Missing, Outcome, Select, outcome_of,
};
pub use facts::Facts;
pub use family::{FAMILIES, Family};
pub use group::{AlertSent, Along, Comparison, ConnectionView, Member, View, judge_group};
pub use instance::{
    Axes, Build, Choice, Cut, Edition, Profile, Suite, id, parse_id, parse_role, parse_version,
    role_name, version_name,
};
pub use judge::{Judgement, judge, judge_each};
pub use messages::OwnMessage;
pub use requirement::{
    Axis, Code, Document, EITHER, Grade, GroupVerdict, Level, Requirement, Rule, Scope, Section,
    Verdict, behaves, bis, deviates, rfc5246, rfc5288, rfc5746, rfc8446, rfc8449, varies,
};
pub use transcript::Transcript;
