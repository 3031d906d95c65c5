//! DEP-002

use crate::control::monitoring::alarms_can_fire;
use crate::control::{Check, Context, Status, Verdict};
use crate::declare_control;
use crate::estate::{BoundAlarm, Hosting, LiveVersion, Lookup, ServingPath, Signal};
use crate::evidence::{Endpoint, Fact, FactKind};

declare_control! {
    /// ## What it requires
    /// Updates of the endpoint are rolled out in steps, or at once under alarms, and alarms that work roll them back.
    ///
    /// ## Why
    /// A canary without an alarm only delays the damage; one whose alarm was renamed looks guarded and is not.
    ///
    /// ## Evidence
    /// How the last update was rolled out, the alarms that were to roll it back, and what is wrong with each of them.
    ///
    /// ## Results
    /// - **pass**: alarms that watch the endpoint and can fire would have rolled it back
    /// - **fail**: no alarm would, or one of them does not exist, watches something else or cannot fire
    /// - **unknown**: the endpoint was only seen in the index; an alarm, or what it judges, could not be read, so that MON-005
    ///   does not say whether it can fire; whether an alarm watches the endpoint cannot be followed
    /// - **not applicable**: it was never updated; serverless; batch
    "DEP-002" "guarded-rollout" {
        summary: "updates are rolled back by alarms that work",
        severity: Medium,
        gate: Operability,
        needs: [Endpoints, EndpointConfigs, Alarms],
        uses: [MetricData, AlarmHistories],
        remedy: "aws sagemaker update-endpoint with --deployment-config: a canary or linear policy, and AutoRollbackConfiguration with alarms on errors and latency of the endpoint",
        role: "endpoint owner",
        frameworks: [("NIST AI RMF", "MANAGE 2.4"), ("ISO/IEC 42001", "A.6.2.5"), ("AWS Well-Architected", "Operational Excellence")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    if live.path == ServingPath::Batch {
        return Verdict::not_applicable("batch jobs are not rolled out").settled();
    }
    if live.hosting == Hosting::Serverless {
        return Verdict::not_applicable("serverless endpoints are not rolled out in steps");
    }
    let Some(endpoint) = live.endpoint else {
        return Verdict::unknown("its endpoint could not be read");
    };
    let Some(deployment) = &endpoint.data.deployment else {
        return if endpoint.data.from_index && endpoint.data.was_updated() {
            Verdict::unknown("how its last update was rolled out was not read: the endpoint was only seen in the index")
        } else {
            Verdict::not_applicable("it was never updated, so nothing was rolled out")
        };
    };
    let how = match deployment.kind.as_str() {
        "ALL_AT_ONCE" => "all at once".to_owned(),
        kind => format!("as {}", kind.to_lowercase()),
    };
    let verdict = judge(live, endpoint, &how, context);
    verdict.cite(endpoint, format!("its last update was rolled out {how}"))
}

fn judge<'a>(live: &'a LiveVersion<'a>, endpoint: &Fact<Endpoint>, how: &str, context: Context<'a>) -> Verdict {
    let alarms = &endpoint.data.rollback_alarms;
    if alarms.is_empty() {
        return Verdict::fail(format!("its last update was rolled out {how}, and no alarm would have rolled it back"));
    }
    let (mut works, mut broken, mut open, mut gaps) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for name in alarms {
        match worth(live, name, context) {
            Worth::Works => works.push(name.clone()),
            Worth::Broken(why) => broken.push(why),
            Worth::Open(why, gap) => {
                open.push(why);
                gaps.extend(gap);
            }
        }
    }
    let verdict = match (broken.split_first(), open.is_empty()) {
        (Some((first, others)), _) => {
            let verdict = Verdict::fail(format!("its last update was rolled out {how}, but {first}"));
            others.iter().fold(verdict, |verdict, why| verdict.note(format!("besides, {why}")))
        }
        (None, false) => {
            gaps.into_iter().fold(Verdict::unknown(open.join("; ")), |verdict, gap| verdict.gap(Some(gap)))
        }
        (None, true) => Verdict::pass(format!(
            "its last update was rolled out {how}, and would have been rolled back by `{}`",
            works.join("`, `")
        )),
    };
    let cited = context.estate.alarms.iter().filter(|alarm| {
        let fact = alarm.alarm;
        (fact.account.as_str(), fact.region.as_str()) == (live.account, live.region) && alarms.contains(&fact.data.name)
    });
    cited.fold(verdict, |verdict, alarm| {
        verdict.cite(alarm.alarm, format!("alarm `{}` is to roll it back", alarm.alarm.data.name))
    })
}

/// What an alarm is worth for a rollback: its state counts, not whom it tells.
enum Worth {
    Works,
    Broken(String),
    /// That is not known: why, and the gaps that hide it.
    Open(String, Vec<usize>),
}

fn worth<'a>(live: &LiveVersion<'a>, name: &str, context: Context<'a>) -> Worth {
    let estate = context.estate;
    let here = |account: &str, region: &str| (account, region) == (live.account, live.region);
    let found = estate
        .alarms
        .iter()
        .find(|alarm| here(&alarm.alarm.account, &alarm.alarm.region) && alarm.alarm.data.name == name);
    let Some(alarm) = found else {
        let gone = matches!(estate.index.alarm(live.account, live.region, name), Lookup::Absent(_))
            || estate.index.listed(live.account, live.region, FactKind::Alarms);
        return if gone {
            Worth::Broken(format!("alarm `{name}`, which was to roll it back, does not exist"))
        } else {
            Worth::Open(
                format!("whether alarm `{name}` exists, which was to roll it back, could not be read"),
                Vec::new(),
            )
        };
    };
    if let Some(defect) = alarm.defects.iter().find(|defect| !defect.keeps_quiet()) {
        return Worth::Broken(format!("alarm `{name}`, which was to roll it back, {}", defect.words()));
    }
    let unseen: Vec<&str> = alarm.unseen_watching().collect();
    if !unseen.is_empty() {
        return Worth::Open(format!("alarm `{name}` may not fire; not known is {}", unseen.join("; ")), Vec::new());
    }
    match watches(live, alarm, context) {
        None => Worth::Broken(format!("alarm `{name}`, which was to roll it back, watches something else")),
        Some(false) => {
            Worth::Open(format!("whether alarm `{name}` watches the endpoint cannot be followed"), Vec::new())
        }
        Some(true) => match alarms_can_fire::judge(alarm, context) {
            verdict if verdict.status == Status::Unknown => Worth::Open(verdict.reason, verdict.gaps),
            _ => Worth::Works,
        },
    }
}

/// Whether an alarm is bound to what serves on the endpoint, and how sure that is.
fn watches<'a>(live: &'a LiveVersion<'a>, alarm: &BoundAlarm<'a>, context: Context<'a>) -> Option<bool> {
    let estate = context.estate;
    let bound = alarm.bound.iter().filter_map(|(number, signal)| Some((estate.live.get(*number)?, signal)));
    let own = bound.filter(|(other, _)| {
        (other.account, other.region) == (live.account, live.region)
            && other.endpoint_name.eq_ignore_ascii_case(live.endpoint_name)
    });
    let certain = |(other, signal): (&LiveVersion<'a>, &Signal)| {
        other.alarms.iter().any(|binding| {
            let its = estate.alarms.get(binding.alarm).is_some_and(|it| std::ptr::eq(it.alarm, alarm.alarm));
            its && binding.signal == *signal && binding.certain
        })
    };
    own.map(certain).reduce(|one, another| one || another)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Alarm, Deployment, MetricSeries};

    fn rolled_out(kind: &'static str, alarms: &'static [&str]) -> Fixture {
        Fixture::sound().edit(move |endpoint: &mut Endpoint| {
            endpoint.deployment = Some(Deployment { kind: kind.to_owned(), wait_seconds: Some(600) });
            endpoint.rollback_alarms = alarms.iter().map(|&alarm| alarm.to_owned()).collect();
        })
    }

    #[test]
    fn alarms_that_work_roll_it_back() {
        let broken = rolled_out("CANARY", &[ERRORS])
            .edit_named(ERRORS, |alarm: &mut Alarm| drop(rule(alarm).terms[0].dimensions.remove("VariantName")));
        let quiet = rolled_out("CANARY", &[ERRORS]).edit_named(ERRORS, |alarm: &mut Alarm| alarm.alarm_actions.clear());
        let other = rolled_out("LINEAR", &["queue"]).with(metric_alarm(
            "queue",
            "Bank/Invoices",
            "QueueLength",
            &[("Queue", "invoices")],
        ));
        Tester::new(&CONTROL)
            .pass(rolled_out("CANARY", &[ERRORS, LATENCY]), "canary, fraud-errors, fraud-latency")
            .pass(rolled_out("ALL_AT_ONCE", &[ERRORS]), "all at once, fraud-errors")
            .pass(quiet, "fraud-errors")
            .fail(rolled_out("ALL_AT_ONCE", &[]), "all at once, no alarm")
            .fail(rolled_out("CANARY", &[]), "canary, no alarm")
            .fail(rolled_out("CANARY", &["fraud-5xx"]), "fraud-5xx, does not exist")
            .fail(broken, "without VariantName")
            .fail(other, "watches something else");
    }

    #[test]
    fn an_alarm_that_is_not_known_to_fire_or_to_watch_leaves_it_open() {
        let unread = rolled_out("CANARY", &[ERRORS]).drop_where(|_: &MetricSeries| true);
        let broken = rolled_out("CANARY", &[ERRORS, "fraud-5xx"]).drop_where(|_: &MetricSeries| true);
        let part = rolled_out("CANARY", &[ERRORS]).edit_named(ERRORS, |alarm: &mut Alarm| {
            rule(alarm).terms[0].dimensions.insert("InstanceId".to_owned(), "i-1".to_owned());
        });
        Tester::new(&CONTROL)
            .unknown(unread, "data points of alarm `fraud-errors` were not read")
            .unknown(part, "whether alarm `fraud-errors` watches the endpoint cannot be followed")
            .fail(broken, "fraud-5xx, does not exist");
    }

    #[test]
    fn what_was_not_rolled_out_or_not_read() {
        let index = Fixture::sound().edit(|endpoint: &mut Endpoint| endpoint.from_index = true);
        Tester::new(&CONTROL)
            .not_applicable(Fixture::sound(), "never updated")
            .unknown(index, "only seen in the index")
            .unknown(rolled_out("CANARY", &["fraud-5xx"]).hidden(FactKind::Alarms, "fraud-5xx"), "fraud-5xx")
            .hidden(rolled_out("CANARY", &[ERRORS]).hidden_all(FactKind::Alarms))
            .on("/batch/")
            .not_applicable(Fixture::sound().with(job("night", MODEL, "2026-05-20T01:00:00Z")), "batch");
    }
}
