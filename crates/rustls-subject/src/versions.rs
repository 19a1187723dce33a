//! Which parts of the API a release of rustls has. No part of this file needs rustls, so that a
//! builder can include it alone.

/// The oldest release that the drivers build against: that of the buffered API. The unbuffered one
/// has its feature.
pub const OLDEST: (u32, u32, u32) = (0, 23, 4);

/// A feature of this crate and the first release of rustls that has what it needs.
pub const FEATURES: &[(&str, (u32, u32, u32))] = &[
    // `CommonState::handshake_kind`.
    ("handshake-kind", (0, 23, 5)),
    // `PeerMisbehaved` has a name for each kind of too many.
    ("floods", (0, 23, 10)),
    // `refresh_traffic_keys`.
    ("key-refresh", (0, 23, 11)),
    // The unbuffered driver: until then a connection could not be asked whether it is handshaking.
    ("unbuffered", (0, 23, 11)),
    // `ConnectionState::PeerClosed`: until then `Closed` alone meant that the peer had closed.
    ("peer-closed", (0, 23, 23)),
    // `InvalidMessage` tells errors about extensions from those of syntax.
    ("extension-errors", (0, 23, 31)),
];

/// The oldest release that has this interface.
pub fn oldest(interface: &str) -> (u32, u32, u32) {
    let feature = FEATURES.iter().find(|(name, _)| *name == interface);
    feature.map_or(OLDEST, |(_, since)| *since)
}

/// The features of this crate to build with against `release` of rustls, all default features
/// being off.
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
