//! `lastword report`, `lastword matrix` and `lastword diff`: results, shown again.

use std::time::{SystemTime, UNIX_EPOCH};

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
                // A file gets no escape sequences for colours.
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
        ReportFormat::Junit => junit::document(&results, &live, args.junit_instances)?,
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

/// Shows the differences, and fails if anything is worse.
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

/// The date as `YYYY-MM-DD`. `SOURCE_DATE_EPOCH` overrides it, so that a page can be reproduced.
fn today() -> String {
    let said = std::env::var("SOURCE_DATE_EPOCH").ok();
    let now = || {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| since.as_secs() as i64)
    };
    let seconds = said.and_then(|said| said.parse().ok()).unwrap_or_else(now);
    let (year, month, day) = date(seconds.div_euclid(24 * 60 * 60));
    format!("{year:04}-{month:02}-{day:02}")
}

/// Year, month and day of a day since 1970-01-01, in the Gregorian calendar.
fn date(day: i64) -> (i64, i64, i64) {
    /// The days of 400 years, after which the calendar repeats.
    const ERA: i64 = 146_097;
    // Years begin in March here, so that a leap day is the last of its year.
    let since_march_of_year_0 = day + 719_468;
    let era = since_march_of_year_0.div_euclid(ERA);
    let of_era = since_march_of_year_0.rem_euclid(ERA);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // The months from March to January have 30.6 days on average, in a pattern of five.
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let year = era * 400 + year_of_era;
    match month < 10 {
        true => (year, month + 3, day),
        false => (year + 1, month - 9, day),
    }
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn days_have_their_dates() {
        for (day, expected) in [
            (-1, (1969, 12, 31)),
            (0, (1970, 1, 1)),
            (11_016, (2000, 2, 29)),
            (11_017, (2000, 3, 1)),
            (19_782, (2024, 2, 29)),
            (20_454, (2026, 1, 1)),
            (47_540, (2100, 2, 28)),
            (47_541, (2100, 3, 1)),
        ] {
            assert_eq!(date(day), expected, "day {day}");
        }
    }
}
