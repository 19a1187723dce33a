//! Judges records by what happened to them, and to those before them, on the way.
//!
//! Records are protected under implicit sequence numbers (RFC 8446 5.3, RFC 5246 6.1), so without
//! one of them none of the following decrypts, until the receiver changes its keys. Without a
//! record that changes the keys, it never does.

use wire::{ContentType, Epoch, MAX_PLAINTEXT, Meaning, Reason, RecordHeader};

use super::{Judge, Record};
use crate::draft::{Claim, Corrupt, Draft};
use crate::protect::RECORD_VERSION;

/// The part of the peer's records that the receiver missed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Way {
    gap: Option<Gap>,
    /// Set when a record was incomplete: what follows is not a sequence of records.
    misframed: bool,
    /// A record that arrives after the next one, and its epoch.
    late: Option<(Meaning, Epoch)>,
    /// Whether the last record ends within a handshake message.
    begun: bool,
}

/// A record that the receiver does not receive, or not yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Gap {
    /// The epoch of the record, which was the current one. Without this record the receiver never
    /// reaches later epochs.
    epoch: Epoch,
    /// Whether the receiver may have skipped the record, and may skip records that do not decrypt
    /// after it (RFC 8446 4.2.10).
    skipped: bool,
}

/// The claims about a record, and about a late one that arrives behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claims {
    pub record: Claim,
    pub late: Option<Claim>,
    /// Whether the receiver finds the record's header where it is.
    pub framed: bool,
    /// The meaning if all earlier records had arrived. The peer's own keys follow this one.
    pub meant: Meaning,
}

impl Judge {
    /// Returns the claims about the record. The receiver's state is then that after the record.
    pub fn claim(&mut self, record: &Record<'_>) -> Claims {
        let skipping = self.may_be_skipping();
        let meant = self.judge(record);
        let meaning = self.way.flaws(record, self.way.after_gap(record, meant));
        let framed = !self.way.misframed;
        self.way.begun = meaning == Meaning::HandshakePart;
        let early = [meaning, meant]
            .iter()
            .any(|meaning| shows_early(*meaning, record.epoch));
        Claims {
            record: Claim { meaning, early },
            late: self.way.travel(record, meaning, meant, skipping),
            framed,
            meant,
        }
    }

    /// Called when a message was not sent. The effect of a handshake without it is unknown.
    pub fn omit(&mut self) {
        self.way.gap = Some(Gap::ANYTHING);
    }

    /// Returns the claim about another copy of an earlier record of `epoch`.
    pub fn replay(&mut self, epoch: Epoch) -> Claim {
        // After a gap the receiver may not have received the original.
        let known = epoch != Epoch::Plain && self.way.gap.is_none();
        // The copy may fill the gap.
        self.way.gap = self.way.gap.map(|_| Gap::ANYTHING);
        Claim::new(match known {
            true => Meaning::Invalid(Reason::WrongSequence),
            false => Meaning::Unknown,
        })
    }

    /// Returns the claim about one of the receiver's own records, sent back.
    pub fn reflect(&self, protected: bool) -> Claim {
        let unknown = self.way.gap == Some(Gap::ANYTHING);
        // An unprotected record may be valid in the other direction.
        Claim::new(match protected && !unknown && !self.may_be_skipping() {
            true => Meaning::Invalid(Reason::Reflected),
            false => Meaning::Unknown,
        })
    }
}

impl Way {
    /// Returns the meaning that is left of `meant` after a gap.
    fn after_gap(&self, record: &Record<'_>, meant: Meaning) -> Meaning {
        let Some(gap) = self.gap else {
            return meant;
        };
        match meant {
            // After a gap, the explicit sequence number may be the expected one.
            _ if record.draft.sequence.is_some() || is_open(meant) => Meaning::Unknown,
            // The lost record may be the one that ended the phase for `change_cipher_spec`, or that
            // retired these keys.
            Meaning::Invalid(Reason::LateChangeCipherSpec | Reason::WrongKeys) => Meaning::Unknown,
            // The header alone may be reason enough to reject the record.
            Meaning::Invalid(Reason::CiphertextOverflow) => Meaning::Unknown,
            _ => gap.meaning_of(record.epoch).unwrap_or(meant),
        }
    }

    /// Returns the meaning that is left of `meaning` in view of the record's other flaws.
    fn flaws(&self, record: &Record<'_>, meaning: Meaning) -> Meaning {
        let draft = record.draft;
        match meaning {
            // A receiver may report either of two faults.
            Meaning::Invalid(_) | Meaning::Refusable(_) if draft.transit.short > 0 => {
                Meaning::Unknown
            }
            Meaning::Invalid(_) if self.faults(record) > 1 => Meaning::Unknown,
            Meaning::Invalid(
                Reason::KeyUpdateValue | Reason::Malformed(_) | Reason::UnexpectedMessage(_),
            ) if goes_on(draft) || self.begun => Meaning::Unknown,
            Meaning::Invalid(Reason::BadFinished) if goes_on(draft) => Meaning::Unknown,
            // In plaintext, a part of one message may be part of another.
            Meaning::Invalid(Reason::Unprotected) if draft.source.partial => Meaning::Unknown,
            // The record does not continue the message that the previous record began.
            Meaning::RenegotiationRequest | Meaning::Invalid(Reason::BadFinished)
                if self.begun && !draft.source.continues =>
            {
                Meaning::Unknown
            }
            meaning => meaning,
        }
    }

    /// Counts the faults in the record's shape and position.
    fn faults(&self, record: &Record<'_>) -> usize {
        let draft = record.draft;
        let wrong = [
            draft.outer_type.is_some(),
            draft
                .header_version
                .is_some_and(|version| version != RECORD_VERSION),
            draft.length.is_some(),
            // Any number of these has the same single effect: the record does not decrypt.
            record.epoch != record.due
                || draft.sequence.is_some()
                || draft.corrupt != Corrupt::None
                || self.gap.is_some(),
            draft.source.altered,
            draft.no_type,
            draft.source.partial,
            draft.payload.len() > MAX_PLAINTEXT,
        ];
        wrong.into_iter().filter(|wrong| *wrong).count()
    }

    /// Updates what the receiver missed. Returns the claim about the late record that arrives
    /// behind this one, if there is one.
    fn travel(
        &mut self,
        record: &Record<'_>,
        meaning: Meaning,
        meant: Meaning,
        skipping: bool,
    ) -> Option<Claim> {
        let (draft, epoch) = (record.draft, record.epoch);
        let lost = draft.transit.lost || draft.transit.short >= RecordHeader::LEN + record.body;
        if lost || draft.transit.late {
            let gap = match draft.sequence {
                // Whether this sequence number matters depends on later messages.
                None if epoch != record.due => Some(Gap::ANYTHING),
                None => Some(Gap {
                    epoch,
                    skipped: skipping || is_open(meant),
                }),
                // A record with an explicit sequence number does not advance the count.
                Some(_) if epoch != Epoch::Plain => None,
                Some(_) => Some(Gap::ANYTHING),
            };
            self.gap = self.gap.or(gap);
            if !lost {
                self.late = Some((meaning, epoch));
            }
            return None;
        }
        let told = draft.length.map_or(record.body, usize::from);
        if draft.transit.short > 0 || told != record.body {
            // The receiver takes the bytes that follow for the rest of this record (RFC 8446 5.1).
            self.gap = Some(Gap::ANYTHING);
            self.misframed = true;
        }
        let gap = self.gap;
        if gap.and_then(|gap| gap.meaning_of(epoch)).is_some() {
            // This record reveals the gap to the receiver. The meaning of what follows is unknown.
            self.gap = Some(Gap::ANYTHING);
        }
        let (meaning, epoch) = self.late.take()?;
        Some(Claim {
            meaning: match (meaning, gap) {
                // By then its sequence number or its keys may be the expected ones.
                (Meaning::Invalid(Reason::WrongSequence | Reason::WrongKeys), _) => {
                    Meaning::Unknown
                }
                // These meanings also hold in the later position.
                (said @ (Meaning::Invalid(_) | Meaning::Unknown), _) => said,
                (Meaning::Refusable(_), _) => Meaning::Unknown,
                (_, Some(gap)) => gap.meaning_of(epoch).unwrap_or(Meaning::Unknown),
                (meaning, None) => meaning,
            },
            // Its first bytes may complete an incomplete record.
            early: self.misframed,
        })
    }
}

impl Gap {
    /// A gap after which the meaning of every record is unknown.
    const ANYTHING: Self = Self {
        epoch: Epoch::Plain,
        skipped: false,
    };

    /// Returns the meaning of a well-formed record after the gap, or `None` if the gap does not
    /// affect it.
    fn meaning_of(self, epoch: Epoch) -> Option<Meaning> {
        match self.epoch {
            // The state is wrong rather than the sequence number: unprotected records are not
            // counted.
            Epoch::Plain => Some(Meaning::Unknown),
            lost if lost <= epoch && self.skipped => Some(Meaning::Unknown),
            lost if lost == epoch => Some(Meaning::Invalid(Reason::WrongSequence)),
            // A server may have skipped the lost record too.
            Epoch::Early => Some(Meaning::Unknown),
            lost if lost < epoch => Some(Meaning::Invalid(Reason::WrongKeys)),
            _ => None,
        }
    }
}

/// Returns whether the peer does not know what the record does to its receiver.
fn is_open(meaning: Meaning) -> bool {
    matches!(meaning, Meaning::Unknown | Meaning::Refusable(_))
}

/// Returns whether the header of a record in this epoch reveals its fault, or may reveal it.
fn shows_early(meaning: Meaning, epoch: Epoch) -> bool {
    match meaning {
        Meaning::Unknown
        | Meaning::Invalid(
            Reason::CiphertextOverflow
            | Reason::UnknownOuterType
            | Reason::OuterType
            | Reason::HeaderVersion,
        ) => true,
        Meaning::Invalid(Reason::PlaintextOverflow) => epoch == Epoch::Plain,
        _ => false,
    }
}

/// Returns whether a handshake record continues after its first message.
fn goes_on(draft: &Draft<'_>) -> bool {
    match *draft.payload {
        [_, a, b, c, ref rest @ ..] if draft.content_type == ContentType::HANDSHAKE.0 => {
            (u32::from_be_bytes([0, a, b, c]) as usize) < rest.len()
        }
        _ => false,
    }
}
