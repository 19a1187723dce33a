//! The part of a transcript that wire and application see, and the first difference of two.

use std::hash::{DefaultHasher, Hash, Hasher};

use closure::{Event, Transcript};
use wire::Content;

use crate::names::{compact, description};

/// A number for each event, equal for events that look the same.
pub(crate) fn tokens(transcript: &Transcript, out: &mut Vec<u64>) {
    out.clear();
    out.extend(
        transcript
            .events()
            .iter()
            .map(|event| token(transcript, event)),
    );
}

/// One hash of all numbers.
pub(crate) fn digest(tokens: &[u64]) -> u64 {
    let mut hasher = DefaultHasher::new();
    tokens.hash(&mut hasher);
    hasher.finish()
}

/// The number of handshakes reported as complete.
pub(crate) fn handshakes(transcript: &Transcript) -> usize {
    let events = transcript.events().iter();
    events
        .filter(|event| matches!(event, Event::HandshakeDone { .. }))
        .count()
}

/// Whether the subject died or did not return.
pub(crate) fn stopped(transcript: &Transcript) -> bool {
    matches!(transcript.events().last(), Some(Event::Crash | Event::Hang))
}

fn token(transcript: &Transcript, event: &Event) -> u64 {
    let mut hasher = DefaultHasher::new();
    let hasher = &mut hasher;
    std::mem::discriminant(event).hash(hasher);
    match event {
        // The script does the same with and without the bug. Only the position counts.
        Event::Opened(_)
        | Event::Limited(_)
        | Event::Called(_)
        | Event::Delivered(_)
        | Event::Transport { .. } => {}
        Event::Sent(sent) => {
            sent.content.hash(hasher);
            transcript.bytes(sent.bytes).hash(hasher);
            sent.header.hash(hasher);
            sent.length.hash(hasher);
            sent.epoch.hash(hasher);
            sent.sequence.hash(hasher);
            sent.explicit_nonce.hash(hasher);
        }
        Event::Accepted { bytes } => bytes.hash(hasher),
        Event::HandshakeDone {
            version,
            suite,
            resumed,
            early,
        } => (version, suite, resumed, early).hash(hasher),
        Event::EarlyData(span) | Event::Data(span) | Event::Left(span) | Event::Exported(span) => {
            transcript.bytes(*span).hash(hasher);
        }
        Event::End(how) => how.hash(hasher),
        Event::Failed { class, alert } => {
            class.hash(hasher);
            alert
                .map(|alert| (alert.direction, alert.description))
                .hash(hasher);
        }
        Event::Refused { call, class } => (call, class).hash(hasher),
        Event::State {
            name,
            shown,
            discarded,
        } => (name, shown, discarded).hash(hasher),
        Event::TooSmall {
            call,
            room,
            needed,
            touched,
        } => (call, room, needed, touched).hash(hasher),
        Event::Wants { read, write } => (read, write).hash(hasher),
        Event::Helped {
            said,
            moved,
            blocked,
        } => (said.read, said.written, moved.read, moved.written, blocked).hash(hasher),
        Event::SentFin | Event::Unsupported | Event::Crash | Event::Hang => {}
    }
    hasher.finish()
}

/// The first difference between two transcripts, such as
/// `failed(DecryptError,Sent:bad_record_mac)->failed(Internal)`. `-` is no event: the script
/// continues or is over. The state that an API reports counts only if nothing else differs.
pub(crate) fn difference(sound: &Transcript, bug: &Transcript) -> String {
    let pick = |all: bool| {
        let mut events = [sound, bug].map(|transcript| {
            let events = transcript.events().iter();
            events
                .filter(move |event| all || !is_talk(event))
                .map(move |event| (token(transcript, event), word(transcript, event)))
        });
        loop {
            match events.each_mut().map(Iterator::next) {
                [None, None] => return None,
                [Some(a), Some(b)] if a.0 == b.0 => {}
                differs => {
                    let [a, b] =
                        differs.map(|event| event.map_or_else(|| "-".into(), |event| event.1));
                    return Some(format!("{a}->{b}"));
                }
            }
        }
    };
    let found = pick(false).or_else(|| pick(true));
    found.unwrap_or_default()
}

/// An event that only some APIs report.
fn is_talk(event: &Event) -> bool {
    matches!(
        event,
        Event::State { .. } | Event::Wants { .. } | Event::Left(_) | Event::Helped { .. }
    )
}

/// The name of an event in a difference.
pub(crate) fn word(transcript: &Transcript, event: &Event) -> String {
    match event {
        Event::Opened(_)
        | Event::Limited(_)
        | Event::Called(_)
        | Event::Delivered(_)
        | Event::Transport { .. } => "-".into(),
        Event::Sent(sent) => match sent.content {
            Content::Data if transcript.bytes(sent.bytes).is_empty() => "sent(empty-data)".into(),
            Content::Data => "sent(data)".into(),
            Content::Alert {
                level,
                description: alert,
            } => format!("sent({level},{})", description(alert)),
            other => format!("sent({})", compact(&other)),
        },
        Event::Accepted { .. } => "accepted".into(),
        Event::HandshakeDone { .. } => "handshake-done".into(),
        Event::EarlyData(_) => "early-data".into(),
        Event::Data(_) => "data".into(),
        Event::End(how) => format!("end({})", compact(how)),
        Event::Failed { class, alert } => match alert {
            None => format!("failed({})", compact(class)),
            Some(alert) => {
                let name = description(wire::AlertDescription(alert.description));
                format!(
                    "failed({},{}:{name})",
                    compact(class),
                    compact(&alert.direction)
                )
            }
        },
        Event::Refused { call, class } => format!("refused({},{})", compact(call), compact(class)),
        Event::State { name, .. } => format!("state({})", compact(name)),
        Event::TooSmall { .. } => "too-small".into(),
        Event::Wants { read, write } => format!("wants({read},{write})"),
        Event::Helped { .. } => "helped".into(),
        Event::Left(_) => "left".into(),
        Event::Exported(_) => "exported".into(),
        Event::Unsupported => "unsupported".into(),
        Event::SentFin => "fin".into(),
        Event::Crash => "crash".into(),
        Event::Hang => "hang".into(),
    }
}
