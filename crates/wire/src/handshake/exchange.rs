//! Key exchange messages, and the messages that end a handshake flight.

use super::{HandshakeType, Message};
use crate::reader::filled;
use crate::{Error, NamedGroup, Reader, SignatureScheme, put_u8, put_u16, vec8, vec16};

/// TLS 1.2 `ServerKeyExchange` for ECDHE over a named curve (RFC 8422 5.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerKeyExchange<'a> {
    /// The curve.
    pub group: NamedGroup,
    /// The server's public key, at least one byte.
    pub public: &'a [u8],
    /// The scheme of the signature.
    pub algorithm: SignatureScheme,
    /// The signature over both randoms and [`ServerKeyExchange::encode_params`].
    pub signature: &'a [u8],
}

impl ServerKeyExchange<'_> {
    /// `ECCurveType.named_curve`, the only form that is not deprecated.
    pub const NAMED_CURVE: u8 = 3;

    /// Appends `ServerECDHParams`, which is the signed part.
    pub fn encode_params(&self, out: &mut Vec<u8>) {
        Self::put_params(out, self.group, self.public);
    }

    /// Appends `ServerECDHParams`, to compute the signature.
    pub fn put_params(out: &mut Vec<u8>, group: NamedGroup, public: &[u8]) {
        put_u8(out, Self::NAMED_CURVE);
        put_u16(out, group.0);
        vec8(out, |out| out.extend_from_slice(public));
    }
}

impl<'a> Message<'a> for ServerKeyExchange<'a> {
    const KIND: HandshakeType = HandshakeType::SERVER_KEY_EXCHANGE;

    /// Returns [`Error::Value`] for a curve type other than `named_curve`.
    fn parse(body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        let curve_type = reader.u8("curve_type")?;
        if curve_type != ServerKeyExchange::NAMED_CURVE {
            return Err(Error::Value {
                what: "curve_type",
                value: curve_type.into(),
            });
        }
        let exchange = Self {
            group: NamedGroup(reader.u16("namedcurve")?),
            public: filled("public", reader.vec8("public")?)?,
            algorithm: SignatureScheme(reader.u16("algorithm")?),
            signature: reader.vec16("signature")?,
        };
        reader.finish("ServerKeyExchange")?;
        Ok(exchange)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        self.encode_params(out);
        put_u16(out, self.algorithm.0);
        vec16(out, |out| out.extend_from_slice(self.signature));
    }
}

/// TLS 1.2 `ClientKeyExchange` for ECDHE (RFC 8422 5.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientKeyExchange<'a> {
    /// The client's public key, at least one byte.
    pub public: &'a [u8],
}

impl<'a> Message<'a> for ClientKeyExchange<'a> {
    const KIND: HandshakeType = HandshakeType::CLIENT_KEY_EXCHANGE;

    fn parse(body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        let public = filled("ecdh_Yc", reader.vec8("ecdh_Yc")?)?;
        reader.finish("ClientKeyExchange")?;
        Ok(Self { public })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        vec8(out, |out| out.extend_from_slice(self.public));
    }
}

/// `Finished` (RFC 8446 4.4.4, RFC 5246 7.4.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished<'a> {
    /// `verify_data`. Its length is that of the hash in TLS 1.3 and 12 bytes in TLS 1.2. The caller
    /// checks the length.
    pub verify_data: &'a [u8],
}

impl<'a> Message<'a> for Finished<'a> {
    const KIND: HandshakeType = HandshakeType::FINISHED;

    /// Accepts any bytes.
    fn parse(body: &'a [u8]) -> Result<Self, Error> {
        Ok(Self { verify_data: body })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.verify_data);
    }
}

/// Declares a message without a body.
macro_rules! empty_message {
    ($(#[$meta:meta])* $type:ident, $kind:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $type;

        impl<'a> Message<'a> for $type {
            const KIND: HandshakeType = HandshakeType::$kind;

            fn parse(body: &'a [u8]) -> Result<Self, Error> {
                Reader::new(body).finish(stringify!($type))?;
                Ok(Self)
            }

            fn encode(&self, _out: &mut Vec<u8>) {}
        }
    };
}

empty_message! {
    /// TLS 1.2 `HelloRequest` (RFC 5246 7.4.1.1).
    HelloRequest, HELLO_REQUEST
}

empty_message! {
    /// TLS 1.2 `ServerHelloDone` (RFC 5246 7.4.5).
    ServerHelloDone, SERVER_HELLO_DONE
}

empty_message! {
    /// TLS 1.3 `EndOfEarlyData` (RFC 8446 4.5).
    EndOfEarlyData, END_OF_EARLY_DATA
}
