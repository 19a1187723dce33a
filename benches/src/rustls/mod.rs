//! The shortest loops over the two interfaces of rustls 0.23.

mod buffered;
mod unbuffered;

use protocol::Begin;
use rustls_subject::{Configs, Crypto};

pub use buffered::Buffered;
pub use unbuffered::Unbuffered;

use crate::pair::Context;

/// A context for the unbuffered API.
///
/// # Panics
///
/// If rustls rejects the configuration.
pub fn unbuffered(begin: &Begin, crypto: Crypto) -> Box<dyn Context> {
    Box::new(Unbuffered(configs(begin, crypto)))
}

/// A context for the buffered API.
///
/// # Panics
///
/// If rustls rejects the configuration.
pub fn buffered(begin: &Begin, crypto: Crypto) -> Box<dyn Context> {
    Box::new(Buffered(configs(begin, crypto)))
}

fn configs(begin: &Begin, crypto: Crypto) -> Configs {
    Configs::new(begin, crypto).expect("rustls has all that is measured")
}
