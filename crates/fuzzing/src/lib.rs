//! Scripts that nobody wrote, judged by the rules.
//!
//! A fuzzer hands over bytes. A [`Target`] makes an [`Input`] of them: a script and the axes of an
//! instance. The [`Engine`] plays it between the peer and rustls, both over `toycrypto`, asks
//! every rule, and puts what is known of rustls aside. What is left is a [`Problem`].
//!
//! The targets of `fuzz/` are a line over this; so are the replay of the corpora in `cargo test`
//! and `lastword replay`.

mod astray;
mod codec;
mod comparable;
mod engine;
mod guard;
mod input;
mod known;
mod mutate;
mod problem;
mod report;
mod seed;
mod target;

pub use astray::Cause;
pub use engine::Engine;
pub use input::{HABITS, Input};
pub use known::Known;
pub use mutate::Mutator;
pub use problem::Problem;
pub use report::{report, specimen, target_of};
pub use seed::conversations;
pub use target::{Kind, TARGETS, Target};
