//! rustls 0.23 behind [`protocol::Subject`].
//!
//! [`Unbuffered`] drives `rustls::unbuffered` the way its documentation teaches, or, if told so,
//! by one of several other habits. It reports what it sees and never judges.

mod context;
mod crypto;
mod errors;
mod habits;
#[cfg(feature = "toy")]
mod toy;
mod unbuffered;
pub mod versions;

pub use crypto::Crypto;
pub use unbuffered::Unbuffered;

/// rustls' unbuffered API as a subject.
pub fn unbuffered() -> Unbuffered {
    Unbuffered::default()
}

/// The release of rustls that is linked, as the builder has said through
/// `LASTWORD_RUSTLS_VERSION`; rustls itself does not tell.
pub fn version() -> &'static str {
    option_env!("LASTWORD_RUSTLS_VERSION").unwrap_or("0.23.46")
}

/// Runs [`unbuffered`] as a shim over standard input and output until the input ends.
///
/// # Errors
///
/// Those of the two streams.
pub fn main_unbuffered() -> std::io::Result<()> {
    protocol::serve(
        &mut unbuffered(),
        std::io::stdin().lock(),
        std::io::stdout().lock(),
    )
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
