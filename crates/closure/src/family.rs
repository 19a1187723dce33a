//! The families of requirements, and their titles.

/// A family of requirements: those whose ids begin with the same word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    /// The part of the ids before the dot.
    pub name: &'static str,
    /// The subject of the family, in a few words.
    pub title: &'static str,
}

/// All families, in the order in which they are shown.
pub const FAMILIES: &[Family] = &[
    family("close-tx", "sending close_notify"),
    family("close-rx", "receiving close_notify"),
    family("eof", "end of the transport"),
    family("alert-rx", "receiving error alerts"),
    family("frame", "alert framing"),
    family("fatal-tx", "failing, and the alert sent"),
    family("cancel", "user_canceled"),
    family("rec", "record layer"),
    family("ku", "key updates"),
    family("ph", "post-handshake messages"),
    family("early", "early data (0-RTT)"),
    family("hs", "closing during the handshake"),
    family("t12", "TLS 1.2 only"),
    family("resume", "session resumption"),
    family("api", "contract of the API"),
    family("conn", "any connection"),
];

const fn family(name: &'static str, title: &'static str) -> Family {
    Family { name, title }
}

impl Family {
    /// The family of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        FAMILIES.iter().find(|family| family.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirements;

    #[test]
    fn every_family_has_a_title_and_they_are_in_order() {
        let mut of_requirements: Vec<&str> = Vec::new();
        for requirement in requirements::all() {
            if !of_requirements.contains(&requirement.family()) {
                of_requirements.push(requirement.family());
            }
        }
        let titled: Vec<&str> = FAMILIES.iter().map(|family| family.name).collect();
        assert_eq!(of_requirements, titled);
        for family in FAMILIES {
            assert!(!family.title.is_empty(), "{}", family.name);
        }
    }
}
