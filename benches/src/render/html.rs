use std::fmt::Write;

use super::chart::{self, Series, escape};
use super::tables::{self, FOLLOWED, Table};
use crate::growth::CURVES;
use crate::results::{Bench, Id};
use crate::suite::BASELINE;

/// The results as one page that needs nothing else; of several, the last in full and the trend
/// over all.
pub fn html(benches: &[Bench]) -> String {
    let mut page = String::from(HEAD);
    if let Some(bench) = benches.last() {
        page.push_str("<dl>");
        for (name, value) in tables::circumstances(bench) {
            let _ = write!(page, "<dt>{name}</dt><dd>{}</dd>", escape(&value));
        }
        page.push_str("</dl>");
        for crypto in cryptos(bench) {
            throughput(&mut page, bench, crypto);
            ratios(&mut page, bench, crypto);
        }
        curves(&mut page, bench);
        if benches.len() > 1 {
            trend(&mut page, benches);
        }
        for table in tables::all(bench) {
            push(&mut page, &table);
        }
    }
    page.push_str("</main></body></html>\n");
    page
}

/// The libraries that were measured, in order.
fn cryptos(bench: &Bench) -> Vec<&str> {
    let ids = bench.measurements.iter().filter_map(|m| Id::parse(&m.id));
    let mut cryptos: Vec<_> = ids.map(|id| id.crypto).collect();
    cryptos.sort_unstable();
    cryptos.dedup();
    cryptos
}

fn figure(page: &mut String, title: &str, svg: &str) {
    if !svg.is_empty() {
        let title = escape(title);
        let _ = write!(
            page,
            "<figure><figcaption>{title}</figcaption>{svg}</figure>"
        );
    }
}

fn throughput(page: &mut String, bench: &Bench, crypto: &str) {
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
                    dashed: id.api == "floor",
                }),
            }
        }
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
        figure(page, &title, &svg);
    }
}

fn ratios(page: &mut String, bench: &Bench, crypto: &str) {
    let mut values = Vec::new();
    for operation in ["record_encrypt", "record_decrypt", "transfer"] {
        for (id, measurement) in bench.timed(operation, crypto, BASELINE.name) {
            if let (Some(floor), "64" | "16384") = (measurement.floor, id.what) {
                values.push((format!("{operation} {} {}", id.api, id.what), floor));
            }
        }
    }
    let title = format!("How many times the floor? ({crypto}, {})", BASELINE.name);
    figure(page, &title, &chart::bars("×", &values));
}

fn curves(page: &mut String, bench: &Bench) {
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
        let of_it = of_it.map(|(_, name, points)| Series {
            name: (*name).into(),
            points: points.clone(),
            dashed: false,
        });
        let svg = chart::lines("bytes", "nanoseconds", &of_it.collect::<Vec<_>>());
        figure(
            page,
            &format!("Does cost grow faster than size? ({stack})"),
            &svg,
        );
    }
}

fn trend(page: &mut String, benches: &[Bench]) {
    for id in FOLLOWED {
        let points = tables::trend(benches, id).into_iter();
        let points: Vec<_> = points
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        figure(
            page,
            &format!("From one release to the next: {id}"),
            &chart::bars("", &points),
        );
    }
}

fn push(page: &mut String, table: &Table) {
    let _ = write!(page, "<h2>{}</h2>", escape(&table.title));
    let _ = write!(page, "<p>{}</p>", escape(&table.note));
    page.push_str("<div class=\"wide\"><table><thead><tr>");
    for name in &table.head {
        let _ = write!(page, "<th>{}</th>", escape(name));
    }
    page.push_str("</tr></thead><tbody>");
    for row in &table.rows {
        page.push_str("<tr>");
        for cell in row {
            let _ = write!(page, "<td>{}</td>", escape(cell));
        }
        page.push_str("</tr>");
    }
    page.push_str("</tbody></table></div>");
}

const HEAD: &str = include_str!("head.html");
