//! CST-001

use std::collections::BTreeSet;

use super::activation;
use crate::control::declared::{Declared, declared};
use crate::control::{Check, Context, Gate, Verdict};
use crate::declare_control;
use crate::estate::{LiveVersion, Lookup};
use crate::evidence::{Fact, FactKind, TagCompliance, Tags};
use crate::policy::Profile;

declare_control! {
    /// ## What it requires
    /// What is billed carries the required tags, with a value, and an allowed one where values are listed; the tag policy of
    /// the organization has no objection to them.
    ///
    /// ## Why
    /// Hosting is billed to the endpoint. Tags of its config, model or package reach no bill, and `costcenter` is not
    /// `cost-center` to any cost report.
    ///
    /// ## Evidence
    /// Tags of the endpoint, or of the inference component where it carries its own; `tags.required` and `tags.allowed` of the
    /// policy, `required_tags` of the manifest; what the organization's tag policy says of what is billed. Whether a key counts
    /// in cost reports at all is CST-002's question: a tag that is there under a key that is not activated is noted, not missed.
    ///
    /// ## Results
    /// - **pass**: every key is there with a value that is allowed
    /// - **fail**: a key is missing, empty, spelt otherwise, or has another value, or the tag policy of the organization
    ///   objects to it; tags of config or model are noted, since
    ///   they are what somebody meant. Bars under `profile = "regulated"`, weighs otherwise
    /// - **unknown**: the tags could not be read, or what the tag policy says of them
    /// - **not applicable**: nothing is required; nothing is billed under a name of its own
    "CST-001" "cost-tags" {
        summary: "what is billed carries the required tags",
        severity: Medium,
        gate: Operability,
        needs: [TagCompliance],
        uses: [Tags, Packages, AllocationTags],
        remedy: "aws sagemaker add-tags on the endpoint, and require the tags in CreateEndpoint by an aws:RequestTag condition",
        role: "endpoint owner",
        frameworks: [("AWS Well-Architected", "Cost Optimization"), ("ISO/IEC 42001", "A.4.2")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    judge(live, context).gate(match context.policy.profile {
        Profile::Standard => Gate::Operability,
        Profile::Regulated => Gate::Fix,
    })
}

fn judge<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    let more =
        declared(live, context, |manifest| (!manifest.required_tags.is_empty()).then_some(&manifest.required_tags));
    let mut required: BTreeSet<&str> = context.policy.tags.required.iter().map(String::as_str).collect();
    if let Declared::Says(more) = more {
        required.extend(more.iter().map(String::as_str));
    }
    if required.is_empty() && more != Declared::Unsure {
        return Verdict::not_applicable("no tag is required").settled();
    }
    let tags = match context.view.billed_tags(live) {
        Lookup::Found(tags) => tags,
        Lookup::Absent(_) | Lookup::Unseen => return Verdict::unknown("its tags could not be read"),
        Lookup::NotNamed => return Verdict::not_applicable("nothing of it is billed under a name that carries tags"),
    };
    let mut faults: Vec<String> = required.iter().filter_map(|key| fault(key, tags, context)).collect();
    // A tag that is wrong stays wrong, whatever the tag policy says.
    let wrong = !faults.is_empty();
    let said = tag_policy(live, context);
    faults.extend(said.and_then(objection));
    let verdict = match faults.split_first() {
        None => Verdict::pass("every required tag is there"),
        Some(_) if wrong => Verdict::fail(faults.join("; ")).settled(),
        Some(_) => Verdict::fail(faults.join("; ")),
    };
    let verdict = idle_keys(&required, tags, context)
        .fold(verdict, |verdict, key| verdict.note(format!("{key}, so that no cost report knows it: see CST-002")));
    let verdict = match said {
        Some(said) => verdict.cite(said, "what the tag policy of the organization says of it"),
        None => verdict,
    };
    let verdict = if faults.is_empty() { verdict } else { meant_elsewhere(verdict, &required, live, context) };
    let verdict = match live.endpoint {
        Some(endpoint) => verdict.cite(endpoint, format!("endpoint `{}` has {} tags", endpoint.data.name, tags.len())),
        None => verdict,
    };
    // A failure stands; a pass may have to meet what a manifest that could not be found asks for.
    match more {
        Declared::Unsure if faults.is_empty() => {
            verdict.doubted("which manifest applies is not known, and one requires more tags")
        }
        _ => verdict,
    }
}

/// What is wrong with one required tag.
fn fault(key: &str, tags: &Tags, context: Context<'_>) -> Option<String> {
    let Some(value) = tags.get(key) else {
        let near = tags.keys().find(|other| folded(other) == folded(key));
        return Some(match near {
            Some(other) => format!("tag `{key}` is missing: it is spelt `{other}`"),
            None => format!("tag `{key}` is missing"),
        });
    };
    if value.trim().is_empty() {
        return Some(format!("tag `{key}` is empty"));
    }
    let allowed = context.policy.tags.allowed.get(key)?;
    (!allowed.contains(value)).then(|| format!("tag `{key}` has the value `{value}`, which is not allowed"))
}

/// What the organization's tag policy says of what is billed, where it says something.
fn tag_policy<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Option<&'a Fact<TagCompliance>> {
    let of = |arn| context.estate.index.compliance(live.account, live.region, arn).found();
    let component = live.component.map(|component| component.data.arn.as_str());
    component.and_then(of).or_else(|| of(live.endpoint?.data.arn.as_str()))
}

/// Why the tag policy objects.
fn objection(said: &Fact<TagCompliance>) -> Option<String> {
    let keys: Vec<String> = said.data.noncompliant_keys.iter().map(|key| format!("`{key}`")).collect();
    match keys.as_slice() {
        _ if said.data.compliant => None,
        [] => Some("the organization's tag policy objects to its tags".to_owned()),
        keys => Some(format!("the organization's tag policy objects to {}", keys.join(", "))),
    }
}

/// Required keys that what is billed carries and cost reports leave out, since nobody activated them.
fn idle_keys(required: &BTreeSet<&str>, tags: &Tags, context: Context<'_>) -> impl Iterator<Item = String> {
    let carried: Vec<&str> = required.iter().copied().filter(|key| tags.contains_key(*key)).collect();
    carried
        .into_iter()
        .filter(move |key| activation(key, context) == Some(false))
        .map(|key| format!("`{key}` is there, but not activated for cost allocation"))
}

/// A key as somebody who does not look closely reads it.
pub(super) fn folded(key: &str) -> String {
    key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn meant_elsewhere<'a>(
    verdict: Verdict,
    required: &BTreeSet<&str>,
    live: &'a LiveVersion<'a>,
    context: Context<'a>,
) -> Verdict {
    let config = live.config.found().map(|config| ("config", config.data.arn.as_str()));
    let model = live.model.found().map(|model| ("model", model.data.arn.as_str()));
    config.into_iter().chain(model).fold(verdict, |verdict, (what, arn)| {
        let tags = context.estate.index.tags(live.account, live.region, FactKind::Tags, arn).found();
        match tags.filter(|tags| required.iter().all(|key| tags.contains_key(*key))) {
            Some(_) => verdict.note(format!("its {what} carries them, but bills follow the endpoint")),
            None => verdict,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{EndpointConfig, ResourceTags};

    fn tagged(pairs: &'static [(&'static str, &'static str)]) -> Fixture {
        Fixture::sound().edit_named(ENDPOINT_ARN, move |own: &mut ResourceTags| *own = tags(ENDPOINT_ARN, pairs))
    }

    #[test]
    fn every_required_key_is_there_spelt_so_and_with_a_value() {
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "every required tag")
            .fail(tagged(&[("owner", "fraud-team")]), "`cost-center` is missing")
            .fail(tagged(&[]), "`cost-center` is missing, `owner` is missing")
            .fail(tagged(&[("owner", "fraud-team"), ("costcenter", "4711")]), "it is spelt `costcenter`")
            .fail(tagged(&[("owner", "fraud-team"), ("CostCenter", "4711")]), "it is spelt `CostCenter`")
            .fail(tagged(&[("owner", " "), ("cost-center", "4711")]), "`owner` is empty");
    }

    #[test]
    fn values_may_be_listed_and_manifests_may_ask_for_more() {
        let allowed = |value: &'static str| {
            Fixture::sound()
                .policy(move |policy| drop(policy.tags.allowed.insert("cost-center".into(), vec![value.into()])))
        };
        Tester::new(&CONTROL)
            .pass(allowed("4711"), "every required tag")
            .fail(allowed("4712"), "`4711`, not allowed")
            .fail(
                Fixture::sound().manifest(|manifest| manifest.required_tags = vec!["risk".to_owned()]),
                "`risk` is missing",
            )
            .not_applicable(Fixture::sound().policy(|policy| policy.tags.required.clear()), "no tag is required");
    }

    #[test]
    fn tags_elsewhere_are_noted_but_bill_nothing() {
        let config = config(CONFIG, &[(VARIANT, Some(MODEL))]);
        let elsewhere = tagged(&[]).with(tags(&config.arn, &[("owner", "fraud-team"), ("cost-center", "4711")]));
        let same: fn(&mut EndpointConfig) = |_| {};
        Tester::new(&CONTROL).fail(elsewhere.edit(same), "missing").note("config carries them");
    }

    #[test]
    fn the_organization_has_a_say_in_it() {
        let said = |keys: &[&str]| Fixture::sound().with(compliance(ENDPOINT_ARN, keys));
        Tester::new(&CONTROL)
            .pass(said(&[]), "every required tag")
            .fail(said(&["cost-center"]), "tag policy objects to `cost-center`")
            .hidden(Fixture::sound().hidden(FactKind::TagCompliance, ENDPOINT_ARN))
            .hidden(Fixture::sound().hidden_all(FactKind::TagCompliance))
            .pass(said(&[]).gap(crate::evidence::Hidden::All(FactKind::TagCompliance)), "every required tag")
            // What is missing stays missing.
            .fail(tagged(&[]).hidden_all(FactKind::TagCompliance), "`cost-center` is missing");
    }

    #[test]
    fn a_key_that_is_not_activated_is_told_apart_from_one_that_is_missing() {
        let idle = || Fixture::sound().with_payers(allocation_tag("cost-center", false));
        Tester::new(&CONTROL)
            .pass(idle(), "every required tag")
            .note("`cost-center` is there, but not activated for cost allocation, see CST-002")
            .fail(
                idle().edit_named(ENDPOINT_ARN, |own: &mut ResourceTags| *own = tags(ENDPOINT_ARN, &[("owner", "x")])),
                "`cost-center` is missing",
            )
            .no_note("not activated")
            .pass(Fixture::sound().with_payers(allocation_tag("cost-center", true)), "every required tag")
            .no_note("not activated");
    }

    #[test]
    fn the_profile_decides_whether_it_bars() {
        let regulated = tagged(&[]).policy(|policy| policy.profile = Profile::Regulated);
        Tester::new(&CONTROL)
            .fail(tagged(&[]), "missing")
            .gate(Gate::Operability)
            .fail(regulated, "missing")
            .gate(Gate::Fix);
    }

    #[test]
    fn unread_tags_are_neither_there_nor_missing() {
        let more = |manifest: &mut crate::policy::Manifest| manifest.required_tags = vec!["owner".to_owned()];
        Tester::new(&CONTROL)
            .hidden(Fixture::sound().hidden(FactKind::Tags, ENDPOINT_ARN))
            .hidden(Fixture::sound().hidden_all(FactKind::Tags))
            .pass(Fixture::sound().hidden(FactKind::Tags, GROUP_ARN), "every required tag")
            .unknown(Fixture::sound().manifest(more).hidden(FactKind::Models, MODEL), "which manifest applies");
    }
}
