//! rustls 0.23 behind [`protocol::Subject`].
//!
//! [`unbuffered`] and [`buffered`] drive the two interfaces of rustls the way their documentation
//! teaches, or, if told so, by one of several other habits. They report what they see and never
//! judge.

mod buffered;
mod context;
mod credentials;
mod crypto;
mod errors;
mod handshake;
mod subject;
#[cfg(feature = "toy")]
mod toy;
#[cfg(feature = "unbuffered")]
mod unbuffered;
pub mod versions;

use std::io;

#[cfg(feature = "toy")]
pub use buffered::watch;
pub use context::Configs;
pub use crypto::Crypto;
pub use subject::Rustls;

/// rustls' unbuffered API as a subject.
#[cfg(feature = "unbuffered")]
pub fn unbuffered() -> Rustls {
    Rustls::new(&unbuffered::INTERFACE)
}

/// rustls' buffered API as a subject: `Connection`, `Stream`, `complete_io` and `Acceptor`.
pub fn buffered() -> Rustls {
    Rustls::new(&buffered::INTERFACE)
}

/// The release of rustls that is linked, as the builder has said through
/// `LASTWORD_RUSTLS_VERSION`; rustls itself does not tell.
pub fn version() -> &'static str {
    option_env!("LASTWORD_RUSTLS_VERSION").unwrap_or("0.23.46")
}

/// The interface of this name as a subject.
pub fn by_name(interface: &str) -> Option<Rustls> {
    match interface {
        #[cfg(feature = "unbuffered")]
        "unbuffered" => Some(unbuffered()),
        "buffered" => Some(buffered()),
        _ => None,
    }
}

/// Runs `subject` as a shim over standard input and output until the input ends.
///
/// # Errors
///
/// Those of the two streams.
pub fn serve(mut subject: Rustls) -> io::Result<()> {
    protocol::serve(&mut subject, io::stdin().lock(), io::stdout().lock())
}

/// All of a shim: [`serve`] of the interface that the first argument of the program names.
///
/// # Errors
///
/// As [`serve`], and if the argument names none.
pub fn main() -> io::Result<()> {
    let name = std::env::args().nth(1).unwrap_or_default();
    match by_name(&name) {
        Some(subject) => serve(subject),
        None => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("no interface of rustls is called '{name}'"),
        )),
    }
}

/// How this crate, and rustls with it, was built.
fn build() -> protocol::Build {
    protocol::Build {
        debug_assertions: cfg!(debug_assertions),
        // Stable Rust does not tell; the usual profiles set both alike, and a builder whose
        // profile does not can say so.
        overflow_checks: match option_env!("LASTWORD_OVERFLOW_CHECKS") {
            Some(said) => !said.is_empty() && said != "0",
            None => cfg!(debug_assertions),
        },
    }
}
