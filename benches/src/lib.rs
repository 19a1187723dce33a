//! What records and closing cost, next to the limit.
//!
//! Subjects are driven as the conformance suite drives them, through [`protocol::Subject`], and
//! beside each figure stands its floor: the same cryptography called directly.

pub mod allocations;
pub mod by_hand;
pub mod floor;
pub mod gate;
pub mod growth;
pub mod measure;
pub mod pair;
pub mod planted;
pub mod render;
pub mod results;
pub mod stack;
pub mod suite;
