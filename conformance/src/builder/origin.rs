//! A name for what was built, where the version of rustls does not say it.

use std::path::Path;
use std::process::Command;

use super::Source;

/// The commit that a source is of, without the paths of this machine; none for a release.
pub(super) fn origin(source: &Source) -> Option<String> {
    match source {
        Source::Release(_) => None,
        Source::Tree(package) => Some(tree(package)),
        Source::Git { url, revision } => {
            // A local repository is somewhere on this machine only.
            let shown = match url.strip_prefix("file://") {
                Some(path) => last(Path::new(path)),
                None => url.clone(),
            };
            Some(format!("{shown} at {revision}"))
        }
    }
}

/// A working tree by its name and commit, if it has one.
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

/// What git prints; none if there is no git, or no repository.
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
