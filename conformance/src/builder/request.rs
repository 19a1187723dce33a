use std::fmt;
use std::path::{Path, PathBuf};

use rustls_subject::versions::OLDEST;

use crate::exit::{Exit, Failure};

/// A source of rustls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A release, from the registry.
    Release(Release),
    /// A working tree: the directory of the package `rustls`, without symbolic links.
    Tree(PathBuf),
    /// A revision of a git repository.
    Git {
        /// The repository.
        url: String,
        /// A commit or tag.
        revision: String,
    },
}

/// A release of rustls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release(pub (u32, u32, u32));

/// The builds that `--assertions` requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Assertions {
    /// With debug assertions and overflow checks.
    On,
    /// Without both.
    Off,
    /// One build of each kind.
    Both,
}

impl Source {
    /// Reads a release (`0.23.22`), the path of a rustls working tree, or `URL#REVISION`.
    ///
    /// # Errors
    ///
    /// If it is none of them. The message lists what is possible.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let usage = |problem: String| {
            Failure::new(
                Exit::Usage,
                format!(
                    "{problem}: expected a release such as 0.23.22, the path of a working tree, or \
                     URL#REVISION"
                ),
            )
        };
        if text.contains("://") {
            return match text.rsplit_once('#') {
                Some((url, revision)) if !revision.is_empty() => Ok(Self::Git {
                    url: url.into(),
                    revision: revision.into(),
                }),
                _ => Err(usage(format!("'{text}' has no #REVISION"))),
            };
        }
        if let Some(release) = Release::exact(text) {
            return Ok(Self::Release(release));
        }
        let tree = Path::new(text);
        let package = [tree.join("rustls"), tree.to_owned()]
            .into_iter()
            .find(|package| package.join("Cargo.toml").is_file());
        match package.map(std::fs::canonicalize) {
            Some(Ok(package)) if package.to_str().is_some() => Ok(Self::Tree(package)),
            Some(Ok(package)) => Err(usage(format!("{} is not UTF-8", package.display()))),
            Some(Err(error)) => Err(usage(format!("{text}: {error}"))),
            None if tree.is_dir() => Err(usage(format!("there is no Cargo.toml in {text}"))),
            None => Err(usage(format!("'{text}' does not exist"))),
        }
    }

    /// The name of the directory to build in. It is stable for a source and `subject` package, and
    /// differs between them.
    pub(super) fn key(&self, subject: &Path) -> String {
        let hash = self.hash(subject);
        match self {
            Self::Release(release) => format!("rustls-{release}-{hash}"),
            Self::Tree(_) => format!("rustls-tree-{hash}"),
            Self::Git { .. } => format!("rustls-git-{hash}"),
        }
    }

    /// The part of [`Self::key`] that differs between sources.
    pub(super) fn hash(&self, subject: &Path) -> String {
        let text = format!("{self}\n{}", subject.display());
        // FNV-1a, because std's hasher may change from one release of Rust to the next.
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{:08x}", (hash >> 32) as u32 ^ hash as u32)
    }

    /// Whether cargo found a package in this source. `from` is the source as cargo names it, or none
    /// for a path dependency in `directory`.
    pub(super) fn is_where(&self, from: Option<&str>, directory: &Path) -> bool {
        match (self, from) {
            (Self::Release(_), Some(from)) => {
                from.starts_with("registry+") || from.starts_with("sparse+")
            }
            (Self::Tree(tree), None) => tree == directory,
            (Self::Git { url, revision }, Some(from)) => {
                // Cargo prints a revision plain or percent-encoded.
                [revision.clone(), percent(revision)]
                    .iter()
                    .any(|revision| {
                        let wanted = format!("git+{url}?rev={revision}#");
                        let start = from.get(..wanted.len());
                        // Cargo may change the case of the scheme and the host.
                        start.is_some_and(|start| start.eq_ignore_ascii_case(&wanted))
                    })
            }
            _ => false,
        }
    }
}

/// A revision, percent-encoded.
fn percent(revision: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    revision.bytes().map(byte).collect()
}

/// The form that [`Source::parse`] reads.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Release(release) => release.fmt(f),
            Self::Tree(tree) => tree.display().fmt(f),
            Self::Git { url, revision } => write!(f, "{url}#{revision}"),
        }
    }
}

impl std::str::FromStr for Source {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        Self::parse(text)
    }
}

impl Release {
    /// Reads `major.minor.patch`, and ignores a suffix.
    pub(super) fn parse(version: &str) -> Option<Self> {
        let numbers = version.split(['-', '+']).next()?;
        Self::exact(numbers)
    }

    fn exact(text: &str) -> Option<Self> {
        let mut numbers = text.split('.').map(|number| {
            let digits = number.bytes().all(|byte| byte.is_ascii_digit());
            number.parse().ok().filter(|_| digits)
        });
        let release = (numbers.next()??, numbers.next()??, numbers.next()??);
        numbers.next().is_none().then_some(Self(release))
    }

    /// Whether the drivers support it.
    pub(super) fn supported(self) -> bool {
        let (major, minor, _) = self.0;
        self.0 >= OLDEST && (major, minor) == (OLDEST.0, OLDEST.1)
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor, patch) = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at once")]
mod tests {
    use super::*;

    #[test]
    fn a_release_a_tree_and_a_revision_are_distinguished() {
        let release = Source::parse("0.23.22").unwrap();
        assert_eq!(release, Source::Release(Release((0, 23, 22))));
        let git = Source::parse("file:///srv/rustls#v/0.23.22").unwrap();
        let (url, revision) = ("file:///srv/rustls".into(), "v/0.23.22".into());
        assert_eq!(git, Source::Git { url, revision });
        let here = env!("CARGO_MANIFEST_DIR");
        let tree = std::fs::canonicalize(here).unwrap();
        assert_eq!(Source::parse(here).unwrap(), Source::Tree(tree));
    }

    #[test]
    fn the_package_inside_a_workspace_is_the_tree() {
        let root = std::env::temp_dir().join(format!("lastword-tree-{}", std::process::id()));
        std::fs::create_dir_all(root.join("rustls")).unwrap();
        std::fs::write(root.join("Cargo.toml"), "[workspace]\n").unwrap();
        std::fs::write(root.join("rustls/Cargo.toml"), "").unwrap();
        let source = Source::parse(root.to_str().unwrap());
        let expected = std::fs::canonicalize(root.join("rustls")).unwrap();
        std::fs::remove_dir_all(&root).unwrap();
        assert_eq!(source.unwrap(), Source::Tree(expected));
    }

    #[test]
    fn nonsense_is_a_usage_error_that_lists_what_is_possible() {
        for text in [
            "",
            "0.23",
            "0.23.22.1",
            "0.23.+2",
            "/nowhere",
            "https://example.com/x",
            "https://example.com/x#",
        ] {
            let error = Source::parse(text).unwrap_err();
            assert_eq!(error.exit, Exit::Usage, "{text}");
            assert!(error.message.contains("0.23.22"), "{error}");
        }
    }

    #[test]
    fn a_source_is_printed_as_it_is_read() {
        for text in ["0.23.22", "https://example.com/rustls.git#main"] {
            assert_eq!(Source::parse(text).unwrap().to_string(), text);
        }
    }

    /// Pinned, so that existing build directories stay usable.
    #[test]
    fn keys_are_stable_and_differ_between_sources() {
        let key = |text: &str, subject| Source::parse(text).unwrap().key(Path::new(subject));
        assert_eq!(key("0.23.22", "/s"), "rustls-0.23.22-f2e37b45");
        let keys = [
            key("0.23.22", "/s"),
            key("0.23.23", "/s"),
            key("0.23.22", "/t"),
            key("https://example.com/r#a", "/s"),
            key("https://example.com/r#b", "/s"),
        ];
        let distinct: std::collections::BTreeSet<_> = keys.iter().collect();
        assert_eq!(distinct.len(), keys.len(), "{keys:?}");
    }
}
