//! `lastword seeds`: writes every case as seed inputs for the fuzz targets.

use std::fs;
use std::path::Path;

use closure::{Axes, Build};
use fuzzing::{Input, Kind, TARGETS};
use protocol::{Role, Version};
use scenario::Script;

use crate::cli::SeedsArgs;
use crate::exit::{Exit, Failure};

use super::print;

pub(super) fn seeds(args: &SeedsArgs) -> Result<Exit, Failure> {
    let mut lines = String::new();
    let mut total = 0;
    for target in TARGETS {
        let folder = args.into.join(target.name);
        let shown = folder.display();
        let unwritable = |error| Failure::set_up(format!("cannot write to {shown}: {error}"));
        fs::create_dir_all(&folder).map_err(unwritable)?;
        let mut count = 0;
        for (name, bytes) in of(target) {
            write(&folder, &name, &bytes).map_err(unwritable)?;
            count += 1;
        }
        lines += &format!("{shown}: {count} seeds\n");
        total += count;
    }
    lines += &format!("{total} seeds for {} targets\n", TARGETS.len());
    print(&lines)?;
    Ok(Exit::Ok)
}

/// More seeds, with settings and edits that no case uses: names and scripts.
const MORE: &[(&str, &str)] = &[
    (
        "settings",
        "set fragment-size 64\nset key-limit 4\nset client-auth\nset hello-retry\n\
         handshake\napp write 40\napp close\npeer close\n",
    ),
    ("edited", "edit finished split 5\nhandshake\npeer close\n"),
];

/// The seeds of a target, by name.
fn of(target: &'static fuzzing::Target) -> Vec<(String, Vec<u8>)> {
    match target.kind {
        Kind::Raw => return fuzzing::conversations(target),
        Kind::Codec => {
            let texts = cases::all().iter().map(|case| {
                let name = case.name.replace('/', "-");
                (name, case.script.to_string().into_bytes())
            });
            return texts.collect();
        }
        _ => {}
    }
    let mut seeds = Vec::new();
    for case in cases::all() {
        if case.cut_handshake && matches!(target.kind, Kind::Recorded | Kind::Differential) {
            continue;
        }
        for &role in case.roles {
            for &version in case.versions {
                let habits = case.habits.first().copied();
                let axes = Axes {
                    habit: habits.unwrap_or(protocol::PLAIN_HABIT).into(),
                    ..Axes::baseline(role, version, Build::Plain)
                };
                let input = Input {
                    axes,
                    script: case.script.clone(),
                };
                if let Some(bytes) = target.write(&input) {
                    seeds.push((named(case.name, role, version), bytes));
                }
            }
        }
    }
    if target.kind == Kind::Handshake {
        for (name, text) in MORE {
            let script = Script::parse(text).unwrap_or_default();
            for &role in target.roles {
                for &version in target.versions {
                    let axes = Axes::baseline(role, version, Build::Plain);
                    let script = script.clone();
                    if let Some(bytes) = target.write(&Input { axes, script }) {
                        seeds.push((named(name, role, version), bytes));
                    }
                }
            }
        }
    }
    seeds
}

fn named(name: &str, role: Role, version: Version) -> String {
    let (role, version) = (closure::role_name(role), closure::version_name(version));
    format!("{}@{role}-{version}", name.replace('/', "-"))
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    fs::write(folder.join(name), bytes)
}
