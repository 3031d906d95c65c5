//! What mute rules do to an alarm: now, and over a week.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-mute-rules.html>

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::Defect;
use super::delivery::Delivery;
use crate::cloudwatch::mute::{self, Schedule};
use crate::estate::index::{Index, Place, place};
use crate::evidence::{Alarm, Fact, MuteRule};

/// Mute rules by the alarms that they mute.
#[derive(Debug)]
pub(super) struct Mutes<'a> {
    rules: BTreeMap<(Place<'a>, &'a str), Vec<&'a Fact<MuteRule>>>,
    /// Share of the week that an alarm may be muted.
    most: f64,
}

impl<'a> Mutes<'a> {
    pub(super) fn new(index: &Index<'a>, most: f64) -> Self {
        let mut rules: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for rule in index.mute_rules() {
            for alarm in &rule.data.alarms {
                rules.entry((place(rule), alarm.as_str())).or_default().push(rule);
            }
        }
        Self { rules, most }
    }

    /// What the rules do to one alarm.
    pub(super) fn judge(&self, alarm: &'a Fact<Alarm>, as_of: Timestamp, delivery: &mut Delivery) {
        let own = self.rules.get(&(place(alarm), alarm.data.name.as_str())).map_or(&[][..], Vec::as_slice);
        let mut schedules = Vec::new();
        let mut unread = false;
        for rule in own.iter().filter(|rule| rule.data.status.as_deref() != Some("EXPIRED")) {
            delivery.seen.extend(&rule.seen);
            let name = &rule.data.name;
            let schedule = Schedule::read(&rule.data);
            let now = match (rule.data.status.as_deref(), &schedule) {
                (Some(status), _) => status == "ACTIVE",
                (None, Ok(schedule)) => schedule.mutes(as_of),
                (None, Err(_)) => false,
            };
            if now {
                delivery.defects.insert(Defect::Muted(name.clone()));
            } else {
                let when = rule.data.expression.as_deref().unwrap_or("a schedule that was not given");
                let long = rule.data.duration.as_deref().unwrap_or("a time that was not given");
                delivery.notes.insert(format!("mute rule `{name}` silences it again and again: {when}, for {long}"));
            }
            // What is planned once is no habit.
            let again = rule.data.expression.as_deref().is_none_or(|expression| !expression.starts_with("at("));
            match schedule {
                Ok(schedule) if again => schedules.push(schedule),
                Ok(_) => {}
                Err(why) => {
                    unread = true;
                    delivery.unseen.insert(format!("when mute rule `{name}` mutes: {why}"));
                }
            }
        }
        if unread {
            return;
        }
        let week = as_of..as_of.saturating_add(SignedDuration::from_hours(7 * 24)).unwrap_or(Timestamp::MAX);
        let share = mute::share(&schedules, &week);
        delivery.muted_share = Some(share);
        delivery.muted_for = mute::longest(&schedules, &week);
        if share > self.most {
            let names: Vec<String> = own.iter().map(|rule| format!("rule `{}`", rule.data.name)).collect();
            delivery.defects.insert(Defect::MutedOften { rules: names.join(", "), percent: percent(share) });
        }
    }
}

/// A share as whole percent.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share lies between 0 and 1")]
fn percent(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u32
}
