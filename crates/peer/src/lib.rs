//! An independent TLS 1.2 and 1.3 endpoint that can be told to misbehave.
//!
//! Written from the RFCs on plain cryptographic primitives, so that it shares no code, and no
//! mistakes, with the implementations that it is used to examine. Nothing in it is meant to keep
//! a secret: keys are derived from a seed and everything can be looked at.

pub mod crypto;
pub mod pki;
pub mod protect;

mod config;
mod draft;
mod engine;
mod failure;
mod meaning;
mod message;
mod session;

pub use config::{Config, EarlyData};
pub use draft::{Corrupt, Draft, Sealed, Seen};
pub use engine::{Keyrings, LoggedSecret, Negotiated, Peer};
pub use failure::Failure;
pub use message::{Message, MessageName, UnknownMessage};
pub use session::Session;
