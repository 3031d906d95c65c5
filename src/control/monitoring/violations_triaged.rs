//! MON-011

use jiff::{SignedDuration, Timestamp};

use crate::control::declared::{Declared, declared};
use crate::control::response::answer::{Answer, answer};
use crate::control::{Check, Context, Status, Verdict, day, worst};
use crate::declare_control;
use crate::estate::{BoundMonitor, LiveVersion, ServingPath, Signal, retraining_since};
use crate::evidence::{Alarm, Fact, FactKind};

declare_control! {
    /// ## What it requires
    /// What monitors find is dealt with in time: the next execution finds nothing, the model is trained anew, or a new
    /// version is registered.
    ///
    /// ## Why
    /// A monitor that has been crying for weeks is no longer heard, and the drift that it found goes on deciding.
    ///
    /// ## Evidence
    /// The newest executions of each schedule and the report of the last; alarms on drift that are in ALARM; versions of the
    /// group that were registered since, and training jobs of the model that began since: those that read declared feedback,
    /// or write to where the artifact that serves was written. Jobs are read where a manifest declares feedback or a ceiling of
    /// training. The time is `respond_within.drift` of the manifest in minutes, else
    /// `thresholds.unattended_hours`.
    ///
    /// ## Results
    /// - **pass**: nothing is open for longer than that, or a newer version was registered or a training job began since
    /// - **fail**: something is, or more than three executions in a row found violations, and no newer version was registered,
    ///   nor is any training known
    /// - **unknown**: the report of what is open could not be read; schedules, alarms, jobs or newer versions that could not be
    /// - **not applicable**: nothing watches drift (MON-009 owns that); the manifest says why nothing drifts; shadow variants
    "MON-011" "violations-triaged" {
        summary: "what monitors find is dealt with in time",
        severity: High,
        gate: Operability,
        needs: [Monitors, Alarms],
        uses: [ViolationReports, Packages, Jobs],
        remedy: "tell a fault of the data pipeline from drift; mend the pipeline, or train and register a candidate",
        role: "model owner",
        frameworks: [("NIST AI RMF", "MANAGE 2.3, 4.1"), ("ISO/IEC 42001", "A.6.2.6"), ("EU AI Act", "Art. 20")],
        check: Check::LiveVersion(check),
    }
}

/// More executions in a row than this that find violations fail, whatever time is allowed.
const RUNS: usize = 3;

/// Something that is open.
struct Open<'a> {
    since: Timestamp,
    words: String,
    monitor: Option<&'a BoundMonitor<'a>>,
    alarm: Option<&'a Fact<Alarm>>,
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    if live.path == ServingPath::Shadow {
        return Verdict::not_applicable("a shadow variant answers nobody");
    }
    // An alarm that could not be read may be on drift, and ring.
    let verdict = match (judge(live, context), context.view.gaps_of(live.account, live.region, FactKind::Alarms).next())
    {
        (verdict, Some(gap)) if verdict.status == Status::Pass => {
            verdict.doubted("some alarms could not be read").gap(Some(gap))
        }
        (verdict, Some(gap)) if verdict.status == Status::NotApplicable => {
            Verdict::unknown("some alarms could not be read").gap(Some(gap))
        }
        (verdict, _) => verdict,
    };
    let verdict = match declared(live, context, |manifest| manifest.no_drift_because.as_deref()) {
        Declared::Says(why) => {
            return Verdict::not_applicable(format!("the manifest says that nothing drifts: {why}")).settled();
        }
        Declared::Unsure => verdict.doubted("which manifest applies is not known, and one says that nothing drifts"),
        Declared::Silent => verdict,
    };
    match declared(live, context, |manifest| manifest.respond_within.get("drift")) {
        Declared::Unsure => verdict.doubted("which manifest applies is not known, and so is the time to respond"),
        _ => verdict,
    }
}

fn judge<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    let bindings = live.alarms.iter().filter(|binding| binding.signal == Signal::Drift && binding.certain);
    let alarms: Vec<&'a Fact<Alarm>> =
        bindings.filter_map(|binding| Some(context.estate.alarms.get(binding.alarm)?.alarm)).collect();
    let monitors = &live.monitored.schedules;
    if monitors.is_empty() && alarms.is_empty() {
        return Verdict::not_applicable("nothing watches drift; MON-009 judges that");
    }
    let allowed = allowed(live, context);
    let open = open(monitors, &alarms);
    worst(open.iter().map(|it| of_one(it, live, context, allowed))).unwrap_or_else(|| {
        let verdict = Verdict::pass("nothing that watches drift has found any");
        let verdict = monitors.iter().fold(verdict, |verdict, monitor| {
            verdict.cite(monitor.schedule, format!("executions of schedule `{}`", monitor.schedule.data.name))
        });
        alarms.iter().fold(verdict, |verdict, alarm| {
            verdict.cite(*alarm, format!("alarm `{}` is {}", alarm.data.name, alarm.data.state.value))
        })
    })
}

/// The time to respond.
fn allowed(live: &LiveVersion<'_>, context: Context<'_>) -> SignedDuration {
    let declared = live.manifest.and_then(|manifest| manifest.respond_within.get("drift"));
    let unattended = context.policy.thresholds.unattended_hours.saturating_mul(60);
    SignedDuration::from_mins(declared.copied().unwrap_or(unattended))
}

fn open<'a>(monitors: &'a [BoundMonitor<'a>], alarms: &[&'a Fact<Alarm>]) -> Vec<Open<'a>> {
    let of_monitor = |monitor: &'a BoundMonitor<'a>| {
        let (since, runs) = (monitor.violating_since?, monitor.violating_runs);
        let times = if runs == 1 { "once".to_owned() } else { format!("{runs} times in a row") };
        let words =
            format!("schedule `{}` has found violations {times}, since {}", monitor.schedule.data.name, day(since));
        Some(Open { since, words, monitor: Some(monitor), alarm: None })
    };
    let of_alarm = |alarm: &&'a Fact<Alarm>| {
        let since = alarm.data.state.since.filter(|_| alarm.data.state.value == "ALARM")?;
        let words = format!("alarm `{}` is in ALARM since {}", alarm.data.name, day(since));
        Some(Open { since, words, monitor: None, alarm: Some(alarm) })
    };
    monitors.iter().filter_map(of_monitor).chain(alarms.iter().filter_map(of_alarm)).collect()
}

fn of_one<'a>(open: &Open<'a>, live: &'a LiveVersion<'a>, context: Context<'a>, allowed: SignedDuration) -> Verdict {
    let words = &open.words;
    let again = open.monitor.is_some_and(|monitor| monitor.violating_runs > RUNS);
    let late = context.estate.as_of.duration_since(open.since) > allowed;
    let unread = open.monitor.is_some_and(|monitor| monitor.report.is_none()) && !again;
    let trained = retraining_since(context.estate, live, open.since);
    let jobs_hidden = context.view.gaps_of(live.account, live.region, FactKind::Jobs).next();
    let verdict = match (answer(live, context, open.since), trained) {
        (Answer::By(package, version), _) => Verdict::pass(format!("{words}; {version} was registered since"))
            .cite(package, format!("{version} was registered")),
        (_, Some(job)) => {
            let name = &job.data.name;
            let began = job.data.created.map(day).unwrap_or_default();
            Verdict::pass(format!("{words}; training job `{name}` began at {began}"))
                .cite(job, format!("training job `{name}` is {}", job.data.status))
        }
        _ if unread => {
            Verdict::unknown(format!("{words}; its report could not be read, so what it found is not known"))
        }
        (Answer::None, None) if (again || late) && jobs_hidden.is_some() => {
            Verdict::unknown(format!("{words}, and training jobs could not all be read")).gap(jobs_hidden)
        }
        (Answer::None, None) if again || late => Verdict::fail(format!("{words}, and no newer version was registered")),
        (Answer::Hidden(gap), None) if again || late => {
            Verdict::unknown(format!("{words}, and newer versions could not all be read")).gap(gap)
        }
        (Answer::None | Answer::Hidden(_), None) => {
            Verdict::pass(format!("{words}; {} minutes are allowed", allowed.as_mins()))
        }
    };
    let verdict = match open.monitor {
        Some(monitor) => verdict.cite(monitor.schedule, words.clone()),
        None => verdict,
    };
    let report = open.monitor.and_then(|monitor| monitor.report);
    let verdict = report.into_iter().fold(verdict, |verdict, report| {
        verdict.cite(report, format!("{} violations in `{}`", report.data.total, report.data.location))
    });
    open.alarm.into_iter().fold(verdict, |verdict, alarm| verdict.cite(alarm, words.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Job, MonitoringSchedule, ViolationReport};

    /// The newest nights each found violations, so many; the newest has its report.
    fn violating(runs: usize) -> Fixture {
        let change = move |it: &mut MonitoringSchedule| {
            for execution in it.executions.iter_mut().flatten().take(runs) {
                execution.status = "CompletedWithViolations".to_owned();
            }
        };
        Fixture::sound()
            .edit(change)
            .with(violations(MONITOR, "2026-06-01", &["baseline_drift_check"]))
            .manifest(|it| it.respond_within = [("drift".to_owned(), 1_440)].into())
    }

    #[test]
    fn what_is_open_for_too_long_fails() {
        let in_two_days = violating(1).at("2026-06-03T12:00:00Z");
        let ringing = |it: &mut Alarm| it.state.value = "ALARM".to_owned();
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "nothing that watches drift has found any")
            .pass(violating(1), "once, 1440 minutes are allowed")
            .fail(in_two_days, "no newer version")
            .fail(violating(4), "4 times in a row, since 2026-05-29, no newer version")
            .fail(Fixture::sound().edit_named(DRIFT, ringing), "alarm `fraud-drift` is in ALARM since 2026-05-07")
            .unknown(violating(1).drop_where(|_: &ViolationReport| true), "its report could not be read")
            .fail(violating(4).drop_where(|_: &ViolationReport| true), "4 times in a row")
            .hidden(violating(1).hidden_all(FactKind::ViolationReports))
            .hidden(violating(1).hidden(FactKind::Monitors, MONITOR))
            .hidden(Fixture::sound().hidden(FactKind::Alarms, DRIFT));
    }

    #[test]
    fn a_newer_version_answers_it() {
        let newer = || package(8, "s3://ml-models/fraud/8/model.tar.gz", "8888", "2026-05-30T09:00:00Z");
        let earlier = package(8, "s3://ml-models/fraud/8/model.tar.gz", "8888", "2026-05-20T09:00:00Z");
        Tester::new(&CONTROL)
            .pass(violating(5).with(newer()), "version 8 was registered since")
            .fail(violating(5).with(earlier), "no newer version")
            .unknown(
                violating(5).with(newer()).hidden(FactKind::Packages, &package_arn(8)),
                "newer versions could not all be read",
            );
    }

    #[test]
    fn training_that_began_since_answers_it() {
        let on = |output: &str, began: &str| violating(5).with(training("again", began, "s3://features/", output));
        let own = || on("s3://ml-models/fraud/", "2026-05-31T09:00:00Z");
        let failed = own().edit(|it: &mut Job| it.status = "Failed".to_owned());
        Tester::new(&CONTROL)
            .pass(own(), "training job `again` began at 2026-05-31")
            .fail(on("s3://ml-models/fraud/", "2026-05-20T09:00:00Z"), "no newer version")
            .fail(on("s3://ml-models/churn/", "2026-05-31T09:00:00Z"), "no newer version")
            .fail(failed, "no newer version")
            .unknown(violating(5).hidden_all(FactKind::Jobs), "training jobs could not all be read");
    }

    #[test]
    fn where_nothing_watches_there_is_nothing_to_triage() {
        let none = Fixture::sound().drop_where(|_: &MonitoringSchedule| true).drop_where(|it: &Alarm| it.name == DRIFT);
        Tester::new(&CONTROL)
            .not_applicable(none, "MON-009")
            .not_applicable(violating(4).manifest(|it| it.no_drift_because = Some("rules".to_owned())), "rules")
            .unknown(violating(4).hidden(FactKind::Models, MODEL), "not");
    }
}
