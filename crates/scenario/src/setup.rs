//! Derives the configuration of both sides from a script's settings.

use closure::{Axes, Profile};
use peer::crypto::kx::Group;
use peer::crypto::suite::Suite;
use peer::{Config, Session, pki};
use protocol::{Begin, Pki, Role, Version};
use wire::{CipherSuite, NamedGroup};

use crate::player::CLOCK;
use crate::script::{EarlyData, Settings};

/// The number of bytes of 0-RTT data that a ticket allows if the server will reject it.
const EARLY_DATA: u32 = 16_384;

/// The error in the age of a client's ticket, in seconds, that makes the server reject 0-RTT data.
const SKEW: u32 = 3600;

/// Returns the number of bytes of 0-RTT data that the server accepts, that a client may send and
/// that tickets allow.
pub(crate) fn early_limit(settings: &Settings) -> u32 {
    match settings.early_data {
        EarlyData::Accept(max) => max,
        EarlyData::Reject => EARLY_DATA,
        EarlyData::None => 0,
    }
}

/// Returns the configuration of the subject.
pub(crate) fn begin(settings: &Settings, axes: &Axes, of_run: Profile) -> Begin {
    Begin {
        pki: Box::new(Pki {
            roots: pki::CA_PEM.into(),
            server_chain: pki::SERVER_PEM.into(),
            server_key: pki::SERVER_KEY_PEM.into(),
            client_chain: pki::CLIENT_PEM.into(),
            client_key: pki::CLIENT_KEY_PEM.into(),
            server_name: pki::SERVER_NAME.into(),
        }),
        versions: vec![axes.version],
        suites: suite(settings, axes).into_iter().collect(),
        groups: settings.group.into_iter().collect(),
        tickets: settings.tickets.into(),
        early_data: early_limit(settings),
        half_rtt: settings.half_rtt,
        fragment_size: settings.fragment_size,
        record_size_limit: settings.record_size_limit,
        key_limit: settings.key_limit,
        client_auth: settings.client_auth && axes.role == Role::Server,
        clock: CLOCK,
        profile: protocol::Profile {
            tls12_close: settings.profile(of_run).tls12_close,
        },
    }
}

/// Returns the configuration of the peer.
pub(crate) fn peer(
    settings: &Settings,
    axes: &Axes,
    seed: u64,
    clock: u64,
    resume: Option<Session>,
) -> Config {
    let role = match axes.role {
        Role::Client => wire::Role::Server,
        Role::Server => wire::Role::Client,
    };
    let version = match axes.version {
        Version::Tls12 => wire::Version::Tls12,
        Version::Tls13 => wire::Version::Tls13,
    };
    let plain = Config::new(role, version);
    let max = early_limit(settings);
    Config {
        seed,
        suites: match suite(settings, axes) {
            Some(id) => Suite::from_id(CipherSuite(id)).into_iter().collect(),
            None => plain.suites.clone(),
        },
        groups: match settings.group {
            Some(id) => Group::from_id(NamedGroup(id)).into_iter().collect(),
            None => plain.groups.clone(),
        },
        clock,
        middlebox_ccs: settings.middlebox_ccs,
        tickets: settings.tickets,
        ticket_early_data: max,
        early_data: match (settings.early_data, role) {
            (EarlyData::None, _) => peer::EarlyData::None,
            (_, wire::Role::Client) => peer::EarlyData::Offer,
            (EarlyData::Accept(max), wire::Role::Server) => peer::EarlyData::Accept { max },
            (EarlyData::Reject, wire::Role::Server) => peer::EarlyData::Reject,
        },
        ticket_age_skew: match settings.early_data {
            EarlyData::Reject => SKEW,
            EarlyData::None | EarlyData::Accept(_) => 0,
        },
        // A client may offer 0-RTT data even if the server's ticket does not allow it.
        resume: resume.map(|session| Session {
            max_early_data: session.max_early_data.max(max),
            ..session
        }),
        hello_retry: settings.hello_retry,
        client_auth: settings.client_auth,
        record_size_limit: settings.record_size_limit,
        // The handshake of a case is the same in all its instances.
        check_signatures: axes.is_baseline(),
        ..plain
    }
}

/// Returns the only cipher suite to negotiate, if there is one.
fn suite(settings: &Settings, axes: &Axes) -> Option<u16> {
    let chosen = axes.suite.map(|suite| suite.number(axes.version));
    settings.suite.or(chosen)
}
