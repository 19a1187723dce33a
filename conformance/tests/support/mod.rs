//! Runs the program, and returns its exit code and output.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "shared by several test programs, and a test may stop at once"
)]

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The program.
pub const LASTWORD: &str = env!("CARGO_BIN_EXE_lastword");

/// The exit code and output of the program.
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Runs the program.
pub fn lastword(arguments: &[&str]) -> Ended {
    let output = Command::new(LASTWORD)
        .args(arguments)
        .stdin(Stdio::null())
        // Keeps the failures of tests out of the working directory, and of the summary of a CI run.
        .env(
            "LASTWORD_FAILURES",
            std::env::temp_dir().join("lastword-failures"),
        )
        .env_remove("GITHUB_STEP_SUMMARY")
        .output()
        .unwrap();
    Ended {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A file that is removed at the end of the test.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lastword-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(&self.0).unwrap()).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A directory that is removed at the end of the test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lastword-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The version of a tool, in its own words. None if it is not installed, which is an error in CI.
pub fn tool(name: &str, version: &str) -> Option<String> {
    match Command::new(name).arg(version).output() {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "no {name}: {error}");
            println!("skipped: {name} is not installed");
            None
        }
    }
}
