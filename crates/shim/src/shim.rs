//! A subject in another process, as a [`scenario::Port`].

use std::ffi::OsString;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use protocol::{Command, Hello, NEWEST, OLDEST, Observation, Reply, Request, Sink};
use scenario::{Port, Stop};

use crate::one_line;
use crate::process::{NoLine, Process};

/// The way to start a shim.
#[derive(Clone, Debug)]
pub struct Launch {
    /// Program and arguments.
    pub command: Vec<OsString>,
    /// The time limit for each request.
    pub timeout: Duration,
    /// Set to end the run early.
    pub interrupted: Arc<AtomicBool>,
}

/// The reason why a shim cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// It cannot be started.
    #[error("cannot start '{command}': {error}")]
    NotStarted {
        /// The command.
        command: String,
        /// The error of the system.
        error: std::io::Error,
    },
    /// It gave no valid answer to hello.
    #[error("'{command}' did not answer hello: {problem}{said}")]
    NoHello {
        /// The command.
        command: String,
        /// The problem with its answer.
        problem: String,
        /// The end of its standard error, on separate lines.
        said: String,
    },
}

/// A running shim that has answered hello.
#[derive(Debug)]
pub struct Shim {
    process: Process,
    hello: Hello,
    request: Vec<u8>,
    reply: Vec<u8>,
    unsupported: Option<String>,
    failed: Option<String>,
}

impl Launch {
    /// Starts the shim and sends hello.
    ///
    /// # Errors
    ///
    /// If it cannot be started, or does not speak the protocol.
    pub fn start(&self) -> Result<Shim, Unusable> {
        let mut process = self.process()?;
        let request = Request::Hello {
            oldest: OLDEST,
            newest: NEWEST,
        };
        let mut line = Vec::new();
        let mut reply = Vec::new();
        let answer = write_request(&request, &mut line)
            .and_then(|()| process.exchange(&line, &mut reply).map_err(stop_of))
            .and_then(|()| parse(&reply));
        let problem = match answer {
            Ok(Reply::Hello(hello)) => match check(&hello) {
                Ok(()) => {
                    return Ok(Shim {
                        process,
                        hello,
                        request: line,
                        reply,
                        unsupported: None,
                        failed: None,
                    });
                }
                Err(problem) => problem,
            },
            Ok(Reply::Error { message }) => format!("it answered '{}'", one_line(&message)),
            Ok(Reply::Done { .. }) => {
                "it answered hello with 'done', as if it were a command".into()
            }
            Err(stop) => stop.to_string(),
        };
        let said = process.take_stderr();
        Err(Unusable::NoHello {
            command: self.text(),
            problem,
            said: said
                .lines()
                .rev()
                .take(5)
                .collect::<Vec<_>>()
                .iter()
                .rev()
                .fold(String::new(), |text, line| text + "\n  stderr: " + line),
        })
    }

    /// Starts the process without sending anything.
    ///
    /// # Errors
    ///
    /// If it cannot be started.
    pub fn process(&self) -> Result<Process, Unusable> {
        Process::start(&self.command, self.timeout, self.interrupted.clone()).map_err(|error| {
            Unusable::NotStarted {
                command: self.text(),
                error,
            }
        })
    }

    /// The command, as text for messages.
    pub fn text(&self) -> String {
        let words: Vec<_> = self
            .command
            .iter()
            .map(|word| word.to_string_lossy())
            .collect();
        words.join(" ")
    }
}

impl Shim {
    /// Its answer to hello.
    pub fn hello(&self) -> &Hello {
        &self.hello
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// The first thing since the last call that it reported as unsupported.
    pub fn take_unsupported(&mut self) -> Option<String> {
        self.unsupported.take()
    }

    /// The implementation's own message for its first error since the last call.
    pub fn take_raw_error(&mut self) -> Option<String> {
        self.failed.take()
    }

    /// The end of its standard error since the last call.
    pub fn take_stderr(&mut self) -> String {
        self.process.take_stderr()
    }

    /// Sends a command and returns the observations of each piece.
    ///
    /// # Errors
    ///
    /// If the shim dies, does not answer in time, or answers nonsense.
    pub fn ask(&mut self, command: Command<'_>) -> Result<Vec<Vec<Observation<'static>>>, Stop> {
        let pieces = match &command {
            Command::Feed { cuts, .. } => cuts.len() + 1,
            _ => 1,
        };
        write_request(&Request::Command(command), &mut self.request)?;
        self.process
            .exchange(&self.request, &mut self.reply)
            .map_err(stop_of)?;
        match parse(&self.reply)? {
            Reply::Done { pieces: got } if got.len() == pieces => Ok(got),
            Reply::Done { pieces: got } => Err(Stop::Nonsense(format!(
                "{} lists of observations instead of {pieces}",
                got.len()
            ))),
            Reply::Error { message } => {
                Err(Stop::Nonsense(format!("error: {}", one_line(&message))))
            }
            Reply::Hello(_) => Err(Stop::Nonsense("it answered a command with hello".into())),
        }
    }
}

impl Port for Shim {
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) -> Result<(), Stop> {
        for piece in self.ask(command)? {
            for observation in piece {
                match &observation {
                    Observation::Unsupported { what } => {
                        self.unsupported.get_or_insert_with(|| one_line(what));
                    }
                    Observation::Failed { raw, .. } => {
                        self.failed.get_or_insert_with(|| one_line(raw));
                    }
                    _ => {}
                }
                sink.observe(observation);
            }
            sink.end_piece();
        }
        Ok(())
    }
}

fn write_request(request: &Request<'_>, line: &mut Vec<u8>) -> Result<(), Stop> {
    line.clear();
    request
        .write_json(line)
        .map_err(|error| Stop::Nonsense(format!("the request cannot be written: {error}")))?;
    line.push(b'\n');
    Ok(())
}

fn parse(reply: &[u8]) -> Result<Reply<'static>, Stop> {
    Reply::parse(reply).map(owned).map_err(|error| {
        let text = String::from_utf8_lossy(&reply[..reply.len().min(120)]);
        Stop::Nonsense(format!("'{}' is not a reply: {error}", one_line(&text)))
    })
}

fn owned(reply: Reply<'_>) -> Reply<'static> {
    match reply {
        Reply::Hello(hello) => Reply::Hello(hello),
        Reply::Error { message } => Reply::Error { message },
        Reply::Done { pieces } => Reply::Done {
            pieces: pieces
                .into_iter()
                .map(|piece| piece.into_iter().map(Observation::into_owned).collect())
                .collect(),
        },
    }
}

fn stop_of(no_line: NoLine) -> Stop {
    match no_line {
        NoLine::Died(how) => Stop::Crash(how),
        NoLine::TooSlow(how) => Stop::Hang(how),
        NoLine::TooMuch => Stop::Nonsense("it answered one line with several".into()),
        NoLine::Interrupted => Stop::Nonsense("interrupted".into()),
    }
}

/// Checks that the runner can use what a hello says.
fn check(hello: &Hello) -> Result<(), String> {
    if !(OLDEST..=NEWEST).contains(&hello.protocol) {
        return Err(format!(
            "it speaks protocol {}, and this program speaks {OLDEST} to {NEWEST}",
            hello.protocol
        ));
    }
    if hello.roles.is_empty() || hello.versions.is_empty() {
        return Err("it lists no role, or no version of TLS".into());
    }
    for habit in &hello.habits {
        let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if habit.name.is_empty() || !habit.name.chars().all(fine) {
            return Err(format!(
                "'{}' cannot be the name of a habit: use lower-case words joined by hyphens",
                one_line(&habit.name)
            ));
        }
    }
    Ok(())
}
