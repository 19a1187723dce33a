//! All keys of one direction of a connection.

use wire::{Epoch, RecordHeader, Version};

use super::{OpenError, Opened, Protection, Seal, TooLong};
use crate::crypto::hash::Secret;
use crate::crypto::schedule13::next_generation;
use crate::crypto::suite::Suite;

/// The last generation of application keys that a [`Keyring`] derives. It is far more than any
/// connection uses, and deriving it does not take noticeable time.
pub const MAX_GENERATION: u32 = 1 << 16;

/// The keys and sequence numbers of every epoch of one direction.
///
/// It keeps every epoch, so that a record can be sealed with retired or future keys, or with those
/// of the other side (with its keyring). Sequence numbers change only on request.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    plain_sequence: u64,
    early: Option<Stage>,
    handshake: Option<Stage>,
    application: Option<Application>,
}

#[derive(Clone, Debug)]
struct Stage {
    secret: Secret,
    sequence: u64,
    protection: Protection,
}

#[derive(Clone, Debug)]
enum Application {
    Tls13 {
        suite: Suite,
        first: Generation,
        later: Vec<Generation>,
        warm: Warm,
    },
    Tls12 {
        sequence: u64,
        protection: Protection,
    },
}

#[derive(Clone, Copy, Debug)]
struct Generation {
    secret: Secret,
    sequence: u64,
}

/// A cache of the two generations that were used last. Most records use the current generation, or
/// the one before or after it.
#[derive(Clone, Debug)]
struct Warm {
    slots: [Option<(u32, Protection)>; 2],
    latest: usize,
}

impl Keyring {
    /// Creates a keyring without keys. It supports only [`Epoch::Plain`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Clones `other` into `self` and reuses its memory.
    pub fn restore(&mut self, other: &Self) {
        let mut spare = match &mut self.application {
            Some(Application::Tls13 { later, .. }) => std::mem::take(later),
            _ => Vec::new(),
        };
        self.plain_sequence = other.plain_sequence;
        self.early.clone_from(&other.early);
        self.handshake.clone_from(&other.handshake);
        self.application.clone_from(&other.application);
        if let Some(Application::Tls13 { later, .. }) = &mut self.application {
            spare.clear();
            spare.extend_from_slice(later);
            *later = spare;
        }
    }

    /// Installs the traffic secret of [`Epoch::Early`]. The suite is that of the PSK.
    pub fn install_early(&mut self, suite: Suite, secret: Secret) {
        self.early = Some(Stage::new(suite, secret));
    }

    /// Installs the traffic secret of [`Epoch::Handshake`].
    pub fn install_handshake(&mut self, suite: Suite, secret: Secret) {
        self.handshake = Some(Stage::new(suite, secret));
    }

    /// Installs the traffic secret of TLS 1.3 [`Epoch::Application`] generation 0. The others are
    /// derived from it.
    pub fn install_application(&mut self, suite: Suite, secret: Secret) {
        self.application = Some(Application::Tls13 {
            suite,
            first: Generation {
                secret,
                sequence: 0,
            },
            later: Vec::new(),
            warm: Warm {
                slots: [
                    Some((0, Protection::from_traffic_secret(suite, &secret))),
                    None,
                ],
                latest: 0,
            },
        });
    }

    /// Installs the keys of TLS 1.2: only [`Epoch::Application`] generation 0.
    pub fn install_tls12(&mut self, protection: Protection) {
        self.application = Some(Application::Tls12 {
            sequence: 0,
            protection,
        });
    }

    /// Returns the protection of `epoch`, or `None` if its keys do not exist (yet) or the
    /// generation is above [`MAX_GENERATION`]. [`Epoch::Plain`] always exists.
    pub fn protection(&mut self, epoch: Epoch) -> Option<&Protection> {
        match epoch {
            Epoch::Plain => Some(&Protection::PLAIN),
            Epoch::Early => self.early.as_ref().map(|stage| &stage.protection),
            Epoch::Handshake => self.handshake.as_ref().map(|stage| &stage.protection),
            Epoch::Application(generation) => match self.application.as_mut()? {
                Application::Tls12 { protection, .. } => (generation == 0).then_some(protection),
                Application::Tls13 {
                    suite,
                    first,
                    later,
                    warm,
                } => {
                    let secret = Generation::at(*suite, first, later, generation)?.secret;
                    Some(warm.get(*suite, generation, &secret))
                }
            },
        }
    }

    /// Returns the traffic secret of `epoch`, for a key log. Returns `None` as for
    /// [`Self::protection`], and for epochs without a secret: plain, or TLS 1.2.
    pub fn secret(&mut self, epoch: Epoch) -> Option<Secret> {
        match epoch {
            Epoch::Plain => None,
            Epoch::Early => self.early.as_ref().map(|stage| stage.secret),
            Epoch::Handshake => self.handshake.as_ref().map(|stage| stage.secret),
            Epoch::Application(generation) => match self.application.as_mut()? {
                Application::Tls12 { .. } => None,
                Application::Tls13 {
                    suite,
                    first,
                    later,
                    ..
                } => Generation::at(*suite, first, later, generation).map(|found| found.secret),
            },
        }
    }

    /// Returns the next sequence number of `epoch`, or 0 if its keys do not exist.
    pub fn sequence(&mut self, epoch: Epoch) -> u64 {
        self.sequence_mut(epoch).map_or(0, |sequence| *sequence)
    }

    /// Sets the next sequence number of `epoch`. Has no effect if its keys do not exist.
    pub fn set_sequence(&mut self, epoch: Epoch, next: u64) {
        if let Some(sequence) = self.sequence_mut(epoch) {
            *sequence = next;
        }
    }

    /// Advances the sequence number of `epoch` by one.
    pub fn advance(&mut self, epoch: Epoch) {
        if let Some(sequence) = self.sequence_mut(epoch) {
            *sequence = sequence.wrapping_add(1);
        }
    }

    /// Seals a record with the next sequence number of `epoch` and advances it. Returns `None` and
    /// writes nothing if the keys do not exist.
    pub fn seal(
        &mut self,
        epoch: Epoch,
        seal: &Seal<'_>,
        out: &mut Vec<u8>,
    ) -> Option<Result<(), TooLong>> {
        let sequence = self.sequence(epoch);
        let sealed = self.protection(epoch)?.seal(sequence, seal, out);
        if sealed.is_ok() {
            self.advance(epoch);
        }
        Some(sealed)
    }

    /// Opens the next record of `epoch`, and advances the sequence number if the tag is correct.
    /// Returns `None` if the keys do not exist.
    pub fn open(
        &mut self,
        epoch: Epoch,
        header: RecordHeader,
        body: &mut [u8],
    ) -> Option<Result<Opened, OpenError>> {
        let sequence = self.sequence(epoch);
        let opened = self.protection(epoch)?.open(sequence, header, body);
        if matches!(opened, Ok(_) | Err(OpenError::NoContentType { .. })) {
            self.advance(epoch);
        }
        Some(opened)
    }

    /// Returns the version whose application keys are installed.
    #[must_use]
    pub const fn version(&self) -> Option<Version> {
        match self.application {
            None => None,
            Some(Application::Tls13 { .. }) => Some(Version::Tls13),
            Some(Application::Tls12 { .. }) => Some(Version::Tls12),
        }
    }

    fn sequence_mut(&mut self, epoch: Epoch) -> Option<&mut u64> {
        match epoch {
            Epoch::Plain => Some(&mut self.plain_sequence),
            Epoch::Early => self.early.as_mut().map(|stage| &mut stage.sequence),
            Epoch::Handshake => self.handshake.as_mut().map(|stage| &mut stage.sequence),
            Epoch::Application(generation) => match self.application.as_mut()? {
                Application::Tls12 { sequence, .. } => (generation == 0).then_some(sequence),
                Application::Tls13 {
                    suite,
                    first,
                    later,
                    ..
                } => Generation::at(*suite, first, later, generation)
                    .map(|found| &mut found.sequence),
            },
        }
    }
}

impl Stage {
    fn new(suite: Suite, secret: Secret) -> Self {
        let protection = Protection::from_traffic_secret(suite, &secret);
        Self {
            secret,
            sequence: 0,
            protection,
        }
    }
}

impl Generation {
    /// Derives `generation` from the last derived one.
    fn at<'a>(
        suite: Suite,
        first: &'a mut Self,
        later: &'a mut Vec<Self>,
        generation: u32,
    ) -> Option<&'a mut Self> {
        let wanted = generation as usize;
        if generation > MAX_GENERATION {
            return None;
        }
        while later.len() < wanted {
            let secret = &later.last().unwrap_or(first).secret;
            let secret = next_generation(suite.hash, secret);
            later.push(Self {
                secret,
                sequence: 0,
            });
        }
        Some(if wanted == 0 {
            first
        } else {
            &mut later[wanted - 1]
        })
    }
}

impl Warm {
    fn get(&mut self, suite: Suite, generation: u32, secret: &Secret) -> &Protection {
        let holds = |slot: &Option<(u32, Protection)>| {
            slot.as_ref().is_some_and(|(held, _)| *held == generation)
        };
        self.latest = self.slots.iter().position(holds).unwrap_or_else(|| {
            let oldest = 1 - self.latest;
            self.slots[oldest] = None;
            oldest
        });
        let make = || (generation, Protection::from_traffic_secret(suite, secret));
        &self.slots[self.latest].get_or_insert_with(make).1
    }
}
