//! `[[change]]`: reading one declared change. It names what was done, when, why, and who agreed; it is short.

use jiff::SignedDuration;

use super::nearest::nearest;
use super::raw::{Day, Section};
use super::{DeclaredChange, pattern};
use crate::estate::WEAKENING;

/// A change takes no longer: a declaration that covers months would hide what it does not mean.
const LONGEST_DAYS: i64 = 31;

/// Reads one declared change.
pub(super) fn read(mut section: Section<'_>) -> Option<DeclaredChange> {
    let events = section.need("events", "name the calls, such as `events = [\"StopLogging\"]`");
    let events = events.map(|value| {
        let known = || WEAKENING.iter().map(|(_, name)| *name);
        let named = value.items().into_iter().filter_map(|item| {
            let text = item.text()?;
            if known().any(|name| name == text) {
                return Some(text);
            }
            let advice = nearest(&text, known()).map_or_else(
                || format!("write one of {}", super::raw::or(&known().collect::<Vec<_>>(), "and")),
                |meant| format!("did you mean `{meant}`?"),
            );
            item.wrong(format!("`{text}` is no call that weakens what watches"), advice);
            None
        });
        named.collect::<Vec<_>>()
    });
    let account = section.take("account").and_then(|value| {
        value.parsed("an account of twelve digits in quotes", "write it like `\"111122223333\"`", |text| {
            pattern::is_account(text).then(|| text.to_owned())
        })
    });
    let from = section.need("from", "write when it began, like `2026-11-02T18:00:00Z`");
    let from = from.and_then(|value| value.date(Day::Begins));
    let until = section.need("until", "write when it was over, like `2026-11-02T20:00:00Z`").and_then(|value| {
        let until = value.date(Day::Ends)?;
        let lasts = from.map(|from| until.duration_since(from));
        if lasts.is_some_and(|lasts| lasts.is_negative()) {
            value.wrong("the change is over before it began", "write a later `until`");
            return None;
        }
        if lasts.is_some_and(|lasts| lasts > SignedDuration::from_hours(24 * LONGEST_DAYS)) {
            value.wrong(
                format!("the change lasts longer than {LONGEST_DAYS} days"),
                "declare each change by itself, as long as it took",
            );
            return None;
        }
        Some(until)
    });
    let reason = section.need("reason", "say what it was for, with its ticket").and_then(|value| value.text());
    let approver = section.need("approver", "name who agreed").and_then(|value| value.text());
    let line = section.line();
    section.finish(|_| None);
    Some(DeclaredChange {
        events: events.filter(|events| !events.is_empty())?,
        account,
        from: from?,
        until: until?,
        reason: reason?,
        approver: approver?,
        line,
    })
}
