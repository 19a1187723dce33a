use crate::Error;

/// A cursor over bytes. Every method that reads also takes the name of the field, for the error.
/// An error does not move the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Creates a cursor at the start of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Reads one byte. Returns [`Error::Truncated`] if there is none.
    pub fn u8(&mut self, what: &'static str) -> Result<u8, Error> {
        self.array::<1>(what).map(|&[byte]| byte)
    }

    /// Reads two bytes, big-endian. Returns [`Error::Truncated`] if there are fewer.
    pub fn u16(&mut self, what: &'static str) -> Result<u16, Error> {
        self.array(what).map(|bytes| u16::from_be_bytes(*bytes))
    }

    /// Reads three bytes, big-endian. Returns [`Error::Truncated`] if there are fewer.
    pub fn u24(&mut self, what: &'static str) -> Result<u32, Error> {
        self.array(what)
            .map(|&[a, b, c]| u32::from_be_bytes([0, a, b, c]))
    }

    /// Reads four bytes, big-endian. Returns [`Error::Truncated`] if there are fewer.
    pub fn u32(&mut self, what: &'static str) -> Result<u32, Error> {
        self.array(what).map(|bytes| u32::from_be_bytes(*bytes))
    }

    /// Reads the next `N` bytes. Returns [`Error::Truncated`] if there are fewer.
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<&'a [u8; N], Error> {
        let (taken, rest) = self
            .rest
            .split_first_chunk()
            .ok_or(Error::Truncated { what })?;
        self.rest = rest;
        Ok(taken)
    }

    /// Reads the next `length` bytes. Returns [`Error::Truncated`] if there are fewer.
    pub fn bytes(&mut self, length: usize, what: &'static str) -> Result<&'a [u8], Error> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(Error::Truncated { what })?;
        self.rest = rest;
        Ok(taken)
    }

    /// Reads a vector with a one-byte length. Returns [`Error::Truncated`] if it is incomplete.
    pub fn vec8(&mut self, what: &'static str) -> Result<&'a [u8], Error> {
        self.vector(what, |reader| reader.u8(what).map(u32::from))
    }

    /// Reads a vector with a two-byte length. Returns [`Error::Truncated`] if it is incomplete.
    pub fn vec16(&mut self, what: &'static str) -> Result<&'a [u8], Error> {
        self.vector(what, |reader| reader.u16(what).map(u32::from))
    }

    /// Reads a vector with a three-byte length. Returns [`Error::Truncated`] if it is incomplete.
    pub fn vec24(&mut self, what: &'static str) -> Result<&'a [u8], Error> {
        self.vector(what, |reader| reader.u24(what))
    }

    /// Reads all remaining bytes.
    pub fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.rest)
    }

    /// Returns the number of remaining bytes.
    pub const fn len(&self) -> usize {
        self.rest.len()
    }

    /// Returns whether no bytes remain.
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Finishes reading `what`. Returns [`Error::Trailing`] if bytes remain.
    pub fn finish(self, what: &'static str) -> Result<(), Error> {
        match self.rest.len() {
            0 => Ok(()),
            extra => Err(Error::Trailing { what, extra }),
        }
    }

    fn vector(
        &mut self,
        what: &'static str,
        length: impl FnOnce(&mut Self) -> Result<u32, Error>,
    ) -> Result<&'a [u8], Error> {
        let mut ahead = *self;
        let length = length(&mut ahead)?;
        let length = usize::try_from(length).map_err(|_| Error::Truncated { what })?;
        let taken = ahead.bytes(length, what)?;
        *self = ahead;
        Ok(taken)
    }
}

/// Checks the length of a vector against the `<least..most>` of its definition.
pub(crate) fn within<'a>(
    what: &'static str,
    least: usize,
    most: usize,
    bytes: &'a [u8],
) -> Result<&'a [u8], Error> {
    let length = bytes.len();
    if (least..=most).contains(&length) {
        Ok(bytes)
    } else {
        Err(Error::Length { what, length })
    }
}

/// Checks that a vector has at least one byte.
pub(crate) fn filled<'a>(what: &'static str, bytes: &'a [u8]) -> Result<&'a [u8], Error> {
    within(what, 1, usize::MAX, bytes)
}
