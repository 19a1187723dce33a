//! The parts of the API that each release of rustls has. This file does not need rustls, so that a
//! builder can include it alone.

/// The oldest release that the buffered driver builds with. The unbuffered driver has a feature of
/// its own.
pub const OLDEST: (u32, u32, u32) = (0, 23, 4);

/// Each feature of this crate, with the first release of rustls that supports it.
pub const FEATURES: &[(&str, (u32, u32, u32))] = &[
    // `CommonState::handshake_kind`.
    ("handshake-kind", (0, 23, 5)),
    // `PeerMisbehaved` has a separate name for each kind of flood.
    ("floods", (0, 23, 10)),
    // `refresh_traffic_keys`.
    ("key-refresh", (0, 23, 11)),
    // The unbuffered driver needs to ask a connection whether it is handshaking.
    ("unbuffered", (0, 23, 11)),
    // `ConnectionState::PeerClosed`. Before, only `Closed` reported the peer's close.
    ("peer-closed", (0, 23, 23)),
    // `InvalidMessage` distinguishes errors in extensions from syntax errors.
    ("extension-errors", (0, 23, 31)),
];

/// The oldest release that has this interface.
pub fn oldest(interface: &str) -> (u32, u32, u32) {
    let feature = FEATURES.iter().find(|(name, _)| *name == interface);
    feature.map_or(OLDEST, |(_, since)| *since)
}

/// The features of this crate to enable for `release` of rustls, with default features disabled.
pub fn features_for(release: (u32, u32, u32)) -> impl Iterator<Item = &'static str> {
    FEATURES
        .iter()
        .filter(move |(_, since)| *since <= release)
        .map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_gets_the_features_that_it_has() {
        assert_eq!(features_for(OLDEST).count(), 0);
        assert!(features_for((0, 23, 9)).eq(["handshake-kind"]));
        assert!(!features_for((0, 23, 22)).any(|name| name == "peer-closed"));
        assert!(features_for((0, 23, 23)).any(|name| name == "peer-closed"));
        assert_eq!(features_for((0, 23, 46)).count(), FEATURES.len());
    }
}
