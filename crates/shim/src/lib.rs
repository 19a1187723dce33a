//! The runner's end of the shim protocol: subjects in other processes, and a record of what passes.
//!
//! It is separate from the program because a run exchanges hundreds of thousands of lines, and the
//! program is compiled without optimisation.

mod process;
mod shim;
mod stimulus;
mod tap;

pub use process::{NoLine, Process, processor_time};
pub use shim::{Launch, Shim, Unusable};
pub use stimulus::Noting;
pub use tap::{Passed, Tap, Wire};

/// Foreign text, made safe to show on one line.
pub fn one_line(text: &str) -> String {
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut line: String = clean.take(300).collect();
    if text.chars().count() > 300 {
        line.push('…');
    }
    line
}
