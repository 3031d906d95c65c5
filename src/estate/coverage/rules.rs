//! What tells of errors without an alarm: rules of EventBridge that hear of a failed transform job, since batch publishes
//! no metric of its errors, and the topic that an asynchronous endpoint tells of each request that failed.
//!
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html>,
//! <https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-create-invoke-update-delete.html>

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::pattern::matches;
use super::worth::Worth;
use crate::estate::alarms::{ToldByEvent, told_by_event};
use crate::estate::index::{Index, place};
use crate::estate::{LiveVersion, ServingPath};
use crate::evidence::{CallId, EventRule, Fact};

/// The rules of EventBridge of an estate.
pub(in crate::estate) struct Rules<'a> {
    rules: Vec<&'a Fact<EventRule>>,
    /// Whether rules were asked for at all.
    were_read: bool,
}

/// Something beside alarms that tells of errors, or is meant to.
pub(in crate::estate) struct Teller {
    /// What it is, such as "rule `failed-batch`".
    pub(in crate::estate) name: String,
    /// What it is worth.
    pub(in crate::estate) worth: Worth,
    /// Whom it reaches, addresses shown in part.
    pub(in crate::estate) reaches: BTreeSet<String>,
    /// The calls that showed it.
    pub(in crate::estate) seen: Vec<CallId>,
}

impl<'a> Rules<'a> {
    pub(in crate::estate) fn new(index: &Index<'a>) -> Self {
        let rules: Vec<_> = index.event_rules().collect();
        Self { were_read: !rules.is_empty() || index.asked("ListRules"), rules }
    }

    /// Whether rules were asked for at all.
    pub(in crate::estate) fn were_read(&self) -> bool {
        self.were_read
    }

    /// Topics that are told of errors of a live version.
    pub(super) fn topics_of(&self, live: &LiveVersion<'a>) -> Vec<&'a str> {
        if live.path != ServingPath::Batch {
            return error_topic(live).into_iter().collect();
        }
        let told = self.rules.iter().filter(move |rule| hears(rule, live) != Some(false));
        let targets = told.filter_map(|rule| rule.data.targets.as_ref()).flatten().map(String::as_str);
        targets.filter(|it| is_topic(it)).collect()
    }

    /// What tells of errors of a live version.
    pub(in crate::estate) fn of(&self, live: &LiveVersion<'a>, index: &Index<'a>) -> Vec<Teller> {
        if live.path != ServingPath::Batch {
            return error_topic(live).map(|topic| by_topic(topic, live, index)).into_iter().collect();
        }
        let heard = self.rules.iter().filter_map(|rule| match hears(rule, live) {
            Some(false) => None,
            sure => Some((*rule, sure == Some(true))),
        });
        heard.map(|(rule, certain)| teller(rule, certain, index)).collect()
    }
}

fn is_topic(arn: &str) -> bool {
    arn.split(':').nth(2) == Some("sns")
}

/// Whether a rule hears of a failed job of a batch version: `None` where its pattern cannot be followed.
fn hears(rule: &Fact<EventRule>, live: &LiveVersion<'_>) -> Option<bool> {
    if place(rule) != (live.account, live.region) {
        return Some(false);
    }
    let Ok(pattern) = serde_json::from_str::<Value>(rule.data.pattern.as_deref()?) else { return None };
    // The next job's own name is not known; those of families begin alike, which a prefix may rest on.
    let event = json!({
        "version": "0",
        "id": null,
        "source": "aws.sagemaker",
        "detail-type": "SageMaker Transform Job State Change",
        "account": live.account,
        "region": live.region,
        "time": null,
        "resources": null,
        "detail": {
            "TransformJobName": null,
            "TransformJobArn": null,
            "TransformJobStatus": "Failed",
            "ModelName": live.model_name,
            "FailureReason": null,
            "MaxConcurrentTransforms": null,
            "MaxPayloadInMB": null,
            "BatchStrategy": null,
            "Environment": null,
            "TransformInput": null,
            "TransformOutput": null,
            "TransformResources": null,
            "DataProcessing": null,
            "Tags": null,
            "CreationTime": null,
            "TransformStartTime": null,
            "TransformEndTime": null,
        },
    });
    matches(&pattern, &event)
}

fn teller(rule: &Fact<EventRule>, certain: bool, index: &Index<'_>) -> Teller {
    let teller = |worth| Teller {
        name: format!("rule `{}`", rule.data.name),
        worth,
        reaches: BTreeSet::new(),
        seen: rule.seen.clone(),
    };
    if !rule.data.enabled {
        return teller(Worth::Broken("is switched off".to_owned()));
    }
    let Some(targets) = &rule.data.targets else {
        return teller(Worth::Unsure("may tell nobody: what it calls could not be read".to_owned()));
    };
    let told = told_by_event(place(rule), Some(&rule.data.arn), targets.iter().map(String::as_str), index);
    let worth = match worth(&told) {
        Worth::Covers if !certain => {
            Worth::Unsure("may or may not hear of it: its pattern cannot be followed".to_owned())
        }
        worth => worth,
    };
    let mut teller = teller(worth);
    teller.seen.extend(&told.seen);
    Teller { reaches: told.reaches, ..teller }
}

/// The topic that an asynchronous endpoint tells of requests that failed.
fn error_topic<'a>(live: &LiveVersion<'a>) -> Option<&'a str> {
    let of_endpoint = live.endpoint.and_then(|endpoint| endpoint.data.async_output.as_ref());
    let of_config = || live.config.found().and_then(|config| config.data.async_output.as_ref());
    of_endpoint.or_else(of_config)?.error_topic.as_deref()
}

fn by_topic(topic: &str, live: &LiveVersion<'_>, index: &Index<'_>) -> Teller {
    let told = told_by_event((live.account, live.region), None, [topic], index);
    let worth = worth(&told);
    Teller { name: format!("error topic `{topic}`"), worth, reaches: told.reaches, seen: told.seen }
}

fn worth(told: &ToldByEvent) -> Worth {
    if !told.reaches.is_empty() {
        return Worth::Covers;
    }
    let unseen: Vec<&str> = told.unseen.iter().map(String::as_str).collect();
    if unseen.is_empty() {
        Worth::Broken(told.why.clone())
    } else {
        Worth::Unsure(format!("may tell nobody; not known is {}", unseen.join("; ")))
    }
}
