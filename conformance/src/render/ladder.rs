//! A transcript drawn as three lifelines: application, subject, peer.

use super::life::{Life, Lives, advance};
use super::text::width;
use crate::lines::{Lane, Line};

/// Cells between the lifelines of application and subject.
const LEFT: usize = 25;
/// Cells between the lifelines of subject and peer.
const RIGHT: usize = 31;

fn mark(life: Life) -> char {
    match life {
        Life { over: true, .. } => ' ',
        Life { closed: true, .. } => '╎',
        _ => '│',
    }
}

/// Draws all `lines` of a connection of `subject`.
pub fn draw_all(lines: &[Line], subject: &str) -> String {
    draw(lines, subject, lines.len(), lines.len(), 0)
}

/// Draws `lines` of a connection of `subject`, a row for each: at most `before` of them ahead of the
/// marked one and `after` of them after it, all indented by `indent` cells.
pub fn draw(lines: &[Line], subject: &str, before: usize, after: usize, indent: usize) -> String {
    let place = lines
        .iter()
        .position(|line| line.here)
        .unwrap_or(lines.len());
    let from = place.saturating_sub(before);
    let to = (place + after + 1).min(lines.len());
    let pad = " ".repeat(indent);
    let mut out = format!("{pad}{}\n", heads(subject));
    let mut lives = Lives::default();
    for (i, line) in lines.iter().enumerate() {
        if i == from && from > 0 {
            out.push_str(&pad);
            out.push_str(&row(lives, &center("⋮", LEFT), &center("⋮", RIGHT), ""));
        }
        if (from..to).contains(&i) {
            let drawn = draw_line(line, lives, width().saturating_sub(indent));
            out.push_str(&pad);
            out.push_str(&drawn);
        }
        advance(&mut lives, line);
    }
    out
}

/// The names of the lifelines: the subject's is centred above its own.
fn heads(subject: &str) -> String {
    // Both sides of the middle lifeline, up to the other names and a gap.
    let room = 2 * (LEFT - 3) - 1;
    let name = clip(subject, room);
    let start = LEFT + 3 - name.chars().count() / 2;
    let out = format!(" app{}{name}", " ".repeat(start - 4));
    let missing = (LEFT + RIGHT + 2).saturating_sub(out.chars().count());
    format!("{out}{}peer", " ".repeat(missing))
}

fn draw_line(line: &Line, lives: Lives, width: usize) -> String {
    let blank = |n: usize| " ".repeat(n);
    let (left, right) = match line.lane {
        Lane::AppToSubject => (arrow(&line.text, LEFT, true), blank(RIGHT)),
        Lane::SubjectToApp => (arrow(&line.text, LEFT, false), blank(RIGHT)),
        Lane::SubjectToPeer => (blank(LEFT), arrow(&line.text, RIGHT, true)),
        Lane::PeerToSubject => (blank(LEFT), arrow(&line.text, RIGHT, false)),
        Lane::Subject => (blank(LEFT), fit(&format!(" {}", line.text), RIGHT)),
    };
    let room = width.saturating_sub(LEFT + RIGHT + 6);
    let note = match (line.here, line.note.is_empty()) {
        (true, _) => format!("✗ {}", line.note),
        (false, _) => line.note.clone(),
    };
    row(lives, &left, &right, &fit(&note, room))
}

fn row(lives: Lives, left: &str, right: &str, note: &str) -> String {
    let [app, subject, peer] = lives.map(mark);
    let line = format!("  {app}{left}{subject}{right}{peer} {note}");
    format!("{}\n", line.trim_end())
}

/// `── text ────▶` in exactly `width` cells.
fn arrow(text: &str, width: usize, rightwards: bool) -> String {
    let text = clip(text, width - 6);
    let used = text.chars().count() + 6;
    let shaft = "─".repeat(width.saturating_sub(used));
    match rightwards {
        true => format!("── {text} {shaft}─▶"),
        false => format!("◀─ {text} {shaft}──"),
    }
}

fn fit(text: &str, width: usize) -> String {
    let text = clip(text, width);
    let missing = width.saturating_sub(text.chars().count());
    format!("{text}{}", " ".repeat(missing))
}

fn center(text: &str, width: usize) -> String {
    fit(&format!("{}{text}", " ".repeat(width / 2)), width)
}

fn clip(text: &str, width: usize) -> String {
    match text.chars().count() <= width {
        true => text.into(),
        false => text
            .chars()
            .take(width.saturating_sub(1))
            .chain(['…'])
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(lane: Lane, text: &str, here: bool) -> Line {
        Line {
            here,
            inside: None,
            lane,
            note: "application keys, generation 12, sequence 12345, and more than fits".into(),
            text: text.into(),
        }
    }

    #[test]
    fn no_line_is_wider_than_a_hundred_cells() {
        let long = "x".repeat(200);
        let lines = [
            line(Lane::AppToSubject, &long, false),
            line(Lane::SubjectToApp, &long, false),
            line(Lane::Subject, &long, false),
            line(Lane::SubjectToPeer, &long, false),
            line(Lane::PeerToSubject, &long, true),
        ];
        let drawn = draw(&lines, &long, 10, 3, 9);
        assert!(
            drawn.lines().all(|line| line.chars().count() <= width()),
            "{drawn}"
        );
    }

    #[test]
    fn a_lifeline_is_dotted_once_its_half_is_closed_and_ends_with_both() {
        let lines = [
            line(Lane::SubjectToPeer, "close_notify", false),
            line(Lane::Subject, "between", false),
            line(Lane::PeerToSubject, "close_notify", false),
            line(Lane::Subject, "behind", true),
        ];
        let drawn = draw(&lines, "rustls 0.23.46 unbuffered", 10, 3, 0);
        let rows: Vec<&str> = drawn.lines().collect();
        assert!(rows[2].contains('╎'), "{drawn}");
        assert!(!rows[4].contains('╎'), "{drawn}");
    }
}
