//! The name of the source of a build, where the version of rustls does not identify it.

use std::path::Path;
use std::process::Command;

use super::Source;

/// The commit of a source, without paths on this machine. None for a release.
pub(super) fn origin(source: &Source) -> Option<String> {
    match source {
        Source::Release(_) => None,
        Source::Tree(package) => Some(tree(package)),
        Source::Git { url, revision } => {
            // The path of a local repository means nothing elsewhere.
            let shown = match url.strip_prefix("file://") {
                Some(path) => last(Path::new(path)),
                None => url.clone(),
            };
            Some(format!("{shown} at {revision}"))
        }
    }
}

/// The name of a working tree, and its commit if it has one.
fn tree(package: &Path) -> String {
    let top = git(package, &["rev-parse", "--show-toplevel"]);
    let name = last(top.as_deref().map_or(package, Path::new));
    let Some(commit) = git(package, &["rev-parse", "--short=10", "HEAD"]) else {
        return format!("working tree {name}");
    };
    let changes = git(package, &["status", "--porcelain", "--untracked-files=no"]);
    let changed = match changes.is_some_and(|changes| !changes.is_empty()) {
        true => ", with changes",
        false => "",
    };
    format!("working tree {name} at {commit}{changed}")
}

fn last(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The output of git. None if there is no git, or no repository.
fn git(directory: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(arguments)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at once")]
mod tests {
    use super::*;

    #[test]
    fn a_release_needs_no_origin_and_a_repository_shows_no_local_path() {
        let origin = |text: &str| origin(&Source::parse(text).unwrap());
        assert_eq!(origin("0.23.46"), None);
        assert_eq!(
            origin("https://example.org/rustls#v1").unwrap(),
            "https://example.org/rustls at v1"
        );
        assert_eq!(
            origin("file:///home/someone/rustls#main").unwrap(),
            "rustls at main"
        );
        let crate_of_this = origin(env!("CARGO_MANIFEST_DIR")).unwrap();
        assert!(
            crate_of_this.starts_with("working tree "),
            "{crate_of_this}"
        );
        assert!(!crate_of_this.contains('/'), "{crate_of_this}");
    }
}
