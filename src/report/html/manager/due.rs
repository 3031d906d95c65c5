//! The review calendar: how old approvals are, when the next review is due, which waivers and commitments end.

use std::collections::BTreeSet;

use jiff::{Span, Timestamp};

use crate::control::Status;
use crate::report::document::{LiveVersionRow, Report, WaiverRow};
use crate::report::words;

/// What lies so many days ahead is soon.
const SOON: i64 = 30;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Due {
    /// When; absent where no date is known.
    pub(super) at: Option<Timestamp>,
    /// What ends or is due.
    pub(super) what: String,
    /// Of what.
    pub(super) of: String,
    /// `late`, `soon`, `ahead`, `past` (it happened, and nothing is due) or `unknown`.
    pub(super) tone: &'static str,
}

impl Due {
    fn new(at: Timestamp, what: String, of: &str, as_of: Timestamp) -> Self {
        let days = (at.as_second() - as_of.as_second()).div_euclid(86_400);
        let tone = match days {
            ..0 => "late",
            0..SOON => "soon",
            _ => "ahead",
        };
        Self { at: Some(at), what, of: of.to_owned(), tone }
    }

    /// In a word, beside its colour.
    pub(super) fn tone_words(&self) -> &'static str {
        match self.tone {
            "late" => "overdue",
            "soon" => "soon",
            "unknown" => "not known",
            _ => "",
        }
    }
}

/// What is due of one group.
pub(super) fn of_group(
    report: &Report,
    group: Option<&str>,
    live: &[&LiveVersionRow],
    review_days: Option<i64>,
) -> Vec<Due> {
    let mut all = Vec::new();
    for row in live {
        approval(&mut all, row, group, review_days, report.as_of);
        for criterion in row.retraining.iter().flat_map(|it| &it.criteria).filter(|it| it.met == Some(true)) {
            let within = Span::new().try_hours(criterion.act_within_days.saturating_mul(24));
            if let Some(at) = criterion.since.zip(within.ok()).and_then(|(since, span)| since.checked_add(span).ok()) {
                all.push(Due::new(
                    at,
                    format!("a candidate must follow: {}", criterion.words),
                    &called(row),
                    report.as_of,
                ));
            }
        }
    }
    all.extend(waivers(report, live).into_iter().map(|waiver| {
        let what = format!("waiver of {} ends, for which {} answers", waiver.control, waiver.owner);
        Due::new(waiver.expires, what, &waiver.subject, report.as_of)
    }));
    all.sort_by_key(|due| (due.at.is_none(), due.at));
    all.dedup();
    all
}

/// The age of an approval, and the next review.
fn approval(all: &mut Vec<Due>, row: &LiveVersionRow, group: Option<&str>, review_days: Option<i64>, as_of: Timestamp) {
    let of = called(row);
    let unknown = |what: &str| Due { at: None, what: what.to_owned(), of: of.clone(), tone: "unknown" };
    let Some(approval) = row.approval.as_ref().filter(|approval| approval.status.as_deref() == Some("Approved")) else {
        all.push(Due { tone: "late", ..unknown("it has no approval that holds now") });
        return;
    };
    let Some(at) = approval.at else {
        all.push(unknown("it is approved; since when is not known, so neither is its next review"));
        return;
    };
    let by = approval.by.as_deref().map_or_else(String::new, |by| format!(" by {}", words::identity(by)));
    all.push(Due {
        at: Some(at),
        what: format!("approved{by}, {}", words::age(at, as_of)),
        of: of.clone(),
        tone: "past",
    });
    let next = review_days.and_then(|days| at.checked_add(Span::new().try_hours(days.saturating_mul(24)).ok()?).ok());
    match next {
        Some(next) => all.push(Due::new(next, "next review is due".to_owned(), &of, as_of)),
        None if group.is_some() => all.push(unknown("no review period is declared in its manifest")),
        None => {}
    }
}

/// Waivers that lift something of these live versions.
fn waivers<'r>(report: &'r Report, live: &[&LiveVersionRow]) -> Vec<&'r WaiverRow> {
    let ids: BTreeSet<&str> = live.iter().map(|row| row.id.as_str()).collect();
    let about = |id: &&crate::report::shared::Shared| ids.contains(id.as_str());
    let waived: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| finding.status == Status::Waived && finding.subject.touches().any(|id| about(&id)))
        .collect();
    let lifts = |waiver: &&WaiverRow| {
        waiver.findings > 0
            && waived.iter().any(|finding| {
                (finding.code == waiver.control.as_str() || finding.control == waiver.control.as_str())
                    && finding.waiver.as_deref().is_none_or(|text| text.contains(&waiver.reason))
            })
    };
    report.waivers.iter().filter(lifts).collect()
}

/// Commitments of Bedrock that end.
pub(super) fn commitments(report: &Report) -> Vec<Due> {
    let capacity = report.costs.iter().flat_map(|costs| &costs.capacity);
    let ends = capacity.filter_map(|row| {
        let what = "commitment of provisioned throughput ends".to_owned();
        Some(Due::new(row.expires?, what, &row.name, report.as_of))
    });
    ends.collect()
}

/// What a live version is called here.
fn called(row: &LiveVersionRow) -> String {
    let within = row.component.as_deref().or(row.variant.as_deref());
    within.map_or_else(|| row.endpoint.clone(), |within| format!("{}/{within}", row.endpoint))
}
