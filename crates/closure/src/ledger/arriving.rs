//! The peer's records, and the end of the transport.

use protocol::{Role, Version};
use wire::{Epoch, HandshakeType, MAX_CIPHERTEXT_13, Meaning, Reason, RecordHeader};

use super::{Asked, Blame, Failure, Half, Ledger, Past, Reading, Stage, Way};
use crate::event::{Delivered, Setup, Transport};

/// The length of a full record. The RFCs do not say how much of an incomplete message, padding
/// included, a receiver must buffer.
const FULL_RECORD: u32 = (RecordHeader::LEN + MAX_CIPHERTEXT_13) as u32;

impl Ledger {
    pub(super) fn deliver(
        &mut self,
        at: usize,
        record: &Delivered,
        setup: &Setup,
        past: &Past<'_>,
    ) {
        self.has_run = true;
        if std::mem::take(&mut self.is_latest)
            && (setup.pieces || matches!(record.meaning, Meaning::Refusable(_) | Meaning::Unknown))
        {
            // It may have failed because of the part of this record that had arrived.
            self.uncaused = None;
        }
        let listens = self.now.failure == Failure::None && self.now.blame < Blame::Must;
        if self.now.peer != Half::Open || self.now.reading == Reading::Over || !listens {
            // A side that no longer reads may still look at the record, and fail.
            if listens {
                self.blame(Blame::Leave, true);
            }
            return;
        }
        self.now.peer_has_keys |= !matches!(record.epoch, Epoch::Plain | Epoch::Early);
        if matches!(record.meaning, Meaning::Handshake(_)) {
            self.hear(record, setup, past);
        }
        let now = &mut self.now;
        now.in_message = ends_in_message(record, past);
        now.peer_canceled |= record.meaning == Meaning::UserCanceled;
        now.is_used |= matches!(record.meaning, Meaning::Data | Meaning::KeyUpdate { .. });
        match record.meaning {
            Meaning::Data => match now.reading {
                Reading::Open => self.incoming.arrive(record.content.len()),
                _ => self.incoming.may_arrive(record.content.len()),
            },
            Meaning::CloseNotify => self.close(record, setup, past),
            Meaning::KeyUpdate { requested } => {
                now.peer_keys += 1;
                now.awaits_keys = false;
                if requested {
                    now.keys_asked = Asked::Peer;
                }
                now.owed.key_update |= requested && matches!(now.own, Half::Open);
            }
            Meaning::Handshake(HandshakeType::FINISHED) if now.stage == Stage::Handshake => {
                now.stage = Stage::Finished;
            }
            // RFC 8446 5.1 has a receiver ignore the version, and 5.2 has it authenticated. One
            // that authenticates the constant continues, and the effect of the record is unknown.
            Meaning::Invalid(Reason::HeaderVersion) if setup.version == Version::Tls13 => {
                now.is_tainted = true;
            }
            Meaning::Error(_) | Meaning::Invalid(_) => {
                // A server that rejects 0-RTT data skips records that it cannot open.
                let skips = setup.early_limit > 0 && now.stage < Stage::Done;
                let rejects = skips && !now.early.is_accepted() && !now.peer_has_keys;
                let blame = match now.reading {
                    Reading::MayStop => Blame::Leave,
                    _ if rejects && does_not_open(record.meaning) => Blame::Leave,
                    _ if now.stage == Stage::Done && may_go_unread(record.meaning, setup) => {
                        Blame::Leave
                    }
                    Reading::Open | Reading::Over => Blame::Must,
                };
                now.peer_alerted |= matches!(record.meaning, Meaning::Error(_));
                now.has_bad_record |= matches!(record.meaning, Meaning::Invalid(_));
                if matches!(record.meaning, Meaning::Error(_)) {
                    // Another level is an error of the peer's.
                    let level = past.bytes(record.content).first();
                    let fatal = level == Some(&wire::Alert::FATAL);
                    self.error_first = now.blame == Blame::None && fatal;
                }
                let bound = blame == Blame::Must && !skips && !record.is_awaited();
                let plainly = match record.meaning {
                    Meaning::Invalid(reason) => is_plainly_fatal(reason, setup.version),
                    _ => true,
                };
                if bound && plainly {
                    self.must_fail = Some(at);
                }
                self.blame(blame, true);
            }
            Meaning::UserCanceled | Meaning::Warning(_) | Meaning::RenegotiationRequest => {
                self.blame(Blame::Leave, false);
            }
            // RFC 8446 4.6.1: a server should give up.
            Meaning::ExcessEarlyData => self.blame(Blame::Leave, true),
            Meaning::Unknown | Meaning::Refusable(_) => now.is_tainted = true,
            Meaning::Handshake(_)
            | Meaning::HandshakePart
            | Meaning::ChangeCipherSpec
            | Meaning::Ticket => {}
            Meaning::EarlyData => self.early_data(record, setup),
        }
        if self.count(record, past) {
            self.is_flooded = true;
            self.blame(Blame::Leave, true);
        }
    }

    /// The peer's `close_notify`. One at a level that the version does not define may be refused
    /// (RFC 8446 6, RFC 5246 7.2), and one inside the handshake ends it.
    fn close(&mut self, record: &Delivered, setup: &Setup, past: &Past<'_>) {
        let level = past.bytes(record.content).first().copied();
        let understood = match setup.version {
            Version::Tls12 => level == Some(wire::Alert::WARNING),
            Version::Tls13 => matches!(level, Some(wire::Alert::WARNING | wire::Alert::FATAL)),
        };
        let now = &mut self.now;
        let stops = now.reading == Reading::MayStop;
        now.peer = Half::Closed;
        now.reading = Reading::Over;
        self.closed_soundly = now.blame == Blame::None;
        if !understood || now.stage < Stage::Done {
            let lasts = now.stage == Stage::Handshake;
            self.blame(Blame::Leave, lasts);
        } else if !stops {
            now.owed.end = true;
        }
    }

    /// Counts records without effect. Returns whether a receiver may give up because of them.
    fn count(&mut self, record: &Delivered, past: &Past<'_>) -> bool {
        let counts = &mut self.counts;
        counts.unfinished = match record.meaning {
            Meaning::HandshakePart => counts.unfinished.saturating_add(record.length),
            _ if ends_in_message(record, past) => record.length,
            _ => 0,
        };
        let count = match record.meaning {
            Meaning::UserCanceled | Meaning::Warning(_) | Meaning::RenegotiationRequest => {
                &mut counts.strict
            }
            Meaning::ChangeCipherSpec => &mut counts.ccs,
            Meaning::KeyUpdate { .. } | Meaning::Ticket => &mut counts.lenient,
            Meaning::Data | Meaning::EarlyData if record.content.is_empty() => &mut counts.lenient,
            _ => return counts.unfinished > FULL_RECORD,
        };
        *count = count.saturating_add(1);
        // The strictest limits known.
        counts.strict > 1 || counts.ccs > 2 || counts.lenient > 12
    }

    /// A cause for a failure has arrived. If it is not `lasting`, a subject that has come to rest
    /// has tolerated it.
    pub(super) fn blame(&mut self, blame: Blame, lasting: bool) {
        self.is_passing = !lasting && (self.now.blame == Blame::None || self.is_passing);
        self.now.blame = self.now.blame.max(blame);
    }

    /// The subject has come past a cause to fail that is not lasting.
    pub(super) fn tolerate(&mut self) {
        if std::mem::take(&mut self.is_passing) && self.now.blame == Blame::Leave {
            self.now.blame = Blame::None;
        }
    }

    pub(super) fn end_transport(&mut self, how: Transport) {
        self.has_run = true;
        self.now.input = match (how, self.now.input) {
            (Transport::Reset, _) | (_, Way::Reset) => Way::Reset,
            (Transport::Fin, _) => Way::Ended,
        };
        if how == Transport::Reset {
            self.now.output = Way::Reset;
            self.now.owed.close = false;
            self.now.owed.key_update = false;
            if matches!(self.now.own, Half::Open | Half::Closing) {
                self.now.own = Half::Ended;
            }
        }
        if self.now.peer == Half::Open {
            self.now.peer = Half::Ended;
            self.now.reading = Reading::Over;
        }
    }
}

/// Whether the record looks like one under keys that the receiver does not have.
fn does_not_open(meaning: Meaning) -> bool {
    use Reason as R;
    let Meaning::Invalid(reason) = meaning else {
        return false;
    };
    matches!(
        reason,
        R::BadTag | R::WrongKeys | R::Unprotected | R::Reflected | R::WrongSequence
    )
}

/// Whether the record ends inside a handshake message. It may begin with a whole one.
fn ends_in_message(record: &Delivered, past: &Past<'_>) -> bool {
    match record.meaning {
        Meaning::HandshakePart => true,
        Meaning::RenegotiationRequest => {
            let mut rest = past.bytes(record.content);
            while let Some((_, length)) = wire::split_handshake(rest) {
                rest = &rest[length..];
            }
            !rest.is_empty()
        }
        _ => false,
    }
}

/// Whether the record is a request to renegotiate with mistakes, which a receiver may refuse or ignore
/// without looking into it (RFC 5246 7.4.1.1).
fn may_go_unread(meaning: Meaning, setup: &Setup) -> bool {
    let request = match setup.role {
        Role::Client => HandshakeType::HELLO_REQUEST,
        Role::Server => HandshakeType::CLIENT_HELLO,
    };
    setup.version == Version::Tls12 && meaning == Meaning::Invalid(Reason::Malformed(request))
}

/// Whether the RFCs clearly require a receiver to fail for this reason, in whatever state it is.
pub(crate) fn is_plainly_fatal(reason: Reason, version: Version) -> bool {
    use Reason as R;
    match reason {
        R::BadTag
        | R::WrongKeys
        | R::Unprotected
        | R::Reflected
        | R::WrongSequence
        | R::Short
        | R::CiphertextOverflow
        | R::LateChangeCipherSpec
        | R::EarlyApplicationData
        | R::UnexpectedMessage(_) => true,
        R::PlaintextOverflow
        | R::InnerOverflow
        | R::SizeLimit
        | R::EmptyAlert
        | R::AlertOneByte
        | R::AlertTrailing
        | R::Interleaved
        | R::AllPadding
        | R::EmptyInner
        | R::UnknownInnerType
        | R::ProtectedChangeCipherSpec
        | R::KeyUpdateValue
        | R::Unaligned
        | R::Malformed(_) => version == Version::Tls13,
        _ => false,
    }
}
