//! What makes two facts be about the same thing, and the canonical order of a snapshot.

use serde::Serialize;

use super::{
    Absence, Alarm, AlarmHistory, AllocationTag, AnomalyDetector, Bill, Bucket, Budget, Call, CallId, CaptureArrival,
    Dashboard, Endpoint, EndpointConfig, EventRule, EventWindow, Fact, FactKind, Facts, Forecast, Gap, Image,
    InferenceComponent, InferenceProfile, Job, Key, LogWindow, MetricSeries, Model, MonitoringSchedule, MuteRule,
    Notebook, ObjectListing, Origin, Package, PackageGroup, PrefixState, Price, ProvisionedThroughput, ResourceKey,
    ResourceTags, Role, SavingHint, ScalableTarget, ScalingPolicy, StudioDomain, TagCompliance, Topic, Trail,
    TrailEvent, TransformJob, ViolationReport,
};

/// A kind of fact: where a snapshot keeps it, and what makes two facts be about the same thing.
pub(crate) trait Recorded: Serialize + Sized {
    /// The list that holds it.
    #[cfg_attr(not(feature = "aws"), allow(dead_code, reason = "only collectors record facts one by one"))]
    fn list<'f>(&self, facts: &'f mut Facts) -> &'f mut Vec<Fact<Self>>;
    /// The name of what it is about, unique within an account and region.
    fn identity(&self) -> String;
    /// The name by which a gap would hide it, where a gap hides such things one by one.
    fn key(&self) -> Option<ResourceKey>;
    /// How much it is worth by where it comes from, whatever the call that showed it.
    fn worth(&self) -> u8 {
        0
    }
}

/// Does something to every list of facts that collectors fill.
pub(crate) trait Visit {
    /// One list.
    fn list<T: Recorded>(&mut self, list: &mut Vec<Fact<T>>);
}

macro_rules! recorded {
    ($($kind:ty, $list:ident, $key:expr, $this:ident => $identity:expr;)*) => {
        $(impl Recorded for $kind {
            fn list<'f>(&self, facts: &'f mut Facts) -> &'f mut Vec<Fact<Self>> {
                &mut facts.$list
            }
            fn identity(&self) -> String {
                let $this = self;
                $identity
            }
            fn key(&self) -> Option<ResourceKey> {
                let kind: Option<FactKind> = $key;
                kind.map(|kind| ResourceKey::new(kind, &self.identity()))
            }
        })*

        /// Visits every list that collectors fill, in a fixed order; what the archive remembers is not among them.
        pub(crate) fn each_list(facts: &mut Facts, visit: &mut impl Visit) {
            $(visit.list(&mut facts.$list);)*
            visit.list(&mut facts.trail_events);
            visit.list(&mut facts.tags);
            visit.list(&mut facts.alarm_tags);
        }
    };
}

/// The name of an answer about money: one payer tells of some accounts in one run and of others in the next.
fn of_accounts(name: &str, accounts: &[String]) -> String {
    accounts.iter().fold(name.to_owned(), |name, account| format!("{name} {account}"))
}

recorded! {
    Endpoint, endpoints, Some(FactKind::Endpoints), it => it.name.to_lowercase();
    EndpointConfig, endpoint_configs, Some(FactKind::EndpointConfigs), it => it.name.to_lowercase();
    Model, models, Some(FactKind::Models), it => it.name.to_lowercase();
    InferenceComponent, inference_components, Some(FactKind::InferenceComponents), it => it.name.to_lowercase();
    TransformJob, transform_jobs, Some(FactKind::TransformJobs), it => it.name.to_lowercase();
    PackageGroup, package_groups, Some(FactKind::PackageGroups), it => it.name.to_lowercase();
    Package, packages, Some(FactKind::Packages), it => it.arn.to_lowercase();
    Alarm, alarms, Some(FactKind::Alarms), it => it.name.clone();
    MuteRule, mute_rules, Some(FactKind::MuteRules), it => it.name.clone();
    Topic, topics, Some(FactKind::Topics), it => it.arn.clone();
    EventWindow, event_windows, None, it => format!("{} {}", it.event_source, it.event_name);
    ObjectListing, objects, Some(FactKind::Objects), it => it.location.to_string();
    Bucket, buckets, Some(FactKind::Buckets), it => it.name.clone();
    Trail, trails, Some(FactKind::Trails), it => it.arn.clone();
    LogWindow, log_windows, None, it => format!("{} {}", it.source, it.from);
    Image, images, Some(FactKind::Images), it => it.uri.clone();
    Role, roles, Some(FactKind::Roles), it => it.arn.clone();
    StudioDomain, domains, Some(FactKind::Domains), it => it.id.clone();
    AlarmHistory, alarm_histories, Some(FactKind::AlarmHistories), it => it.alarm.clone();
    MetricSeries, metric_series, Some(FactKind::MetricData), it => it.key.to_string();
    AnomalyDetector, anomaly_detectors, Some(FactKind::AnomalyDetectors), it => it.identity();
    Dashboard, dashboards, Some(FactKind::Dashboards), it => it.name.clone();
    EventRule, event_rules, Some(FactKind::EventRules), it => it.arn.clone();
    ScalableTarget, scalable_targets, Some(FactKind::ScalableTargets), it => format!("{} {}", it.resource, it.dimension);
    Key, keys, Some(FactKind::Keys), it => it.asked.clone();
    MonitoringSchedule, monitors, Some(FactKind::Monitors), it => it.name.to_lowercase();
    ViolationReport, violation_reports, Some(FactKind::ViolationReports), it => format!("{} {}", it.schedule, it.scheduled);
    CaptureArrival, captures, Some(FactKind::Captures), it => it.location.to_string();
    PrefixState, prefixes, Some(FactKind::Prefixes), it => it.location.to_string();
    Job, jobs, Some(FactKind::Jobs), it => it.arn.to_lowercase();
    Bill, bills, Some(FactKind::Bills), it => of_accounts(&format!("{:?} {}", it.question, it.from), &it.accounts);
    Forecast, forecasts, Some(FactKind::Forecasts), it => of_accounts(&format!("{} {}", it.metric, it.from), &it.accounts);
    Budget, budgets, Some(FactKind::Budgets), it => it.name.clone();
    Price, prices, Some(FactKind::Prices), it => format!("{} {} {} {}", it.service, it.region, it.component, it.item);
    AllocationTag, allocation_tags, Some(FactKind::AllocationTags), it => it.key.clone();
    TagCompliance, tag_compliance, Some(FactKind::TagCompliance), it => it.arn.to_lowercase();
    ProvisionedThroughput, provisioned_throughputs, Some(FactKind::ProvisionedThroughputs), it => it.arn.clone();
    InferenceProfile, inference_profiles, Some(FactKind::InferenceProfiles), it => it.arn.clone();
    SavingHint, saving_hints, Some(FactKind::SavingHints), it => it.id.clone();
    Notebook, notebooks, Some(FactKind::Notebooks), it => it.name.to_lowercase();
    ScalingPolicy, scaling_policies, Some(FactKind::ScalingPolicies), it => format!("{} {} {}", it.resource, it.dimension, it.name);
    Absence, absences, None, it => format!("{:?} {}", it.resource.kind, it.resource.name);
}

impl Recorded for TrailEvent {
    fn list<'f>(&self, facts: &'f mut Facts) -> &'f mut Vec<Fact<Self>> {
        &mut facts.trail_events
    }

    fn identity(&self) -> String {
        format!("{} {}", self.time, self.id)
    }

    fn key(&self) -> Option<ResourceKey> {
        None
    }

    /// A signature proves more than AWS's word, and AWS's word more than a file that anybody may have written.
    fn worth(&self) -> u8 {
        match self.origin {
            Origin::LogFile { verified: true, .. } => 2,
            Origin::History => 1,
            Origin::LogFile { verified: false, .. } | Origin::Delivered { .. } => 0,
        }
    }
}

impl Recorded for ResourceTags {
    /// Tags of alarms are kept by themselves: what reads them is not what reads the tags of billed resources.
    fn list<'f>(&self, facts: &'f mut Facts) -> &'f mut Vec<Fact<Self>> {
        if self.arn.contains(":cloudwatch:") { &mut facts.alarm_tags } else { &mut facts.tags }
    }

    fn identity(&self) -> String {
        ResourceKey::new(FactKind::Tags, &self.arn).name
    }

    fn key(&self) -> Option<ResourceKey> {
        let kind = if self.arn.contains(":cloudwatch:") { FactKind::AlarmTags } else { FactKind::Tags };
        Some(ResourceKey::new(kind, &self.arn))
    }
}

/// Of what several collections saw of one thing, keeps what the best of them saw, and of equals what the last one saw;
/// sorts every list. What a collection saw is never mixed with what another did.
pub(crate) fn keep_best(facts: &mut Facts, calls: &[Call]) {
    each_list(facts, &mut Choosing { calls });
}

struct Choosing<'c> {
    calls: &'c [Call],
}

impl Visit for Choosing<'_> {
    fn list<T: Recorded>(&mut self, list: &mut Vec<Fact<T>>) {
        let rank = |fact: &Fact<T>| {
            let said_by: Vec<Option<&Call>> = fact.seen.iter().map(|id| call(self.calls, *id)).collect();
            let last = said_by.iter().flatten().map(|call| call.at).max();
            (fact.data.worth(), authority(fact, self.calls), last, said_by)
        };
        let mut keyed: Vec<_> = std::mem::take(list)
            .into_iter()
            .map(|fact| ((fact.account.clone(), fact.region.clone(), fact.data.identity()), fact))
            .collect();
        keyed.sort_by(|(a_key, a), (b_key, b)| {
            // The same call may have shown it twice, in other words.
            let words = |fact: &Fact<T>| serde_json::to_string(&fact.data).unwrap_or_default();
            let by_rank = || rank(b).cmp(&rank(a));
            a_key.cmp(b_key).then_with(by_rank).then_with(|| words(a).cmp(&words(b)))
        });
        keyed.dedup_by(|(next, _), (best, _)| next == best);
        list.extend(keyed.into_iter().map(|(_, fact)| fact));
    }
}

/// Sorts the calls and gaps, and renumbers what points to calls.
pub(crate) fn renumber(facts: &mut Facts, calls: &mut Vec<Call>, gaps: &mut Vec<Gap>) {
    let mut order: Vec<(Call, usize)> = std::mem::take(calls).into_iter().zip(0..).collect();
    order.sort();
    let mut renamed = vec![CallId(0); order.len()];
    for (new, (call, old)) in order.into_iter().enumerate() {
        if let (Some(slot), Ok(new)) = (renamed.get_mut(old), u32::try_from(new)) {
            *slot = CallId(new);
        }
        calls.push(call);
    }
    facts.for_each_call(|id| *id = position(*id).and_then(|old| renamed.get(old)).copied().unwrap_or(*id));
    for gap in gaps.iter_mut() {
        gap.hides.sort();
        gap.hides.dedup();
    }
    gaps.sort();
    gaps.dedup();
}

fn position(id: CallId) -> Option<usize> {
    usize::try_from(id.0).ok()
}

pub(crate) fn call(calls: &[Call], id: CallId) -> Option<&Call> {
    calls.get(position(id)?)
}

/// How much the last call behind a fact is worth: the index lags, a list is brief, a description is the truth.
pub(crate) fn authority<T>(fact: &Fact<T>, calls: &[Call]) -> u8 {
    match fact.seen.last().and_then(|id| call(calls, *id)).map(|call| call.operation.as_str()) {
        None => 0,
        Some("Search") => 1,
        Some(operation) if operation.starts_with("List") => 2,
        Some(_) => 3,
    }
}
