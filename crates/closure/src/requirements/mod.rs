//! All requirements, a file for each family.

mod close_rx;
mod close_tx;

use crate::Requirement;

/// The families, in the order in which they are shown.
static FAMILIES: &[&[&[Requirement]]] = &[close_tx::ALL, close_rx::ALL];

/// All requirements, family by family.
pub fn all() -> impl Iterator<Item = &'static Requirement> {
    FAMILIES.iter().copied().flatten().copied().flatten()
}

/// The requirement with this id.
pub fn find(id: &str) -> Option<&'static Requirement> {
    all().find(|requirement| requirement.id == id)
}
