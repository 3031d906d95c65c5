//! `[[model]]`: reading one manifest.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::raw::{Day, Section};
use super::{
    ApprovalSource, AutomationGate, Fallback, Manifest, Risk, Stage, cost, declared_watching as watching, pattern,
};

/// Reads all manifests; two that match the same live versions are a mistake.
pub(super) fn read(sections: Vec<Section<'_>>, today: Timestamp) -> Vec<Manifest> {
    let mut manifests: Vec<Manifest> = Vec::new();
    for section in sections {
        let (at, notes) = (section.at(), section.notes());
        let manifest = one(section, today);
        let key = |manifest: &Manifest| {
            let endpoint = manifest.endpoint.as_deref().unwrap_or_default().to_lowercase();
            (manifest.group.to_lowercase(), manifest.account.clone(), endpoint)
        };
        if let Some(first) = manifests.iter().find(|first| !first.group.is_empty() && key(first) == key(&manifest)) {
            notes.wrong(
                at,
                format!("a second [[model]] for the group `{}`; the first is on line {}", manifest.group, first.line),
                "merge the two, or narrow one by `account` or `endpoint`",
            );
        }
        manifests.push(manifest);
    }
    manifests
}

fn one(mut section: Section<'_>, today: Timestamp) -> Manifest {
    let manifest = Manifest {
        group: section
            .need("group", "name the model package group that it is about")
            .and_then(|value| {
                let advice = "write the name of the group as the registry lists it";
                value.parsed("the name of a model package group", advice, |text| {
                    pattern::is_name(text).then(|| text.to_owned())
                })
            })
            .unwrap_or_default(),
        account: section.take("account").and_then(|value| {
            value.parsed("an account of twelve digits in quotes", "write it like `\"111122223333\"`", |text| {
                pattern::is_account(text).then(|| text.to_owned())
            })
        }),
        endpoint: section.take("endpoint").and_then(|value| {
            value.parsed("an endpoint name or pattern", pattern::ADVICE, |text| {
                pattern::is_pattern(text).then(|| text.to_owned())
            })
        }),
        owner: section.text("owner"),
        oncall: section.text("oncall"),
        approvers: section.texts("approvers").unwrap_or_default(),
        automation_gates: section.sections("automation_gates").into_iter().filter_map(gate).collect(),
        deployers: section.texts("deployers").unwrap_or_default(),
        approval_source: section
            .take("approval_source")
            .map(|value| value.items().iter().filter_map(approval_source).collect())
            .unwrap_or_default(),
        stage: section.take("stage").and_then(|value| stage(&value)),
        risk: section.take("risk").and_then(|value| {
            value.parsed("`low`, `medium` or `high`", "write one of the three", |text| match text {
                "low" => Some(Risk::Low),
                "medium" => Some(Risk::Medium),
                "high" => Some(Risk::High),
                _ => None,
            })
        }),
        data_class: section.text("data_class"),
        personal_data: section.flag("personal_data"),
        required_tags: section.texts("required_tags").unwrap_or_default(),
        respond_within: section.section("respond_within").map(minutes).unwrap_or_default(),
        runbook: section.section("runbook").map(runbooks).unwrap_or_default(),
        retrain_when: section
            .take("retrain_when")
            .map(|value| value.items().iter().filter_map(watching::criterion).collect())
            .unwrap_or_default(),
        business_metrics: section
            .sections("business_metric")
            .into_iter()
            .filter_map(watching::business_metric)
            .collect(),
        feedback: section.sections("feedback").into_iter().filter_map(watching::feedback).collect(),
        segment_metrics: section.sections("segment_metrics").into_iter().filter_map(watching::bare_metric).collect(),
        budget: section.take("budget").and_then(|value| cost::amount(&value)),
        ceilings: section.sections("ceiling").into_iter().filter_map(cost::ceiling).collect(),
        no_capture_because: section.text("no_capture_because"),
        no_drift_because: section.text("no_drift_because"),
        review_period_days: section.whole("review_period_days", 1..=3660),
        fallback: section.section("fallback").and_then(|table| fallback(table, today)),
        do_not_use_when: section.texts("do_not_use_when").unwrap_or_default(),
        segments: section.texts("segments").unwrap_or_default(),
        min_capture_n: section.whole("min_capture_n", 1..=1_000_000_000),
        sporadic_traffic: section.flag("sporadic_traffic").unwrap_or_default(),
        external_monitors: section
            .sections("declared_external_monitors")
            .into_iter()
            .filter_map(watching::external_monitor)
            .collect(),
        single_approval: false,
        approval_required: section.flag("approval_required").unwrap_or_default(),
        shadow_without_approval: section.flag("shadow_without_approval").unwrap_or_default(),
        unregistered_because: section.text("unregistered_because"),
        alarms_elsewhere: section.text("alarms_elsewhere"),
        line: section.line(),
    };
    let single_approval = match section.take("single_approval") {
        Some(value) if value.flag() == Some(true) && manifest.risk != Some(Risk::Low) => {
            value.wrong(
                "`single_approval` is only for models with `risk = \"low\"`",
                "rate the risk as low if it is, or let a second person approve",
            );
            false
        }
        Some(value) => value.flag().unwrap_or_default(),
        None => false,
    };
    section.finish(|key| match key {
        "waivers" | "waiver" => Some("in a `[[waiver]]` of its own"),
        "business_metrics" => Some("in a `[[model.business_metric]]`"),
        "external_monitors" => Some("in `declared_external_monitors`"),
        _ => None,
    });
    Manifest { single_approval, ..manifest }
}

/// Reads a stage.
pub(super) fn stage(value: &super::raw::Value<'_>) -> Option<Stage> {
    value.parsed("a stage", "write `production`, `pilot` or `development`", Stage::parse)
}

/// `account/group`, `account/group/version`, or a package's ARN; all but the account may be patterns.
fn approval_source(value: &super::raw::Value<'_>) -> Option<ApprovalSource> {
    let advice = "write `111122223333/group`, or the ARN of a package, with `*` and `?` for what varies";
    value.parsed("a model package group of another account", advice, |text| {
        let (account, package) = match text.strip_prefix("arn:") {
            Some(arn) => {
                let parts: Vec<&str> = arn.splitn(5, ':').collect();
                let [_, "sagemaker", _, account, resource] = parts.as_slice() else { return None };
                (*account, resource.strip_prefix("model-package/")?)
            }
            None => text.split_once('/')?,
        };
        let (group, version) = package.split_once('/').unwrap_or((package, "*"));
        let named = pattern::is_account(account) && pattern::is_pattern(group) && pattern::is_pattern(version);
        named.then(|| ApprovalSource { account: account.to_owned(), package: format!("{group}/{version}") })
    })
}

fn gate(mut table: Section<'_>) -> Option<AutomationGate> {
    let role = table.need("role", "name the role that approves, as its ARN ends").and_then(|value| value.text());
    let step = table.text("step");
    let thresholds = table.texts("thresholds").unwrap_or_default();
    table.finish(|_| None);
    Some(AutomationGate { role: role?, step, thresholds })
}

fn fallback(mut table: Section<'_>, today: Timestamp) -> Option<Fallback> {
    let kind = table.need("type", "write `type = \"rules\"` or `type = \"manual\"`").and_then(|value| {
        value.parsed("`rules` or `manual`", "write one of the two", |text| {
            matches!(text, "rules" | "manual").then(|| text.to_owned())
        })
    });
    let owner = table.text("owner");
    let tested = table.take("tested").and_then(|value| {
        let tested = value.date(Day::Begins)?;
        if tested > today {
            value.wrong("`tested` lies in the future", "write the day of the last test that was done");
            return None;
        }
        Some(tested)
    });
    table.finish(|_| None);
    Some(Fallback { kind: kind?, owner, tested })
}

fn minutes(table: Section<'_>) -> BTreeMap<String, i64> {
    let entries = table.entries().into_iter();
    entries.filter_map(|(signal, value)| Some((spelt(&signal), value.whole(1..=100_000)?))).collect()
}

fn runbooks(table: Section<'_>) -> BTreeMap<String, String> {
    table.entries().into_iter().filter_map(|(signal, value)| Some((spelt(&signal), value.text()?))).collect()
}

/// A signal as reports spell it: a bare key of TOML holds no space.
fn spelt(signal: &str) -> String {
    match signal {
        "responsible_ai" | "responsible-ai" => "responsible AI".to_owned(),
        other => other.to_owned(),
    }
}
