//! CST-003

use jiff::{SignedDuration, Timestamp};

use super::{cost, not_asked, position, usage};
use crate::control::{Check, Context, Severity, Verdict};
use crate::cost::{Known, Use, VersionCost, WasteKind};
use crate::declare_control;
use crate::estate::{Hosting, LiveVersion};
use crate::policy::CostRules;

declare_control! {
    /// ## What it requires
    /// What is paid for by the hour is asked something.
    ///
    /// ## Why
    /// An endpoint costs the same whether anybody asks it or not. One that nobody asks is also a version that nobody watches
    /// and nobody would miss, until it is used by mistake.
    ///
    /// ## Evidence
    /// Data points of the requests over `idle_days` of `[cost]`: SageMaker publishes none where there were none. Tags by which
    /// something stands by on purpose (`standby_tags`). What a month costs, by estimate.
    ///
    /// ## Results
    /// - **pass**: there were requests
    /// - **fail**: there was none in `idle_days`; of high severity where a month costs more than `idle_high`
    /// - **unknown**: the data points could not be read, or cover fewer days
    /// - **not applicable**: it costs nothing while it is idle (serverless, batch, no instance that runs); it stands by on
    ///   purpose, as a tag says; it was deployed less than `idle_days` ago; data points are not asked for
    "CST-003" "no-idle-endpoints" {
        summary: "no endpoint that is paid for by the hour is idle",
        severity: Medium,
        gate: Operability,
        needs: [Endpoints, EndpointConfigs, InferenceComponents, Tags],
        uses: [MetricData, Prices],
        remedy: "delete the endpoint and keep its config, or host it serverless or asynchronously",
        role: "endpoint owner",
        frameworks: [("AWS Well-Architected", "Cost Optimization"), ("AWS Well-Architected", "Sustainability")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    if let Some(verdict) = not_asked("GetMetricData", "data points", context) {
        return verdict;
    }
    let nothing = match live.hosting {
        Hosting::Serverless => Some("serverless hosting costs nothing while nobody asks"),
        Hosting::Batch => Some("batch jobs are asked for one by one"),
        _ if live.variant.is_some_and(|variant| variant.instances == Some(0)) => Some("no instance of it runs"),
        _ => None,
    };
    if let Some(why) = nothing {
        return Verdict::not_applicable(why);
    }
    let Some(usage) = usage(live, context) else { return Verdict::unknown("its use was not looked at") };
    let young =
        live.deployed().filter(|at| context.estate.as_of.duration_since(*at) < days(context.policy.cost.idle_days));
    let verdict = judge(usage, cost(live, context), young, &context.policy.cost);
    let verdict = match live.endpoint {
        Some(endpoint) => {
            verdict.cite(endpoint, format!("endpoint `{}` is {}", endpoint.data.name, endpoint.data.status))
        }
        None => verdict,
    };
    let here = position(live, context);
    let waste = context
        .estate
        .money
        .waste
        .iter()
        .find(|waste| waste.kind == WasteKind::Idle && here.is_some_and(|here| waste.live.contains(&here)));
    match waste {
        Some(waste) => verdict.cite_calls(&waste.seen, waste.why.clone()).remedy(waste.command.clone()),
        None => verdict,
    }
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(days.saturating_mul(24))
}

fn judge(usage: &Use, cost: Option<&VersionCost>, young: Option<Timestamp>, rules: &CostRules) -> Verdict {
    let limit = rules.idle_days;
    let requests = match &usage.requests {
        Known::None(why) => return Verdict::not_applicable(why.clone()),
        Known::Unknown(_) | Known::Known(_) if usage.stands_by.is_some() => {
            let tag = usage.stands_by.as_deref().unwrap_or_default();
            return Verdict::not_applicable(format!("it stands by on purpose, as tag `{tag}` says"));
        }
        Known::Unknown(why) => return Verdict::unknown(why.clone()),
        Known::Known(requests) => *requests,
    };
    if requests > 0.0 {
        return Verdict::pass(format!("it was asked {requests:.0} times in the last {limit} days"));
    }
    if let Some(at) = young {
        return Verdict::not_applicable(format!("it was deployed at {at}, less than {limit} days ago"));
    }
    let monthly = cost.map(|cost| &cost.monthly);
    let reason = format!("nobody asked it anything in the last {limit} days");
    match monthly {
        Some(Known::Known(month)) => {
            let verdict = Verdict::fail(format!("{reason}, and a month of it costs about {}", month.amount));
            if month.amount.value > rules.idle_high { verdict.severity(Severity::High) } else { verdict }
        }
        Some(Known::Unknown(why) | Known::None(why)) => {
            Verdict::fail(reason).note(format!("what it costs is not known: {why}"))
        }
        None => Verdict::fail(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::cost::samples::{costs, used};
    use crate::control::{Gate, Status};
    use crate::estate::fixture::at;

    fn idle(monthly: &str) -> Verdict {
        let usage = Use { requests: Known::Known(0.0), ..used() };
        judge(&usage, Some(&costs(monthly)), None, &CostRules::default())
    }

    #[test]
    fn what_nobody_asks_is_idle_and_grave_where_it_is_dear() {
        let busy = judge(&used(), None, None, &CostRules::default());
        assert_eq!((busy.status, busy.severity), (Status::Pass, None), "{busy:?}");
        let cheap = idle("500");
        assert_eq!((cheap.status, cheap.severity, CONTROL.gate), (Status::Fail, None, Gate::Operability));
        assert!(cheap.reason.contains("500.00 USD"), "{cheap:?}");
        assert_eq!(idle("500.01").severity, Some(Severity::High), "above, not at");
    }

    #[test]
    fn a_price_that_is_not_known_does_not_hide_that_it_is_idle() {
        let mut cost = costs("1");
        cost.monthly = Known::Unknown("no price of `ml.new.large` is known".to_owned());
        let usage = Use { requests: Known::Known(0.0), ..used() };
        let verdict = judge(&usage, Some(&cost), None, &CostRules::default());
        assert_eq!((verdict.status, verdict.severity), (Status::Fail, None));
        assert!(verdict.notes[0].contains("ml.new.large"), "{verdict:?}");
    }

    #[test]
    fn what_stands_by_is_new_or_costs_nothing_is_not_idle() {
        let idle = || Use { requests: Known::Known(0.0), ..used() };
        let standby = Use { stands_by: Some("dr".to_owned()), ..idle() };
        let serverless =
            Use { requests: Known::None("serverless hosting costs nothing while idle".to_owned()), ..idle() };
        let unread = Use { requests: Known::Unknown("its data points were not read".to_owned()), ..idle() };
        let rules = CostRules::default();
        let cases = [
            (judge(&standby, None, None, &rules), Status::NotApplicable, "tag `dr`"),
            (judge(&serverless, None, None, &rules), Status::NotApplicable, "serverless"),
            (judge(&idle(), None, Some(at("2026-05-31T00:00:00Z")), &rules), Status::NotApplicable, "deployed at"),
            (judge(&unread, None, None, &rules), Status::Unknown, "not read"),
        ];
        for (verdict, status, words) in cases {
            assert_eq!(verdict.status, status, "{verdict:?}");
            assert!(verdict.reason.contains(words), "{verdict:?}");
        }
    }
}
