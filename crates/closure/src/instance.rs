use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use protocol::{PLAIN_HABIT, Role, Tls12Close, Version};
use serde::Deserialize;

/// The axes that vary between the instances of one case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Axes {
    /// The subject's role.
    pub role: Role,
    /// The TLS version.
    pub version: Version,
    /// The segmentation of the peer's bytes.
    pub cut: Cut,
    /// The application's calling pattern.
    pub habit: Cow<'static, str>,
    /// The cipher suite; `None` leaves it to the script and to negotiation.
    pub suite: Option<Suite>,
    /// How the subject was built.
    pub build: Build,
}

/// How the peer's bytes are segmented on their way to the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cut {
    /// Everything that the script sends at once arrives in one segment.
    Whole,
    /// One segment for each record.
    PerRecord,
    /// One segment for each byte, except that the middle of a long record is one segment.
    Bytewise,
    /// Cuts at random places within records, chosen by this number and the run's seed.
    Random(u8),
}

/// A cipher suite, named by its record protection. The TLS 1.2 suites use ECDHE and ECDSA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suite {
    /// AES-128-GCM. In TLS 1.2 each record carries an explicit nonce (RFC 5288 3).
    Aes128Gcm,
    /// AES-256-GCM.
    Aes256Gcm,
    /// ChaCha20-Poly1305. Records carry no explicit nonce (RFC 7905 2), and the limit on records
    /// per key is out of reach.
    Chacha20Poly1305,
}

/// The choices for a run where the RFCs leave a question open or differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Profile {
    /// The effect of the peer's `close_notify` on the local write half in TLS 1.2.
    pub tls12_close: Tls12Close,
    /// The edition of TLS 1.3.
    pub edition: Edition,
}

/// One of the choices that make up a [`Profile`], as named on the command line.
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

/// The edition of TLS 1.3 that applies where the two differ.
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
    /// The baseline of this role, version and build: the whole cut and the plain habit.
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

    /// Whether cut, habit and suite are those of the baseline.
    pub fn is_baseline(&self) -> bool {
        self.cut == Cut::Whole && self.habit == PLAIN_HABIT && self.suite.is_none()
    }
}

impl Suite {
    /// All suites.
    pub const ALL: [Self; 3] = [Self::Aes128Gcm, Self::Aes256Gcm, Self::Chacha20Poly1305];

    /// The suite's IANA number in this version.
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
    /// All choices. The first of each pair is the default.
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

    /// The version of TLS that it affects.
    pub fn version(self) -> Version {
        match self {
            Self::HalfClose | Self::FullClose => Version::Tls12,
            Self::Rfc8446 | Self::Rfc8446bis => Version::Tls13,
        }
    }
}

impl Profile {
    /// Parses the output of [`Display`](fmt::Display).
    ///
    /// # Errors
    ///
    /// Returns an error if a name is not that of a choice.
    pub fn parse(names: &str) -> Result<Self, String> {
        let mut profile = Self::default();
        names.split(',').try_for_each(|name| profile.choose(name))?;
        Ok(profile)
    }

    /// The choice that affects this version of TLS.
    pub fn of(self, version: Version) -> Choice {
        match (version, self.tls12_close, self.edition) {
            (Version::Tls12, Tls12Close::Half, _) => Choice::HalfClose,
            (Version::Tls12, Tls12Close::Full, _) => Choice::FullClose,
            (Version::Tls13, _, Edition::Rfc8446) => Choice::Rfc8446,
            (Version::Tls13, _, Edition::Bis) => Choice::Rfc8446bis,
        }
    }

    /// Makes the choice with this name.
    ///
    /// # Errors
    ///
    /// Returns an error that lists all choices if there is no such choice.
    pub fn choose(&mut self, name: &str) -> Result<(), String> {
        match Choice::ALL.into_iter().find(|it| it.name() == name) {
            Some(Choice::HalfClose) => self.tls12_close = Tls12Close::Half,
            Some(Choice::FullClose) => self.tls12_close = Tls12Close::Full,
            Some(Choice::Rfc8446) => self.edition = Edition::Rfc8446,
            Some(Choice::Rfc8446bis) => self.edition = Edition::Bis,
            None => {
                return Err(format!(
                    "no profile is called '{name}'; expected one of {}",
                    Choice::ALL.map(Choice::name).join(", ")
                ));
            }
        }
        Ok(())
    }
}

/// Formats the profile as `half-close,rfc8446`.
impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [close, edition] =
            [Version::Tls12, Version::Tls13].map(|version| self.of(version).name());
        write!(f, "{close},{edition}")
    }
}

/// Formats the axes as `server,1.3,bytewise,plain`. The suite is added only if it is chosen, and
/// the build only if debug assertions are on.
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

/// Parses `client` or `server`.
///
/// # Errors
///
/// Returns an error if the text is neither.
pub fn parse_role(text: &str) -> Result<Role, String> {
    match text {
        "client" => Ok(Role::Client),
        "server" => Ok(Role::Server),
        _ => Err(format!("no role is called '{text}': client, server")),
    }
}

/// Parses `1.2` or `1.3`.
///
/// # Errors
///
/// Returns an error if the text is neither.
pub fn parse_version(text: &str) -> Result<Version, String> {
    match text {
        "1.2" => Ok(Version::Tls12),
        "1.3" => Ok(Version::Tls13),
        _ => Err(format!("no version is called '{text}': 1.2, 1.3")),
    }
}

/// The id of an instance: `case@role,version,cut,habit[,suite][,assertions]`.
pub fn id(case: &str, axes: &Axes) -> String {
    format!("{case}@{axes}")
}

/// Parses the output of [`id`].
///
/// # Errors
///
/// Returns an error that names the invalid part and the values allowed there.
pub fn parse_id(text: &str) -> Result<(&str, Axes), String> {
    let (case, axes) = text
        .split_once('@')
        .ok_or_else(|| format!("'{text}' lacks its '@': case@role,version,cut,habit"))?;
    Ok((case, axes.parse()?))
}
