//! CloudWatch's alarms of each type, and its mute rules, as facts.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::operation::get_alarm_mute_rule::GetAlarmMuteRuleOutput;
use aws_sdk_cloudwatch::types::{
    CompositeAlarm, Dimension, EvaluationCriteria, EvaluationState, LogAlarm, Metric, MetricAlarm, StateValue,
};
use aws_smithy_types::DateTime;

use crate::collect::Malformed;
use crate::collect::aws::text::{instant, text};
use crate::evidence::{Alarm, AlarmKind, AlarmMetric, AlarmState, MetricTerm, MuteRule};

/// What all types of alarm have in common.
struct Common<'a> {
    name: Option<&'a str>,
    arn: Option<&'a str>,
    description: Option<&'a str>,
    actions_enabled: Option<bool>,
    alarm_actions: &'a [String],
    ok_actions: &'a [String],
    insufficient_data_actions: &'a [String],
    state: Option<&'a StateValue>,
    reason: Option<&'a str>,
    transitioned: Option<&'a DateTime>,
    updated: Option<&'a DateTime>,
    evaluation: Option<&'a EvaluationState>,
    configured: Option<&'a DateTime>,
}

/// The parts that all types share are read alike, though the SDK gives each type a struct of its own.
macro_rules! common {
    ($alarm:ident, $evaluation:expr) => {
        Common {
            name: $alarm.alarm_name(),
            arn: $alarm.alarm_arn(),
            description: $alarm.alarm_description(),
            actions_enabled: $alarm.actions_enabled(),
            alarm_actions: $alarm.alarm_actions(),
            ok_actions: $alarm.ok_actions(),
            insufficient_data_actions: $alarm.insufficient_data_actions(),
            state: $alarm.state_value(),
            reason: $alarm.state_reason(),
            transitioned: $alarm.state_transitioned_timestamp(),
            updated: $alarm.state_updated_timestamp(),
            evaluation: $evaluation,
            configured: $alarm.alarm_configuration_updated_timestamp(),
        }
    };
}

impl Common<'_> {
    fn malformed(&self, reason: &str) -> Malformed {
        Malformed { item: self.name.unwrap_or("alarm without a name").to_owned(), reason: reason.to_owned() }
    }

    fn into_alarm(self, kind: AlarmKind) -> Result<Alarm, Malformed> {
        let required = |value: Option<&str>, reason| value.map(str::to_owned).ok_or_else(|| self.malformed(reason));
        Ok(Alarm {
            name: required(self.name, "AlarmName is missing")?,
            arn: required(self.arn, "AlarmArn is missing")?,
            description: text(self.description),
            // AWS's default where a template does not say.
            actions_enabled: self.actions_enabled.unwrap_or(true),
            alarm_actions: self.alarm_actions.to_vec(),
            ok_actions: self.ok_actions.to_vec(),
            insufficient_data_actions: self.insufficient_data_actions.to_vec(),
            state: AlarmState {
                value: required(self.state.map(StateValue::as_str), "StateValue is missing")?,
                reason: text(self.reason),
                // Without the time of the transition, that of the last update: it is never earlier.
                since: instant(self.transitioned.or(self.updated)),
                evaluation: self.evaluation.map(|state| state.as_str().to_owned()),
            },
            kind,
            configured: instant(self.configured),
        })
    }
}

/// An alarm on one metric, on metric maths, on an anomaly band, or on a `PromQL` query.
///
/// # Errors
/// If it has no name, ARN or state, or watches nothing that this version knows how to read.
pub(super) fn metric_alarm(alarm: &MetricAlarm) -> Result<Alarm, Malformed> {
    let common = common!(alarm, alarm.evaluation_state());
    let promql = match alarm.evaluation_criteria() {
        Some(EvaluationCriteria::PromQlCriteria(criteria)) => criteria.query().map(str::to_owned),
        Some(_) => return Err(common.malformed("its evaluation criteria are of an unknown kind")),
        None => None,
    };
    let mut terms = Vec::new();
    let mut expressions = BTreeMap::new();
    let (mut judged_expression, mut expression_period) = (None, None);
    if let (Some(namespace), Some(metric)) = (alarm.namespace(), alarm.metric_name()) {
        terms.push(MetricTerm {
            id: String::new(),
            namespace: namespace.to_owned(),
            metric: metric.to_owned(),
            dimensions: dimensions(alarm.dimensions()),
            statistic: alarm.statistic().map(|s| s.as_str().to_owned()).or_else(|| text(alarm.extended_statistic())),
            period: alarm.period(),
            account: None,
            judged: true,
            unit: alarm.unit().map(|unit| unit.as_str().to_owned()),
        });
    }
    for query in alarm.metrics() {
        let id = query.id().unwrap_or_default().to_owned();
        if let Some(expression) = query.expression() {
            if query.return_data().unwrap_or(true) {
                judged_expression = Some(id.clone());
                expression_period = query.period();
            }
            expressions.insert(id, expression.to_owned());
        } else if let Some(stat) = query.metric_stat() {
            let metric = stat.metric();
            let named = metric.and_then(|metric| Some((metric.namespace()?, metric.metric_name()?)));
            let Some((namespace, name)) = named else {
                return Err(common.malformed(&format!("term `{id}` names no metric")));
            };
            terms.push(MetricTerm {
                id,
                namespace: namespace.to_owned(),
                metric: name.to_owned(),
                dimensions: dimensions(metric.map(Metric::dimensions).unwrap_or_default()),
                statistic: stat.stat().map(str::to_owned),
                period: stat.period(),
                account: query.account_id().map(str::to_owned),
                judged: query.return_data().unwrap_or(true),
                unit: stat.unit().map(|unit| unit.as_str().to_owned()),
            });
        }
    }
    if terms.is_empty() && expressions.is_empty() && promql.is_none() {
        return Err(common.malformed("it watches no metric, expression or query"));
    }
    common.into_alarm(AlarmKind::Metric(AlarmMetric {
        terms,
        expressions,
        judged_expression,
        expression_period,
        promql,
        threshold_metric: alarm.threshold_metric_id().map(str::to_owned),
        threshold: alarm.threshold(),
        comparison: alarm.comparison_operator().map(|operator| operator.as_str().to_owned()),
        evaluation_periods: alarm.evaluation_periods(),
        datapoints_to_alarm: alarm.datapoints_to_alarm(),
        missing_data: alarm.treat_missing_data().map(str::to_owned),
        few_samples: text(alarm.evaluate_low_sample_count_percentile()),
    }))
}

/// A rule over other alarms.
///
/// # Errors
/// If it has no name, ARN, state or rule.
pub(super) fn composite_alarm(alarm: &CompositeAlarm) -> Result<Alarm, Malformed> {
    let common = common!(alarm, None);
    let rule = alarm.alarm_rule().ok_or_else(|| common.malformed("AlarmRule is missing"))?.to_owned();
    common.into_alarm(AlarmKind::Composite {
        rule,
        suppressor: text(alarm.actions_suppressor()),
        suppressed_by: alarm.actions_suppressed_by().map(|by| by.as_str().to_owned()),
        wait_seconds: alarm.actions_suppressor_wait_period(),
        extension_seconds: alarm.actions_suppressor_extension_period(),
    })
}

/// An alarm on a scheduled query over logs.
///
/// # Errors
/// If it has no name, ARN, state or query.
pub(super) fn log_alarm(alarm: &LogAlarm) -> Result<Alarm, Malformed> {
    let common = common!(alarm, alarm.evaluation_state());
    let configuration = alarm.scheduled_query_configuration();
    let query = configuration
        .and_then(|configuration| configuration.query_string())
        .ok_or_else(|| common.malformed("QueryString is missing"))?
        .to_owned();
    let log_groups = configuration.map(|configuration| configuration.log_group_identifiers().to_vec());
    common.into_alarm(AlarmKind::Log { query, log_groups: log_groups.unwrap_or_default() })
}

/// A mute rule.
///
/// # Errors
/// If it has no name or ARN.
pub(super) fn mute_rule(rule: &GetAlarmMuteRuleOutput) -> Result<MuteRule, Malformed> {
    let missing = |part: &str| Malformed {
        item: rule.name().unwrap_or("mute rule without a name").to_owned(),
        reason: format!("{part} is missing"),
    };
    let schedule = rule.rule().and_then(|rule| rule.schedule());
    Ok(MuteRule {
        name: rule.name().ok_or_else(|| missing("Name"))?.to_owned(),
        arn: rule.alarm_mute_rule_arn().ok_or_else(|| missing("AlarmMuteRuleArn"))?.to_owned(),
        status: rule.status().map(|status| status.as_str().to_owned()),
        alarms: rule.mute_targets().map(|targets| targets.alarm_names().to_vec()).unwrap_or_default(),
        expression: schedule.and_then(|schedule| schedule.expression()).map(str::to_owned),
        duration: schedule.and_then(|schedule| schedule.duration()).map(str::to_owned),
        timezone: schedule.and_then(|schedule| schedule.timezone()).map(str::to_owned),
        starts: instant(rule.start_date()),
        expires: instant(rule.expire_date()),
    })
}

/// The name within a mute rule's ARN, `arn:aws:cloudwatch:REGION:ACCOUNT:alarm-mute-rule:NAME`.
pub(super) fn mute_rule_name(arn: &str) -> Option<&str> {
    let (_, name) = arn.split_once(":alarm-mute-rule:")?;
    (!name.is_empty()).then_some(name)
}

fn dimensions(dimensions: &[Dimension]) -> BTreeMap<String, String> {
    let pairs = dimensions.iter().filter_map(|dimension| Some((dimension.name()?, dimension.value()?)));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudwatch::types::builders::MetricAlarmBuilder;
    use aws_sdk_cloudwatch::types::{
        ActionsSuppressedBy, AlarmMuteRuleStatus, AlarmPromQlCriteria, ComparisonOperator, MetricDataQuery, MetricStat,
        MuteTargets, Rule, Schedule, ScheduledQueryConfiguration, Statistic,
    };

    use super::*;

    const ARN: &str = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:a";

    fn bare() -> MetricAlarmBuilder {
        MetricAlarm::builder().alarm_name("a").alarm_arn(ARN).state_value(StateValue::Ok)
    }

    fn dimension(name: &str, value: &str) -> Dimension {
        Dimension::builder().name(name).value(value).build()
    }

    fn watched(alarm: &Alarm) -> &AlarmMetric {
        match &alarm.kind {
            AlarmKind::Metric(metric) => metric,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_plain_alarm_judges_its_one_metric() {
        let alarm = metric_alarm(
            &bare()
                .namespace("AWS/SageMaker")
                .metric_name("Invocation5XXErrors")
                .dimensions(dimension("EndpointName", "Fraud"))
                .dimensions(dimension("VariantName", "blue"))
                .statistic(Statistic::Sum)
                .period(60)
                .threshold(1.0)
                .comparison_operator(ComparisonOperator::GreaterThanThreshold)
                .evaluation_periods(3)
                .actions_enabled(false)
                .state_transitioned_timestamp(DateTime::from_secs(1_700_000_000))
                .state_updated_timestamp(DateTime::from_secs(1_800_000_000))
                .build(),
        )
        .unwrap();
        let metric = watched(&alarm);
        assert_eq!(metric.terms.len(), 1);
        let term = &metric.terms[0];
        assert!(term.judged && term.id.is_empty());
        assert_eq!((term.statistic.as_deref(), term.period), (Some("Sum"), Some(60)));
        assert_eq!(term.dimensions["EndpointName"], "Fraud", "the case of a dimension is kept");
        assert!(!alarm.actions_enabled);
        assert_eq!(alarm.state.since.unwrap().as_second(), 1_700_000_000);
    }

    #[test]
    fn metric_maths_keeps_terms_expressions_and_which_is_judged() {
        let stat = |metric: &str, account: Option<&str>, judged| {
            MetricDataQuery::builder()
                .id(metric.to_lowercase())
                .metric_stat(
                    MetricStat::builder()
                        .metric(Metric::builder().namespace("AWS/SageMaker").metric_name(metric).build())
                        .period(300)
                        .stat("p99")
                        .build(),
                )
                .set_account_id(account.map(str::to_owned))
                .return_data(judged)
                .build()
        };
        let alarm = metric_alarm(
            &bare()
                .metrics(stat("Errors", Some("444455556666"), false))
                .metrics(stat("Calls", None, false))
                .metrics(MetricDataQuery::builder().id("rate").expression("FILL(errors, 0) / calls").build())
                .build(),
        )
        .unwrap();
        let metric = watched(&alarm);
        assert_eq!(metric.expressions["rate"], "FILL(errors, 0) / calls");
        assert!(metric.terms.iter().all(|term| !term.judged && term.statistic.as_deref() == Some("p99")));
        assert_eq!(metric.terms[0].account.as_deref(), Some("444455556666"));
    }

    #[test]
    fn an_anomaly_alarm_names_its_band() {
        let alarm = metric_alarm(
            &bare()
                .threshold_metric_id("band")
                .metrics(MetricDataQuery::builder().id("band").expression("ANOMALY_DETECTION_BAND(m, 2)").build())
                .build(),
        )
        .unwrap();
        assert_eq!(watched(&alarm).threshold_metric.as_deref(), Some("band"));
        assert_eq!(watched(&alarm).threshold, None);
    }

    #[test]
    fn a_promql_alarm_keeps_its_query() {
        let criteria = AlarmPromQlCriteria::builder().query("up == 0").build();
        let alarm = metric_alarm(&bare().evaluation_criteria(EvaluationCriteria::PromQlCriteria(criteria)).build());
        assert_eq!(watched(&alarm.unwrap()).promql.as_deref(), Some("up == 0"));
    }

    #[test]
    fn an_alarm_that_cannot_be_understood_is_malformed_and_named() {
        let nothing = metric_alarm(&bare().build()).unwrap_err();
        assert_eq!((nothing.item.as_str(), nothing.reason.contains("no metric")), ("a", true));
        let plain = || bare().namespace("n").metric_name("m");
        metric_alarm(&plain().set_state_value(None).build()).unwrap_err();
        metric_alarm(&plain().set_alarm_arn(None).build()).unwrap_err();
        metric_alarm(&plain().set_alarm_name(None).build()).unwrap_err();
        metric_alarm(
            &plain()
                .metrics(MetricDataQuery::builder().id("x").metric_stat(MetricStat::builder().build()).build())
                .build(),
        )
        .unwrap_err();
        composite_alarm(&CompositeAlarm::builder().alarm_name("c").alarm_arn(ARN).state_value(StateValue::Ok).build())
            .unwrap_err();
        log_alarm(&LogAlarm::builder().alarm_name("l").alarm_arn(ARN).state_value(StateValue::Ok).build()).unwrap_err();
    }

    #[test]
    fn composite_and_log_alarms_keep_what_they_watch() {
        let composite = composite_alarm(
            &CompositeAlarm::builder()
                .alarm_name("c")
                .alarm_arn(ARN)
                .state_value(StateValue::Alarm)
                .alarm_rule("ALARM(\"a\") AND NOT ALARM(\"b\")")
                .actions_suppressor("deploying")
                .actions_suppressed_by(ActionsSuppressedBy::WaitPeriod)
                .state_updated_timestamp(DateTime::from_secs(1_800_000_000))
                .build(),
        )
        .unwrap();
        assert!(composite.actions_enabled, "AWS's default");
        assert_eq!(composite.state.since.unwrap().as_second(), 1_800_000_000);
        assert!(matches!(composite.kind, AlarmKind::Composite { suppressed_by: Some(by), .. } if by == "WaitPeriod"));

        let log = log_alarm(
            &LogAlarm::builder()
                .alarm_name("l")
                .alarm_arn(ARN)
                .state_value(StateValue::InsufficientData)
                .evaluation_state(EvaluationState::EvaluationError)
                .scheduled_query_configuration(
                    ScheduledQueryConfiguration::builder()
                        .query_string("filter @message like /ERROR/")
                        .log_group_identifiers("/aws/sagemaker/Endpoints/fraud")
                        .build(),
                )
                .build(),
        )
        .unwrap();
        assert_eq!(log.state.evaluation.as_deref(), Some("EVALUATION_ERROR"));
        assert!(
            matches!(log.kind, AlarmKind::Log { log_groups, .. } if log_groups == ["/aws/sagemaker/Endpoints/fraud"])
        );
    }

    #[test]
    fn a_mute_rule_keeps_its_targets_and_schedule() {
        let arn = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm-mute-rule:nightly";
        let rule = mute_rule(
            &GetAlarmMuteRuleOutput::builder()
                .name("nightly")
                .alarm_mute_rule_arn(arn)
                .status(AlarmMuteRuleStatus::Scheduled)
                .mute_targets(MuteTargets::builder().alarm_names("a").build())
                .rule(
                    Rule::builder()
                        .schedule(
                            Schedule::builder()
                                .expression("cron(0 22 * * *)")
                                .duration("PT8H")
                                .timezone("Europe/Berlin")
                                .build(),
                        )
                        .build(),
                )
                .build(),
        )
        .unwrap();
        assert_eq!((rule.duration.as_deref(), rule.alarms.as_slice()), (Some("PT8H"), ["a".to_owned()].as_slice()));
        mute_rule(&GetAlarmMuteRuleOutput::builder().name("x").build()).unwrap_err();
        assert_eq!(mute_rule_name(arn), Some("nightly"));
        assert_eq!(mute_rule_name("arn:aws:cloudwatch:eu-central-1:111122223333:alarm:x"), None);
    }
}
