//! Shrinks a script while a property of it still holds.

use crate::{App, Payload, Say, Script, Settings, Shape, Step, Transport};

/// Removes steps of `script` and simplifies the others while `shows` still holds, and returns the
/// smallest script found. Tries at most `budget` scripts.
///
/// `shows` is not called for `script` itself.
pub fn shrink(script: &Script, budget: usize, mut shows: impl FnMut(&Script) -> bool) -> Script {
    let mut best = script.clone();
    let mut left = budget;
    let mut attempt = |candidate: Script, best: &mut Script| {
        if left == 0 || candidate == *best {
            return false;
        }
        left -= 1;
        let kept = shows(&candidate);
        if kept {
            *best = candidate;
        }
        kept
    };
    loop {
        let before = best.clone();
        leave_out(&mut best, &mut attempt);
        default_settings(&mut best, &mut attempt);
        plainer_steps(&mut best, &mut attempt);
        if best == before {
            return best;
        }
    }
}

/// Removes runs of steps, ever shorter ones. It begins at the end, because all steps after the
/// failure can go at once.
fn leave_out(best: &mut Script, attempt: &mut impl FnMut(Script, &mut Script) -> bool) {
    let mut length = best.steps.len();
    while length > 0 {
        let mut end = best.steps.len();
        while end > 0 {
            let start = end.saturating_sub(length);
            let mut candidate = best.clone();
            candidate.steps.drain(start..end.min(candidate.steps.len()));
            attempt(candidate, best);
            end = start;
        }
        length /= 2;
    }
}

fn default_settings(best: &mut Script, attempt: &mut impl FnMut(Script, &mut Script) -> bool) {
    let plain = Settings::default();
    let resets: [fn(&mut Settings, &Settings); 15] = [
        |s, plain| s.clone_from(plain),
        |s, plain| s.tickets = plain.tickets,
        |s, plain| s.early_data = plain.early_data,
        |s, plain| s.early_write.clone_from(&plain.early_write),
        |s, plain| s.half_rtt = plain.half_rtt,
        |s, plain| s.fragment_size = plain.fragment_size,
        |s, plain| s.record_size_limit = plain.record_size_limit,
        |s, plain| s.key_limit = plain.key_limit,
        |s, plain| s.client_auth = plain.client_auth,
        |s, plain| s.hello_retry = plain.hello_retry,
        |s, plain| s.suite = plain.suite,
        |s, plain| s.group = plain.group,
        |s, plain| s.tls12_close = plain.tls12_close,
        |s, plain| s.edition = plain.edition,
        |s, plain| s.middlebox_ccs = plain.middlebox_ccs,
    ];
    for reset in resets {
        let mut candidate = best.clone();
        reset(&mut candidate.settings, &plain);
        attempt(candidate, best);
    }
}

fn plainer_steps(best: &mut Script, attempt: &mut impl FnMut(Script, &mut Script) -> bool) {
    for place in 0..best.steps.len() {
        for step in plainer(&best.steps[place]) {
            let mut candidate = best.clone();
            candidate.steps[place] = step;
            attempt(candidate, best);
        }
        if let Some(Step::Peer { shape, .. } | Step::Edit { shape, .. }) = best.steps.get(place) {
            for plain in plainer_shapes(shape) {
                let mut candidate = best.clone();
                if let Step::Peer { shape, .. } | Step::Edit { shape, .. } =
                    &mut candidate.steps[place]
                {
                    *shape = plain;
                }
                attempt(candidate, best);
            }
        }
    }
}

/// Returns simpler replacements for `step`, the simplest first.
fn plainer(step: &Step) -> Vec<Step> {
    let app = |payload| Step::App(App::Write(payload));
    match step {
        Step::App(App::Write(payload)) => smaller(payload).map(app).collect(),
        Step::App(App::Read(_)) => vec![Step::App(App::Resume), Step::App(App::Read(1))],
        Step::Transport(Transport::Room(_)) => {
            vec![
                Step::Transport(Transport::Unblock),
                Step::Transport(Transport::Room(1)),
            ]
        }
        Step::Transport(Transport::Clock(seconds)) if *seconds > 1 => {
            vec![Step::Transport(Transport::Clock(1))]
        }
        Step::Handshake { until: Some(_) } => vec![Step::Handshake { until: None }],
        Step::Peer { say, shape } => plainer_says(say)
            .into_iter()
            .map(|say| Step::Peer {
                say,
                shape: shape.clone(),
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn plainer_says(say: &Say) -> Vec<Say> {
    match say {
        Say::Write(payload) => smaller(payload).map(Say::Write).collect(),
        Say::Raw(payload) => smaller(payload).map(Say::Raw).collect(),
        Say::Record { kind, content } => smaller(content)
            .map(|content| Say::Record {
                kind: *kind,
                content,
            })
            .collect(),
        Say::Handshake { kind, body } => smaller(body)
            .map(|body| Say::Handshake { kind: *kind, body })
            .collect(),
        Say::Replay(back) if *back > 1 => vec![Say::Replay(1)],
        Say::Reflect(back) if *back > 1 => vec![Say::Reflect(1)],
        _ => Vec::new(),
    }
}

fn smaller(payload: &Payload) -> impl Iterator<Item = Payload> + use<> {
    let length = payload.len();
    let shorter = match payload {
        Payload::Bytes(bytes) if length > 1 => Some(Payload::Bytes(bytes[..length / 2].to_vec())),
        Payload::Pattern(_) if length > 1 => Some(Payload::Pattern(length / 2)),
        _ => None,
    };
    let one = Payload::Text("x".to_owned());
    let candidates = [
        (length > 0).then_some(Payload::Empty),
        (length > 1).then_some(one),
        shorter,
    ];
    candidates.into_iter().flatten()
}

/// Returns variants of `shape` with one deviation less.
fn plainer_shapes(shape: &Shape) -> Vec<Shape> {
    let plain = Shape::default();
    if *shape == plain {
        return Vec::new();
    }
    let resets: [fn(&mut Shape, &Shape); 19] = [
        |s, plain| s.clone_from(plain),
        |s, plain| s.pad = plain.pad,
        |s, plain| s.outer = plain.outer,
        |s, plain| s.header_version = plain.header_version,
        |s, plain| s.aad_as_sent = plain.aad_as_sent,
        |s, plain| s.length = plain.length,
        |s, plain| s.epoch = plain.epoch,
        |s, plain| s.skip = plain.skip,
        |s, plain| s.bad_tag = plain.bad_tag,
        |s, plain| s.bad_body = plain.bad_body,
        |s, plain| s.flip = plain.flip,
        |s, plain| s.no_type = plain.no_type,
        |s, plain| s.part = plain.part,
        |s, plain| s.rest = plain.rest,
        |s, plain| s.split = plain.split,
        |s, plain| s.join = plain.join,
        |s, plain| (s.dropped, s.omitted) = (plain.dropped, plain.omitted),
        |s, plain| s.late = plain.late,
        |s, plain| s.short = plain.short,
    ];
    resets
        .iter()
        .map(|reset| {
            let mut candidate = shape.clone();
            reset(&mut candidate, &plain);
            candidate
        })
        .filter(|candidate| candidate != shape)
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn script(text: &str) -> Script {
        Script::parse(text).unwrap()
    }

    /// Holds for scripts with a corrupted record after the subject's close.
    fn shows(script: &Script) -> bool {
        let closed = script
            .steps
            .iter()
            .position(|step| *step == Step::App(App::Close));
        closed.is_some_and(|closed| {
            script.steps[closed..]
                .iter()
                .any(|step| matches!(step, Step::Peer { shape, .. } if shape.bad_tag))
        })
    }

    #[test]
    fn irrelevant_steps_are_removed() {
        let long = script(
            "set tickets 2\n\
             set half-rtt\n\
             handshake\n\
             peer write \"abc\" pad 7\n\
             app write 1000\n\
             transport hold\n\
             app close\n\
             peer key-update\n\
             peer write 5000 bad-tag pad 3\n\
             transport release\n\
             peer close\n",
        );
        let small = shrink(&long, 10_000, shows);
        assert_eq!(small, script("app close\npeer write empty bad-tag\n"));
    }

    #[test]
    fn a_minimal_script_stays_the_same() {
        let small = script("app close\npeer close bad-tag\n");
        assert_eq!(shrink(&small, 10_000, shows), small);
    }

    #[test]
    fn the_budget_limits_the_number_of_attempts() {
        let long = script(&"peer write \"x\"\n".repeat(100));
        let mut tried = 0;
        let same = shrink(&long, 7, |_| {
            tried += 1;
            false
        });
        assert_eq!((tried, same), (7, long));
    }

    #[test]
    fn the_property_holds_for_the_result_with_any_budget() {
        let long = script("handshake\napp close\npeer write 100\npeer write 9 bad-tag split 2\n");
        for budget in 0..60 {
            assert!(shows(&shrink(&long, budget, shows)), "{budget}");
        }
    }
}
