//! The cases: named scripts, a file for each family, and the [instances] in which each is played.

mod alerts;
mod api;
mod cancel;
mod close_rx;
mod close_tx;
mod conn;
mod early;
mod eof;
mod fatal;
mod frame;
mod half_close;
mod hs;
pub mod instances;
mod key_update;
mod limits;
mod post_handshake;
mod record;
pub mod regressions;
mod resume;
mod t12;

use std::sync::OnceLock;

use closure::{Cut, Suite};
use protocol::{Capability, Role, Version};
use scenario::{Case, Script};

/// Both roles.
pub const BOTH: &[Role] = &[Role::Client, Role::Server];
/// The subject is the client.
pub const CLIENT: &[Role] = &[Role::Client];
/// The subject is the server.
pub const SERVER: &[Role] = &[Role::Server];
/// Both versions of TLS.
pub const EITHER: &[Version] = &[Version::Tls12, Version::Tls13];
/// TLS 1.2 only.
pub const TLS12: &[Version] = &[Version::Tls12];
/// TLS 1.3 only.
pub const TLS13: &[Version] = &[Version::Tls13];

/// The families, in the order in which they are shown.
const FAMILIES: &[fn() -> Vec<Case>] = &[
    half_close::cases,
    close_tx::cases,
    close_rx::cases,
    eof::cases,
    alerts::cases,
    frame::cases,
    fatal::cases,
    cancel::cases,
    record::cases,
    key_update::cases,
    post_handshake::cases,
    limits::cases,
    early::cases,
    hs::cases,
    t12::cases,
    resume::cases,
    api::cases,
    conn::cases,
    regressions::cases,
];

/// All cases, family by family.
pub fn all() -> &'static [Case] {
    static ALL: OnceLock<Vec<Case>> = OnceLock::new();
    ALL.get_or_init(|| FAMILIES.iter().flat_map(|family| family()).collect())
}

/// The case of this name.
pub fn find(name: &str) -> Option<&'static Case> {
    all().iter().find(|case| case.name == name)
}

/// A case for both roles and both versions, to be narrowed with [`Refine`].
///
/// # Panics
///
/// If `script` is not a script. Scripts are part of the program, and a test parses them all.
pub fn case(
    name: &'static str,
    says: &'static str,
    exercises: &'static [&'static str],
    script: &str,
) -> Case {
    let script = match Script::parse(script) {
        Ok(script) => script,
        Err(error) => {
            debug_assert!(false, "the script of {name}: {error}");
            Script::default()
        }
    };
    Case {
        name,
        says,
        roles: BOTH,
        versions: EITHER,
        needs: &[],
        exercises,
        cut_handshake: false,
        cuts: None,
        plain_only: None,
        habits: &[],
        suites: &[],
        script,
    }
}

/// Why writes to a blocked transport are made in one way only.
const BLOCKED: &str =
    "whether a write is taken while the transport is blocked is for each interface to say";

/// Why a flood is played in one way only.
const HOW_MANY: &str = "how many are borne is asked, not how they are cut or the API is called";

/// A script in which the same happens more often than any receiver is known to bear.
fn many(first: &str, again: &str) -> String {
    /// One more than what counts as no limit at all.
    const MANY: usize = 66;
    format!("{first}\n{}", format!("{again}\n").repeat(MANY))
}

/// Narrows a [`Case`].
pub trait Refine: Sized {
    /// Only in these roles.
    fn roles(self, roles: &'static [Role]) -> Self;
    /// Only in these versions.
    fn versions(self, versions: &'static [Version]) -> Self;
    /// Only for subjects that can do this.
    fn needs(self, needs: &'static [Capability]) -> Self;
    /// Cuts and habits apply to the handshake too.
    fn cut_handshake(self) -> Self;
    /// Only under these cuts, and why.
    fn cuts(self, cuts: &'static [Cut], why: &'static str) -> Self;
    /// Only under the plain habit, and why.
    fn plain_only(self, why: &'static str) -> Self;
    /// Only under these habits.
    fn habits(self, habits: &'static [&'static str]) -> Self;
    /// With each suite, because it matters what protects the records.
    fn each_suite(self) -> Self;
}

impl Refine for Case {
    fn roles(self, roles: &'static [Role]) -> Self {
        Self { roles, ..self }
    }

    fn versions(self, versions: &'static [Version]) -> Self {
        Self { versions, ..self }
    }

    fn needs(self, needs: &'static [Capability]) -> Self {
        Self { needs, ..self }
    }

    fn cut_handshake(self) -> Self {
        Self {
            cut_handshake: true,
            ..self
        }
    }

    fn cuts(self, cuts: &'static [Cut], why: &'static str) -> Self {
        Self {
            cuts: Some((cuts, why)),
            ..self
        }
    }

    fn plain_only(self, why: &'static str) -> Self {
        Self {
            plain_only: Some(why),
            ..self
        }
    }

    fn habits(self, habits: &'static [&'static str]) -> Self {
        Self { habits, ..self }
    }

    fn each_suite(self) -> Self {
        Self {
            suites: &Suite::ALL,
            ..self
        }
    }
}
