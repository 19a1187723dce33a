//! `user_canceled`.

use protocol::{End as Ended, ErrorClass};
use wire::AlertDescription;

use super::{Bug, bug};
use crate::reaction::Reaction::*;
use crate::situation::{AlertLevel, Call, Phase as P, Situation as S, What as W};

pub(super) static BUGS: &[Bug] = &[
    bug(
        "five-cancels-in-all-are-too-many",
        S::CanceledInAll(5),
        FatalSilent(ErrorClass::Flood),
        "cancel.rx-limit",
        &[],
    ),
    bug(
        "five-cancels-in-a-row-are-too-many",
        S::Record(W::UserCanceled(AlertLevel::Warning, 5), P::Open),
        FatalSilent(ErrorClass::Flood),
        "cancel.rx-limit",
        &[],
    ),
    bug(
        "cancel-is-an-error",
        S::Record(W::UserCanceled(AlertLevel::Warning, 1), P::Open),
        FailReceived,
        "cancel.rx-ignored",
        &[],
    ),
    bug(
        "cancel-at-level-fatal-is-an-error",
        S::Record(W::UserCanceled(AlertLevel::Fatal, 1), P::Open),
        FailReceived,
        "cancel.rx-fatal-level",
        &[],
    ),
    bug(
        "cancel-is-a-clean-end",
        S::Record(W::UserCanceled(AlertLevel::Warning, 1), P::Open),
        End(Ended::Clean),
        "cancel.rx-alone-is-not-eof",
        &[
            "api.discard-exact",
            "api.peer-closed-once",
            "api.read-traffic",
            "close-rx.signal-eof",
            "eof.no-close-notify",
        ],
    ),
    bug(
        "close-in-the-handshake-is-answered",
        S::Record(W::CloseNotify(AlertLevel::Warning), P::Handshake),
        Fatal(AlertDescription::DECODE_ERROR),
        "cancel.rx-handshake",
        &[],
    ),
    bug(
        "cancels-without-closing",
        S::Call(Call::Close, P::Handshake),
        All(&[
            Alert {
                level: 1,
                description: AlertDescription::USER_CANCELED,
            },
            FatalSilent(ErrorClass::HandshakeFailure),
        ]),
        "cancel.followed-by-close",
        &[],
    ),
    bug(
        "cancels-an-open-connection-and-writes-on",
        S::Call(Call::Write, P::Open),
        All(&[
            Alert {
                level: 1,
                description: AlertDescription::USER_CANCELED,
            },
            Proceed,
        ]),
        "cancel.open-followed-by-close",
        &[],
    ),
];
