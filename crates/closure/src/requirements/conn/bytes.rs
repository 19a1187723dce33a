//! Application data in both directions.

use protocol::End;

use super::held_if;
use super::{is_due, moments_of, rests};
use crate::ledger::{Breach, Half};
use crate::{
    Axis, Connection, EITHER, Event, Kind, Kinds, Level, Requirement, Rule, Verdict, deviates,
    rfc5246, rfc8446,
};

pub(super) static ALL: &[Requirement] = &[Requirement {
    id: "conn.bytes",
    level: Level::Definition,
    sections: &[
        rfc8446("5"),
        rfc8446("6.1"),
        rfc5246("6.2.1"),
        rfc5246("7.2.1"),
    ],
    says: "Data that arrives reaches the application, and data that the application writes is \
               sent: in order, once, and before the end.",
    why: "A stream that lost, doubled or swapped bytes looks complete.",
    codes: &[
        deviates("delivers-wrong-data", Axis::Data),
        deviates("delivers-extra-data", Axis::Data),
        deviates("loses-input", Axis::Data),
        deviates("end-before-data", Axis::EndSignal),
        deviates("sends-wrong-data", Axis::Data),
        deviates("sends-extra-data", Axis::Data),
        deviates("close-before-data", Axis::Data),
    ],
    rule: Rule::Universal { check: bytes },
    ..EITHER
}];

fn bytes(c: &Connection<'_>) -> Verdict {
    let ledger = c.ledger();
    let places = [
        ("delivers-wrong-data", ledger.told_wrong()),
        ("delivers-extra-data", ledger.told_beyond()),
        ("delivers-extra-data", ledger.first(Breach::TellsAfterError)),
        ("sends-wrong-data", ledger.sent_wrong()),
        ("sends-extra-data", ledger.sent_beyond()),
    ];
    for (code, at) in places {
        if let Some(at) = at.filter(|at| *at < c.end()) {
            return Verdict::found(code, at);
        }
    }
    let early = moments_of(c, Kind::End).find(|(_, event, moment)| {
        matches!(event, Event::End(End::Clean)) && moment.owed.untold > 0 && moment.is_sound()
    });
    if let Some((at, ..)) = early {
        return Verdict::found("end-before-data", at);
    }
    let early = moments_of(c, Kind::OwnClose).find(|(_, _, moment)| {
        moment.owed.unsent > 0
            && matches!(moment.own, Half::Open | Half::Closing)
            && moment.is_sound()
            && !moment.key_used_up
            && !moment.may_discard(c.setup())
    });
    if let Some((at, ..)) = early {
        return Verdict::found("close-before-data", at);
    }
    let mut overdue = rests(c).filter(|(_, moment)| moment.owed.untold > 0 && is_due(moment));
    if let Some((at, _)) = overdue.next() {
        return Verdict::found("loses-input", at);
    }
    let moved = Kinds::of(&[Kind::Data, Kind::OwnData]);
    held_if(c.marks().kinds.intersects(moved))
}
