//! 0-RTT data, and closes and errors near it.

use closure::Cut;
use protocol::Capability;
use scenario::{Case, Script};

use super::{CLIENT, Refine, SERVER, TLS13, case};

pub(super) fn cases() -> Vec<Case> {
    let early: &[Capability] = &[
        Capability::EarlyData,
        Capability::Tickets,
        Capability::Resumption,
    ];
    let mut cases = [accepted(), rejected(), client()].concat();
    for case in &mut cases {
        case.needs = early;
    }
    let cut = cases.into_iter().map(Refine::cut_handshake);
    cut.chain(half_rtt())
        .map(|case| case.versions(TLS13))
        .collect()
}

/// Returns a case about the second of two connections, which resumes the first and has 0-RTT data.
fn second(
    name: &'static str,
    says: &'static str,
    exercises: &'static [&'static str],
    settings: &str,
    script: &str,
) -> Case {
    let whole = format!("set tickets 1\n{settings}\nhandshake\nconnect\n{script}");
    debug_assert!(Script::parse(&whole).is_ok(), "the script of {name}");
    case(name, says, exercises, &whole)
}

fn accepted() -> Vec<Case> {
    const ACCEPT: &str = "set early-data accept 1000";
    let cases = vec![
        second(
            "early-data/accepted-then-close",
            "The client sends 0-RTT data, the rest of the handshake, more data and a close.",
            &["early.accepted-then-close-1rtt"],
            ACCEPT,
            "handshake until end-of-early-data
             peer write \"GET \"
             peer write \"/ \"
             handshake
             peer write \"please\"
             peer close
             app settle empty",
        ),
        second(
            "early-data/all-at-once",
            "The client sends 0-RTT data, and the rest of its second flight and a close in one \
             segment.",
            &["early.accepted-then-close-1rtt"],
            ACCEPT,
            "handshake until end-of-early-data
             transport hold
             peer write \"GET \"
             peer write \"/ \"
             handshake
             peer close
             transport release
             app settle empty",
        ),
        second(
            "early-data/close-instead-of-end",
            "The client closes under the keys of its 0-RTT data.",
            &["early.close-not-eoed"],
            ACCEPT,
            "handshake until end-of-early-data
             peer write \"never mind\"
             peer close
             app settle same",
        ),
        second(
            "early-data/close-before-end",
            "The client closes under the keys of its 0-RTT data, and then completes the handshake.",
            &["early.close-not-eoed"],
            ACCEPT,
            "handshake until end-of-early-data
             peer close
             handshake",
        )
        .cuts(&[Cut::Whole], "other cases cover what follows a failure")
        .plain_only("other cases cover what follows a failure"),
        second(
            "early-data/error-instead-of-end",
            "The client sends an error alert under the keys of its 0-RTT data.",
            &["early.alert-under-early-keys"],
            ACCEPT,
            "handshake until end-of-early-data
             peer write \"never mind\"
             peer alert 2 internal_error
             app settle same",
        ),
        second(
            "early-data/then-transport-ends",
            "The transport ends after 0-RTT data that the server has accepted.",
            &["early.data-before-eof"],
            ACCEPT,
            "handshake until end-of-early-data
             peer write \"all of it?\"
             transport fin
             app settle empty",
        ),
        second(
            "early-data/all-that-is-allowed",
            "The client sends as much 0-RTT data as the ticket allows, in two records.",
            &["early.accepted-then-close-1rtt"],
            ACCEPT,
            "handshake until end-of-early-data
             peer write 400
             peer write 600
             handshake
             peer close",
        ),
        second(
            "early-data/one-byte-too-much",
            "The client sends one byte of 0-RTT data more than the ticket allows.",
            &["early.too-much"],
            ACCEPT,
            "handshake until end-of-early-data
             peer write 1000
             peer write \"!\"
             app settle same",
        ),
        second(
            "early-data/record-too-much",
            "The client sends one record of 0-RTT data that exceeds what the ticket allows.",
            &["early.too-much"],
            ACCEPT,
            "handshake until end-of-early-data
             peer write 1001
             app settle same",
        ),
        second(
            "early-data/bad-record",
            "A record of 0-RTT data is corrupted in transit.",
            &["early.bad-record"],
            ACCEPT,
            "handshake until end-of-early-data
             peer write \"good\"
             peer write \"bad\" bad-tag
             app settle same",
        ),
    ];
    cases.into_iter().map(|case| case.roles(SERVER)).collect()
}

fn rejected() -> Vec<Case> {
    const REJECT: &str = "set early-data reject";
    const RETRY: &str = "set early-data accept 1000\nset hello-retry";
    let cases = vec![
        second(
            "early-data/rejected-then-close",
            "The client sends three records of 0-RTT data, which the server rejects, then the \
             rest of the handshake and a close.",
            &["early.rejected-then-close", "early.rejected-budget"],
            REJECT,
            "transport hold
             handshake
             peer write \"one\" epoch early
             peer write \"two\" epoch early
             peer write \"three\" epoch early
             transport release
             handshake
             peer write \"again\"
             peer close
             app settle empty",
        ),
        second(
            "early-data/rejected-late",
            "More 0-RTT data is in flight when the server has rejected it.",
            &["early.rejected-then-close", "early.rejected-budget"],
            REJECT,
            "handshake until finished
             peer write \"four\" epoch early
             peer write \"five\" epoch early
             peer write \"six\" epoch early
             handshake
             peer close",
        ),
        second(
            "early-data/rejected-much",
            "The server rejects most of the 0-RTT data that the ticket allows, in records of 1000 \
             bytes.",
            &["early.rejected-budget"],
            REJECT,
            "handshake until finished
             transport hold
             peer write 15000 epoch early split 1000
             transport release
             handshake
             peer write \"again\"",
        )
        .plain_only("extra calls have the same effect as cuts, which are varied"),
        second(
            "early-data/rejected-as-much-as-allowed",
            "The server rejects exactly the amount of 0-RTT data that the ticket allows, in one \
             record.",
            &["early.rejected-budget"],
            REJECT,
            "handshake until finished
             peer write 16384 epoch early
             handshake
             peer write \"again\"",
        ),
        second(
            "early-data/retried-then-close",
            "The server sends a HelloRetryRequest and skips the 0-RTT data that has arrived.",
            &["early.rejected-then-close", "early.rejected-budget"],
            RETRY,
            "transport hold
             handshake
             peer write 300 epoch early
             peer write 300 epoch early
             transport release
             handshake
             peer write \"again\"
             peer close
             app settle empty",
        ),
        second(
            "early-data/error-in-clear-behind-retry",
            "The client sends an error alert in answer to a HelloRetryRequest.",
            &["early.rejected-alert-skipped"],
            RETRY,
            "transport hold
             handshake
             peer write \"skip me\" epoch early
             transport release
             peer alert 2 handshake_failure epoch plain
             app settle same",
        ),
        second(
            "early-data/error-in-clear-behind-rejection",
            "The client cannot process the flight in which the server rejects its 0-RTT data, and \
             sends an unprotected alert.",
            &["early.rejected-alert-skipped"],
            REJECT,
            "transport hold
             handshake
             peer write \"skip me\" epoch early
             transport release
             peer alert 2 handshake_failure epoch plain
             app settle same",
        ),
        second(
            "early-data/bad-record-behind-rejection",
            "A record is corrupted after the client's second flight has begun.",
            &["early.skip-ends"],
            REJECT,
            "transport hold
             handshake
             peer write \"skip me\" epoch early
             transport release
             edit finished part 10
             handshake
             peer write \"x\" epoch handshake bad-tag
             app settle same",
        ),
        second(
            "early-data/bad-record-behind-an-alert",
            "The first record of the second flight that decrypts is an alert, and the next record \
             is corrupted.",
            &["early.skip-ends"],
            REJECT,
            "handshake until finished
             peer write \"skip me\" epoch early
             peer alert 1 user_canceled
             peer write \"x\" epoch handshake bad-tag
             app settle same",
        ),
        second(
            "early-data/error-in-clear-behind-an-alert",
            "An unprotected error alert arrives after the client's second flight has begun.",
            &["hs.plain-alert-window-13"],
            REJECT,
            "handshake until finished
             peer alert 1 user_canceled
             peer alert 2 handshake_failure epoch plain
             app settle same",
        ),
    ];
    cases.into_iter().map(|case| case.roles(SERVER)).collect()
}

fn client() -> Vec<Case> {
    const ACCEPT: &str = "set early-data accept 1000\nset early-write \"GET /\"";
    const REJECT: &str = "set early-data reject\nset early-write \"GET /\"";
    let cases = vec![
        second(
            "early-data/client-closes-at-once",
            "The application has written everything as 0-RTT data, and closes.",
            &["early.eoed-required"],
            ACCEPT,
            "handshake
             app close
             peer close",
        ),
        second(
            "early-data/client-is-rejected",
            "The server rejects the 0-RTT data, and the application closes.",
            &["early.eoed-misplaced"],
            REJECT,
            "handshake
             app close",
        ),
        second(
            "early-data/client-is-retried",
            "The server sends a HelloRetryRequest, and the 0-RTT data is lost.",
            &["early.eoed-misplaced"],
            "set early-data accept 1000\nset early-write \"GET /\"\nset hello-retry",
            "handshake
             app close",
        ),
        second(
            "early-data/end-from-server",
            "A server sends EndOfEarlyData, which only a client may send.",
            &["early.eoed-misplaced"],
            ACCEPT,
            "handshake until finished
             peer handshake end_of_early_data empty
             app settle same",
        ),
        second(
            "early-data/server-closes-at-once",
            "The server answers the 0-RTT data and closes, all in its first flight.",
            &["early.close-by-server-before-eoed"],
            ACCEPT,
            "transport hold
             handshake
             peer write \"answer\"
             peer close
             transport release
             handshake
             app settle empty",
        ),
    ];
    cases.into_iter().map(|case| case.roles(CLIENT)).collect()
}

fn half_rtt() -> Vec<Case> {
    vec![
        case(
            "early-data/half-rtt-close",
            "A server that may write before the client's Finished answers and closes.",
            &["early.half-rtt-close"],
            "set half-rtt
             set tickets 1
             handshake until finished
             app write \"welcome\"
             app close
             handshake
             peer write \"thank you\"
             peer close
             app settle empty",
        )
        .roles(SERVER)
        .needs(&[Capability::HalfRtt, Capability::Tickets]),
    ]
}
