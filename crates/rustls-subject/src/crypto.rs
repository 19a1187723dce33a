//! The cryptography library under rustls.

use std::sync::Arc;

#[cfg(feature = "aws-lc-rs")]
use rustls::crypto::aws_lc_rs;
use rustls::crypto::{ring, CryptoProvider};
use rustls::server::ProducesTickets;
use rustls::Error;

/// A cryptography library.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Crypto {
    /// `ring`, which builds quickly.
    #[default]
    Ring,
    /// `aws-lc-rs`, which is the default of rustls.
    #[cfg(feature = "aws-lc-rs")]
    AwsLcRs,
}

impl Crypto {
    /// The name of the library.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ring => "ring",
            #[cfg(feature = "aws-lc-rs")]
            Self::AwsLcRs => "aws-lc-rs",
        }
    }

    pub(crate) fn provider(self) -> CryptoProvider {
        match self {
            Self::Ring => ring::default_provider(),
            #[cfg(feature = "aws-lc-rs")]
            Self::AwsLcRs => aws_lc_rs::default_provider(),
        }
    }

    pub(crate) fn ticketer(self) -> Result<Arc<dyn ProducesTickets>, Error> {
        match self {
            Self::Ring => ring::Ticketer::new(),
            #[cfg(feature = "aws-lc-rs")]
            Self::AwsLcRs => aws_lc_rs::Ticketer::new(),
        }
    }
}
