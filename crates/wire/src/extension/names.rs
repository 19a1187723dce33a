use super::{ExtensionData, ExtensionType, empty_extension};
use crate::reader::filled;
use crate::{Error, List, Opaque8, Reader, put_u8, vec16};

/// `server_name` in a `ClientHello` (RFC 6066 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerName<'a> {
    /// The only name of type `host_name`, at least one byte. No other type is defined.
    pub host_name: &'a [u8],
}

impl<'a> ExtensionData<'a> for ServerName<'a> {
    const TYPE: ExtensionType = ExtensionType::SERVER_NAME;

    /// Returns [`Error::Value`] for a name of another type and [`Error::Trailing`] for a second
    /// name.
    fn parse(data: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(data);
        let mut names = Reader::new(reader.vec16("server_name_list")?);
        reader.finish("server_name")?;
        let name_type = names.u8("name_type")?;
        if name_type != 0 {
            return Err(Error::Value {
                what: "name_type",
                value: name_type.into(),
            });
        }
        let host_name = filled("host_name", names.vec16("host_name")?)?;
        names.finish("host_name")?;
        Ok(Self { host_name })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        vec16(out, |out| {
            put_u8(out, 0);
            vec16(out, |out| out.extend_from_slice(self.host_name));
        });
    }
}

empty_extension! {
    /// `server_name` in the server's answer. The server used the name (RFC 6066 3).
    ServerNameAck, SERVER_NAME, "server_name"
}

/// `application_layer_protocol_negotiation` (RFC 7301 3.1). A server's answer has one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alpn<'a> {
    /// The protocols in order of preference, each at least one byte.
    pub protocols: List<'a, Opaque8<'a>>,
}

impl<'a> ExtensionData<'a> for Alpn<'a> {
    const TYPE: ExtensionType = ExtensionType::ALPN;

    fn parse(data: &'a [u8]) -> Result<Self, Error> {
        const WHAT: &str = "protocol_name_list";
        let mut reader = Reader::new(data);
        let protocols: List<'a, Opaque8<'a>> = List::parse(filled(WHAT, reader.vec16(WHAT)?)?)?;
        reader.finish(WHAT)?;
        for protocol in protocols {
            filled("ProtocolName", protocol.0)?;
        }
        Ok(Self { protocols })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        vec16(out, |out| self.protocols.write(out));
    }
}
