//! Plays one instance to show it.

use closure::{Axes, Transcript};
use scenario::{Case, Play, play};

use super::selection::fnv;
use super::{Ready, Settings};
use cases::instances::habit_kind;

/// The transcript of an instance, which is not judged.
///
/// # Errors
///
/// If the subject cannot be started, or answers nonsense.
pub fn watch(
    ready: &Ready,
    case: &Case,
    axes: &Axes,
    settings: Settings,
) -> Result<Transcript, String> {
    let mut shim = ready.launch.start().map_err(|error| error.to_string())?;
    let mut transcript = Transcript::new();
    let to_play = Play {
        script: &case.script,
        axes,
        habit: habit_kind(&ready.hello, &axes.habit),
        profile: settings.profile,
        handshake_too: case.cut_handshake,
        seed: settings.seed ^ fnv(case.name),
    };
    play(&to_play, &mut shim, &mut transcript).map_err(|stop| stop.to_string())?;
    Ok(transcript)
}
