use std::fs;
use std::process::Command;

use super::Environment;

impl Environment {
    /// Finds out what it can, and reports the rest as unknown.
    pub(super) fn of_this_machine(rustls: String) -> Self {
        Self {
            rustls,
            commit: said("git", &["describe", "--always", "--dirty", "--abbrev=12"]),
            rustc: rustc(),
            cpu: after("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            system: said("uname", &["-srm"]),
            load: fs::read_to_string("/proc/loadavg")
                .ok()
                .and_then(|text| text.split(' ').next().map(str::to_owned))
                .unwrap_or_else(unknown),
        }
    }
}

/// The version string of the compiler.
pub fn rustc() -> String {
    said("rustc", &["--version"])
}

fn unknown() -> String {
    "unknown".into()
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output();
    match output {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).trim().into()
        }
        _ => unknown(),
    }
}

/// The value after the first `name` and a colon in `file`.
fn after(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name));
    line.and_then(|line| line.split_once(": "))
        .map_or_else(unknown, |(_, value)| value.trim().into())
}
