use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use const_hex::encode;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes, borrowed within a process and serialized as lower-case hex between processes.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Bytes<'a>(pub Cow<'a, [u8]>);

impl Bytes<'_> {
    /// Converts to an owned value.
    pub fn into_owned(self) -> Bytes<'static> {
        Bytes(Cow::Owned(self.0.into_owned()))
    }
}

impl<'a> From<&'a [u8]> for Bytes<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(Cow::Borrowed(bytes))
    }
}

impl From<Vec<u8>> for Bytes<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Cow::Owned(bytes))
    }
}

impl Deref for Bytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode(&*self.0))
    }
}

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&encode(&*self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Hex;
        impl Visitor<'_> for Hex {
            type Value = Vec<u8>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string of lower-case hex, two digits per byte")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Vec<u8>, E> {
                decode(text.as_bytes()).ok_or_else(|| E::custom("not lower-case hex"))
            }
        }
        deserializer
            .deserialize_str(Hex)
            .map(|v| Self(Cow::Owned(v)))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Bytes<'_> {
    fn schema_name() -> Cow<'static, str> {
        "Bytes".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "Bytes as lower-case hex, two digits per byte.",
            "pattern": "^([0-9a-f]{2})*$",
        })
    }
}

fn decode(text: &[u8]) -> Option<Vec<u8>> {
    // `const_hex` also accepts upper case and a `0x` prefix. The fold does not stop early, so that
    // the compiler can vectorize it.
    let odd = |odd, c: &u8| odd | c.is_ascii_uppercase() | (*c == b'x');
    match text.iter().fold(false, odd) {
        true => None,
        false => const_hex::decode(text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn every_byte_survives_hex() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(encode(&bytes).as_bytes()), Some(bytes));
    }

    #[test]
    fn decode_rejects_anything_but_lower_case_hex() {
        for text in ["0", "0g", "AB", "0x00", "0x", "0 ", "\u{e9}"] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
    }
}
