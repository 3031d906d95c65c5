//! Alarms as a CloudFormation template, for one account and region.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html>

use serde_json::{Map, Value, json};

use super::Remedy;
use super::command::statistic;
use crate::sha256::Sha256;

/// The most alarms that one template holds.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
pub const MOST: usize = 500;

/// The name of the parameter that says which topic to tell.
const TOPIC: &str = "AlarmTopic";

/// A template with an alarm for each remedy. With a topic all of them tell it; without, each tells the topic that is known
/// for it, and the others the one that is named when the template is deployed.
pub fn template(remedies: &[&Remedy], topic: Option<&str>) -> Value {
    let mut resources = Map::new();
    let mut asks = topic.is_some();
    for remedy in remedies {
        let alarm = &remedy.alarm;
        let known = alarm.topic.as_ref().filter(|_| topic.is_none());
        asks |= known.is_none();
        let action = known.map_or_else(|| json!({ "Ref": TOPIC }), |known| json!(known));
        let dimensions: Vec<Value> =
            alarm.series.dimensions.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
        let (kind, value) = statistic(&alarm.series.statistic);
        let kind = if kind == "statistic" { "Statistic" } else { "ExtendedStatistic" };
        let resource = json!({
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "AlarmName": alarm.name,
                "AlarmDescription": alarm.description,
                "Namespace": alarm.series.namespace,
                "MetricName": alarm.series.metric,
                "Dimensions": dimensions,
                kind: value,
                "Period": alarm.series.period,
                "EvaluationPeriods": alarm.evaluation_periods,
                "DatapointsToAlarm": alarm.datapoints_to_alarm,
                "ComparisonOperator": alarm.comparison,
                "Threshold": alarm.threshold,
                "TreatMissingData": alarm.missing_data,
                "AlarmActions": [action],
            },
        });
        resources.insert(logical_id(remedy), resource);
    }
    let mut template = Map::new();
    template.insert("AWSTemplateFormatVersion".to_owned(), json!("2010-09-09"));
    template.insert("Description".to_owned(), json!("Alarms on models that serve, made by countersign."));
    if asks {
        let mut parameter = json!({
            "Type": "String",
            "Description": "ARN of the SNS topic that the alarms tell; somebody must be subscribed to it.",
            "AllowedPattern": "arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+",
        });
        if let (Some(topic), Some(parameter)) = (topic, parameter.as_object_mut()) {
            parameter.insert("Default".to_owned(), json!(topic));
        }
        template.insert("Parameters".to_owned(), json!({ TOPIC: parameter }));
    }
    template.insert("Resources".to_owned(), Value::Object(resources));
    Value::Object(template)
}

/// The same for the same alarm in every run, and no other alarm's: letters and digits that can be read, then a hash.
fn logical_id(remedy: &Remedy) -> String {
    let readable: String = remedy
        .alarm
        .name
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .skip(1)
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
        })
        .take(100)
        .collect();
    let place = [remedy.account.as_str(), remedy.region.as_str(), remedy.alarm.name.as_str()].join("\n");
    let hash = Sha256::of(place.as_bytes()).to_string();
    format!("{readable}{}", hash.get(..10).unwrap_or_default())
}
