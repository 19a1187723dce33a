//! Generated scripts, judged by the rules.
//!
//! A fuzzer supplies bytes. A [`Target`] turns them into an [`Input`]: a script and the axes of an
//! instance. The [`Engine`] plays it between the peer and rustls, both over `toycrypto`, runs every
//! rule, and sets the known deviations of rustls aside. What is left is a [`Problem`].
//!
//! The targets in `fuzz/` are thin wrappers around this crate. So are the replay of the corpora in
//! `cargo test`, and `lastword replay`.

mod codec;
mod comparable;
mod engine;
mod guard;
mod input;
mod known;
mod mask;
mod mutate;
mod problem;
mod report;
mod seed;
mod target;

pub use engine::Engine;
pub use input::{HABITS, Input};
pub use known::Known;
pub use mask::Cause;
pub use mutate::Mutator;
pub use problem::Problem;
pub use report::{report, specimen, target_of};
pub use seed::conversations;
pub use target::{Kind, TARGETS, Target};
