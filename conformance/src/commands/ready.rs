//! Starts the subjects of a run.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use shim::Launch;
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::builder;
use crate::cli::SubjectChoice;
use crate::exit::{Exit, Failure};
use crate::run::Ready;
use crate::subjects::{self, Subject};

/// The subjects that the command line names, or the built-in ones.
pub(super) fn choose(choice: &SubjectChoice) -> Result<Vec<Subject>, Failure> {
    let builds = choice.rustls.is_some() || choice.assertions.is_some();
    let all = choice.subjects.is_empty() && (choice.shim.is_none() || builds);
    let names: Vec<&str> = match all {
        true => subjects::names().collect(),
        false => choice.subjects.iter().map(String::as_str).collect(),
    };
    let mut chosen = match (&choice.rustls, choice.assertions) {
        (None, None) => names
            .iter()
            .map(|name| subjects::built_in(name))
            .collect::<Result<_, _>>()?,
        (source, assertions) => builder::subjects(&names, source.as_ref(), assertions)?,
    };
    if let Some(command) = &choice.shim {
        chosen.push(subjects::external(command, choice.expectations.as_deref())?);
    }
    Ok(chosen)
}

/// Starts each subject once, to read its hello.
pub(super) fn ready(
    choice: &SubjectChoice,
    interrupted: &Arc<AtomicBool>,
) -> Result<Vec<Ready>, Failure> {
    choose(choice)?
        .into_iter()
        .map(|subject| {
            let launch = launch(&subject, choice, interrupted);
            let shim = launch
                .start()
                .map_err(|error| Failure::set_up(error.to_string()))?;
            let hello = shim.hello().clone();
            let known = subject.known.parse(&hello.version)?;
            Ok(Ready {
                subject,
                hello,
                known,
                launch,
            })
        })
        .collect()
}

pub(super) fn launch(
    subject: &Subject,
    choice: &SubjectChoice,
    interrupted: &Arc<AtomicBool>,
) -> Launch {
    Launch {
        command: subject.command.clone(),
        timeout: choice.timeout,
        interrupted: interrupted.clone(),
    }
}

/// A flag that the first interruption sets. The second one ends the program at once.
pub(super) fn interruption() -> Result<Arc<AtomicBool>, Failure> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        let code = i32::from(Exit::Interrupted.code());
        signal_hook::flag::register_conditional_shutdown(signal, code, flag.clone())
            .and_then(|_| signal_hook::flag::register(signal, flag.clone()))
            .map_err(|error| Failure::set_up(format!("cannot listen for signals: {error}")))?;
    }
    Ok(flag)
}
