//! CST-004

use super::{not_asked, percent, position, usage};
use crate::control::{Check, Context, Verdict};
use crate::cost::{Known, Scaling, Use, WasteKind};
use crate::declare_control;
use crate::estate::LiveVersion;
use crate::policy::CostRules;

declare_control! {
    /// ## What it requires
    /// Instances are as large as their use asks for, or scale with it between bounds.
    ///
    /// ## Why
    /// Most endpoints are sized once, before anybody knows their load. Instances that use a tenth of what they have cost ten
    /// times what they give.
    ///
    /// ## Evidence
    /// 95th percentile of the use of processors over the cores, and of accelerators over their number; the highest use of
    /// memory; targets and policies of Application Auto Scaling. `low_use` and `low_memory` of `[cost]`.
    ///
    /// ## Results
    /// - **pass**: processors, accelerators or memory are used; or they are not, and a policy scales it down
    /// - **fail**: little of any of them is used, and nothing scales it: no target, no policy that acts, or the same fewest and
    ///   most
    /// - **unknown**: data points or what scales it could not be read, or they cover less than three days
    /// - **not applicable**: it has no instances of its own; it stands by on purpose; data points are not asked for
    "CST-004" "right-sized" {
        summary: "instances are used, or scale with their use between bounds",
        severity: Low,
        gate: Advisory,
        needs: [Endpoints, EndpointConfigs, InferenceComponents, Tags],
        uses: [MetricData, ScalableTargets, ScalingPolicies],
        remedy: "choose a smaller instance type, or register the variant with Application Auto Scaling and give it a target-tracking policy",
        role: "endpoint owner",
        frameworks: [("AWS Well-Architected", "Cost Optimization"), ("AWS Well-Architected", "Performance Efficiency")],
        check: Check::LiveVersion(check),
    }
}

/// Fewer days of use than this say nothing about a size.
const FEWEST_DAYS: f64 = 3.0;

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    if let Some(verdict) = not_asked("GetMetricData", "data points", context) {
        return verdict;
    }
    let Some(usage) = usage(live, context) else { return Verdict::unknown("its use was not looked at") };
    let verdict = judge(usage, &context.policy.cost);
    let verdict = match live.endpoint {
        Some(endpoint) => verdict.cite(endpoint, format!("endpoint `{}` and its variants", endpoint.data.name)),
        None => verdict,
    };
    let here = position(live, context);
    let kinds = [WasteKind::OverProvisioned, WasteKind::BoundedScaling, WasteKind::ServerlessCandidate];
    let waste = context
        .estate
        .money
        .waste
        .iter()
        .filter(|waste| kinds.contains(&waste.kind) && here.is_some_and(|here| waste.live.contains(&here)));
    let verdict = waste
        .clone()
        .fold(verdict, |verdict, waste| verdict.note(waste.why.clone()).cite_calls(&waste.seen, waste.why.clone()));
    match waste.min_by_key(|waste| waste.kind) {
        Some(waste) => verdict.remedy(waste.command.clone()),
        None => verdict,
    }
}

fn judge(usage: &Use, rules: &CostRules) -> Verdict {
    if let Some(tag) = &usage.stands_by {
        return Verdict::not_applicable(format!("it stands by on purpose, as tag `{tag}` says"));
    }
    let processors = match &usage.processors {
        Known::None(why) => return Verdict::not_applicable(why.clone()),
        Known::Unknown(why) => return Verdict::unknown(why.clone()),
        Known::Known(share) => *share,
    };
    if usage.days < FEWEST_DAYS {
        return Verdict::unknown(format!("its use was observed for less than {FEWEST_DAYS} days"));
    }
    let said = format!("95 % of the time at most {} of its processors is used", percent(processors));
    if processors >= rules.low_use {
        return Verdict::pass(said);
    }
    let others = [("accelerators", &usage.accelerators, rules.low_use), ("memory", &usage.memory, rules.low_memory)];
    for (what, share, least) in others {
        if let Some(share) = share.known().filter(|share| **share >= least) {
            return Verdict::pass(format!("{} of its {what} is used", percent(*share)));
        }
    }
    for (what, share, _) in others {
        if let Known::Unknown(why) = share {
            return Verdict::unknown(format!("{said}, and the use of its {what} is not known: {why}"));
        }
    }
    match &usage.scaling {
        Known::Known(Scaling { least, most, active: true }) if least < most => {
            Verdict::pass(format!("{said}, and it scales between {least} and {most}"))
        }
        Known::Known(Scaling { least, most, active: true }) => {
            Verdict::fail(format!("{said}, and it cannot scale: the fewest is {least}, the most {most}"))
        }
        Known::Known(Scaling { active: false, .. }) => {
            Verdict::fail(format!("{said}, and no policy scales it, or scaling is suspended"))
        }
        Known::None(why) => Verdict::fail(format!("{said}, and nothing scales it: {why}")),
        Known::Unknown(why) => Verdict::unknown(format!("{said}, and whether anything scales it is not known: {why}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Status;
    use crate::control::cost::samples::used;

    fn idling() -> Use {
        Use { processors: Known::Known(0.1), memory: Known::Known(0.1), ..used() }
    }

    fn scaling(least: i32, most: i32, active: bool) -> Known<Scaling> {
        Known::Known(Scaling { least, most, active })
    }

    fn none<T>() -> Known<T> {
        Known::None("there is none".to_owned())
    }

    fn unread<T>() -> Known<T> {
        Known::Unknown("it could not be read".to_owned())
    }

    #[test]
    fn instances_are_used_or_scale_between_bounds() {
        let cases = [
            (used(), Status::Pass, "at most 50 %"),
            (Use { processors: Known::Known(0.2), scaling: none(), ..idling() }, Status::Pass, "at most 20 %"),
            (Use { memory: Known::Known(0.4), scaling: none(), ..idling() }, Status::Pass, "40 % of its memory"),
            (Use { accelerators: Known::Known(0.9), scaling: none(), ..idling() }, Status::Pass, "of its accelerators"),
            (idling(), Status::Pass, "between 1 and 4"),
            (Use { scaling: scaling(2, 2, true), ..idling() }, Status::Fail, "the fewest is 2, the most 2"),
            (Use { scaling: scaling(1, 4, false), ..idling() }, Status::Fail, "no policy scales it"),
            (Use { scaling: none(), ..idling() }, Status::Fail, "nothing scales it"),
            (Use { scaling: unread(), ..idling() }, Status::Unknown, "not known"),
            (Use { memory: unread(), ..idling() }, Status::Unknown, "its memory is not known"),
            (Use { accelerators: unread(), ..idling() }, Status::Unknown, "its accelerators is not known"),
            (Use { processors: unread(), ..used() }, Status::Unknown, "could not be read"),
            (Use { days: 2.9, ..used() }, Status::Unknown, "less than 3 days"),
            (Use { processors: none(), ..used() }, Status::NotApplicable, "there is none"),
            (Use { stands_by: Some("dr".to_owned()), ..idling() }, Status::NotApplicable, "tag `dr`"),
        ];
        for (usage, status, words) in cases {
            let verdict = judge(&usage, &CostRules::default());
            assert_eq!(verdict.status, status, "{usage:?}: {verdict:?}");
            assert!(verdict.reason.contains(words), "{words}: {verdict:?}");
        }
    }
}
