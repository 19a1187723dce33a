//! Seals drafts into records.

use wire::{ContentType, Epoch, Meaning, RecordHeader, Version};

use super::core::Core;
use crate::crypto::hash::Secret;
use crate::crypto::suite::Suite;
use crate::draft::{Corrupt, Draft, Sealed};
use crate::meaning::Record;
use crate::protect::{Aad, Damage, Protection, RECORD_VERSION, Seal};

/// The maximum difference between the length of a body and that of content and padding.
const OVERHEAD: usize = 64;

pub(crate) fn seal(core: &mut Core, draft: &Draft<'_>, out: &mut Vec<u8>) -> Sealed {
    let epoch = draft.epoch.unwrap_or(core.write_epoch);
    let due = draft.source.due.unwrap_or(core.write_epoch);
    let reflected =
        draft.reflect && epoch != Epoch::Plain && core.theirs.protection(epoch).is_some();
    let sequence = draft.sequence.unwrap_or_else(|| core.ours.sequence(epoch));
    let start = out.len();

    let seal = to_seal(core, draft, epoch);
    let keys = if reflected {
        &mut core.theirs
    } else {
        &mut core.ours
    };
    let known = keys.protection(epoch);
    let existing = known.is_some();
    let result = match known {
        Some(protection) => protection.seal(sequence, &seal, out),
        None => stand_in(core).seal(sequence, &seal, out),
    };
    debug_assert_eq!(result, Ok(()), "to_seal should truncate long content");
    if draft.sequence.is_none() {
        core.ours.advance(epoch);
    }
    let record = &mut out[start..];
    let body = record.len().saturating_sub(RecordHeader::LEN);
    if let (Some(length), Some(field)) = (draft.length, record.get_mut(3..RecordHeader::LEN)) {
        field.copy_from_slice(&length.to_be_bytes());
    }
    let header = *record
        .first_chunk()
        .expect("the record starts with a header");

    let claims = core.judge.claim(&Record {
        draft,
        content: seal.content,
        padding: seal.padding,
        epoch,
        due,
        sequence,
        existing,
        reflected,
        body,
    });
    if let (Meaning::KeyUpdate { .. }, Epoch::Application(generation)) = (claims.meant, epoch) {
        core.write_epoch = Epoch::Application(generation.saturating_add(1));
    }
    Sealed {
        claim: claims.record,
        late: claims.late,
        epoch,
        sequence,
        header: match claims.framed {
            true => header,
            false => [0; RecordHeader::LEN],
        },
        len: out.len() - start,
    }
}

fn to_seal<'a>(core: &Core, draft: &Draft<'a>, epoch: Epoch) -> Seal<'a> {
    let max = usize::from(u16::MAX) - OVERHEAD;
    let no_type = draft.no_type && epoch != Epoch::Plain && core.config.version == Version::Tls13;
    let content = if no_type {
        &[]
    } else {
        &draft.payload[..draft.payload.len().min(max)]
    };
    Seal {
        content,
        content_type: (!no_type).then_some(ContentType(draft.content_type)),
        padding: draft.padding.min(max - content.len()),
        outer_type: draft.outer_type.map(ContentType),
        version: draft.header_version.unwrap_or(RECORD_VERSION),
        aad: if draft.aad_as_sent {
            Aad::AsSent
        } else {
            Aad::Canonical
        },
        explicit_nonce: draft.explicit_nonce.map(u64::to_be_bytes),
        damage: match draft.corrupt {
            Corrupt::None => Damage::None,
            Corrupt::Tag => Damage::Tag(0),
            Corrupt::Body => Damage::Body(0),
        },
    }
}

/// Returns arbitrary keys for an epoch that has none. The subject does not know them.
fn stand_in(core: &Core) -> Protection {
    let version = core.config.version;
    let suite = core.negotiated.suite.unwrap_or(match version {
        Version::Tls13 => Suite::TLS_AES_128_GCM_SHA256,
        Version::Tls12 => Suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    });
    let secret: Secret = suite.hash.digest(&core.config.seed.to_be_bytes());
    Protection::from_traffic_secret(suite, &secret)
}
