use std::fmt;
use std::fs;
use std::path::Path;

use rustls_subject::versions::{OLDEST, features_for};

use super::request::{Release, Source};
use crate::exit::Failure;

/// The program of the package. Its argument names the interface that it drives.
const MAIN: &str = "\
fn main() -> std::io::Result<()> {
    rustls_subject::main()
}
";

/// The package of one subject. `Display` writes its `Cargo.toml`.
pub(super) struct Manifest<'a> {
    pub(super) source: &'a Source,
    /// The exact version of rustls to require. None for any that the drivers support.
    pub(super) version: Option<&'a str>,
    /// The package `rustls-subject`.
    pub(super) subject: &'a Path,
}

impl Manifest<'_> {
    /// The name of the package and of its program. It is unique, because all subjects share a
    /// target directory.
    fn name(&self) -> String {
        format!("subject-{}", self.source.hash(self.subject))
    }

    /// Writes the package into `directory`, and a lock file made from `lock`. Keeps an existing lock
    /// file for an exact version.
    pub(super) fn write(&self, directory: &Path, lock: &Path) -> Result<(), Failure> {
        let failed =
            |error| Failure::set_up(format!("cannot write {}: {error}", directory.display()));
        fs::create_dir_all(directory).map_err(failed)?;
        write(&directory.join("Cargo.toml"), &self.to_string()).map_err(failed)?;
        write(&directory.join("main.rs"), MAIN).map_err(failed)?;
        let own_lock = directory.join("Cargo.lock");
        // Gives all dependencies but rustls the same versions as in this program.
        if let (true, Ok(lock)) = (
            self.version.is_none() || !own_lock.exists(),
            fs::read_to_string(lock),
        ) {
            fs::write(&own_lock, without_rustls(&lock)).map_err(failed)?;
        }
        Ok(())
    }
}

/// A lock file without rustls, because a locked version takes precedence over a patch. Returns an
/// invalid file unchanged: cargo reports the error.
fn without_rustls(lock: &str) -> String {
    let Ok(mut table) = lock.parse::<toml::Table>() else {
        return lock.into();
    };
    if let Some(packages) = table.get_mut("package").and_then(toml::Value::as_array_mut) {
        packages
            .retain(|package| package.get("name").and_then(toml::Value::as_str) != Some("rustls"));
    }
    table.to_string()
}

/// Writes a file only if it differs, so that cargo sees no change.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    match fs::read_to_string(path) {
        Ok(old) if old == text => Ok(()),
        _ => fs::write(path, text),
    }
}

impl fmt::Display for Manifest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let release = self.version.and_then(Release::parse);
        let features: Vec<String> = release
            .into_iter()
            .flat_map(|release| features_for(release.0))
            .map(quoted)
            .collect();
        let requirement = match self.version {
            Some(version) => format!("={version}"),
            None => Release(OLDEST).to_string(),
        };
        write!(
            f,
            r#"# Written by lastword, and written again when it differs.

[package]
name = {name}
version = "0.0.0"
edition = "2021"
publish = false

[[bin]]
name = {name}
path = "main.rs"

[dependencies]
rustls-subject = {{ path = {subject}, default-features = false, features = [{features}] }}
# Not used by the program: it selects the rustls of `rustls-subject`.
rustls = {{ version = {requirement}, default-features = false }}

[profile.release]
debug = "line-tables-only"

[profile.assertions]
inherits = "release"
debug-assertions = true
overflow-checks = true

[workspace]
"#,
            name = quoted(&self.name()),
            subject = quoted(&self.subject.to_string_lossy()),
            features = features.join(", "),
            requirement = quoted(&requirement),
        )?;
        let patch = match self.source {
            Source::Release(_) => return Ok(()),
            Source::Tree(tree) => format!("path = {}", quoted(&tree.to_string_lossy())),
            Source::Git { url, revision } => {
                format!("git = {}, rev = {}", quoted(url), quoted(revision))
            }
        };
        write!(f, "\n[patch.crates-io]\nrustls = {{ {patch} }}\n")
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.into()).to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at once")]
mod tests {
    use super::*;

    fn manifest(source: &Source, version: Option<&str>) -> toml::Table {
        let manifest = Manifest {
            source,
            version,
            subject: Path::new("/a \"quoted\" place/rustls-subject"),
        };
        manifest.to_string().parse().unwrap()
    }

    fn dependency<'a>(manifest: &'a toml::Table, name: &str) -> &'a toml::Value {
        &manifest["dependencies"][name]
    }

    fn features(dependency: &toml::Value) -> Vec<&str> {
        let features = dependency["features"].as_array().unwrap();
        features.iter().filter_map(toml::Value::as_str).collect()
    }

    #[test]
    fn a_release_gets_its_features_and_no_patch() {
        let manifest = |version| manifest(&Source::parse(version).unwrap(), Some(version));
        let old = manifest("0.23.22");
        let subject = dependency(&old, "rustls-subject");
        let path = subject["path"].as_str().unwrap();
        assert_eq!(path, "/a \"quoted\" place/rustls-subject");
        assert_eq!(subject["default-features"].as_bool(), Some(false));
        assert!(!features(subject).contains(&"peer-closed"));
        assert_eq!(
            dependency(&old, "rustls")["version"].as_str(),
            Some("=0.23.22")
        );
        assert!(!old.contains_key("patch"));
        let newer = manifest("0.23.23");
        assert!(features(dependency(&newer, "rustls-subject")).contains(&"peer-closed"));
    }

    #[test]
    fn a_tree_and_a_revision_are_patched_in() {
        let tree = Source::Tree("/src/rustls".into());
        let with_tree = manifest(&tree, Some("0.23.46"));
        let patch = &with_tree["patch"]["crates-io"]["rustls"];
        assert_eq!(patch["path"].as_str(), Some("/src/rustls"));
        let git = Source::parse("https://example.com/r#v/1").unwrap();
        let with_git = manifest(&git, None);
        let patch = &with_git["patch"]["crates-io"]["rustls"];
        assert_eq!(patch["git"].as_str(), Some("https://example.com/r"));
        assert_eq!(patch["rev"].as_str(), Some("v/1"));
        assert_eq!(
            dependency(&with_git, "rustls")["version"].as_str(),
            Some(Release(OLDEST).to_string().as_str())
        );
    }

    #[test]
    fn the_package_is_its_own_workspace_and_has_both_profiles() {
        let manifest = manifest(&Source::parse("0.23.46").unwrap(), Some("0.23.46"));
        assert!(manifest.contains_key("workspace"));
        let profile = &manifest["profile"]["assertions"];
        assert_eq!(profile["debug-assertions"].as_bool(), Some(true));
        assert_eq!(profile["overflow-checks"].as_bool(), Some(true));
    }

    #[test]
    fn the_lock_file_leaves_rustls_open_and_nothing_else() {
        let lock = "version = 4\n[[package]]\nname = \"ring\"\n[[package]]\nname = \"rustls\"\n";
        let open = "version = 4\n\n[[package]]\nname = \"ring\"\n";
        assert_eq!(without_rustls(lock), open);
    }

    #[test]
    fn a_package_is_written_once_and_its_lock_file_kept() {
        let root = std::env::temp_dir().join(format!("lastword-package-{}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        let lock = root.join("Cargo.lock");
        fs::write(&lock, "a = 1\n").unwrap();
        let source = Source::parse("0.23.46").unwrap();
        let manifest = Manifest {
            source: &source,
            version: Some("0.23.46"),
            subject: Path::new("/s"),
        };
        let package = root.join("package");
        manifest.write(&package, &lock).unwrap();
        fs::write(&lock, "a = 2\n").unwrap();
        manifest.write(&package, &lock).unwrap();
        let read = |name| fs::read_to_string(package.join(name)).unwrap();
        let (text, kept) = (read("Cargo.toml"), read("Cargo.lock"));
        assert!(read("main.rs").contains("rustls_subject::main()"));
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(text, manifest.to_string());
        assert_eq!(kept, "a = 1\n");
    }
}
