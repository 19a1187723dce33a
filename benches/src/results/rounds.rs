//! Combines several rounds of the same benches. On a busy machine whole rounds can be slow, but the
//! median of several is not.

use std::collections::BTreeMap;

use super::{Id, Measurement};

/// Computes the multiple of the floor within each round, and returns the median of each figure.
pub(super) fn middle(rounds: Vec<Vec<Measurement>>) -> Vec<Measurement> {
    let mut by_id: BTreeMap<String, Vec<Measurement>> = BTreeMap::new();
    for mut round in rounds {
        compare_with_floors(&mut round);
        for measurement in round {
            let of_it = by_id.entry(measurement.id.clone());
            of_it.or_default().push(measurement);
        }
    }
    by_id.into_values().filter_map(merge).collect()
}

fn merge(mut rounds: Vec<Measurement>) -> Option<Measurement> {
    if rounds.len() < 2 {
        return rounds.pop();
    }
    let medians = sorted(rounds.iter().map(|round| round.median));
    let floors = sorted(rounds.iter().filter_map(|round| round.floor));
    let last = rounds.pop()?;
    Some(Measurement {
        median: middle_of(&medians)?,
        low: *medians.first()?,
        high: *medians.last()?,
        floor: middle_of(&floors),
        floor_low: floors.first().copied(),
        floor_high: floors.last().copied(),
        ..last
    })
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn middle_of(sorted: &[f64]) -> Option<f64> {
    let half = sorted.len() / 2;
    let high = sorted.get(half)?;
    Some(match sorted.len() % 2 {
        0 => (sorted[half - 1] + high) / 2.0,
        _ => *high,
    })
}

fn compare_with_floors(measurements: &mut [Measurement]) {
    let floors: BTreeMap<String, f64> = measurements
        .iter()
        .filter(|measurement| Id::parse(&measurement.id).is_some_and(|id| id.api == "floor"))
        .map(|measurement| (measurement.id.clone(), measurement.median))
        .collect();
    for measurement in measurements {
        let Some(id) = Id::parse(&measurement.id).filter(|id| id.api != "floor") else {
            continue;
        };
        let floor = [id.operation, "floor", id.crypto, id.suite, id.what].join("/");
        measurement.floor = floors.get(&floor).map(|floor| measurement.median / floor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(floor: f64, unbuffered: f64) -> Vec<Measurement> {
        [("floor", floor), ("unbuffered", unbuffered)]
            .map(|(api, median)| Measurement {
                id: format!("transfer/{api}/ring/aes-128-gcm/64"),
                bytes: None,
                median,
                low: median,
                high: median,
                floor: None,
                floor_low: None,
                floor_high: None,
            })
            .to_vec()
    }

    #[test]
    fn each_round_uses_its_own_floor_and_a_slow_round_does_not_count() {
        let rounds = vec![round(10.0, 20.0), round(30.0, 66.0), round(10.0, 90.0)];
        let all = middle(rounds);
        let unbuffered = &all[1];
        assert_eq!((all[0].median, all[0].floor), (10.0, None));
        assert_eq!(unbuffered.median, 66.0);
        let ratios = (
            unbuffered.floor_low,
            unbuffered.floor,
            unbuffered.floor_high,
        );
        assert_eq!(ratios, (Some(2.0), Some(2.2), Some(9.0)));
    }
}
