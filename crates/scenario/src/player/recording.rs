//! Recorded handshakes, which need not be played again.

use std::borrow::Cow;

use closure::{Axes, Cut, Profile, Transcript};
use peer::MessageName;
use protocol::{Begin, Bytes, Command, HabitKind, Io, Observation, Open, Sink};

use super::{Memory, Play, Played, Player, Run, in_pieces, setup};
use crate::script::{Script, Settings, Step};
use crate::{Port, Stop};

/// A first handshake, or the beginning of one: the bytes that the peer sent, and the player's state
/// at its end.
///
/// If both sides are deterministic, a new subject that is fed the same bytes reaches the same state
/// in a fraction of the time.
#[derive(Clone, Debug)]
pub struct Recording {
    settings: Settings,
    /// The message before which the recording ends. `None` for a complete handshake.
    until: Option<MessageName>,
    axes: Axes,
    habit: Option<HabitKind>,
    profile: Profile,
    seed: u64,
    begin: Begin,
    /// The bytes that the peer sent, one item for each flight.
    flights: Vec<Vec<u8>>,
    memory: Memory,
    transcript: Transcript,
}

impl Player {
    /// Plays only the handshake at the start of the script of `play`.
    ///
    /// # Errors
    ///
    /// Returns an error if the subject stops, if the script does not begin with a handshake, or if
    /// a complete handshake does not finish.
    pub fn record(&mut self, play: &Play<'_>, port: &mut dyn Port) -> Result<Recording, Stop> {
        let nothing = || Stop::Nonsense("there is no handshake to record".into());
        let Some(&Step::Handshake { until }) = play.script.steps.first() else {
            return Err(nothing());
        };
        let script = Script {
            settings: play.script.settings.clone(),
            steps: vec![Step::Handshake { until }],
        };
        // Cuts apply only after the handshake, so one recording serves all of them.
        let axes = Axes {
            cut: Cut::Whole,
            ..play.axes.clone()
        };
        let alone = Play {
            script: &script,
            axes: &axes,
            ..play.clone()
        };
        let mut tap = Tap {
            port,
            flights: Vec::new(),
        };
        let mut transcript = Transcript::new();
        self.play(&alone, &mut tap, &mut transcript)?;
        let done = self
            .memory
            .peer
            .as_ref()
            .is_some_and(peer::Peer::established);
        if !done && until.is_none() || play.handshake_too {
            return Err(nothing());
        }
        Ok(Recording {
            settings: script.settings,
            until,
            axes: play.axes.clone(),
            habit: play.habit,
            profile: play.profile,
            seed: play.seed,
            begin: setup::begin(&play.script.settings, play.axes, play.profile),
            flights: tap.flights,
            memory: self.memory.clone(),
            transcript,
        })
    }

    /// Plays a script whose first step is the recorded handshake.
    ///
    /// # Errors
    ///
    /// Also returns [`Stop::Nonsense`] if the subject does not send the same bytes as in the
    /// recording, or if the recording has another configuration.
    pub fn play_on(
        &mut self,
        recording: &Recording,
        play: &Play<'_>,
        port: &mut dyn Port,
        transcript: &mut Transcript,
    ) -> Result<Played, Stop> {
        let steps = recording
            .fits(play)
            .ok_or_else(|| Stop::Nonsense("the recording has another configuration".into()))?;
        self.memory.restore(&recording.memory);
        transcript.copy_from(&recording.transcript);
        transcript.cut(in_pieces(play.axes.cut));
        let result = recording.replay(port);
        port.repeated();
        let mut run = Run {
            play,
            begin: &recording.begin,
            port,
            transcript,
            memory: &mut self.memory,
        };
        let result = result.and_then(|()| run.steps(steps));
        let result = result.and_then(|()| run.finish());
        self.played(result, transcript)
    }
}

impl Recording {
    /// Returns the steps after the recorded handshake, if the script starts with it.
    fn fits<'s>(&self, play: &Play<'s>) -> Option<&'s [Step]> {
        let Self {
            settings,
            until,
            axes,
            habit,
            profile,
            seed,
            ..
        } = self;
        // The cut applies only to the steps that follow.
        let same = *settings == play.script.settings
            && axes.role == play.axes.role
            && axes.version == play.axes.version
            && axes.habit == play.axes.habit
            && axes.suite == play.axes.suite
            && *profile == play.profile
            && *habit == play.habit
            && *seed == play.seed
            && !play.handshake_too;
        match play.script.steps.split_first() {
            Some((Step::Handshake { until: begins }, rest)) if same && begins == until => {
                Some(rest)
            }
            _ => None,
        }
    }

    /// Brings a new subject to the state at the end of the recording.
    fn replay(&self, port: &mut dyn Port) -> Result<(), Stop> {
        let mut check = Check {
            expected: &self.memory.stage.wire,
            differs: false,
        };
        port.command(Command::Begin(Cow::Borrowed(&self.begin)), &mut check)?;
        let open = Open {
            role: self.axes.role,
            early: Bytes::default(),
            habit: Cow::Borrowed(&self.axes.habit),
            habit_after_handshake: true,
        };
        port.command(Command::Open(open), &mut check)?;
        for flight in &self.flights {
            let feed = Command::Feed {
                bytes: flight.as_slice().into(),
                cuts: Cow::Borrowed(&[]),
                io: Io::default(),
            };
            port.command(feed, &mut check)?;
        }
        match check.differs || !check.expected.is_empty() {
            true => Err(Stop::Nonsense(
                "the subject does not repeat the bytes that it sent in a recorded handshake".into(),
            )),
            false => Ok(()),
        }
    }
}

/// Records the flights to a subject.
struct Tap<'a> {
    port: &'a mut dyn Port,
    flights: Vec<Vec<u8>>,
}

impl Port for Tap<'_> {
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) -> Result<(), Stop> {
        if let Command::Feed { bytes, .. } = &command {
            self.flights.push(bytes.to_vec());
        }
        self.port.command(command, sink)
    }
}

/// Compares the bytes that the subject sends with the expected ones.
struct Check<'a> {
    expected: &'a [u8],
    differs: bool,
}

impl Sink for Check<'_> {
    fn observe(&mut self, observation: Observation<'_>) {
        if let Observation::Sent { bytes } = observation {
            match self.expected.strip_prefix(&*bytes) {
                Some(rest) => self.expected = rest,
                None => self.differs = true,
            }
        }
    }

    fn end_piece(&mut self) {}
}
