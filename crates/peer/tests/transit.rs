//! The peer's claims about records when it is told that some are lost, late or incomplete, or
//! where their content comes from.

mod common;

use common::{Pair, client, server};
use peer::{Claim, Corrupt, Draft, Peer, Source, Transit};
use wire::{ContentType, Epoch, Meaning, Reason, Role};

const DATA: Draft<'static> = Draft::new(ContentType::APPLICATION_DATA, b"data");
const LOST: Draft<'static> = with(Transit {
    lost: true,
    late: false,
    short: 0,
});
const LATE: Draft<'static> = with(Transit {
    lost: false,
    late: true,
    short: 0,
});

const UNKNOWN: Meaning = Meaning::Unknown;
const OUT_OF_SEQUENCE: Meaning = Meaning::Invalid(Reason::WrongSequence);

const fn with(transit: Transit) -> Draft<'static> {
    Draft { transit, ..DATA }
}

fn opened() -> Peer {
    Pair::open().client
}

fn claim(peer: &mut Peer, draft: &Draft<'_>) -> Claim {
    peer.seal(draft, &mut Vec::new()).claim
}

fn meaning(peer: &mut Peer, draft: &Draft<'_>) -> Meaning {
    claim(peer, draft).meaning
}

#[test]
fn a_record_after_a_lost_one_is_out_of_sequence_and_all_later_ones_are_unknown() {
    let mut peer = opened();
    assert_eq!(meaning(&mut peer, &LOST), Meaning::Data);
    assert_eq!(meaning(&mut peer, &DATA), OUT_OF_SEQUENCE);
    assert_eq!(meaning(&mut peer, &DATA), UNKNOWN);
}

#[test]
fn a_lost_record_with_an_explicit_sequence_number_leaves_no_gap() {
    let mut peer = opened();
    let sequence = Some(7);
    let lost = Draft { sequence, ..LOST };
    assert_eq!(meaning(&mut peer, &lost), OUT_OF_SEQUENCE);
    assert_eq!(meaning(&mut peer, &DATA), Meaning::Data);
    meaning(&mut peer, &LOST);
    // This may be the number that the receiver expects.
    assert_eq!(meaning(&mut peer, &Draft { sequence, ..DATA }), UNKNOWN);
}

#[test]
fn without_the_record_that_changes_the_keys_the_later_keys_are_wrong() {
    let mut peer = opened();
    let update = Draft {
        transit: LOST.transit,
        ..Draft::new(ContentType::HANDSHAKE, &[24, 0, 0, 1, 0])
    };
    let said = meaning(&mut peer, &update);
    assert_eq!(said, Meaning::KeyUpdate { requested: false });
    assert_eq!(peer.write_epoch(), Epoch::Application(1));
    let wrong = Meaning::Invalid(Reason::WrongKeys);
    assert_eq!(meaning(&mut peer, &DATA), wrong);
}

#[test]
fn a_late_record_arrives_behind_the_next_one() {
    let mut peer = opened();
    assert_eq!(peer.seal(&LATE, &mut Vec::new()).late, None);
    let next = peer.seal(&DATA, &mut Vec::new());
    assert_eq!(next.claim.meaning, OUT_OF_SEQUENCE);
    let late = next.late.map(|late| (late.meaning, late.early));
    assert_eq!(late, Some((OUT_OF_SEQUENCE, false)));
    assert_eq!(peer.seal(&DATA, &mut Vec::new()).late, None);
}

#[test]
fn a_late_record_waits_while_others_are_lost() {
    let mut peer = opened();
    peer.seal(&LATE, &mut Vec::new());
    assert_eq!(peer.seal(&LOST, &mut Vec::new()).late, None);
    assert!(peer.seal(&DATA, &mut Vec::new()).late.is_some());
}

#[test]
fn bytes_after_an_incomplete_record_are_not_records() {
    let short = with(Transit {
        short: 1,
        ..Transit::default()
    });
    let length = Draft {
        length: Some(30),
        ..DATA
    };
    for (flawed, first) in [(short, Meaning::Data), (length, UNKNOWN)] {
        let mut peer = opened();
        let sealed = peer.seal(&flawed, &mut Vec::new());
        assert_eq!(sealed.claim.meaning, first);
        assert_ne!(sealed.header, [0; 5], "it still arrives");
        let next = peer.seal(&DATA, &mut Vec::new());
        assert_eq!(next.claim.meaning, UNKNOWN);
        assert!(next.claim.early);
        assert_eq!(next.header, [0; 5]);
    }
}

#[test]
fn a_record_without_any_bytes_is_lost() {
    let mut peer = opened();
    meaning(
        &mut peer,
        &with(Transit {
            short: usize::MAX,
            ..Transit::default()
        }),
    );
    let next = peer.seal(&DATA, &mut Vec::new());
    assert_eq!(next.claim.meaning, OUT_OF_SEQUENCE);
    assert_ne!(next.header, [0; 5], "the receiver still finds records");
}

#[test]
fn of_two_faults_a_receiver_may_report_either() {
    let corrupt = Draft {
        corrupt: Corrupt::Tag,
        ..DATA
    };
    let bad = Meaning::Invalid(Reason::BadTag);
    assert_eq!(meaning(&mut opened(), &corrupt), bad);
    let sequence = Some(7);
    let both = Draft {
        sequence,
        ..corrupt
    };
    assert_eq!(meaning(&mut opened(), &both), bad, "one effect");
    let altered = Draft {
        source: Source {
            altered: true,
            ..Source::default()
        },
        ..corrupt
    };
    assert_eq!(meaning(&mut opened(), &altered), UNKNOWN);
    let short = Draft {
        transit: Transit {
            short: 1,
            ..Transit::default()
        },
        ..corrupt
    };
    assert_eq!(meaning(&mut opened(), &short), UNKNOWN);
}

#[test]
fn a_part_of_a_message_may_be_valid_without_protection() {
    for (partial, expected) in [
        (false, Meaning::Invalid(Reason::Unprotected)),
        (true, UNKNOWN),
    ] {
        let part = Draft {
            epoch: Some(Epoch::Plain),
            source: Source {
                due: Some(Epoch::Plain),
                partial,
                ..Source::default()
            },
            ..Draft::new(ContentType::HANDSHAKE, &[24, 0, 0, 1, 0])
        };
        assert_eq!(meaning(&mut opened(), &part), expected, "{partial}");
    }
}

#[test]
fn a_replayed_record_is_out_of_sequence_unless_it_may_fill_a_gap() {
    let epoch = Epoch::Application(0);
    let mut peer = opened();
    assert_eq!(peer.replay(epoch).meaning, OUT_OF_SEQUENCE);
    assert_eq!(peer.replay(Epoch::Plain).meaning, UNKNOWN);
    assert_eq!(meaning(&mut peer, &DATA), Meaning::Data);
    meaning(&mut peer, &LOST);
    assert_eq!(peer.replay(epoch).meaning, UNKNOWN);
    assert_eq!(meaning(&mut peer, &DATA), UNKNOWN);
}

#[test]
fn a_reflected_record_is_invalid_if_it_was_protected() {
    let mut peer = opened();
    let invalid = Meaning::Invalid(Reason::Reflected);
    assert_eq!(peer.reflect(true).meaning, invalid);
    assert_eq!(peer.reflect(false).meaning, UNKNOWN);
    meaning(&mut peer, &LOST);
    assert_eq!(peer.reflect(true).meaning, invalid);
    meaning(&mut peer, &DATA);
    assert_eq!(peer.reflect(true).meaning, UNKNOWN, "the gap has shown");
}

#[test]
fn the_effect_of_a_handshake_without_a_message_is_unknown() {
    let mut pair = Pair::new(client(), server());
    let hello = pair.client.take_message();
    assert!(hello.is_some());
    pair.client.omit();
    let (sealed, _) = pair.send(Role::Client, &DATA);
    assert_eq!(sealed.claim.meaning, UNKNOWN);
}
