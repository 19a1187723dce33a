use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};

use crate::{Command, Hello, Observation, Sink, Subject, NEWEST, OLDEST};

/// One line from the runner to a shim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Request<'a> {
    /// The protocol versions that the runner supports. Always the first request.
    Hello {
        /// The oldest supported version.
        oldest: u32,
        /// The newest supported version.
        newest: u32,
    },
    /// A command for the subject.
    Command(Command<'a>),
}

/// One line from a shim to the runner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Reply<'a> {
    /// The answer to [`Request::Hello`].
    Hello(Hello),
    /// The answer to [`Request::Command`].
    Done {
        /// The observations: one list for each piece of [`Command::Feed`], a single list for any
        /// other command.
        pieces: Vec<Vec<Observation<'a>>>,
    },
    /// The shim did not understand the request.
    Error {
        /// The reason, for people.
        message: String,
    },
}

// Not generic, so that JSON is read and written by the code of this crate, however its caller is
// optimised.
impl Request<'_> {
    /// Appends the request to `line` as JSON, without a line feed.
    ///
    /// # Errors
    ///
    /// If the request has no JSON form.
    pub fn write_json(&self, line: &mut Vec<u8>) -> serde_json::Result<()> {
        serde_json::to_writer(line, self)
    }
}

impl<'a> Request<'a> {
    /// Parses a request.
    ///
    /// # Errors
    ///
    /// If `line` is not JSON or not a request.
    pub fn parse(line: &'a str) -> serde_json::Result<Self> {
        serde_json::from_str(line)
    }
}

impl Reply<'_> {
    /// Appends the reply to `line` as JSON, without a line feed.
    ///
    /// # Errors
    ///
    /// If the reply has no JSON form.
    pub fn write_json(&self, line: &mut Vec<u8>) -> serde_json::Result<()> {
        serde_json::to_writer(line, self)
    }
}

impl<'a> Reply<'a> {
    /// Parses a reply.
    ///
    /// # Errors
    ///
    /// If `line` is not JSON or not a reply.
    pub fn parse(line: &'a [u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(line)
    }
}

/// Runs `subject` as a shim: reads JSON lines from `input` until it ends, and writes one reply to
/// each line to `output`.
///
/// # Errors
///
/// Returns errors of the two streams. A line that is not a request is answered with
/// [`Reply::Error`].
pub fn serve(
    subject: &mut dyn Subject,
    mut input: impl BufRead,
    mut output: impl Write,
) -> io::Result<()> {
    let mut line = String::new();
    let mut text = Vec::new();
    loop {
        line.clear();
        if input.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let reply = match Request::parse(&line) {
            Ok(request) => answer(subject, request),
            Err(error) => Reply::Error {
                message: format!("not a request: {error}"),
            },
        };
        text.clear();
        reply.write_json(&mut text)?;
        text.push(b'\n');
        output.write_all(&text)?;
        output.flush()?;
    }
}

fn answer(subject: &mut dyn Subject, request: Request<'_>) -> Reply<'static> {
    match request {
        Request::Hello { oldest, newest } if newest < OLDEST || oldest > NEWEST => Reply::Error {
            message: format!(
                "this shim supports protocol versions {OLDEST} to {NEWEST}, and the runner supports \
                 {oldest} to {newest}"
            ),
        },
        Request::Hello { newest, .. } => Reply::Hello(Hello {
            protocol: newest.min(NEWEST),
            ..subject.hello()
        }),
        Request::Command(command) => {
            let mut pieces = Pieces::default();
            subject.command(command, &mut pieces);
            if !pieces.open.is_empty() {
                pieces.end_piece();
            }
            Reply::Done {
                pieces: pieces.done,
            }
        }
    }
}

#[derive(Default)]
struct Pieces {
    done: Vec<Vec<Observation<'static>>>,
    open: Vec<Observation<'static>>,
}

impl Sink for Pieces {
    fn observe(&mut self, observation: Observation<'_>) {
        self.open.push(observation.into_owned());
    }

    fn end_piece(&mut self) {
        self.done.push(std::mem::take(&mut self.open));
    }
}
