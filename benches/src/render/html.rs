use std::fmt::Write;

use super::chart::escape;
use super::figures;
use super::tables::{self, Table};
use crate::results::Bench;

/// The results as one self-contained page. Of several results, the last in full and the trend over
/// all.
pub fn html(benches: &[Bench]) -> String {
    let mut page = String::from(HEAD);
    if let Some(bench) = benches.last() {
        page.push_str("<dl>");
        for (name, value) in tables::circumstances(bench) {
            let _ = write!(page, "<dt>{name}</dt><dd>{}</dd>", escape(&value));
        }
        page.push_str("</dl>");
        for figure in figures::all(benches) {
            let title = escape(&figure.title);
            let _ = write!(
                page,
                "<figure><figcaption>{title}</figcaption>{}</figure>",
                figure.svg
            );
        }
        for table in tables::all(bench) {
            push(&mut page, &table);
        }
    }
    page.push_str("</main></body></html>\n");
    page
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
