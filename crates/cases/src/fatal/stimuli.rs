//! Every way of being wrong behind the handshake, on an open connection and on one of which the own
//! half is closed; except for those that have a requirement of their own for a receiver that goes
//! on.

use closure::Cut;
use protocol::{Role, Version};
use scenario::Case;

use super::super::{BOTH, CLIENT, EITHER, Refine, SERVER, TLS12, TLS13, case};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for stimulus in STIMULI {
        cases.push(stimulus.case("open", "", &["fatal-tx.alert-always"]));
        cases.push(stimulus.case("own-closed", "app close\n", &["fatal-tx.half-closed"]));
    }
    cases
}

/// A record, or some, that must end the connection.
struct Stimulus {
    name: &'static str,
    /// What the peer does, in words that follow "The peer sends".
    says: &'static str,
    roles: &'static [Role],
    versions: &'static [Version],
    script: &'static str,
}

impl Stimulus {
    /// A case about it. It lives as long as the program, so its name may be leaked.
    fn case(&self, when: &str, before: &str, exercises: &'static [&'static str]) -> Case {
        let name = format!("fatal/{when}-{}", self.name).leak();
        let open = before.is_empty();
        let to = match open {
            true => "an open connection",
            false => "a side that has closed its own half",
        };
        let says = format!("The peer sends {} to {to}.", self.says).leak();
        let script = format!("handshake\n{before}{}", self.script);
        case(name, says, exercises, &script)
            .roles(self.roles)
            .versions(self.versions)
            .cuts(&[Cut::Whole], OF_MANY)
            .plain_only(OF_MANY)
    }
}

const OF_MANY: &str = "one of many of which the families try the interesting ones in every way";

const fn either(name: &'static str, says: &'static str, script: &'static str) -> Stimulus {
    Stimulus {
        name,
        says,
        roles: BOTH,
        versions: EITHER,
        script,
    }
}

const fn tls13(name: &'static str, says: &'static str, script: &'static str) -> Stimulus {
    Stimulus {
        versions: TLS13,
        ..either(name, says, script)
    }
}

const fn tls12(name: &'static str, says: &'static str, script: &'static str) -> Stimulus {
    Stimulus {
        versions: TLS12,
        ..either(name, says, script)
    }
}

const STIMULI: &[Stimulus] = &[
    either(
        "bad-tag",
        "a record with a bad tag",
        "peer write \"a\" bad-tag",
    ),
    either(
        "bad-body",
        "a record with a bad body",
        "peer write \"a\" bad-body",
    ),
    either(
        "lost",
        "a record behind one that got lost",
        "peer write \"a\" dropped\npeer write \"b\"",
    ),
    either(
        "replayed",
        "a record twice",
        "peer write \"a\"\npeer replay",
    ),
    either(
        "clear-data",
        "data in the clear",
        "peer write \"a\" epoch plain",
    ),
    either(
        "clear-handshake",
        "a handshake record in the clear",
        "peer handshake finished 32 epoch plain",
    ),
    either(
        "clear-close",
        "close_notify in the clear",
        "peer close epoch plain",
    ),
    either(
        "clear-alert",
        "an error alert in the clear",
        "peer alert 2 internal_error epoch plain",
    ),
    either(
        "too-long",
        "a record that is too long",
        "peer record application_data 18500",
    ),
    either(
        "second-finished",
        "Finished again",
        "peer handshake finished 32",
    ),
    either(
        "change-cipher-spec",
        "change_cipher_spec, which has no place any more,",
        "peer ccs",
    ),
    tls12(
        "server-hello-12",
        "a ServerHello that makes no sense",
        "peer handshake server_hello 8",
    ),
    tls13(
        "unknown-type",
        "a type that TLS does not define",
        "peer record 99 \"a\"",
    ),
    tls13(
        "padding-alone",
        "a record that holds padding alone",
        "peer record application_data empty no-type pad 10",
    ),
    tls13(
        "nothing-at-all",
        "a record that holds nothing at all",
        "peer record application_data empty no-type",
    ),
    tls13(
        "too-much-padding",
        "a record with too much padding",
        "peer write \"a\" pad 16384",
    ),
    tls13(
        "empty-alert",
        "an empty alert record",
        "peer record alert empty",
    ),
    tls13("half-an-alert", "half an alert", "peer record alert hex:01"),
    tls13(
        "two-alerts",
        "two alerts in a record",
        "peer record alert hex:01000100",
    ),
    tls13(
        "interleaved-data",
        "data between the parts of a message",
        "peer key-update part 3\npeer write \"a\"",
    ),
    tls13(
        "interleaved-close",
        "close_notify between the parts of a message",
        "peer key-update part 3\npeer close",
    ),
    tls13(
        "protected-change-cipher-spec",
        "change_cipher_spec under protection",
        "peer record change_cipher_spec hex:01",
    ),
    tls13(
        "key-update-value",
        "a KeyUpdate with an undefined value",
        "peer key-update 7",
    ),
    tls13(
        "key-update-empty",
        "a KeyUpdate without a body",
        "peer handshake key_update empty",
    ),
    tls13(
        "key-update-not-last",
        "a KeyUpdate with another message behind it in the record",
        "peer key-update join\npeer key-update",
    ),
    tls13(
        "old-keys",
        "a record under keys that it has given up",
        "peer key-update\npeer write \"a\" epoch application-0",
    ),
    Stimulus {
        roles: CLIENT,
        ..tls13(
            "certificate-request",
            "a request for a certificate that nobody agreed to",
            "peer handshake certificate_request hex:00000c000d00080006040308040401",
        )
    },
    Stimulus {
        roles: CLIENT,
        ..tls13(
            "broken-ticket",
            "a session ticket that runs past its end",
            "peer handshake new_session_ticket hex:00000e10000000010100ffff0102",
        )
    },
    Stimulus {
        roles: SERVER,
        ..tls13(
            "ticket-from-a-client",
            "a session ticket, which no client may",
            "peer handshake new_session_ticket hex:00000e100000000101000001010000",
        )
    },
];
