//! Examples, at the end of the help of each command.

pub(super) const TOP: &str = "\
Examples:
  lastword
      test the built-in subjects, the same as `lastword run`
  lastword explain half-close/ping-pong
      explain a case; `lastword list` names all cases and requirements
  lastword run --shim './my-shim' --results results.json
      test another implementation, and save the results
  lastword report results.json --format html -o report.html
      show saved results as a page

`lastword COMMAND --help` has more examples.

Exit codes:
  0    no unlisted deviation
  1    internal error: of this program, or nonsense from a subject
  2    the command line is wrong
  4    the selection is empty, or names something that does not exist
  96   set-up: a file, a shim or an output is missing or broken
  100  unexpected: a deviation or a missing capability that is not listed
  103  stale: nothing but expectations that no longer hold
  130  interrupted";

pub(super) const RUN: &str = "\
Examples:
  lastword run
      all cases, against the built-in subjects
  lastword run half-close 'eof/*'
      instances with half-close in their id, and all cases of the area eof
  lastword run 'half-close/ping-pong@server,1.3,whole,plain'
      one instance; each failure prints the command that plays it again
  lastword run --requirement close-tx.no-data-after --role client
      the cases that exercise one requirement; only it is judged
  lastword run --rustls ../rustls --results results.json
      a working tree of rustls; the results can be shown with `lastword report`
  lastword run --shim './my-shim --flag' --expectations mine.toml
      another implementation, with its known deviations (docs/protocol.md)";

pub(super) const LIST: &str = "\
Examples:
  lastword list
      all requirements, with their level and number of cases, and all cases
  lastword list --format json
      the same with all details, for other programs";

pub(super) const EXPLAIN: &str = "\
Examples:
  lastword explain close-tx.no-data-after
      a requirement: its source, the reason for it, and whether the subjects conform
  lastword explain half-close/ping-pong
      a case: its script, and the requirements that it exercises
  lastword explain 'half-close/ping-pong@server,1.3,whole,plain' --rustls 0.23.22
      one instance, played against an older release";

pub(super) const PROMOTE: &str = "\
Examples:
  lastword promote target/lastword/failures/rustls-unbuffered/.../ --name lost-byte-after-close
      a failing instance; its directory says what it breaks, and in which instance
  lastword promote my.script --name x --breaks api.no-panic:crashes --axes client,1.3,whole,plain
      a handwritten script, which begins with a comment that says what it is about";

pub(super) const REPLAY: &str = "\
Exit code 100: the replay still shows a deviation that is not listed.

Examples:
  lastword replay target/lastword/failures/rustls-unbuffered/.../
      a failing instance of an earlier run
  lastword replay corpus/regressions/error-behind-own-close.script
      a script
  lastword replay --shrink fuzz/artifacts/hostile_peer_client_13/crash-*
      what a fuzzer has found, made as small as possible
  lastword replay --target raw_bytes FILE
      an input that is not in the folder of its target";

pub(super) const SEEDS: &str = "\
Examples:
  lastword seeds
      write corpus/TARGET/... for every fuzz target (docs/fuzzing.md)
  lastword seeds --into /tmp/corpus
      write them to another directory";

pub(super) const SHIM_CHECK: &str = "\
Examples:
  lastword shim check --shim './my-shim --flag'
      check a shim of your own
  lastword shim check --subject rustls-unbuffered
      check a built-in subject, to see what a shim that passes looks like";

pub(super) const REPORT: &str = "\
Examples:
  lastword report results.json
      the report that `run` prints at its end
  lastword report results.json --format html -o report.html
      a page with the matrix, every requirement, and a picture of every deviation
  lastword report results.json --format junit -o junit.xml
      for a CI system; known deviations are skipped tests, with their reason
  lastword report results.json --format markdown >> \"$GITHUB_STEP_SUMMARY\"
      for a pull request";

pub(super) const MATRIX: &str = "\
Examples:
  lastword matrix 0.23.22.json 0.23.46.json
      two releases side by side, as a Markdown table
  lastword matrix *.json --format html -o matrix.html
      the same as a page";

pub(super) const DIFF: &str = "\
Examples:
  lastword diff main.json branch.json
      what is worse, better, new and gone; exit code 100 if anything is worse, and 4 if there
      is nothing to compare
  lastword diff main.json branch.json --format markdown -o diff.md
      the same for a pull request";

pub(super) const JUDGE: &str = "\
Nothing is played: only the rules run. Use it to see what a change of a rule does.

Exit codes: 0 if the verdicts are those of --against, or without it; 100 if they differ.

Examples:
  lastword run --transcripts all.jsonl
      record the transcripts of a run
  lastword judge all.jsonl
      count for each requirement in how many transcripts it held, was broken, or was not exercised
  lastword judge all.jsonl --format json -o before.json
  lastword judge all.jsonl --against before.json
      judge once before a rule is changed, and once after
  gzip -dc corpus/transcripts/sample.jsonl.gz | lastword judge -
      the sample that the tests judge";

pub(super) const ACCEPT: &str = "\
Examples:
  lastword run --shim './my-shim' --expectations mine.toml --results results.json
  lastword accept results.json --expectations mine.toml
      add an entry for each unlisted deviation; then fill in `reason` and `link` of each: a run
      rejects a file that still says TODO";

pub(super) const SCHEMA: &str = "\
Examples:
  lastword schema results
      the schema of the file that `run --results` writes
  lastword schema protocol
      the schema of the lines that a shim reads and writes";
