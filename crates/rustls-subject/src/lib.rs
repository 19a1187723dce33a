//! rustls 0.23 as a [`protocol::Subject`].
//!
//! [`unbuffered`] and [`buffered`] drive the two interfaces of rustls as their documentation
//! teaches, or with one of several other habits. They report what they see and never judge it.

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

/// The unbuffered API of rustls as a subject.
#[cfg(feature = "unbuffered")]
pub fn unbuffered() -> Rustls {
    Rustls::new(&unbuffered::INTERFACE)
}

/// The buffered API of rustls as a subject: `Connection`, `Stream`, `complete_io` and `Acceptor`.
pub fn buffered() -> Rustls {
    Rustls::new(&buffered::INTERFACE)
}

/// The release of rustls that is linked, from `LASTWORD_RUSTLS_VERSION` at build time. rustls
/// itself does not report it.
pub fn version() -> &'static str {
    option_env!("LASTWORD_RUSTLS_VERSION").unwrap_or("0.23.46")
}

/// The interface with this name as a subject.
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
/// If one of the two streams fails.
pub fn serve(mut subject: Rustls) -> io::Result<()> {
    protocol::serve(&mut subject, io::stdin().lock(), io::stdout().lock())
}

/// The main function of a shim: [`serve`] for the interface in the first argument of the program.
///
/// # Errors
///
/// As for [`serve`], and if the argument names no interface.
pub fn main() -> io::Result<()> {
    let name = std::env::args().nth(1).unwrap_or_default();
    match by_name(&name) {
        Some(subject) => serve(subject),
        None => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("rustls has no interface named '{name}'"),
        )),
    }
}

/// How this crate was built, and rustls with it.
fn build() -> protocol::Build {
    protocol::Build {
        debug_assertions: cfg!(debug_assertions),
        // Stable Rust does not report it. The usual profiles set both alike. A builder with another
        // profile can set the variable.
        overflow_checks: match option_env!("LASTWORD_OVERFLOW_CHECKS") {
            Some(said) => !said.is_empty() && said != "0",
            None => cfg!(debug_assertions),
        },
    }
}
