//! Does a TLS implementation say goodbye correctly?
//!
//! The `lastword` program: the [runner](run) that plays cases against subjects in
//! other processes, and the [reports](render). [`main`] is the program; the rest is public for its
//! tests.

pub mod builder;
pub mod cli;
pub mod commands;
pub mod exit;
pub mod failures;
pub mod lines;
pub mod render;
pub mod results;
pub mod run;
pub mod specimen;
pub mod subjects;
pub mod timings;
pub mod transcripts;
pub mod verdicts;

use std::panic::catch_unwind;
use std::process::ExitCode;

use exit::{Exit, Failure};

/// The program: reads the command line, runs the command, and returns the exit code.
pub fn main() -> ExitCode {
    let result = catch_unwind(|| commands::dispatch(cli::parse()));
    match result {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(failure)) => {
            complain(&failure);
            failure.exit.into()
        }
        // The panic hook has printed the message.
        Err(_) => Exit::Internal.into(),
    }
}

fn complain(failure: &Failure) {
    use std::io::Write;
    let bold = anstyle::Style::new()
        .bold()
        .fg_color(Some(anstyle::AnsiColor::Red.into()));
    // If standard error is closed, there is no other place for the message.
    let _ = writeln!(anstream::stderr(), "{bold}error{bold:#}: {failure}");
}
