//! All requirements, one module per family.

mod alert_rx;
mod api;
mod cancel;
mod close_rx;
mod close_tx;
mod conn;
mod early;
mod eof;
mod fatal_tx;
mod flood;
mod frame;
mod hs;
mod ku;
mod ph;
mod reading;
mod rec;
mod refusal;
mod resume;
mod t12;

use crate::Requirement;

/// The families, in the order in which reports show them.
static FAMILIES: &[&[&[Requirement]]] = &[
    close_tx::ALL,
    close_rx::ALL,
    eof::ALL,
    alert_rx::ALL,
    frame::ALL,
    fatal_tx::ALL,
    cancel::ALL,
    rec::ALL,
    ku::ALL,
    ph::ALL,
    early::ALL,
    hs::ALL,
    t12::ALL,
    resume::ALL,
    api::ALL,
    conn::ALL,
];

/// All requirements, family by family.
pub fn all() -> impl Iterator<Item = &'static Requirement> {
    FAMILIES.iter().copied().flatten().copied().flatten()
}

/// The requirement with this id or alias.
pub fn find(id: &str) -> Option<&'static Requirement> {
    all().find(|requirement| requirement.id == id || requirement.aliases.contains(&id))
}
