//! A transcript drawn as three lifelines, for the page.

use askama::Template;

use super::life::{Lives, advance};
use crate::exit::{Exit, Failure};
use crate::lines::{Inside, Lane, Line};

/// Where the lifelines of application, subject and peer are.
const X: [usize; 3] = [80, 330, 640];
const NAMES: [&str; 3] = ["application", "subject", "peer"];
/// Where the first event is, and how far apart they are.
const TOP: usize = 48;
const STEP: usize = 30;
/// How many characters fit between two lifelines, and behind the last.
const FITS: [usize; 2] = [32, 40];
const NOTE: usize = 36;

#[derive(Template)]
#[template(path = "ladder.svg", escape = "html")]
struct Ladder {
    height: usize,
    label: String,
    heads: Vec<(usize, &'static str)>,
    lives: Vec<Segment>,
    rows: Vec<Row>,
}

/// A part of a lifeline that looks the same all along.
struct Segment {
    class: &'static str,
    x: usize,
    from: usize,
    to: usize,
}

/// An event.
struct Row {
    class: String,
    here: bool,
    arrow: bool,
    from: usize,
    to: usize,
    left: usize,
    width: usize,
    y: usize,
    text: String,
    text_x: usize,
    note: String,
    tip: String,
}

/// The picture, as an element to be put into a page that brings the styles and the marker.
pub(super) fn draw(lines: &[Line], label: &str) -> Result<String, Failure> {
    let height = TOP + STEP * lines.len();
    let ladder = Ladder {
        height,
        label: label.to_owned(),
        heads: X.into_iter().zip(NAMES).collect(),
        lives: lives(lines),
        rows: lines
            .iter()
            .enumerate()
            .map(|(i, line)| row(line, TOP + STEP * i))
            .collect(),
    };
    ladder
        .render()
        .map_err(|error| Failure::new(Exit::Internal, format!("cannot draw a ladder: {error}")))
}

/// The lifelines, in as few parts as they change their looks.
fn lives(lines: &[Line]) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    let end = TOP + STEP * lines.len();
    for (who, x) in X.into_iter().enumerate() {
        let mut lives = Lives::default();
        let mut from = 24;
        let mut class = "open";
        for (i, line) in lines.iter().enumerate() {
            advance(&mut lives, line);
            let now = match lives[who] {
                life if life.over => "over",
                life if life.closed => "half",
                _ => "open",
            };
            if now != class {
                let to = TOP + STEP * i;
                segments.push(Segment { class, x, from, to });
                (from, class) = (to, now);
            }
        }
        segments.push(Segment {
            class,
            x,
            from,
            to: end,
        });
    }
    segments.retain(|segment| segment.class != "over");
    segments
}

fn row(line: &Line, y: usize) -> Row {
    let [app, subject, peer] = X;
    let (from, to) = match line.lane {
        Lane::AppToSubject => (app, subject),
        Lane::SubjectToApp => (subject, app),
        Lane::SubjectToPeer => (subject, peer),
        Lane::PeerToSubject => (peer, subject),
        Lane::Subject => (subject, peer),
    };
    let arrow = line.lane != Lane::Subject;
    let (left, right) = (from.min(to), from.max(to));
    let fits = match left == app {
        true => FITS[0],
        false => FITS[1],
    };
    let note = match (line.here, line.note.is_empty()) {
        (true, _) => format!("✗ {}", line.note),
        (false, _) => line.note.clone(),
    };
    let mut class = match &line.inside {
        Some(_) => format!("rec {}", epoch(line)),
        None if line.text.starts_with("state ") => "state".into(),
        None => "call".into(),
    };
    if line.here {
        class += " broken";
    }
    Row {
        class,
        here: line.here,
        arrow,
        from,
        // The head of the arrow ends at the line.
        to: match to > from {
            true => to - 2,
            false => to + 2,
        },
        left: left + 6,
        width: right - left - 12,
        y,
        text: clip(&line.text, fits),
        text_x: match arrow {
            true => left.midpoint(right),
            false => subject + 10,
        },
        note: clip(&note, NOTE),
        tip: line
            .inside
            .as_ref()
            .map_or_else(String::new, |inside| tip(line, inside)),
    }
}

/// What protects a record, as a class: what a note says first.
fn epoch(line: &Line) -> &'static str {
    let note = line.note.as_str();
    if note.starts_with("application keys") {
        "k-app"
    } else if note.starts_with("keys of generation") {
        "k-next"
    } else if note.starts_with("handshake keys") {
        "k-hs"
    } else if note.starts_with("early keys") {
        "k-early"
    } else if note.starts_with("no keys") {
        "k-none"
    } else {
        "k-plain"
    }
}

/// What hovering and focus show, a fact for each line.
fn tip(line: &Line, inside: &Inside) -> String {
    let bytes: Vec<&str> = inside.header.split(' ').collect();
    let kind = match bytes.first() {
        Some(&"14") => "change_cipher_spec",
        Some(&"15") => "alert",
        Some(&"16") => "handshake",
        Some(&"17") => "application_data",
        _ => "of no known type",
    };
    let mut facts = vec![line.text.clone()];
    if !line.note.is_empty() {
        facts.push(line.note.clone());
    }
    let version = bytes.get(1..3).unwrap_or_default().join("");
    let mut header = format!("header: type {kind}, version 0x{version}");
    if let Some([high, low]) = bytes.get(3..5) {
        let length = u32::from_str_radix(&format!("{high}{low}"), 16).unwrap_or_default();
        header += &format!(", length {length}");
    }
    facts.push(header);
    facts.push(match (inside.length, inside.plaintext.is_empty()) {
        (None, _) => "content: not kept, it differs from run to run".into(),
        (Some(_), true) => "content: empty".into(),
        (Some(length), false) => {
            let shown = inside.plaintext.split(' ').count();
            let more = match length > shown {
                true => format!(" … ({length} B)"),
                false => String::new(),
            };
            format!("plaintext: {}{more}", inside.plaintext)
        }
    });
    facts.join("\n")
}

fn clip(text: &str, width: usize) -> String {
    match text.chars().count() <= width {
        true => text.into(),
        false => text.chars().take(width - 1).chain(['…']).collect(),
    }
}
