use closure::{Cut, Profile, Suite};
use protocol::{Capability, Role, Version};

use crate::Script;

/// A named script and the requirements that it must exercise.
#[derive(Clone, Debug)]
pub struct Case {
    /// `area/behaviour`, stable for ever.
    pub name: &'static str,
    /// What happens and why it matters, in a sentence or two.
    pub says: &'static str,
    /// The roles in which the subject plays it.
    pub roles: &'static [Role],
    /// The versions it is played in.
    pub versions: &'static [Version],
    /// What the subject must be able to do for it to make sense.
    pub needs: &'static [Capability],
    /// The requirements that every baseline instance must exercise.
    pub exercises: &'static [&'static str],
    /// The cuts also apply to the handshake, because the case is about it.
    pub cut_handshake: bool,
    /// The cuts, where not all of them make sense, and why.
    pub cuts: Option<(&'static [Cut], &'static str)>,
    /// No habit but the plain one makes sense, and why.
    pub plain_only: Option<&'static str>,
    /// The habits under which alone it makes sense: a case about just these.
    pub habits: &'static [&'static str],
    /// The suites that are worth a try each, besides the one that both sides come to by themselves.
    pub suites: &'static [Suite],
    /// What happens.
    pub script: Script,
}

impl Case {
    /// Whether it makes sense under this profile.
    pub fn is_in(&self, profile: Profile) -> bool {
        self.script.settings.profile(profile) == profile
    }

    /// The part of the name before the slash.
    pub fn area(&self) -> &'static str {
        self.name
            .split_once('/')
            .map_or(self.name, |(area, _)| area)
    }
}
