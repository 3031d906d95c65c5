//! CST-005

use rust_decimal::Decimal;

use super::{cost, not_asked, position};
use crate::control::declared::{Declared, declared};
use crate::control::{Check, Context, Gate, Status, Verdict};
use crate::cost::{BudgetView, Known, Money};
use crate::declare_control;
use crate::estate::LiveVersion;
use crate::evidence::FactKind;
use crate::policy::Profile;

declare_control! {
    /// ## What it requires
    /// A budget covers it, is kept, and tells somebody before it is not. Where its manifest says what the group may cost in a
    /// month, it costs no more.
    ///
    /// ## Why
    /// Use that grows is spent before it is billed. A budget without a notification, or with one that nobody receives, is a
    /// number in a console.
    ///
    /// ## Evidence
    /// Budgets of the account or of the payer, with their filters, notifications and subscribers, what was spent and what AWS
    /// expects; `budget` of the manifest, against what a month costs as it runs now, by estimate.
    ///
    /// ## Results
    /// - **pass**: a budget covers it, and somebody hears of it; that and every other that covers it is forecast to be kept
    /// - **fail**: no budget covers it; nobody hears of those that do; any of them, however wide or narrow, is exceeded or
    ///   forecast to be; it costs more than its manifest allows. Bars under `profile = "regulated"`, weighs otherwise
    /// - **unknown**: budgets could not be read; a filter cannot be decided, and it matters; whether one that covers it is kept
    ///   cannot be said
    /// - **not applicable**: the run did not ask for budgets
    "CST-005" "within-watched-budget" {
        summary: "a budget covers it, is kept, and somebody hears of it",
        severity: Medium,
        gate: Operability,
        needs: [Budgets],
        uses: [Forecasts, Tags],
        remedy: "aws budgets create-budget with a filter over its tag, a FORECASTED notification at 100 % and a subscriber",
        role: "cost centre owner",
        frameworks: [("AWS Well-Architected", "Cost Optimization")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    let verdict = judge_budgets(live, context);
    allowed(verdict, live, context).gate(match context.policy.profile {
        Profile::Standard => Gate::Operability,
        Profile::Regulated => Gate::Fix,
    })
}

fn judge_budgets<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    let budgets = &context.estate.money.budgets;
    if budgets.is_empty()
        && let Some(verdict) = not_asked("DescribeBudgets", "budgets", context)
    {
        return verdict;
    }
    let Some(here) = position(live, context) else { return Verdict::unknown("its budgets were not looked at") };
    let covering: Vec<&BudgetView<'_>> = budgets.iter().filter(|budget| budget.covers.contains(&here)).collect();
    let perhaps: Vec<&BudgetView<'_>> = budgets.iter().filter(|budget| budget.may_cover.contains(&here)).collect();
    let verdict = match of_one_alone(&covering, &perhaps) {
        // One fault elsewhere does not undo a failure, and does undo everything else.
        verdict if verdict.status == Status::Fail => verdict,
        verdict => of_all(&covering, &perhaps).unwrap_or(verdict),
    };
    let verdict = covering.iter().fold(verdict, |verdict, view| verdict.cite(view.budget, state(view)));
    let verdict = perhaps.iter().fold(verdict, |verdict, view| {
        verdict.note(format!("whether {} covers it cannot be said: {}", name(view), view.unsure.join("; ")))
    });
    // Of those that cover it beside the one that decides, what is wrong is still worth a word.
    let others = covering.iter().filter(|view| !view.faults.is_empty());
    match verdict.status {
        Status::Fail => verdict,
        _ => others.fold(verdict, |verdict, view| verdict.note(format!("{} {}", name(view), view.faults.join(", ")))),
    }
}

/// Whether there is one budget at least that covers it, is kept, and is heard of.
fn of_one_alone(covering: &[&BudgetView<'_>], perhaps: &[&BudgetView<'_>]) -> Verdict {
    if let Some(sound) = covering.iter().find(|view| view.faults.is_empty() && view.unsure.is_empty()) {
        Verdict::pass(format!("{} covers it, is kept, and is heard of", name(sound)))
    } else if let Some(unsure) = covering.iter().find(|view| view.faults.is_empty()) {
        Verdict::unknown(format!("{} covers it, and {}", name(unsure), unsure.unsure.join("; ")))
    } else if let Some(perhaps) = perhaps.iter().find(|view| view.faults.is_empty()) {
        Verdict::unknown(format!("whether {} covers it cannot be said", name(perhaps)))
    } else if covering.is_empty() {
        Verdict::fail("no budget covers it")
    } else {
        let said = covering.iter().map(|view| format!("{} {}", name(view), view.faults.join(", ")));
        Verdict::fail(said.collect::<Vec<_>>().join("; "))
    }
}

/// Whether some budget is, or may be, exceeded: one for the account does not make up for one of its own that is.
fn of_all(covering: &[&BudgetView<'_>], perhaps: &[&BudgetView<'_>]) -> Option<Verdict> {
    let exceeded = covering.iter().filter(|view| view.exceeded == Some(true));
    let said: Vec<String> = exceeded.map(|view| format!("{} {}", name(view), view.faults.join(", "))).collect();
    if !said.is_empty() {
        return Some(Verdict::fail(said.join("; ")));
    }
    if let Some(unsure) = covering.iter().find(|view| view.exceeded.is_none()) {
        return Some(Verdict::unknown(format!("{} covers it, and {}", name(unsure), unsure.unsure.join("; "))));
    }
    let open = perhaps.iter().find(|view| view.exceeded != Some(false))?;
    let state = match open.exceeded {
        Some(_) => open.faults.join(", "),
        None => "may be exceeded".to_owned(),
    };
    Some(Verdict::unknown(format!("{} {state}, and whether it covers it cannot be said", name(open))))
}

fn name(view: &BudgetView<'_>) -> String {
    format!("budget `{}`", view.budget.data.name)
}

/// What a budget says, as evidence.
fn state(view: &BudgetView<'_>) -> String {
    let budget = &view.budget.data;
    let amount = |amount: &Option<crate::evidence::Amount>| match amount {
        Some(amount) => Money::from(amount).to_string(),
        None => "not known".to_owned(),
    };
    let (limit, actual, forecast) = (amount(&budget.limit), amount(&budget.actual), amount(&budget.forecast));
    format!("budget `{}`: limit {limit}, spent {actual}, forecast {forecast}", budget.name)
}

/// Holds the verdict against what the manifest allows in a month.
fn allowed<'a>(verdict: Verdict, live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    let allowed = match declared(live, context, |manifest| manifest.budget.as_ref()) {
        Declared::Says(allowed) => Money::from(allowed),
        Declared::Silent => return verdict,
        Declared::Unsure => {
            return match verdict.status {
                Status::Pass => verdict.doubted("which manifest applies is not known, and one sets a budget"),
                _ => verdict,
            };
        }
    };
    let Month { sum, other, unknown } = month_of_group(live, context, &allowed.currency);
    if let Some(other) = other {
        let why = format!("the manifest allows {allowed} a month, and it costs about {other}");
        return doubt_pass(verdict, why);
    }
    if let Some(why) = unknown.filter(|_| sum.value <= allowed.value) {
        let why = format!("the manifest allows {allowed} a month, and what its group costs is not known: {why}");
        return doubt_pass(verdict, why);
    }
    // An estimate without its prices or data points may be of another size.
    let weak = [FactKind::Prices, FactKind::MetricData, FactKind::Bills]
        .into_iter()
        .find(|kind| context.view.gaps_of(live.account, live.region, *kind).next().is_some());
    let said = format!("a month of its group costs about {sum} by estimate, and the manifest allows {allowed}");
    match weak {
        Some(kind) => doubt_pass(verdict, format!("{said}, but {kind} could not be read")),
        None if sum.value > allowed.value => {
            let reason = match verdict.status {
                Status::Fail => format!("{}; {said}", verdict.reason),
                _ => said,
            };
            Verdict { status: Status::Fail, reason, ..verdict }
        }
        None => verdict.note(said),
    }
}

/// What a month costs of all live versions that one manifest is about.
struct Month {
    /// What is known of it, in the currency of the budget.
    sum: Money,
    /// An amount in another currency, where there is one.
    other: Option<Money>,
    /// Why some of it is not known, where that is so.
    unknown: Option<String>,
}

fn month_of_group(live: &LiveVersion<'_>, context: Context<'_>, currency: &str) -> Month {
    let mut month = Month { sum: Money::new(Decimal::ZERO, currency), other: None, unknown: None };
    let same = |other: &&LiveVersion<'_>| {
        live.manifest.zip(other.manifest).is_some_and(|(own, other)| std::ptr::eq(own, other))
    };
    for version in context.estate.live.iter().filter(same) {
        match cost(version, context).map(|cost| &cost.monthly) {
            Some(Known::Known(monthly)) if monthly.amount.currency == currency => {
                month.sum.value += monthly.amount.value;
            }
            Some(Known::Known(monthly)) => month.other = Some(monthly.amount.clone()),
            Some(Known::Unknown(why) | Known::None(why)) => month.unknown = Some(why.clone()),
            None => month.unknown = Some(format!("nothing is known of `{}`", version.id)),
        }
    }
    month
}

/// A pass that a cost may contradict is none; what fails anyway gets a note.
fn doubt_pass(verdict: Verdict, why: String) -> Verdict {
    match verdict.status {
        Status::Pass => verdict.doubted(why),
        _ => verdict.note(why),
    }
}
