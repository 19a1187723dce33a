//! The end of the transport.

use protocol::{End as Ended, ErrorClass};
use wire::AlertDescription as A;

use super::{Bug, bug};
use crate::reaction::Reaction::*;
use crate::situation::{Call, Cut, Phase as P, Situation as S, What as W};

pub(super) static BUGS: &[Bug] = &[
    bug(
        "transport-end-is-clean",
        S::Eof(Cut::Boundary, P::Open),
        End(Ended::Clean),
        "eof.no-close-notify",
        &[
            "api.peer-closed-once",
            "cancel.rx-alone-is-not-eof",
            "eof.must-have-close-if-reused",
        ],
    ),
    bug(
        "transport-end-goes-unnoticed",
        S::Eof(Cut::Boundary, P::Open),
        Ignore,
        "eof.no-close-notify",
        &[],
    ),
    bug(
        "reset-is-clean",
        S::Reset(P::Open),
        End(Ended::Clean),
        "eof.must-have-close-if-reused",
        &["api.peer-closed-once"],
    ),
    bug(
        "transport-end-in-header-is-clean",
        S::Eof(Cut::Header, P::Open),
        End(Ended::Clean),
        "eof.mid-header",
        &["api.peer-closed-once", "eof.must-have-close-if-reused"],
    ),
    bug(
        "transport-end-in-record-is-clean",
        S::Eof(Cut::Body, P::Open),
        End(Ended::Clean),
        "eof.mid-record",
        &["api.peer-closed-once", "eof.must-have-close-if-reused"],
    ),
    bug(
        "transport-end-in-close-is-clean",
        S::Eof(Cut::LastByte, P::Open),
        End(Ended::Clean),
        "eof.mid-close-record",
        &[
            "api.peer-closed-once",
            "eof.mid-record",
            "eof.must-have-close-if-reused",
        ],
    ),
    bug(
        "transport-end-behind-close-is-an-error",
        S::Eof(Cut::Boundary, P::PeerClosed),
        FatalSilent(ErrorClass::Truncated),
        "eof.after-close",
        &["close-rx.eof-latched"],
    ),
    bug(
        "reset-behind-close-is-an-error",
        S::Reset(P::PeerClosed),
        End(Ended::Reset),
        "eof.after-close",
        &["close-rx.eof-latched"],
    ),
    bug(
        "transport-end-in-handshake-is-clean",
        S::Eof(Cut::Boundary, P::Handshake),
        End(Ended::Clean),
        "eof.during-handshake",
        &["api.peer-closed-once", "api.write-traffic", "rec.tx-shape"],
    ),
    bug(
        "transport-end-in-handshake-goes-unnoticed",
        S::Eof(Cut::Boundary, P::Handshake),
        Ignore,
        "eof.during-handshake",
        &[],
    ),
    bug(
        "transport-end-behind-own-close-is-clean",
        S::Eof(Cut::Boundary, P::OwnClosed),
        End(Ended::Clean),
        "eof.after-own-close",
        &[
            "api.closed-terminal",
            "api.peer-closed-once",
            "eof.must-have-close-if-reused",
            "eof.no-close-notify",
        ],
    ),
    bug(
        "reset-goes-unnoticed",
        S::Reset(P::Open),
        Ignore,
        "eof.rst",
        &[],
    ),
    bug(
        "transport-end-in-message-is-clean",
        S::Eof(Cut::Message, P::Open),
        End(Ended::Clean),
        "eof.partial-handshake-msg",
        &["api.peer-closed-once", "eof.must-have-close-if-reused"],
    ),
    bug(
        "transport-end-is-answered-by-an-alert",
        S::Eof(Cut::Boundary, P::Open),
        Fatal(A::UNEXPECTED_MESSAGE),
        "eof.no-alert-on-eof",
        &[],
    ),
    bug(
        "data-behind-transport-end-is-delivered",
        S::Record(W::Data, P::Truncated),
        Deliver,
        "eof.then-bytes",
        &[],
    ),
    bug(
        "part-of-a-record-is-delivered",
        S::Eof(Cut::Body, P::Open),
        All(&[Deliver, End(Ended::Truncated)]),
        "eof.mid-record",
        &["api.read-traffic"],
    ),
    bug(
        "reads-what-it-writes-after-a-failure",
        S::Call(Call::Write, P::FailedSilently),
        Deliver,
        "eof.during-handshake",
        &["api.error-latched"],
    ),
];
