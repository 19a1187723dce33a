//! Cipher suites and the primitives behind them.
//!
//! Algorithms are enums, not trait objects: a peer is cloned for every run that starts from a
//! recording, and dispatch costs one branch.

pub mod aead;
pub mod hash;
pub mod kx;
pub mod rng;
pub mod schedule12;
pub mod schedule13;
pub mod sign;
pub mod suite;
