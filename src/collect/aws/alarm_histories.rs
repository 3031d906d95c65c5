//! What happened to the alarms that are about something that serves: when they changed their state, what became of their
//! actions, and when somebody configured them anew.
//!
//! CloudWatch keeps about 30 days. One sweep over all alarms of a region brings a hundred items a page, where an alarm by
//! itself costs a call at least; so where most alarms are of interest they are swept, for as long as that is the cheaper way.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html>

mod normalise;

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::operation::describe_alarm_history::builders::DescribeAlarmHistoryFluentBuilder;
use aws_sdk_cloudwatch::types::{AlarmHistoryItem, AlarmType};
use aws_smithy_types::DateTime;
use jiff::{SignedDuration, Timestamp};

use super::about_serving;
use super::engine::{Answer, Failure, Reader, token};
use crate::collect::{ApiCall, CollectorInfo};
use crate::evidence::{AlarmHistory, CallId, FactKind, GapCause, Hidden, ResourceKey};
use normalise::Entry;

const DESCRIBE: ApiCall = ApiCall {
    service: "cloudwatch",
    operation: "DescribeAlarmHistory",
    action: "cloudwatch:DescribeAlarmHistory",
    purpose: "whether alarms fire, whether their actions work, and whether anybody attends to them",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "alarm-histories",
    summary: "reads what happened to alarms in the last 30 days, to say whether they fire and whether anybody attends to them",
    yields: &[FactKind::AlarmHistories],
    calls: &[DESCRIBE],
};

/// Hours that CloudWatch keeps the history of an alarm.
const KEPT_HOURS: i64 = 30 * 24;
/// Items a page, the most that AWS gives.
const PAGE: i32 = 100;
/// A sweep is tried where at least one in so many alarms of the region is of interest.
const ONE_IN: usize = 4;

/// Reads the history of every alarm of the region that is about something that serves.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let focus = reader.focus();
    let place = (reader.account(), reader.region());
    let (names, all) = reader.facts(|facts| {
        let about = about_serving::alarms(facts, place, reader.estate(), focus.as_ref());
        let all = facts.alarms.iter().filter(|fact| (fact.account.as_str(), fact.region.as_str()) == place).count();
        (about.into_iter().map(|alarm| alarm.name.clone()).collect::<Vec<String>>(), all)
    });
    let names = if names.len() > 1 && names.len() * ONE_IN >= all { sweep(reader, names).await } else { names };
    one_by_one(reader, &names).await;
}

/// Sweeps the histories of all alarms, in at most half the calls that one for each would take. Returns the names that are
/// still to be asked for: all of them, if that was not enough.
async fn sweep(reader: &Reader<'_>, names: Vec<String>) -> Vec<String> {
    let mut read = Read::default();
    let (mut pages, most) = (0, names.len() / 2);
    let swept = reader
        .pages(
            &DESCRIBE,
            "all alarms",
            |token| request(reader).set_next_token(token).send(),
            |Answer { output, call }| {
                pages += 1;
                read.page(output.alarm_history_items(), call);
                let next = token(output.next_token());
                read.ended = next.is_none();
                next.filter(|_| pages < most)
            },
        )
        .await;
    match swept {
        Ok(_) if read.ended => {
            for name in &names {
                read.record(reader, name);
            }
            Vec::new()
        }
        Ok(_) => names,
        Err(failure) if failure.is_cancelled() => {
            reader.gap(failure, &hidden(&names));
            Vec::new()
        }
        // Asked one by one, they may still be allowed.
        Err(failure) => {
            reader.gap(failure, &[]);
            names
        }
    }
}

/// Where the first is denied, so will be the others, and a minute of asking would tell no more.
async fn one_by_one(reader: &Reader<'_>, names: &[String]) {
    let Some((first, others)) = names.split_first() else { return };
    match one(reader, first).await {
        Err(failure) if matches!(failure.cause, GapCause::Denied(_)) => return reader.gap(failure, &hidden(names)),
        Err(failure) => reader.gap(failure, &hidden(std::slice::from_ref(first))),
        Ok(()) => {}
    }
    reader
        .each(others, async |name| {
            if let Err(failure) = one(reader, name).await {
                reader.gap(failure, &hidden(std::slice::from_ref(name)));
            }
        })
        .await;
}

async fn one(reader: &Reader<'_>, name: &str) -> Result<(), Failure> {
    let mut read = Read::default();
    let whole = reader
        .pages(
            &DESCRIBE,
            name,
            |token| request(reader).alarm_name(name).set_next_token(token).send(),
            |Answer { output, call }| {
                read.page(output.alarm_history_items(), call);
                token(output.next_token())
            },
        )
        .await;
    read.ended = whole.is_ok();
    if !read.calls.is_empty() {
        read.record(reader, name);
    }
    whole.map(drop)
}

fn request(reader: &Reader<'_>) -> DescribeAlarmHistoryFluentBuilder {
    let (from, until) = span(reader);
    let all = [AlarmType::MetricAlarm, AlarmType::CompositeAlarm, AlarmType::LogAlarm];
    let request = reader.clients().cloudwatch.describe_alarm_history().set_alarm_types(Some(all.to_vec()));
    let at = |time: Timestamp| DateTime::from_secs(time.as_second());
    request.start_date(at(from)).end_date(at(until)).max_records(PAGE)
}

/// What is asked for: as far back as CloudWatch remembers.
fn span(reader: &Reader<'_>) -> (Timestamp, Timestamp) {
    let until = reader.request().now;
    (until.checked_sub(SignedDuration::from_hours(KEPT_HOURS)).unwrap_or(Timestamp::MIN), until)
}

fn hidden(names: &[String]) -> Vec<Hidden> {
    names.iter().map(|name| Hidden::One(ResourceKey::new(FactKind::AlarmHistories, name))).collect()
}

/// Items of one or many alarms, newest first, as they came.
#[derive(Default)]
struct Read {
    items: BTreeMap<String, Vec<(AlarmHistoryItem, CallId)>>,
    calls: Vec<CallId>,
    ended: bool,
}

impl Read {
    fn page(&mut self, items: &[AlarmHistoryItem], call: CallId) {
        self.calls.push(call);
        for item in items {
            self.items.entry(item.alarm_name().unwrap_or_default().to_owned()).or_default().push((item.clone(), call));
        }
    }

    /// Keeps the history of one alarm. What does not say which alarm it is about may be about this one.
    fn record(&self, reader: &Reader<'_>, name: &str) {
        let (from, until) = span(reader);
        let mut history = AlarmHistory {
            alarm: name.to_owned(),
            from,
            until,
            whole: self.ended && !self.items.contains_key(""),
            changes: Vec::new(),
            actions: Vec::new(),
            configured: Vec::new(),
        };
        let mut seen = Vec::new();
        for (item, call) in self.items.get(name).into_iter().chain(self.items.get("")).flatten().rev() {
            seen.push(*call);
            match normalise::entry(item) {
                Ok(Entry::Change(change)) => history.changes.push(change),
                Ok(Entry::Action(action)) => history.actions.push(action),
                Ok(Entry::Configured(at)) => history.configured.push(at),
                Ok(Entry::Other) => {}
                Err(malformed) => {
                    history.whole = false;
                    reader.malformed(&DESCRIBE, *call, &malformed, &hidden(std::slice::from_ref(&history.alarm)));
                }
            }
        }
        history.changes.sort_by_key(|change| change.at);
        history.actions.sort_by_key(|action| action.at);
        history.configured.sort_unstable();
        // That nothing happened is shown by all pages together; the last one stands for them.
        seen.extend(self.calls.last());
        seen.sort_unstable();
        seen.dedup();
        reader.record(history, &seen);
    }
}
