//! A shim as a child process: one line out, one line in, in limited time and memory.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, killpg};
use nix::time::{ClockId, clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

/// The maximum length of a line. No valid reply is as long, and it fits into memory.
const MAX_LINE: usize = 64 << 20;

/// The number of bytes to keep of the end of standard error.
const MAX_STDERR: usize = 16 << 10;

/// The time between two checks for an interruption.
const TICK: Duration = Duration::from_millis(100);

/// A process that computes for this fraction of the timeout is taken to be spinning. Unlike the
/// timeout, processor time does not depend on how busy the machine is.
const COMPUTING: u32 = 20;

/// The number of bytes to read at once: the capacity of a pipe.
const READ: usize = 1 << 16;

/// The time that a process has to exit after it has closed its output.
const EXIT_GRACE: Duration = Duration::from_millis(500);

/// The reason why a process gave no line.
#[derive(Debug)]
pub enum NoLine {
    /// It exited, and how.
    Died(String),
    /// It gave none in time, or one that is too long.
    TooSlow(String),
    /// It gave more than one line.
    TooMuch,
    /// The run was interrupted.
    Interrupted,
}

/// A running child process, which leads its own process group. Dropping it kills the group.
#[derive(Debug)]
pub struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: ChildStdout,
    stderr: Option<ChildStderr>,
    /// The input so far. Between two exchanges it holds no complete line.
    input: Vec<u8>,
    /// The buffer of a read. It is reused, because clearing one costs more than the read.
    buffer: Box<[u8]>,
    said: VecDeque<u8>,
    timeout: Duration,
    interrupted: Arc<AtomicBool>,
}

impl Process {
    /// Starts `command`. Each exchange may take `timeout`, or a twentieth of it in processor time.
    /// Setting `interrupted` ends an exchange.
    ///
    /// # Errors
    ///
    /// If it cannot be started.
    pub fn start(
        command: &[OsString],
        timeout: Duration,
        interrupted: Arc<AtomicBool>,
    ) -> io::Result<Self> {
        let (program, arguments) = command
            .split_first()
            .ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "the command is empty"))?;
        let mut child = Command::new(program)
            .args(arguments)
            // A backtrace takes longer than a hundred cases, and there are many known panics.
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(io::Error::other("a pipe is missing"));
        };
        for end in [stdin.as_fd(), stdout.as_fd(), stderr.as_fd()] {
            let flags = OFlag::from_bits_retain(fcntl(end, FcntlArg::F_GETFL)?);
            fcntl(end, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
        }
        Ok(Self {
            child,
            stdin: Some(stdin),
            stdout,
            stderr: Some(stderr),
            input: Vec::new(),
            buffer: vec![0; READ].into(),
            said: VecDeque::new(),
            timeout,
            interrupted,
        })
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Writes `line`, which ends in a newline, and reads one line, without its newline, into
    /// `reply`.
    ///
    /// # Errors
    ///
    /// If there is none. The process cannot be used any more.
    pub fn exchange(&mut self, line: &[u8], reply: &mut Vec<u8>) -> Result<(), NoLine> {
        let deadline = Instant::now() + self.timeout;
        let mut out = line;
        let mut searched = 0;
        let mut computed = None;
        // Most shims answer quickly: try before waiting.
        self.write_some(&mut out);
        loop {
            if let Some(at) = memchr::memchr(b'\n', &self.input[searched..]) {
                let at = searched + at;
                let alone = at + 1 == self.input.len();
                reply.clear();
                reply.extend_from_slice(&self.input[..at]);
                self.input.clear();
                return match alone && out.is_empty() {
                    true => Ok(()),
                    false => Err(NoLine::TooMuch),
                };
            }
            searched = self.input.len();
            if searched > MAX_LINE {
                return Err(NoLine::TooSlow(format!(
                    "a line longer than {} MiB",
                    MAX_LINE >> 20
                )));
            }
            if self.wait(!out.is_empty(), deadline, &mut computed)? {
                self.read_stderr();
            }
            self.write_some(&mut out);
            if self.read_some() == Some(0) {
                return Err(NoLine::Died(self.how_it_ended()));
            }
        }
    }

    /// Waits until the process can be read from or, if `writing`, written to. Returns whether standard
    /// error has input. `computed` is its processor time at the end of the first tick without any.
    fn wait(
        &self,
        writing: bool,
        deadline: Instant,
        computed: &mut Option<Duration>,
    ) -> Result<bool, NoLine> {
        loop {
            if self.interrupted.load(Ordering::Relaxed) {
                return Err(NoLine::Interrupted);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(NoLine::TooSlow(format!(
                    "no answer within {}",
                    seconds(self.timeout)
                )));
            }
            // Rounded up, because a wait of 0 would spin.
            let tick = left.min(TICK).as_millis() as u16 + 1;
            let mut ends = vec![PollFd::new(self.stdout.as_fd(), PollFlags::POLLIN)];
            if let (true, Some(stdin)) = (writing, &self.stdin) {
                ends.push(PollFd::new(stdin.as_fd(), PollFlags::POLLOUT));
            }
            let others = ends.len();
            if let Some(stderr) = &self.stderr {
                ends.push(PollFd::new(stderr.as_fd(), PollFlags::POLLIN));
            }
            match poll(&mut ends, PollTimeout::from(tick)) {
                Ok(0) => self.spins(computed)?,
                Err(nix::errno::Errno::EINTR) => {}
                Ok(_) => return Ok(ends[others..].iter().any(|end| end.any() != Some(false))),
                Err(error) => return Err(NoLine::Died(format!("its pipes failed: {error}"))),
            }
        }
    }

    /// Fails if the process has used too much processor time.
    fn spins(&self, computed: &mut Option<Duration>) -> Result<(), NoLine> {
        let clock = clock_getcpuclockid(Pid::from_raw(self.id() as i32));
        let Ok(now) = clock.map(processor_time) else {
            return Ok(());
        };
        let most = self.timeout / COMPUTING;
        if now.saturating_sub(*computed.get_or_insert(now)) < most {
            return Ok(());
        }
        Err(NoLine::TooSlow(format!(
            "no answer within {} of processor time",
            seconds(most)
        )))
    }

    fn write_some(&mut self, out: &mut &[u8]) {
        while let (false, Some(stdin)) = (out.is_empty(), &mut self.stdin) {
            match stdin.write(out) {
                Ok(0) => return,
                Ok(n) => *out = &out[n..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                // It has closed its input. Its output shows whether it has exited.
                Err(_) => *out = &[],
            }
        }
    }

    /// The number of bytes read: none if there is no input yet, 0 at its end.
    fn read_some(&mut self) -> Option<usize> {
        match self.stdout.read(&mut self.buffer) {
            Ok(n) => {
                self.input.extend_from_slice(&self.buffer[..n]);
                Some(n)
            }
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => None,
            Err(_) => Some(0),
        }
    }

    fn read_stderr(&mut self) {
        let Some(stderr) = &mut self.stderr else {
            return;
        };
        let mut buffer = [0; 1 << 12];
        // Limited, so that a shim that writes without end cannot block the run.
        for _ in 0..64 {
            match stderr.read(&mut buffer) {
                Ok(0) => {
                    self.stderr = None;
                    return;
                }
                Ok(n) => {
                    self.said.extend(&buffer[..n]);
                    let excess = self.said.len().saturating_sub(MAX_STDERR);
                    self.said.drain(..excess);
                }
                Err(_) => return,
            }
        }
    }

    /// The end of its standard error since the last call, without control characters other than
    /// newlines.
    pub fn take_stderr(&mut self) -> String {
        self.read_stderr();
        let bytes: Vec<u8> = self.said.drain(..).collect();
        String::from_utf8_lossy(&bytes)
            .chars()
            .filter(|c| *c == '\n' || !c.is_control())
            .collect()
    }

    /// Closes its input, and waits until it has exited with status 0.
    ///
    /// # Errors
    ///
    /// If it has another status, or does not exit in time.
    pub fn end_input(&mut self) -> Result<(), String> {
        self.stdin = None;
        let deadline = Instant::now() + self.timeout;
        while Instant::now() < deadline {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => return Err(describe(status)),
                Ok(None) => std::thread::sleep(Duration::from_millis(1)),
                Err(error) => return Err(error.to_string()),
            }
        }
        Err(format!("it still runs after {}", seconds(self.timeout)))
    }

    fn how_it_ended(&mut self) -> String {
        let deadline = Instant::now() + EXIT_GRACE;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return describe(status),
                Ok(None) if Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                Ok(None) => return "it closed its output without exiting".into(),
                Err(error) => return format!("its exit status is unknown: {error}"),
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails if the group has exited already.
        let _ = killpg(Pid::from_raw(self.child.id() as i32), Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => match Signal::try_from(signal) {
            Ok(signal) => format!("signal {}", signal.as_str()),
            Err(_) => format!("signal {signal}"),
        },
        (None, None) => "an unknown exit status".into(),
    }
}

/// The processor time of a clock, or 0 if it cannot be read.
pub fn processor_time(clock: ClockId) -> Duration {
    clock_gettime(clock).map_or(Duration::ZERO, Duration::from)
}

/// `10 s`, `0.25 s`.
fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}
