/// How much of the expected application data arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// The number of correct bytes that arrived.
    pub got: usize,
    /// The number of bytes that did not arrive.
    pub missing: usize,
    /// The position at which bytes arrived that differ from those sent.
    pub wrong: Option<usize>,
    /// The position at which more bytes arrived than were sent.
    pub beyond: Option<usize>,
}

impl Delivery {
    /// Compares the bytes that came, in pieces with positions, with the bytes expected.
    pub(crate) fn compare<'t>(
        mut expected: impl Iterator<Item = &'t [u8]>,
        came: impl Iterator<Item = (usize, &'t [u8])>,
    ) -> Self {
        let mut piece: &[u8] = &[];
        let mut delivery = Self::default();
        for (i, mut bytes) in came {
            while !bytes.is_empty() {
                while piece.is_empty() {
                    let Some(next) = expected.next() else {
                        delivery.beyond = Some(i);
                        return delivery;
                    };
                    piece = next;
                }
                let length = piece.len().min(bytes.len());
                let (right, rest) = piece.split_at(length);
                let (these, others) = bytes.split_at(length);
                if these != right {
                    let alike = these.iter().zip(right).take_while(|(a, b)| a == b);
                    delivery.got += alike.count();
                    delivery.wrong = Some(i);
                    return delivery;
                }
                delivery.got += length;
                (piece, bytes) = (rest, others);
            }
        }
        delivery.missing = piece.len() + expected.map(<[u8]>::len).sum::<usize>();
        delivery
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(expected: &[&str], came: &[&str]) -> Delivery {
        let expected = expected.iter().map(|piece| piece.as_bytes());
        let came = came.iter().map(|piece| piece.as_bytes());
        Delivery::compare(expected, came.enumerate())
    }

    #[test]
    fn comparison_ignores_how_bytes_are_split() {
        for came in [&["abcdef"][..], &["a", "", "bcd", "ef"], &["abc", "def"]] {
            let found = delivery(&["ab", "", "cdef"], came);
            let right = Delivery {
                got: 6,
                ..Delivery::default()
            };
            assert_eq!(found, right, "{came:?}");
        }
    }

    #[test]
    fn missing_wrong_and_extra_bytes_are_reported() {
        let missing = delivery(&["abc", "", "def"], &["ab"]);
        assert_eq!((missing.got, missing.missing), (2, 4));
        let wrong = delivery(&["ab", "cd"], &["a", "bcx", "d"]);
        assert_eq!((wrong.got, wrong.wrong), (3, Some(1)));
        let beyond = delivery(&["ab", ""], &["a", "bc"]);
        assert_eq!((beyond.got, beyond.beyond), (2, Some(1)));
    }
}
