//! The transport between two ends: bytes that one end has written and the other has not read yet.

/// Bytes in transit. They are read in place, without copies, and memory is cleared only once.
#[derive(Debug, Default)]
pub struct Wire {
    /// Never shrinks. The bytes after `end` are room for more.
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl Wire {
    /// Room for `length` bytes after those that are waiting.
    #[inline]
    pub fn room(&mut self, length: usize) -> &mut [u8] {
        let needed = self.end + length;
        if self.bytes.len() < needed {
            self.bytes.resize(needed, 0);
        }
        &mut self.bytes[self.end..needed]
    }

    /// Adds the first `length` bytes of the room to those that are waiting.
    #[inline]
    pub fn wrote(&mut self, length: usize) {
        self.end += length;
    }

    /// Lets `write` append to the bytes that are waiting.
    #[inline]
    pub fn append<T>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        self.bytes.truncate(self.end);
        let result = write(&mut self.bytes);
        self.end = self.bytes.len();
        result
    }

    /// The bytes that are waiting.
    #[inline]
    pub fn waiting(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..self.end]
    }

    /// How many bytes are waiting.
    #[inline]
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// Whether no bytes are waiting.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Removes the first `length` bytes, which have been read.
    #[inline]
    pub fn read(&mut self, length: usize) {
        self.start += length;
        if self.is_empty() {
            self.clear();
        }
    }

    /// Removes all bytes.
    #[inline]
    pub fn clear(&mut self) {
        self.start = 0;
        self.end = 0;
    }

    /// Removes and returns all bytes.
    pub fn take(&mut self) -> Vec<u8> {
        let taken = self.waiting().to_vec();
        self.clear();
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_in_order_however_they_were_written() {
        let mut wire = Wire::default();
        wire.room(4)[..2].copy_from_slice(&[1, 2]);
        wire.wrote(2);
        wire.append(|bytes| bytes.extend_from_slice(&[3, 4]));
        wire.read(1);
        wire.room(1)[0] = 5;
        wire.wrote(1);
        assert_eq!((wire.waiting().to_vec(), wire.len()), (vec![2, 3, 4, 5], 4));
        wire.read(4);
        assert!(wire.is_empty());
        wire.append(|bytes| bytes.push(6));
        assert_eq!(wire.take(), [6]);
    }
}
