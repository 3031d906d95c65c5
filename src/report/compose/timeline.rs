//! The life of a live version: each lane tells its own moments, and all are put in order.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::estate::{
    Approval, Estate, History, LiveArtifact, LiveVersion, Lookup, Outcome, Registration, Transition, Turn,
};
use crate::evidence::{ApprovalStatus, ObjectVersion};
use crate::report::document::{LaneKind, LaneRow, LaneState, MomentRow, TimelineRow};
use crate::report::words;

/// So many artifacts have a lane.
const ARTIFACTS: usize = 4;
/// So many moments of a lane are told: the first, and the newest.
const MOMENTS: usize = 10;

pub(super) fn timeline(live: &LiveVersion<'_>, estate: &Estate<'_>) -> TimelineRow {
    let history_since = estate.snapshot.scope.events_since_in(live.account, live.region);
    let mut row = TimelineRow { history_since, ..TimelineRow::default() };
    for approval in &live.approvals {
        add(&mut row, LaneKind::Approval, package_name(&approval.package.data.arn), None, of_approval(approval));
    }
    if live.approvals.is_empty() {
        add(&mut row, LaneKind::Approval, "no registered version", unregistered(live), Vec::new());
    }
    let artifacts = live.containers.iter().flat_map(|container| {
        let approved = container.registration.package().and_then(|package| {
            let own = |approval: &&Approval<'_>| approval.package.data.arn == package.data.arn;
            live.approvals.iter().find(own).and_then(|approval| approval.at)
        });
        container.artifacts.iter().flat_map(LiveArtifact::histories).map(move |history| (history, approved))
    });
    for (history, approved) in artifacts.take(ARTIFACTS) {
        let unseen = matches!(history.listing, Lookup::Unseen | Lookup::NotNamed)
            .then(|| "the versions that lie there could not be read".to_owned());
        let moments = of_artifact(history, approved, estate.as_of);
        add(&mut row, LaneKind::Artifact, &history.location.to_string(), unseen, moments);
    }
    let unseen = live.live_from.is_none().then(|| "since when it serves is not known".to_owned());
    add(&mut row, LaneKind::Serving, live.endpoint_name, unseen, of_serving(live));
    row.moments.sort_by_key(|moment| (moment.ahead, moment.at, moment.lane));
    row
}

fn add(row: &mut TimelineRow, kind: LaneKind, name: &str, unseen: Option<String>, mut moments: Vec<MomentRow>) {
    let lane = row.lanes.len();
    moments.sort_by_key(|moment| (moment.ahead, moment.at));
    let left_out = moments.len().saturating_sub(MOMENTS);
    // The first one begins the story, and the newest ones decide.
    let mut number = 0;
    moments.retain(|_| {
        number += 1;
        number == 1 || number > left_out + 1
    });
    row.moments.extend(moments.into_iter().map(|moment| MomentRow { lane, ..moment }));
    row.lanes.push(LaneRow { kind, name: name.to_owned(), unseen, left_out });
}

fn moment(at: Timestamp, exact: bool, what: impl Into<String>, leaves: LaneState) -> MomentRow {
    MomentRow {
        at,
        bound: if exact { "exact" } else { "upper_bound" }.to_owned(),
        lane: 0,
        what: what.into(),
        leaves,
        by: None,
        by_kind: None,
        grade: None,
        against: false,
        ahead: false,
    }
}

fn of_approval(approval: &Approval<'_>) -> Vec<MomentRow> {
    let mut before: Option<&ApprovalStatus> = None;
    let mut moments = Vec::new();
    for step in &approval.history {
        let status = step.status.as_ref();
        let leaves = match status {
            Some(ApprovalStatus::Approved) => LaneState::Approved,
            Some(ApprovalStatus::Rejected) => LaneState::Rejected,
            Some(ApprovalStatus::PendingManualApproval | ApprovalStatus::Other(_)) => LaneState::Pending,
            None => LaneState::Unknown,
        };
        let revoked =
            before == Some(&ApprovalStatus::Approved) && status.is_some_and(|it| *it != ApprovalStatus::Approved);
        let edited = !step.content.is_empty() && before == Some(&ApprovalStatus::Approved);
        moments.push(MomentRow {
            by: step.by.as_ref().map(|by| by.identity.clone()),
            by_kind: step.by.as_ref().map(|by| by.kind),
            grade: (step.change != Turn::Registered || leaves == LaneState::Approved).then_some(step.grade),
            against: revoked || edited || leaves == LaneState::Rejected,
            ..moment(step.at, step.exact, step_words(step), leaves)
        });
        before = status.or(before);
    }
    moments
}

fn step_words(step: &Transition<'_>) -> String {
    let status = match &step.status {
        Some(ApprovalStatus::Approved) => "approved",
        Some(ApprovalStatus::Rejected) => "rejected",
        Some(ApprovalStatus::PendingManualApproval) => "set to wait for approval",
        Some(ApprovalStatus::Other(other)) => return format!("set to `{other}`"),
        None => "status not known",
    };
    let mut text = match step.change {
        Turn::Registered if step.status == Some(ApprovalStatus::Approved) => "registered as approved".to_owned(),
        Turn::Registered => "registered".to_owned(),
        Turn::Set => status.to_owned(),
        Turn::SetAgain => format!("{status} again"),
        Turn::Edited => "content edited".to_owned(),
        Turn::Described => format!("seen {status}; the call that did it was not seen"),
    };
    for (at, part) in step.content.iter().enumerate() {
        text.push_str(if at == 0 { ": " } else { ", " });
        text.push_str(part);
    }
    text
}

/// Writes and deletions, each with what they made of the approved bytes.
fn of_artifact(history: &History<'_>, approved: Option<Timestamp>, as_of: Timestamp) -> Vec<MomentRow> {
    let entries = history.entries();
    let instants: BTreeSet<Timestamp> =
        entries.iter().map(|entry| entry.last_modified).filter(|at| *at <= as_of).collect();
    let mut moments: Vec<MomentRow> = Vec::new();
    for at in instants {
        let now: Vec<&ObjectVersion> = entries.iter().copied().filter(|entry| entry.last_modified == at).collect();
        let (deleted, written) = now.iter().copied().partition::<Vec<&ObjectVersion>, _>(|entry| entry.delete_marker);
        let again = !moments.is_empty();
        let did = match (written.len(), deleted.len(), history.set) {
            (0, _, false) => "artifact deleted".to_owned(),
            (0, n, true) => format!("{} deleted", words::count(n, "object")),
            (_, _, false) if again => "artifact written again".to_owned(),
            (_, _, false) => "artifact written".to_owned(),
            (n, 0, true) => format!("{} written", words::count(n, "object")),
            (n, gone, true) => format!("{} written, {} deleted", words::count(n, "object"), words::number(gone)),
        };
        let later = approved.filter(|approved| at > *approved);
        let (leaves, proof) = state(history, approved, at, deleted.len() == now.len() && !history.set);
        let span =
            later.map(|approved| format!("{} after the approval", words::span(at.as_second() - approved.as_second())));
        let what = [Some(did), span, later.and(proof)].into_iter().flatten().collect::<Vec<_>>().join(", ");
        let against = later.is_some() && matches!(leaves, LaneState::Replaced | LaneState::Nothing);
        moments.push(MomentRow { against, ..moment(at, true, what, leaves) });
    }
    moments.extend(ahead(history, as_of));
    moments
}

/// What lies there from an instant on, held against what was approved, and the words for it.
fn state(history: &History<'_>, approved: Option<Timestamp>, at: Timestamp, gone: bool) -> (LaneState, Option<String>) {
    if gone {
        return (LaneState::Nothing, None);
    }
    let Some(approved) = approved else { return (LaneState::Written, None) };
    let Some(changes) = history.between(approved, at) else { return (LaneState::Unknown, None) };
    let worst =
        changes.iter().map(|change| (weight(&change.outcome, history), change)).max_by_key(|(weight, _)| *weight);
    match worst {
        None => (LaneState::Nothing, None),
        Some((0, _)) => (LaneState::AsApproved, None),
        Some((1, change)) => (LaneState::AsApproved, Some(change.outcome.words().to_owned())),
        Some((2, change)) => (LaneState::NotProved, Some(change.outcome.words().to_owned())),
        Some((_, change)) => (LaneState::Replaced, Some(change.outcome.words().to_owned())),
    }
}

/// How far an outcome is from "unchanged".
fn weight(outcome: &Outcome<'_>, history: &History<'_>) -> u8 {
    match outcome {
        Outcome::Same(_) | Outcome::Absent => 0,
        Outcome::SameBytesAgain(..) => 1,
        Outcome::Unclear(_, Some(now)) | Outcome::Added(now) if history.is_registered(now) => 1,
        Outcome::NotProved(..) | Outcome::Unclear(..) => 2,
        Outcome::Added(_) if !history.set => 2,
        Outcome::Different(..) | Outcome::Gone(..) | Outcome::Added(_) => 3,
    }
}

/// What lifecycle rules will do to what is stored now; of a set, only the first.
fn ahead(history: &History<'_>, as_of: Timestamp) -> Option<MomentRow> {
    let state = history.at(as_of)?;
    let ends = state.values().filter_map(|held| match held {
        crate::estate::Held::Object(version) => history.ends(version),
        _ => None,
    });
    let first = ends.flatten().filter(|end| end.at > as_of).min_by_key(|end| end.at)?;
    let rule = first.rule.map_or_else(String::new, |rule| format!(" by the lifecycle rule `{rule}`"));
    let does = if first.certain { first.kind.words() } else { first.kind.may() };
    Some(MomentRow { ahead: true, ..moment(first.at, true, format!("artifact {does}{rule}"), LaneState::Nothing) })
}

fn of_serving(live: &LiveVersion<'_>) -> Vec<MomentRow> {
    let mut moments = Vec::new();
    let made = |at: Option<Timestamp>, what: String| at.map(|at| moment(at, true, what, LaneState::Nothing));
    if let Lookup::Found(model) = live.model {
        moments.extend(made(model.data.created, format!("model `{}` made", model.data.name)));
    }
    if let Lookup::Found(config) = live.config {
        moments.extend(made(config.data.created, format!("endpoint config `{}` made", config.data.name)));
    }
    let Some(from) = live.live_from else { return moments };
    let approved = live.approvals.iter().filter_map(|approval| approval.at).max();
    let unapproved = live.approvals.iter().any(|approval| approval.at.is_none());
    // An upper bound before the approval proves that it served first; one after it proves nothing.
    let first = approved.is_some_and(|approved| from.at < approved) && !unapproved;
    let before = approved.filter(|_| first).map(|approved| {
        format!(", {} before it was approved", words::span(approved.as_second() - from.at.as_second()))
    });
    let what = match (from.exact, live.deployer.is_some()) {
        (true, true) => "deployed",
        (true, false) => "begins to serve",
        (false, _) => "serves",
    };
    // A config is often made again for other instances while the model goes on serving.
    for moment in moments.iter_mut().filter(|moment| moment.at >= from.at) {
        moment.leaves = LaneState::Serving;
    }
    moments.push(MomentRow {
        by: live.deployer.as_ref().map(|by| by.identity.clone()),
        by_kind: live.deployer.as_ref().map(|by| by.kind),
        against: first,
        ..moment(from.at, from.exact, format!("{what}{}", before.unwrap_or_default()), LaneState::Serving)
    });
    moments
}

/// Why there is no registered version to show, where that is not known for certain.
fn unregistered(live: &LiveVersion<'_>) -> Option<String> {
    if !live.resolved() {
        return Some("which model serves is not known".to_owned());
    }
    let unsure = |registration: &Registration<'_>| {
        !matches!(
            registration,
            Registration::None | Registration::Absent { .. } | Registration::UrlOnly { differs: true, .. }
        )
    };
    let unsure = live.containers.iter().any(|container| unsure(&container.registration));
    unsure.then(|| "which registered version it is, is not known".to_owned())
}

fn package_name(arn: &str) -> &str {
    arn.split_once(":model-package/").map_or(arn, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::*;
    use crate::evidence::{Bucket, FactKind, LifecycleRule, Model, ObjectListing};

    const KEY: &str = "fraud/7/model.tar.gz";

    /// The moments of the first live version, one line each.
    fn told(fixture: &Fixture) -> Vec<String> {
        let estate = fixture.estate();
        let row = timeline(&estate.live[0], &estate);
        let line = |it: &MomentRow| {
            let bound = if it.bound == "exact" { "" } else { " at the latest" };
            let marks = [(it.against, " !"), (it.ahead, " ahead")];
            let marks: String = marks.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark).collect();
            format!("{}{bound} {}: {} → {}{marks}", it.at, it.lane, it.what, it.leaves.key())
        };
        row.moments.iter().map(line).collect()
    }

    #[test]
    fn a_sound_version_was_written_registered_approved_made_and_deployed_in_this_order() {
        assert_eq!(
            told(&Fixture::sound()),
            [
                "2026-05-04T08:00:00Z 1: artifact written → as-approved",
                "2026-05-04T09:00:00Z 0: registered → pending",
                "2026-05-05T10:00:00Z 0: approved → approved",
                "2026-05-06T07:57:00Z 2: model `fraud-7` made → nothing",
                "2026-05-06T07:58:00Z 2: endpoint config `fraud-scoring-7` made → nothing",
                "2026-05-06T08:00:00Z 2: deployed → serving",
            ]
        );
    }

    #[test]
    fn what_contradicts_the_approval_is_marked() {
        let replaced =
            Fixture::sound().rejected("2026-05-20T10:00:00Z").edit_named(ARTIFACT, |held: &mut ObjectListing| {
                *held = listing(
                    ARTIFACT,
                    vec![
                        deletion(KEY, "d1", "2026-05-12T10:00:00Z"),
                        ObjectVersion {
                            size: Some(5_000),
                            ..version(KEY, "v8", PREVIOUS_ETAG, "2026-05-10T10:00:00Z")
                        },
                        version(KEY, "v7", ETAG, WRITTEN),
                    ],
                );
            });
        let told = told(&replaced);
        for line in [
            "2026-05-10T10:00:00Z 1: artifact written again, 5 days after the approval, replaced by other bytes → replaced !",
            "2026-05-12T10:00:00Z 1: artifact deleted, 7 days after the approval → nothing !",
            "2026-05-20T10:00:00Z 0: rejected → rejected !",
        ] {
            assert!(told.contains(&line.to_owned()), "{line} in {told:#?}");
        }
    }

    #[test]
    fn bounds_are_told_from_instants_and_what_is_ahead_from_what_was() {
        let rule = LifecycleRule { id: Some("tidy".to_owned()), enabled: true, ..LifecycleRule::default() };
        let fixture = Fixture::sound().without_events().edit(move |bucket: &mut Bucket| {
            bucket.lifecycle = Some(vec![LifecycleRule { expires_days: Some(60), ..rule.clone() }]);
        });
        let told = told(&fixture);
        let last = "2026-07-04T00:00:00Z 1: artifact gets a delete marker by the lifecycle rule `tidy` → nothing ahead";
        assert_eq!(told.last().map(String::as_str), Some(last), "{told:#?}");
        assert!(told.iter().any(|line| line.starts_with("2026-05-06T08:10:00Z at the latest 2: serves")), "{told:#?}");
        assert!(told.iter().any(|line| line.contains("at the latest 0: seen approved")), "{told:#?}");
    }

    #[test]
    fn what_could_not_be_seen_is_not_what_is_not_there() {
        let lanes = |fixture: &Fixture| {
            let estate = fixture.estate();
            let row = timeline(&estate.live[0], &estate);
            row.lanes.into_iter().map(|lane| (lane.kind, lane.unseen.is_some())).collect::<Vec<_>>()
        };
        let raw = |model: &mut Model| model.containers = vec![from_artifact("s3://ml-models/raw.tar.gz", None)];
        let (approval, artifact, serving) = (LaneKind::Approval, LaneKind::Artifact, LaneKind::Serving);
        assert_eq!(lanes(&Fixture::sound()), [(approval, false), (artifact, false), (serving, false)]);
        let hidden = Fixture::sound().hidden(FactKind::Objects, ARTIFACT);
        assert_eq!(lanes(&hidden), [(approval, false), (artifact, true), (serving, false)]);
        assert_eq!(lanes(&Fixture::sound().edit(raw)), [(approval, false), (artifact, true), (serving, false)]);
        let unread = Fixture::sound().hidden(FactKind::Packages, PACKAGE);
        assert_eq!(lanes(&unread), [(approval, true), (serving, false)]);
    }

    #[test]
    fn a_long_history_is_cut_in_the_middle() {
        let versions =
            (1..=30).map(|day| version(KEY, &format!("v{day}"), ETAG, &format!("2026-05-{day:02}T08:00:00Z")));
        let versions: Vec<ObjectVersion> = versions.rev().collect();
        let busy = Fixture::sound()
            .edit_named(ARTIFACT, move |held: &mut ObjectListing| *held = listing(ARTIFACT, versions.clone()));
        let estate = busy.estate();
        let row = timeline(&estate.live[0], &estate);
        assert_eq!(row.lanes[1].left_out, 20);
        let of_artifact: Vec<_> = row.moments.iter().filter(|it| it.lane == 1).map(|it| it.at.to_string()).collect();
        assert_eq!((of_artifact.len(), of_artifact[0].as_str()), (10, "2026-05-01T08:00:00Z"));
        assert_eq!(of_artifact[9], "2026-05-30T08:00:00Z");
    }
}
