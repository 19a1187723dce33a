//! Newtypes for the numbers of the IANA registries. They hold any value and name the known ones.

/// Declares a newtype over an integer with a constant, a name and a parser for each known value.
/// Other values print as `$fallback` and the number: `alert(200)`.
macro_rules! code_points {
    (
        $(#[$meta:meta])*
        $type:ident($int:ident), $fallback:literal {
            $($constant:ident = $value:literal, $name:literal;)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $type(pub $int);

        impl $type {
            $(
                #[doc = concat!("`", $name, "`, ", stringify!($value), ".")]
                pub const $constant: Self = Self($value);
            )+

            /// Every value that has a name.
            pub const ALL: &'static [Self] = &[$(Self::$constant),+];

            /// Returns the registered name, or `None` for a value without a name.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($name),)+
                    _ => None,
                }
            }

            #[doc = concat!(
                "Parses the output of `Display`: a registered name, or `", $fallback, "(N)` for any \
                value N."
            )]
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$constant),)+
                    _ => {
                        let digits = name
                            .strip_prefix(concat!($fallback, "("))?
                            .strip_suffix(")")?;
                        // `parse` also accepts a sign.
                        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                            return None;
                        }
                        digits.parse().ok().map(Self)
                    }
                }
            }
        }

        impl ::core::fmt::Display for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self.name() {
                    Some(name) => f.pad(name),
                    None => f.pad(&format!(concat!($fallback, "({})"), self.0)),
                }
            }
        }

        impl<'a> $crate::Item<'a> for $type {
            fn read(reader: &mut $crate::Reader<'a>) -> Result<Self, $crate::Error> {
                reader.$int($fallback).map(Self)
            }

            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.0.to_be_bytes());
            }
        }
    };
}
