//! The state of each lifeline along a transcript.

use crate::lines::{Lane, Line};

/// A lifeline: whole while its side may still send, thin when it has closed its half, gone when
/// both halves are closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) closed: bool,
    pub(crate) over: bool,
}

/// The lifelines of application, subject and peer.
pub(crate) type Lives = [Life; 3];

/// Moves the lifelines past `line`.
pub(crate) fn advance(lives: &mut Lives, line: &Line) {
    let [app, subject, peer] = lives;
    match (line.lane, line.text.as_str()) {
        (Lane::Subject, text) if text.starts_with("connection") => *lives = Default::default(),
        (Lane::AppToSubject, "close_write") => app.closed = true,
        (Lane::SubjectToPeer, "close_notify") => subject.closed = true,
        (Lane::PeerToSubject, "close_notify") => peer.closed = true,
        _ => {}
    }
    let over = lives[1].closed && lives[2].closed;
    lives[1].over |= over;
    lives[2].over |= over;
}
