//! Of a snapshot, what one live version's answers rest on.
//!
//! What is left out is tried, not assumed: a kind of fact is thinned to what mentions one of the live version's resources,
//! the live version is judged again, and the kind is put back whole if any answer came out otherwise.

use std::collections::BTreeSet;

use jiff::Timestamp;
use memchr::memmem::Finder;
use serde_json::Value;

use crate::evidence::{FactKind, ResourceKey, Snapshot};
use crate::policy::Policy;
use crate::report::document::Report;
use crate::run::judge_one;

/// A snapshot that gives the same answers about a live version, with as little else as could be left out.
///
/// # Errors
/// If it cannot be read back from its own JSON.
pub(super) fn prune(
    snapshot: &Snapshot,
    policy: &Policy,
    as_of: Timestamp,
    id: &str,
    resources: &BTreeSet<ResourceKey>,
) -> Result<(Snapshot, Report), serde_json::Error> {
    let whole = judge_one(snapshot, policy, Some(as_of), id);
    let wanted = answers(&whole, id);
    let mut kept = snapshot.clone();
    kept.history = None;
    if answers(&judge_one(&kept, policy, Some(as_of), id), id) != wanted {
        kept.history.clone_from(&snapshot.history);
    }
    let places = places(snapshot, &whole, id);
    kept.gaps.retain(|gap| gap.account.is_empty() || places.contains(&gap.account));
    let mut facts = serde_json::to_value(&kept.facts)?;
    let kinds: Vec<String> = facts.as_object().into_iter().flatten().map(|(kind, _)| kind.clone()).collect();
    for kind in kinds {
        let Some(list) = facts.get_mut(&kind) else { continue };
        let all = list.clone();
        let mark = Mark::new(&kind, resources);
        if let Some(list) = list.as_array_mut() {
            list.retain(|fact| mark.is_on(fact));
        }
        let thinned = Snapshot { facts: serde_json::from_value(facts.clone())?, ..kept.clone() };
        if answers(&judge_one(&thinned, policy, Some(as_of), id), id) != wanted
            && let Some(list) = facts.get_mut(&kind)
        {
            *list = all;
        }
    }
    kept.facts = serde_json::from_value(facts)?;
    renumber(&mut kept);
    let report = judge_one(&kept, policy, Some(as_of), id);
    if answers(&report, id) == wanted { Ok((kept, report)) } else { Ok((snapshot.clone(), whole)) }
}

/// Accounts that matter to it.
fn places(snapshot: &Snapshot, report: &Report, id: &str) -> BTreeSet<String> {
    let own = report.live_versions.iter().filter(|live| live.id == *id).map(|live| live.account.clone());
    own.chain(snapshot.scope.accounts().into_iter().map(str::to_owned))
        .chain(snapshot.scope.others.iter().map(|other| other.account.clone()))
        .collect()
}

/// Everything that is said about a live version.
fn answers(report: &Report, id: &str) -> BTreeSet<String> {
    let about = report.findings.iter().filter(|row| {
        // The run's own finding counts what was read, which is less by design.
        row.subject.kind == *"region" || row.subject.touches().any(|touched| touched == id)
    });
    let said = about.map(|row| {
        let mut facts: Vec<&str> =
            row.evidence.iter().filter_map(|id| report.evidence.get(id)).map(|fact| fact.what.as_str()).collect();
        facts.sort_unstable();
        format!(
            "{} {:?} {:?} {} {:?} {facts:?} {:?}",
            row.code, row.subject.name, row.status, row.reason, row.notes, row.last_known
        )
    });
    let live = report.live_versions.iter().filter(|live| live.id == *id);
    said.chain(live.map(|live| format!("{live:?}"))).collect()
}

/// What tells the facts about a live version from others of their kind.
enum Mark {
    /// What serves is known by its own name: images, roles and variants are shared with strangers.
    Named(BTreeSet<String>),
    /// Anything else is kept if it mentions one of its resources.
    Mentions(Vec<Finder<'static>>),
}

impl Mark {
    fn new(kind: &str, resources: &BTreeSet<ResourceKey>) -> Self {
        let own: &[FactKind] = match kind {
            "endpoints" => &[FactKind::Endpoints],
            "endpoint_configs" => &[FactKind::EndpointConfigs],
            "models" => &[FactKind::Models],
            "inference_components" => &[FactKind::InferenceComponents],
            _ => &[],
        };
        if own.is_empty() {
            return Self::Mentions(mentioned(resources).iter().map(|name| Finder::new(name).into_owned()).collect());
        }
        Self::Named(resources.iter().filter(|key| own.contains(&key.kind)).map(|key| key.name.to_lowercase()).collect())
    }

    fn is_on(&self, fact: &Value) -> bool {
        match self {
            Self::Named(names) => {
                let name = fact.pointer("/data/name").and_then(Value::as_str);
                name.is_some_and(|name| names.contains(&name.to_lowercase()))
            }
            Self::Mentions(names) => {
                let text = fact.to_string().to_lowercase();
                names.iter().any(|name| name.find(text.as_bytes()).is_some())
            }
        }
    }
}

/// Names of resources in lower case, and of ARNs and locations their last parts as well.
fn mentioned(resources: &BTreeSet<ResourceKey>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for key in resources.iter().filter(|key| key.kind != FactKind::TrailEvents) {
        let name = key.name.to_lowercase();
        if let Some((_, last)) = name.rsplit_once('/').filter(|(_, last)| last.len() > 8) {
            names.insert(last.to_owned());
        }
        names.insert(name);
    }
    names.retain(|name| name.len() > 2);
    names
}

/// Keeps the calls that are still pointed to.
fn renumber(snapshot: &mut Snapshot) {
    let used: BTreeSet<u32> = snapshot.facts.calls().map(|id| id.0).collect();
    let numbers: std::collections::BTreeMap<u32, u32> = used.iter().copied().zip(0..).collect();
    let calls = std::mem::take(&mut snapshot.calls);
    snapshot.calls = (0..).zip(calls).filter(|(at, _)| used.contains(at)).map(|(_, call)| call).collect();
    snapshot.facts.for_each_call(|id| {
        if let Some(number) = numbers.get(&id.0) {
            id.0 = *number;
        }
    });
}
