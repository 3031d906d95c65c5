//! Waivers: a known failure that somebody answers for, until a day. One that lifts nothing is said, with why.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use wildmatch::WildMatch;

use super::engine::Finding;
use super::{Control, Status};
use crate::policy::{Policy, Waiver};

/// A waiver that may lift something, its subject pattern compiled.
struct Ready<'a> {
    waiver: &'a Waiver,
    subject: WildMatch,
    matched: bool,
    lifted: bool,
}

/// Lifts failures that a valid waiver matches; returns the waivers that lift nothing, with why, in the policy's order.
pub(super) fn waive<'a>(
    findings: &mut [Finding<'a>],
    controls: &[&'static Control],
    policy: &'a Policy,
    as_of: Timestamp,
) -> Vec<(&'a Waiver, String)> {
    let mut idle = BTreeMap::new();
    let mut ready: BTreeMap<&'static str, Vec<(usize, Ready<'a>)>> = BTreeMap::new();
    for (order, waiver) in policy.waivers.iter().enumerate() {
        match usable(waiver, controls, policy, as_of) {
            Ok(control) => {
                let subject = WildMatch::new_case_insensitive(&waiver.subject);
                let entry = Ready { waiver, subject, matched: false, lifted: false };
                ready.entry(control.code).or_default().push((order, entry));
            }
            Err(why) => {
                idle.insert(order, (waiver, why));
            }
        }
    }
    if !ready.is_empty() {
        for finding in findings {
            let Some(candidates) = ready.get_mut(finding.control.code) else { continue };
            let name = finding.subject_name();
            for (_, candidate) in candidates.iter_mut().filter(|(_, candidate)| candidate.subject.matches(&name)) {
                candidate.matched = true;
                if finding.status == Status::Fail {
                    finding.status = Status::Waived;
                    finding.waiver = Some(candidate.waiver);
                    candidate.lifted = true;
                }
            }
        }
    }
    for (order, candidate) in ready.into_values().flatten() {
        if !candidate.lifted {
            let waiver = candidate.waiver;
            let why = if candidate.matched {
                format!("nothing that `{}` matches fails {} any more", waiver.subject, waiver.control)
            } else {
                format!("`{}` matches no subject of {}", waiver.subject, waiver.control)
            };
            idle.insert(order, (waiver, why));
        }
    }
    idle.into_values().collect()
}

/// The control of a waiver that may be used, or why it may not.
fn usable(
    waiver: &Waiver,
    controls: &[&'static Control],
    policy: &Policy,
    as_of: Timestamp,
) -> Result<&'static Control, String> {
    let named = controls.iter().find(|control| control.is_called(&waiver.control));
    let control = named.ok_or_else(|| format!("there is no control `{}`", waiver.control))?;
    if waiver.owner.trim().eq_ignore_ascii_case(waiver.approver.trim()) {
        return Err("its owner approved it: somebody else has to".to_owned());
    }
    if waiver.expires <= as_of {
        return Err(format!("it expired at {}", waiver.expires));
    }
    let longest = SignedDuration::from_hours(policy.thresholds.waiver_days.saturating_mul(24));
    if waiver.expires.duration_since(as_of) > longest {
        return Err(format!("it runs for more than {} days from now", policy.thresholds.waiver_days));
    }
    Ok(control)
}
