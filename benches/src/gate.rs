//! Compares instruction counts with a committed baseline.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::growth::{self, CURVES, STEEPEST};
use crate::results::Count;

/// The counts that were accepted last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// The compiler. Counts can only be compared if it is the same.
    pub rustc: String,
    /// Instructions by id.
    pub instructions: BTreeMap<String, u64>,
}

/// Whether other machines count the same. Code over real cryptography depends on the processor, so
/// it is not in the baseline.
fn is_portable(id: &str) -> bool {
    !id.starts_with(ALL) && !id.starts_with(INSIDE)
}

/// The prefix of ids that count everything over real cryptography.
const ALL: &str = "all_of_";
/// The prefix of ids that count only the part inside the API.
const INSIDE: &str = "inside_of_";

/// How one count has changed.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Within the limit, in percent.
    Same(f64),
    /// Above the limit, in percent.
    Slower(f64),
    /// Below the limit, in percent. The baseline is out of date.
    Faster(f64),
    /// Counted, but not in the baseline.
    New,
    /// In the baseline, but not counted.
    Missing,
}

impl Change {
    /// Whether someone must look at it before the change is merged.
    pub fn is_regression(&self) -> bool {
        matches!(self, Self::Slower(_) | Self::New | Self::Missing)
    }
}

impl Baseline {
    /// A baseline of `counts`.
    pub fn new(rustc: String, counts: &[Count]) -> Self {
        let instructions = counts
            .iter()
            .filter(|count| is_portable(&count.id))
            .map(|count| (count.id.clone(), count.instructions));
        Self {
            rustc,
            instructions: instructions.collect(),
        }
    }

    /// The changes of `counts` against the baseline, by id. `limit` is the tolerance in percent.
    pub fn compare(&self, counts: &[Count], limit: f64) -> BTreeMap<String, Change> {
        let mut changes: BTreeMap<_, _> = self
            .instructions
            .keys()
            .map(|id| (id.clone(), Change::Missing))
            .collect();
        for Count { id, instructions } in counts.iter().filter(|count| is_portable(&count.id)) {
            let change = match self.instructions.get(id) {
                None => Change::New,
                Some(before) => {
                    let percent = (*instructions as f64 / *before as f64 - 1.0) * 100.0;
                    match percent {
                        p if p > limit => Change::Slower(p),
                        p if p < -limit => Change::Faster(p),
                        p => Change::Same(p),
                    }
                }
            };
            changes.insert(id.clone(), change);
        }
        changes
    }
}

/// The growth of each counted curve: its name, the interface, and the steepest exponent.
pub fn growth(counts: &[Count]) -> Vec<(&'static str, String, f64)> {
    let mut found = Vec::new();
    for curve in &CURVES {
        let mut points: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
        for count in counts {
            let mut parts = count.id.split('/');
            if parts.next() != Some(curve.name) {
                continue;
            }
            if let (Some(api), Some(Ok(size))) = (parts.next(), parts.next().map(str::parse)) {
                let point = (size, count.instructions as f64);
                points.entry(api.into()).or_default().push(point);
            }
        }
        for (api, mut points) in points {
            points.sort_by(|one, other| one.0.total_cmp(&other.0));
            if let Some(exponent) = growth::steepest(&points) {
                found.push((curve.name, api, exponent));
            }
        }
    }
    found
}

/// By how many percent the cost of data may change in the buffered API when the other half is
/// closed.
///
/// The unbuffered API may cost less by [`HALF_CLOSED_LESS`]: after the peer's close it no longer
/// looks for input.
pub const HALF_CLOSED: f64 = 1.0;

/// By how many percent data may cost less in the unbuffered API when the other half is closed.
pub const HALF_CLOSED_LESS: f64 = 10.0;

/// By how many percent data costs more when the other half is closed, by id.
pub fn half_closed(counts: &[Count]) -> Vec<(String, f64)> {
    let pairs = counts.iter().filter_map(|closed| {
        let what = closed.id.strip_prefix("half_closed_transfer/")?;
        let open = format!("one_way_transfer/{what}");
        let open = counts.iter().find(|count| count.id == open)?;
        let ratio = closed.instructions as f64 / open.instructions as f64;
        Some((closed.id.clone(), (ratio - 1.0) * 100.0))
    });
    pairs.collect()
}

fn is_half_closed_the_same(id: &str, percent: f64) -> bool {
    let least = match id.contains("/unbuffered/") {
        true => -HALF_CLOSED_LESS,
        false => -HALF_CLOSED,
    };
    (least..=HALF_CLOSED).contains(&percent)
}

/// The cost of the loops in which the benches call an API.
#[derive(Clone, Debug, PartialEq)]
pub struct Harness {
    /// Operation, interface and size.
    pub what: String,
    /// All instructions.
    pub all: u64,
    /// Those inside the API.
    pub inside: u64,
    /// The most that may be outside the API, as a percentage of what is inside.
    pub most: f64,
}

impl Harness {
    /// The instructions outside the API, as a percentage of those inside.
    pub fn percent(&self) -> f64 {
        (self.all as f64 / self.inside as f64 - 1.0) * 100.0
    }
}

/// The cost of the harness itself, compared with an API over real cryptography.
pub fn harness(counts: &[Count]) -> Vec<Harness> {
    let found = counts.iter().filter_map(|inside| {
        let what = inside.id.strip_prefix(INSIDE)?;
        let all = counts
            .iter()
            .find(|count| count.id.strip_prefix(ALL) == Some(what))?;
        Some(Harness {
            what: what.into(),
            all: all.instructions,
            inside: inside.instructions,
            most: if what.ends_with("/64") { 5.0 } else { 1.0 },
        })
    });
    found.collect()
}

/// The result of the gate.
#[derive(Debug, Default)]
pub struct Finding {
    /// The report for people.
    pub text: String,
    /// How many changes must be looked at.
    pub regressions: usize,
    /// How many counts are lower, so that the baseline is out of date.
    pub improvements: usize,
}

/// Judges `counts` by a baseline, and by how cost grows with size.
pub fn judge(baseline: &Baseline, counts: &[Count], limit: f64) -> Finding {
    let mut finding = Finding::default();
    for (id, change) in baseline.compare(counts, limit) {
        finding.regressions += usize::from(change.is_regression());
        let line = match change {
            Change::Same(_) => continue,
            Change::Slower(percent) => format!("SLOWER   {id}: {percent:+.2} %"),
            Change::Faster(percent) => {
                finding.improvements += 1;
                format!("faster   {id}: {percent:+.2} %")
            }
            Change::New => format!("NEW      {id}: not in the baseline"),
            Change::Missing => format!("MISSING  {id}: in the baseline, but not counted"),
        };
        push_line(&mut finding.text, &line);
    }
    for (id, percent) in half_closed(counts) {
        if !is_half_closed_the_same(&id, percent) {
            finding.regressions += 1;
            let line = format!("HALF     {id}: {percent:+.2} % compared with both halves open");
            push_line(&mut finding.text, &line);
        }
    }
    for harness in harness(counts) {
        // No instructions outside would mean that they were not counted.
        if harness.all <= harness.inside || harness.percent() > harness.most {
            finding.regressions += 1;
            let line = format!(
                "HARNESS  {}: {} instructions, {} of them inside the API; {:+.2} %, but at most \
                 {} % is allowed",
                harness.what,
                harness.all,
                harness.inside,
                harness.percent(),
                harness.most
            );
            push_line(&mut finding.text, &line);
        }
    }
    for (curve, api, exponent) in growth(counts) {
        if exponent > STEEPEST {
            finding.regressions += 1;
            let line = format!(
                "GROWTH   {curve}/{api}: cost grows with size to the power of {exponent:.2}, but \
                 at most {STEEPEST} is allowed"
            );
            push_line(&mut finding.text, &line);
        }
    }
    finding
}

fn push_line(text: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(id: &str, instructions: u64) -> Count {
        Count {
            id: id.into(),
            instructions,
        }
    }

    fn baseline() -> Baseline {
        Baseline::new("rustc".into(), &[count("a", 1000), count("b", 1000)])
    }

    #[test]
    fn a_change_within_the_limit_passes() {
        let finding = judge(&baseline(), &[count("a", 1004), count("b", 996)], 0.5);
        assert_eq!((finding.regressions, finding.text.as_str()), (0, ""));
    }

    #[test]
    fn a_slowdown_fails_and_is_named_with_its_percentage() {
        let finding = judge(&baseline(), &[count("a", 1010), count("b", 900)], 0.5);
        assert_eq!((finding.regressions, finding.improvements), (1, 1));
        assert!(
            finding.text.contains("SLOWER   a: +1.00 %"),
            "{}",
            finding.text
        );
        assert!(
            finding.text.contains("faster   b: -10.00 %"),
            "{}",
            finding.text
        );
    }

    #[test]
    fn counts_and_baseline_must_have_the_same_ids() {
        let finding = judge(&baseline(), &[count("a", 1000), count("c", 1)], 0.5);
        assert_eq!(finding.regressions, 2);
        assert!(finding.text.contains("MISSING  b"), "{}", finding.text);
        assert!(finding.text.contains("NEW      c"), "{}", finding.text);
    }

    #[test]
    fn counts_that_depend_on_the_processor_are_not_compared() {
        let before = Baseline::new("rustc".into(), &[count("all_of_encrypt/x/64", 1)]);
        assert!(before.instructions.is_empty());
        let finding = judge(&before, &[count("all_of_encrypt/x/64", 2)], 0.5);
        assert_eq!(finding.regressions, 0, "{}", finding.text);
    }

    fn regressions(counts: &[Count]) -> usize {
        judge(&Baseline::new("rustc".into(), counts), counts, 0.5).regressions
    }

    #[test]
    fn a_half_closed_connection_must_cost_the_same() {
        for (api, closed, expected) in [
            ("buffered", 1005, 0),
            ("buffered", 1100, 1),
            ("buffered", 900, 1),
            ("unbuffered", 1100, 1),
            // It no longer looks for input.
            ("unbuffered", 950, 0),
            ("unbuffered", 800, 1),
        ] {
            let counts = [
                count(&format!("one_way_transfer/{api}/64"), 1000),
                count(&format!("half_closed_transfer/{api}/64"), closed),
            ];
            assert_eq!(regressions(&counts), expected, "{api} {closed}");
        }
    }

    #[test]
    fn a_harness_that_costs_too_much_fails() {
        for (size, outside, expected) in [
            (64, 40, 0),
            (64, 60, 1),
            (64, 0, 1),
            (16384, 9, 0),
            (16384, 11, 1),
        ] {
            let counts = [
                count(&format!("all_of_encrypt/x/{size}"), 1000 + outside),
                count(&format!("inside_of_encrypt/x/{size}"), 1000),
            ];
            assert_eq!(regressions(&counts), expected, "{size} {outside}");
        }
    }

    #[test]
    fn a_quadratic_path_fails_even_if_it_is_the_baseline() {
        let at = |size: u64| count(&format!("delivery_bytewise/x/{size}"), size * size);
        let counts = [at(1024), at(4096), at(16384)];
        let finding = judge(&Baseline::new("rustc".into(), &counts), &counts, 0.5);
        assert_eq!(finding.regressions, 1);
        assert!(finding.text.contains("power of 2.00"), "{}", finding.text);
    }
}
