//! What mends a defect of an alarm: the exact command where there is one, else what to do. Every word in a command that is
//! somebody's name is quoted for a shell.

use super::{BoundAlarm, Defect, Signal};
use crate::estate::LiveVersion;
use crate::evidence::{Alarm, AlarmKind, AlarmMetric, MetricTerm};

impl BoundAlarm<'_> {
    /// What mends each defect, in their order; empty for one that nothing here mends. `live` are the estate's.
    pub fn remedies(&self, live: &[LiveVersion<'_>]) -> Vec<String> {
        self.defects.iter().map(|defect| self.remedy(defect, live)).collect()
    }

    /// What mends one defect.
    pub fn remedy(&self, defect: &Defect, live: &[LiveVersion<'_>]) -> String {
        let (alarm, region) = (&self.alarm.data, self.alarm.region.as_str());
        let watched = self.bound.first().and_then(|(number, signal)| Some((live.get(*number)?, *signal)));
        let shown = || command("cloudwatch describe-alarms", region, &["--alarm-names", &alarm.name]);
        let again = |what: &str, change: &dyn Fn(&mut AlarmMetric)| match put_again(alarm, region, change) {
            Some(command) => command,
            None => format!("see {}, and put the alarm again {what}", shown()),
        };
        match defect {
            Defect::ActionsDisabled => {
                command("cloudwatch enable-alarm-actions", region, &["--alarm-names", &alarm.name])
            }
            Defect::NoAction => match put_with_action(alarm, region) {
                Some(command) => format!("{command}, with the ARN of a topic that somebody reads for TOPIC"),
                None => format!("see {}, and put the alarm again with an action that somebody reads", shown()),
            },
            Defect::WrongDimensions(_) => {
                let variant = watched.and_then(|(live, _)| Some((live.endpoint_name, live.variant?.name.as_str())));
                let Some((endpoint, variant)) = variant else {
                    return format!("see {}, and put the alarm again on what serves", shown());
                };
                again("with `EndpointName` and `VariantName` of what serves", &|metric| {
                    for term in &mut metric.terms {
                        term.dimensions = [("EndpointName", endpoint), ("VariantName", variant)]
                            .map(|(name, value)| (name.to_owned(), value.to_owned()))
                            .into();
                    }
                })
            }
            Defect::CannotFire(_) if watched.is_some_and(|(_, signal)| signal == Signal::Silence) => {
                again("with `--treat-missing-data breaching`", &|metric| {
                    metric.missing_data = Some("breaching".to_owned());
                })
            }
            Defect::WrongScale(_) if alarm_terms(alarm).iter().any(|term| term.unit.is_some()) => {
                again("without a unit", &|metric| metric.terms.iter_mut().for_each(|term| term.unit = None))
            }
            Defect::CannotFire(_) | Defect::AlwaysFires(_) | Defect::WrongScale(_) | Defect::NeverNear(_) => {
                match put_again(alarm, region, &|_| {}) {
                    Some(command) => format!(
                        "{command}, with a threshold between what is usual and what hurts, in the metric's own unit{}",
                        observed(self)
                    ),
                    None => format!("see {}, and put the alarm again with a threshold in reach", shown()),
                }
            }
            Defect::EvaluationError(_) => {
                format!("see {}, and put the alarm again with a rule that can be evaluated", shown())
            }
            Defect::NoData(_) => format!(
                "see {}, and put the alarm again on a metric that is published: {} lists those of the last two weeks",
                shown(),
                list_metrics(alarm, region)
            ),
            Defect::HistoryDisagrees(_) => format!(
                "see {}: somebody set its state by hand, or its data came too late; put the alarm again",
                command("cloudwatch describe-alarm-history", region, &["--alarm-name", &alarm.name])
            ),
            Defect::NotTrained(_) => format!(
                "see {}; give the metric two weeks of data, and until then a fixed threshold",
                command("cloudwatch describe-anomaly-detectors", region, &[])
            ),
            Defect::NeedsUnrelated(other) => {
                format!("put the composite alarm again with a rule that does not want `{other}` too")
            }
            Defect::Muted(rule) => format!(
                "{}, or give the rule an end",
                command("cloudwatch delete-alarm-mute-rule", region, &["--alarm-mute-rule-name", rule])
            ),
            Defect::MutedOften { rules, .. } => {
                format!("mute for shorter: put {rules} again with a shorter `Duration`")
            }
            Defect::Suppressed(by) => format!("bring `{by}` back to OK, or take it out of the composite's suppressor"),
            Defect::ThroughComposite { composite, .. } => {
                format!("mend composite alarm `{composite}`, or give this alarm an action of its own")
            }
            Defect::TopicMissing(topic) => format!(
                "{}, subscribe somebody to it, or point the alarm to a topic that is there",
                command("sns create-topic", region, &["--name", topic.rsplit(':').next().unwrap_or(topic)])
            ),
            Defect::NobodySubscribed(topic) => format!(
                "{}, with somebody's address for ADDRESS, and confirm the mail that arrives",
                command(
                    "sns subscribe",
                    region,
                    &["--topic-arn", topic, "--protocol", "email", "--notification-endpoint", "ADDRESS"]
                )
            ),
            Defect::TopicClosed { topic, service } => format!(
                "let {service} call sns:Publish in the topic's policy: {}, with the policy and that statement for POLICY",
                command(
                    "sns set-topic-attributes",
                    region,
                    &["--topic-arn", topic, "--attribute-name", "Policy", "--attribute-value", "POLICY"]
                )
            ),
            Defect::TopicKey { topic, .. } => format!(
                "encrypt the topic with a key whose policy lets cloudwatch.amazonaws.com call kms:Decrypt and \
                 kms:GenerateDataKey*: {}, with that key for KEY",
                command(
                    "sns set-topic-attributes",
                    region,
                    &["--topic-arn", topic, "--attribute-name", "KmsMasterKeyId", "--attribute-value", "KEY"]
                )
            ),
            Defect::MachinesOnly(_) => {
                "subscribe a person, or declare in the policy that what listens pages one".to_owned()
            }
            Defect::ActionFailed { action, .. } => format!(
                "see {} for why `{action}` failed",
                command(
                    "cloudwatch describe-alarm-history",
                    region,
                    &["--alarm-name", &alarm.name, "--history-item-type", "Action"]
                )
            ),
            Defect::ScalingOnly => String::new(),
        }
    }
}

fn alarm_terms(alarm: &Alarm) -> &[MetricTerm] {
    match &alarm.kind {
        AlarmKind::Metric(metric) => &metric.terms,
        AlarmKind::Composite { .. } | AlarmKind::Log { .. } => &[],
    }
}

/// What was observed, to choose a threshold by.
fn observed(alarm: &BoundAlarm<'_>) -> String {
    let observed = alarm.replay.as_ref().and_then(|replay| replay.observed);
    observed.map(|(least, most)| format!("; observed were {least} to {most}")).unwrap_or_default()
}

fn list_metrics(alarm: &Alarm, region: &str) -> String {
    match alarm_terms(alarm).first() {
        Some(term) => {
            command("cloudwatch list-metrics", region, &["--namespace", &term.namespace, "--metric-name", &term.metric])
        }
        None => command("cloudwatch list-metrics", region, &[]),
    }
}

/// The command that puts a plain metric alarm again, changed; `None` for an expression, which takes more than a command.
fn put_again(alarm: &Alarm, region: &str, change: &dyn Fn(&mut AlarmMetric)) -> Option<String> {
    put(alarm, region, change, &alarm.alarm_actions)
}

fn put_with_action(alarm: &Alarm, region: &str) -> Option<String> {
    put(alarm, region, &|_| {}, &["TOPIC".to_owned()])
}

fn put(alarm: &Alarm, region: &str, change: &dyn Fn(&mut AlarmMetric), actions: &[String]) -> Option<String> {
    let AlarmKind::Metric(metric) = &alarm.kind else { return None };
    let mut metric = metric.clone();
    change(&mut metric);
    let [term] = metric.terms.as_slice() else { return None };
    if !metric.expressions.is_empty() || metric.promql.is_some() || term.account.is_some() {
        return None;
    }
    let statistic = term.statistic.as_deref()?;
    let plain = matches!(statistic, "SampleCount" | "Average" | "Sum" | "Minimum" | "Maximum");
    let mut words: Vec<String> = Vec::new();
    let mut set = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            words.extend([name.to_owned(), value]);
        }
    };
    set("--alarm-name", Some(alarm.name.clone()));
    set("--namespace", Some(term.namespace.clone()));
    set("--metric-name", Some(term.metric.clone()));
    set(if plain { "--statistic" } else { "--extended-statistic" }, Some(statistic.to_owned()));
    set("--unit", term.unit.clone());
    set("--period", term.period.map(|it| it.to_string()));
    set("--evaluation-periods", metric.evaluation_periods.map(|it| it.to_string()));
    set("--datapoints-to-alarm", metric.datapoints_to_alarm.map(|it| it.to_string()));
    set("--threshold", metric.threshold.map(|it| it.to_string()));
    set("--comparison-operator", metric.comparison.clone());
    set("--treat-missing-data", metric.missing_data.clone());
    set("--alarm-description", alarm.description.clone());
    let several =
        |name: &str, values: Vec<String>| (!values.is_empty()).then(|| [vec![name.to_owned()], values].concat());
    let dimensions = term.dimensions.iter().map(|(name, value)| format!("Name={name},Value={value}")).collect();
    words.extend(several("--dimensions", dimensions).into_iter().flatten());
    words.extend(several("--alarm-actions", actions.to_vec()).into_iter().flatten());
    words.extend(several("--ok-actions", alarm.ok_actions.clone()).into_iter().flatten());
    words.extend(several("--insufficient-data-actions", alarm.insufficient_data_actions.clone()).into_iter().flatten());
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Some(command("cloudwatch put-metric-alarm", region, &words))
}

/// A command of the AWS CLI in backticks, its words quoted for a shell.
pub(crate) fn command(operation: &str, region: &str, words: &[&str]) -> String {
    format!("`{}`", line(operation, region, words))
}

/// The same without the backticks, as a shell takes it.
pub(crate) fn line(operation: &str, region: &str, words: &[&str]) -> String {
    let words: Vec<String> = words.iter().chain(&["--region", region]).map(|word| shell(word)).collect();
    format!("aws {operation} {}", words.join(" "))
}

/// A word for a POSIX shell: as it is where nothing in it means anything to one, else between single quotes.
pub(crate) fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '=' | '@' | '+' | ',');
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::*;

    fn remedies(fixture: &Fixture, alarm: &str) -> Vec<String> {
        let estate = fixture.estate();
        let found = estate.alarms.iter().find(|it| it.alarm.data.name == alarm).unwrap();
        found.remedies(&estate.live)
    }

    fn errors(change: impl FnMut(&mut Alarm)) -> Vec<String> {
        remedies(&Fixture::sound().edit_named(ERRORS, change), ERRORS)
    }

    #[test]
    fn the_command_puts_the_whole_alarm_again_with_what_was_wrong_put_right() {
        let told = errors(|alarm| drop(rule(alarm).terms[0].dimensions.remove("VariantName")));
        assert_eq!(
            told[0],
            format!(
                "`aws cloudwatch put-metric-alarm --alarm-name fraud-errors --namespace AWS/SageMaker --metric-name \
                 Invocation5XXErrors --statistic Sum --period 300 --evaluation-periods 3 --datapoints-to-alarm 3 \
                 --threshold 1 --comparison-operator GreaterThanThreshold --treat-missing-data missing \
                 --alarm-description 'runbook=https://wiki.bank.example/fraud respond_within=30' --dimensions \
                 Name=EndpointName,Value={ENDPOINT} Name=VariantName,Value={VARIANT} --alarm-actions {TOPIC} --region {REGION}`"
            )
        );
        let quiet = Fixture::sound().edit_named(SILENCE, |alarm: &mut Alarm| rule(alarm).missing_data = None);
        assert!(remedies(&quiet, SILENCE)[0].contains("--treat-missing-data breaching"));
    }

    #[test]
    fn a_command_names_the_alarm_and_nothing_else() {
        let hostile = "x; rm -rf / 'y' $(id)";
        let mut named = alarm(hostile, "Invocation5XXErrors");
        named.actions_enabled = false;
        let told = remedies(&Fixture::sound().with(named), hostile);
        let quoted = r"--alarm-names 'x; rm -rf / '\''y'\'' $(id)' --region eu-central-1`";
        assert_eq!(told, [format!("`aws cloudwatch enable-alarm-actions {quoted}")]);
        for word in ["", "$(id)", "a b", "`id`", "a\nb", "*"] {
            assert!(shell(word).starts_with('\'') && shell(word).ends_with('\''), "{word}");
        }
        assert_eq!(shell("fraud-5xx"), "fraud-5xx");
    }
}
