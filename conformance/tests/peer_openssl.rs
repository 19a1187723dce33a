//! The peer interoperates with the machine's OpenSSL, over loopback sockets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at once")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use peer::crypto::suite::Suite;
use peer::{Config, Draft, EarlyData, Peer, Session, pki};
use wire::{Alert, AlertDescription, Content, ContentType, Epoch, Role, Version};

/// A timeout that only a hang exceeds.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Whether `openssl` is installed, which CI requires.
fn openssl_is_here() -> bool {
    let version = Command::new("openssl").arg("version").output();
    let here = version.as_ref().is_ok_and(|output| output.status.success());
    if !here {
        assert!(std::env::var_os("CI").is_none(), "no openssl: {version:?}");
        println!("skipped: there is no openssl");
    }
    here
}

/// A process that is killed at the end of the test.
struct Tool(Child);

impl Drop for Tool {
    fn drop(&mut self) {
        // It may have exited by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Tool {
    fn start(arguments: &[String]) -> Self {
        let child = Command::new("openssl")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }

    fn write(&mut self, text: &[u8]) {
        let stdin = self.0.stdin.as_mut().unwrap();
        stdin.write_all(text).unwrap();
        stdin.flush().unwrap();
    }

    /// Its standard output, after it has exited.
    fn output(mut self) -> Vec<u8> {
        let deadline = Instant::now() + TIMEOUT;
        drop(self.0.stdin.take());
        while self.0.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "openssl does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
        let mut output = Vec::new();
        self.0
            .stdout
            .take()
            .unwrap()
            .read_to_end(&mut output)
            .unwrap();
        output
    }
}

/// A directory that is removed at the end of the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("lastword-openssl-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn pem(name: &str) -> String {
    format!(
        "{}/../crates/peer/pki/{name}.pem",
        env!("CARGO_MANIFEST_DIR")
    )
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// The options that restrict OpenSSL to this suite.
fn only(suite: Suite) -> Vec<String> {
    match (suite.version, suite.id.name().unwrap()) {
        (Version::Tls13, name) => words(&format!("-tls1_3 -ciphersuites {name}")),
        (Version::Tls12, name) => {
            let strength = match name {
                _ if name.contains("AES_128_GCM") => "AES128-GCM-SHA256",
                _ if name.contains("AES_256_GCM") => "AES256-GCM-SHA384",
                _ => "CHACHA20-POLY1305",
            };
            words(&format!("-tls1_2 -cipher ECDHE-ECDSA-{strength}"))
        }
    }
}

fn config(role: Role, suite: Suite) -> Config {
    Config {
        suites: vec![suite],
        ..Config::new(role, suite.version)
    }
}

/// A connection of the peer over a socket.
struct Link {
    peer: Peer,
    stream: TcpStream,
    received: Vec<u8>,
    early: Vec<u8>,
    closed: bool,
}

impl Link {
    fn new(config: Config, stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        Self {
            peer: Peer::new(config),
            stream,
            received: Vec::new(),
            early: Vec::new(),
            closed: false,
        }
    }

    fn send(&mut self, draft: &Draft<'_>) {
        let mut out = Vec::new();
        self.peer.seal(draft, &mut out);
        self.stream.write_all(&out).unwrap();
    }

    /// Sends the messages that the peer has queued.
    fn flush(&mut self) {
        while let Some(message) = self.peer.take_message() {
            self.send(&Draft {
                epoch: Some(message.epoch),
                ..Draft::new(message.content_type, &message.payload)
            });
        }
    }

    /// Waits for bytes. Returns false at the end of the transport.
    fn receive(&mut self) -> bool {
        let mut buffer = [0; 1 << 14];
        let Ok(read @ 1..) = self.stream.read(&mut buffer) else {
            return false;
        };
        let Self {
            peer,
            received,
            early,
            closed,
            ..
        } = self;
        peer.receive(&buffer[..read], &mut |seen| match seen.content {
            Content::Data if seen.epoch == Some(Epoch::Early) => early.extend(seen.bytes),
            Content::Data => received.extend(seen.bytes),
            Content::Alert { description, .. } => {
                assert_eq!(description, AlertDescription::CLOSE_NOTIFY);
                *closed = true;
            }
            Content::Undecryptable | Content::Malformed { .. } => panic!("{:?}", seen.content),
            _ => {}
        });
        assert_eq!(self.peer.failure(), None);
        true
    }

    /// Runs until `done`, or panics.
    fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        loop {
            self.flush();
            if done(self) {
                return;
            }
            assert!(self.receive(), "the connection ended before {what}");
        }
    }

    /// The handshake, one line in each direction, and close_notify in both.
    fn talk(&mut self, send: &[u8], expect: &[u8]) {
        self.until("the handshake was done", |link| link.peer.established());
        self.send(&Draft::new(ContentType::APPLICATION_DATA, send));
        self.until("the answer was there", |link| {
            link.received.len() >= expect.len()
        });
        assert_eq!(self.received, expect);
        self.close();
    }

    fn close(&mut self) {
        let close = Alert::CLOSE_NOTIFY.to_bytes();
        self.send(&Draft::new(ContentType::ALERT, &close));
        self.until("close_notify", |link| link.closed);
    }
}

/// `openssl s_server`, for `connections` connections.
struct Server {
    tool: Tool,
    port: u16,
}

impl Server {
    fn start(suite: Suite, connections: u32, more: &str) -> Self {
        // Another process could take the port, but OpenSSL cannot inherit a socket.
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut arguments = words(&format!(
            "s_server -accept 127.0.0.1:{port} -naccept {connections} -quiet {more}"
        ));
        arguments.extend([
            "-cert".into(),
            pem("server"),
            "-key".into(),
            pem("server.key"),
        ]);
        arguments.extend(only(suite));
        Self {
            tool: Tool::start(&arguments),
            port,
        }
    }

    fn connect(&mut self, config: Config) -> Link {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            if let Ok(stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) {
                return Link::new(config, stream);
            }
            let ended = self.tool.0.try_wait().unwrap();
            assert!(ended.is_none(), "s_server ended: {ended:?}");
            assert!(Instant::now() < deadline, "s_server does not listen");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// `openssl s_client`, connected to the peer.
fn client(config: Config, more: &[String]) -> (Tool, Link) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let name = pki::SERVER_NAME;
    let mut arguments = words(&format!(
        "s_client -connect 127.0.0.1:{port} -quiet -verify_return_error -verify_hostname {name} \
         -servername {name}"
    ));
    arguments.extend(["-CAfile".into(), pem("ca")]);
    arguments.extend(only(config.suites[0]));
    arguments.extend_from_slice(more);
    let mut tool = Tool::start(&arguments);
    let deadline = Instant::now() + TIMEOUT;
    loop {
        if let Ok((stream, _)) = listener.accept() {
            stream.set_nonblocking(false).unwrap();
            return (tool, Link::new(config, stream));
        }
        let ended = tool.0.try_wait().unwrap();
        assert!(ended.is_none(), "s_client ended: {ended:?}");
        assert!(Instant::now() < deadline, "s_client does not connect");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// One connection to an `s_server` that sends lines back reversed. Returns the sessions to resume.
fn reversed(server: &mut Server, config: Config) -> (Peer, Option<Session>) {
    let mut link = server.connect(config);
    link.talk(b"ping\n", b"gnip\n");
    let session = link.peer.take_sessions().pop();
    (link.peer, session)
}

#[test]
fn a_client_talks_to_s_server_with_every_suite_and_resumes() {
    if !openssl_is_here() {
        return;
    }
    for suite in Suite::ALL {
        let mut server = Server::start(suite, 2, "-rev");
        let (first, session) = reversed(&mut server, config(Role::Client, suite));
        assert!(!first.negotiated().resumed);
        assert_eq!(first.negotiated().suite, Some(suite));
        assert!(session.is_some(), "{suite:?}: no ticket");
        let again = Config {
            resume: session,
            seed: 1,
            ..config(Role::Client, suite)
        };
        let (second, _) = reversed(&mut server, again);
        assert!(second.negotiated().resumed, "{suite:?}");
    }
}

#[test]
fn a_client_proves_who_it_is_to_s_server() {
    if !openssl_is_here() {
        return;
    }
    for suite in [Suite::ALL[0], Suite::ALL[5]] {
        let verify = format!("-rev -Verify 1 -verify_return_error -CAfile {}", pem("ca"));
        let mut server = Server::start(suite, 1, &verify);
        let (peer, _) = reversed(&mut server, config(Role::Client, suite));
        assert!(peer.negotiated().client_authenticated, "{suite:?}");
    }
}

#[test]
fn a_client_answers_the_hello_retry_request_of_s_server() {
    if !openssl_is_here() {
        return;
    }
    let suite = Suite::TLS_AES_128_GCM_SHA256;
    let mut server = Server::start(suite, 1, "-rev");
    let retry = Config {
        hello_retry: true,
        ..config(Role::Client, suite)
    };
    let (peer, _) = reversed(&mut server, retry);
    assert!(peer.negotiated().retried);
}

#[test]
fn s_server_accepts_early_data() {
    if !openssl_is_here() {
        return;
    }
    let suite = Suite::TLS_AES_128_GCM_SHA256;
    let mut server = Server::start(suite, 2, "-early_data");
    let mut first = server.connect(config(Role::Client, suite));
    first.until("a ticket came", |link| !link.peer.sessions().is_empty());
    first.close();
    let mut session = first.peer.take_sessions();
    drop(first);
    let offer = Config {
        resume: session.pop(),
        early_data: EarlyData::Offer,
        seed: 1,
        ..config(Role::Client, suite)
    };
    let mut second = server.connect(offer);
    let hello = second.peer.take_message().unwrap();
    second.send(&Draft {
        epoch: Some(hello.epoch),
        ..Draft::new(hello.content_type, &hello.payload)
    });
    second.flush();
    second.send(&Draft {
        epoch: Some(Epoch::Early),
        ..Draft::new(ContentType::APPLICATION_DATA, b"early")
    });
    second.until("the handshake was done", |link| link.peer.established());
    assert_eq!(second.peer.negotiated().early_data, Some(true));
    server.tool.write(b"pong\n");
    second.until("the answer was there", |link| link.received == b"pong\n");
}

/// One connection of an `s_client` that writes a line and reads one.
fn line(config: Config, more: &[String]) -> Link {
    let (mut tool, mut link) = client(config, more);
    tool.write(b"ping\n");
    link.talk(b"pong\n", b"ping\n");
    // It exits only at the end of the transport.
    link.stream.shutdown(std::net::Shutdown::Both).unwrap();
    assert_eq!(tool.output(), b"pong\n");
    link
}

#[test]
fn a_server_talks_to_s_client_with_every_suite_and_resumes() {
    if !openssl_is_here() {
        return;
    }
    let folder = Folder::new("resume");
    for suite in Suite::ALL {
        let session = folder.file(&format!("{:04x}.pem", suite.id.0));
        let server = Config {
            tickets: 1,
            ..config(Role::Server, suite)
        };
        let first = line(server.clone(), &["-sess_out".into(), session.clone()]);
        assert!(!first.peer.negotiated().resumed);
        let again = Config { seed: 1, ..server };
        let second = line(again, &["-sess_in".into(), session]);
        assert!(second.peer.negotiated().resumed, "{suite:?}");
    }
}

#[test]
fn s_client_proves_who_it_is_to_a_server() {
    if !openssl_is_here() {
        return;
    }
    for suite in [Suite::ALL[0], Suite::ALL[5]] {
        let server = Config {
            client_auth: true,
            ..config(Role::Server, suite)
        };
        let own = [
            "-cert".into(),
            pem("client"),
            "-key".into(),
            pem("client.key"),
        ];
        let link = line(server, &own);
        assert!(link.peer.negotiated().client_authenticated, "{suite:?}");
    }
}

#[test]
fn s_client_answers_the_hello_retry_request_of_a_server() {
    if !openssl_is_here() {
        return;
    }
    let retry = Config {
        hello_retry: true,
        ..config(Role::Server, Suite::TLS_AES_128_GCM_SHA256)
    };
    assert!(line(retry, &[]).peer.negotiated().retried);
}

#[test]
fn a_server_accepts_and_rejects_the_early_data_of_s_client() {
    if !openssl_is_here() {
        return;
    }
    let folder = Folder::new("early");
    let (session, data) = (folder.file("session.pem"), folder.file("early"));
    std::fs::write(&data, b"early").unwrap();
    let server = Config {
        tickets: 1,
        ticket_early_data: 1000,
        ..config(Role::Server, Suite::TLS_AES_128_GCM_SHA256)
    };
    for (early_data, taken) in [
        (EarlyData::Accept { max: 1000 }, true),
        (EarlyData::Reject, false),
    ] {
        line(server.clone(), &["-sess_out".into(), session.clone()]);
        let again = Config {
            early_data,
            seed: 1,
            ..server.clone()
        };
        let resume = ["-sess_in", &session, "-early_data", &data].map(str::to_owned);
        let link = line(again, &resume);
        assert!(link.peer.negotiated().resumed, "{early_data:?}");
        assert_eq!(link.peer.negotiated().early_data, Some(taken));
        // Decrypted in both cases: the peer has the keys even if it rejects the data.
        assert_eq!(link.early, b"early", "{early_data:?}");
    }
}
