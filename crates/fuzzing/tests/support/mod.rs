//! What several tests do with scripts.

#![allow(dead_code, reason = "not every test uses all of it")]

use closure::Axes;
use fuzzing::{Engine, Input, report};
use scenario::{Play, Script, Specimen};

/// A way of playing a script by itself.
pub fn plainly<'a>(script: &'a Script, axes: &'a Axes) -> Play<'a> {
    Play {
        script,
        axes,
        habit: None,
        profile: Default::default(),
        handshake_too: false,
        seed: 1,
    }
}

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
    Some(report(target, &input, Some(&problem), engine.transcript()))
}
