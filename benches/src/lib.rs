//! The cost of records and closing, compared with a lower bound.
//!
//! Every API is called in the shortest loop that an integrator could write ([`pair::End`]), not by
//! the drivers of the conformance suite, whose observations would add to the cost. Each figure
//! comes with its floor: the same cryptography called directly.

pub mod allocations;
pub mod floor;
pub mod gate;
pub mod growth;
pub mod measure;
pub mod pair;
pub mod planted;
pub mod render;
pub mod results;
pub mod rustls;
pub mod stack;
pub mod suite;
pub mod wire;
