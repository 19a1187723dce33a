//! What several tests do with scripts in files.

use closure::Axes;
use fuzzing::{Engine, Input, Target, report};
use scenario::Specimen;

/// Plays a script that says which instance it is as a target does; what the fuzzer would say of it.
///
/// # Panics
///
/// If it does not say which, or the target does not start.
pub fn replay(target: &'static Target, specimen: Specimen) -> Option<String> {
    let (_, axes) = specimen.instance.unwrap();
    let mut engine = Engine::new(target).unwrap();
    let mut input = Input {
        axes: Axes {
            build: engine.build(),
            ..axes
        },
        script: specimen.script,
    };
    let problem = engine.play(&mut input).err()?;
    Some(report(target, &input, &problem, engine.transcript()))
}
