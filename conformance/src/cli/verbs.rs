//! Reads the command line, and names the nearest command where one is misspelt.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};

use crate::run::nearest;

use super::Cli;

/// The names of the commands, as the help lists them.
pub fn verbs() -> Vec<String> {
    let command = Cli::command();
    let shown = command.get_subcommands().filter(|verb| !verb.is_hide_set());
    let names = shown.map(|verb| verb.get_name().to_owned());
    names.chain(["help".to_owned()]).collect()
}

/// Reads the command line of the process. Prints the message and exits if it is a request for help,
/// or cannot be understood.
pub fn parse() -> Cli {
    Cli::try_parse().unwrap_or_else(|error| {
        let first = std::env::args().nth(1).unwrap_or_default();
        suggest(error, &first).exit()
    })
}

/// Names the command that `first` may be meant for. Without a command the words are selectors of
/// `run`, so that the parser rejects only the options of the command that was meant.
fn suggest(mut error: clap::Error, first: &str) -> clap::Error {
    let verbs = verbs();
    let misspelt = !first.starts_with('-') && !verbs.iter().any(|verb| verb == first);
    if misspelt && error.kind() == ErrorKind::UnknownArgument {
        let near = nearest(first, verbs.iter().map(String::as_str));
        if let Some(name) = near.first() {
            // The other suggestion is to pass the option to `run` as a selector.
            error.remove(ContextKind::Suggested);
            error.insert(
                ContextKind::SuggestedSubcommand,
                ContextValue::Strings(vec![(*name).to_owned()]),
            );
        }
    }
    error
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at once")]
mod tests {
    use super::*;

    fn message(words: &[&str]) -> String {
        let line = ["lastword"].iter().chain(words);
        let error = Cli::try_parse_from(line).unwrap_err();
        suggest(error, words[0]).to_string()
    }

    #[test]
    fn options_of_a_misspelt_command_name_the_command() {
        let text = message(&["expalin", "eof/fin", "--format", "json"]);
        assert!(text.contains("'explain'"), "{text}");
    }

    #[test]
    fn an_unknown_option_of_run_names_no_command() {
        let text = message(&["run", "--nonsense"]);
        assert!(!text.contains("subcommand exists"), "{text}");
        let text = message(&["half-close/ping-pong", "--nonsense"]);
        assert!(!text.contains("subcommand exists"), "{text}");
    }
}
