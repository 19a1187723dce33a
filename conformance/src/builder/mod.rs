//! Builds the subjects that are not part of the program: rustls of another release, from a working
//! tree or from a git repository, and rustls with or without its assertions.
//!
//! Each is a package of its own under `target/lastword/`, which depends on `rustls-subject` and
//! says which rustls that crate gets. Only this needs cargo, the source tree and a registry.

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

/// What to build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Which rustls.
    pub source: Source,
    /// With debug assertions and overflow checks.
    pub assertions: bool,
}

/// What was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// The shim.
    pub program: PathBuf,
    /// The version of rustls in it.
    pub version: String,
    /// The package that it was built from.
    pub package: PathBuf,
}

/// The subjects that `--rustls` and `--assertions` ask for in place of those of these `names`,
/// built where they are not this program itself. Without `source` it is the rustls of this
/// program, and without `assertions` as this program has them.
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
    // Both builds may stand in one report.
    if said && assertions {
        subject.name += "+assertions";
    }
    Ok(subject)
}

/// Builds a subject, or finds that it is built already.
///
/// # Errors
///
/// If the source tree of this program is gone, cargo fails, or another rustls than the wanted one
/// would be linked. The message names the package to look at.
pub fn build(request: &Request) -> Result<Built, Failure> {
    let places = Places::find()?;
    let source = &request.source;
    let package = places.output.join(source.key(&places.subject));
    let cargo = Cargo::new(&places.output.join("target"));
    let version = match source {
        Source::Release(release) => release.to_string(),
        // Its features follow from its version, which is known only once cargo has found it.
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

/// Whether the rustls that was built has this interface.
fn has(interface: &str, built: &Built) -> Result<(), Failure> {
    let since = oldest(interface);
    match Release::parse(&built.version) {
        Some(release) if release < Release(since) => Err(Failure::set_up(format!(
            "rustls {} can be driven through its {interface} interface from {} on\n  --subject \
             chooses another",
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
            "'{source}' is rustls {version}: this program can drive {} and later releases of \
             {}.{}",
            Release(OLDEST),
            OLDEST.0,
            OLDEST.1
        ))),
    }
}

/// Whether the rustls that cargo would link is the one that was asked for.
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
        "cargo would not link the rustls asked for, '{source}', but {} from {from}: is its version \
         one of {}.{} from {} on?\n  package: {}",
        resolved.version,
        OLDEST.0,
        OLDEST.1,
        Release(OLDEST),
        package.display()
    )))
}

/// Where things are.
struct Places {
    /// The package `rustls-subject`.
    subject: PathBuf,
    /// The lock file of this program, from which the others begin.
    lock: PathBuf,
    /// Where packages and their target folder go.
    output: PathBuf,
}

impl Places {
    fn find() -> Result<Self, Failure> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let missing = |path: &Path| {
            Failure::set_up(format!(
                "building another subject needs the source tree of this program, and {} is gone",
                path.display()
            ))
        };
        let root = here
            .parent()
            .and_then(|root| fs::canonicalize(root).ok())
            .ok_or_else(|| missing(here))?;
        let subject = root.join("crates/rustls-subject");
        if !subject.join("Cargo.toml").is_file() {
            return Err(missing(&subject));
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
    fn releases_that_the_drivers_do_not_know_are_refused_before_anything_is_built() {
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
