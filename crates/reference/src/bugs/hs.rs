//! Closing and alerts before the handshake is done.

use protocol::{End as Ended, ErrorClass};
use wire::{AlertDescription as A, Epoch, Reason};

use super::{Bug, bug};
use crate::reaction::Flaw;
use crate::reaction::Reaction::*;
use crate::situation::{
    AlertKind, AlertLevel, Call, Own, Phase as P, Situation as S, Stage, What as W,
};

pub(super) static BUGS: &[Bug] = &[
    bug(
        "close-instead-of-server-hello-is-ignored",
        S::CloseInHandshake(Stage::First),
        Ignore,
        "hs.close-before-sh",
        &["api.peer-closed-once"],
    ),
    bug(
        "close-instead-of-client-hello-is-answered",
        S::CloseInHandshake(Stage::First),
        Fatal(A::DECODE_ERROR),
        "hs.close-before-ch",
        &[],
    ),
    bug(
        "close-in-clear-is-ignored",
        S::CloseInHandshake(Stage::Clear),
        Ignore,
        "hs.close-after-ch-13",
        &[],
    ),
    bug(
        "close-in-tls12-handshake-is-ignored",
        S::CloseInHandshake(Stage::Tls12),
        Ignore,
        "hs.close-after-ch-12",
        &["api.peer-closed-once"],
    ),
    bug(
        "close-under-handshake-keys-is-a-clean-end",
        S::CloseInHandshake(Stage::HandshakeKeys),
        End(Ended::Clean),
        "hs.close-under-hs-keys",
        &["api.write-traffic"],
    ),
    bug(
        "close-under-handshake-keys-is-ignored",
        S::CloseInHandshake(Stage::HandshakeKeys),
        Ignore,
        "hs.close-under-hs-keys",
        &["api.peer-closed-once"],
    ),
    bug(
        "close-in-handshake-is-refused",
        S::Call(Call::Close, P::Handshake),
        Refuse(ErrorClass::NotNow),
        "hs.local-close-in-handshake",
        &[],
    ),
    bug(
        "close-behind-own-finished-is-refused",
        S::Call(Call::Close, P::Handshake),
        Refuse(ErrorClass::NotNow),
        "hs.close-notify-in-false-start",
        &[],
    ),
    bug(
        "close-in-handshake-looks-like-the-end-of-the-transport",
        S::CloseInHandshake(Stage::HandshakeKeys),
        FatalSilent(ErrorClass::HandshakeEof),
        "hs.eof-vs-close",
        &[],
    ),
    bug(
        "error-in-handshake-is-ignored",
        S::Record(
            W::Error(AlertLevel::Fatal, AlertKind::Defined),
            P::Handshake,
        ),
        Ignore,
        "hs.plain-alert-before-keys",
        &[
            "alert-rx.fatal-surfaces",
            "early.alert-under-early-keys",
            "early.rejected-alert-skipped",
        ],
    ),
    bug(
        "alert-in-clear-is-taken-in-the-handshake",
        S::Record(W::Invalid(Reason::Unprotected), P::Handshake),
        Accept,
        "hs.plain-alert-window-13",
        &["fatal-tx.alert-always", "frame.alert-plain-12-after-ccs"],
    ),
    bug(
        "server-says-what-is-wrong-under-handshake-keys",
        S::Sending(Own::HandshakeError),
        Seal(Flaw::Keys(Epoch::Handshake)),
        "hs.server-error-key",
        &[
            "fatal-tx.alert-always",
            "fatal-tx.alert-flushable",
            "fatal-tx.key-epoch",
            "frame.alert-plain-12-after-ccs",
            "hs.bad-finished",
            "rec.plain-overflow",
        ],
    ),
    bug(
        "client-says-what-is-wrong-in-clear",
        S::Sending(Own::HandshakeError),
        Seal(Flaw::Keys(Epoch::Plain)),
        "hs.client-alert-key",
        &[
            "fatal-tx.alert-always",
            "fatal-tx.key-epoch",
            "frame.alert-plain-12-after-ccs",
            "hs.bad-finished",
            "hs.server-error-key",
        ],
    ),
    bug(
        "alert-inside-a-message-of-the-handshake-is-ignored",
        S::Record(W::Invalid(Reason::Interleaved), P::Handshake),
        Ignore,
        "hs.interleaved-alert",
        &["frame.alert-in-handshake-frag"],
    ),
    bug(
        "alert-inside-a-message-of-the-handshake-is-a-clean-end",
        S::Record(W::Invalid(Reason::Interleaved), P::Handshake),
        End(Ended::Clean),
        "hs.interleaved-alert",
        &["api.write-traffic", "frame.alert-in-handshake-frag"],
    ),
    bug(
        "cancel-in-handshake-spoils-finished",
        S::Record(W::UserCanceled(AlertLevel::Warning, 1), P::Handshake),
        Fatal(A::DECRYPT_ERROR),
        "hs.alert-not-in-transcript",
        &[],
    ),
    bug(
        "bad-finished-is-ignored",
        S::Record(W::Invalid(Reason::BadFinished), P::Handshake),
        Ignore,
        "hs.bad-finished",
        &["fatal-tx.alert-always"],
    ),
    bug(
        "bad-finished-is-a-decode-error",
        S::Record(W::Invalid(Reason::BadFinished), P::Handshake),
        Fatal(A::DECODE_ERROR),
        "hs.bad-finished",
        &[],
    ),
    bug(
        "bad-finished-is-a-clean-end",
        S::Record(W::Invalid(Reason::BadFinished), P::Handshake),
        End(Ended::Clean),
        "hs.bad-finished",
        &["api.write-traffic"],
    ),
];
