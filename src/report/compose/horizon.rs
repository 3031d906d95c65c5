//! The evidence horizon: until when the approvals of what serves can be proved, if nothing is archived.

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};

use crate::estate::Grade;
use crate::report::document::{ApprovalRow, HorizonRow, LiveVersionRow};
use crate::report::words;

/// How long CloudTrail keeps its event history.
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html>
const EVENT_HISTORY: SignedDuration = SignedDuration::from_hours(90 * 24);

/// One row for each approved package of each live version, those that fall out of reach first.
pub(super) fn rows(live: &[LiveVersionRow]) -> Vec<HorizonRow> {
    let mut rows: Vec<HorizonRow> = live
        .iter()
        .flat_map(|version| {
            let approvals = version.approval.iter().chain(&version.further_approvals);
            approvals.filter(|approval| approval.grade != Grade::None).map(|approval| row(version, approval))
        })
        .collect();
    rows.sort_by(|a, b| order(a).cmp(&order(b)));
    rows
}

/// What ends, by its end; then what is out of reach; then what stays.
fn order(row: &HorizonRow) -> impl Ord + use<'_> {
    let stays = row.until.is_none() && row.grade <= Grade::D;
    (stays, row.until.is_none(), row.until, Reverse(row.grade), &row.live_version, &row.package_arn)
}

fn row(version: &LiveVersionRow, approval: &ApprovalRow) -> HorizonRow {
    let (until, words) = reach(approval);
    HorizonRow {
        live_version: version.id.clone(),
        package_arn: approval.package_arn.clone(),
        grade: approval.grade,
        approved_at: approval.at,
        until,
        words,
    }
}

/// Until when the best proof of an approval can be had, and in words.
fn reach(approval: &ApprovalRow) -> (Option<Timestamp>, String) {
    let of_event = approval.history.iter().find(|step| step.event_id.is_some() && step.event_id == approval.event_id);
    // An entry of the archive is named by its hash, a log file by its place.
    let logged = of_event.and_then(|step| step.source.as_deref()).is_some_and(|source| !source.starts_with("sha256:"));
    match approval.grade {
        Grade::A => (None, "for as long as the trail's bucket keeps its log files and digests".to_owned()),
        Grade::B | Grade::C if logged => (None, "for as long as the trail's bucket keeps its log files".to_owned()),
        Grade::B => {
            let until = approval.at.and_then(|at| at.checked_add(EVENT_HISTORY).ok());
            let day = until.map_or_else(|| "90 days after it".to_owned(), words::day);
            (until, format!("until {day}: the event history forgets after 90 days"))
        }
        Grade::C => (None, "for as long as the archive is kept".to_owned()),
        Grade::D => (None, "for as long as the lineage record is kept".to_owned()),
        Grade::E => (
            None,
            "out of reach already: only the package's last modification speaks for it, until the next edit".to_owned(),
        ),
        Grade::F => (None, "out of reach already: it is only declared".to_owned()),
        Grade::None => (None, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::{APPROVED, Fixture, at};
    use crate::evidence::FactKind;
    use crate::run::judge;

    fn horizon(fixture: &Fixture) -> Vec<HorizonRow> {
        judge(&fixture.snapshot, &fixture.policy, None).horizon
    }

    #[test]
    fn the_event_history_ends_ninety_days_after_the_approval() {
        let rows = horizon(&Fixture::sound());
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].grade, rows[0].until), (Grade::B, at(APPROVED).checked_add(EVENT_HISTORY).ok()));
        assert!(rows[0].words.contains("forgets after 90 days"), "{}", rows[0].words);
    }

    #[test]
    fn what_no_event_shows_is_out_of_reach_already() {
        let rows = horizon(&Fixture::sound().hidden_all(FactKind::TrailEvents));
        assert_eq!((rows[0].grade, rows[0].until), (Grade::E, None));
        assert!(rows[0].words.starts_with("out of reach already"), "{}", rows[0].words);
    }

    #[test]
    fn what_ends_comes_first_and_what_stays_last() {
        let row = |grade, until: Option<&str>| HorizonRow {
            live_version: "x".into(),
            package_arn: String::new(),
            grade,
            approved_at: None,
            until: until.map(|until| until.parse().unwrap()),
            words: String::new(),
        };
        let mut rows = [
            row(Grade::A, None),
            row(Grade::F, None),
            row(Grade::B, Some("2026-12-02T00:00:00Z")),
            row(Grade::E, None),
            row(Grade::B, Some("2026-12-01T00:00:00Z")),
        ];
        rows.sort_by(|a, b| order(a).cmp(&order(b)));
        let days: Vec<_> = rows.iter().map(|row| (row.grade, row.until.map(|at| at.to_string()))).collect();
        assert_eq!(
            days.iter().map(|(grade, _)| *grade).collect::<Vec<_>>(),
            [Grade::B, Grade::B, Grade::F, Grade::E, Grade::A]
        );
        assert!(days[0].1 < days[1].1);
    }
}
