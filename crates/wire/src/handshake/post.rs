//! Post-handshake messages.

use super::{HandshakeType, Message};
use crate::reader::filled;
use crate::{Error, Extensions, List, MaxEarlyData, Reader, put_u8, put_u32, vec8, vec16};

/// TLS 1.3 `NewSessionTicket` (RFC 8446 4.6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewSessionTicket13<'a> {
    /// The lifetime in seconds.
    pub lifetime: u32,
    /// Added to the ticket's age in milliseconds, modulo 2^32.
    pub age_add: u32,
    /// The nonce. It is unique among the tickets of a connection.
    pub nonce: &'a [u8],
    /// The value that the client presents for resumption, at least one byte.
    pub ticket: &'a [u8],
    /// The extensions, possibly including [`MaxEarlyData`].
    pub extensions: Extensions<'a>,
}

impl NewSessionTicket13<'_> {
    /// Returns the number of bytes of early data that the ticket allows, or `None` without
    /// `early_data`. The error is that of parsing the extension.
    pub fn max_early_data(&self) -> Result<Option<u32>, Error> {
        Ok(self.extensions.get::<MaxEarlyData>()?.map(|max| max.size))
    }
}

impl<'a> Message<'a> for NewSessionTicket13<'a> {
    const KIND: HandshakeType = HandshakeType::NEW_SESSION_TICKET;

    fn parse(body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        let ticket = Self {
            lifetime: reader.u32("ticket_lifetime")?,
            age_add: reader.u32("ticket_age_add")?,
            nonce: reader.vec8("ticket_nonce")?,
            ticket: filled("ticket", reader.vec16("ticket")?)?,
            extensions: List::parse(reader.vec16("extensions")?)?,
        };
        reader.finish("NewSessionTicket")?;
        Ok(ticket)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        put_u32(out, self.lifetime);
        put_u32(out, self.age_add);
        vec8(out, |out| out.extend_from_slice(self.nonce));
        vec16(out, |out| out.extend_from_slice(self.ticket));
        vec16(out, |out| self.extensions.write(out));
    }
}

/// TLS 1.2 `NewSessionTicket` (RFC 5077 3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewSessionTicket12<'a> {
    /// The lifetime in seconds. With 0 the client decides.
    pub lifetime_hint: u32,
    /// The ticket. Empty if the server decided not to issue one.
    pub ticket: &'a [u8],
}

impl<'a> Message<'a> for NewSessionTicket12<'a> {
    const KIND: HandshakeType = HandshakeType::NEW_SESSION_TICKET;

    fn parse(body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        let ticket = Self {
            lifetime_hint: reader.u32("ticket_lifetime_hint")?,
            ticket: reader.vec16("ticket")?,
        };
        reader.finish("NewSessionTicket")?;
        Ok(ticket)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        put_u32(out, self.lifetime_hint);
        vec16(out, |out| out.extend_from_slice(self.ticket));
    }
}

/// TLS 1.3 `KeyUpdate` (RFC 8446 4.6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUpdate {
    /// `update_requested`: the receiver must answer with a `KeyUpdate`.
    pub requested: bool,
}

impl<'a> Message<'a> for KeyUpdate {
    const KIND: HandshakeType = HandshakeType::KEY_UPDATE;

    /// Returns [`Error::Value`] for a request other than 0 and 1.
    fn parse(body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        let value = reader.u8("request_update")?;
        reader.finish("KeyUpdate")?;
        match value {
            0 => Ok(Self { requested: false }),
            1 => Ok(Self { requested: true }),
            value => Err(Error::Value {
                what: "request_update",
                value: value.into(),
            }),
        }
    }

    fn encode(&self, out: &mut Vec<u8>) {
        put_u8(out, self.requested.into());
    }
}
