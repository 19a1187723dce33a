use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use protocol::{PLAIN_HABIT, Role, Tls12Close, Version};
use serde::Deserialize;

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
    /// The cipher suite, where it is not left to the script and the two sides.
    pub suite: Option<Suite>,
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

/// A cipher suite, by what protects its records. In TLS 1.2 these are the ones with ECDHE and ECDSA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suite {
    /// AES-128-GCM: in TLS 1.2 part of its nonce travels with each record (RFC 5288 3).
    Aes128Gcm,
    /// AES-256-GCM.
    Aes256Gcm,
    /// ChaCha20-Poly1305: no part of the nonce travels (RFC 7905 2), and no limit on records is
    /// within reach.
    Chacha20Poly1305,
}

/// Choices that the RFCs leave open, or on which they differ, made once for a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Profile {
    /// What the peer's `close_notify` means for the own half in TLS 1.2.
    pub tls12_close: Tls12Close,
    /// Which text of TLS 1.3 counts.
    pub edition: Edition,
}

/// One of the answers that make up a [`Profile`], by the name that the command line has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// [`Tls12Close::Half`].
    HalfClose,
    /// [`Tls12Close::Full`].
    FullClose,
    /// [`Edition::Rfc8446`].
    Rfc8446,
    /// [`Edition::Bis`].
    Rfc8446bis,
}

/// Which text of TLS 1.3 counts, where they differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Edition {
    /// RFC 8446.
    #[default]
    Rfc8446,
    /// Its revision, RFC 9846 (rfc8446bis).
    Bis,
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
            suite: None,
            build,
        }
    }

    /// Whether nothing but role, version and build is chosen.
    pub fn is_baseline(&self) -> bool {
        self.cut == Cut::Whole && self.habit == PLAIN_HABIT && self.suite.is_none()
    }
}

impl Suite {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Aes128Gcm, Self::Aes256Gcm, Self::Chacha20Poly1305];

    /// Its IANA number in this version.
    pub fn number(self, version: Version) -> u16 {
        match (version, self) {
            (Version::Tls13, Self::Aes128Gcm) => 0x1301,
            (Version::Tls13, Self::Aes256Gcm) => 0x1302,
            (Version::Tls13, Self::Chacha20Poly1305) => 0x1303,
            (Version::Tls12, Self::Aes128Gcm) => 0xc02b,
            (Version::Tls12, Self::Aes256Gcm) => 0xc02c,
            (Version::Tls12, Self::Chacha20Poly1305) => 0xcca9,
        }
    }
}

impl Choice {
    /// All of them. The first of each two is the default.
    pub const ALL: [Self; 4] = [
        Self::HalfClose,
        Self::FullClose,
        Self::Rfc8446,
        Self::Rfc8446bis,
    ];

    /// The name used on the command line, in results and in expectations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HalfClose => "half-close",
            Self::FullClose => "full-close",
            Self::Rfc8446 => "rfc8446",
            Self::Rfc8446bis => "rfc8446bis",
        }
    }

    /// The version of TLS for which it makes a difference.
    pub fn version(self) -> Version {
        match self {
            Self::HalfClose | Self::FullClose => Version::Tls12,
            Self::Rfc8446 | Self::Rfc8446bis => Version::Tls13,
        }
    }
}

impl Profile {
    /// Reads what [`Display`](fmt::Display) writes.
    ///
    /// # Errors
    ///
    /// If one of the names is that of no choice.
    pub fn parse(names: &str) -> Result<Self, String> {
        let mut profile = Self::default();
        names.split(',').try_for_each(|name| profile.choose(name))?;
        Ok(profile)
    }

    /// The answer that makes a difference for this version of TLS.
    pub fn of(self, version: Version) -> Choice {
        match (version, self.tls12_close, self.edition) {
            (Version::Tls12, Tls12Close::Half, _) => Choice::HalfClose,
            (Version::Tls12, Tls12Close::Full, _) => Choice::FullClose,
            (Version::Tls13, _, Edition::Rfc8446) => Choice::Rfc8446,
            (Version::Tls13, _, Edition::Bis) => Choice::Rfc8446bis,
        }
    }

    /// Makes the choice of this name.
    ///
    /// # Errors
    ///
    /// If there is no such choice; names them all.
    pub fn choose(&mut self, name: &str) -> Result<(), String> {
        match Choice::ALL.into_iter().find(|it| it.name() == name) {
            Some(Choice::HalfClose) => self.tls12_close = Tls12Close::Half,
            Some(Choice::FullClose) => self.tls12_close = Tls12Close::Full,
            Some(Choice::Rfc8446) => self.edition = Edition::Rfc8446,
            Some(Choice::Rfc8446bis) => self.edition = Edition::Bis,
            None => {
                return Err(format!(
                    "one of {}",
                    Choice::ALL.map(Choice::name).join(", ")
                ));
            }
        }
        Ok(())
    }
}

/// `half-close,rfc8446`.
impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [close, edition] =
            [Version::Tls12, Version::Tls13].map(|version| self.of(version).name());
        write!(f, "{close},{edition}")
    }
}

/// `server,1.3,bytewise,plain`; the suite is added only where it is chosen, and the build only where
/// assertions are on.
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
        if let Some(suite) = self.suite {
            write!(f, ",{suite}")?;
        }
        match self.build {
            Build::Plain => Ok(()),
            Build::Assertions => f.write_str(",assertions"),
        }
    }
}

impl FromStr for Axes {
    type Err = String;

    fn from_str(axes: &str) -> Result<Self, String> {
        let parts: Vec<&str> = axes.split(',').collect();
        let (plain, build) = match &parts[..] {
            [plain @ .., "assertions"] => (plain, Build::Assertions),
            plain => (plain, Build::Plain),
        };
        let (plain, suite) = match plain {
            [plain @ .., suite] if plain.len() == 4 => (plain, Some(suite.parse()?)),
            plain => (plain, None),
        };
        let &[role, version, cut, habit] = plain else {
            return Err(format!("'{axes}' is not role,version,cut,habit"));
        };
        Ok(Self {
            role: parse_role(role)?,
            version: parse_version(version)?,
            cut: cut.parse()?,
            habit: Cow::Owned(habit.to_owned()),
            suite,
            build,
        })
    }
}

impl FromStr for Suite {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL
            .into_iter()
            .find(|suite| suite.to_string() == text);
        found.ok_or_else(|| {
            let names = Self::ALL.map(|suite| suite.to_string());
            format!("no suite is called '{text}': {}", names.join(", "))
        })
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aes128Gcm => "aes-128-gcm",
            Self::Aes256Gcm => "aes-256-gcm",
            Self::Chacha20Poly1305 => "chacha20-poly1305",
        })
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

/// Reads `client` or `server`.
///
/// # Errors
///
/// If it is neither.
pub fn parse_role(text: &str) -> Result<Role, String> {
    match text {
        "client" => Ok(Role::Client),
        "server" => Ok(Role::Server),
        _ => Err(format!("no role is called '{text}': client, server")),
    }
}

/// Reads `1.2` or `1.3`.
///
/// # Errors
///
/// If it is neither.
pub fn parse_version(text: &str) -> Result<Version, String> {
    match text {
        "1.2" => Ok(Version::Tls12),
        "1.3" => Ok(Version::Tls13),
        _ => Err(format!("no version is called '{text}': 1.2, 1.3")),
    }
}

/// An instance by name: `case@role,version,cut,habit[,suite][,assertions]`.
pub fn id(case: &str, axes: &Axes) -> String {
    format!("{case}@{axes}")
}

/// Reads what [`id`] writes.
///
/// # Errors
///
/// Says which part is wrong and what could stand there.
pub fn parse_id(text: &str) -> Result<(&str, Axes), String> {
    let (case, axes) = text
        .split_once('@')
        .ok_or_else(|| format!("'{text}' lacks its '@': case@role,version,cut,habit"))?;
    Ok((case, axes.parse()?))
}
