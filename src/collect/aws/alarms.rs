//! CloudWatch alarms of every type, and the rules that mute them.
//!
//! `DescribeAlarms` answers with metric alarms only unless every type is asked for by name. Mute rules silence actions
//! while `ActionsEnabled` still reads true, so an alarm is only as good as the rules that were read with it.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListAlarmMuteRules.html>

mod detectors;
mod normalise;

use aws_sdk_cloudwatch::operation::describe_alarms::DescribeAlarmsOutput;
use aws_sdk_cloudwatch::types::{AlarmMuteRuleStatus, AlarmType};

use super::engine::{Answer, Failure, Reader, token};
use crate::collect::{ApiCall, CollectorInfo, Malformed};
use crate::evidence::{Alarm, CallId, FactKind, Hidden, ResourceKey};

const DESCRIBE: ApiCall = ApiCall {
    service: "cloudwatch",
    operation: "DescribeAlarms",
    action: "cloudwatch:DescribeAlarms",
    purpose: "which alarms watch what serves",
};

const LIST_MUTES: ApiCall = ApiCall {
    service: "cloudwatch",
    operation: "ListAlarmMuteRules",
    action: "cloudwatch:ListAlarmMuteRules",
    purpose: "which rules silence alarms",
};

const GET_MUTE: ApiCall = ApiCall {
    service: "cloudwatch",
    operation: "GetAlarmMuteRule",
    action: "cloudwatch:GetAlarmMuteRule",
    purpose: "which alarms a rule silences, and when",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "alarms",
    summary: "reads the alarms of every type, the rules that mute them and what learns what is normal for them, to say what \
              alerts when a model misbehaves",
    yields: &[FactKind::Alarms, FactKind::MuteRules, FactKind::AnomalyDetectors],
    calls: &[DESCRIBE, LIST_MUTES, GET_MUTE, detectors::DESCRIBE],
};

/// Alarms a page, the most that AWS gives.
const PAGE: i32 = 100;

/// Sweeps all alarms, and reads each mute rule that may still silence one.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let alarms = async {
        alarms(reader).await;
        detectors::read(reader).await;
    };
    futures_util::join!(alarms, mute_rules(reader));
}

async fn alarms(reader: &Reader<'_>) {
    let every_type = [AlarmType::MetricAlarm, AlarmType::CompositeAlarm, AlarmType::LogAlarm];
    let Err(failure) = sweep(reader, &every_type).await else { return };
    if !rejects_a_type(&failure) {
        return reader.gap(failure, &[Hidden::All(FactKind::Alarms)]);
    }
    // Where CloudWatch does not know log alarms yet, there are none; the failure hides nothing.
    reader.gap(failure, &[]);
    if let Err(failure) = sweep(reader, &[AlarmType::MetricAlarm, AlarmType::CompositeAlarm]).await {
        reader.gap(failure, &[Hidden::All(FactKind::Alarms)]);
    }
}

async fn sweep(reader: &Reader<'_>, types: &[AlarmType]) -> Result<u32, Failure> {
    let cloudwatch = &reader.clients().cloudwatch;
    reader
        .pages(
            &DESCRIBE,
            "alarms",
            |token| {
                let request = cloudwatch.describe_alarms().set_alarm_types(Some(types.to_vec()));
                request.max_records(PAGE).set_next_token(token).send()
            },
            |Answer { output, call }| {
                record_alarms(reader, &output, call);
                token(output.next_token())
            },
        )
        .await
}

fn record_alarms(reader: &Reader<'_>, page: &DescribeAlarmsOutput, call: CallId) {
    let metric = page.metric_alarms().iter().map(|alarm| (alarm.alarm_name(), normalise::metric_alarm(alarm)));
    let composite = page.composite_alarms().iter().map(|alarm| (alarm.alarm_name(), normalise::composite_alarm(alarm)));
    let log = page.log_alarms().iter().map(|alarm| (alarm.alarm_name(), normalise::log_alarm(alarm)));
    for (name, alarm) in metric.chain(composite).chain(log) {
        record_alarm(reader, name, alarm, call);
    }
}

fn record_alarm(reader: &Reader<'_>, name: Option<&str>, alarm: Result<Alarm, Malformed>, call: CallId) {
    match alarm {
        Ok(alarm) => reader.record(alarm, &[call]),
        Err(malformed) => {
            let hidden = name
                .map_or(Hidden::All(FactKind::Alarms), |name| Hidden::One(ResourceKey::new(FactKind::Alarms, name)));
            reader.malformed(&DESCRIBE, call, &malformed, &[hidden]);
        }
    }
}

/// Whether CloudWatch refused the request itself, as it does with a type that it does not know.
fn rejects_a_type(failure: &Failure) -> bool {
    const CODES: [&str; 5] = [
        "ValidationError",
        "ValidationException",
        "InvalidParameterValue",
        "InvalidParameterValueException",
        "InvalidParameterCombination",
    ];
    failure.pages_read == 0 && CODES.iter().any(|code| failure.is(code))
}

/// A rule that could not be read may silence any alarm, so each failure hides all rules.
const MUTES_HIDDEN: [Hidden; 1] = [Hidden::All(FactKind::MuteRules)];

async fn mute_rules(reader: &Reader<'_>) {
    let cloudwatch = &reader.clients().cloudwatch;
    let mut rules = Vec::new();
    let listed = reader
        .pages(
            &LIST_MUTES,
            "mute rules",
            |token| cloudwatch.list_alarm_mute_rules().max_records(PAGE).set_next_token(token).send(),
            |Answer { output, call }| {
                for rule in output.alarm_mute_rule_summaries() {
                    if rule.status() == Some(&AlarmMuteRuleStatus::Expired) {
                        continue;
                    }
                    let arn = rule.alarm_mute_rule_arn().unwrap_or_default();
                    if let Some(name) = normalise::mute_rule_name(arn) {
                        rules.push((name.to_owned(), call));
                    } else {
                        let item = format!("mute rule `{arn}`");
                        let malformed = Malformed { item, reason: "its ARN names no rule".to_owned() };
                        reader.malformed(&LIST_MUTES, call, &malformed, &MUTES_HIDDEN);
                    }
                }
                token(output.next_token())
            },
        )
        .await;
    if let Err(failure) = listed {
        reader.gap(failure, &MUTES_HIDDEN);
    }
    reader.each(rules, async |(name, listed)| mute_rule(reader, &name, listed).await).await;
}

async fn mute_rule(reader: &Reader<'_>, name: &str, listed: CallId) {
    let request = reader.clients().cloudwatch.get_alarm_mute_rule().alarm_mute_rule_name(name);
    match reader.ask(&GET_MUTE, name, request.send()).await {
        Ok(Answer { output, call }) => match normalise::mute_rule(&output) {
            Ok(rule) => reader.record(rule, &[listed, call]),
            Err(malformed) => reader.malformed(&GET_MUTE, call, &malformed, &MUTES_HIDDEN),
        },
        Err(failure) if failure.not_found => reader.absent(failure, ResourceKey::new(FactKind::MuteRules, name)),
        Err(failure) => reader.gap(failure, &MUTES_HIDDEN),
    }
}
