//! Examples, at the end of the help of each verb.

pub(super) const RUN: &str = "\
Examples:
  lastword run
      everything, against the subjects that are part of the program
  lastword run half-close 'eof/*'
      what has half-close in its id, and all cases of the area eof
  lastword run 'half-close/ping-pong@server,1.3,whole,plain'
      one instance: every failure names the one to run
  lastword run --requirement close-tx.no-data-after --role client
      the cases about one requirement, and it alone is judged
  lastword run --rustls ../rustls --results results.json
      a working tree of rustls, for a report to be made of
  lastword run --shim './my-shim --flag' --expectations mine.toml
      another implementation (docs/protocol.md)";

pub(super) const LIST: &str = "\
Examples:
  lastword list
      requirements, how much each binds and how many cases exercise it; cases
  lastword list --format json
      the same for a program";

pub(super) const EXPLAIN: &str = "\
Examples:
  lastword explain close-tx.no-data-after
      what a requirement asks for, where it is written, and how subjects stand today
  lastword explain half-close/ping-pong
      what happens in a case, and what it exercises
  lastword explain 'half-close/ping-pong@server,1.3,whole,plain' --rustls 0.23.22
      one instance, and how an older release stands";

pub(super) const PROMOTE: &str = "\
Examples:
  lastword promote target/lastword/failures/rustls-unbuffered/.../ --name lost-byte-after-close
      a failing instance: what it breaks, and where, is in its directory
  lastword promote my.script --name x --breaks api.no-panic:crashes --axes client,1.3,whole,plain
      a script of one's own, which says in a comment at its start what it is about";

pub(super) const SHIM_CHECK: &str = "\
Examples:
  lastword shim check --shim './my-shim --flag'
      whether it speaks the protocol, line by line
  lastword shim check --subject rustls-unbuffered
      the same for a subject that is part of the program";

pub(super) const REPORT: &str = "\
Examples:
  lastword report results.json
      what the run said at its end
  lastword report results.json --format html -o report.html
      a page with the matrix, every requirement, and a picture of every deviation
  lastword report results.json --format junit -o junit.xml
      for a CI system; known deviations are skipped tests, with their reason
  lastword report results.json --format markdown >> \"$GITHUB_STEP_SUMMARY\"
      for a pull request";

pub(super) const MATRIX: &str = "\
Examples:
  lastword matrix 0.23.22.json 0.23.46.json
      both releases side by side, as a table for a README
  lastword matrix *.json --format html -o matrix.html
      the same as a page";

pub(super) const DIFF: &str = "\
Examples:
  lastword diff main.json branch.json
      what is worse, better, new and gone; exit code 100 if anything is worse, and 4 if there
      is nothing to compare
  lastword diff main.json branch.json --format markdown -o diff.md
      the same for a pull request";

pub(super) const ACCEPT: &str = "\
Examples:
  lastword run --shim './my-shim' --expectations mine.toml --results results.json
  lastword accept results.json --expectations mine.toml
      adds an entry for each regression; each has the reason TODO, and no run takes the file until
      a person has said why, with a link";

pub(super) const SCHEMA: &str = "\
Examples:
  lastword schema results
      of the file that run --results writes
  lastword schema protocol
      of the lines that a shim reads and writes";
