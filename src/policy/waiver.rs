//! `[[waiver]]`: reading one waiver. Somebody answers for it, somebody else agreed, and it ends.

use jiff::{SignedDuration, Timestamp};

use super::mistake::Mistake;
use super::nearest::nearest;
use super::raw::{Day, Section};
use super::{Dates, Waiver};
use crate::control::registry::CONTROLS;

/// Reads one waiver. One that has expired is kept and noted in `warnings`: the report carries it too.
pub(super) fn read(
    mut section: Section<'_>,
    longest_days: i64,
    dates: &Dates,
    warnings: &mut Vec<Mistake>,
) -> Option<Waiver> {
    let control = section.need("control", "name a control by code or id; `countersign controls` lists them");
    let control = control.and_then(|value| {
        let text = value.text()?;
        let known = || CONTROLS.iter().flat_map(|control| [control.code, control.id]);
        if known().any(|name| name == text) {
            return Some(text);
        }
        let advice = nearest(&text, known())
            .map_or_else(|| "`countersign controls` lists them".to_owned(), |meant| format!("did you mean `{meant}`?"));
        value.wrong(format!("there is no control `{text}`"), advice);
        None
    });
    let subject = section
        .need("subject", "name what it covers: a live version's id, an alarm, a bucket; `*` and `?` are patterns")
        .and_then(|value| value.text());
    let owner = section.need("owner", "name who answers for it").and_then(|value| value.text());
    let approver = section.need("approver", "name who agreed, somebody other than the owner").and_then(|value| {
        let approver = value.text()?;
        if owner.as_deref().is_some_and(|owner| owner.to_lowercase() == approver.to_lowercase()) {
            value.wrong(
                format!("`{approver}` is both owner and approver"),
                "name an approver who is not the owner: nobody waives for themselves",
            );
            return None;
        }
        Some(approver)
    });
    let reason = section.need("reason", "say why the failure is acceptable until then").and_then(|value| value.text());
    let expires =
        section.need("expires", "write the last day on which it holds, like `2027-01-31`").and_then(|value| {
            let expires = value.date(Day::Ends)?;
            let latest = latest(dates.today, longest_days);
            if latest.is_some_and(|latest| expires > latest) {
                value.wrong(
                    format!("the waiver expires more than {longest_days} days from today"),
                    "choose an earlier day, or raise `thresholds.waiver_days`",
                );
                return None;
            }
            if expires < dates.as_of {
                let message = format!("the waiver expired on {}", expires.strftime("%Y-%m-%d"));
                let advice = "its findings count as failures again: fix them, or have it approved anew";
                warnings.push(section.notes().mistake(value.at(), message, advice.to_owned()));
            }
            Some(expires)
        });
    let line = section.line();
    section.finish(|_| None);
    Some(Waiver {
        control: control?,
        subject: subject?,
        owner: owner?,
        approver: approver?,
        reason: reason?,
        expires: expires?,
        line,
    })
}

/// The end of the last day that a waiver given today may reach.
fn latest(today: Timestamp, days: i64) -> Option<Timestamp> {
    let hours = days.checked_add(1)?.checked_mul(24)?;
    today.checked_add(SignedDuration::from_hours(hours)).ok()
}
