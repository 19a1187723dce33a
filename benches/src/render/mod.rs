//! Everything that is rendered from a `bench.json`.

mod chart;
mod figures;
mod html;
mod markdown;
mod pairs;
mod tables;
mod trackers;

pub use self::figures::{Figure, all as figures};
pub use self::html::html;
pub use self::markdown::markdown;
pub use self::trackers::{bencher, github};
