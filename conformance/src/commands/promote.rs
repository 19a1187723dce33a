//! `lastword promote`: keeps a script as a regression test.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

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
        return Err(Failure::usage(format!(
            "'{}' cannot be the name of a case: use lower-case words joined by hyphens",
            args.name
        )));
    }
    let mut specimen = specimen::read(&args.file)?;
    if is_in(&args.file, &args.into) {
        return Err(Failure::usage(format!(
            "{} is in {} already: nothing was written\n  to rename a case, rename its file; to keep \
             the script under a second name, copy it to another directory first",
            args.file.display(),
            args.into.display()
        )));
    }
    complete(&mut specimen, args)?;
    let path = args.into.join(format!("{}.script", args.name));
    let shown = path.display();
    // Never overwrites: each file is the only record of a defect.
    let mut file = File::create_new(&path).map_err(|error| {
        Failure::set_up(match error.kind() {
            ErrorKind::AlreadyExists => {
                format!("{shown} exists already, and was left as it is: choose another --name")
            }
            ErrorKind::NotFound => format!(
                "there is no directory {}: run this in the top directory of the source tree, or \
                 use --into",
                args.into.display()
            ),
            _ => format!("cannot write {shown}: {error}"),
        })
    })?;
    file.write_all(specimen.to_string().as_bytes())
        .map_err(|error| {
            // The next build would reject a part of a script.
            let _ = fs::remove_file(&path);
            Failure::set_up(format!("cannot write {shown}: {error}"))
        })?;
    print(&format!(
        "{shown}\n  the case {AREA}/{} from the next build on\n",
        args.name
    ))?;
    Ok(Exit::Ok)
}

/// Whether a file (or the directory of a failing instance) is this directory or directly in it.
fn is_in(file: &Path, directory: &Path) -> bool {
    let (Ok(file), Ok(directory)) = (fs::canonicalize(file), fs::canonicalize(directory)) else {
        return false;
    };
    file == directory || file.is_file() && file.parent() == Some(&directory)
}

/// Adds the parts that the command line gives, and checks that a case has all it needs.
fn complete(specimen: &mut Specimen, args: &PromoteArgs) -> Result<(), Failure> {
    if let Some(says) = &args.says {
        specimen.says.clone_from(says);
    }
    if specimen.says.is_empty() {
        return Err(Failure::usage(
            "the file does not say what it is about: use --says 'SENTENCE'",
        ));
    }
    if let Some(breaks) = &args.breaks {
        let (requirement, code) = breaks
            .split_once(':')
            .ok_or_else(|| Failure::usage(format!("'{breaks}' is not REQUIREMENT:CODE")))?;
        specimen
            .set_breaks(requirement, code)
            .map_err(Failure::usage)?;
    }
    if specimen.breaks.is_none() {
        return Err(Failure::usage(
            "the file does not say what it breaks: use --breaks REQUIREMENT:CODE; a case must \
             exercise a requirement",
        ));
    }
    let axes = match (&args.axes, &specimen.instance) {
        (Some(axes), _) => {
            let id = format!("{AREA}/{}@{axes}", args.name);
            instances::parse_id(&id).map_err(Failure::usage)?.1
        }
        (None, Some((_, axes))) => axes.clone(),
        (None, None) => {
            return Err(Failure::usage(
                "the file does not say in which instance: use --axes role,version,cut,habit, such \
                 as client,1.3,whole,plain",
            ));
        }
    };
    specimen.instance = Some((format!("{AREA}/{}", args.name), axes));
    // A case is played with every seed, profile and subject.
    (specimen.seed, specimen.profile, specimen.subject) = (None, None, None);
    Ok(())
}
