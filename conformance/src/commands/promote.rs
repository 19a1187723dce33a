//! `lastword promote`: keeps a script as a regression.

use std::fs::File;
use std::io::{ErrorKind, Write};

use crate::cli::PromoteArgs;
use crate::exit::{Exit, Failure};
use crate::specimen;
use cases::instances;
use cases::regressions::AREA;
use scenario::Specimen;

use super::print;

pub(super) fn promote(args: &PromoteArgs) -> Result<Exit, Failure> {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if args.name.is_empty() || !args.name.chars().all(fine) {
        return Err(usage(format!(
            "'{}' is no name for a regression: lower-case words with hyphens between them",
            args.name
        )));
    }
    let mut specimen = specimen::read(&args.file)?;
    complete(&mut specimen, args)?;
    let path = args.into.join(format!("{}.script", args.name));
    let shown = path.display();
    // Whatever stands there already was kept for a reason.
    let mut file = File::create_new(&path).map_err(|error| {
        Failure::set_up(match error.kind() {
            ErrorKind::AlreadyExists => format!("{shown} is there already: choose another name"),
            ErrorKind::NotFound => format!(
                "no directory {}: call this in the project's top directory, or use --into",
                args.into.display()
            ),
            _ => format!("cannot write {shown}: {error}"),
        })
    })?;
    file.write_all(specimen.to_string().as_bytes())
        .map_err(|error| Failure::set_up(format!("cannot write {shown}: {error}")))?;
    print(&format!(
        "{shown}\n  the case {AREA}/{} from the next build on\n",
        args.name
    ))?;
    Ok(Exit::Ok)
}

/// Adds what the command line says, and insists on what a case needs.
fn complete(specimen: &mut Specimen, args: &PromoteArgs) -> Result<(), Failure> {
    if let Some(says) = &args.says {
        specimen.says.clone_from(says);
    }
    if specimen.says.is_empty() {
        return Err(usage("say what it is about with --says 'SENTENCE'"));
    }
    if let Some(breaks) = &args.breaks {
        let (requirement, code) = breaks
            .split_once(':')
            .ok_or_else(|| usage(format!("'{breaks}' is not REQUIREMENT:CODE")))?;
        specimen.set_breaks(requirement, code).map_err(usage)?;
    }
    if specimen.breaks.is_none() {
        return Err(usage(
            "say what it breaks with --breaks REQUIREMENT:CODE: a case that exercises nothing checks nothing",
        ));
    }
    let axes = match (&args.axes, &specimen.instance) {
        (Some(axes), _) => {
            let id = format!("{AREA}/{}@{axes}", args.name);
            instances::parse_id(&id).map_err(usage)?.1
        }
        (None, Some((_, axes))) => axes.clone(),
        (None, None) => {
            return Err(usage(
                "say in which instance with --axes role,version,cut,habit, as in client,1.3,whole,plain",
            ));
        }
    };
    specimen.instance = Some((format!("{AREA}/{}", args.name), axes));
    // A case is played under all of these.
    (specimen.seed, specimen.profile, specimen.subject) = (None, None, None);
    Ok(())
}

fn usage(message: impl Into<String>) -> Failure {
    Failure::new(Exit::Usage, message)
}
