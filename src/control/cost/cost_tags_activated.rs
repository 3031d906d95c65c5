//! CST-002

use super::activation;
use super::cost_tags::folded;
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::evidence::FactKind;

declare_control! {
    /// ## What it requires
    /// Each required tag key is activated for cost allocation in the account that pays.
    ///
    /// ## Why
    /// AWS leaves a tag out of every cost report until its key is activated, and what was spent before then stays without it
    /// unless it is filled in afterwards. The tags may all be there, and the money is still nobody's.
    ///
    /// ## Evidence
    /// The payer's cost allocation tags; `tags.required` of the policy. They are asked for where `cost_explorer` in `[cost]` is
    /// on, through the `[[account]]` with the purpose `billing` where there is one.
    ///
    /// ## Results
    /// - **pass**: each required key is active
    /// - **fail**: a key is inactive, or not among those that AWS has seen on anything that was billed; one that is spelt
    ///   almost like it is named
    /// - **unknown**: they could not be read: a member account may not see them
    /// - **not applicable**: they were not asked for; no tag is required; nothing serves in the account
    "CST-002" "cost-tags-activated" {
        summary: "the required tag keys are activated for cost allocation",
        severity: Medium,
        gate: Operability,
        needs: [AllocationTags],
        uses: [],
        remedy: "aws ce update-cost-allocation-tags-status in the payer's account, then aws ce start-cost-allocation-tag-backfill for the months before",
        role: "payer account administrator",
        frameworks: [("AWS Well-Architected", "Cost Optimization")],
        check: Check::Account(check),
    }
}

fn check<'a>(account: &'a str, context: Context<'a>) -> Verdict {
    if !context.policy.cost.cost_explorer {
        return Verdict::not_applicable("not asked for: `[cost] cost_explorer` is off").settled();
    }
    let required = &context.policy.tags.required;
    if required.is_empty() {
        return Verdict::not_applicable("no tag is required").settled();
    }
    if let Some(verdict) = nothing_serves(account, context) {
        return verdict;
    }
    let facts = &context.estate.snapshot.facts.allocation_tags;
    if facts.is_empty() && !context.estate.index.asked("ListCostAllocationTags") {
        return Verdict::unknown("the policy asks for cost allocation tags, and the run did not read them");
    }
    let faults: Vec<String> = required.iter().filter_map(|key| fault(key, context)).collect();
    let verdict = match faults.as_slice() {
        [] => Verdict::pass(format!("each of {} required tag keys is active", required.len())),
        faults => Verdict::fail(faults.join("; ")),
    };
    let asked = facts.iter().filter(|fact| required.contains(&fact.data.key));
    asked.fold(verdict, |verdict, fact| {
        let state = if fact.data.active { "active" } else { "inactive" };
        verdict.cite(fact, format!("cost allocation tag `{}` is {state}", fact.data.key))
    })
}

/// What is wrong with one key.
fn fault(key: &str, context: Context<'_>) -> Option<String> {
    match activation(key, context) {
        Some(true) => None,
        Some(false) => Some(format!("`{key}` is not activated")),
        None => {
            let listed = context.estate.snapshot.facts.allocation_tags.iter().map(|fact| &fact.data.key);
            let near = listed.filter(|other| folded(other) == folded(key)).min();
            Some(match near {
                Some(near) => format!("`{key}` was not seen on anything that was billed; `{near}` was"),
                None => format!("`{key}` was not seen on anything that was billed"),
            })
        }
    }
}

/// The answer for an account in which nothing serves, if what serves could be listed.
fn nothing_serves(account: &str, context: Context<'_>) -> Option<Verdict> {
    if context.estate.live.iter().any(|live| live.account == account) {
        return None;
    }
    let regions = || context.estate.snapshot.scope.places().filter(|place| place.0 == account);
    let kinds = [FactKind::Endpoints, FactKind::TransformJobs];
    let unlisted = regions().find_map(|(_, region)| {
        kinds.iter().find_map(|kind| context.view.whole_gaps_of(account, region, *kind).next())
    });
    Some(match unlisted {
        Some(gap) => Verdict::unknown("what serves there could not be listed").gap(Some(gap)),
        None => Verdict::not_applicable("nothing serves there").settled(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::Hidden;

    /// The sound estate, whose payer was asked for the keys.
    fn asked(keys: &[(&str, bool)]) -> Fixture {
        let fixture =
            Fixture::sound().policy(|policy| policy.cost.cost_explorer = true).asked("ListCostAllocationTags");
        keys.iter().fold(fixture, |fixture, (key, active)| fixture.with_payers(allocation_tag(key, *active)))
    }

    #[test]
    fn each_required_key_is_active() {
        Tester::new(&CONTROL)
            .on(ACCOUNT)
            .pass(asked(&[("owner", true), ("cost-center", true), ("other", false)]), "each of 2")
            .touches(1)
            .fail(asked(&[("owner", true), ("cost-center", false)]), "`cost-center` is not activated")
            .fail(asked(&[("owner", true), ("CostCenter", true)]), "`cost-center` was not seen, `CostCenter` was")
            .fail(asked(&[]), "`owner` was not seen, `cost-center` was not seen");
    }

    #[test]
    fn a_payer_that_may_not_be_asked_is_unknown_with_the_reason() {
        let payer = || {
            let mut fixture = asked(&[]).gap(Hidden::All(FactKind::AllocationTags));
            for gap in &mut fixture.snapshot.gaps {
                (gap.account, gap.region) = (String::new(), String::new());
            }
            fixture
        };
        let unread = Fixture::sound().policy(|policy| policy.cost.cost_explorer = true);
        Tester::new(&CONTROL).hidden(payer()).unknown(unread, "did not read them");
    }

    #[test]
    fn without_a_question_there_is_no_answer() {
        let unasked = || Fixture::sound().gap(Hidden::All(FactKind::AllocationTags));
        Tester::new(&CONTROL)
            .not_applicable(Fixture::sound(), "not asked for, cost_explorer")
            .not_applicable(unasked(), "not asked for, cost_explorer")
            .not_applicable(asked(&[]).policy(|policy| policy.tags.required.clear()), "no tag is required")
            .not_applicable(Fixture::empty().policy(|policy| policy.cost.cost_explorer = true), "nothing serves")
            .unknown(
                Fixture::empty().policy(|policy| policy.cost.cost_explorer = true).hidden_all(FactKind::Endpoints),
                "could not be listed",
            );
    }
}
