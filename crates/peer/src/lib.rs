//! An independent TLS 1.2 and 1.3 endpoint that can misbehave on demand.
//!
//! It is written from the RFCs and uses only cryptographic primitives, so it shares no TLS code and
//! no mistakes with the implementations under test. It keeps no secrets: keys are derived from a
//! seed, and all state can be inspected.

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
pub use draft::{Claim, Corrupt, Draft, Sealed, Seen, Source, Transit};
pub use engine::{Keyrings, LoggedSecret, Negotiated, Peer};
pub use failure::Failure;
pub use message::{Message, MessageName, UnknownMessage};
pub use session::Session;
