//! A conforming subject in which every reaction can be overridden, to prove that the rules fire.
//!
//! It uses the record layer and the handshakes of the `peer` crate. Its behaviour around the end of
//! a connection is a single table, [`conforming`], from [`Situation`] to [`Reaction`]. A [`Bug`] is
//! data: it replaces the reaction in one row.
//!
//! Without a bug it is the positive control: no rule may find a deviation. With a bug, the rules
//! must find that the requirement of the bug is broken, and no other requirement except those that
//! the bug lists.
//!
//! A [`Bug`] is written by hand for one requirement and applies in every [`Context`]. A [`Fault`] is
//! the same as a small value, for one context, with more ways to go wrong ([`Act`], [`When`]). The
//! crate `universe` enumerates faults.
//!
//! # Adding a bug
//!
//! Add two lines in the file for the requirement's family under `bugs/`:
//!
//! ```text
//! bug("writes-after-close", CALL_WRITE_OWN_CLOSED, Proceed, "close-tx.no-data-after", &[]),
//! ```
//!
//! If no situation distinguishes the case from its neighbours, add one to [`Situation`], give its
//! conforming reaction in `table.rs`, and call `meet` with it in the driver under `connection/`,
//! where it happens. If no reaction fits, add one to [`Reaction`], and execute it in
//! `connection/react.rs`.

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

/// The subject, with a bug or conforming.
pub fn subject(bug: Option<&'static Bug>) -> Reference {
    Reference::new(bug.map(Fault::from))
}

/// The subject with a fault.
pub fn faulty(fault: Fault) -> Reference {
    Reference::new(Some(fault))
}
