//! Session stores that can be emptied, so that one input does not affect the next, and tickets that
//! anyone can read.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;
use rustls::server::{ProducesTickets, StoresServerSessions};
use rustls::NamedGroup;

/// As many tickets as rustls' own store keeps for one server.
const TICKETS: usize = 8;
/// How many sessions a server keeps.
const SESSIONS: usize = 64;

/// The sessions of a client with the only server.
#[derive(Debug, Default)]
pub(crate) struct ClientSessions(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    group: Option<NamedGroup>,
    tls12: Option<Tls12ClientSessionValue>,
    tls13: VecDeque<Tls13ClientSessionValue>,
}

impl ClientSessions {
    /// Removes everything.
    pub(crate) fn clear(&self) {
        let mut all = lock(&self.0);
        all.group = None;
        all.tls12 = None;
        all.tls13.clear();
    }
}

impl ClientSessionStore for ClientSessions {
    fn set_kx_hint(&self, _: ServerName<'static>, group: NamedGroup) {
        lock(&self.0).group = Some(group);
    }

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        lock(&self.0).group
    }

    fn set_tls12_session(&self, _: ServerName<'static>, value: Tls12ClientSessionValue) {
        lock(&self.0).tls12 = Some(value);
    }

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        lock(&self.0).tls12.clone()
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {
        lock(&self.0).tls12 = None;
    }

    fn insert_tls13_ticket(&self, _: ServerName<'static>, value: Tls13ClientSessionValue) {
        let tickets = &mut lock(&self.0).tls13;
        if tickets.len() == TICKETS {
            tickets.pop_front();
        }
        tickets.push_back(value);
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        lock(&self.0).tls13.pop_back()
    }
}

/// The sessions of a server, oldest first.
#[derive(Debug, Default)]
pub(crate) struct ServerSessions(Mutex<VecDeque<(Vec<u8>, Vec<u8>)>>);

impl ServerSessions {
    /// Removes everything.
    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }
}

impl StoresServerSessions for ServerSessions {
    fn put(&self, key: Vec<u8>, value: Vec<u8>) -> bool {
        let mut all = lock(&self.0);
        all.retain(|(known, _)| *known != key);
        if all.len() == SESSIONS {
            all.pop_front();
        }
        all.push_back((key, value));
        true
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        let all = lock(&self.0);
        let mut found = all.iter().filter(|(known, _)| known == key);
        found.next().map(|(_, value)| value.clone())
    }

    fn take(&self, key: &[u8]) -> Option<Vec<u8>> {
        let mut all = lock(&self.0);
        let at = all.iter().position(|(known, _)| known == key)?;
        all.remove(at).map(|(_, value)| value)
    }

    fn can_cache(&self) -> bool {
        true
    }
}

/// A ticket is its plaintext after a mark and a checksum.
#[derive(Debug)]
pub(crate) struct Tickets;

const MARK: &[u8] = b"ticket";

impl ProducesTickets for Tickets {
    fn enabled(&self) -> bool {
        true
    }

    fn lifetime(&self) -> u32 {
        12 * 60 * 60
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        let check = toycrypto::digest(plain);
        Some([MARK, &check, plain].concat())
    }

    fn decrypt(&self, ticket: &[u8]) -> Option<Vec<u8>> {
        let rest = ticket.strip_prefix(MARK)?;
        let check = rest.get(..toycrypto::HASH_LEN)?;
        let plain = &rest[toycrypto::HASH_LEN..];
        (toycrypto::digest(plain) == check).then(|| plain.to_vec())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
