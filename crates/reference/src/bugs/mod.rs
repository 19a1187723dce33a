//! All bugs, with one file for each family of requirements.

mod alert_rx;
mod api;
mod cancel;
mod close_rx;
mod close_tx;
mod conn;
mod early;
mod eof;
mod fatal_tx;
mod frame;
mod hs;
mod ku;
mod ph;
mod rec;
mod resume;
mod t12;

use crate::{Reaction, Situation};

/// A row of the table that is wrong on purpose.
#[derive(Clone, Copy, Debug)]
pub struct Bug {
    /// The name, in kebab-case.
    pub name: &'static str,
    /// The situation in which it shows.
    pub situation: Situation,
    /// The reaction of the subject in that situation.
    pub reaction: Reaction,
    /// The requirement that it is meant to break.
    pub breaks: &'static str,
    /// All other requirements that it may break.
    pub also: &'static [&'static str],
}

static FAMILIES: &[&[Bug]] = &[
    close_tx::BUGS,
    close_rx::BUGS,
    eof::BUGS,
    fatal_tx::BUGS,
    alert_rx::BUGS,
    frame::BUGS,
    cancel::BUGS,
    rec::BUGS,
    ku::BUGS,
    ph::BUGS,
    early::BUGS,
    hs::BUGS,
    t12::BUGS,
    resume::BUGS,
    api::BUGS,
    conn::BUGS,
];

/// All bugs, family by family.
pub fn bugs() -> impl Iterator<Item = &'static Bug> {
    FAMILIES.iter().copied().flatten()
}

/// The bug with this name.
pub fn find(name: &str) -> Option<&'static Bug> {
    bugs().find(|bug| bug.name == name)
}

const fn bug(
    name: &'static str,
    situation: Situation,
    reaction: Reaction,
    breaks: &'static str,
    also: &'static [&'static str],
) -> Bug {
    Bug {
        name,
        situation,
        reaction,
        breaks,
        also,
    }
}
