//! Whether something scales with its load, and how far.
//!
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html>

use crate::cost::{Known, Scaling};
use crate::estate::{Estate, Hosting, LiveVersion};
use crate::evidence::{Fact, FactKind, ScalableTarget};

/// What Application Auto Scaling calls a live version; `None` where it scales nothing of it.
pub(super) fn resource(live: &LiveVersion<'_>) -> Option<String> {
    if let Some(component) = live.component {
        return Some(format!("inference-component/{}", component.data.name));
    }
    let endpoint = &live.endpoint?.data.name;
    let running = live.variant.map(|variant| variant.name.as_str());
    let variant = running.or_else(|| live.settings.map(|settings| settings.name.as_str()))?;
    Some(format!("endpoint/{endpoint}/variant/{variant}"))
}

/// The scalable target of a live version, where there is one.
pub(super) fn target<'a>(live: &LiveVersion<'a>, estate: &Estate<'a>) -> Option<&'a Fact<ScalableTarget>> {
    estate.index.scalable(live.account, live.region, &resource(live)?).found()
}

/// Whether dynamic scaling of a target is suspended, in either direction.
pub(super) fn is_suspended(target: &ScalableTarget) -> bool {
    target.suspended.iter().any(|what| what == "in" || what == "out")
}

/// How a live version scales.
pub(super) fn of(live: &LiveVersion<'_>, estate: &Estate<'_>) -> Known<Scaling> {
    match live.hosting {
        Hosting::Serverless => return Known::None("serverless hosting scales by itself".to_owned()),
        Hosting::Batch => return Known::None("its instances live as long as its jobs".to_owned()),
        Hosting::RealTime | Hosting::Asynchronous => {}
    }
    let index = &estate.index;
    let Some(target) = target(live, estate) else {
        if !index.listed(live.account, live.region, FactKind::ScalableTargets)
            || !index.asked("DescribeScalableTargets")
        {
            return Known::Unknown("what scales was not read".to_owned());
        }
        let copies = live.component.map(|component| component.data.copies);
        return match copies.unwrap_or_else(|| live.variant.and_then(|variant| variant.instances)) {
            Some(fixed) => Known::Known(Scaling { least: fixed, most: fixed, active: false }),
            None => Known::Unknown("how many instances it has is not known".to_owned()),
        };
    };
    let (Some(least), Some(most)) = (target.data.least, target.data.most) else {
        return Known::Unknown("its scalable target does not say between which counts".to_owned());
    };
    if is_suspended(&target.data) {
        return Known::Known(Scaling { least, most, active: false });
    }
    let policies = &estate.snapshot.facts.scaling_policies;
    let has_rule = policies.iter().any(|policy| {
        (policy.account.as_str(), policy.region.as_str()) == (live.account, live.region)
            && policy.data.resource.eq_ignore_ascii_case(&target.data.resource)
    });
    let read =
        index.listed(live.account, live.region, FactKind::ScalingPolicies) && index.asked("DescribeScalingPolicies");
    match (has_rule, read) {
        (true, _) => Known::Known(Scaling { least, most, active: true }),
        (false, true) => Known::Known(Scaling { least, most, active: false }),
        (false, false) => Known::Unknown("the rules that scale it were not read".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::*;
    use crate::evidence::Hidden;

    fn scales(fixture: &Fixture) -> Known<Scaling> {
        fixture.estate().money.uses[0].scaling.clone()
    }

    fn known(least: i32, most: i32, active: bool) -> Known<Scaling> {
        Known::Known(Scaling { least, most, active })
    }

    #[test]
    fn a_target_scales_only_by_a_rule_that_is_not_suspended() {
        let asked = Fixture::sound().asked("DescribeScalableTargets").asked("DescribeScalingPolicies");
        assert_eq!(scales(&asked), known(2, 2, false));
        let target = asked.with(scalable(&scalable_variant(), 1, 4));
        assert_eq!(scales(&target), known(1, 4, false), "a target without a rule");
        let ruled = target.with(scaling_policy("follow"));
        assert_eq!(scales(&ruled), known(1, 4, true));
        let scheduled = ruled.clone().edit(|it: &mut ScalableTarget| it.suspended = vec!["scheduled".to_owned()]);
        assert_eq!(scales(&scheduled), known(1, 4, true));
        let suspended = ruled.edit(|it: &mut ScalableTarget| it.suspended = vec!["in".to_owned()]);
        assert_eq!(scales(&suspended), known(1, 4, false));
    }

    #[test]
    fn what_was_not_read_is_unknown() {
        let target = Fixture::sound().with(scalable(&scalable_variant(), 1, 4));
        assert!(matches!(scales(&target), Known::Unknown(_)), "nobody asked for rules");
        let asked = target.asked("DescribeScalableTargets").asked("DescribeScalingPolicies");
        assert!(matches!(scales(&asked.clone().gap(Hidden::All(FactKind::ScalingPolicies))), Known::Unknown(_)));
        assert!(matches!(scales(&asked.hidden_all(FactKind::ScalableTargets)), Known::Unknown(_)));
    }
}
