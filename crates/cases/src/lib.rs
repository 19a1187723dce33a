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
/// Both TLS versions.
pub const EITHER: &[Version] = &[Version::Tls12, Version::Tls13];
/// TLS 1.2 only.
pub const TLS12: &[Version] = &[Version::Tls12];
/// TLS 1.3 only.
pub const TLS13: &[Version] = &[Version::Tls13];

/// The families, in display order.
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

/// Returns all cases, family by family.
pub fn all() -> &'static [Case] {
    static ALL: OnceLock<Vec<Case>> = OnceLock::new();
    ALL.get_or_init(|| FAMILIES.iter().flat_map(|family| family()).collect())
}

/// Returns the case with this name.
pub fn find(name: &str) -> Option<&'static Case> {
    all().iter().find(|case| case.name == name)
}

/// Creates a case for both roles and both versions. [`Refine`] narrows it.
///
/// # Panics
///
/// Panics in debug builds if `script` does not parse. Scripts are part of the program, and a test
/// parses them all.
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

/// The reason why cases with writes to a blocked transport are played only under the plain habit.
const BLOCKED: &str =
    "each interface decides whether it accepts a write while the transport is blocked";

/// The reason why floods are played only with one cut and under the plain habit.
const HOW_MANY: &str = "only the tolerated number matters, not the cuts or the calling pattern";

/// Returns a script that repeats `again` more often than any known receiver tolerates.
fn many(first: &str, again: &str) -> String {
    /// One more than the number that counts as unlimited.
    const MANY: usize = 66;
    format!("{first}\n{}", format!("{again}\n").repeat(MANY))
}

/// Narrows a [`Case`].
pub trait Refine: Sized {
    /// Restricts the case to these roles.
    fn roles(self, roles: &'static [Role]) -> Self;
    /// Restricts the case to these versions.
    fn versions(self, versions: &'static [Version]) -> Self;
    /// Restricts the case to subjects with these capabilities.
    fn needs(self, needs: &'static [Capability]) -> Self;
    /// Applies cuts and habits to the handshake too.
    fn cut_handshake(self) -> Self;
    /// Restricts the case to these cuts, for a reason.
    fn cuts(self, cuts: &'static [Cut], why: &'static str) -> Self;
    /// Restricts the case to the plain habit, for a reason.
    fn plain_only(self, why: &'static str) -> Self;
    /// Restricts the case to these habits.
    fn habits(self, habits: &'static [&'static str]) -> Self;
    /// Plays the case with each cipher suite, because record protection matters.
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
