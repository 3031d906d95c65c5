//! A live version in one paragraph, the way an auditor would ask for it: what serves, who accepted it, whether anybody
//! would hear of a fault, who owns it, and what follows.

use crate::estate::{ActorKind, Grade, LiveVersion, Lookup, ServingPath, Signal};
use crate::report::document::{ApprovalRow, LiveVersionRow};
use crate::report::words;

/// The paragraph. Names stand between backticks.
pub(super) fn paragraph(row: &LiveVersionRow, live: &LiveVersion<'_>) -> String {
    let mut sentences = vec![serves(row, live)];
    sentences.extend(approval(row, live));
    sentences.push(coverage(row));
    sentences.push(owner(row, live));
    let verdict = words::verdict(row.readiness.verdict);
    sentences.push(format!("Verdict: {verdict}, because {}.", words::because(&row.readiness)));
    sentences.join(" ")
}

fn serves(row: &LiveVersionRow, live: &LiveVersion<'_>) -> String {
    let what = match (&row.group, row.version, &row.model) {
        (Some(group), Some(version), _) => format!("Version {version} of `{group}`"),
        (Some(package), None, _) => format!("The unversioned package `{package}`"),
        (None, _, Some(model)) => format!("Model `{model}`"),
        (None, _, None) => "A model that could not be resolved".to_owned(),
    };
    let slot = match &row.variant {
        Some(variant) => format!("`{}`/`{variant}`", row.endpoint),
        None => format!("`{}`", row.endpoint),
    };
    let component = row.component.as_deref().unwrap_or_default();
    let does = match row.path {
        _ if row.pending => format!("is being rolled out to {slot}"),
        ServingPath::Variant => format!("serves {} of {slot}", share(row.traffic_share)),
        ServingPath::Shadow => {
            format!("receives copies of the requests to `{}` as shadow variant {slot}", row.endpoint)
        }
        ServingPath::Component => format!("serves on {slot} as inference component `{component}`"),
        ServingPath::Pool => format!("serves on the `{component}` instances of {slot}"),
        ServingPath::MultiModel => format!("serves as artifact `{component}` of the multi-model {slot}"),
        ServingPath::Batch => batch(live),
    };
    let since = row.live_from.as_ref().map(|from| {
        let bound = if from.bound == "exact" { "" } else { " at the latest" };
        format!(", since {}{bound}", words::time(from.at))
    });
    format!("{what} {does}{}.", since.unwrap_or_else(|| ", since when is not known".to_owned()))
}

fn share(share: Option<f64>) -> String {
    share.map_or_else(|| "an unknown share".to_owned(), words::percent)
}

fn batch(live: &LiveVersion<'_>) -> String {
    let jobs = words::count(live.jobs.len(), "batch transform job");
    match live.jobs.first() {
        Some(job) => format!("ran in {jobs}, of which `{}` is the newest", job.data.name),
        None => format!("ran in {jobs}"),
    }
}

fn approval(row: &LiveVersionRow, live: &LiveVersion<'_>) -> Vec<String> {
    let Some(approval) = &row.approval else {
        return vec![unregistered(row, live).to_owned()];
    };
    let mut sentences = Vec::new();
    match approval.status.as_deref() {
        Some("Approved") => {}
        Some(status) => sentences.push(format!("Its approval status is {status}.")),
        None if row.version.is_none() => {
            sentences.push("A package without versions has no approval status.".to_owned());
        }
        None => sentences.push("Its approval status is not known.".to_owned()),
    }
    sentences.extend(approved(approval, row));
    sentences
}

/// Why there is no approval to speak of.
fn unregistered(row: &LiveVersionRow, live: &LiveVersion<'_>) -> &'static str {
    if let Lookup::Absent(_) = live.config {
        return "Its endpoint configuration was deleted, so what it is made of cannot be told.";
    }
    if let Lookup::Absent(_) = live.model {
        return "Its model was deleted, so what it is made of cannot be told.";
    }
    let registrations: Vec<&str> = row.containers.iter().map(|container| container.registration.as_str()).collect();
    match registrations.as_slice() {
        [] => "What it is made of could not be read, so nothing can be said of its approval.",
        all if all.contains(&"unseen") => "Its registered package could not be read.",
        all if all.contains(&"absent") => "The registered package that it names does not exist.",
        all if all.contains(&"ambiguous") || all.contains(&"url_only") || all.contains(&"unknown") => {
            "Which registered version it is, if any, is not proved, so nothing can be said of its approval."
        }
        _ => "It is no registered version, so nobody approved it in the registry.",
    }
}

fn approved(approval: &ApprovalRow, row: &LiveVersionRow) -> Option<String> {
    let now = approval.status.as_deref() == Some("Approved");
    if approval.grade == Grade::None {
        return now.then(|| "It is Approved, but nothing proves by whom and when.".to_owned());
    }
    let Some(who) = approval.by.as_deref().map(words::identity) else {
        let (grade, rests_on) = (approval.grade.as_str(), &approval.grade_words);
        return Some(format!("Its approval names nobody (grade {grade}: {rests_on})."));
    };
    let kind = match approval.by_kind {
        Some(ActorKind::Human) => " (a person)",
        Some(ActorKind::Automation) => " (automation)",
        Some(ActorKind::Unknown) | None => " (a person or automation: not provable)",
    };
    let presumably = if matches!(approval.grade, Grade::E | Grade::F) { "presumably " } else { "" };
    let at = approval.at.map_or_else(|| "at an unknown time".to_owned(), |at| format!("on {}", words::time(at)));
    let lead = approval.lead_seconds.map(|lead| {
        let at_most = row.live_from.as_ref().is_some_and(|from| from.bound != "exact");
        match (lead < 0, at_most) {
            (true, true) => format!(", at least {} after it began to serve", words::span(lead)),
            (true, false) => format!(", {} after it began to serve", words::span(lead)),
            (false, true) => format!(", at most {} before it began to serve", words::span(lead)),
            (false, false) => format!(", {} before it began to serve", words::span(lead)),
        }
    });
    let was = if now { "was" } else { "had been" };
    Some(format!(
        "It {was} {presumably}approved by `{who}`{kind} {at}{} (grade {}: {}).",
        lead.unwrap_or_default(),
        approval.grade.as_str(),
        approval.grade_words
    ))
}

fn coverage(row: &LiveVersionRow) -> String {
    let of = |state: &str| -> Vec<&str> {
        Signal::MATRIX
            .into_iter()
            .map(Signal::words)
            .filter(|signal| row.alarms.get(*signal).is_some_and(|coverage| coverage.state == state))
            .collect()
    };
    let (covered, asked) = (of("covered").len(), Signal::MATRIX.len() - of("not_applicable").len());
    if asked == 0 {
        return "No alarm is asked of it.".to_owned();
    }
    let mut text = match covered {
        0 => format!("None of {} would reach anybody", words::count(asked, "signal")),
        _ => format!("{covered} of {} would reach somebody", words::count(asked, "signal")),
    };
    for (state, what) in [
        ("broken", "watched by an alarm that does not reach anybody"),
        ("missing", "not watched"),
        ("unknown", "not known"),
    ] {
        let signals = of(state);
        if !signals.is_empty() {
            let verb = if signals.len() == 1 { "is" } else { "are" };
            for part in ["; ", &words::list(&signals), " ", verb, " ", what] {
                text.push_str(part);
            }
        }
    }
    text + "."
}

fn owner(row: &LiveVersionRow, live: &LiveVersion<'_>) -> String {
    match (&row.owner, live.tags) {
        (Some(owner), _) => format!("Its owner is `{}` ({}).", owner.name, owner.source),
        (None, Lookup::Unseen) => "Who owns it could not be read.".to_owned(),
        (None, _) => "Nobody is named as its owner.".to_owned(),
    }
}
