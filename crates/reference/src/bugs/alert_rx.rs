//! Receiving error alerts.

use protocol::End as Ended;

use protocol::ErrorClass;
use wire::AlertDescription;

use super::{Bug, bug};
use crate::reaction::Reaction::*;
use crate::situation::{AlertKind, AlertLevel, Call, Phase as P, Situation as S, What as W};

const UNKNOWN_WARNING: S = S::Record(W::Error(AlertLevel::Warning, AlertKind::Undefined), P::Open);
const UNKNOWN_FATAL: S = S::Record(W::Error(AlertLevel::Fatal, AlertKind::Undefined), P::Open);

const FATAL: S = S::Record(W::Error(AlertLevel::Fatal, AlertKind::Defined), P::Open);
const WARNING: S = S::Record(W::Error(AlertLevel::Warning, AlertKind::Defined), P::Open);
const NO_LEVEL: S = S::Record(W::Error(AlertLevel::Undefined, AlertKind::Defined), P::Open);
const LEGACY_WARNING: S = S::Record(W::Error(AlertLevel::Warning, AlertKind::Reserved), P::Open);
const EARLY_WARNING: S = S::Record(
    W::Error(AlertLevel::Warning, AlertKind::Defined),
    P::Handshake,
);
const HALF_CLOSED: S = S::Record(
    W::Error(AlertLevel::Fatal, AlertKind::Defined),
    P::OwnClosed,
);

pub(super) static BUGS: &[Bug] = &[
    bug(
        "fatal-alert-is-a-reset",
        FATAL,
        End(Ended::Reset),
        "alert-rx.fatal-surfaces",
        &[],
    ),
    bug(
        "fatal-alert-after-own-close-is-a-reset",
        HALF_CLOSED,
        End(Ended::Reset),
        "alert-rx.after-own-close",
        &[],
    ),
    bug(
        "fatal-alert-is-not-named",
        FATAL,
        FatalSilent(ErrorClass::AlertReceived),
        "alert-rx.loggable",
        &[],
    ),
    bug(
        "fatal-alert-is-a-clean-end",
        FATAL,
        End(Ended::Clean),
        "alert-rx.error-not-eof",
        &[
            "alert-rx.fatal-no-more-send",
            "alert-rx.fatal-surfaces",
            "close-tx.not-after-error-rcvd",
        ],
    ),
    bug(
        "fatal-alert-after-own-close-is-a-clean-end",
        HALF_CLOSED,
        End(Ended::Clean),
        "alert-rx.error-not-eof",
        &[
            "alert-rx.after-own-close",
            "api.closed-terminal",
            "api.peer-closed-once",
        ],
    ),
    bug(
        "data-before-a-fatal-alert-is-dropped",
        S::Record(W::Data, P::Open),
        Ignore,
        "alert-rx.data-before-alert",
        &[
            "api.peer-closed-once",
            "api.read-traffic",
            "close-rx.backpressure",
            "close-rx.data-first",
        ],
    ),
    bug(
        "data-after-the-peers-error-is-delivered",
        S::Record(W::Data, P::ErrorReceived),
        Deliver,
        "alert-rx.fatal-no-more-recv",
        &["api.error-latched"],
    ),
    bug(
        "fatal-alert-is-answered",
        FATAL,
        All(&[
            FailReceived,
            Alert {
                level: 2,
                description: AlertDescription::INTERNAL_ERROR,
            },
        ]),
        "alert-rx.no-alert-in-reply",
        &[],
    ),
    bug(
        "error-at-level-warning-is-answered",
        WARNING,
        All(&[
            FailReceived,
            Alert {
                level: 2,
                description: AlertDescription::DECODE_ERROR,
            },
        ]),
        "alert-rx.no-alert-in-reply",
        &[],
    ),
    bug(
        "error-at-level-warning-is-ignored",
        WARNING,
        Ignore,
        "alert-rx.level-ignored",
        &["alert-rx.fatal-no-more-recv", "alert-rx.fatal-surfaces"],
    ),
    bug(
        "error-at-no-level-is-ignored",
        NO_LEVEL,
        Ignore,
        "alert-rx.level-ignored",
        &["alert-rx.fatal-no-more-recv", "alert-rx.fatal-surfaces"],
    ),
    bug(
        "legacy-warning-is-ignored",
        LEGACY_WARNING,
        Ignore,
        "alert-rx.legacy-types-13",
        &["alert-rx.fatal-no-more-recv", "alert-rx.fatal-surfaces"],
    ),
    bug(
        "warning-before-client-hello-is-ignored",
        EARLY_WARNING,
        Ignore,
        "alert-rx.warning-before-version",
        &[],
    ),
    bug(
        "exports-after-the-peers-error",
        S::Call(Call::Export, P::ErrorReceived),
        Proceed,
        "alert-rx.session-keys-forgotten",
        &[],
    ),
    bug(
        "exports-after-own-error",
        S::Call(Call::Export, P::ErrorSent),
        Proceed,
        "alert-rx.session-keys-forgotten",
        &[],
    ),
    bug(
        "writes-after-the-peers-error",
        S::Call(Call::Write, P::ErrorReceived),
        Proceed,
        "alert-rx.fatal-no-more-send",
        &["api.write-refused-when-dead"],
    ),
    bug(
        "updates-keys-after-the-peers-error",
        S::Call(Call::UpdateKeys, P::ErrorReceived),
        Proceed,
        "alert-rx.fatal-no-more-send",
        &[],
    ),
    bug(
        "unknown-warning-is-ignored",
        UNKNOWN_WARNING,
        Ignore,
        "alert-rx.unknown-is-error",
        &[
            "alert-rx.error-not-eof",
            "alert-rx.fatal-no-more-recv",
            "alert-rx.fatal-surfaces",
        ],
    ),
    bug(
        "unknown-fatal-alert-is-ignored",
        UNKNOWN_FATAL,
        Ignore,
        "alert-rx.unknown-is-error",
        &["alert-rx.fatal-no-more-recv", "alert-rx.fatal-surfaces"],
    ),
    bug(
        "unknown-alert-is-a-clean-end",
        UNKNOWN_FATAL,
        End(Ended::Clean),
        "alert-rx.unknown-is-error",
        &["alert-rx.error-not-eof", "alert-rx.fatal-surfaces"],
    ),
];
