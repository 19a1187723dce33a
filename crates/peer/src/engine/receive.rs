//! Parses received bytes into records, contents and handshake messages.

use std::sync::Arc;

use wire::{
    Alert, Content, ContentType, Epoch, HandshakeHeader, HandshakeType, KeyUpdate, MAX_PLAINTEXT,
    Message as _, RecordHeader, ServerHello, Version, split_handshake,
};

use super::Machine;
use super::core::Core;
use crate::draft::Seen;
use crate::failure::Failure;
use crate::protect::{OpenError, Opened};

pub(crate) fn receive(
    core: &mut Core,
    machine: &mut Arc<Machine>,
    bytes: &[u8],
    seen: &mut dyn FnMut(Seen<'_>),
) {
    let mut inbox = std::mem::take(&mut core.inbox);
    inbox.extend_from_slice(bytes);
    let mut start = 0;
    while let Some((header, body)) = inbox[start..].split_first_chunk_mut::<{ RecordHeader::LEN }>()
    {
        let len = usize::from(u16::from_be_bytes([header[3], header[4]]));
        let Some(body) = body.get_mut(..len) else {
            break;
        };
        record(core, machine, header, body, seen);
        start += RecordHeader::LEN + len;
    }
    inbox.drain(..start);
    core.inbox = inbox;
}

fn record(
    core: &mut Core,
    machine: &mut Arc<Machine>,
    header: &[u8; RecordHeader::LEN],
    body: &mut [u8],
    seen: &mut dyn FnMut(Seen<'_>),
) {
    let read = open(core, header, body);
    let (content_type, bytes, padding) = match &read.opened {
        Some(Ok(opened)) => (
            opened.content_type,
            &body[opened.content.clone()],
            opened.padding,
        ),
        Some(Err(padding)) => (ContentType(0), &body[..0], *padding),
        None => (ContentType(0), &*body, 0),
    };
    let content = match (&read.opened, read.epoch) {
        (None, _) => Content::Undecryptable,
        (Some(Err(_)), _) => Content::Malformed { content_type: 0 },
        (Some(Ok(_)), epoch) => classify(core, content_type, epoch != Some(Epoch::Plain), bytes),
    };
    seen(Seen {
        header: *header,
        len: RecordHeader::LEN + body.len(),
        epoch: read.epoch,
        sequence: read.sequence,
        explicit_nonce: explicit_nonce(core, &read, body),
        content,
        bytes,
        padding,
    });
    if let (Some(_), Some(epoch)) = (core.failure, read.epoch) {
        // The peer no longer follows the subject's handshake, but its records reveal its epoch.
        core.their_epoch = core.their_epoch.max(epoch);
    }
    let was_established = core.established;
    if let Err(failure) = act(core, machine, &read, content, content_type, bytes) {
        if !was_established {
            // The fault may be in the record of the last message, which set `established`.
            core.established = false;
            core.failure.get_or_insert(failure);
        }
        core.assembly.clear();
    }
}

/// Returns whether this message is a `HelloRetryRequest`.
fn asks_again(message: &[u8]) -> bool {
    let body = message.get(HandshakeHeader::LEN..).unwrap_or_default();
    ServerHello::parse(body).is_ok_and(|hello| hello.is_hello_retry_request())
}

/// Returns the explicit nonce of a record of TLS 1.2 with GCM.
fn explicit_nonce(core: &Core, read: &Read, body: &[u8]) -> Option<u64> {
    match (&read.opened, core.config.version) {
        (Some(Ok(opened)), Version::Tls12) => {
            let explicit = body[..opened.content.start].first_chunk()?;
            Some(u64::from_be_bytes(*explicit))
        }
        _ => None,
    }
}

struct Read {
    epoch: Option<Epoch>,
    sequence: u64,
    /// The error means that there is only padding of this length, and no content type.
    opened: Option<Result<Opened, usize>>,
}

/// Opens a record with the subject's current keys, or else with any of its earlier or later keys.
/// In particular, an alert may be protected by old keys.
fn open(core: &mut Core, header: &[u8; RecordHeader::LEN], body: &mut [u8]) -> Read {
    let current = core.their_epoch;
    let outer = ContentType(header[0]);
    let parsed = RecordHeader {
        content_type: outer,
        version: u16::from_be_bytes([header[1], header[2]]),
        length: u16::from_be_bytes([header[3], header[4]]),
    };
    let plain = match core.config.version {
        Version::Tls13 => outer != ContentType::APPLICATION_DATA,
        // In TLS 1.2 the type does not reveal whether the record is protected.
        Version::Tls12 => current == Epoch::Plain,
    };
    if plain {
        let sequence = core.theirs.sequence(Epoch::Plain);
        core.theirs.advance(Epoch::Plain);
        let opened = Opened {
            content_type: outer,
            content: 0..body.len(),
            padding: 0,
        };
        return Read {
            epoch: Some(Epoch::Plain),
            sequence,
            opened: Some(Ok(opened)),
        };
    }
    let next = match current {
        Epoch::Application(generation) => Epoch::Application(generation.saturating_add(1)),
        _ => Epoch::Application(0),
    };
    for epoch in [current, Epoch::Handshake, Epoch::Early, next] {
        if epoch == Epoch::Plain {
            continue;
        }
        let sequence = core.theirs.sequence(epoch);
        let opened = match core.theirs.open(epoch, parsed, body) {
            Some(Ok(opened)) => Ok(opened),
            Some(Err(OpenError::NoContentType { padding })) => Err(padding),
            Some(Err(OpenError::Short | OpenError::BadTag)) | None => continue,
        };
        return Read {
            epoch: Some(epoch),
            sequence,
            opened: Some(opened),
        };
    }
    Read {
        epoch: None,
        sequence: core.theirs.sequence(current),
        opened: None,
    }
}

fn classify(core: &Core, content_type: ContentType, protected: bool, bytes: &[u8]) -> Content {
    let malformed = Content::Malformed {
        content_type: content_type.0,
    };
    if bytes.len() > MAX_PLAINTEXT {
        return malformed;
    }
    match content_type {
        ContentType::APPLICATION_DATA => Content::Data,
        ContentType::ALERT => match Alert::parse(bytes) {
            Ok(Alert { level, description }) => Content::Alert { level, description },
            Err(_) => malformed,
        },
        ContentType::CHANGE_CIPHER_SPEC if bytes == [1] && !protected => Content::ChangeCipherSpec,
        ContentType::HANDSHAKE if !bytes.is_empty() => handshake_content(core, bytes),
        _ => malformed,
    }
}

/// Classifies a handshake record. It may continue the message in `core.assembly`.
fn handshake_content(core: &Core, bytes: &[u8]) -> Content {
    let waiting = core.assembly.len();
    let at = |index: usize| match core.assembly.get(index) {
        Some(byte) => Some(*byte),
        None => bytes.get(index - waiting).copied(),
    };
    let (Some(kind), Some(a), Some(b), Some(c)) = (at(0), at(1), at(2), at(3)) else {
        return Content::HandshakePart;
    };
    let end = HandshakeHeader::LEN + u32::from_be_bytes([0, a, b, c]) as usize;
    let total = waiting + bytes.len();
    if total < end {
        return Content::HandshakePart;
    }
    let kind = HandshakeType(kind);
    match (core.config.version, kind) {
        (Version::Tls13, HandshakeType::KEY_UPDATE) if waiting == 0 && total == end => {
            match KeyUpdate::parse(&bytes[4..]) {
                Ok(KeyUpdate { requested }) => Content::KeyUpdate { requested },
                Err(_) => Content::Malformed {
                    content_type: ContentType::HANDSHAKE.0,
                },
            }
        }
        _ => Content::Handshake(kind),
    }
}

fn act(
    core: &mut Core,
    machine: &mut Arc<Machine>,
    read: &Read,
    content: Content,
    content_type: ContentType,
    bytes: &[u8],
) -> Result<(), Failure> {
    let expected = read.epoch == Some(core.their_epoch);
    match content {
        Content::Undecryptable if core.skip_undecryptable => Ok(()),
        Content::Undecryptable => Err(Failure::Undecryptable),
        Content::Malformed { .. } => Err(Failure::MalformedRecord),
        Content::Alert { level, description } => Err(Failure::Alert(Alert { level, description })),
        Content::ChangeCipherSpec if core.failure.is_some() => {
            // The peer no longer follows the subject's keys, and a TLS 1.2 record does not reveal
            // its epoch.
            if core.config.version == Version::Tls12 {
                core.their_epoch = core.their_epoch.max(Epoch::Application(0));
            }
            Ok(())
        }
        Content::ChangeCipherSpec => Arc::make_mut(machine).get_mut().change_cipher_spec(core),
        Content::Data => match read.epoch {
            Some(Epoch::Early) if expected => {
                let left = u32::try_from(bytes.len())
                    .ok()
                    .and_then(|len| core.early_data_left.checked_sub(len));
                core.early_data_left = left.ok_or(Failure::TooMuchEarlyData)?;
                Ok(())
            }
            // Rejected 0-RTT data.
            Some(Epoch::Early) if core.skip_undecryptable => Ok(()),
            Some(Epoch::Application(_)) if expected => Ok(()),
            _ => Err(Failure::UnexpectedRecord(content_type)),
        },
        Content::Handshake(_) | Content::HandshakePart | Content::KeyUpdate { .. } => {
            if !expected {
                return Err(Failure::UnexpectedRecord(ContentType::HANDSHAKE));
            }
            if core.their_epoch == Epoch::Handshake {
                core.skip_undecryptable = false;
            }
            handshake(core, machine, bytes)
        }
    }
}

fn handshake(core: &mut Core, machine: &mut Arc<Machine>, bytes: &[u8]) -> Result<(), Failure> {
    let mut assembly = std::mem::take(&mut core.assembly);
    assembly.extend_from_slice(bytes);
    let mut start = 0;
    while let Some((message, len)) = split_handshake(&assembly[start..]) {
        let kind = message.kind;
        let whole = &assembly[start..start + len];
        start += len;
        let before = core.their_epoch;
        if core.config.version == Version::Tls13 && kind == HandshakeType::KEY_UPDATE {
            key_update(core, &whole[4..])?;
        } else if core.failure.is_none() {
            Arc::make_mut(machine).get_mut().message(core, whole)?;
        } else if kind == HandshakeType::SERVER_HELLO && asks_again(whole) {
            core.judge.retry();
        }
        if core.their_epoch != before && start != assembly.len() {
            return Err(Failure::Unaligned(kind));
        }
    }
    assembly.drain(..start);
    core.assembly = assembly;
    Ok(())
}

fn key_update(core: &mut Core, body: &[u8]) -> Result<(), Failure> {
    let kind = HandshakeType::KEY_UPDATE;
    let Epoch::Application(generation) = core.their_epoch else {
        return Err(Failure::UnexpectedMessage(kind));
    };
    KeyUpdate::parse(body).map_err(|error| Failure::Malformed { kind, error })?;
    core.their_epoch = Epoch::Application(generation.saturating_add(1));
    Ok(())
}
