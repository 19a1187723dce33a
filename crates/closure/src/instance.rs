use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use protocol::{PLAIN_HABIT, Role, Version};

/// What varies between the instances of one case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Axes {
    /// The subject's role.
    pub role: Role,
    /// The version of TLS.
    pub version: Version,
    /// How the peer's bytes are cut.
    pub cut: Cut,
    /// How the application calls the implementation.
    pub habit: Cow<'static, str>,
    /// How the subject was built.
    pub build: Build,
}

/// How the peer's bytes are cut on their way to the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cut {
    /// All that the script sends at once, in one piece.
    Whole,
    /// A piece for each record.
    PerRecord,
    /// A piece for each byte; the middle of a long record is one piece.
    Bytewise,
    /// At random places within records, chosen by this number and the run's seed.
    Random(u8),
}

/// How a subject was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Build {
    /// Without debug assertions.
    Plain,
    /// With debug assertions.
    Assertions,
}

impl Axes {
    /// The baseline of this role, version and build: whole and plain.
    pub fn baseline(role: Role, version: Version, build: Build) -> Self {
        Self {
            role,
            version,
            cut: Cut::Whole,
            habit: PLAIN_HABIT.into(),
            build,
        }
    }

    /// Whether nothing but role, version and build is chosen.
    pub fn is_baseline(&self) -> bool {
        self.cut == Cut::Whole && self.habit == PLAIN_HABIT
    }
}

/// `server,1.3,bytewise,plain`; the build is added only where assertions are on.
impl fmt::Display for Axes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{},{},{},{}",
            role_name(self.role),
            version_name(self.version),
            self.cut,
            self.habit
        )?;
        match self.build {
            Build::Plain => Ok(()),
            Build::Assertions => f.write_str(",assertions"),
        }
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("whole"),
            Self::PerRecord => f.write_str("per-record"),
            Self::Bytewise => f.write_str("bytewise"),
            Self::Random(n) => write!(f, "random-{n}"),
        }
    }
}

impl FromStr for Cut {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "whole" => Ok(Self::Whole),
            "per-record" => Ok(Self::PerRecord),
            "bytewise" => Ok(Self::Bytewise),
            _ => text
                .strip_prefix("random-")
                .and_then(|n| n.parse().ok())
                .map(Self::Random)
                .ok_or_else(|| {
                    format!("no cut is called '{text}': whole, per-record, bytewise, random-N")
                }),
        }
    }
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "plain",
            Self::Assertions => "assertions",
        })
    }
}

/// `client` or `server`.
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Client => "client",
        Role::Server => "server",
    }
}

/// `1.2` or `1.3`.
pub fn version_name(version: Version) -> &'static str {
    match version {
        Version::Tls12 => "1.2",
        Version::Tls13 => "1.3",
    }
}
