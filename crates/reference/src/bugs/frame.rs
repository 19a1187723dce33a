//! The framing of alerts.

use protocol::End as Ended;
use wire::{AlertDescription, Reason};

use super::{Bug, bug};
use crate::reaction::Flaw;
use crate::reaction::Reaction::*;
use crate::situation::{Own, Phase as P, Situation as S, What as W};

pub(super) static BUGS: &[Bug] = &[
    bug(
        "empty-alert-is-a-decode-error",
        S::Record(W::Invalid(Reason::EmptyAlert), P::Open),
        Fatal(AlertDescription::DECODE_ERROR),
        "frame.alert-empty",
        &[],
    ),
    bug(
        "empty-alert-is-ignored",
        S::Record(W::Invalid(Reason::EmptyAlert), P::Open),
        Ignore,
        "frame.alert-empty",
        &[],
    ),
    bug(
        "close-inside-a-message-is-a-clean-end",
        S::Record(W::Invalid(Reason::Interleaved), P::Open),
        End(Ended::Clean),
        "frame.alert-in-handshake-frag",
        &[],
    ),
    bug(
        "close-inside-a-message-is-ignored",
        S::Record(W::Invalid(Reason::Interleaved), P::Open),
        Ignore,
        "frame.alert-in-handshake-frag",
        &[],
    ),
    bug(
        "outer-type-is-not-looked-at",
        S::Record(W::Invalid(Reason::OuterType), P::Open),
        Accept,
        "frame.alert-wrong-outer-type",
        &[],
    ),
    bug(
        "empty-alert-is-nothing",
        S::Record(W::Invalid(Reason::EmptyAlert), P::Open),
        Ignore,
        "frame.alert-empty-12",
        &["frame.alert-empty"],
    ),
    bug(
        "half-an-alert-is-ignored",
        S::Record(W::Invalid(Reason::AlertOneByte), P::Open),
        Ignore,
        "frame.alert-one-byte",
        &[],
    ),
    bug(
        "half-an-alert-is-a-clean-end",
        S::Record(W::Invalid(Reason::AlertOneByte), P::Open),
        End(Ended::Clean),
        "frame.alert-split",
        &["frame.alert-one-byte"],
    ),
    bug(
        "split-alerts-are-put-together",
        S::Record(W::Invalid(Reason::AlertOneByte), P::Open),
        End(Ended::Clean),
        "frame.alert-split-12",
        &["frame.alert-split", "frame.alert-one-byte"],
    ),
    bug(
        "first-of-two-alerts-counts",
        S::Record(W::Invalid(Reason::AlertTrailing), P::Open),
        End(Ended::Clean),
        "frame.alert-coalesced",
        &["frame.alert-trailing-junk"],
    ),
    bug(
        "two-alerts-are-taken-one-by-one",
        S::Record(W::Invalid(Reason::AlertTrailing), P::Open),
        End(Ended::Clean),
        "frame.alert-coalesced-12",
        &["frame.alert-coalesced", "frame.alert-trailing-junk"],
    ),
    bug(
        "bytes-behind-an-alert-are-an-illegal-parameter",
        S::Record(W::Invalid(Reason::AlertTrailing), P::Open),
        Fatal(AlertDescription::ILLEGAL_PARAMETER),
        "frame.alert-trailing-junk",
        &["frame.alert-coalesced"],
    ),
    bug(
        "header-version-is-not-looked-at",
        S::Record(W::Invalid(Reason::HeaderVersion), P::Open),
        Accept,
        "frame.alert-wrong-version",
        &[],
    ),
    bug(
        "padding-may-be-too-long",
        S::Record(W::Invalid(Reason::InnerOverflow), P::Open),
        Accept,
        "frame.alert-max-padded",
        &["rec.inner-overflow"],
    ),
    bug(
        "close-under-wrong-keys-is-a-clean-end",
        S::Record(W::Invalid(Reason::WrongKeys), P::Open),
        End(Ended::Clean),
        "frame.alert-under-wrong-epoch",
        &["ku.close-new-without-ku", "ku.rx-then-close-old"],
    ),
    bug(
        "alert-in-the-clear-is-ignored",
        S::Record(W::Invalid(Reason::Unprotected), P::Open),
        Ignore,
        "frame.alert-plain-12-after-ccs",
        &["close-rx.not-authenticated-ignored"],
    ),
    bug(
        "own-alert-is-empty",
        S::Sending(Own::Error),
        Seal(Flaw::Content(&[])),
        "frame.alert-empty-tx",
        &[
            "close-rx.not-authenticated-ignored",
            "close-rx.replayed",
            "close-rx.wrong-direction",
            "close-tx.one-alert-per-record",
            "fatal-tx.alert-always",
            "frame.alert-empty",
            "frame.alert-one-byte",
            "frame.alert-plain-12-after-ccs",
            "rec.bad-tag",
        ],
    ),
    bug(
        "own-alert-is-of-another-age",
        S::Sending(Own::Error),
        Seal(Flaw::Content(&[2, 21])),
        "frame.alert-reserved-tx",
        &[
            "close-rx.not-authenticated-ignored",
            "close-rx.replayed",
            "close-rx.wrong-direction",
            "frame.alert-empty",
            "frame.alert-one-byte",
            "frame.alert-plain-12-after-ccs",
            "rec.bad-tag",
        ],
    ),
];
