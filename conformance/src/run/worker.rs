//! Plays the instances of one job.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use closure::stored::Origin;
use closure::{Axes, Event, Judgement, Member, Outcome, Transcript, View, judge, judge_group};
use nix::time::{ClockId, clock_getcpuclockid};
use nix::unistd::Pid;
use protocol::HabitKind;
use scenario::{Play, Player, Stop};
use shim::{Noting, Shim, Tap, Unusable, Wire, processor_time};

use crate::failures::{Evidence, Failures};
use crate::lines;
use cases::instances::{self, habit_kind};
use scenario::Specimen;

use super::selection::fnv;
use super::{
    Exhibit, ExhibitKey, Found, InstanceReport, Job, JobReport, Planned, Progress, Ready, Records,
    Selection, Settings, Time, assess,
};

/// The number of consecutive hangs after which the run gives up on a subject. Each costs the whole
/// timeout, and there may be thousands more.
const HANGS: usize = 8;

/// The state that all workers share.
pub(super) struct Shared<'a> {
    pub(super) subjects: &'a [Ready],
    pub(super) selection: &'a Selection,
    pub(super) settings: Settings,
    pub(super) records: Records<'a>,
    /// The number of current consecutive hangs of each subject.
    pub(super) hangs: Vec<AtomicUsize>,
}

/// A worker, with a process for each subject and reusable buffers.
pub(super) struct Worker<'a> {
    shared: &'a Shared<'a>,
    shims: Vec<Option<Shim>>,
    player: Player,
    wire: Wire,
    transcript: Transcript,
    judgements: Vec<Judgement>,
}

impl<'a> Worker<'a> {
    pub(super) fn new(shared: &'a Shared<'a>) -> Self {
        Self {
            shared,
            shims: shared.subjects.iter().map(|_| None).collect(),
            player: Player::new(),
            wire: Wire::default(),
            transcript: Transcript::new(),
            judgements: Vec::new(),
        }
    }

    /// Plays the instances of a job, and applies the group rules.
    pub(super) fn run(&mut self, job: &Job, progress: &dyn Progress) -> JobReport {
        let mut report = JobReport::default();
        let mut views: Vec<(usize, Axes, View)> = Vec::new();
        let mut exhibits = BTreeMap::new();
        for planned in &job.instances {
            let hangs = &self.shared.hangs[planned.subject];
            if self.interrupted(planned.subject) || hangs.load(Ordering::Relaxed) >= HANGS {
                report.cut_short = true;
                break;
            }
            progress.playing(job.case.name, &planned.axes);
            let (mut instance, view) = match planned.lacks.is_empty() {
                true => {
                    let played = self.play(job, planned, &mut exhibits);
                    self.record(job, planned, &played.0);
                    played
                }
                false => (assess::lacking(job, planned, self.shared), None),
            };
            if self.interrupted(planned.subject) && instance.fault.is_some() {
                report.cut_short = true;
                break;
            }
            if hangs.load(Ordering::Relaxed) >= HANGS {
                instance.fault.get_or_insert_with(|| {
                    format!("the run gave up on the subject: {HANGS} consecutive instances hung")
                });
            }
            report.instances.push(instance);
            if let Some(view) = view {
                views.push((planned.subject, planned.axes.clone(), view));
            }
            progress.step();
        }
        let baseline = job.instances.first().is_some_and(|planned| planned.first);
        let several = job.instances.len() > 1;
        if (baseline || several) && !report.cut_short {
            self.judge_group(job, &views, &mut report, &mut exhibits);
        }
        report.exhibits = exhibits.into_iter().collect();
        report
    }

    fn interrupted(&self, subject: usize) -> bool {
        let launch = &self.shared.subjects[subject].launch;
        launch.interrupted.load(Ordering::Relaxed)
    }

    fn play(
        &mut self,
        job: &Job,
        planned: &Planned,
        exhibits: &mut BTreeMap<ExhibitKey, Exhibit>,
    ) -> (InstanceReport, Option<View>) {
        let ready = &self.shared.subjects[planned.subject];
        let mut report = assess::blank(job, planned);
        let started = Instant::now();
        let own = processor_time(ClockId::CLOCK_THREAD_CPUTIME_ID);
        let mut shim = match self.shim(planned.subject) {
            Ok(shim) => shim,
            Err(error) => {
                report.fault = Some(error.to_string());
                return (report, None);
            }
        };
        let clock = clock_getcpuclockid(Pid::from_raw(shim.id() as i32)).ok();
        let theirs = clock.map_or(Duration::ZERO, processor_time);

        let habit = habit_kind(&ready.hello, &planned.axes.habit);
        self.transcript.clear();
        self.wire.clear();
        // Drops the output about earlier instances.
        drop(shim.take_stderr());
        let mut noting = Noting::new(&mut shim);
        let played = self.player.play(
            &Play {
                script: &job.case.script,
                axes: &planned.axes,
                habit,
                profile: self.shared.settings.profile,
                handshake_too: job.case.cut_handshake,
                seed: self.shared.settings.seed ^ fnv(job.case.name),
            },
            &mut Tap::new(&mut noting, &mut self.wire),
            &mut self.transcript,
        );
        report.stimulus = Some(noting.number());
        let unsupported = shim.take_unsupported();
        let raw = shim.take_raw_error();
        let stopped = match (&played, self.transcript.events().last()) {
            (Err(Stop::Nonsense(what)), _) => {
                report.fault = Some(format!("the subject sent an invalid answer: {what}"));
                report.stopped = Some("nonsense".into());
                true
            }
            (_, Some(Event::Crash)) => {
                report.stopped = Some("crash".into());
                true
            }
            (_, Some(Event::Hang)) => {
                report.stopped = Some("hang".into());
                true
            }
            _ => false,
        };
        let hangs = &self.shared.hangs[planned.subject];
        match report.stopped.as_deref() {
            Some("hang") => _ = hangs.fetch_add(1, Ordering::Relaxed),
            _ => hangs.store(0, Ordering::Relaxed),
        }
        if let Some(clock) = clock {
            report.time.cpu = processor_time(clock).saturating_sub(theirs);
        }
        let mut said = match stopped {
            true => shim.take_stderr(),
            false => String::new(),
        };

        self.judgements.clear();
        judge(&self.transcript, &mut self.judgements);
        let unsupported = unsupported.filter(|_| !stopped);
        assess::instance(
            job,
            planned,
            self.shared,
            &self.judgements,
            &self.transcript,
            unsupported,
            &mut report,
        );
        for found in &report.found {
            let (Some(key), Some(at)) = (
                ExhibitKey::new(planned.subject, found, &planned.axes),
                assess::place(found, &self.judgements),
            ) else {
                continue;
            };
            let (outcome, baseline) = (found.outcome, planned.axes.is_baseline());
            if exhibits
                .get(&key)
                .is_some_and(|kept| kept.comes_before(outcome, baseline))
            {
                continue;
            }
            let exhibit = Exhibit {
                outcome,
                baseline,
                lines: lines::lines(&self.transcript, Some(at)),
                instance: instances::id(job.case.name, &planned.axes),
                against: None,
                raw: raw.clone(),
                said: said.clone(),
            };
            keep(exhibits, key, exhibit);
        }
        if let Some(failures) = self.shared.records.failures {
            match report.fails() {
                true => {
                    if !stopped {
                        said = shim.take_stderr();
                    }
                    let broken = report
                        .found
                        .iter()
                        .find(|found| found.outcome == Outcome::Regression);
                    self.leave(failures, job, planned, broken, &said);
                }
                false => failures.forget(&ready.subject.name, job.case.name, &planned.axes),
            }
        }
        if !stopped {
            self.shims[planned.subject] = Some(shim);
        }
        report.time = Time {
            wall: started.elapsed(),
            cpu: report.time.cpu
                + processor_time(ClockId::CLOCK_THREAD_CPUTIME_ID).saturating_sub(own),
        };
        let judged = report.unsupported.is_none() && report.fault.is_none();
        let compared = judged && habit != Some(HabitKind::Abuse);
        let view = compared.then(|| View::of(&self.transcript));
        (report, view)
    }

    /// Writes the transcript of the instance that was played last, if the run has judged it.
    fn record(&self, job: &Job, planned: &Planned, report: &InstanceReport) {
        let judged = report.stimulus.is_some()
            && report.unsupported.is_none()
            && report.stopped.as_deref() != Some("nonsense");
        if let Some(transcripts) = self.shared.records.transcripts.filter(|_| judged) {
            let ready = &self.shared.subjects[planned.subject];
            let origin = Origin {
                subject: ready.subject.name.clone(),
                instance: instances::id(job.case.name, &planned.axes),
                bug: None,
                capabilities: ready.hello.capabilities.clone(),
            };
            transcripts.keep(&origin, &self.transcript);
        }
    }

    /// Writes the directory of the instance that was played last.
    fn leave(
        &self,
        failures: &Failures,
        job: &Job,
        planned: &Planned,
        broken: Option<&Found>,
        said: &str,
    ) {
        let ready = &self.shared.subjects[planned.subject];
        let settings = self.shared.settings;
        let instance = instances::id(job.case.name, &planned.axes);
        let secrets: Vec<_> = self.player.secrets().copied().collect();
        let specimen = Specimen {
            says: job.case.says.into(),
            instance: Some((job.case.name.into(), planned.axes.clone())),
            breaks: broken
                .and_then(|found| Some((found.requirement.id.into(), found.code?.to_owned()))),
            cut_handshake: job.case.cut_handshake,
            seed: Some(settings.seed),
            profile: Some(settings.profile),
            subject: Some(ready.subject.arguments.trim().into()),
            script: job.case.script.clone(),
        };
        failures.keep(&Evidence {
            subject: &ready.subject.name,
            instance: &instance,
            specimen: &specimen,
            transcript: &self.transcript,
            at: broken.and_then(|found| assess::place(found, &self.judgements)),
            wire: &self.wire,
            secrets: &secrets,
            stderr: said,
            reproduce: &ready.command_line(settings, &[&instance]),
        });
    }

    /// The running process of the subject, or a new one.
    fn shim(&mut self, subject: usize) -> Result<Shim, Unusable> {
        match self.shims[subject].take() {
            Some(shim) => Ok(shim),
            None => self.shared.subjects[subject].launch.start(),
        }
    }

    fn judge_group(
        &mut self,
        job: &Job,
        views: &[(usize, Axes, View)],
        report: &mut JobReport,
        exhibits: &mut BTreeMap<ExhibitKey, Exhibit>,
    ) {
        let members: Vec<Member<'_>> = views
            .iter()
            .map(|(subject, axes, view)| {
                let hello = &self.shared.subjects[*subject].hello;
                Member {
                    axes,
                    subject: *subject,
                    implementation: (&hello.implementation, &hello.version),
                    api: &hello.api,
                    view,
                }
            })
            .collect();
        let compared = judge_group(&members);
        let mut again = Vec::new();
        for (group, comparison) in assess::groups(job, self.shared, &members, &compared) {
            if let (Some(axes), Some(comparison)) = (&group.differs, comparison) {
                if group.found.outcome == Outcome::Regression {
                    again.push((comparison.member, group.found.clone()));
                    again.push((comparison.baseline, group.found.clone()));
                }
                let exhibit = Exhibit {
                    outcome: group.found.outcome,
                    baseline: false,
                    lines: super::NO_LINES,
                    instance: instances::id(job.case.name, axes),
                    against: Some(instances::id(
                        job.case.name,
                        members[comparison.baseline].axes,
                    )),
                    raw: None,
                    said: String::new(),
                };
                if let Some(key) = ExhibitKey::new(group.subject, &group.found, axes) {
                    keep(exhibits, key, exhibit);
                }
            }
            report.groups.push(group);
        }
        for (member, found) in again {
            let (subject, axes, _) = &views[member];
            self.show(job, *subject, axes, &found);
        }
    }

    /// Plays an instance again to write its directory, because a difference is known only after both
    /// instances have been played.
    fn show(&mut self, job: &Job, subject: usize, axes: &Axes, found: &Found) {
        let planned = |planned: &&Planned| planned.subject == subject && planned.axes == *axes;
        let (Some(failures), Some(planned)) = (
            self.shared.records.failures,
            job.instances.iter().find(planned),
        ) else {
            return;
        };
        let (report, _) = self.play(job, planned, &mut BTreeMap::new());
        if !report.fails() {
            self.leave(failures, job, planned, Some(found), "");
        }
    }
}

fn keep(exhibits: &mut BTreeMap<ExhibitKey, Exhibit>, key: ExhibitKey, exhibit: Exhibit) {
    match exhibits.get_mut(&key) {
        None => _ = exhibits.insert(key, exhibit),
        Some(kept) if exhibit.is_better_than(kept) => *kept = exhibit,
        Some(_) => {}
    }
}
