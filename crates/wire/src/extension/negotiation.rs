//! Extensions that negotiate versions, groups, signatures and key shares.

use super::{ExtensionData, ExtensionType};
use crate::reader::filled;
use crate::{Error, Item, List, NamedGroup, Reader, SignatureScheme, put_u16, vec8, vec16};

/// `supported_groups` (RFC 8446 4.2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupportedGroups<'a> {
    /// The groups in order of preference, at least one.
    pub groups: List<'a, NamedGroup>,
}

impl<'a> ExtensionData<'a> for SupportedGroups<'a> {
    const TYPE: ExtensionType = ExtensionType::SUPPORTED_GROUPS;

    fn parse(data: &'a [u8]) -> Result<Self, Error> {
        whole(data, "named_group_list", Reader::vec16).map(|groups| Self { groups })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        vec16(out, |out| self.groups.write(out));
    }
}

/// `signature_algorithms` (RFC 8446 4.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureAlgorithms<'a> {
    /// The schemes in order of preference, at least one.
    pub schemes: List<'a, SignatureScheme>,
}

impl<'a> ExtensionData<'a> for SignatureAlgorithms<'a> {
    const TYPE: ExtensionType = ExtensionType::SIGNATURE_ALGORITHMS;

    fn parse(data: &'a [u8]) -> Result<Self, Error> {
        whole(data, "supported_signature_algorithms", Reader::vec16).map(|schemes| Self { schemes })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        vec16(out, |out| self.schemes.write(out));
    }
}

/// `supported_versions` in a `ClientHello` (RFC 8446 4.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupportedVersionsClientHello<'a> {
    /// The versions in order of preference, at least one.
    pub versions: List<'a, u16>,
}

impl<'a> ExtensionData<'a> for SupportedVersionsClientHello<'a> {
    const TYPE: ExtensionType = ExtensionType::SUPPORTED_VERSIONS;

    fn parse(data: &'a [u8]) -> Result<Self, Error> {
        whole(data, "versions", Reader::vec8).map(|versions| Self { versions })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        vec8(out, |out| self.versions.write(out));
    }
}

/// `supported_versions` in a `ServerHello` or `HelloRetryRequest` (RFC 8446 4.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupportedVersionsServerHello {
    /// The selected version.
    pub version: u16,
}

impl<'a> ExtensionData<'a> for SupportedVersionsServerHello {
    const TYPE: ExtensionType = ExtensionType::SUPPORTED_VERSIONS;

    fn parse(data: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(data);
        let version = reader.u16("selected_version")?;
        reader.finish("selected_version")?;
        Ok(Self { version })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        put_u16(out, self.version);
    }
}

/// A public key for one group (RFC 8446 4.2.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyShareEntry<'a> {
    /// The group.
    pub group: NamedGroup,
    /// `key_exchange`, at least one byte.
    pub public: &'a [u8],
}

impl<'a> Item<'a> for KeyShareEntry<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        Ok(Self {
            group: NamedGroup(reader.u16("group")?),
            public: filled("key_exchange", reader.vec16("key_exchange")?)?,
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        put_u16(out, self.group.0);
        vec16(out, |out| out.extend_from_slice(self.public));
    }
}

/// `key_share` in a `ClientHello` (RFC 8446 4.2.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyShareClientHello<'a> {
    /// The shares in order of preference. An empty list requests a `HelloRetryRequest`.
    pub shares: List<'a, KeyShareEntry<'a>>,
}

impl<'a> ExtensionData<'a> for KeyShareClientHello<'a> {
    const TYPE: ExtensionType = ExtensionType::KEY_SHARE;

    fn parse(data: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(data);
        let shares = List::parse(reader.vec16("client_shares")?)?;
        reader.finish("client_shares")?;
        Ok(Self { shares })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        vec16(out, |out| self.shares.write(out));
    }
}

/// `key_share` in a `ServerHello` (RFC 8446 4.2.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyShareServerHello<'a> {
    /// The server's share. The client has sent one for the same group.
    pub share: KeyShareEntry<'a>,
}

impl<'a> ExtensionData<'a> for KeyShareServerHello<'a> {
    const TYPE: ExtensionType = ExtensionType::KEY_SHARE;

    fn parse(data: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(data);
        let share = KeyShareEntry::read(&mut reader)?;
        reader.finish("server_share")?;
        Ok(Self { share })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        self.share.write(out);
    }
}

/// `key_share` in a `HelloRetryRequest` (RFC 8446 4.2.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyShareHelloRetryRequest {
    /// The group for which the server requests a share.
    pub group: NamedGroup,
}

impl<'a> ExtensionData<'a> for KeyShareHelloRetryRequest {
    const TYPE: ExtensionType = ExtensionType::KEY_SHARE;

    fn parse(data: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(data);
        let group = NamedGroup(reader.u16("selected_group")?);
        reader.finish("selected_group")?;
        Ok(Self { group })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        put_u16(out, self.group.0);
    }
}

/// Reads extension data that is a single list with at least one item.
fn whole<'a, T: Item<'a>>(
    data: &'a [u8],
    what: &'static str,
    vector: fn(&mut Reader<'a>, &'static str) -> Result<&'a [u8], Error>,
) -> Result<List<'a, T>, Error> {
    let mut reader = Reader::new(data);
    let list = List::parse(filled(what, vector(&mut reader, what)?)?)?;
    reader.finish(what)?;
    Ok(list)
}
