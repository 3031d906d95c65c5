//! CST-006

use super::not_asked;
use crate::control::{Check, Context, Verdict};
use crate::cost::{CapacityUse, Known};
use crate::declare_control;
use crate::estate::Lookup;
use crate::evidence::FactKind;

declare_control! {
    /// ## What it requires
    /// Capacity of Bedrock that is paid for by the hour is used.
    ///
    /// ## Why
    /// A model unit costs tens of dollars an hour whether a token goes through it or not, and a commitment cannot be ended
    /// before its term.
    ///
    /// ## Evidence
    /// Provisioned throughput with its commitment and age; requests to each of it over seven days.
    ///
    /// ## Results
    /// - **pass**: each was asked something, or was bought less than 30 days ago
    /// - **fail**: one was asked nothing for seven days
    /// - **unknown**: it could not be listed, or its requests could not be read
    /// - **not applicable**: there is none; the run did not ask for it
    "CST-006" "capacity-used" {
        summary: "provisioned throughput that is paid for is used",
        severity: Medium,
        gate: Operability,
        needs: [ProvisionedThroughputs],
        uses: [MetricData],
        remedy: "aws bedrock delete-provisioned-model-throughput where there is no commitment; otherwise move on-demand requests to it, and let it end",
        role: "owner of the provisioned throughput",
        frameworks: [("AWS Well-Architected", "Generative AI Lens: Cost Optimization")],
        check: Check::Region(check),
    }
}

/// Capacity younger than this may still wait for its use.
const YOUNG_DAYS: i64 = 30;

fn check<'a>(account: &'a str, region: &'a str, context: Context<'a>) -> Verdict {
    let here = context
        .estate
        .money
        .capacity
        .iter()
        .filter(|it| (it.account.as_str(), it.region.as_str()) == (account, region));
    let here: Vec<&CapacityUse> = here.collect();
    if here.is_empty() {
        if context.view.gaps_of(account, region, FactKind::ProvisionedThroughputs).next().is_some() {
            return Verdict::unknown("provisioned throughput could not be listed");
        }
        return not_asked("ListProvisionedModelThroughputs", "provisioned throughput", context)
            .unwrap_or_else(|| Verdict::not_applicable("there is no provisioned throughput").settled());
    }
    let verdict = judge(&here);
    let untagged = here.iter().filter(|capacity| lacks_tags(capacity, context));
    untagged.fold(verdict, |verdict, capacity| {
        verdict.note(format!(
            "provisioned throughput `{}` lacks required tags, so that its cost is nobody's",
            capacity.name
        ))
    })
}

fn judge(capacity: &[&CapacityUse]) -> Verdict {
    let young = |it: &CapacityUse| it.age_days.is_some_and(|days| days < YOUNG_DAYS);
    let (mut idle, mut unread) = (Vec::new(), Vec::new());
    for it in capacity {
        match &it.requests {
            Known::Known(requests) if *requests <= 0.0 && !young(it) => idle.push(*it),
            Known::Unknown(why) if !young(it) => unread.push(format!("`{}`: {why}", it.name)),
            Known::Known(_) | Known::Unknown(_) | Known::None(_) => {}
        }
    }
    let verdict = match (idle.as_slice(), unread.as_slice()) {
        ([], []) => Verdict::pass(format!("each of {} provisioned throughputs is used or new", capacity.len())),
        ([], unread) => Verdict::unknown(format!("whether it is used is not known of {}", unread.join("; "))),
        (idle, _) => {
            let names: Vec<String> = idle.iter().map(|it| told(it)).collect();
            Verdict::fail(format!("nobody asked {} anything for seven days", names.join(", ")))
        }
    };
    capacity.iter().fold(verdict, |verdict, it| verdict.cite_calls(&it.seen, told(it)))
}

/// One of them in words.
fn told(capacity: &CapacityUse) -> String {
    match capacity.expires {
        Some(until) => format!("`{}` (committed until {})", capacity.name, crate::control::day(until)),
        None => format!("`{}` (no commitment)", capacity.name),
    }
}

/// Whether its tags were read and lack a required one.
fn lacks_tags(capacity: &CapacityUse, context: Context<'_>) -> bool {
    let index = &context.estate.index;
    match index.tags(&capacity.account, &capacity.region, FactKind::Tags, &capacity.arn) {
        Lookup::Found(tags) => {
            context.policy.tags.required.iter().any(|key| tags.get(key).is_none_or(|value| value.trim().is_empty()))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Status;
    use crate::estate::fixture::{ACCOUNT, PROVISIONED, REGION, at};

    fn capacity(requests: Known<f64>, age_days: i64) -> CapacityUse {
        CapacityUse {
            name: "chat".to_owned(),
            arn: PROVISIONED.to_owned(),
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            requests,
            age_days: Some(age_days),
            expires: Some(at("2026-08-01T00:00:00Z")),
            seen: Vec::new(),
        }
    }

    #[test]
    fn old_capacity_without_a_request_is_not_used() {
        let unread = || Known::Unknown("its data points were not read".to_owned());
        let cases = [
            (vec![capacity(Known::Known(3.0), 90)], Status::Pass, "used or new"),
            (vec![capacity(Known::Known(0.0), 29)], Status::Pass, "used or new"),
            (vec![capacity(Known::Known(0.0), 30)], Status::Fail, "`chat` (committed until 2026-08-01)"),
            (vec![capacity(unread(), 90)], Status::Unknown, "were not read"),
            (vec![capacity(unread(), 90), capacity(Known::Known(0.0), 90)], Status::Fail, "for seven days"),
        ];
        for (capacity, status, words) in cases {
            let verdict = judge(&capacity.iter().collect::<Vec<_>>());
            assert_eq!(verdict.status, status, "{verdict:?}");
            assert!(verdict.reason.contains(words), "{verdict:?}");
        }
    }
}
