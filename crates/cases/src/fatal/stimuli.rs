//! All kinds of invalid records after the handshake, on an open connection and after the local
//! close. Exceptions are those for which a separate requirement covers a receiver that continues.

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

/// One or more records that must end the connection.
struct Stimulus {
    name: &'static str,
    /// The stimulus, as an object of "The peer sends".
    says: &'static str,
    roles: &'static [Role],
    versions: &'static [Version],
    script: &'static str,
}

impl Stimulus {
    /// Returns a case about the stimulus. Cases live as long as the program, so leaking the name is
    /// fine.
    fn case(&self, when: &str, before: &str, exercises: &'static [&'static str]) -> Case {
        let name = format!("fatal/{when}-{}", self.name).leak();
        let open = before.is_empty();
        let to = match open {
            true => "an open connection",
            false => "a side that has closed its write half",
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

const OF_MANY: &str = "one of many stimuli; other families vary the most interesting ones";

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
        "a record after one that was lost",
        "peer write \"a\" dropped\npeer write \"b\"",
    ),
    either(
        "replayed",
        "a record twice",
        "peer write \"a\"\npeer replay",
    ),
    either(
        "clear-data",
        "unprotected application data",
        "peer write \"a\" epoch plain",
    ),
    either(
        "clear-handshake",
        "an unprotected handshake record",
        "peer handshake finished 32 epoch plain",
    ),
    either(
        "clear-close",
        "an unprotected close_notify",
        "peer close epoch plain",
    ),
    either(
        "clear-alert",
        "an unprotected error alert",
        "peer alert 2 internal_error epoch plain",
    ),
    either(
        "too-long",
        "a record that is too long",
        "peer record application_data 18500",
    ),
    either(
        "second-finished",
        "a second Finished",
        "peer handshake finished 32",
    ),
    either(
        "change-cipher-spec",
        "a change_cipher_spec, which is no longer allowed,",
        "peer ccs",
    ),
    tls12(
        "server-hello-12",
        "a malformed ServerHello",
        "peer handshake server_hello 8",
    ),
    tls13(
        "unknown-type",
        "a record of an undefined type",
        "peer record 99 \"a\"",
    ),
    tls13(
        "padding-alone",
        "a record that contains only padding",
        "peer record application_data empty no-type pad 10",
    ),
    tls13(
        "nothing-at-all",
        "a record with an empty plaintext",
        "peer record application_data empty no-type",
    ),
    tls13(
        "too-much-content",
        "a record with too much content",
        "peer record application_data 16385",
    ),
    tls13(
        "empty-alert",
        "an empty alert record",
        "peer record alert empty",
    ),
    tls13("half-an-alert", "half an alert", "peer record alert hex:01"),
    tls13(
        "two-alerts",
        "two alerts in one record",
        "peer record alert hex:01000100",
    ),
    tls13(
        "interleaved-data",
        "application data between the parts of a message",
        "peer key-update part 3\npeer write \"a\"",
    ),
    tls13(
        "interleaved-close",
        "close_notify between the parts of a message",
        "peer key-update part 3\npeer close",
    ),
    tls13(
        "protected-change-cipher-spec",
        "a protected change_cipher_spec",
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
        "a KeyUpdate that another message follows in the same record",
        "peer key-update join\npeer key-update",
    ),
    tls13(
        "old-keys",
        "a record under keys that it has retired",
        "peer key-update\npeer write \"a\" epoch application-0",
    ),
    Stimulus {
        roles: CLIENT,
        ..tls13(
            "certificate-request",
            "a CertificateRequest that the client has not agreed to",
            "peer handshake certificate_request hex:00000c000d00080006040308040401",
        )
    },
    Stimulus {
        roles: CLIENT,
        ..tls13(
            "broken-ticket",
            "a session ticket whose length exceeds the message",
            "peer handshake new_session_ticket hex:00000e10000000010100ffff0102",
        )
    },
    Stimulus {
        roles: SERVER,
        ..tls13(
            "ticket-from-a-client",
            "a session ticket, which no client may send,",
            "peer handshake new_session_ticket hex:00000e100000000101000001010000",
        )
    },
];
