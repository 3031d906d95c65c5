//! The canonical order of a snapshot: the same estate gives the same file, whatever order its answers arrived in.

use std::collections::BTreeSet;

use crate::evidence::{
    Absence, Alarm, Bucket, Call, CallId, Endpoint, EndpointConfig, EventWindow, Fact, FactKind, Facts, Gap, Image,
    InferenceComponent, LogWindow, Model, MuteRule, ObjectListing, Origin, Package, PackageGroup, ResourceKey,
    ResourceTags, Role, StudioDomain, Topic, Trail, TrailEvent, TransformJob,
};

/// A kind of fact: where a snapshot keeps it, and what makes two facts be about the same thing.
pub(crate) trait Recorded: Sized {
    /// The list that holds it.
    fn list<'f>(&self, facts: &'f mut Facts) -> &'f mut Vec<Fact<Self>>;
    /// The name of what it is about, unique within an account and region.
    fn identity(&self) -> String;
    /// How much it is worth by where it comes from, whatever the call that showed it.
    fn worth(&self) -> u8 {
        0
    }
}

macro_rules! recorded {
    ($($kind:ty, $list:ident, $this:ident => $identity:expr;)*) => {
        $(impl Recorded for $kind {
            fn list<'f>(&self, facts: &'f mut Facts) -> &'f mut Vec<Fact<Self>> {
                &mut facts.$list
            }
            fn identity(&self) -> String {
                let $this = self;
                $identity
            }
        })*

        fn merge_all(facts: &mut Facts, calls: &[Call]) {
            $(merge(&mut facts.$list, calls);)*
        }
    };
}

recorded! {
    Endpoint, endpoints, it => it.name.to_lowercase();
    EndpointConfig, endpoint_configs, it => it.name.to_lowercase();
    Model, models, it => it.name.to_lowercase();
    InferenceComponent, inference_components, it => it.name.to_lowercase();
    TransformJob, transform_jobs, it => it.name.to_lowercase();
    PackageGroup, package_groups, it => it.name.to_lowercase();
    Package, packages, it => it.arn.to_lowercase();
    Alarm, alarms, it => it.name.clone();
    MuteRule, mute_rules, it => it.name.clone();
    Topic, topics, it => it.arn.clone();
    EventWindow, event_windows, it => format!("{} {}", it.event_source, it.event_name);
    ObjectListing, objects, it => it.location.to_string();
    Bucket, buckets, it => it.name.clone();
    Trail, trails, it => it.arn.clone();
    LogWindow, log_windows, it => format!("{} {}", it.source, it.from);
    Image, images, it => it.uri.clone();
    Role, roles, it => it.arn.clone();
    StudioDomain, domains, it => it.id.clone();
    Absence, absences, it => format!("{:?} {}", it.resource.kind, it.resource.name);
}

impl Recorded for TrailEvent {
    fn list<'f>(&self, facts: &'f mut Facts) -> &'f mut Vec<Fact<Self>> {
        &mut facts.trail_events
    }

    fn identity(&self) -> String {
        format!("{} {}", self.time, self.id)
    }

    /// A signature proves more than AWS's word, and AWS's word more than a file that anybody may have written.
    fn worth(&self) -> u8 {
        match self.origin {
            Origin::LogFile { verified: true, .. } => 2,
            Origin::History => 1,
            Origin::LogFile { verified: false, .. } => 0,
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
}

/// Merges what several calls said about one thing, sorts every list, and drops what only the index still knows.
pub(super) fn settle(facts: &mut Facts, calls: &[Call]) {
    merge_all(facts, calls);
    merge(&mut facts.trail_events, calls);
    merge(&mut facts.tags, calls);
    merge(&mut facts.alarm_tags, calls);
    drop_absent(facts, calls);
}

/// Sorts the calls and gaps, and renumbers what points to calls.
pub(super) fn renumber(facts: &mut Facts, calls: &mut Vec<Call>, gaps: &mut Vec<Gap>) {
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

fn call(calls: &[Call], id: CallId) -> Option<&Call> {
    calls.get(position(id)?)
}

/// How much the last call behind a fact is worth: the index lags, a list is brief, a description is the truth.
fn authority<T>(fact: &Fact<T>, calls: &[Call]) -> u8 {
    match fact.seen.last().and_then(|id| call(calls, *id)).map(|call| call.operation.as_str()) {
        None => 0,
        Some("Search") => 1,
        Some(operation) if operation.starts_with("List") => 2,
        Some(_) => 3,
    }
}

fn merge<T: Recorded>(list: &mut Vec<Fact<T>>, calls: &[Call]) {
    let mut keyed: Vec<_> = std::mem::take(list)
        .into_iter()
        .map(|fact| {
            let said_by: Vec<Option<Call>> = fact.seen.iter().map(|id| call(calls, *id).cloned()).collect();
            let key = (fact.account.clone(), fact.region.clone(), fact.data.identity());
            ((key, fact.data.worth(), authority(&fact, calls), said_by), fact)
        })
        .collect();
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut last_key = None;
    for ((key, ..), fact) in keyed {
        match list.last_mut() {
            Some(last) if last_key.as_ref() == Some(&key) => absorb(last, fact),
            _ => list.push(fact),
        }
        last_key = Some(key);
    }
}

/// The later fact is the more authoritative: its data stands, and its calls end the list of those who showed it.
fn absorb<T>(earlier: &mut Fact<T>, later: Fact<T>) {
    let mut seen = std::mem::take(&mut earlier.seen);
    seen.retain(|id| !later.seen.contains(id));
    seen.extend(later.seen.iter().copied());
    *earlier = Fact { seen, ..later };
}

/// What only the index shows and a description denied is gone: the index had not heard of it yet.
fn drop_absent(facts: &mut Facts, calls: &[Call]) {
    let absent: BTreeSet<(String, String, ResourceKey)> = facts
        .absences
        .iter()
        .map(|fact| (fact.account.clone(), fact.region.clone(), fact.data.resource.clone()))
        .collect();
    if absent.is_empty() {
        return;
    }
    let gone = |account: &str, region: &str, seen: &[CallId], kind: FactKind, name: &str| {
        seen.iter().all(|id| call(calls, *id).is_some_and(|call| call.operation == "Search"))
            && absent.contains(&(account.to_owned(), region.to_owned(), ResourceKey::new(kind, name)))
    };
    facts.endpoints.retain(|f| !gone(&f.account, &f.region, &f.seen, FactKind::Endpoints, &f.data.name));
    facts.models.retain(|f| !gone(&f.account, &f.region, &f.seen, FactKind::Models, &f.data.name));
    facts.packages.retain(|f| !gone(&f.account, &f.region, &f.seen, FactKind::Packages, &f.data.arn));
}
