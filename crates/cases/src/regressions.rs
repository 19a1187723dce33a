//! Generated scripts in `corpus/regressions`, kept because they broke a requirement.

use closure::{Axes, Cut};
use protocol::{PLAIN_HABIT, Role, Version};
use scenario::{Case, Specimen};

use super::{BOTH, CLIENT, EITHER, SERVER, TLS12, TLS13};

/// The names and texts of the scripts.
const TEXTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/regressions.rs"));

/// The area of these cases.
pub const AREA: &str = "regression";

pub(super) fn cases() -> Vec<Case> {
    TEXTS
        .iter()
        .filter_map(|(name, text)| match Specimen::parse(text) {
            Ok(specimen) => Some(case(name, specimen)),
            Err(problem) => {
                debug_assert!(false, "corpus/regressions/{name}.script: {problem}");
                None
            }
        })
        .collect()
}

/// Returns the names and texts, for a test that parses them all.
pub fn texts() -> impl Iterator<Item = (&'static str, &'static str)> {
    TEXTS.iter().copied()
}

/// Returns the case for a specimen. It is played with all cuts if it was found uncut, and under all
/// habits if it was found under the plain one.
fn case(name: &str, specimen: Specimen) -> Case {
    let axes = specimen.instance.map(|(_, axes)| axes);
    let breaks = specimen.breaks.map(|(requirement, _)| keep(requirement));
    Case {
        name: keep(format!("{AREA}/{name}")),
        says: keep(specimen.says),
        roles: match axes.as_ref().map(|axes| axes.role) {
            None => BOTH,
            Some(Role::Client) => CLIENT,
            Some(Role::Server) => SERVER,
        },
        versions: match axes.as_ref().map(|axes| axes.version) {
            None => EITHER,
            Some(Version::Tls12) => TLS12,
            Some(Version::Tls13) => TLS13,
        },
        needs: &[],
        exercises: Box::leak(breaks.into_iter().collect::<Box<[_]>>()),
        cut_handshake: specimen.cut_handshake,
        cuts: axes.as_ref().and_then(only_cut),
        plain_only: None,
        suites: &[],
        habits: match axes.map(|axes| axes.habit) {
            Some(habit) if habit != PLAIN_HABIT => Box::leak(Box::new([keep(habit.into_owned())])),
            _ => &[],
        },
        script: specimen.script,
    }
}

/// Returns the cut if it is not the whole. The failure may depend on it.
fn only_cut(axes: &Axes) -> Option<(&'static [Cut], &'static str)> {
    match axes.cut {
        Cut::Whole => None,
        cut => Some((
            Box::leak(Box::new([cut])),
            "the cut with which the regression was found",
        )),
    }
}

/// Leaks `text`. Regressions live as long as the program, as all cases do.
fn keep(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}
