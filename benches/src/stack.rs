//! The stacks to measure: an interface of rustls over a cryptography library.

use protocol::{Begin, Pki};
use rustls_subject::Crypto;

use crate::floor::{self, Floor};
use crate::pair::Context;
use crate::rustls::{buffered, unbuffered};
use crate::suite::Suite;

/// An interface of an implementation over a cryptography library.
#[derive(Clone, Copy)]
pub struct Stack {
    /// The name of the interface in ids.
    pub api: &'static str,
    /// The name of the library in ids.
    pub crypto: &'static str,
    /// Creates the context for its connections.
    pub context: fn(&Begin) -> Box<dyn Context>,
}

/// The stacks that are measured side by side.
pub struct Lineup {
    /// The stacks.
    pub stacks: Vec<Stack>,
    /// The floor of each library, by the library's name.
    pub floors: Vec<(&'static str, &'static dyn Floor)>,
}

/// The interfaces of rustls 0.23, over the libraries that this was built with.
pub fn built_in() -> Lineup {
    Lineup {
        stacks: vec![
            Stack {
                api: "unbuffered",
                crypto: "ring",
                context: |begin| unbuffered(begin, Crypto::Ring),
            },
            Stack {
                api: "buffered",
                crypto: "ring",
                context: |begin| buffered(begin, Crypto::Ring),
            },
            #[cfg(feature = "aws-lc-rs")]
            Stack {
                api: "unbuffered",
                crypto: "aws-lc-rs",
                context: |begin| unbuffered(begin, Crypto::AwsLcRs),
            },
            #[cfg(feature = "aws-lc-rs")]
            Stack {
                api: "buffered",
                crypto: "aws-lc-rs",
                context: |begin| buffered(begin, Crypto::AwsLcRs),
            },
        ],
        floors: floors(),
    }
}

/// The floors of the libraries that this was built with.
pub fn floors() -> Vec<(&'static str, &'static dyn Floor)> {
    vec![
        ("ring", &floor::ring::Direct),
        #[cfg(feature = "aws-lc-rs")]
        ("aws-lc-rs", &floor::aws_lc_rs::Direct),
    ]
}

/// X25519, a group that both libraries have. Their own preferences differ.
const GROUP: u16 = 0x001d;

/// A context with one suite, and with a ticket if sessions are to be resumed.
pub fn begin(suite: &Suite, tickets: bool) -> Begin {
    Begin {
        versions: vec![suite.version],
        suites: vec![suite.number],
        groups: vec![GROUP],
        tickets: tickets.into(),
        ..blank()
    }
}

/// A context over cryptography that costs next to nothing.
#[cfg(feature = "instructions")]
pub fn begin_toy(version: protocol::Version, tickets: bool) -> Begin {
    /// The number of the group of `toycrypto`.
    const TOY_GROUP: u16 = 0xfe00;
    let suite = match version {
        protocol::Version::Tls12 => 0xff12,
        protocol::Version::Tls13 => 0xff13,
    };
    Begin {
        versions: vec![version],
        suites: vec![suite],
        groups: vec![TOY_GROUP],
        tickets: tickets.into(),
        ..blank()
    }
}

fn blank() -> Begin {
    Begin {
        pki: Box::new(Pki {
            roots: include_str!("../../crates/peer/pki/ca.pem").into(),
            server_chain: include_str!("../../crates/peer/pki/server.pem").into(),
            server_key: include_str!("../../crates/peer/pki/server.key.pem").into(),
            client_chain: String::new(),
            client_key: String::new(),
            server_name: "lastword.test".into(),
        }),
        versions: vec![],
        suites: vec![],
        groups: vec![],
        tickets: 0,
        early_data: 0,
        half_rtt: false,
        fragment_size: None,
        record_size_limit: None,
        key_limit: None,
        client_auth: false,
        clock: protocol::DEFAULT_CLOCK,
        profile: protocol::Profile::default(),
    }
}
