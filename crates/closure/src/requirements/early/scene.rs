//! Helpers that determine what became of 0-RTT data.

use wire::{
    ClientHello, EarlyData, EncryptedExtensions, Epoch, HandshakeType, Meaning, Message as _,
    ServerHello,
};

use crate::{Connection, Event, Kind};

/// A server's answer to the offer of 0-RTT data, and its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Accepted(usize),
    Rejected(usize),
    /// Rejected with a `HelloRetryRequest`.
    Retry(usize),
}

/// The subject's answer, as a server, to a client that sent 0-RTT data.
pub(super) fn own_answer(c: &Connection<'_>) -> Option<Answer> {
    let early = |meaning| matches!(meaning, Meaning::EarlyData | Meaning::ExcessEarlyData);
    c.delivered().find(|(_, record)| early(record.meaning))?;
    let hello = c.own_message(HandshakeType::SERVER_HELLO)?;
    if is_retry(hello.body?) {
        return Some(Answer::Retry(hello.at));
    }
    let extensions = c.own_message(HandshakeType::ENCRYPTED_EXTENSIONS)?;
    match acknowledges(extensions.body?)? {
        true => Some(Answer::Accepted(extensions.at)),
        false => Some(Answer::Rejected(extensions.at)),
    }
}

/// Whether the subject, as a server, has announced that it accepts 0-RTT data, whatever happened
/// next.
pub(in crate::requirements) fn has_accepted(c: &Connection<'_>) -> bool {
    let extensions = c.own_message(HandshakeType::ENCRYPTED_EXTENSIONS);
    let body = extensions.and_then(|message| message.body);
    body.and_then(acknowledges) == Some(true)
}

/// Where the subject, as a server, rejected the offer of 0-RTT data, whether or not any data came.
pub(super) fn turned_down(c: &Connection<'_>) -> Option<usize> {
    let (_, hello) = c.peer_messages(HandshakeType::CLIENT_HELLO).next()?;
    let extensions = c.own_message(HandshakeType::ENCRYPTED_EXTENSIONS)?;
    let answer = acknowledges(extensions.body?)?;
    (offers(hello) && !answer).then_some(extensions.at)
}

/// Whether a `ClientHello` offers 0-RTT data.
fn offers(hello: &[u8]) -> bool {
    let offer = |hello: ClientHello<'_>| hello.extensions.get::<EarlyData>().ok().flatten();
    ClientHello::parse(hello).ok().and_then(offer).is_some()
}

/// The peer's answer, as a server, to the subject's offer.
pub(super) fn peer_answer(c: &Connection<'_>) -> Option<Answer> {
    if c.setup().early_written == 0 {
        return None;
    }
    let hello = c.own_message(HandshakeType::CLIENT_HELLO)?.body?;
    if !offers(hello) {
        return None;
    }
    if let Some((at, _)) = c
        .peer_messages(HandshakeType::SERVER_HELLO)
        .find(|(_, body)| is_retry(body))
    {
        return Some(Answer::Retry(at));
    }
    let (at, body) = c
        .peer_messages(HandshakeType::ENCRYPTED_EXTENSIONS)
        .next()?;
    match acknowledges(body)? {
        true => Some(Answer::Accepted(at)),
        false => Some(Answer::Rejected(at)),
    }
}

pub(in crate::requirements) fn is_retry(server_hello: &[u8]) -> bool {
    ServerHello::parse(server_hello).is_ok_and(|hello| hello.is_hello_retry_request())
}

fn acknowledges(encrypted_extensions: &[u8]) -> Option<bool> {
    let extensions = EncryptedExtensions::parse(encrypted_extensions)
        .ok()?
        .extensions;
    Some(extensions.get::<EarlyData>().ok()?.is_some())
}

/// The bytes of 0-RTT data that arrived before position `to`, and the bytes that protection added.
///
/// Padding counts as data: a server that cannot open the records cannot tell the two apart.
pub(super) fn sent_early(c: &Connection<'_>, to: usize) -> (usize, usize) {
    /// Header, tag and content type.
    const AROUND: usize = 5 + 16 + 1;
    let mut sent = (0, 0);
    for (_, event) in c.before(to) {
        match event {
            Event::Delivered(record) if record.meaning == Meaning::EarlyData => {
                sent.0 += (record.length as usize).saturating_sub(AROUND);
                sent.1 += 17;
            }
            _ => {}
        }
    }
    sent
}

/// Whether a server that rejects 0-RTT data may have stopped skipping before position `to`. It need
/// not skip more than the ticket allows, and may count differently from the client.
pub(in crate::requirements) fn may_skip_no_more(c: &Connection<'_>, to: usize) -> bool {
    if !c.facts().kinds.has(Kind::PeerEarlyData) || has_accepted(c) {
        return false;
    }
    let (payload, overhead) = sent_early(c, to);
    payload + overhead > c.setup().early_limit as usize
}

/// How much of the 0-RTT data that arrived before a position reached the application.
pub(super) enum Early {
    All,
    Missing,
    /// The application got different bytes at this position.
    Wrong(usize),
}

pub(super) fn early_until(c: &Connection<'_>, to: usize) -> Early {
    let this = *c;
    let mut said = c.before(to).flat_map(move |(_, event)| match event {
        Event::Delivered(record)
            if record.meaning == Meaning::EarlyData && record.epoch == Epoch::Early =>
        {
            this.bytes(record.content)
        }
        _ => &[],
    });
    for (at, event) in c.events() {
        let Event::EarlyData(span) = event else {
            continue;
        };
        for byte in c.bytes(*span) {
            if said.next() != Some(byte) {
                return Early::Wrong(at);
            }
        }
    }
    match said.next() {
        None => Early::All,
        Some(_) => Early::Missing,
    }
}
