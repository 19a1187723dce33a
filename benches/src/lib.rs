//! What records and closing cost, next to the limit.
//!
//! Every API is called by the shortest loop that an integrator could write ([`pair::End`]), not by the
//! drivers of the conformance suite, which observe and would show. Beside each figure stands its
//! floor: the same cryptography called directly.

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
