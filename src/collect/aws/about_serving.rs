//! Which alarms are about something that serves, as far as names tell before anything is joined. It errs towards asking.

use std::collections::BTreeSet;

use crate::evidence::{Alarm, AlarmKind, Fact, Facts, ScopeFocus};

/// Alarms of one account and region that are about something that serves in the estate's account there, those that only scale
/// left out. Of a run that is limited to some endpoints, those that name only others are left out, too.
pub(super) fn alarms<'f>(
    facts: &'f Facts,
    (account, region): (&str, &str),
    estate: &str,
    focus: Option<&ScopeFocus>,
) -> Vec<&'f Alarm> {
    let endpoints = || here(&facts.endpoints, estate, region);
    let components = here(&facts.inference_components, estate, region).map(|component| component.name.as_str());
    let serving: BTreeSet<String> =
        endpoints().map(|endpoint| endpoint.name.as_str()).chain(components).map(str::to_lowercase).collect();
    let others: BTreeSet<String> = elsewhere(facts, estate, region, focus);
    let looked_at: BTreeSet<String> = serving.difference(&others).cloned().collect();
    let candidates: Vec<&Alarm> = here(&facts.alarms, account, region)
        .filter(|alarm| !only_scales(alarm))
        .filter(|alarm| !names_any(alarm, &others) || names_any(alarm, &looked_at))
        .collect();
    let about = of_models(&candidates, &looked_at);
    candidates.into_iter().filter(|alarm| about.contains(alarm.name.as_str())).collect()
}

/// Names of the endpoints that a limited run does not look at, lower-cased.
pub(super) fn elsewhere(facts: &Facts, account: &str, region: &str, focus: Option<&ScopeFocus>) -> BTreeSet<String> {
    let Some(focus) = focus else { return BTreeSet::new() };
    let others =
        here(&facts.endpoints, account, region).filter(|endpoint| !focus.holds(account, region, &endpoint.name));
    others.map(|endpoint| endpoint.name.to_lowercase()).collect()
}

fn here<'f, T>(list: &'f [Fact<T>], account: &str, region: &str) -> impl Iterator<Item = &'f T> {
    list.iter().filter(move |fact| fact.account == account && fact.region == region).map(|fact| &fact.data)
}

/// Whether a dimension of an alarm is one of these names.
fn names_any(alarm: &Alarm, names: &BTreeSet<String>) -> bool {
    match &alarm.kind {
        AlarmKind::Metric(metric) => {
            metric.terms.iter().any(|term| term.dimensions.values().any(|value| names.contains(&value.to_lowercase())))
        }
        AlarmKind::Composite { .. } | AlarmKind::Log { .. } => false,
    }
}

/// Whether an alarm does nothing but scale: it alerts nobody, so nobody owns it.
pub(super) fn only_scales(alarm: &Alarm) -> bool {
    let scales = |action: &String| action.split(':').nth(2) == Some("autoscaling");
    !alarm.alarm_actions.is_empty() && alarm.alarm_actions.iter().all(scales)
}

/// Names of the alarms that watch something of models, and of the composite alarms over them.
pub(super) fn of_models<'a>(alarms: &[&'a Alarm], serving: &BTreeSet<String>) -> BTreeSet<&'a str> {
    let mut of_models: BTreeSet<&str> =
        alarms.iter().filter(|alarm| watches_models(alarm, serving)).map(|alarm| alarm.name.as_str()).collect();
    loop {
        let more: Vec<&str> = alarms
            .iter()
            .filter(|alarm| !of_models.contains(alarm.name.as_str()))
            .filter(|alarm| match &alarm.kind {
                AlarmKind::Composite { rule, .. } => of_models.iter().any(|name| rule.contains(name)),
                _ => false,
            })
            .map(|alarm| alarm.name.as_str())
            .collect();
        if more.is_empty() {
            return of_models;
        }
        of_models.extend(more);
    }
}

/// Whether an alarm speaks of SageMaker or Bedrock, or of something that serves, anywhere in what it watches.
fn watches_models(alarm: &Alarm, serving: &BTreeSet<String>) -> bool {
    let mentions = |text: &str| {
        let text = text.to_lowercase();
        ["sagemaker", "bedrock"].iter().any(|word| text.contains(word))
            || serving.iter().any(|name| text.contains(name))
    };
    let watched = match &alarm.kind {
        AlarmKind::Metric(metric) => {
            metric.terms.iter().any(|term| {
                mentions(&term.namespace)
                    || term.dimensions.values().any(|value| serving.contains(&value.to_lowercase()))
            }) || metric.expressions.values().chain(&metric.promql).any(|text| mentions(text))
        }
        AlarmKind::Composite { .. } => false,
        AlarmKind::Log { query, log_groups } => log_groups.iter().chain([query]).any(|text| mentions(text)),
    };
    watched || alarm.description.as_deref().is_some_and(mentions) || mentions(&alarm.name)
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::evidence::{AlarmMetric, AlarmState, Endpoint, MetricTerm};

    pub(in crate::collect::aws) fn fact<T>(account: &str, data: T) -> Fact<T> {
        Fact { account: account.to_owned(), region: "r".to_owned(), seen: vec![], data }
    }

    pub(in crate::collect::aws) fn alarm(name: &str, kind: AlarmKind) -> Alarm {
        Alarm {
            name: name.to_owned(),
            arn: format!("arn:aws:cloudwatch:r:1:alarm:{name}"),
            description: None,
            actions_enabled: true,
            alarm_actions: vec![],
            ok_actions: vec![],
            insufficient_data_actions: vec![],
            state: AlarmState { value: "OK".to_owned(), reason: None, since: None, evaluation: None },
            kind,
            configured: None,
        }
    }

    pub(in crate::collect::aws) fn on(endpoint: &str) -> AlarmKind {
        AlarmKind::Metric(AlarmMetric {
            terms: vec![MetricTerm {
                id: String::new(),
                namespace: "AWS/SageMaker".to_owned(),
                metric: "Invocations".to_owned(),
                dimensions: BTreeMap::from([("EndpointName".to_owned(), endpoint.to_owned())]),
                statistic: Some("Sum".to_owned()),
                period: Some(300),
                account: None,
                judged: true,
                unit: None,
            }],
            expressions: BTreeMap::new(),
            judged_expression: None,
            expression_period: None,
            promql: None,
            threshold_metric: None,
            threshold: Some(1.0),
            comparison: None,
            evaluation_periods: None,
            datapoints_to_alarm: None,
            missing_data: None,
            few_samples: None,
        })
    }

    fn endpoint(name: &str) -> Endpoint {
        Endpoint { name: name.to_owned(), ..crate::collect::aws::in_use::samples::endpoint("config", None) }
    }

    fn composite(rule: &str) -> AlarmKind {
        AlarmKind::Composite {
            rule: rule.to_owned(),
            suppressor: None,
            suppressed_by: None,
            wait_seconds: None,
            extension_seconds: None,
        }
    }

    #[test]
    fn a_limited_run_asks_about_its_own_alarms_wherever_they_live() {
        let named = |facts: &Facts, account: &str, focus: Option<&ScopeFocus>| -> Vec<String> {
            alarms(facts, (account, "r"), "1", focus).iter().map(|alarm| alarm.name.clone()).collect()
        };
        let facts = Facts {
            endpoints: vec![fact("1", endpoint("fraud")), fact("1", endpoint("Churn"))],
            alarms: vec![
                fact("1", alarm("a", on("fraud"))),
                fact("1", alarm("b", on("churn"))),
                fact("1", alarm("over a", composite("ALARM(\"a\")"))),
                fact("9", alarm("central", on("Fraud"))),
                fact("9", alarm("theirs", composite("ALARM(\"something\")"))),
            ],
            ..Facts::default()
        };
        assert_eq!(named(&facts, "1", None), ["a", "b", "over a"]);
        assert_eq!(named(&facts, "9", None), ["central"], "of another account that watches this one");
        let focus = ScopeFocus { on: vec![], endpoints: Some(vec![ScopeFocus::endpoint("1", "r", "Churn")]) };
        assert_eq!(named(&facts, "1", Some(&focus)), ["b"]);
        assert!(named(&facts, "9", Some(&focus)).is_empty());
    }
}
