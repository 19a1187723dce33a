use super::chart::{self, Bar, Series};
use super::tables::{self, FOLLOWED};
use crate::growth::CURVES;
use crate::results::{Bench, Id};
use crate::suite::{BASELINE, SUITES};

/// A chart that answers a question.
pub struct Figure {
    /// The name, without the extension of a file.
    pub name: String,
    /// The question that the chart answers.
    pub title: String,
    /// The chart, for a page that defines its colours.
    pub(super) svg: String,
}

impl Figure {
    /// The chart as a standalone file.
    pub fn file(&self) -> String {
        chart::alone(&self.title, &self.svg)
    }
}

/// All charts of the last results, and the trend over all results.
pub fn all(benches: &[Bench]) -> Vec<Figure> {
    let mut figures = Vec::new();
    if let Some(bench) = benches.last() {
        for crypto in cryptos(bench) {
            throughput(&mut figures, bench, crypto);
            ratios(&mut figures, bench, crypto);
            suites(&mut figures, bench, crypto);
        }
        curves(&mut figures, bench);
        if benches.len() > 1 {
            trend(&mut figures, benches);
        }
    }
    figures
}

fn push(figures: &mut Vec<Figure>, name: &str, title: &str, svg: String) {
    if !svg.is_empty() {
        figures.push(Figure {
            name: name.into(),
            title: title.into(),
            svg,
        });
    }
}

/// The libraries that were measured, in order.
fn cryptos(bench: &Bench) -> Vec<&str> {
    let ids = bench.measurements.iter().filter_map(|m| Id::parse(&m.id));
    let mut cryptos: Vec<_> = ids.map(|id| id.crypto).collect();
    cryptos.sort_unstable();
    cryptos.dedup();
    cryptos
}

/// The index of the colour of an interface, in any chart.
fn colour(api: &str) -> usize {
    match api {
        "floor" => 0,
        "unbuffered" => 1,
        "buffered" => 2,
        _ => 3,
    }
}

fn throughput(figures: &mut Vec<Figure>, bench: &Bench, crypto: &str) {
    for operation in ["record_encrypt", "record_decrypt", "transfer"] {
        let mut series: Vec<Series> = Vec::new();
        for (id, measurement) in bench.timed(operation, crypto, BASELINE.name) {
            let Some(point) = id.size().zip(tables::rate(measurement)) else {
                continue;
            };
            match series.iter_mut().find(|series| series.name == id.api) {
                Some(series) => series.points.push(point),
                None => series.push(Series {
                    name: id.api.into(),
                    points: vec![point],
                    colour: colour(id.api),
                }),
            }
        }
        series.sort_by_key(|series| series.colour);
        for series in &mut series {
            series
                .points
                .sort_by(|one, other| one.0.total_cmp(&other.0));
        }
        let title = format!(
            "How far is {operation} from the limit? ({crypto}, {})",
            BASELINE.name
        );
        let svg = chart::lines("bytes in one write", "MiB/s", &series);
        push(
            figures,
            &format!("throughput-{operation}-{crypto}"),
            &title,
            svg,
        );
    }
}

fn ratios(figures: &mut Vec<Figure>, bench: &Bench, crypto: &str) {
    let mut values = Vec::new();
    for operation in ["record_encrypt", "record_decrypt", "transfer"] {
        for (id, measurement) in bench.timed(operation, crypto, BASELINE.name) {
            if let (Some(floor), "64" | "16384") = (measurement.floor, id.what) {
                values.push(Bar {
                    name: format!("{operation} {} {}", id.api, id.what),
                    value: floor,
                    colour: colour(id.api),
                });
            }
        }
    }
    let title = format!("How many times the floor? ({crypto}, {})", BASELINE.name);
    push(
        figures,
        &format!("ratios-{crypto}"),
        &title,
        chart::bars(&values),
    );
}

/// A full record in both directions, by suite.
fn suites(figures: &mut Vec<Figure>, bench: &Bench, crypto: &str) {
    let mut values = Vec::new();
    for suite in &SUITES {
        for (id, measurement) in bench.timed("transfer", crypto, suite.name) {
            if let (Some(value), "16384") = (measurement.floor, id.what) {
                values.push(Bar {
                    name: format!("{} {}", suite.name, id.api),
                    value,
                    colour: colour(id.api),
                });
            }
        }
    }
    let title = format!("Does that depend on the suite? ({crypto}, transfer of 16384 bytes)");
    let svg = chart::bars(&values);
    push(figures, &format!("suites-{crypto}"), &title, svg);
}

fn curves(figures: &mut Vec<Figure>, bench: &Bench) {
    let mut series = Vec::new();
    for curve in &CURVES {
        for (of, points) in tables::curve(bench, curve.name) {
            series.push((of, curve.name, points));
        }
    }
    let mut stacks: Vec<String> = series.iter().map(|(of, ..)| of.clone()).collect();
    stacks.sort_unstable();
    stacks.dedup();
    for stack in stacks {
        let of_it = series.iter().filter(|(of, ..)| *of == stack);
        let of_it = of_it.enumerate().map(|(i, (_, name, points))| Series {
            name: (*name).into(),
            points: points.clone(),
            colour: i + 1,
        });
        let svg = chart::lines("bytes", "nanoseconds", &of_it.collect::<Vec<_>>());
        push(
            figures,
            &format!("growth-{}", stack.replace('/', "-")),
            &format!("Does cost grow faster than size? ({stack})"),
            svg,
        );
    }
}

fn trend(figures: &mut Vec<Figure>, benches: &[Bench]) {
    let mut bars = Vec::new();
    for id in FOLLOWED {
        let name = tables::followed(id);
        for (release, measurement) in tables::trend(benches, id) {
            if let Some(value) = measurement.and_then(|measurement| measurement.floor) {
                bars.push(Bar {
                    name: format!("{name} {release}"),
                    value,
                    colour: Id::parse(id).map_or(0, |id| colour(id.api)),
                });
            }
        }
    }
    push(
        figures,
        "trend",
        "How many times the floor, from one release to the next?",
        chart::bars(&bars),
    );
}
