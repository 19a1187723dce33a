use closure::{Cut, Profile, Suite};
use protocol::{Capability, Role, Version};

use crate::Script;

/// A named script and the requirements that it must exercise.
#[derive(Clone, Debug)]
pub struct Case {
    /// The name, `area/behaviour`. It never changes.
    pub name: &'static str,
    /// A description of what happens and why it matters, in a sentence or two.
    pub says: &'static str,
    /// The roles in which a subject plays the case.
    pub roles: &'static [Role],
    /// The TLS versions in which the case is played.
    pub versions: &'static [Version],
    /// The capabilities that the case requires.
    pub needs: &'static [Capability],
    /// The requirements that every baseline instance must exercise.
    pub exercises: &'static [&'static str],
    /// Whether cuts also apply to the handshake, because the case is about it.
    pub cut_handshake: bool,
    /// The cuts that apply and the reason, if not all cuts apply.
    pub cuts: Option<(&'static [Cut], &'static str)>,
    /// The reason why only the plain habit applies, if so.
    pub plain_only: Option<&'static str>,
    /// The habits that the case is about. It applies only under these, unless empty.
    pub habits: &'static [&'static str],
    /// The cipher suites to try in addition to the one that is negotiated by default.
    pub suites: &'static [Suite],
    /// The script.
    pub script: Script,
}

impl Case {
    /// Returns whether the case applies under this profile.
    pub fn is_in(&self, profile: Profile) -> bool {
        self.script.settings.profile(profile) == profile
    }

    /// Returns the part of the name before the slash.
    pub fn area(&self) -> &'static str {
        self.name
            .split_once('/')
            .map_or(self.name, |(area, _)| area)
    }
}
