//! The text form of scripts, for people and for files.

mod parse;
mod print;

pub(crate) use parse::parse;

/// The reason why a text is not a script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ParseError {
    /// The line number, counted from 1.
    pub line: usize,
    /// What is wrong and what is expected instead.
    pub problem: String,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use crate::Script;

    const EVERYTHING: &str = r#"set tickets 2
set early-data accept 1024
set early-write "early"
set fragment-size 64
set key-limit 8
set suite 0x1301
set group 29
set tls12-close full
set edition rfc8446bis
set half-rtt
set client-auth
set hello-retry
set middlebox-ccs
connect
handshake
handshake until finished
edit finished flip
edit certificate split 10 join
peer write "a \"quoted\" \\ word"
peer write 16384 pad 10
peer write empty
peer close
peer alert 2 bad_record_mac
peer alert 1 200 outer alert version 0x0301 length 7
peer key-update
peer key-update request
peer key-update 7
peer ticket
peer renegotiate
peer ccs
peer ccs 2
peer handshake new_session_ticket hex:0001
peer record alert hex:01 epoch application-1 skip -1
peer record 99 empty no-type
peer raw hex:1503
peer replay
peer replay 2 
peer reflect
app write "x"
app close
app update-keys
app pause
app read 3
app resume
app settle same
app settle empty
app export
app drop
transport hold
transport release
transport fin
transport reset
transport block
transport room 5
transport unblock
transport clock 60
peer close part 1 rest 1 short 1 aad-as-sent bad-tag bad-body dropped late omitted
"#;

    #[test]
    fn every_word_round_trips() {
        let script = Script::parse(EVERYTHING).unwrap();
        let steps = EVERYTHING.lines().filter(|line| !line.starts_with("set "));
        assert_eq!(script.steps.len(), steps.count());
        assert_eq!(Script::parse(&script.to_string()).unwrap(), script);
    }

    #[test]
    fn comments_and_blank_lines_are_ignored() {
        let script = Script::parse("\n# all of it\n  handshake # the rest\n").unwrap();
        assert_eq!(script.to_string(), "handshake\n");
    }

    #[test]
    fn an_error_names_the_line_and_the_expected_words() {
        let error = Script::parse("handshake\npeer clsoe").unwrap_err();
        assert_eq!(error.line, 2);
        assert!(error.problem.contains("'clsoe'") && error.problem.contains("close"));
    }

    #[test]
    fn every_malformed_line_is_rejected() {
        for line in [
            "peer",
            "peer write",
            "peer write \"open",
            "peer write hex:0",
            "peer write 99999999999",
            "peer close pad",
            "peer close pad x",
            "handshake until",
            "handshake until tea",
            "app",
            "app read",
            "transport room -1",
            "set",
            "set tickets 300",
            "set early-data maybe",
            "connect now",
            "peer alert 2 nonsense",
            "peer close epoch application-x",
            "wave",
        ] {
            assert!(Script::parse(line).is_err(), "{line}");
        }
    }
}
