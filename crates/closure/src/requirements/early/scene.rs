//! What became of 0-RTT data.

use wire::{
    ClientHello, EarlyData, EncryptedExtensions, Epoch, HandshakeType, Meaning, Message as _,
    ServerHello,
};

use crate::{Connection, Event, Kind};

/// A server's answer to the offer of 0-RTT data, and where it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Accepted(usize),
    Rejected(usize),
    /// By asking for another `ClientHello`.
    Retry(usize),
}

/// The answer of the subject, a server, to a client that sent 0-RTT data.
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

/// Whether the subject, a server, has said that it takes 0-RTT data, whatever came of that.
pub(in crate::requirements) fn has_accepted(c: &Connection<'_>) -> bool {
    let extensions = c.own_message(HandshakeType::ENCRYPTED_EXTENSIONS);
    let body = extensions.and_then(|message| message.body);
    body.and_then(acknowledges) == Some(true)
}

/// Where the subject, a server, has turned down the peer's offer of 0-RTT data, whether any came or not.
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

/// The answer of the peer, a server, to the subject's offer.
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

/// How many bytes of 0-RTT data arrived before this position, padding included, which a server that
/// cannot open the records cannot tell from data; and how many more protection has added.
pub(super) fn sent_early(c: &Connection<'_>, to: usize) -> (usize, usize) {
    /// The header, the tag, and the content type.
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

/// Whether a server that rejects 0-RTT data may have had enough of skipping before this position: it
/// is not asked to skip more than the ticket allows, nor to count as the client does.
pub(in crate::requirements) fn may_skip_no_more(c: &Connection<'_>, to: usize) -> bool {
    if !c.facts().kinds.has(Kind::PeerEarlyData) || has_accepted(c) {
        return false;
    }
    let (payload, overhead) = sent_early(c, to);
    payload + overhead > c.setup().early_limit as usize
}

/// What of the 0-RTT data that arrived before this position reached the application.
pub(super) enum Early {
    All,
    Missing,
    /// Something else did, here.
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
