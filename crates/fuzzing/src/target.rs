use closure::{Axes, Suite};
use protocol::{PLAIN_HABIT, Role, Version};

/// A way to turn bytes into instances.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name of the target, its program and its corpus.
    pub name: &'static str,
    /// What the target looks for.
    pub says: &'static str,
    /// The roles that the subject plays.
    pub roles: &'static [Role],
    /// The TLS versions that are played.
    pub versions: &'static [Version],
    /// The cipher suite. The default is that of `toycrypto`.
    pub suite: Option<Suite>,
    /// How scripts are made and played.
    pub kind: Kind,
}

/// How a target turns bytes into scripts and plays them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Each script continues after a handshake that was recorded once.
    Recorded,
    /// The handshake is part of the script, and cuts and habits apply to it too.
    Handshake,
    /// The peer behaves correctly, and both sides close at the end.
    Honest,
    /// The same script through both interfaces of the implementation. Under a habit of the buffered
    /// interface, it is played through that one alone, with the handshake as part of the script.
    Differential,
    /// A part of a handshake, also recorded once, followed by bytes that no peer generated.
    Raw,
    /// No connection: the parsers of this project.
    Codec,
}

const BOTH: &[Role] = &[Role::Client, Role::Server];
const EITHER: &[Version] = &[Version::Tls13, Version::Tls12];
const TLS13: &[Version] = &[Version::Tls13];

const PLAIN: Target = Target {
    name: "",
    says: "",
    roles: BOTH,
    versions: EITHER,
    suite: None,
    kind: Kind::Recorded,
};

/// All targets.
pub static TARGETS: &[Target] = &[
    Target {
        name: "hostile_peer_client_13",
        says: "A TLS 1.3 client after the handshake, and a peer that may do anything.",
        roles: &[Role::Client],
        versions: TLS13,
        ..PLAIN
    },
    Target {
        name: "hostile_peer_server_13",
        says: "A TLS 1.3 server after the handshake, and a peer that may do anything.",
        roles: &[Role::Server],
        versions: TLS13,
        ..PLAIN
    },
    Target {
        name: "hostile_peer_12",
        says: "Either side in TLS 1.2 after the handshake, and a peer that may do anything.",
        versions: &[Version::Tls12],
        ..PLAIN
    },
    Target {
        name: "handshake_close",
        says: "Closes, alerts, transport EOF and fragments inside the handshake; 0-RTT \
               data; tickets.",
        kind: Kind::Handshake,
        ..PLAIN
    },
    Target {
        name: "honest_peer",
        says: "A peer that behaves correctly, over a transport that cuts and blocks at will, \
               under every habit.",
        kind: Kind::Honest,
        ..PLAIN
    },
    Target {
        name: "differential",
        says: "The unbuffered interface against the buffered one.",
        kind: Kind::Differential,
        ..PLAIN
    },
    Target {
        name: "raw_bytes",
        says: "Bytes that no peer generated, at any point during or after the handshake.",
        kind: Kind::Raw,
        ..PLAIN
    },
    Target {
        name: "real_aead",
        says: "A hostile peer as above, but records are protected by AES-128-GCM and SHA-256.",
        suite: Some(Suite::Aes128Gcm),
        ..PLAIN
    },
    Target {
        name: "wire_codec",
        says: "The project's own parsers of records, messages and scripts.",
        kind: Kind::Codec,
        ..PLAIN
    },
];

impl Target {
    /// The target of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        TARGETS.iter().find(|target| target.name == name)
    }

    /// Whether cuts and habits apply to the handshake of such an instance too.
    pub(crate) fn is_live(&self, axes: &Axes) -> bool {
        match self.kind {
            Kind::Handshake => true,
            Kind::Differential => axes.habit != PLAIN_HABIT,
            _ => false,
        }
    }

    /// The number of the cipher suite in this version.
    pub(crate) fn suite(&self, version: Version) -> u16 {
        match (self.suite, version) {
            (Some(suite), version) => suite.number(version),
            (None, Version::Tls13) => toycrypto::numbers::SUITE_13,
            (None, Version::Tls12) => toycrypto::numbers::SUITE_12,
        }
    }
}
