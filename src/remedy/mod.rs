//! Remedies that whoever may can apply: for each signal of a live version that nothing covers, the alarm that would.
//!
//! Nothing is applied here. Thresholds come from what was observed and say so; where nothing was observed they are
//! defaults, and say that. One thing that publishes metrics gets one alarm for a signal, however many live versions it
//! serves.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::estate::{CoverageState, Estate, LiveVersion, Signal, Unit};
use crate::evidence::SeriesKey;

mod command;
mod design;
mod observed;
mod template;
#[cfg(test)]
mod tests;

pub use command::command;
pub use template::{MOST, template};

/// An alarm that is not there yet.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewAlarm {
    /// Its name: the same for the same unit and signal in every run.
    pub name: String,
    /// What it is for, and what its threshold is derived from.
    pub description: String,
    /// The series that it judges.
    pub series: SeriesKey,
    /// Data points that are judged.
    pub evaluation_periods: u32,
    /// Of them, those that must breach.
    pub datapoints_to_alarm: u32,
    /// Comparison operator.
    pub comparison: &'static str,
    /// Threshold in the metric's own unit.
    pub threshold: f64,
    /// Treatment of missing data.
    pub missing_data: &'static str,
    /// Whether the threshold is derived from what was observed, or declared; else it is a default.
    pub derived: bool,
    /// ARN of the topic to tell, where one is known.
    pub topic: Option<String>,
}

/// One alarm to make, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Remedy {
    /// Account to make it in.
    pub account: String,
    /// Region to make it in.
    pub region: String,
    /// The signal that it covers.
    pub signal: Signal,
    /// Ids of the live versions that it covers.
    pub live: BTreeSet<String>,
    /// Why the signal is not covered now.
    pub reason: Option<String>,
    /// The alarm.
    pub alarm: NewAlarm,
}

/// A signal that no generated alarm can cover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Beyond {
    /// Id of the live version.
    pub live: String,
    /// The signal.
    pub signal: Signal,
    /// Why not, and what to do instead.
    pub why: String,
}

/// All remedies of an estate.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Remedies {
    /// Alarms to make, by account, region and name.
    pub alarms: Vec<Remedy>,
    /// What no generated alarm can cover.
    pub beyond: Vec<Beyond>,
}

/// The remedies of every signal that is missing or broken.
pub fn remedies(estate: &Estate<'_>) -> Remedies {
    let mut alarms: BTreeMap<(String, String, String), Remedy> = BTreeMap::new();
    let mut beyond = Vec::new();
    for live in &estate.live {
        for coverage in &live.coverage {
            if !matches!(coverage.state, CoverageState::Missing | CoverageState::Broken) {
                continue;
            }
            let signal = coverage.signal;
            match of(estate, live, signal) {
                Err(why) => beyond.push(Beyond { live: live.id.clone(), signal, why }),
                Ok(made) => {
                    for alarm in made {
                        let place = (live.account.to_owned(), live.region.to_owned(), alarm.name.clone());
                        let remedy = alarms.entry(place).or_insert_with(|| Remedy {
                            account: live.account.to_owned(),
                            region: live.region.to_owned(),
                            signal,
                            live: BTreeSet::new(),
                            reason: coverage.reason.clone(),
                            alarm,
                        });
                        remedy.live.insert(live.id.clone());
                    }
                }
            }
        }
    }
    Remedies { alarms: alarms.into_values().collect(), beyond }
}

/// The alarms that would cover one signal of a live version.
///
/// # Errors
/// If no generated alarm can, with the reason and what to do instead.
pub fn of(estate: &Estate<'_>, live: &LiveVersion<'_>, signal: Signal) -> Result<Vec<NewAlarm>, String> {
    let unit = || Unit::of(live).ok_or_else(|| "what publishes its metrics is not known".to_owned());
    let alarms = match signal {
        Signal::Errors | Signal::Latency | Signal::Silence | Signal::Saturation => {
            vec![design::alarm(estate, live, &unit()?, signal)?]
        }
        Signal::Business => design::business(live)?,
        Signal::Drift => {
            return Err("no metric that SageMaker publishes shows drift: monitor the model, then alarm on what the \
                        monitor publishes"
                .to_owned());
        }
        Signal::ResponsibleAi => {
            return Err(
                "no metric that SageMaker publishes tells segments apart: publish one for each, then alarm on \
                        what lies between them"
                    .to_owned(),
            );
        }
        Signal::Other => return Err("it is no signal of the coverage matrix".to_owned()),
    };
    let topic = topic(estate, live);
    alarms
        .into_iter()
        .map(
            |alarm| {
                if writable(&alarm.series) { Ok(NewAlarm { topic: topic.clone(), ..alarm }) } else { Err(ODD.into()) }
            },
        )
        .collect()
}

/// The commands that would cover one signal of a live version, a line each; `None` where none can.
pub fn commands_for(estate: &Estate<'_>, live: &LiveVersion<'_>, signal: Signal) -> Option<String> {
    let alarms = of(estate, live, signal).ok()?;
    let lines: Vec<String> = alarms.iter().map(|alarm| command(live.region, alarm, None)).collect();
    Some(lines.join("\n"))
}

const ODD: &str = "its metric has a name that CloudWatch does not take, so it cannot be what publishes it";

/// Whether CloudWatch takes all names of a series: printable ASCII. What CloudFormation would replace by a secret is
/// no name either.
fn writable(series: &SeriesKey) -> bool {
    let plain = |text: &str| {
        !text.trim().is_empty() && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && !text.contains("{{")
    };
    plain(&series.namespace)
        && plain(&series.metric)
        && series.dimensions.iter().all(|(name, value)| plain(name) && plain(value))
}

/// The topic that tells somebody already when another alarm of this live version fires.
fn topic(estate: &Estate<'_>, live: &LiveVersion<'_>) -> Option<String> {
    let bound = live.alarms.iter().filter_map(|binding| estate.alarms.get(binding.alarm));
    let working = bound.filter(|bound| bound.effective() == Some(true) && !bound.reaches.is_empty());
    let mut told: Vec<&str> = working
        .flat_map(|bound| &bound.alarm.data.alarm_actions)
        .map(String::as_str)
        .filter(|arn| is_topic(arn))
        .collect();
    told.retain(|arn| region_of(arn) == Some(live.region));
    told.sort_unstable();
    told.first().map(|arn| (*arn).to_owned())
}

/// Whether a text is the ARN of an SNS topic.
pub fn is_topic(arn: &str) -> bool {
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", partition, "sns", region, account, name] = parts.as_slice() else { return false };
    let plain =
        |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it));
    partition.starts_with("aws")
        && plain(partition)
        && plain(region)
        && plain(name)
        && account.len() == 12
        && account.bytes().all(|digit| digit.is_ascii_digit())
}

/// The region of an ARN.
pub fn region_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(3).filter(|region| !region.is_empty())
}
