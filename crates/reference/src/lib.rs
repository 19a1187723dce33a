//! A conforming subject whose every reaction can be overridden, to prove that rules fire.
//!
//! It stands on the record layer and the handshakes of the `peer` crate. What it does around the
//! end of a connection is one table, [`conforming`], from [`Situation`] to [`Reaction`]. A [`Bug`]
//! is data: it puts another reaction into one row.
//!
//! A [`Bug`] is written by hand for one requirement and applies in every [`Context`]. A [`Fault`] is
//! the same as a small value, for one context, with more ways to go wrong ([`Act`], [`When`]): the
//! crate `universe` enumerates them.
//!
//! Without a bug it is the positive control: no rule may find that it deviates. With one, the
//! requirement that the bug is for must be found broken, and none but those that it names.
//!
//! # Adding a bug
//!
//! Two lines, in the file of the requirement's family under `bugs/`:
//!
//! ```text
//! bug("writes-after-close", CALL_WRITE_OWN_CLOSED, Proceed, "close-tx.no-data-after", &[]),
//! ```
//!
//! If no situation tells the case apart from its neighbours, add one to [`Situation`], give its
//! conforming reaction in `table.rs`, and have the driver under `connection/` ask for it with
//! `meet` at the place where it comes to pass. If no reaction says what to do, add it to
//! [`Reaction`], and carry it out in `connection/react.rs`.

mod bugs;
mod common;
mod connection;
mod fault;
mod habit;
mod reaction;
mod situation;
mod subject;
mod table;

pub use bugs::{Bug, bugs, find};
pub use fault::{Act, At, Context, Fault, Flow, Met, Reading, When};
pub use reaction::{Flaw, Reaction};
pub use situation::{
    Again, AlertKind, AlertLevel, Arrival, Call, Cause, Cut, Own, Phase, Situation, Stage, Want,
    What,
};
pub use subject::{Meeting, Reference, Stopped};
pub use table::{class_of, conforming};

/// The subject; with a bug, or conforming.
pub fn subject(bug: Option<&'static Bug>) -> Reference {
    Reference::new(bug.map(Fault::from))
}

/// The subject with a fault.
pub fn faulty(fault: Fault) -> Reference {
    Reference::new(Some(fault))
}
