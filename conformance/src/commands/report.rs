//! `lastword report`, `lastword matrix` and `lastword diff`: what was found, shown again.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::DateTime;

use crate::cli::{DiffArgs, DiffFormat, MatrixArgs, MatrixFormat, ReportArgs, ReportFormat};
use crate::exit::{Exit, Failure};
use crate::render::{Live, diff::Diff, html, junit, markdown, report};
use crate::results::Results;

use super::output::give;

/// Renders results.
pub(super) fn report(args: &ReportArgs) -> Result<Exit, Failure> {
    let results = Results::read(&args.results)?;
    let live = Live {
        all: args.all,
        ..Live::default()
    };
    let text = match args.format {
        ReportFormat::Text => {
            let head = report::head(
                &results.subjects,
                &results.version,
                results.seed,
                &results.profile,
                None,
            );
            let text = head + &report::summary(&results, &live);
            match args.output {
                // Only a terminal knows what to do with colours.
                Some(_) => anstream::adapter::strip_str(&text).to_string(),
                None => text,
            }
        }
        ReportFormat::Markdown => {
            let matrix = markdown::matrix(&results);
            format!(
                "{}\n## Matrix\n\n{matrix}",
                markdown::summary(&results, &live)
            )
        }
        ReportFormat::Junit => junit::document(&results, &live)?,
        ReportFormat::Html => html::page(&results, &live, &today())?,
    };
    give(&text, args.output.as_deref()).map(|()| Exit::Ok)
}

/// Shows many results as one matrix.
pub(super) fn matrix(args: &MatrixArgs) -> Result<Exit, Failure> {
    let mut parts = Vec::new();
    for path in &args.results {
        let label = path.file_stem().unwrap_or(path.as_os_str());
        parts.push((label.to_string_lossy().into_owned(), Results::read(path)?));
    }
    let results = Results::merge(parts)
        .ok_or_else(|| Failure::new(Exit::NothingSelected, "no results to make a matrix of"))?;
    let text = match args.format {
        MatrixFormat::Markdown => markdown::matrix(&results),
        MatrixFormat::Html => html::page(&results, &Live::default(), &today())?,
    };
    give(&text, args.output.as_deref()).map(|()| Exit::Ok)
}

/// Shows what differs, and fails if anything is worse.
pub(super) fn diff(args: &DiffArgs) -> Result<Exit, Failure> {
    let (old, new) = (Results::read(&args.old)?, Results::read(&args.new)?);
    let diff = Diff::new(&old, &new);
    let text = match args.format {
        DiffFormat::Text => diff.text(args.all),
        DiffFormat::Markdown => diff.markdown(args.all),
    };
    give(&text, args.output.as_deref())?;
    Ok(diff.exit())
}

/// The date, or what `SOURCE_DATE_EPOCH` says that it is, so that a page can be made again.
fn today() -> String {
    let said = std::env::var("SOURCE_DATE_EPOCH").ok();
    let now = || {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| since.as_secs() as i64)
    };
    let seconds = said.and_then(|said| said.parse().ok()).unwrap_or_else(now);
    DateTime::from_timestamp(seconds, 0)
        .map_or_else(String::new, |time| time.format("%Y-%m-%d").to_string())
}
