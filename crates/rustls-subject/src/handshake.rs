use protocol::{EarlyData, Observation, Version};
use rustls::{CommonState, ProtocolVersion};

/// What there is to say about a handshake that is done, `early` being what the interface says of
/// 0-RTT data if the session was resumed or was not.
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
    // There is no call that tells.
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
