//! Records that must end the connection.

mod stimuli;

use protocol::Capability;
use scenario::Case;

use super::{CLIENT, Refine, SERVER, TLS12, TLS13, case};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = after();
    cases.extend(half_closed());
    cases.extend(alert());
    cases.extend(stimuli::cases());
    cases
}

/// The connection after a fatal error.
fn after() -> Vec<Case> {
    vec![
        case(
            "fatal/forged-record-then-a-good-one",
            "An attacker inserts a record into the stream. The connection is over, although the \
             next record would decrypt.",
            &["fatal-tx.sticky", "api.error-latched"],
            "handshake
             peer write \"a\"
             peer write \"forged\" epoch plain
             peer write \"b\"
             app write \"c\"",
        ),
        case(
            "fatal/bad-record-then-a-good-one",
            "A record is corrupted in transit. The connection is over, whatever follows.",
            &["fatal-tx.sticky", "api.error-latched"],
            "handshake
             peer write \"a\"
             peer write \"b\" bad-tag
             peer write \"c\"",
        ),
        case(
            "fatal/bad-record-then-write",
            "A record is corrupted in transit, and the application writes nevertheless.",
            &["fatal-tx.sticky", "api.no-write-state-when-dead"],
            "handshake
             peer write \"a\" bad-tag
             app write \"b\"",
        ),
        case(
            "fatal/bad-record-then-rekey",
            "A record is corrupted in transit, and the application updates its keys.",
            &["fatal-tx.sticky"],
            "handshake
             peer write \"a\" bad-tag
             app update-keys",
        )
        .versions(TLS13)
        .needs(&[Capability::KeyUpdate]),
        case(
            "fatal/bad-records-one-after-another",
            "An attacker corrupts several records. There is one alert for all of them.",
            &["fatal-tx.one-alert"],
            "handshake
             peer write \"a\" bad-tag
             peer write \"b\" bad-tag
             app settle same
             peer write \"c\" bad-body
             app settle same",
        ),
        case(
            "fatal/bad-record-while-data-waits",
            "Data waits for a blocked transport, and then a record is corrupted.",
            &["fatal-tx.data-pending-dropped", "fatal-tx.alert-flushable"],
            "handshake
             transport block
             app write 65536
             peer write \"x\" bad-tag
             transport unblock",
        )
        .needs(&[Capability::Room]),
        case(
            "fatal/bad-record-again",
            "A record is corrupted, and the application calls the implementation repeatedly.",
            &["fatal-tx.no-reprocess"],
            "handshake
             peer write \"a\" bad-tag
             app settle same
             app settle same",
        ),
        case(
            "fatal/bad-record-presented-again",
            "A record is corrupted, and the application presents it repeatedly.",
            &["fatal-tx.no-reprocess"],
            "handshake
             peer write \"a\" bad-tag",
        )
        .habits(&["represent-after-error"]),
        case(
            "fatal/long-record-presented-again",
            "A record is too long, and the application presents it repeatedly.",
            &["fatal-tx.no-reprocess"],
            "handshake
             peer record application_data 16385",
        )
        .versions(TLS13)
        .habits(&["represent-after-error"]),
        case(
            "fatal/key-used-up-behind-the-peers-close",
            "The peer has closed, and the application writes the last record that the key may \
             protect.",
            &["fatal-tx.peer-closed"],
            &format!(
                "set key-limit 8
                 set tls12-close half
                 handshake
                 peer close
                 {}",
                "app write \"x\"\n".repeat(10)
            ),
        )
        .versions(TLS12)
        .needs(&[Capability::KeyLimit]),
    ]
}

/// Fatal errors after the local close.
fn half_closed() -> Vec<Case> {
    vec![
        case(
            "fatal/half-closed-bad-record",
            "A record is corrupted after the application has closed its write half, and data follows.",
            &["fatal-tx.half-closed"],
            "handshake
             app close
             peer write \"a\" bad-tag
             peer write \"b\"",
        ),
        case(
            "fatal/half-closed-unknown-type",
            "A record of an undefined type arrives after the local close.",
            &["fatal-tx.half-closed"],
            "handshake
             app close
             peer record 99 \"a\"",
        )
        .versions(TLS13),
        case(
            "fatal/half-closed-bad-key-update",
            "A KeyUpdate with an undefined value arrives after the local close.",
            &["fatal-tx.half-closed"],
            "handshake
             app close
             peer key-update 7",
        )
        .versions(TLS13),
        case(
            "fatal/half-closed-second-finished",
            "A handshake message that is no longer allowed arrives after the local close.",
            &["fatal-tx.half-closed"],
            "handshake
             app close
             peer handshake finished 32",
        )
        .versions(TLS13),
        case(
            "fatal/half-closed-certificate-request",
            "A CertificateRequest that the client has not agreed to arrives after the local close.",
            &["fatal-tx.half-closed"],
            "handshake
             app close
             peer handshake certificate_request hex:00000c000d00080006040308040401",
        )
        .versions(TLS13)
        .roles(CLIENT),
        case(
            "fatal/half-closed-unknown-alert",
            "An undefined alert arrives after the local close.",
            &["alert-rx.unknown-is-error", "alert-rx.after-own-close"],
            "handshake
             app close
             peer alert 1 200
             peer write \"x\"",
        )
        .versions(TLS13),
    ]
}

/// The alert that the subject sends.
fn alert() -> Vec<Case> {
    vec![
        case(
            "fatal/bad-record-while-blocked",
            "A record is corrupted while the transport is blocked.",
            &["fatal-tx.alert-flushable", "fatal-tx.alert-always"],
            "handshake
             transport block
             peer write \"x\" bad-tag
             transport unblock",
        )
        .needs(&[Capability::Room]),
        case(
            "fatal/bad-record-byte-by-byte-out",
            "A record is corrupted while the transport accepts a few bytes at a time.",
            &["fatal-tx.alert-flushable"],
            "handshake
             transport block
             peer write \"x\" bad-tag
             transport room 1
             transport room 5
             transport room 1
             transport unblock",
        )
        .needs(&[Capability::Room]),
        case(
            "fatal/first-record-while-blocked",
            "Application data arrives instead of a ClientHello while the transport is blocked.",
            &["fatal-tx.alert-flushable", "conn.fails"],
            "connect
             transport block
             peer write \"x\"
             transport unblock",
        )
        .roles(SERVER)
        .needs(&[Capability::Room]),
        case(
            "fatal/bad-record",
            "A record is corrupted in transit.",
            &[
                "fatal-tx.alert-always",
                "fatal-tx.level-fatal",
                "fatal-tx.key-epoch",
                "frame.alert-reserved-tx",
                "frame.alert-empty-tx",
            ],
            "handshake
             peer write \"x\" bad-tag",
        ),
        case(
            "fatal/bad-record-behind-own-key-update",
            "A record is corrupted after the application has updated its keys.",
            &["fatal-tx.key-epoch"],
            "handshake
             app update-keys
             peer write \"x\" bad-tag",
        )
        .versions(TLS13)
        .needs(&[Capability::KeyUpdate]),
        case(
            "fatal/bad-record-behind-the-peers-key-update",
            "The peer requests a key update and gets no data, and then a record is corrupted. The \
             alert must be under keys that the subject has announced.",
            &["fatal-tx.key-epoch"],
            "handshake
             peer key-update request
             peer write \"x\" bad-tag",
        )
        .versions(TLS13),
        case(
            "fatal/bad-record-before-finished",
            "The record of the client's Finished is corrupted. The server already has application \
             keys for writing.",
            &["fatal-tx.key-epoch", "fatal-tx.alert-always"],
            "handshake until finished
             peer handshake finished 32 bad-tag",
        )
        .roles(SERVER)
        .versions(TLS13)
        .cut_handshake(),
        case(
            "fatal/type-in-the-clear",
            "An unprotected record of a type that is not allowed there arrives.",
            &["fatal-tx.alert-always"],
            "handshake
             peer record handshake \"x\" epoch plain",
        ),
        case(
            "fatal/key-update-without-body",
            "The peer sends a KeyUpdate without a body.",
            &["fatal-tx.generic-codes", "fatal-tx.alert-always"],
            "handshake
             peer handshake key_update empty",
        )
        .versions(TLS13),
        case(
            "fatal/key-update-too-long",
            "The peer sends a KeyUpdate with a body that is too long.",
            &["fatal-tx.generic-codes", "fatal-tx.alert-always"],
            "handshake
             peer handshake key_update hex:0000",
        )
        .versions(TLS13),
        case(
            "fatal/key-update-of-a-value",
            "The peer sends a KeyUpdate with an undefined value.",
            &["fatal-tx.generic-codes", "fatal-tx.alert-always"],
            "handshake
             peer key-update 7",
        )
        .versions(TLS13),
        case(
            "fatal/ticket-past-its-end",
            "The peer sends a session ticket whose length exceeds the message.",
            &["fatal-tx.generic-codes", "fatal-tx.alert-always"],
            "handshake
             peer handshake new_session_ticket hex:00000e10000000010100ffff0102",
        )
        .versions(TLS13)
        .roles(CLIENT),
        case(
            "fatal/ticket-of-nothing",
            "The peer sends a NewSessionTicket without a body.",
            &["fatal-tx.generic-codes", "fatal-tx.alert-always"],
            "handshake
             peer handshake new_session_ticket empty",
        )
        .versions(TLS13)
        .roles(CLIENT),
    ]
}
