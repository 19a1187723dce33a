//! A transcript drawn as three lifelines, for the page.

use askama::Template;

use super::life::{Lives, advance};
use crate::exit::{Exit, Failure};
use crate::lines::{Inside, Lane, Line};

/// The places and sizes in a picture.
struct Layout {
    class: &'static str,
    width: usize,
    /// The lifelines of application, subject and peer.
    x: [usize; 3],
    /// The first event.
    top: usize,
    /// The height of a row, and how much a note below it adds.
    step: usize,
    noted: usize,
    /// The number of characters that fit to the right of the application and of the subject.
    fits: [usize; 2],
    /// The number of characters of a note that fit, and the place of notes that are not below their rows.
    note: usize,
    note_x: Option<usize>,
    /// The height of the ring around the row that matters, and how much of it is above the arrow.
    ring: (usize, usize),
    /// Records have their header and plaintext with them. One of two pictures is enough for a script.
    tips: bool,
}

/// Notes are beside their rows.
const WIDE: Layout = Layout {
    class: "wide",
    width: 900,
    x: [80, 330, 640],
    top: 48,
    step: 30,
    noted: 0,
    fits: [32, 40],
    note: 36,
    note_x: Some(652),
    ring: (26, 18),
    tips: true,
};

/// For a phone: notes are below their rows.
const NARROW: Layout = Layout {
    class: "narrow",
    width: 340,
    x: [14, 126, 326],
    top: 42,
    step: 26,
    noted: 14,
    fits: [46, 29],
    note: 34,
    note_x: None,
    ring: (34, 16),
    tips: false,
};

#[derive(Template)]
#[template(path = "ladder.svg", escape = "html")]
struct Ladder<'a> {
    layout: &'a Layout,
    height: usize,
    label: &'a str,
    heads: [(usize, &'static str, String); 3],
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
    /// Where the ring begins, and its height.
    ring: (usize, usize),
    y: usize,
    text: String,
    text_x: usize,
    note: String,
    note_at: (usize, usize),
    tip: String,
}

/// The picture of a connection of `subject`, as elements to be put into a page that brings the styles
/// and the marker: one for wide screens and one for narrow ones.
pub(super) fn draw(lines: &[Line], subject: &str, label: &str) -> Result<String, Failure> {
    let wide = draw_as(&WIDE, lines, subject, label)?;
    let narrow = draw_as(&NARROW, lines, subject, label)?;
    Ok(wide + &narrow)
}

fn draw_as(layout: &Layout, lines: &[Line], subject: &str, label: &str) -> Result<String, Failure> {
    let mut places = Vec::new();
    let mut y = layout.top;
    for line in lines {
        places.push(y);
        y += layout.step;
        if line.here || !line.note.is_empty() {
            y += layout.noted;
        }
    }
    let [app, middle, peer] = layout.x;
    // On a phone the subject's name takes all the room between the others.
    let (app, middle, peer, room) = match layout.note_x {
        Some(_) => (
            (app, "middle", "application"),
            (middle, "middle"),
            (peer, "middle", "peer"),
            layout.fits[1],
        ),
        None => (
            (4, "start", "app"),
            (44, "start"),
            (layout.width - 2, "end", "peer"),
            36,
        ),
    };
    let ladder = Ladder {
        layout,
        height: y,
        label,
        heads: [
            (app.0, app.1, app.2.into()),
            (middle.0, middle.1, clip(subject, room)),
            (peer.0, peer.1, peer.2.into()),
        ],
        lives: lives(layout, lines, &places, y),
        rows: lines
            .iter()
            .zip(&places)
            .map(|(line, y)| row(layout, line, *y))
            .collect(),
    };
    ladder
        .render()
        .map_err(|error| Failure::new(Exit::Internal, format!("cannot draw a ladder: {error}")))
}

/// The lifelines, in as few parts as they change their looks.
fn lives(layout: &Layout, lines: &[Line], places: &[usize], end: usize) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for (who, x) in layout.x.into_iter().enumerate() {
        let mut lives = Lives::default();
        let mut from = 22;
        let mut class = "open";
        for (line, place) in lines.iter().zip(places) {
            advance(&mut lives, line);
            let now = match lives[who] {
                life if life.over => "over",
                life if life.closed => "half",
                _ => "open",
            };
            if now != class {
                let to = *place;
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

fn row(layout: &Layout, line: &Line, y: usize) -> Row {
    let [app, subject, peer] = layout.x;
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
        true => layout.fits[0],
        false => layout.fits[1],
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
        left: left + 4,
        width: right - left - 8,
        ring: (y - layout.ring.1, layout.ring.0),
        y,
        text: clip(&line.text, fits),
        text_x: match (layout.note_x, arrow) {
            (Some(_), true) => left.midpoint(right),
            (_, true) => left + 6,
            (_, false) => subject + 8,
        },
        note: clip(&note, layout.note),
        note_at: match layout.note_x {
            Some(x) => (x, y + 1),
            None => (left + 14, y + 13),
        },
        tip: line
            .inside
            .as_ref()
            .map_or_else(String::new, |inside| tip(line, inside)),
    }
}

/// The class of a record's protection, which its note names first.
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

/// The text shown on hovering and focus, a fact for each line.
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
