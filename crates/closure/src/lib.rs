//! Transcripts of TLS connections, and the requirements that they are judged by.
//!
//! A [`Transcript`] is one totally ordered list of [`Event`]s: the subject's input, the records it
//! put on the wire, and what its application saw. A [`Requirement`] combines the demand of a
//! specification with the rule that checks a transcript for it. [`judge`] gives a [`Verdict`] for
//! every requirement that the transcript exercises, and [`outcome_of`] turns a verdict and the
//! [`Expectations`] into an [`Outcome`].

mod connection;
mod event;
mod expectation;
mod family;
mod group;
mod instance;
mod judge;
pub mod ledger;
mod messages;
mod requirement;
pub mod requirements;
pub mod rule;
pub mod stored;
mod transcript;

pub use connection::Connection;
pub use event::{Call, Delivered, Event, Kind, Kinds, Sent, Setup, Span, Transport};
pub use expectation::{
    Deviation, Expectations, ExpectationsError, Missing, Outcome, Select, outcome_of,
};
pub use family::{FAMILIES, Family};
pub use group::{AlertSent, Along, Comparison, ConnectionView, Member, View, judge_group};
pub use instance::{
    Axes, Build, Choice, Cut, Edition, Profile, Suite, id, parse_id, parse_role, parse_version,
    role_name, version_name,
};
pub use judge::{Judgement, judge, judge_each};
pub use messages::OwnMessage;
pub use requirement::{
    Axis, Code, Document, EITHER, Grade, GroupVerdict, Level, Requirement, Scope, Section, Verdict,
    behaves, bis, deviates, rfc5246, rfc5288, rfc5746, rfc8446, rfc8449, varies,
};
pub use rule::{Excuse, Rule};
pub use transcript::Transcript;
