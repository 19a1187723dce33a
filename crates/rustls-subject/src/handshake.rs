use protocol::{EarlyData, Observation, Version};
use rustls::{CommonState, ProtocolVersion};

/// The version, and the observation that the handshake is done. `early` gets whether the session
/// was resumed, and returns what the interface reports about 0-RTT data.
pub(crate) fn done(
    connection: &CommonState,
    early: impl FnOnce(bool) -> EarlyData,
) -> (Version, Observation<'static>) {
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => Version::Tls13,
        _ => Version::Tls12,
    };
    #[cfg(feature = "handshake-kind")]
    let resumed = connection.handshake_kind() == Some(rustls::HandshakeKind::Resumed);
    // These releases have no call for it.
    #[cfg(not(feature = "handshake-kind"))]
    let resumed = false;
    let observation = Observation::HandshakeDone {
        version,
        suite: connection
            .negotiated_cipher_suite()
            .map_or(0, |suite| suite.suite().into()),
        resumed,
        early: early(resumed),
    };
    (version, observation)
}
