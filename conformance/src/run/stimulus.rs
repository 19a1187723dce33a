//! What a subject is told, as a number.

use std::io;

use protocol::{Command, Sink};
use scenario::{Port, Stop};

/// A port that takes note of the commands that pass.
///
/// The bytes of TLS do not count, because they differ from run to run, and they follow from the
/// script and from what the subject itself has said. How they are cut does.
pub(super) struct Noting<'a> {
    port: &'a mut dyn Port,
    note: Fnv,
}

impl<'a> Noting<'a> {
    pub(super) fn new(port: &'a mut dyn Port) -> Self {
        Self {
            port,
            note: Fnv(0xcbf2_9ce4_8422_2325),
        }
    }

    /// The number: equal commands, equal numbers.
    pub(super) fn number(&self) -> u64 {
        self.note.0
    }
}

impl Port for Noting<'_> {
    fn command(&mut self, command: Command<'_>, sink: &mut dyn Sink) -> Result<(), Stop> {
        let written = match &command {
            Command::Feed { cuts, io, .. } => {
                serde_json::to_writer(&mut self.note, &("feed", cuts, io))
            }
            other => serde_json::to_writer(&mut self.note, other),
        };
        // What cannot be written as JSON cannot be sent either, and the port will say so.
        drop(written);
        self.port.command(command, sink)
    }
}

/// FNV-1a.
struct Fnv(u64);

impl io::Write for Fnv {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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

    struct Deaf;

    impl Sink for Deaf {
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
        assert_eq!(port.command(feed, &mut Deaf), Ok(()));
        port.number()
    }

    #[test]
    fn cuts_count_and_ciphertext_does_not() {
        assert_eq!(number(b"one", &[1]), number(b"two", &[1]));
        assert_ne!(number(b"one", &[1]), number(b"one", &[2]));
    }
}
