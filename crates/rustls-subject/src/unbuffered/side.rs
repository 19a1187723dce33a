use std::ops::DerefMut;

use protocol::{ErrorClass, Sink};
use rustls::client::{ClientConnectionData, EarlyDataError, UnbufferedClientConnection};
use rustls::server::{ServerConnectionData, UnbufferedServerConnection};
use rustls::unbuffered::{
    EncodeError, EncryptError, InsufficientSizeError, ReadEarlyData, TransmitTlsData,
    UnbufferedConnectionCommon, UnbufferedStatus,
};
use rustls::Error;

use super::driver::Choices;
use super::output::{Output, Refusal};
use super::writing;

/// The differences between client and server connections.
pub(super) trait Side {
    type Data;
    type Connection: DerefMut<Target = UnbufferedConnectionCommon<Self::Data>>;
    const IS_CLIENT: bool;

    fn process<'c, 'i>(
        connection: &'c mut Self::Connection,
        input: &'i mut [u8],
    ) -> UnbufferedStatus<'c, 'i, Self::Data>;

    /// Writes 0-RTT data if `transmit` allows it. Returns whether it did.
    fn write_early(
        transmit: &mut TransmitTlsData<'_, Self::Data>,
        choices: &Choices,
        output: &mut Output,
        sink: &mut dyn Sink,
    ) -> bool;

    /// Hands every record of 0-RTT data to `take`. Returns how many more bytes to discard.
    fn read_early(
        read: ReadEarlyData<'_, '_, Self::Data>,
        peek: bool,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<usize, Error>;
}

pub(super) struct Client;
pub(super) struct Server;

impl Side for Client {
    type Data = ClientConnectionData;
    type Connection = UnbufferedClientConnection;
    const IS_CLIENT: bool = true;

    fn process<'c, 'i>(
        connection: &'c mut Self::Connection,
        input: &'i mut [u8],
    ) -> UnbufferedStatus<'c, 'i, Self::Data> {
        connection.process_tls_records(input)
    }

    fn write_early(
        transmit: &mut TransmitTlsData<'_, Self::Data>,
        choices: &Choices,
        output: &mut Output,
        sink: &mut dyn Sink,
    ) -> bool {
        let Some(mut writer) = transmit.may_encrypt_early_data() else {
            return false;
        };
        writing::write_early(&choices.early, choices, output, sink, |data, room| {
            writer.encrypt(data, room).map_err(|error| match error {
                EarlyDataError::Encrypt(error) => encrypt(error),
                error @ EarlyDataError::ExceededAllowedEarlyData => {
                    other(ErrorClass::NotNow, &error)
                }
            })
        });
        true
    }

    fn read_early(
        _: ReadEarlyData<'_, '_, Self::Data>,
        _: bool,
        _: &mut dyn FnMut(&[u8]),
    ) -> Result<usize, Error> {
        Ok(0)
    }
}

impl Side for Server {
    type Data = ServerConnectionData;
    type Connection = UnbufferedServerConnection;
    const IS_CLIENT: bool = false;

    fn process<'c, 'i>(
        connection: &'c mut Self::Connection,
        input: &'i mut [u8],
    ) -> UnbufferedStatus<'c, 'i, Self::Data> {
        connection.process_tls_records(input)
    }

    fn write_early(
        _: &mut TransmitTlsData<'_, Self::Data>,
        _: &Choices,
        _: &mut Output,
        _: &mut dyn Sink,
    ) -> bool {
        false
    }

    fn read_early(
        mut read: ReadEarlyData<'_, '_, Self::Data>,
        peek: bool,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<usize, Error> {
        let mut discard = 0;
        loop {
            if peek {
                // Only the call itself matters. `next_record` returns the same again.
                let _ = read.peek_len();
            }
            let Some(record) = read.next_record() else {
                return Ok(discard);
            };
            let record = record?;
            discard += record.discard;
            take(record.payload);
        }
    }
}

pub(super) fn encode(error: EncodeError) -> Refusal {
    match error {
        EncodeError::InsufficientSize(error) => too_small(error),
        error @ EncodeError::AlreadyEncoded => other(ErrorClass::NotNow, &error),
    }
}

pub(super) fn encrypt(error: EncryptError) -> Refusal {
    match error {
        EncryptError::InsufficientSize(error) => too_small(error),
        error @ EncryptError::EncryptExhausted => other(ErrorClass::KeyExhausted, &error),
    }
}

fn too_small(error: InsufficientSizeError) -> Refusal {
    Refusal::TooSmall {
        needed: error.required_size,
    }
}

fn other(class: ErrorClass, error: &dyn std::error::Error) -> Refusal {
    Refusal::Other {
        class,
        raw: error.to_string(),
    }
}
