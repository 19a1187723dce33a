//! The commands.

mod accept;
mod explain;
mod judge;
mod list;
mod output;
mod promote;
mod ready;
mod replay;
mod report;
mod run;
mod schema;
mod seeds;
mod shim_check;

use std::io::{self, Write};

use crate::cli::{Cli, Color, ShimVerb, Verb, verbs};
use crate::exit::{Exit, Failure};
use crate::subjects;

pub use list::catalogue;
pub use schema::schema_of;

/// Runs the command.
///
/// # Errors
///
/// An error that the user can act on, with its exit code.
pub fn dispatch(cli: Cli) -> Result<Exit, Failure> {
    match cli.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    match cli.command {
        // The first word may be a misspelt command: clap has taken it for a selector.
        None => run::run(&cli.run, verbs()),
        Some(Verb::Run(args)) => run::run(&args, Vec::new()),
        Some(Verb::List(args)) => list::list(&args),
        Some(Verb::Explain(args)) => explain::explain(&args),
        Some(Verb::Report(args)) => report::report(&args),
        Some(Verb::Diff(args)) => report::diff(&args),
        Some(Verb::Judge(args)) => judge::judge(&args),
        Some(Verb::Matrix(args)) => report::matrix(&args),
        Some(Verb::Accept(args)) => accept::accept(&args),
        Some(Verb::Promote(args)) => promote::promote(&args),
        Some(Verb::Replay(args)) => replay::replay(&args),
        Some(Verb::Seeds(args)) => seeds::seeds(&args),
        Some(Verb::Shim {
            command: ShimVerb::Check(args),
        }) => shim_check::check(&args),
        Some(Verb::Schema(args)) => schema::schema(&args),
        Some(Verb::Subject(args)) => {
            subjects::serve(&args.name, args.bug.as_deref()).map(|()| Exit::Ok)
        }
    }
}

/// Prints to standard output. A reader that closes the pipe early, such as `head`, is no error.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::set_up(format!(
            "cannot write to standard output: {error}"
        ))),
        _ => Ok(()),
    }
}
