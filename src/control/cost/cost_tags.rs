//! CST-001

use std::collections::BTreeSet;

use crate::control::declared::{Declared, declared};
use crate::control::{Check, Context, Gate, Verdict};
use crate::declare_control;
use crate::estate::{LiveVersion, Lookup};
use crate::evidence::{FactKind, Tags};
use crate::policy::Profile;

declare_control! {
    /// ## What it requires
    /// What is billed carries the required tags, with a value, and an allowed one where values are listed.
    ///
    /// ## Why
    /// Hosting is billed to the endpoint. Tags of its config, model or package reach no bill, and `costcenter` is not
    /// `cost-center` to any cost report.
    ///
    /// ## Evidence
    /// Tags of the endpoint, or of the inference component where it carries its own; `tags.required` and `tags.allowed` of the
    /// policy, `required_tags` of the manifest.
    ///
    /// ## Results
    /// - **pass**: every key is there with a value that is allowed
    /// - **fail**: a key is missing, empty, spelt otherwise, or has another value; tags of config or model are noted, since
    ///   they are what somebody meant. Bars under `profile = "regulated"`, weighs otherwise
    /// - **unknown**: the tags could not be read
    /// - **not applicable**: nothing is required; nothing is billed under a name of its own
    "CST-001" "cost-tags" {
        summary: "what is billed carries the required tags",
        severity: Medium,
        gate: Operability,
        needs: [],
        uses: [Tags, Packages],
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
    let faults: Vec<String> = required.iter().filter_map(|key| fault(key, tags, context)).collect();
    let verdict = match faults.split_first() {
        None => Verdict::pass("every required tag is there"),
        Some(_) => Verdict::fail(faults.join("; ")),
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

/// A key as somebody who does not look closely reads it.
fn folded(key: &str) -> String {
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
