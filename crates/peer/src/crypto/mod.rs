//! Cipher suites and their primitives.
//!
//! Algorithms are enums rather than trait objects. Every run that starts from a recording clones a
//! peer, and dispatch costs one branch.

pub mod aead;
pub mod hash;
pub mod kx;
pub mod rng;
pub mod schedule12;
pub mod schedule13;
pub mod sign;
pub mod suite;
