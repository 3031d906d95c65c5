//! CST-007

use super::{percent, position};
use crate::control::declared::{Declared, declared};
use crate::control::{Check, Context, Gate, Severity, Status, Verdict};
use crate::cost::Growth;
use crate::declare_control;
use crate::estate::LiveVersion;
use crate::evidence::FactKind;
use crate::policy::CostRules;

declare_control! {
    /// ## What it requires
    /// What grows with use grows no faster than was declared: no week holds more than its ceiling, and none without a ceiling
    /// exceeds the median of the four weeks before by more than `growth` of `[cost]`.
    ///
    /// ## Why
    /// Records, tokens and training hours are paid for one by one. A loop that retries, or a batch that takes in yesterday's
    /// input again, doubles them in a week, and the bill comes in a month.
    ///
    /// ## Evidence
    /// Requests, tokens, hours of training and batch transform jobs of the newest whole week and of the four before;
    /// `[[model.ceiling]]` of the manifest.
    ///
    /// ## Results
    /// - **pass**: each count stays within its ceiling, or within the growth that the policy allows
    /// - **fail**: a count exceeds its ceiling; or it has none and grew faster than the policy allows, which is advice
    /// - **unknown**: a week could not be counted, or not all that serves of the group, or which manifest applies is not known
    /// - **not applicable**: nothing is counted for it
    "CST-007" "growth-within-ceiling" {
        summary: "what is paid for by use grows no faster than was declared",
        severity: Medium,
        gate: Operability,
        needs: [],
        uses: [MetricData, Jobs, TransformJobs, Packages, Models, Endpoints, InferenceComponents],
        remedy: "find what runs more often than it should, or raise the ceiling in the manifest together with the budget",
        role: "model owner",
        frameworks: [("AWS Well-Architected", "Cost Optimization")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    let Some(here) = position(live, context) else { return Verdict::unknown("its growth was not looked at") };
    let mut counted: Vec<&Growth> = context.estate.money.growth.iter().filter(|row| row.live.contains(&here)).collect();
    // Where no data points were asked for and nobody limits what they would show, there is nothing to answer.
    let asked = context.estate.index.asked("GetMetricData");
    counted.retain(|row| asked || row.ceiling.is_some() || row.unknown.is_none());
    let verdict = judge(&counted, &context.policy.cost);
    let verdict = match doubt(live, context) {
        Some(why) => verdict.doubted(why),
        None => verdict,
    };
    match live.endpoint {
        Some(endpoint) => verdict.cite(endpoint, format!("endpoint `{}`", endpoint.data.name)),
        None => match live.jobs.first() {
            Some(job) => verdict.cite(*job, format!("its newest job `{}`", job.data.name)),
            None => verdict,
        },
    }
}

/// Why what was counted may not be what its group did, or another measure may hold.
fn doubt<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Option<&'static str> {
    let limits = declared(live, context, |manifest| (!manifest.ceilings.is_empty()).then_some(()));
    if limits == Declared::Unsure {
        return Some("which manifest applies is not known, and one says how much a week may hold");
    }
    let serving = [FactKind::Endpoints, FactKind::EndpointConfigs, FactKind::InferenceComponents];
    let unread = |kind| context.view.gaps_of(live.account, live.region, kind).next().is_some();
    serving.into_iter().any(unread).then_some("what else serves of its group could not all be read")
}

fn judge(counted: &[&Growth], rules: &CostRules) -> Verdict {
    let mut each: Vec<Verdict> = counted.iter().map(|row| judge_one(row, rules)).collect();
    // The gravest case speaks, the others beside it; what was declared comes before what is advice.
    each.sort_by_key(|verdict| match (verdict.status, verdict.gate) {
        (Status::Fail, None) => 0,
        (Status::Unknown, None) => 1,
        (Status::Fail, _) => 2,
        (Status::Unknown, _) => 3,
        _ => 4,
    });
    let mut each = each.into_iter();
    let Some(first) = each.next() else {
        return Verdict::not_applicable("nothing is counted for it").gate(Gate::Advisory);
    };
    each.fold(first, |verdict, other| verdict.note(other.reason))
}

fn judge_one(row: &Growth, rules: &CostRules) -> Verdict {
    let newest = row.weeks.last().and_then(|(_, held)| *held);
    let (what, unit) = (&row.what, &row.unit);
    let verdict = match (newest, row.ceiling) {
        _ if row.unknown.is_some() && !newest.zip(row.ceiling).is_some_and(|(newest, ceiling)| newest > ceiling) => {
            Verdict::unknown(format!("{what}: {}", row.unknown.as_deref().unwrap_or_default()))
        }
        (None, _) => Verdict::unknown(format!("{what}: the newest week could not be counted")),
        (Some(newest), Some(ceiling)) if newest > ceiling => Verdict::fail(format!(
            "{what}: the newest week held {newest:.0} {unit}, and at most {ceiling:.0} are declared"
        )),
        (Some(newest), Some(ceiling)) => {
            let verdict =
                Verdict::pass(format!("{what}: {newest:.0} {unit} in the newest week, of {ceiling:.0} declared"));
            match row.growth.filter(|growth| *growth > rules.growth) {
                Some(growth) => verdict.note(format!("{what} grew by {} over four weeks' median", percent(growth))),
                None => verdict,
            }
        }
        (Some(newest), None) => match row.growth {
            Some(growth) if growth > rules.growth => Verdict::fail(format!(
                "{what}: the newest week held {newest:.0} {unit}, {} more than the median of the four weeks before",
                percent(growth)
            )),
            Some(_) => Verdict::pass(format!("{what}: {newest:.0} {unit} in the newest week, as in those before")),
            None => Verdict::unknown(format!("{what}: the four weeks before cannot be compared with")),
        },
    };
    // What nobody declared is advice.
    match row.ceiling {
        Some(_) => verdict,
        None => verdict.gate(Gate::Advisory).severity(Severity::Low),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::on;

    fn grown(newest: Option<f64>, growth: Option<f64>, ceiling: Option<f64>) -> Growth {
        Growth {
            live: vec![0],
            what: "requests".to_owned(),
            unit: "requests".to_owned(),
            weeks: vec![(on("2026-05-18"), Some(100.0)), (on("2026-05-25"), newest)],
            median: Some(100.0),
            growth,
            ceiling,
            unknown: None,
        }
    }

    fn judged(rows: &[Growth]) -> Verdict {
        judge(&rows.iter().collect::<Vec<_>>(), &CostRules::default())
    }

    #[test]
    fn a_declared_ceiling_weighs_and_growth_without_one_is_advice() {
        let within = judged(&[grown(Some(300.0), Some(2.0), Some(300.0))]);
        assert_eq!((within.status, within.gate), (Status::Pass, None));
        assert!(within.notes[0].contains("grew by 200 %"), "{within:?}");
        let over = judged(&[grown(Some(301.0), Some(0.1), Some(300.0))]);
        assert_eq!((over.status, over.gate, over.severity), (Status::Fail, None, None));
        assert!(over.reason.contains("held 301 requests, and at most 300"), "{over:?}");
        let fast = judged(&[grown(Some(201.0), Some(1.01), None)]);
        assert_eq!((fast.status, fast.gate, fast.severity), (Status::Fail, Some(Gate::Advisory), Some(Severity::Low)));
        let twice = judged(&[grown(Some(200.0), Some(1.0), None)]);
        assert_eq!(twice.status, Status::Pass, "at the limit, not above it");
    }

    #[test]
    fn what_cannot_be_counted_is_unknown_unless_it_is_over_already() {
        let unknown = |newest, ceiling| Growth {
            unknown: Some("two weeks could not be read".to_owned()),
            ..grown(newest, None, ceiling)
        };
        assert_eq!(judged(&[unknown(Some(5.0), None)]).status, Status::Unknown);
        assert_eq!(judged(&[unknown(Some(5.0), Some(10.0))]).status, Status::Unknown);
        assert_eq!(judged(&[unknown(Some(11.0), Some(10.0))]).status, Status::Fail);
        assert_eq!(judged(&[grown(None, None, Some(10.0))]).status, Status::Unknown);
        assert_eq!(judged(&[grown(Some(5.0), None, None)]).status, Status::Unknown, "nothing to compare with");
        assert_eq!(judged(&[]).status, Status::NotApplicable);
    }

    #[test]
    fn the_gravest_count_speaks_and_the_others_are_noted() {
        let held = grown(Some(100.0), Some(0.0), Some(300.0));
        let over = Growth { what: "tokens".to_owned(), ..grown(Some(301.0), Some(0.1), Some(300.0)) };
        let fast = Growth { what: "batch hours".to_owned(), ..grown(Some(900.0), Some(8.0), None) };
        let all = judged(&[held.clone(), fast.clone(), over]);
        assert_eq!((all.status, all.gate), (Status::Fail, None));
        assert!(all.reason.starts_with("tokens") && all.notes.len() == 2, "{all:?}");
        let without = judged(&[held, fast]);
        assert_eq!((without.status, without.gate), (Status::Fail, Some(Gate::Advisory)));
        assert!(without.reason.starts_with("batch hours"), "{without:?}");
    }
}
