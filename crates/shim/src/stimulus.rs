//! A hash of the commands to a subject.

use std::hash::{Hash, Hasher};

use protocol::{Command, Sink};
use scenario::{Port, Stop};

/// A port that hashes the commands that pass.
///
/// The hash includes the cuts of the input, but not the bytes of TLS: they differ from run to run, and
/// follow from the script and the messages of the subject.
pub struct Noting<'a> {
    port: &'a mut dyn Port,
    note: Words,
}

impl<'a> Noting<'a> {
    /// Hashes the commands to `port`.
    pub fn new(port: &'a mut dyn Port) -> Self {
        Self {
            port,
            note: Words(0xcbf2_9ce4_8422_2325),
        }
    }

    /// The hash of the commands so far.
    pub fn number(&self) -> u64 {
        self.note.finish()
    }
}

impl Port for Noting<'_> {
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) -> Result<(), Stop> {
        match &command {
            Command::Feed { cuts, io, .. } => (cuts, io).hash(&mut self.note),
            other => other.hash(&mut self.note),
        }
        self.port.command(command, sink)
    }
}

/// FNV-1a on words of eight bytes. A context's certificates and keys are thousands of bytes, and each
/// instance sends them.
struct Words(u64);

impl Hasher for Words {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.write_u64(u64::from_le_bytes(last));
    }

    fn write_u64(&mut self, word: u64) {
        // The product moves differences up only, so that they are moved down again.
        self.0 = (self.0 ^ word)
            .wrapping_mul(0x0100_0000_01b3)
            .rotate_left(29);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use protocol::{Bytes, Io};

    use super::*;

    struct Nobody;

    impl Port for Nobody {
        fn command(&mut self, _: Command<'_>, _: &mut dyn Sink) -> Result<(), Stop> {
            Ok(())
        }
    }

    struct Discard;

    impl Sink for Discard {
        fn observe(&mut self, _: protocol::Observation<'_>) {}
        fn end_piece(&mut self) {}
    }

    fn number(bytes: &[u8], cuts: &[usize]) -> u64 {
        let mut nobody = Nobody;
        let mut port = Noting::new(&mut nobody);
        let feed = Command::Feed {
            bytes: Bytes::from(bytes),
            cuts: cuts.into(),
            io: Io::default(),
        };
        assert_eq!(port.command(feed, &mut Discard), Ok(()));
        port.number()
    }

    #[test]
    fn the_hash_includes_cuts_but_not_ciphertext() {
        assert_eq!(number(b"one", &[1]), number(b"two", &[1]));
        assert_ne!(number(b"one", &[1]), number(b"one", &[2]));
    }
}
