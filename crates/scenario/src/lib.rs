//! Scripts and the player that runs them between a peer and a subject.
//!
//! A [`Script`] is data: the actions of the peer, of the application and of the transport. Its text
//! form has a line for each step and can be parsed. [`play`] runs a script against a subject behind
//! a [`Port`] and writes a [`closure::Transcript`].

mod bytes;
mod case;
mod cut;
mod player;
mod port;
mod recorder;
mod script;
mod setup;
mod shrink;
mod specimen;
mod text;

pub use bytes::{MAX_CONTENT, MAX_STEPS, WORDS, boundaries, dictionary};
pub use case::Case;
pub use player::{Play, Played, Player, Recording, Stop, play};
pub use port::{InProcess, Port};
pub use script::{App, EarlyData, Payload, Say, Script, Settings, Shape, Step, Transport};
pub use shrink::shrink;
pub use specimen::Specimen;
pub use text::ParseError;
