use crate::Error;

/// A cursor over bytes. Every method that takes bytes also takes the field's name for the error;
/// after an error the cursor stands where it stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// One byte. [`Error::Truncated`] if there is none.
    pub fn u8(&mut self, what: &'static str) -> Result<u8, Error> {
        self.array::<1>(what).map(|&[byte]| byte)
    }

    /// Two bytes, big-endian. [`Error::Truncated`] if there are fewer.
    pub fn u16(&mut self, what: &'static str) -> Result<u16, Error> {
        self.array(what).map(|bytes| u16::from_be_bytes(*bytes))
    }

    /// Three bytes, big-endian. [`Error::Truncated`] if there are fewer.
    pub fn u24(&mut self, what: &'static str) -> Result<u32, Error> {
        self.array(what)
            .map(|&[a, b, c]| u32::from_be_bytes([0, a, b, c]))
    }

    /// Four bytes, big-endian. [`Error::Truncated`] if there are fewer.
    pub fn u32(&mut self, what: &'static str) -> Result<u32, Error> {
        self.array(what).map(|bytes| u32::from_be_bytes(*bytes))
    }

    /// The next `N` bytes. [`Error::Truncated`] if there are fewer.
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<&'a [u8; N], Error> {
        let (taken, rest) = self
            .rest
            .split_first_chunk()
            .ok_or(Error::Truncated { what })?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next `length` bytes. [`Error::Truncated`] if there are fewer.
    pub fn bytes(&mut self, length: usize, what: &'static str) -> Result<&'a [u8], Error> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(Error::Truncated { what })?;
        self.rest = rest;
        Ok(taken)
    }

    /// A vector behind a length of one byte. [`Error::Truncated`] if it is not all there.
    pub fn vec8(&mut self, what: &'static str) -> Result<&'a [u8], Error> {
        self.vector(what, |reader| reader.u8(what).map(u32::from))
    }

    /// A vector behind a length of two bytes. [`Error::Truncated`] if it is not all there.
    pub fn vec16(&mut self, what: &'static str) -> Result<&'a [u8], Error> {
        self.vector(what, |reader| reader.u16(what).map(u32::from))
    }

    /// A vector behind a length of three bytes. [`Error::Truncated`] if it is not all there.
    pub fn vec24(&mut self, what: &'static str) -> Result<&'a [u8], Error> {
        self.vector(what, |reader| reader.u24(what))
    }

    /// All that is left, which is then taken.
    pub fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.rest)
    }

    /// How many bytes are left.
    pub const fn len(&self) -> usize {
        self.rest.len()
    }

    /// Whether no bytes are left.
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Ends the reading of `what`. [`Error::Trailing`] if bytes are left.
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

/// Checks the length of a vector against its definition's `<least..most>`.
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
