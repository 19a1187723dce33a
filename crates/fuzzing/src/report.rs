use std::fmt::Write;

use closure::{Event, Transcript, requirements};
use scenario::Specimen;

use crate::{Input, Problem, Target};

/// The area of cases that are inputs of a target.
const AREA: &str = "fuzz";

/// The input as a script that can be parsed again, with the requirement that it breaks.
pub fn specimen(target: &Target, input: &Input, problem: Option<&Problem>) -> Specimen {
    let breaks = problem.and_then(|problem| match problem {
        Problem::Deviation {
            requirement, code, ..
        } => Some(((*requirement).to_owned(), (*code).to_owned())),
        Problem::Fault(_) => None,
    });
    Specimen {
        says: String::new(),
        instance: Some((format!("{AREA}/{}", target.name), input.axes.clone())),
        breaks,
        cut_handshake: target.is_live(&input.axes),
        seed: None,
        profile: None,
        subject: None,
        script: input.script.clone(),
    }
}

/// The target of a specimen, if a fuzzer generated it.
pub fn target_of(specimen: &Specimen) -> Option<&'static Target> {
    let (case, _) = specimen.instance.as_ref()?;
    Target::find(case.strip_prefix(AREA)?.strip_prefix('/')?)
}

/// A report for people: the problem, if there is one, the script, and the transcript.
pub fn report(
    target: &Target,
    input: &Input,
    problem: Option<&Problem>,
    transcript: &Transcript,
) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_report(&mut text, target, input, problem, transcript);
    text
}

fn write_report(
    text: &mut String,
    target: &Target,
    input: &Input,
    problem: Option<&Problem>,
    transcript: &Transcript,
) -> std::fmt::Result {
    let mut place = None;
    match problem {
        None => {}
        Some(Problem::Fault(what)) => writeln!(text, "lastword is at fault: {what}")?,
        Some(Problem::Deviation {
            requirement,
            code,
            at,
            last_words,
        }) => {
            place = *at;
            writeln!(text, "BROKEN {requirement} ({code})")?;
            if let Some(found) = requirements::find(requirement) {
                writeln!(text, "  {}\n  {}", found.says, found.why)?;
            }
            if let Some(words) = last_words {
                writeln!(text, "  last words: {words}")?;
            }
        }
    }
    if let Some(problem) = problem {
        writeln!(text, "bucket {}\n", problem.bucket())?;
    }
    writeln!(text, "script\n{}", specimen(target, input, problem))?;
    writeln!(text, "transcript")?;
    for (at, event) in transcript.events().iter().enumerate() {
        let mark = if place == Some(at) { "->" } else { "  " };
        writeln!(text, "{mark} {}", line(event, transcript))?;
    }
    Ok(())
}

fn line(event: &Event, transcript: &Transcript) -> String {
    let size = |span: &closure::Span| transcript.bytes(*span).len();
    match event {
        Event::Delivered(record) => format!(
            "peer    {:?} in {:?} number {}, {} bytes of content",
            record.meaning,
            record.epoch,
            record.sequence,
            size(&record.content)
        ),
        Event::Sent(record) => format!(
            "subject {:?} in {:?} number {}, {} bytes",
            record.content,
            record.epoch,
            record.sequence,
            size(&record.bytes)
        ),
        Event::Data(span) => format!("app     gets {} bytes", size(span)),
        Event::EarlyData(span) => format!("app     gets {} bytes of early data", size(span)),
        Event::Called(closure::Call::Write(span)) => format!("app     writes {} bytes", size(span)),
        other => format!("        {other:?}"),
    }
}
