//! What mends a defect of an alarm: the exact command where there is one, else what to do.

use crate::estate::{BoundAlarm, Defect};

/// What mends each defect, in their order; empty for one that nothing here mends.
pub(super) fn remedies(bound: &BoundAlarm<'_>) -> Vec<String> {
    if bound.defects.is_empty() {
        return Vec::new();
    }
    let place = Place { name: &bound.alarm.data.name, region: &bound.alarm.region };
    bound.defects.iter().map(|defect| remedy(defect, &place)).collect()
}

/// Which alarm is meant, and where it lies.
struct Place<'a> {
    name: &'a str,
    region: &'a str,
}

impl Place<'_> {
    /// A command of `CloudWatch` over this alarm.
    fn command(&self, operation: &str) -> String {
        let Self { name, region } = self;
        format!("`aws cloudwatch {operation} --alarm-names {} --region {}`", shell(name), shell(region))
    }
}

fn remedy(defect: &Defect, alarm: &Place<'_>) -> String {
    match defect {
        Defect::ActionsDisabled => alarm.command("enable-alarm-actions"),
        Defect::Muted(rule) => format!(
            "`aws cloudwatch delete-alarm-mute-rule --alarm-mute-rule-name {} --region {}`, or give the rule an end",
            shell(rule),
            shell(alarm.region)
        ),
        Defect::NobodySubscribed(topic) => format!(
            "`aws sns subscribe --topic-arn {} --protocol email --notification-endpoint ADDRESS`, then confirm the mail \
             that arrives",
            shell(topic)
        ),
        Defect::TopicMissing(topic) => format!(
            "`aws sns create-topic --name {}`, subscribe somebody to it, or point the alarm to a topic that is there",
            shell(topic.rsplit(':').next().unwrap_or(topic))
        ),
        Defect::WrongDimensions(_) => {
            format!(
                "see {} and put the alarm again with `EndpointName` and `VariantName` of what serves",
                alarm.command("describe-alarms")
            )
        }
        Defect::NoAction => "put the alarm again with `--alarm-actions` of a topic that somebody reads".to_owned(),
        Defect::CannotFire(_) | Defect::EvaluationError(_) => {
            format!("see {} and put the alarm again with a rule that can fire", alarm.command("describe-alarms"))
        }
        Defect::MachinesOnly(_) => {
            "subscribe a person, or declare in the policy that what listens pages one".to_owned()
        }
        Defect::Suppressed(by) => format!("bring `{by}` back to OK, or take it out of the composite's suppressor"),
        Defect::ScalingOnly => String::new(),
    }
}

/// A word for a POSIX shell: as it is where nothing in it means anything to one, else between single quotes.
fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '=' | '@' | '+' | ',');
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_the_alarm_and_nothing_else() {
        let alarm = Place { name: "x; rm -rf / 'y'", region: "eu-central-1" };
        assert_eq!(
            remedy(&Defect::ActionsDisabled, &alarm),
            r"`aws cloudwatch enable-alarm-actions --alarm-names 'x; rm -rf / '\''y'\''' --region eu-central-1`"
        );
        for word in ["", "-x", "$(id)", "a b", "`id`", "a\nb", "*"] {
            assert!(shell(word).starts_with('\'') && shell(word).ends_with('\''), "{word}");
        }
        assert_eq!(shell("fraud-5xx"), "fraud-5xx");
    }
}
