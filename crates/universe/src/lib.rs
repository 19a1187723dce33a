//! The universe of bugs: every row of the reference's table overridden with every reaction of a
//! closed list, and which of these bugs the rules find.
//!
//! [`Plan`] plays all instances without a bug, notes the situations and contexts that the reference
//! reaches, and enumerates the [`Bug`]s. [`World::fate`] plays one bug until a rule finds it.
//! [`run`] does so for all of them, and can be stopped and resumed; [`Tally`] counts.
//!
//! A bug is *observable* if some transcript differs from the sound one on the wire or for the
//! application. Bugs with the same transcripts count once. A bug is
//!
//! * *found* if a rule for a single transcript reports a deviation or a variation that it does not
//!   report for the sound one;
//! * *noted* if only codes of grade behaviour are new;
//! * *allowed* if a pattern of `allowed.toml` covers every way in which it first shows;
//! * a *survivor* otherwise. Survivors are in `survivors.txt`, which may only become shorter.
//!
//! Panics, hangs and handshakes that merely fail are outside the score.

mod allowed;
mod cases;
pub mod codes;
mod enumerate;
mod exhibits;
pub mod names;
mod parallel;
mod plan;
mod run;
mod sample;
mod score;
mod seen;
mod shim;
mod survivors;
mod world;

pub use allowed::{Allowed, Pattern};
pub use enumerate::Bug;
pub use exhibits::{choose, exhibits};
pub use plan::{Extent, Plan};
pub use run::{Progress, Run, run};
pub use sample::{Sampled, check, sample};
pub use score::{Line, Score, Standing, Tally};
pub use shim::{Shim, faithful, muted};
pub use survivors::Survivors;
pub use world::{Fate, Finding, INSTANCES, Judge, Outcome, Scratch, World};
