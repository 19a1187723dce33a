use std::fmt;

use protocol::{Capability, Role, Tls12Close, Version};

use crate::{Along, Connection, Edition, Kinds, Member, Profile, Transcript};

/// What a specification, or an API's own documentation, asks for; and how to tell.
#[derive(Clone, Copy, Debug)]
pub struct Requirement {
    /// `family.name`, stable for ever.
    pub id: &'static str,
    /// Other ids under which it can be found, because another sentence asks for the same.
    pub aliases: &'static [&'static str],
    /// How much it binds.
    pub level: Level,
    /// Where it is written; none for the API's own contract.
    pub sections: &'static [Section],
    /// The roles that it binds.
    pub roles: &'static [Role],
    /// The versions of TLS that it binds.
    pub versions: &'static [Version],
    /// The profile of TLS 1.2 under which alone it applies to that version.
    pub tls12_close: Option<Tls12Close>,
    /// The edition of TLS 1.3 under which alone it applies to that version.
    pub edition: Option<Edition>,
    /// What the subject must be able to do for it to matter.
    pub needs: &'static [Capability],
    /// What it asks for, in one sentence.
    pub says: &'static str,
    /// What goes wrong for users where it is broken, in one sentence.
    pub why: &'static str,
    /// All that the rule can find.
    pub codes: &'static [Code],
    /// On which transcripts the rule may be asked.
    pub scope: Scope,
    /// The rule.
    pub rule: Rule,
}

/// The common parts of a requirement that binds both roles in both versions.
pub const EITHER: Requirement = Requirement {
    id: "",
    aliases: &[],
    level: Level::Definition,
    sections: &[],
    roles: &[Role::Client, Role::Server],
    versions: &[Version::Tls12, Version::Tls13],
    tls12_close: None,
    edition: None,
    needs: &[],
    says: "",
    why: "",
    codes: &[],
    scope: Scope::Exact,
    rule: Rule::Untestable(""),
};

impl Requirement {
    /// The part of the id before the dot.
    pub fn family(&self) -> &'static str {
        self.id
            .split_once('.')
            .map_or(self.id, |(family, _)| family)
    }

    /// The declaration of this code.
    pub fn code(&self, name: &str) -> Option<&'static Code> {
        self.codes.iter().find(|code| code.name == name)
    }

    /// Whether it has anything to say of this role and version under this profile.
    pub fn applies(&self, role: Role, version: Version, profile: Profile) -> bool {
        self.roles.contains(&role)
            && self.versions.contains(&version)
            && match version {
                Version::Tls12 => self.tls12_close.is_none_or(|it| it == profile.tls12_close),
                Version::Tls13 => self.edition.is_none_or(|it| it == profile.edition),
            }
    }

    /// Whether it has anything to say under this profile.
    pub fn is_in(&self, profile: Profile) -> bool {
        self.roles.iter().any(|role| {
            let mut versions = self.versions.iter();
            versions.any(|version| self.applies(*role, *version, profile))
        })
    }
}

/// How much a requirement binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// MUST or MUST NOT.
    Must,
    /// No RFC 2119 word, but true by definition.
    Definition,
    /// What the implementation's own documentation promises, or what any caller may rely on:
    /// nothing in an RFC, and still a defect where it is broken.
    Contract,
    /// SHOULD or SHOULD NOT.
    Should,
    /// MAY: a behaviour that is only reported.
    May,
    /// The specification is silent or at odds with itself: a behaviour that is only reported.
    Practice,
}

impl Level {
    /// The name used on the command line and in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Definition => "definition",
            Self::Contract => "contract",
            Self::Should => "should",
            Self::May => "may",
            Self::Practice => "practice",
        }
    }
}

/// A place in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// The document.
    pub document: Document,
    /// Its section number.
    pub number: &'static str,
}

/// A document that requirements come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// TLS 1.3.
    Rfc8446,
    /// The revision of RFC 8446.
    Bis,
    /// TLS 1.2.
    Rfc5246,
    /// AES-GCM in TLS 1.2.
    Rfc5288,
    /// Renegotiation indication.
    Rfc5746,
    /// The extension `record_size_limit`.
    Rfc8449,
}

/// A section of RFC 8446.
pub const fn rfc8446(number: &'static str) -> Section {
    Section {
        document: Document::Rfc8446,
        number,
    }
}

/// A section of the revision of RFC 8446.
pub const fn bis(number: &'static str) -> Section {
    Section {
        document: Document::Bis,
        number,
    }
}

/// A section of RFC 5246.
pub const fn rfc5246(number: &'static str) -> Section {
    Section {
        document: Document::Rfc5246,
        number,
    }
}

/// A section of RFC 5288.
pub const fn rfc5288(number: &'static str) -> Section {
    Section {
        document: Document::Rfc5288,
        number,
    }
}

/// A section of RFC 5746.
pub const fn rfc5746(number: &'static str) -> Section {
    Section {
        document: Document::Rfc5746,
        number,
    }
}

/// A section of RFC 8449.
pub const fn rfc8449(number: &'static str) -> Section {
    Section {
        document: Document::Rfc8449,
        number,
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let document = match self.document {
            Document::Rfc8446 => "RFC 8446",
            Document::Bis => "RFC 8446bis",
            Document::Rfc5246 => "RFC 5246",
            Document::Rfc5288 => "RFC 5288",
            Document::Rfc5746 => "RFC 5746",
            Document::Rfc8449 => "RFC 8449",
        };
        write!(f, "{document} {}", self.number)
    }
}

/// One thing that a rule can find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// A word in kebab-case.
    pub name: &'static str,
    /// What it is about.
    pub axis: Axis,
    /// How much it weighs.
    pub grade: Grade,
}

/// A code for breaking a MUST or a definition.
pub const fn deviates(name: &'static str, axis: Axis) -> Code {
    Code {
        name,
        axis,
        grade: Grade::Deviates,
    }
}

/// A code for doing what is allowed, but not recommended.
pub const fn varies(name: &'static str, axis: Axis) -> Code {
    Code {
        name,
        axis,
        grade: Grade::Variation,
    }
}

/// A code for a choice that is only reported.
pub const fn behaves(name: &'static str, axis: Axis) -> Code {
    Code {
        name,
        axis,
        grade: Grade::Behaviour,
    }
}

/// The side of closing that a code is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Axis {
    /// Whether all bytes arrived, and only those.
    Data,
    /// How the end was told to the application.
    EndSignal,
    /// Whether the own half was usable, or silent, as it should be.
    OwnHalf,
    /// What alert went out.
    Alert,
}

/// How much a code weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// A requirement is broken. Only this can fail a gate.
    Deviates,
    /// Allowed, but not what is recommended.
    Variation,
    /// A choice, noted.
    Behaviour,
}

/// On which transcripts a rule may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Up to the first record of which the peer makes no claim, and not under habits that the
    /// API's documentation forbids.
    Exact,
    /// Always: nothing that happened before excuses what this finds.
    Safety,
}

/// How to tell whether a requirement holds.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// Asked of each connection on which all of `trigger` occurred.
    One {
        /// The kinds of event without which the rule cannot be exercised.
        trigger: Kinds,
        /// The rule.
        check: fn(&Connection<'_>) -> Verdict,
    },
    /// Asked of the whole transcript, where connections depend on each other.
    Across {
        /// The kinds of event without which the rule cannot be exercised.
        trigger: Kinds,
        /// The rule.
        check: fn(&Transcript) -> Verdict,
    },
    /// Asked of the instances of one case, role, version and profile, two by two.
    Group {
        /// What may differ between the two.
        along: Along,
        /// The rule. The first member is the baseline.
        check: fn(&Member<'_>, &Member<'_>) -> GroupVerdict,
    },
    /// Nothing can be observed, and this is why.
    Untestable(&'static str),
}

/// What a rule says of a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// What it is about did not happen.
    NotExercised,
    /// It happened, and was as it should be.
    Held,
    /// It was not.
    Found {
        /// One of [`Requirement::codes`].
        code: &'static str,
        /// The position of the event that shows it.
        at: usize,
    },
}

impl Verdict {
    /// Something was found.
    pub fn found(code: &'static str, at: usize) -> Self {
        Self::Found { code, at }
    }

    /// Held unless something was found here.
    pub fn held_unless(code: &'static str, found: Option<usize>) -> Self {
        found.map_or(Self::Held, |at| Self::found(code, at))
    }

    /// The verdict on two parts: what is found first outweighs what holds.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Found { .. }, _) | (Self::Held, Self::NotExercised) => self,
            _ => other,
        }
    }
}

/// What a group rule says of a baseline and another member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupVerdict {
    /// They show nothing of what it is about.
    NotCompared,
    /// They agree.
    Held,
    /// They differ.
    Found {
        /// One of [`Requirement::codes`].
        code: &'static str,
    },
}
