//! What a sequence of statuses comes to: which event approved it, and which one bars it.

use super::{ApprovalEvent, ContentEdit};
use crate::evidence::ApprovalStatus;

/// The first event of the newest unbroken run of approvals, or the first in that run after the content was last edited.
/// A call that edits and repeats `Approved` in one approves nothing: nobody looked at what it made.
pub(super) fn approved<'s, 'a>(
    sequence: &[&'s ApprovalEvent<'a>],
    edits: &[ContentEdit<'a>],
) -> Option<&'s ApprovalEvent<'a>> {
    let newest = sequence.iter().rposition(|event| event.approves())?;
    let run: Vec<_> = sequence.get(..=newest)?.iter().rev().take_while(|event| event.approves()).copied().collect();
    let first = run.last()?;
    let edited = edits.iter().map(|edit| edit.at).filter(|edit| *edit > first.at).max();
    let again = edited.and_then(|edited| run.iter().rev().find(|event| event.at > edited));
    again.or(run.last()).copied()
}

/// The event that bars it now. Where nothing is known of the time before the first event, it may have been approved.
pub(super) fn revoked<'s, 'a>(sequence: &[&'s ApprovalEvent<'a>]) -> Option<&'s ApprovalEvent<'a>> {
    let begins = sequence.iter().rposition(|event| event.approves()).map_or(0, |last| last + 1);
    let barred = sequence.get(begins..)?;
    let born_barred = begins == 0 && barred.first().is_some_and(|event| event.event.data.name == "CreateModelPackage");
    if born_barred {
        barred.iter().find(|event| event.status == ApprovalStatus::Rejected).copied()
    } else {
        barred.first().copied()
    }
}
