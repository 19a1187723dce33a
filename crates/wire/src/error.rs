use thiserror::Error;

/// The reason why bytes do not parse.
///
/// `what` is the RFC's name for the field. The alert for [`Error::Value`] and
/// [`Error::Misplaced`] is `illegal_parameter`, and for all others `decode_error` (RFC 8446 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Error {
    /// The bytes end before the field does.
    #[error("{what} is truncated")]
    Truncated {
        /// The field.
        what: &'static str,
    },
    /// Bytes follow the end of the structure.
    #[error("{extra} bytes follow {what}")]
    Trailing {
        /// The structure.
        what: &'static str,
        /// The number of bytes that follow it.
        extra: usize,
    },
    /// The definition of the field does not allow its length.
    #[error("{what} must not be {length} bytes long")]
    Length {
        /// The field.
        what: &'static str,
        /// The length in bytes.
        length: usize,
    },
    /// The definition of the field does not allow its value.
    #[error("{what} must not be {value}")]
    Value {
        /// The field.
        what: &'static str,
        /// The value.
        value: u32,
    },
    /// The element is in the wrong position.
    #[error("{what} is in the wrong position")]
    Misplaced {
        /// The element.
        what: &'static str,
    },
}
