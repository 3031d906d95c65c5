//! Whether something could be seen at all: what was not seen is neither gone nor new.

use std::collections::{BTreeSet, HashMap};

use crate::evidence::{FactKind, ResourceKey, Unseen};
use crate::report::document::{FindingRow, GapRow};
use crate::report::words;

/// What serves, and alarms: what a gap over them hides may be there or not.
const SUBJECTS: [FactKind; 5] = [
    FactKind::Endpoints,
    FactKind::EndpointConfigs,
    FactKind::InferenceComponents,
    FactKind::TransformJobs,
    FactKind::Alarms,
];

/// A call as [`History::refused`](crate::evidence::History::refused) names it.
pub(crate) fn refusal(gap: &GapRow) -> String {
    format!("{} in {}/{}", gap.call, gap.account, gap.region)
}

/// Whether AWS refused the call.
pub(super) fn denied(gap: &GapRow) -> bool {
    gap.cause == "denied"
}

/// What a report could not see at all.
pub(crate) fn unseen(gaps: &[GapRow]) -> BTreeSet<Unseen> {
    let about = |what: &str| {
        let among = |kind: FactKind| what.ends_with(&format!(" among the {kind}"));
        what.starts_with("all ") || SUBJECTS.into_iter().any(among)
    };
    let of = |gap: &GapRow| {
        let call = refusal(gap);
        let hides = gap.hides.iter().filter(|what| about(what)).cloned();
        hides.map(move |what| Unseen { what, call: call.clone() }).collect::<Vec<_>>()
    };
    gaps.iter().flat_map(of).collect()
}

/// The calls whose failure hid what a finding rests on.
pub(crate) fn hidden_by(row: &FindingRow, gaps: &HashMap<&str, &GapRow>) -> Vec<String> {
    let calls: BTreeSet<String> =
        row.gap_ids.iter().filter_map(|id| gaps.get(id.as_str())).map(|gap| refusal(gap)).collect();
    calls.into_iter().collect()
}

/// The call that hid whether a subject is there, if one did.
pub(super) fn hid<'u>(
    unseen: &'u BTreeSet<Unseen>,
    subject: &str,
    (account, region): (&str, &str),
    is_live: bool,
) -> Option<&'u str> {
    // `account/region/path/endpoint/…`
    let mut parts = subject.split('/').skip(2);
    let (path, endpoint) = if is_live { (parts.next(), parts.next()) } else { (None, None) };
    let kinds: &[FactKind] = match path {
        Some("component") => &[FactKind::Endpoints, FactKind::EndpointConfigs, FactKind::InferenceComponents],
        Some("batch") => &[FactKind::TransformJobs],
        Some(_) => &[FactKind::Endpoints, FactKind::EndpointConfigs],
        None => &SUBJECTS,
    };
    let name = endpoint.unwrap_or(subject);
    let hides = |what: &str| {
        kinds.iter().any(|kind| {
            let resource = ResourceKey::new(*kind, name).name;
            [words::all_hidden(*kind, region), words::all_hidden(*kind, ""), words::one_hidden(*kind, &resource)]
                .iter()
                .any(|hidden| hidden == what)
        })
    };
    let there = |unseen: &&Unseen| {
        let asked = asked(&unseen.call).0;
        asked.is_empty() || account.is_empty() || asked == account
    };
    unseen.iter().filter(there).find(|unseen| hides(&unseen.what)).map(|unseen| unseen.call.as_str())
}

/// Account and region in which a call was made, as [`refusal`] writes it; each may be empty.
pub(super) fn asked(call: &str) -> (&str, &str) {
    call.rsplit_once(" in ").and_then(|(_, place)| place.split_once('/')).unwrap_or_default()
}
