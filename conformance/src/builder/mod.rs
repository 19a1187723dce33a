//! Builds subjects that are not built in: rustls of another release, from a working tree or from a
//! git repository, and rustls with or without debug assertions.
//!
//! Each is a separate package under `target/lastword/`. It depends on `rustls-subject` and selects
//! the rustls that this crate is linked with. Only this module needs cargo, the source tree and a
//! registry.

mod cargo;
mod manifest;
mod origin;
mod request;

use std::fs;
use std::path::{Path, PathBuf};

use rustls_subject::versions::{OLDEST, oldest};

pub use self::request::{Assertions, Source};
use self::{
    cargo::{Cargo, Resolved},
    manifest::Manifest,
    request::Release,
};
use crate::exit::Failure;
use crate::subjects::{self, Subject};

/// A subject to build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The source of rustls.
    pub source: Source,
    /// With debug assertions and overflow checks.
    pub assertions: bool,
}

/// A subject that was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// The shim.
    pub program: PathBuf,
    /// The version of rustls that it is linked with.
    pub version: String,
    /// The package that it was built from.
    pub package: PathBuf,
}

/// The subjects with these `names`, as `--rustls` and `--assertions` change them. The defaults are
/// the rustls of this program, and debug assertions as in this program. Builds a subject where it
/// differs from the built-in one.
///
/// # Errors
///
/// As [`build`].
pub fn subjects(
    names: &[&str],
    source: Option<&Source>,
    assertions: Option<Assertions>,
) -> Result<Vec<Subject>, Failure> {
    let wanted: &[bool] = match assertions {
        None => &[cfg!(debug_assertions)],
        Some(Assertions::Off) => &[false],
        Some(Assertions::On) => &[true],
        Some(Assertions::Both) => &[false, true],
    };
    let mut subjects = Vec::new();
    for name in names {
        for on in wanted {
            subjects.push(subject(name, source, *on, assertions.is_some())?);
        }
    }
    Ok(subjects)
}

fn subject(
    name: &str,
    source: Option<&Source>,
    assertions: bool,
    said: bool,
) -> Result<Subject, Failure> {
    let mut subject = subjects::built_in(name)?;
    let interface = subjects::interface(name);
    if let Some(interface) = interface
        && (source.is_some() || assertions != cfg!(debug_assertions))
    {
        let source = match source {
            Some(source) => source.clone(),
            None => Source::parse(rustls_subject::version())?,
        };
        let built = build(&Request { source, assertions })?;
        has(interface, &built)?;
        subject.command = vec![built.program.into_os_string(), interface.into()];
    }
    if let Some(source) = source {
        subject.arguments += &format!(" --rustls {}", subjects::quote(&source.to_string()));
        subject.origin = origin::origin(source);
    }
    if said {
        let word = if assertions { "on" } else { "off" };
        subject.arguments += &format!(" --assertions {word}");
    }
    // One report may contain both builds.
    if said && assertions {
        subject.name += "+assertions";
    }
    Ok(subject)
}

/// Builds a subject, unless it is built already.
///
/// # Errors
///
/// If the source tree of this program is gone, cargo fails, or cargo selects another rustls than the
/// requested one. The message names the package.
pub fn build(request: &Request) -> Result<Built, Failure> {
    let places = Places::find()?;
    let source = &request.source;
    let package = places.output.join(source.key(&places.subject));
    let cargo = Cargo::new(&places.output.join("target"));
    let version = match source {
        Source::Release(release) => release.to_string(),
        // The features depend on the version, which is unknown until cargo has resolved it.
        Source::Tree(_) | Source::Git { .. } => {
            let probe = package.join("probe");
            let manifest = Manifest {
                source,
                version: None,
                subject: &places.subject,
            };
            manifest.write(&probe, &places.lock)?;
            let resolved = cargo.resolve(&probe)?;
            check(source, None, &resolved, &probe)?;
            resolved.version
        }
    };
    supported(source, &version)?;
    let manifest = Manifest {
        source,
        version: Some(&version),
        subject: &places.subject,
    };
    manifest.write(&package, &places.lock)?;
    let resolved = cargo.resolve(&package)?;
    check(source, Some(&version), &resolved, &package)?;
    let program = cargo.build(&package, request.assertions, &version)?;
    Ok(Built {
        program,
        version,
        package,
    })
}

/// Checks that the rustls that was built has this interface.
fn has(interface: &str, built: &Built) -> Result<(), Failure> {
    let since = oldest(interface);
    match Release::parse(&built.version) {
        Some(release) if release < Release(since) => Err(Failure::set_up(format!(
            "rustls {} has no {interface} interface that this program can drive: the first release \
             with one is {}\n  choose another interface with --subject",
            built.version,
            Release(since)
        ))),
        _ => Ok(()),
    }
}

fn supported(source: &Source, version: &str) -> Result<(), Failure> {
    match Release::parse(version) {
        Some(release) if release.supported() => Ok(()),
        _ => Err(Failure::set_up(format!(
            "'{source}' is rustls {version}: this program supports {} and later releases of {}.{}",
            Release(OLDEST),
            OLDEST.0,
            OLDEST.1
        ))),
    }
}

/// Checks that cargo links the requested rustls.
fn check(
    source: &Source,
    version: Option<&str>,
    resolved: &Resolved,
    package: &Path,
) -> Result<(), Failure> {
    let right_version = version.is_none_or(|version| version == resolved.version);
    if right_version && source.is_where(resolved.from.as_deref(), &resolved.directory) {
        return Ok(());
    }
    let from = match &resolved.from {
        Some(from) => from.clone(),
        None => resolved.directory.display().to_string(),
    };
    Err(Failure::set_up(format!(
        "cargo selects rustls {} from {from} instead of '{source}': this program supports versions \
         {}.{} from {} on\n  package: {}",
        resolved.version,
        OLDEST.0,
        OLDEST.1,
        Release(OLDEST),
        package.display()
    )))
}

/// The paths that a build needs.
struct Places {
    /// The package `rustls-subject`.
    subject: PathBuf,
    /// The lock file of this program, from which those of the packages are made.
    lock: PathBuf,
    /// The directory for packages and their target directory.
    output: PathBuf,
}

impl Places {
    /// The paths in the source tree that this program was built from.
    fn find() -> Result<Self, Failure> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self::below(here.parent().unwrap_or(here))
    }

    fn below(root: &Path) -> Result<Self, Failure> {
        let missing = || {
            Failure::set_up(format!(
                "--rustls and --assertions build a subject in the source tree of lastword, which is \
                 no longer at {}\n  move it back there, or run lastword from a clone of its \
                 repository: cargo run --release -- run --rustls ...",
                root.display()
            ))
        };
        let root = fs::canonicalize(root).map_err(|_| missing())?;
        let subject = root.join("crates/rustls-subject");
        if !subject.join("Cargo.toml").is_file() {
            return Err(missing());
        }
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(target) => std::path::absolute(target)
                .map_err(|error| Failure::set_up(format!("CARGO_TARGET_DIR: {error}")))?,
            None => root.join("target"),
        };
        Ok(Self {
            subject,
            lock: root.join("Cargo.lock"),
            output: target.join("lastword"),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at once")]
mod tests {
    use super::*;

    fn resolved(version: &str, from: Option<&str>, directory: &str) -> Resolved {
        Resolved {
            version: version.into(),
            from: from.map(Into::into),
            directory: directory.into(),
        }
    }

    const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

    #[test]
    fn a_release_must_come_from_a_registry_in_that_version() {
        let source = Source::parse("0.23.22").unwrap();
        let check = |resolved| check(&source, Some("0.23.22"), &resolved, Path::new("/p"));
        assert!(check(resolved("0.23.22", Some(REGISTRY), "/r")).is_ok());
        assert!(check(resolved("0.23.22", None, "/r")).is_err());
        let error = check(resolved("0.23.46", Some(REGISTRY), "/r")).unwrap_err();
        assert_eq!(error.exit, crate::exit::Exit::SetUp);
        assert!(error.message.contains("0.23.46"), "{error}");
        assert!(error.message.contains("package: /p"), "{error}");
    }

    #[test]
    fn a_git_revision_must_come_from_its_repository() {
        let source = Source::parse("https://example.com/rustls.git#v/1").unwrap();
        let check = |from| {
            check(
                &source,
                None,
                &resolved("0.23.46", from, "/r"),
                Path::new("/p"),
            )
        };
        assert!(check(Some("git+https://example.com/rustls.git?rev=v/1#0123456")).is_ok());
        assert!(check(Some("git+https://Example.com/rustls.git?rev=v%2F1#0123456")).is_ok());
        assert!(check(Some("git+https://example.com/rustls.git?rev=v/2#0123456")).is_err());
        assert!(check(Some("git+https://example.com/other.git?rev=v/1#0123456")).is_err());
        assert!(check(Some(REGISTRY)).is_err());
        assert!(check(None).is_err());
    }

    #[test]
    fn without_the_source_tree_the_message_says_what_to_do() {
        let error = Places::below(Path::new("/nowhere/lastword")).err().unwrap();
        assert_eq!(error.exit, crate::exit::Exit::SetUp);
        assert!(error.message.contains("at /nowhere/lastword\n"), "{error}");
        assert!(error.message.contains("cargo run --release"), "{error}");
    }

    #[test]
    fn unsupported_releases_are_rejected_before_anything_is_built() {
        for version in ["0.22.4", "0.23.3", "0.24.0", "1.0.0"] {
            let request = Request {
                source: Source::parse(version).unwrap(),
                assertions: false,
            };
            let error = build(&request).unwrap_err();
            assert!(
                error.message.contains(&Release(OLDEST).to_string()),
                "{error}"
            );
        }
    }
}
