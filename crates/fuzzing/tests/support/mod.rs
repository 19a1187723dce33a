//! What several tests do with scripts in files.

use closure::Axes;
use fuzzing::{Engine, Input, report};
use scenario::Specimen;

/// Plays a script that says which instance it is as a target does; what the fuzzer would say of it.
///
/// # Panics
///
/// If it does not say which.
pub fn replay(engine: &mut Engine, specimen: Specimen) -> Option<String> {
    let (_, axes) = specimen.instance.unwrap();
    let mut input = Input {
        axes: Axes {
            build: engine.build(),
            ..axes
        },
        script: specimen.script,
    };
    let problem = engine.play(&mut input).err()?;
    let target = engine.target();
    Some(report(target, &input, &problem, engine.transcript()))
}
