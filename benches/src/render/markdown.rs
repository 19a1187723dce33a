use std::fmt::Write;

use super::tables::{self, FOLLOWED, Table};
use crate::results::Bench;

/// The results as Markdown. Of several results, the last in full and the trend over all.
pub fn markdown(benches: &[Bench]) -> String {
    let mut text = String::from("# The cost of records and closing\n\n");
    let Some(bench) = benches.last() else {
        return text;
    };
    for (name, value) in tables::circumstances(bench) {
        let _ = writeln!(text, "* {name}: {value}");
    }
    if benches.len() > 1 {
        push(&mut text, &trend(benches));
    }
    for table in tables::all(bench) {
        push(&mut text, &table);
    }
    text
}

fn trend(benches: &[Bench]) -> Table {
    let mut head = vec!["what".to_owned()];
    head.extend(benches.iter().map(|bench| bench.environment.rustls.clone()));
    Table {
        title: "What changed from one release to the next?".into(),
        note:
            "As a multiple of the floor of the same run, over ring, with AES-128-GCM and TLS 1.3."
                .into(),
        head,
        rows: FOLLOWED
            .iter()
            .map(|id| {
                let mut row = vec![format!("`{}`", tables::followed(id))];
                let points = tables::trend(benches, id).into_iter();
                let cells = points.map(|(_, found)| found.and_then(tables::times_floor));
                row.extend(cells.map(Option::unwrap_or_default));
                row
            })
            .filter(|row| row[1..].iter().any(|cell| !cell.is_empty()))
            .collect(),
    }
}

fn push(text: &mut String, table: &Table) {
    let Table {
        title,
        note,
        head,
        rows,
    } = table;
    // Writing to a string cannot fail.
    let _ = writeln!(text, "\n## {title}\n");
    if !note.is_empty() {
        let _ = writeln!(text, "{note}\n");
    }
    let _ = writeln!(text, "| {} |", head.join(" | "));
    let _ = writeln!(text, "|{}", "---|".repeat(head.len()));
    for row in rows {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
}
