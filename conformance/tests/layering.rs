//! The crates depend only on what `docs/design.md` allows, and other checks of the source tree.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at once")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use toml::Table;

/// The crates that a crate of the workspace may depend on.
struct Part {
    name: &'static str,
    /// Dependencies of the library or program.
    knows: &'static [&'static str],
    /// Dependencies of features that are off by default.
    by_feature: &'static [&'static str],
    /// More dependencies of its tests.
    tests_know: &'static [&'static str],
    /// It may depend on the implementations under test.
    implementations: bool,
}

const PLAIN: Part = Part {
    name: "",
    knows: &[],
    by_feature: &[],
    tests_know: &[],
    implementations: false,
};

const PARTS: &[Part] = &[
    Part {
        name: "wire",
        ..PLAIN
    },
    Part {
        name: "protocol",
        ..PLAIN
    },
    Part {
        name: "toycrypto",
        ..PLAIN
    },
    Part {
        name: "peer",
        // For fuzzing, as a second provider of cryptography.
        knows: &["wire", "toycrypto"],
        ..PLAIN
    },
    Part {
        name: "closure",
        knows: &["wire", "protocol"],
        ..PLAIN
    },
    Part {
        name: "scenario",
        knows: &["wire", "peer", "protocol", "closure"],
        ..PLAIN
    },
    Part {
        name: "shim",
        knows: &["protocol", "scenario"],
        ..PLAIN
    },
    Part {
        name: "cases",
        knows: &["wire", "protocol", "closure", "scenario"],
        ..PLAIN
    },
    Part {
        name: "reference",
        knows: &["wire", "peer", "protocol"],
        tests_know: &["closure", "scenario"],
        ..PLAIN
    },
    Part {
        name: "rustls-subject",
        knows: &["protocol"],
        // Only for fuzzing, so that no published result depends on it.
        by_feature: &["toycrypto"],
        implementations: true,
        ..PLAIN
    },
    Part {
        name: "fuzzing",
        // The only crate besides the program that depends on both the peer and rustls.
        knows: &[
            "wire",
            "toycrypto",
            "peer",
            "protocol",
            "closure",
            "scenario",
            "rustls-subject",
        ],
        ..PLAIN
    },
    Part {
        name: "universe",
        knows: &[
            "wire",
            "protocol",
            "closure",
            "scenario",
            "reference",
            "cases",
        ],
        ..PLAIN
    },
    Part {
        name: "benches",
        knows: &["protocol", "rustls-subject"],
        // The floor is the cryptography called directly, and the driver is compared with calls by
        // hand.
        implementations: true,
        ..PLAIN
    },
    Part {
        name: "lastword",
        knows: &[
            "cases",
            "fuzzing",
            "wire",
            "peer",
            "protocol",
            "closure",
            "scenario",
            "shim",
            "rustls-subject",
        ],
        // Proves that the rules can fail. The shipped program does not contain it.
        by_feature: &["reference"],
        // Itself, with the feature that derives schemas.
        tests_know: &["reference", "lastword"],
        ..PLAIN
    },
];

/// Implementations under test and their cryptography. The peer must not use them, so that it shares
/// none of their bugs.
const IMPLEMENTATIONS: &[&str] = &[
    "rustls",
    "rustls-pki-types",
    "ring",
    "aws-lc-rs",
    "aws-lc-sys",
    "openssl",
    "boring",
];

const MAX_LINES: usize = 600;

/// Split, so that this file does not contain the word that it searches for.
const FOREIGN: &[&str] = &[concat!("/wo", "rk/"), concat!("../sha", "red")];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_default_members: Vec<String>,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
    optional: bool,
    path: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

impl Target {
    fn is(&self, kind: &str) -> bool {
        self.kind.iter().any(|own| own == kind)
    }
}

impl Package {
    fn manifest(&self) -> Table {
        let text = std::fs::read_to_string(&self.manifest_path).unwrap();
        text.parse().unwrap()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn metadata() -> Metadata {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Fails with all problems at once.
fn none(problems: Vec<String>) {
    assert!(problems.is_empty(), "\n  {}", problems.join("\n  "));
}

#[test]
fn no_part_knows_what_it_must_not_know() {
    let metadata = metadata();
    let parts: BTreeMap<_, _> = PARTS.iter().map(|part| (part.name, part)).collect();
    let mut problems = Vec::new();
    for package in &metadata.packages {
        let name = package.name.as_str();
        let Some(part) = parts.get(name) else {
            problems.push(format!("{name} is not in the table of parts of this test"));
            continue;
        };
        for dependency in &package.dependencies {
            let on = dependency.name.as_str();
            let test = dependency.kind.as_deref() == Some("dev");
            if IMPLEMENTATIONS.contains(&on) && !part.implementations {
                problems.push(format!(
                    "{name} depends on {on}, an implementation under test"
                ));
            }
            if dependency.path.is_none() {
                continue;
            }
            let allowed = part.knows.contains(&on)
                || dependency.optional && part.by_feature.contains(&on)
                || test && part.tests_know.contains(&on);
            if !allowed {
                let how = match (test, dependency.optional) {
                    (true, _) => "as a test",
                    (_, true) => "by a feature",
                    _ => "always",
                };
                problems.push(format!("{name} depends on {on} ({how})"));
            }
        }
    }
    none(problems);
}

#[test]
fn the_table_names_only_parts_that_there_are() {
    let metadata = metadata();
    let missing = PARTS.iter().map(|part| part.name).filter(|name| {
        let mut packages = metadata.packages.iter();
        !packages.any(|package| package.name == *name)
    });
    none(missing.map(|name| format!("there is no {name}")).collect());
}

#[test]
fn every_dependency_is_explained() {
    let text = std::fs::read_to_string(root().join("docs/dependencies.md")).unwrap();
    let mut problems = Vec::new();
    for package in metadata().packages {
        for dependency in &package.dependencies {
            let explained = text.contains(&format!("`{}`", dependency.name));
            if dependency.path.is_none() && !explained {
                problems.push(format!(
                    "docs/dependencies.md does not explain {} of {}",
                    dependency.name, package.name
                ));
            }
        }
    }
    none(problems);
}

/// A default feature would add `reference` to the shipped program.
#[test]
fn the_program_has_no_default_features() {
    let metadata = metadata();
    let program = metadata
        .packages
        .iter()
        .find(|package| package.name == "lastword");
    let manifest = program.unwrap().manifest();
    let features = manifest
        .get("features")
        .and_then(|features| features.get("default"));
    assert!(features.is_none(), "{features:?}");
}

/// Without `bench = false`, `cargo bench -- --quick` runs the test harness, which does not have
/// `--quick`.
#[test]
fn libraries_and_programs_are_no_benches() {
    let mut problems = Vec::new();
    for package in metadata().packages {
        let manifest = package.manifest();
        let off = |table: Option<&toml::Value>| {
            table
                .and_then(|table| table.get("bench"))
                .and_then(toml::Value::as_bool)
                == Some(false)
        };
        for target in &package.targets {
            let fine = if target.is("lib") || target.is("proc-macro") {
                off(manifest.get("lib"))
            } else if target.is("bin") {
                let bins = manifest.get("bin").and_then(toml::Value::as_array);
                let named = |bin: &&toml::Value| {
                    bin.get("name").and_then(toml::Value::as_str) == Some(&target.name)
                };
                off(bins.and_then(|bins| bins.iter().find(named)))
            } else {
                true
            };
            if !fine {
                let kind = target.kind.join(", ");
                problems.push(format!(
                    "{}: {kind} {} lacks bench = false",
                    package.name, target.name
                ));
            }
        }
    }
    none(problems);
}

#[test]
fn every_part_has_the_lints_of_the_workspace() {
    let mut problems = Vec::new();
    for package in metadata().packages {
        let manifest = package.manifest();
        let inherited = manifest
            .get("lints")
            .and_then(|lints| lints.get("workspace"));
        if inherited.and_then(toml::Value::as_bool) != Some(true) {
            problems.push(format!("{} lacks [lints] workspace = true", package.name));
        }
    }
    none(problems);
}

/// Plain `cargo run` needs it.
#[test]
fn lastword_is_the_only_program_among_the_default_members() {
    let metadata = metadata();
    let programs: Vec<_> = metadata
        .packages
        .iter()
        .filter(|package| metadata.workspace_default_members.contains(&package.id))
        .flat_map(|package| &package.targets)
        .filter(|target| target.is("bin"))
        .map(|target| target.name.as_str())
        .collect();
    assert_eq!(programs, ["lastword"]);
}

/// `rustls-subject` contains the version of the built-in rustls for results files.
#[test]
fn the_built_in_rustls_is_called_what_it_is() {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Locked>,
    }
    #[derive(Deserialize)]
    struct Locked {
        name: String,
        version: String,
    }
    let text = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let lock: Lock = toml::from_str(&text).unwrap();
    let rustls: Vec<_> = lock
        .package
        .iter()
        .filter(|package| package.name == "rustls")
        .map(|package| package.version.as_str())
        .collect();
    assert_eq!(rustls, [rustls_subject::version()]);
}

/// All files that git tracks or would add. Empty if this is no checkout.
fn files() -> Option<Vec<String>> {
    let output = Command::new("git")
        .args(["-c", "safe.directory=*"])
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root())
        .output();
    match output {
        Ok(output) if output.status.success() => {
            let names = String::from_utf8(output.stdout).unwrap();
            let names = names.split_terminator('\0').map(str::to_owned);
            Some(names.filter(|name| root().join(name).is_file()).collect())
        }
        other => {
            assert!(std::env::var_os("CI").is_none(), "git ls-files: {other:?}");
            println!("skipped: this is no git checkout");
            None
        }
    }
}

#[test]
fn no_file_is_too_long_to_be_read_at_a_sitting() {
    let mut problems = Vec::new();
    for name in files().unwrap_or_default() {
        if name.ends_with(".rs") {
            let lines = std::fs::read_to_string(root().join(&name))
                .unwrap()
                .lines()
                .count();
            if lines > MAX_LINES {
                problems.push(format!("{name} has {lines} lines"));
            }
        }
    }
    none(problems);
}

#[test]
fn no_file_speaks_of_the_place_where_it_was_written() {
    let mut problems = Vec::new();
    for name in files().unwrap_or_default() {
        // Files that are not text are test data.
        let Ok(text) = std::fs::read_to_string(root().join(&name)) else {
            continue;
        };
        for word in FOREIGN.iter().filter(|word| text.contains(**word)) {
            problems.push(format!("{name} says {word}"));
        }
    }
    none(problems);
}

/// A lock file that names a mirror of the registry cannot be used elsewhere.
#[test]
fn lock_files_name_no_registry_but_the_public_one() {
    const PUBLIC: &str = "registry+https://github.com/rust-lang/crates.io-index";
    let mut problems = Vec::new();
    for name in files().unwrap_or_default() {
        if !name.ends_with("Cargo.lock") {
            continue;
        }
        let lock = std::fs::read_to_string(root().join(&name)).unwrap();
        let lock: Table = lock.parse().unwrap();
        let packages = lock.get("package").and_then(toml::Value::as_array);
        for package in packages.into_iter().flatten() {
            let source = package.get("source").and_then(toml::Value::as_str);
            if let Some(source) = source.filter(|source| *source != PUBLIC) {
                problems.push(format!("{name}: {source}"));
            }
        }
    }
    none(problems);
}
