//! `lastword explain`.

mod family;

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use closure::{Axes, Choice, Family, Grade, Profile, Requirement, Rule, requirements};
use scenario::Case;

use crate::cli::ExplainArgs;
use crate::exit::{Exit, Failure};
use crate::lines::{self, Lane, Line};
use crate::render::counts::family_title;
use crate::render::ladder;
use crate::render::report::{BOLD, DIM};
use crate::render::table::excuses;
use crate::render::text::{count, one_line, thousands, width, wrap};
use crate::render::{look, role_word, source, version_word};
use crate::run::{
    self, Exhibit, Extent, Progress, Ready, Records, Selection, Selector, Settings, Summary,
};
use cases::instances;

use super::{list, print, ready};

/// Explains a case, a requirement, a family of requirements or an instance.
pub(super) fn explain(args: &ExplainArgs) -> Result<Exit, Failure> {
    let text = match (requirements::find(&args.id), instances::parse_id(&args.id)) {
        (Some(requirement), _) => about_requirement(args, requirement)?,
        (None, Ok((name, axes))) if cases::find(name).is_some() => {
            about_instance(args, name, &axes)?
        }
        _ => match (cases::find(&args.id), Family::find(&args.id)) {
            (Some(case), _) => about_case(args, case)?,
            (None, Some(family)) => family::about(args, family)?,
            (None, None) => return Err(run::unknown(&args.id)),
        },
    };
    print(&text).map(|()| Exit::Ok)
}

fn about_requirement(
    args: &ExplainArgs,
    requirement: &'static Requirement,
) -> Result<String, Failure> {
    let sections = requirement.sections.iter().map(ToString::to_string);
    let mut out = title(
        requirement.id,
        &source(&sections.collect::<Vec<_>>(), requirement.level.name()),
    );
    // Writing to a string cannot fail.
    let _ = writeln!(out, "  family       {}", family_title(requirement.family()));
    let _ = writeln!(
        out,
        "  requirement  {}",
        wrap(requirement.says, width(), 15)
    );
    let _ = writeln!(out, "  why          {}", wrap(requirement.why, width(), 15));
    if !requirement.aliases.is_empty() {
        let _ = writeln!(out, "  also called  {}", requirement.aliases.join(", "));
    }
    let _ = writeln!(
        out,
        "  applies to   {}; TLS {}",
        joined(requirement.roles.iter().map(|role| role_word(*role))),
        joined(
            requirement
                .versions
                .iter()
                .map(|version| version_word(*version))
        ),
    );
    if let Rule::Untestable(why) = requirement.rule {
        let _ = writeln!(out, "  untestable   {}", wrap(why, width(), 15));
        return Ok(out);
    }
    for (i, code) in requirement.codes.iter().enumerate() {
        let label = if i == 0 { "codes" } else { "" };
        let grade = match code.grade {
            Grade::Deviates => "a deviation",
            Grade::Variation => "a variation",
            Grade::Behaviour => "noted",
        };
        let _ = writeln!(out, "  {label:11}  {} {DIM}({grade}){DIM:#}", code.name);
    }
    for (i, case) in list::exercising(requirement.id).into_iter().enumerate() {
        let label = if i == 0 { "cases" } else { "" };
        let _ = writeln!(out, "  {label:11}  {case}");
    }
    let selection = Selection {
        requirements: vec![requirement],
        ..Selection::default()
    };
    let settings = settings(args);
    let profile = profile_of(requirement, settings.profile);
    if profile != settings.profile {
        let _ = writeln!(out, "  profile      {profile}");
    }
    let settings = Settings {
        profile,
        ..settings
    };
    let (subjects, summary) = today(args, &selection, settings)?;
    for (place, ready) in subjects.iter().enumerate() {
        today_of(&mut out, place, ready, &summary, Some(requirement.id));
    }
    known(&mut out, requirement, &subjects);
    let states = requirement.family() == "api";
    for picture in pictures(&summary, states) {
        let labels: Vec<String> = picture
            .subjects
            .iter()
            .filter_map(|place| subjects.get(*place).map(label))
            .collect();
        let heading = format!("{} in {}", picture.code, labels.join(" and "));
        let _ = writeln!(
            out,
            "\n  {BOLD}{}{BOLD:#}\n  {DIM}{}{DIM:#}\n",
            wrap(&heading, width(), 2),
            picture.instance
        );
        let name = labels.first().map_or("subject", String::as_str);
        let _ = write!(out, "{}", ladder::draw(&picture.lines, name, 10, 3, 4));
    }
    Ok(out)
}

/// The expectations that list deviations from a requirement, each reason once.
fn known(out: &mut String, requirement: &Requirement, subjects: &[Ready]) {
    let mut reasons: Vec<(&str, &str, Vec<String>)> = Vec::new();
    for entry in subjects.iter().flat_map(|ready| &ready.known.deviations) {
        if entry.requirement != requirement.id {
            continue;
        }
        let select = format!("{} ({})", entry.code, entry.select);
        let same = reasons
            .iter_mut()
            .find(|(reason, link, _)| *reason == entry.reason && *link == entry.link);
        match same {
            Some((_, _, selects)) if selects.contains(&select) => {}
            Some((_, _, selects)) => selects.push(select),
            None => reasons.push((&entry.reason, &entry.link, vec![select])),
        }
    }
    for (reason, link, selects) in reasons {
        let why = format!("{}: {reason}", selects.join(", "));
        let _ = writeln!(
            out,
            "  known        {}\n               {link}",
            wrap(&why, width(), 15)
        );
    }
}

/// A transcript and all subjects that show it.
struct Picture {
    code: &'static str,
    subjects: Vec<usize>,
    instance: String,
    lines: Vec<Line>,
}

/// A picture for each code and each way to show it. `states`: with the states of the API.
fn pictures(summary: &Summary, states: bool) -> Vec<Picture> {
    let mut smallest: Vec<(usize, &'static str, &Exhibit)> = Vec::new();
    for (key, exhibit) in summary.exhibits.iter().filter(|(_, e)| !e.lines.is_empty()) {
        let same = |(subject, code, _): &&mut (usize, &'static str, &Exhibit)| {
            *subject == key.subject && *code == key.code
        };
        match smallest.iter_mut().find(same) {
            Some(kept) if exhibit.is_better_than(kept.2) => kept.2 = exhibit,
            Some(_) => {}
            None => smallest.push((key.subject, key.code, exhibit)),
        }
    }
    let mut pictures: Vec<Picture> = Vec::new();
    for (subject, code, exhibit) in smallest {
        let lines = match states {
            true => exhibit.lines.clone(),
            false => without_states(&exhibit.lines),
        };
        let drawn = |lines: &[Line]| -> Vec<(Lane, String, bool)> {
            let all = lines.iter();
            all.map(|line| (line.lane, line.text.clone(), line.here))
                .collect()
        };
        let same =
            |other: &&mut Picture| other.code == code && drawn(&other.lines) == drawn(&lines);
        match pictures.iter_mut().find(same) {
            Some(picture) => picture.subjects.push(subject),
            None => pictures.push(Picture {
                code,
                subjects: vec![subject],
                instance: exhibit.instance.clone(),
                lines,
            }),
        }
    }
    pictures
}

/// The implementation, its version and its interface.
fn label(ready: &Ready) -> String {
    let hello = &ready.hello;
    let words = format!("{} {} {}", hello.implementation, hello.version, hello.api);
    one_line(&words)
}

fn about_case(args: &ExplainArgs, case: &'static Case) -> Result<String, Failure> {
    let selection = Selection {
        selectors: vec![Selector::case(case.name)?],
        ..Selection::default()
    };
    let settings = settings_of(args, case);
    let (subjects, summary) = today(args, &selection, settings)?;
    let played = format!(
        "roles {}    TLS {}    {}",
        joined(case.roles.iter().map(|role| role_word(*role))),
        joined(case.versions.iter().map(|version| version_word(*version))),
        count(summary.instances.len(), "instance", "instances"),
    );
    let mut out = title(case.name, &played);
    tell(&mut out, case, settings.profile);
    for (place, ready) in subjects.iter().enumerate() {
        today_of(&mut out, place, ready, &summary, None);
    }
    Ok(out)
}

fn about_instance(args: &ExplainArgs, name: &str, axes: &Axes) -> Result<String, Failure> {
    let case = cases::find(name).ok_or_else(|| run::unknown(name))?;
    let selection = Selection {
        selectors: vec![Selector::parse(&args.id)?],
        ..Selection::default()
    };
    let settings = settings_of(args, case);
    let (subjects, summary) = today(args, &selection, settings)?;
    let mut out = format!("{BOLD}{}{BOLD:#}\n\n", args.id);
    tell(&mut out, case, settings.profile);
    let habit = subjects
        .iter()
        .flat_map(|ready| &ready.hello.habits)
        .find(|habit| habit.name == *axes.habit);
    if let Some(habit) = habit {
        let basis = one_line(&habit.basis);
        let _ = writeln!(out, "  habit        {}", wrap(&basis, width(), 15));
    }
    for (place, ready) in subjects.iter().enumerate() {
        today_of(&mut out, place, ready, &summary, None);
        let shown = summary
            .exhibits
            .iter()
            .find(|(key, exhibit)| key.subject == place && !exhibit.lines.is_empty());
        // A finding marks its place. Without one, the course of events is still worth a look.
        let lines = match shown {
            Some((_, exhibit)) => exhibit.lines.clone(),
            None => {
                let transcript = run::watch(ready, case, axes, settings);
                lines::lines(&transcript.map_err(Failure::set_up)?, None)
            }
        };
        let _ = write!(
            out,
            "\n{}",
            ladder::draw(&without_states(&lines), &label(ready), 40, 12, 4)
        );
    }
    Ok(out)
}

/// A name and its description, on one line if there is room for both.
fn title(name: &str, of: &str) -> String {
    let between = match name.len() + 6 + of.len() <= width() {
        true => "      ",
        false => "\n  ",
    };
    format!("{BOLD}{name}{BOLD:#}{between}{of}\n\n")
}

/// The lines without the states of the API, which only requirements on the API need.
fn without_states(lines: &[Line]) -> Vec<Line> {
    let shown = |line: &&Line| line.here || !line.text.starts_with("state ");
    lines.iter().filter(shown).cloned().collect()
}

fn tell(out: &mut String, case: &Case, profile: Profile) {
    let _ = writeln!(out, "  {}\n", wrap(case.says, width(), 2));
    let script = case.script.to_string();
    let whole = script.lines().all(|line| shortened(line) == line);
    for (i, line) in script.lines().enumerate() {
        let label = if i == 0 { "script" } else { "" };
        let _ = writeln!(out, "  {label:11}  {}", wrap(&shortened(line), width(), 17));
    }
    if !whole {
        let _ = writeln!(
            out,
            "               {DIM}(whole: lastword list --format json){DIM:#}"
        );
    }
    let _ = writeln!(
        out,
        "  exercises    {}",
        wrap(&case.exercises.join(", "), width(), 15)
    );
    let settings = &case.script.settings;
    if settings.tls12_close.is_some() || settings.edition.is_some() {
        let _ = writeln!(out, "  profile      {profile}");
    }
    if let Some((_, why)) = case.cuts {
        let _ = writeln!(out, "  cuts         {}", wrap(why, width(), 15));
    }
    if let Some(why) = case.plain_only {
        let why = format!("only the plain one: {why}");
        let _ = writeln!(out, "  habits       {}", wrap(&why, width(), 15));
    }
}

/// A line of a script with its long words, which are bytes in hex, cut.
fn shortened(line: &str) -> String {
    /// The length of a message of 24 bytes.
    const LONG: usize = 60;
    let words = line.split(' ').map(|word| {
        let length = word.chars().count();
        if length <= LONG {
            return word.to_owned();
        }
        let kept: String = word.chars().take(LONG / 2).collect();
        format!("{kept}…({length} characters)")
    });
    words.collect::<Vec<_>>().join(" ")
}

fn settings(args: &ExplainArgs) -> Settings {
    Settings {
        seed: run::DEFAULT_SEED,
        workers: std::thread::available_parallelism().map_or(1, usize::from),
        profile: args.profile.chosen(),
    }
}

/// The same for one case, which is played in its own profile if it makes sense in no other.
fn settings_of(args: &ExplainArgs, case: &Case) -> Settings {
    let settings = settings(args);
    Settings {
        profile: case.script.settings.profile(settings.profile),
        ..settings
    }
}

/// The profile of the run if the requirement applies in it, or otherwise one that differs in a single
/// choice.
fn profile_of(requirement: &Requirement, of_run: Profile) -> Profile {
    let others = Choice::ALL.into_iter().filter_map(|choice| {
        let mut other = of_run;
        other.choose(choice.name()).ok().map(|()| other)
    });
    std::iter::once(of_run)
        .chain(others)
        .find(|profile| requirement.is_in(*profile))
        .unwrap_or(of_run)
}

/// Runs the selection.
fn today(
    args: &ExplainArgs,
    selection: &Selection,
    settings: Settings,
) -> Result<(Vec<Ready>, Summary), Failure> {
    struct Quiet;
    impl Progress for Quiet {
        fn playing(&self, _: &str, _: &Axes) {}
        fn step(&self) {}
    }
    let subjects = ready::ready(&args.subjects, &Arc::new(AtomicBool::new(false)))?;
    let jobs = run::plan(cases::all(), &subjects, selection, false, settings.profile)?;
    let started = std::time::Instant::now();
    let reports = run::run(
        &jobs,
        &subjects,
        selection,
        settings,
        Records::default(),
        &Quiet,
    );
    let summary = Summary::new(
        reports,
        &subjects,
        Extent::Selected,
        false,
        settings.profile,
        started.elapsed(),
    );
    Ok((subjects, summary))
}

/// The outcomes of a subject. `of` is the requirement that is being explained, which need not be named.
fn today_of(out: &mut String, place: usize, ready: &Ready, summary: &Summary, of: Option<&str>) {
    let instances: Vec<_> = summary
        .instances
        .iter()
        .filter(|i| i.subject == place)
        .collect();
    let fine = instances.iter().filter(|i| {
        i.fault.is_none()
            && i.unsupported.is_none()
            && i.stopped.is_none()
            && i.found.iter().all(|found| {
                matches!(
                    found.outcome,
                    closure::Outcome::Behaviour | closure::Outcome::Variation
                )
            })
    });
    let _ = match instances.len() {
        0 => writeln!(out, "  today        {}: not exercised", label(ready)),
        n => writeln!(
            out,
            "  today        {}: conforms in {} of {n}",
            label(ready),
            fine.count(),
        ),
    };
    for ((subject, id), standing) in &summary.standings {
        if *subject == place && of == Some(*id) {
            let counts = standing.excused.iter();
            let counts = counts.map(|(excuse, n)| (excuse.name(), *n));
            if let Some((all, said)) = excuses(counts) {
                let _ = writeln!(out, "               excused in {}: {said}", thousands(all));
            }
        }
        for ((code, outcome), times) in &standing.codes {
            if *subject == place {
                let id = match of == Some(*id) {
                    true => String::new(),
                    false => format!("{id}: "),
                };
                let _ = writeln!(
                    out,
                    "               {id}{code} in {times} ({})",
                    look(*outcome).one
                );
            }
        }
    }
}

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}
