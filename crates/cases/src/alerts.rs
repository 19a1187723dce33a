//! Error alerts from the peer.

use closure::Cut;
use protocol::{Capability, Version};
use scenario::Case;
use wire::AlertDescription as A;

use super::{CLIENT, EITHER, Refine, TLS13, case};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = by_hand();
    for alert in ERRORS {
        cases.push(each("fatal", 2, alert, SURFACES, EITHER));
        cases.push(each("warning", 1, alert, IGNORES_LEVEL, TLS13));
        cases.push(each("level-0", 0, alert, IGNORES_LEVEL, TLS13));
        cases.push(each("level-255", 255, alert, IGNORES_LEVEL, TLS13));
    }
    for alert in LEGACY {
        cases.push(each(
            "legacy-fatal",
            2,
            alert,
            &["alert-rx.legacy-types-13"],
            TLS13,
        ));
        cases.push(each(
            "legacy-warning",
            1,
            alert,
            &["alert-rx.legacy-types-13"],
            TLS13,
        ));
    }
    cases
}

/// The error alerts of RFC 8446 6.2.
const ERRORS: [A; 25] = [
    A::UNEXPECTED_MESSAGE,
    A::BAD_RECORD_MAC,
    A::RECORD_OVERFLOW,
    A::HANDSHAKE_FAILURE,
    A::BAD_CERTIFICATE,
    A::UNSUPPORTED_CERTIFICATE,
    A::CERTIFICATE_REVOKED,
    A::CERTIFICATE_EXPIRED,
    A::CERTIFICATE_UNKNOWN,
    A::ILLEGAL_PARAMETER,
    A::UNKNOWN_CA,
    A::ACCESS_DENIED,
    A::DECODE_ERROR,
    A::DECRYPT_ERROR,
    A::PROTOCOL_VERSION,
    A::INSUFFICIENT_SECURITY,
    A::INTERNAL_ERROR,
    A::INAPPROPRIATE_FALLBACK,
    A::MISSING_EXTENSION,
    A::UNSUPPORTED_EXTENSION,
    A::UNRECOGNIZED_NAME,
    A::BAD_CERTIFICATE_STATUS_RESPONSE,
    A::UNKNOWN_PSK_IDENTITY,
    A::CERTIFICATE_REQUIRED,
    A::NO_APPLICATION_PROTOCOL,
];

/// The alerts that RFC 8446 B.2 reserves for older versions.
const LEGACY: [A; 7] = [
    A::DECRYPTION_FAILED,
    A::DECOMPRESSION_FAILURE,
    A::NO_CERTIFICATE,
    A::EXPORT_RESTRICTION,
    A::NO_RENEGOTIATION,
    A::CERTIFICATE_UNOBTAINABLE,
    A::BAD_CERTIFICATE_HASH_VALUE,
];

const SURFACES: &[&str] = &["alert-rx.fatal-surfaces"];
const IGNORES_LEVEL: &[&str] = &["alert-rx.level-ignored"];

/// Returns a case about one alert at one level. Cases live as long as the program, so leaking the
/// name is fine.
fn each(
    area: &str,
    level: u8,
    alert: A,
    exercises: &'static [&'static str],
    versions: &'static [Version],
) -> Case {
    let known = alert.name().unwrap_or_default();
    let name = format!("alerts/{area}-{}", known.replace('_', "-")).leak();
    let says = format!("The peer sends {known} at level {level}, and then data.");
    let script = format!("handshake\npeer alert {level} {known}\npeer write \"x\"");
    case(name, says.leak(), exercises, &script)
        .versions(versions)
        .cuts(&[Cut::Whole], ONE_BYTE)
        .plain_only(ONE_BYTE)
}

const ONE_BYTE: &str = "differs by a byte from alerts/fatal-then-data or alerts/warning-then-data, \
                        which are played in all variations";

fn by_hand() -> Vec<Case> {
    vec![
        case(
            "alerts/fatal-then-data",
            "The peer sends a fatal alert, and then data.",
            &[
                "alert-rx.fatal-surfaces",
                "alert-rx.fatal-no-more-recv",
                "alert-rx.no-alert-in-reply",
                "alert-rx.loggable",
            ],
            "handshake
             peer alert 2 handshake_failure
             peer write \"x\"",
        ),
        case(
            "alerts/warning-then-data",
            "The peer sends a TLS 1.3 error alert at level warning, and then data.",
            &[
                "alert-rx.level-ignored",
                "alert-rx.fatal-no-more-recv",
                "alert-rx.no-alert-in-reply",
            ],
            "handshake
             peer alert 1 handshake_failure
             peer write \"x\"",
        )
        .versions(TLS13),
        case(
            "alerts/fatal-behind-data",
            "Data, a fatal alert and more data arrive in one segment.",
            &["alert-rx.data-before-alert", "alert-rx.fatal-no-more-recv"],
            "handshake
             transport hold
             peer write \"last words\"
             peer alert 2 internal_error
             peer write \"beyond\"
             transport release",
        ),
        case(
            "alerts/fatal-then-fin",
            "The peer sends a fatal alert, and the transport ends. This is not an orderly end.",
            &["alert-rx.error-not-eof"],
            "handshake
             peer write \"half of it\"
             peer alert 2 internal_error
             transport fin",
        ),
        case(
            "alerts/fatal-after-own-close",
            "The peer sends a fatal alert to a side that has closed its write half and waits for \
             more data.",
            &["alert-rx.after-own-close", "alert-rx.error-not-eof"],
            "handshake
             app close
             peer alert 2 internal_error
             transport fin",
        ),
        case(
            "alerts/fatal-then-export",
            "The peer sends a fatal alert, and the application exports keying material.",
            &["alert-rx.session-keys-forgotten"],
            "handshake
             peer alert 2 internal_error
             app export",
        )
        .needs(&[Capability::Export]),
        case(
            "alerts/bad-record-then-export",
            "A record is corrupted in transit, and the application exports keying material.",
            &["alert-rx.session-keys-forgotten"],
            "handshake
             peer write \"x\" bad-tag
             app export",
        )
        .needs(&[Capability::Export]),
        case(
            "alerts/fatal-then-write",
            "The peer sends a fatal alert, and the application writes nevertheless.",
            &[
                "alert-rx.fatal-no-more-send",
                "api.no-write-state-when-dead",
                "api.error-latched",
            ],
            "handshake
             peer alert 2 internal_error
             app write \"x\"
             app settle same",
        ),
        case(
            "alerts/fatal-then-rekey",
            "The peer sends a fatal alert, and the application updates its keys.",
            &["alert-rx.fatal-no-more-send"],
            "handshake
             peer alert 2 internal_error
             app update-keys",
        )
        .versions(TLS13)
        .needs(&[Capability::KeyUpdate]),
        case(
            "alerts/unknown-at-level-fatal",
            "The peer sends an undefined alert at level fatal, and then data.",
            &["alert-rx.unknown-is-error"],
            "handshake
             peer alert 2 200
             peer write \"x\"",
        )
        .versions(TLS13),
        case(
            "alerts/unknown-at-level-warning",
            "The peer sends an undefined alert at level warning.",
            &["alert-rx.unknown-is-error"],
            "handshake
             peer alert 1 200
             peer write \"x\"",
        )
        .versions(TLS13),
        case(
            "alerts/highest-number-at-level-warning",
            "The peer sends the alert with the highest number at level warning.",
            &["alert-rx.unknown-is-error"],
            "handshake
             peer alert 1 255
             peer write \"x\"",
        )
        .versions(TLS13),
        case(
            "alerts/lowest-number-at-level-warning",
            "The peer sends an alert at level warning that differs from close_notify by one bit.",
            &["alert-rx.unknown-is-error", "alert-rx.error-not-eof"],
            "handshake
             peer alert 1 1
             transport fin",
        )
        .versions(TLS13),
        case(
            "alerts/general-error-at-level-warning",
            "The peer sends an alert at level warning that only the revision of RFC 8446 defines.",
            &["alert-rx.unknown-is-error"],
            "handshake
             peer alert 1 117
             peer close",
        )
        .versions(TLS13),
        case(
            "alerts/warning-before-server-hello",
            "An alert at level warning arrives before the ServerHello.",
            &["alert-rx.warning-before-version"],
            "connect
             peer alert 1 unrecognized_name
             handshake",
        )
        .roles(CLIENT)
        .versions(TLS13),
    ]
}
