use core::fmt;

use crate::{Error, Reader, vec8, vec16, vec24};

/// A list of consecutive items: either bytes that are known to be well formed, or a slice of items
/// to be written. Both forms have the same items and compare as equal.
///
/// The length that precedes a list is not part of it.
#[derive(Clone, Copy)]
pub struct List<'a, T>(Source<'a, T>);

#[derive(Clone, Copy)]
enum Source<'a, T> {
    Bytes(&'a [u8]),
    Items(&'a [T]),
}

/// An element of a [`List`].
pub trait Item<'a>: Copy {
    /// Reads one item. An implementation must consume at least one byte.
    fn read(reader: &mut Reader<'a>) -> Result<Self, Error>;

    /// Appends the item.
    fn write(&self, out: &mut Vec<u8>);
}

impl<'a, T: Item<'a>> List<'a, T> {
    /// The empty list.
    pub const EMPTY: Self = Self(Source::Bytes(&[]));

    /// Creates a list to be written.
    pub const fn of(items: &'a [T]) -> Self {
        Self(Source::Items(items))
    }

    /// Reads all of `bytes` as items. Returns the error of the first malformed item.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(bytes);
        while !reader.is_empty() {
            T::read(&mut reader)?;
        }
        Ok(Self(Source::Bytes(bytes)))
    }

    /// Wraps bytes that this crate wrote item by item.
    pub(crate) const fn written(bytes: &'a [u8]) -> Self {
        Self(Source::Bytes(bytes))
    }

    /// Returns the items in order.
    pub fn iter(&self) -> Items<'a, T> {
        Items(match self.0 {
            Source::Bytes(bytes) => Cursor::Bytes(Reader::new(bytes)),
            Source::Items(items) => Cursor::Items(items.iter()),
        })
    }

    /// Returns whether the list has no items.
    pub const fn is_empty(&self) -> bool {
        match self.0 {
            Source::Bytes(bytes) => bytes.is_empty(),
            Source::Items(items) => items.is_empty(),
        }
    }

    /// Returns whether the list contains `item`.
    pub fn contains(&self, item: &T) -> bool
    where
        T: PartialEq,
    {
        self.iter().any(|each| each == *item)
    }

    /// Appends all items, without a length.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self.0 {
            Source::Bytes(bytes) => out.extend_from_slice(bytes),
            Source::Items(items) => items.iter().for_each(|item| item.write(out)),
        }
    }
}

/// An iterator over the items of a [`List`].
#[derive(Clone, Debug)]
pub struct Items<'a, T>(Cursor<'a, T>);

#[derive(Clone, Debug)]
enum Cursor<'a, T> {
    Bytes(Reader<'a>),
    Items(core::slice::Iter<'a, T>),
}

impl<'a, T: Item<'a>> Iterator for Items<'a, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        match &mut self.0 {
            Cursor::Bytes(reader) if reader.is_empty() => None,
            Cursor::Bytes(reader) => T::read(reader).ok(),
            Cursor::Items(items) => items.next().copied(),
        }
    }
}

impl<'a, T: Item<'a>> IntoIterator for List<'a, T> {
    type Item = T;
    type IntoIter = Items<'a, T>;

    fn into_iter(self) -> Items<'a, T> {
        self.iter()
    }
}

impl<'a, T: Item<'a>> IntoIterator for &List<'a, T> {
    type Item = T;
    type IntoIter = Items<'a, T>;

    fn into_iter(self) -> Items<'a, T> {
        self.iter()
    }
}

impl<'a, T: Item<'a>> Default for List<'a, T> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<'a, T: Item<'a> + PartialEq> PartialEq for List<'a, T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<'a, T: Item<'a> + Eq> Eq for List<'a, T> {}

impl<'a, T: Item<'a> + fmt::Debug> fmt::Debug for List<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a> Item<'a> for u16 {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        reader.u16("list of 16-bit numbers")
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_be_bytes());
    }
}

/// Declares an item that is a byte string with a length.
macro_rules! opaque {
    ($type:ident, $function:ident, $words:literal) => {
        #[doc = concat!("Bytes with a ", $words, " length, as an item of a [`List`].")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $type<'a>(pub &'a [u8]);

        impl<'a> Item<'a> for $type<'a> {
            fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
                reader.$function("list of byte strings").map(Self)
            }

            fn write(&self, out: &mut Vec<u8>) {
                $function(out, |out| out.extend_from_slice(self.0));
            }
        }
    };
}

opaque!(Opaque8, vec8, "one-byte");
opaque!(Opaque16, vec16, "two-byte");
opaque!(Opaque24, vec24, "three-byte");
