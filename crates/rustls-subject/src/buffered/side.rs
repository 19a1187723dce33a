use std::io::{Read, Write};
use std::ops::DerefMut;

use protocol::{EarlyData, Observation, Sink};
use rustls::client::{ClientConnection, ClientConnectionData};
use rustls::server::{ServerConnection, ServerConnectionData};
use rustls::{ConnectionCommon, SideData};

/// The differences between client and server connections.
pub(super) trait Side: DerefMut<Target = ConnectionCommon<Self::Data>> {
    type Data: SideData;

    /// Writes 0-RTT data, if the connection accepts any.
    fn write_early(&mut self, data: &[u8], sink: &mut dyn Sink);

    /// Reads the available 0-RTT data.
    fn read_early(&mut self, sink: &mut dyn Sink);

    /// The fate of 0-RTT data. `wrote` says whether there was any to write.
    fn early(&mut self, wrote: bool) -> EarlyData;
}

impl Side for ClientConnection {
    type Data = ClientConnectionData;

    fn write_early(&mut self, data: &[u8], sink: &mut dyn Sink) {
        let Some(mut early) = self.early_data() else {
            return;
        };
        // It accepts what the ticket allows, and fails only if it accepts nothing.
        let bytes = early.write(data).unwrap_or(0);
        sink.observe(Observation::Accepted { bytes });
    }

    fn read_early(&mut self, _: &mut dyn Sink) {}

    fn early(&mut self, wrote: bool) -> EarlyData {
        match (wrote, self.is_early_data_accepted()) {
            (false, _) => EarlyData::None,
            (true, true) => EarlyData::Accepted,
            (true, false) => EarlyData::Rejected,
        }
    }
}

impl Side for ServerConnection {
    type Data = ServerConnectionData;

    fn write_early(&mut self, _: &[u8], _: &mut dyn Sink) {}

    fn read_early(&mut self, sink: &mut dyn Sink) {
        let Some(mut early) = self.early_data() else {
            return;
        };
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = early.read(&mut buffer) {
            sink.observe(Observation::EarlyData {
                bytes: buffer[..count].into(),
            });
        }
    }

    fn early(&mut self, _: bool) -> EarlyData {
        match self.early_data() {
            Some(_) => EarlyData::Accepted,
            None => EarlyData::Unknown,
        }
    }
}
