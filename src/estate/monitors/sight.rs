//! Everything that judgements of one live version look at, found once for all of them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::series;
use crate::estate::index::{Index, Place, place};
use crate::estate::replay::normal::{NORMAL_PERIOD, Unit};
use crate::estate::{BoundAlarm, LiveVersion, Lookup, ServingPath};
use crate::evidence::{Fact, FactKind, Facts, MetricSeries, MonitoringSchedule, Package, SeriesKey, ViolationReport};
use crate::policy::Policy;

/// See the module.
#[derive(Debug)]
pub(super) struct Sight<'s, 'a> {
    pub(super) index: &'s Index<'a>,
    pub(super) facts: &'a Facts,
    pub(super) alarms: &'s [BoundAlarm<'a>],
    pub(super) policy: &'a Policy,
    pub(super) as_of: Timestamp,
    by_endpoint: BTreeMap<(Place<'a>, String), Vec<&'a Fact<MonitoringSchedule>>>,
    of_batch: BTreeMap<Place<'a>, Vec<&'a Fact<MonitoringSchedule>>>,
    reports: BTreeMap<(Place<'a>, &'a str), Vec<&'a Fact<ViolationReport>>>,
    versions: BTreeMap<String, Vec<&'a Fact<Package>>>,
}

/// Requests in a span of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Requests {
    /// How many.
    pub(super) count: f64,
    /// In so many seconds.
    pub(super) seconds: f64,
}

impl<'s, 'a> Sight<'s, 'a> {
    pub(super) fn new(
        index: &'s Index<'a>,
        facts: &'a Facts,
        alarms: &'s [BoundAlarm<'a>],
        policy: &'a Policy,
        as_of: Timestamp,
    ) -> Self {
        let (mut by_endpoint, mut of_batch) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
        for schedule in index.monitors() {
            match &schedule.data.endpoint {
                Some(endpoint) => {
                    by_endpoint.entry((place(schedule), endpoint.to_lowercase())).or_default().push(schedule);
                }
                None => of_batch.entry(place(schedule)).or_default().push(schedule),
            }
        }
        let mut reports = BTreeMap::<_, Vec<_>>::new();
        for report in &facts.violation_reports {
            reports.entry((place(report), report.data.schedule.as_str())).or_default().push(report);
        }
        let mut versions = BTreeMap::<_, Vec<_>>::new();
        for package in index.packages() {
            versions.entry(group_of(&package.data.arn)).or_default().push(package);
        }
        Self { index, facts, alarms, policy, as_of, by_endpoint, of_batch, reports, versions }
    }

    /// Schedules on a live version: those of its endpoint; for batch, those that read captures of its model.
    pub(super) fn schedules(&self, live: &LiveVersion<'a>) -> Vec<&'a Fact<MonitoringSchedule>> {
        let here = (live.account, live.region);
        if live.path != ServingPath::Batch {
            return self.by_endpoint.get(&(here, live.endpoint_name.to_lowercase())).cloned().unwrap_or_default();
        }
        let of_batch = self.of_batch.get(&here).into_iter().flatten();
        of_batch.filter(|schedule| reads_captures_of(&schedule.data, live.endpoint_name)).copied().collect()
    }

    /// The report of an execution of a schedule.
    pub(super) fn report(
        &self,
        schedule: &'a Fact<MonitoringSchedule>,
        scheduled: Timestamp,
    ) -> Option<&'a Fact<ViolationReport>> {
        let reports = self.reports.get(&(place(schedule), schedule.data.name.as_str()))?;
        reports.iter().find(|report| report.data.scheduled == scheduled).copied()
    }

    /// Versions of the group of what serves that were registered after an instant, oldest first.
    pub(super) fn versions_after(&self, live: &LiveVersion<'a>, after: Timestamp) -> Vec<&'a Fact<Package>> {
        let groups = live.packages().filter(|package| package.data.group.is_some());
        let mut newer: Vec<&'a Fact<Package>> = groups
            .filter_map(|package| self.versions.get(&group_of(&package.data.arn)))
            .flatten()
            .filter(|package| package.data.created.is_some_and(|created| created > after))
            .copied()
            .collect();
        newer.sort_by_key(|package| (package.data.created, &package.data.arn));
        newer.dedup_by_key(|package| &package.data.arn);
        newer
    }

    /// Data points of a series, where they were read whole.
    pub(super) fn series(&self, live: &LiveVersion<'a>, key: &SeriesKey) -> Option<&'a Fact<MetricSeries>> {
        match self.index.series(live.account, live.region, &key.to_string()) {
            Lookup::Found(series) if series.data.whole => Some(series),
            _ => None,
        }
    }

    /// Requests that a live version answered since an instant, as far back as was read; `None` where that is not known.
    pub(super) fn requests(&self, live: &LiveVersion<'a>, since: Timestamp) -> Option<Requests> {
        let series = self.series(live, &requests_key(live)?)?;
        let from = series.data.from.max(since);
        let count = series::points(&series.data).filter(|point| point.start >= from).map(|point| point.value).sum();
        let seconds = series::seconds(from, series.data.until).max(0);
        #[expect(clippy::cast_precision_loss, reason = "weeks have few seconds")]
        Some(Requests { count, seconds: seconds as f64 })
    }

    /// Whether all of a kind was listed and read in the place of a live version.
    pub(super) fn listed(&self, live: &LiveVersion<'_>, kind: FactKind) -> bool {
        self.index.listed(live.account, live.region, kind)
    }
}

/// The series that counts the requests of a live version, by the hour.
pub(super) fn requests_key(live: &LiveVersion<'_>) -> Option<SeriesKey> {
    Some(Unit::of(live)?.series("Invocations", "Sum", NORMAL_PERIOD))
}

/// Whether a schedule reads captures of the batch jobs of a model: their place has a part of its name.
pub(in crate::estate) fn reads_captures_of(schedule: &MonitoringSchedule, model: &str) -> bool {
    let input = schedule.batch_input.as_deref().unwrap_or_default();
    input.split('/').any(|part| part.eq_ignore_ascii_case(model))
}

/// What all versions of a group share.
fn group_of(arn: &str) -> String {
    arn.rsplit_once('/').map_or(arn, |(group, _)| group).to_lowercase()
}

/// Whether one place in S3 lies in another, or is the same.
pub(super) fn lies_in(inner: &str, outer: &str) -> bool {
    let (inner, outer) = (inner.trim_end_matches('/'), outer.trim_end_matches('/'));
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lie_in_one_another_by_whole_names() {
        for (inner, outer, lies) in [
            ("s3://b/feedback/2026/", "s3://b/feedback/", true),
            ("s3://b/feedback", "s3://b/feedback/", true),
            ("s3://b/feedback/", "s3://b", true),
            ("s3://b/feedback-old/", "s3://b/feedback", false),
            ("s3://b/", "s3://b/feedback/", false),
            ("s3://bucket/", "s3://b/", false),
        ] {
            assert_eq!(lies_in(inner, outer), lies, "{inner} in {outer}");
        }
    }
}
