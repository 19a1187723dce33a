//! Extensions for resumption in TLS 1.3.

use super::{ExtensionData, ExtensionType};
use crate::reader::{filled, within};
use crate::{Error, Item, List, Opaque8, Reader, put_u16, put_u32, vec8, vec16};

/// `psk_key_exchange_modes` (RFC 8446 4.2.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PskKeyExchangeModes<'a> {
    /// The modes, at least one.
    pub modes: &'a [u8],
}

impl PskKeyExchangeModes<'_> {
    /// `psk_ke`: the pre-shared key alone.
    pub const PSK_KE: u8 = 0;

    /// `psk_dhe_ke`: the pre-shared key together with a key exchange.
    pub const PSK_DHE_KE: u8 = 1;
}

impl<'a> ExtensionData<'a> for PskKeyExchangeModes<'a> {
    const TYPE: ExtensionType = ExtensionType::PSK_KEY_EXCHANGE_MODES;

    fn parse(data: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(data);
        let modes = filled("ke_modes", reader.vec8("ke_modes")?)?;
        reader.finish("ke_modes")?;
        Ok(Self { modes })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        vec8(out, |out| out.extend_from_slice(self.modes));
    }
}

/// `pre_shared_key` in a `ClientHello`, where it is the last extension (RFC 8446 4.2.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreSharedKeyClientHello<'a> {
    /// The identities, at least one.
    pub identities: List<'a, PskIdentity<'a>>,
    /// One binder for each identity, 32 to 255 bytes long. The caller checks that both lists have
    /// the same length.
    pub binders: List<'a, Opaque8<'a>>,
}

impl PreSharedKeyClientHello<'_> {
    /// Returns the length of the binders on the wire, including their length field. The binders'
    /// hash omits these bytes at the end of the message (RFC 8446 4.2.11.2).
    pub fn binders_len(&self) -> usize {
        2 + self
            .binders
            .iter()
            .map(|binder| 1 + binder.0.len())
            .sum::<usize>()
    }

    /// Appends the length of the binders and the binders. This completes a message that was
    /// shortened by [`Self::binders_len`] bytes.
    pub fn encode_binders(&self, out: &mut Vec<u8>) {
        vec16(out, |out| self.binders.write(out));
    }
}

impl<'a> ExtensionData<'a> for PreSharedKeyClientHello<'a> {
    const TYPE: ExtensionType = ExtensionType::PRE_SHARED_KEY;

    fn parse(data: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(data);
        let identities = List::parse(filled("identities", reader.vec16("identities")?)?)?;
        let binders: List<'a, Opaque8<'a>> =
            List::parse(filled("binders", reader.vec16("binders")?)?)?;
        reader.finish("pre_shared_key")?;
        for binder in binders {
            within("PskBinderEntry", 32, 255, binder.0)?;
        }
        Ok(Self {
            identities,
            binders,
        })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        vec16(out, |out| self.identities.write(out));
        self.encode_binders(out);
    }
}

/// A pre-shared key that the client offers (RFC 8446 4.2.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PskIdentity<'a> {
    /// The ticket, at least one byte.
    pub identity: &'a [u8],
    /// The ticket's age in milliseconds plus `age_add`, modulo 2^32.
    pub obfuscated_ticket_age: u32,
}

impl<'a> Item<'a> for PskIdentity<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        Ok(Self {
            identity: filled("identity", reader.vec16("identity")?)?,
            obfuscated_ticket_age: reader.u32("obfuscated_ticket_age")?,
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        vec16(out, |out| out.extend_from_slice(self.identity));
        put_u32(out, self.obfuscated_ticket_age);
    }
}

/// `pre_shared_key` in a `ServerHello` (RFC 8446 4.2.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreSharedKeyServerHello {
    /// The index of the selected identity.
    pub selected_identity: u16,
}

impl<'a> ExtensionData<'a> for PreSharedKeyServerHello {
    const TYPE: ExtensionType = ExtensionType::PRE_SHARED_KEY;

    fn parse(data: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(data);
        let selected_identity = reader.u16("selected_identity")?;
        reader.finish("selected_identity")?;
        Ok(Self { selected_identity })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        put_u16(out, self.selected_identity);
    }
}
