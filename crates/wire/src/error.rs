use thiserror::Error;

/// Why bytes are not the structure that they were read as.
///
/// `what` names the field as the RFC does. All kinds call for a `decode_error` alert, except
/// [`Error::Value`] and [`Error::Misplaced`], which call for `illegal_parameter`
/// (RFC 8446 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Error {
    /// The bytes end before the field does.
    #[error("{what} is cut short")]
    Truncated {
        /// The field.
        what: &'static str,
    },
    /// Bytes follow the end of the structure.
    #[error("{extra} bytes follow {what}")]
    Trailing {
        /// The structure.
        what: &'static str,
        /// How many bytes follow it.
        extra: usize,
    },
    /// The field has a length that its definition rules out.
    #[error("{what} must not be {length} bytes long")]
    Length {
        /// The field.
        what: &'static str,
        /// Its length in bytes.
        length: usize,
    },
    /// The field has a value that its definition rules out.
    #[error("{what} must not be {value}")]
    Value {
        /// The field.
        what: &'static str,
        /// Its value.
        value: u32,
    },
    /// The element is not where it must be.
    #[error("{what} is not in its place")]
    Misplaced {
        /// The element.
        what: &'static str,
    },
}
