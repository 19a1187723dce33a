use std::fmt;

use protocol::{Capability, Role, Tls12Close, Version};

use crate::rule::{Excuse, Rule};
use crate::{Edition, Profile};

/// A demand of a specification or of an API's contract, with the rule that checks it.
#[derive(Clone, Copy, Debug)]
pub struct Requirement {
    /// `family.name`. Never changes.
    pub id: &'static str,
    /// Other ids under which it can be found, because another demand has the same rule.
    pub aliases: &'static [&'static str],
    /// How binding it is.
    pub level: Level,
    /// The sections that it comes from; empty for an API's own contract.
    pub sections: &'static [Section],
    /// The roles that it applies to.
    pub roles: &'static [Role],
    /// The versions of TLS that it applies to.
    pub versions: &'static [Version],
    /// If set, it applies to TLS 1.2 only under this profile.
    pub tls12_close: Option<Tls12Close>,
    /// If set, it applies to TLS 1.3 only under this edition.
    pub edition: Option<Edition>,
    /// The capabilities that the subject needs for it to apply.
    pub needs: &'static [Capability],
    /// The requirement on the implementation, in the present tense.
    pub says: &'static str,
    /// The consequence for users if it is broken.
    pub why: &'static str,
    /// All codes that the rule can find.
    pub codes: &'static [Code],
    /// The transcripts that the rule may check.
    pub scope: Scope,
    /// The rule.
    pub rule: Rule,
}

/// The common fields of a requirement that applies to both roles and both versions.
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

    /// The code with this name.
    pub fn code(&self, name: &str) -> Option<&'static Code> {
        self.codes.iter().find(|code| code.name == name)
    }

    /// Whether it applies to this role and version under this profile.
    pub fn applies(&self, role: Role, version: Version, profile: Profile) -> bool {
        self.roles.contains(&role)
            && self.versions.contains(&version)
            && match version {
                Version::Tls12 => self.tls12_close.is_none_or(|it| it == profile.tls12_close),
                Version::Tls13 => self.edition.is_none_or(|it| it == profile.edition),
            }
    }

    /// Whether it applies to any role and version under this profile.
    pub fn is_in(&self, profile: Profile) -> bool {
        self.roles.iter().any(|role| {
            let mut versions = self.versions.iter();
            versions.any(|version| self.applies(*role, *version, profile))
        })
    }
}

/// How binding a requirement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// MUST or MUST NOT.
    Must,
    /// Follows from a definition, without an RFC 2119 keyword.
    Definition,
    /// A promise of the implementation's own documentation, or something that any caller may rely
    /// on. No RFC requires it, but breaking it is a defect.
    Contract,
    /// SHOULD or SHOULD NOT.
    Should,
    /// MAY: a behaviour that is only reported.
    May,
    /// The specification is silent or contradicts itself: a behaviour that is only reported.
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

/// A section of a document.
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
    /// Its name, in kebab-case.
    pub name: &'static str,
    /// The side of closing that it concerns.
    pub axis: Axis,
    /// Its severity.
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

/// A code for behaviour that is allowed but not recommended.
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

/// The side of closing that a code concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Axis {
    /// Whether exactly the bytes sent were delivered.
    Data,
    /// How the API reported the end to the application.
    EndSignal,
    /// Whether the subject's write half was usable, or silent, as required.
    OwnHalf,
    /// Which alert was sent.
    Alert,
}

/// The severity of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// The requirement is broken. Only this grade can fail a gate.
    Deviates,
    /// Allowed, but not recommended.
    Variation,
    /// A choice that is only reported.
    Behaviour,
}

/// The transcripts that a rule may check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything up to the first record of unknown meaning. Habits that the API's documentation
    /// forbids are excluded.
    Exact,
    /// All of every transcript: no earlier event excuses what the rule finds.
    Safety,
}

/// The result of a rule on a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The situation that the rule is about does not occur.
    NotExercised,
    /// The situation occurs, and this excuses the subject.
    Excused(Excuse),
    /// The rule was exercised, and the requirement holds.
    Held,
    /// The rule was exercised, and found something.
    Found {
        /// One of [`Requirement::codes`].
        code: &'static str,
        /// The position of the event that shows it.
        at: usize,
    },
}

impl Verdict {
    /// Creates a [`Verdict::Found`].
    pub fn found(code: &'static str, at: usize) -> Self {
        Self::Found { code, at }
    }

    /// [`Verdict::Found`] at this position, or [`Verdict::Held`] if there is none.
    pub fn held_unless(code: &'static str, found: Option<usize>) -> Self {
        found.map_or(Self::Held, |at| Self::found(code, at))
    }

    /// Combines the verdicts on two parts. The first finding outweighs everything, `Held` outweighs
    /// an excuse, and the first excuse outweighs `NotExercised`.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Found { .. }, _)
            | (Self::Held, Self::Excused(_) | Self::NotExercised)
            | (Self::Excused(_), Self::Excused(_) | Self::NotExercised) => self,
            _ => other,
        }
    }
}

/// The result of a group rule on a baseline and another member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupVerdict {
    /// The two do not exercise the rule.
    NotCompared,
    /// The two agree.
    Held,
    /// The two differ.
    Found {
        /// One of [`Requirement::codes`].
        code: &'static str,
    },
}
