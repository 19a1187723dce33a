use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::exit::Failure;

/// The number of lines of cargo's output in an error.
const LAST_LINES: usize = 25;

/// Runs cargo to build subjects.
pub(super) struct Cargo {
    program: OsString,
    target: PathBuf,
}

/// The rustls that cargo selects.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) version: String,
    /// Its source as cargo names it. None for a path dependency.
    pub(super) from: Option<String>,
    /// The directory of its manifest.
    pub(super) directory: PathBuf,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    source: Option<String>,
    manifest_path: PathBuf,
}

/// A line of cargo's JSON output. Only the messages about finished programs have an `executable`.
#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
}

impl Cargo {
    /// The cargo that runs this program, or else the one in `PATH`. Builds in `target`.
    pub(super) fn new(target: &Path) -> Self {
        Self {
            program: std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()),
            target: target.into(),
        }
    }

    /// The rustls that the package depends on. Writes the lock file of the package.
    pub(super) fn resolve(&self, package: &Path) -> Result<Resolved, Failure> {
        let mut command = self.command(package);
        command.args(["metadata", "--format-version", "1"]);
        let output = run(command, package, std::io::stderr())?;
        let metadata: Metadata = serde_json::from_slice(&output)
            .map_err(|error| failed(package, &format!("cargo metadata: {error}")))?;
        let mut found = metadata
            .packages
            .into_iter()
            .filter(|package| package.name == "rustls");
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(Resolved {
                directory: directory(&one.manifest_path),
                version: one.version,
                from: one.source,
            }),
            (Some(one), Some(other)) => Err(failed(
                package,
                &format!("it depends on rustls {} and {}", one.version, other.version),
            )),
            (None, _) => Err(failed(package, "it does not depend on rustls")),
        }
    }

    /// Builds the package as [`Self::resolve`] found it. Returns the path of its program.
    pub(super) fn build(
        &self,
        package: &Path,
        assertions: bool,
        version: &str,
    ) -> Result<PathBuf, Failure> {
        let mut command = self.command(package);
        command.args([
            "build",
            "--locked",
            "--message-format",
            "json-render-diagnostics",
        ]);
        command.args([
            "--profile",
            if assertions { "assertions" } else { "release" },
        ]);
        command.arg("--target-dir").arg(&self.target);
        command.env("LASTWORD_RUSTLS_VERSION", version);
        let output = run(command, package, std::io::stderr())?;
        output
            .split(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice::<Message>(line).ok()?.executable)
            .next_back()
            .ok_or_else(|| failed(package, "cargo built no program"))
    }

    fn command(&self, package: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(package);
        // The variables that `cargo run` sets describe this program. They would make cargo build
        // some packages again.
        for (name, _) in std::env::vars_os() {
            let of_a_package = name.to_str().is_some_and(|name| {
                [
                    "CARGO_PKG_",
                    "CARGO_MANIFEST_",
                    "CARGO_BIN_",
                    "CARGO_CRATE_",
                    "CARGO_PRIMARY_",
                ]
                .iter()
                .any(|prefix| name.starts_with(prefix))
            });
            if of_a_package {
                command.env_remove(name);
            }
        }
        command
    }
}

/// Runs cargo to its end and returns its standard output. Copies its standard error to `progress` as it
/// comes.
fn run(
    mut command: Command,
    package: &Path,
    progress: impl Write + Send + 'static,
) -> Result<Vec<u8>, Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| {
            let hint = match error.kind() {
                std::io::ErrorKind::NotFound => {
                    "\n  install Rust (https://rustup.rs), or set CARGO to the path of cargo"
                }
                _ => "",
            };
            failed(package, &format!("cannot start '{name}': {error}{hint}"))
        })?;
    // In a thread, so that neither pipe fills up while the other is read.
    let stderr = child.stderr.take();
    let last = stderr.map(|stderr| std::thread::spawn(|| pass_on(stderr, progress)));
    let mut output = Vec::new();
    let read = match child.stdout.take() {
        Some(mut stdout) => stdout.read_to_end(&mut output),
        None => Ok(0),
    };
    let last = last
        .and_then(|thread| thread.join().ok())
        .unwrap_or_default();
    let status = child.wait();
    match (read, status) {
        (Ok(_), Ok(status)) if status.success() => Ok(output),
        (_, Ok(status)) => {
            let last: Vec<_> = last
                .into_iter()
                .map(|line| format!("\n  | {line}"))
                .collect();
            Err(failed(
                package,
                &format!("'{name}' failed ({status}){}", last.concat()),
            ))
        }
        (_, Err(error)) => Err(failed(package, &format!("'{name}': {error}"))),
    }
}

/// Copies standard error, and returns its last lines.
fn pass_on(stderr: impl Read, mut progress: impl Write) -> VecDeque<String> {
    let mut last = VecDeque::new();
    let mut lines = BufReader::new(stderr);
    let mut line = Vec::new();
    while matches!(lines.read_until(b'\n', &mut line), Ok(read) if read != 0) {
        // The build goes on if its progress cannot be shown.
        let _ = progress.write_all(&line);
        if last.len() == LAST_LINES {
            last.pop_front();
        }
        last.push_back(String::from_utf8_lossy(&line).trim_end().into());
        line.clear();
    }
    last
}

fn failed(package: &Path, problem: &str) -> Failure {
    Failure::set_up(format!(
        "cannot build a subject: {problem}\n  package: {}",
        package.display()
    ))
}

fn directory(manifest: &Path) -> PathBuf {
    let directory = manifest.parent().unwrap_or(manifest);
    std::fs::canonicalize(directory).unwrap_or_else(|_| directory.into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at once")]
mod tests {
    use std::io::sink;

    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_failure_shows_the_end_of_cargos_output_and_names_the_package() {
        let script = "for i in $(seq 100); do echo line $i >&2; done; exit 101";
        let error = run(shell(script), Path::new("/the/package"), sink()).unwrap_err();
        assert_eq!(error.exit, crate::exit::Exit::SetUp);
        assert!(error.message.contains("| line 76\n"), "{error}");
        assert!(!error.message.contains("line 75\n"), "{error}");
        assert!(error.message.contains("| line 100\n"), "{error}");
        assert!(error.message.ends_with("package: /the/package"), "{error}");
    }

    #[test]
    fn a_missing_cargo_is_named_with_a_way_out() {
        let error = run(Command::new("/nowhere/cargo"), Path::new("/p"), sink()).unwrap_err();
        assert!(error.message.contains("/nowhere/cargo"), "{error}");
        assert!(error.message.contains("install Rust"), "{error}");
    }

    #[test]
    fn long_output_on_both_streams_does_not_block() {
        let script = "seq 100000; seq 100000 >&2";
        let output = run(shell(script), Path::new("/p"), sink()).unwrap();
        assert!(output.ends_with(b"100000\n"));
    }
}
