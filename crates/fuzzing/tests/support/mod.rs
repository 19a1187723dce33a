//! Shared helpers of the tests.

#![allow(dead_code, reason = "not every test uses all of it")]

use closure::Axes;
use fuzzing::{Engine, Input, report};
use scenario::{Play, Script, Specimen};

/// Plays a script on its own, under the plain habit.
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

/// Plays a script for the instance that it names, as its target does. Returns the report of the
/// fuzzer, if there is a problem.
///
/// # Panics
///
/// If the script names no instance.
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
