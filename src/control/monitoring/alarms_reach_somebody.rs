//! MON-006

use super::{cite, unbound};
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{BoundAlarm, Defect};

declare_control! {
    /// ## What it requires
    /// Every alarm on a live version is armed and reaches somebody.
    ///
    /// ## Why
    /// An alarm can be green, look well, and tell nobody: its actions are switched off, a rule mutes it, its topic has only
    /// a subscription that nobody confirmed.
    ///
    /// ## Evidence
    /// Actions of the alarm, mute rules, suppression by a composite alarm, the topics with their confirmed subscriptions.
    ///
    /// ## Results
    /// - **pass**: armed, and some confirmed subscription reaches a person, or a paging or chat service
    /// - **fail**: actions are off, or there are none; muted now, or for more than `thresholds.muted_share` of the week;
    ///   suppressed; the topic does not exist; nobody confirmed; only machines listen
    /// - **unknown**: topic or mute rules could not be read (a topic of another account, say)
    /// - **not applicable**: it only scales; it is bound to no live version (MON-007 owns orphans)
    "MON-006" "alarms-reach-somebody" {
        summary: "alarms reach somebody",
        severity: High,
        gate: Fix,
        needs: [Alarms, MuteRules],
        uses: [Topics],
        remedy: "switch its actions on, let the mute rule end, and have a person or a paging service confirm a subscription to its topic",
        role: "alarm owner",
        frameworks: [("NIST AI RMF", "MANAGE 4.3"), ("ISO/IEC 42001", "A.8.4"), ("EU AI Act", "Art. 73"), ("AWS Well-Architected", "Operational Excellence")],
        check: Check::Alarm(check),
    }
}

fn check<'a>(alarm: &'a BoundAlarm<'a>, context: Context<'a>) -> Verdict {
    if alarm.scaling_only {
        return Verdict::not_applicable("it only scales instances");
    }
    if alarm.bound.is_empty() {
        return unbound(alarm, context);
    }
    let name = &alarm.alarm.data.name;
    let (undelivered, other): (Vec<&Defect>, Vec<&Defect>) = alarm.defects.iter().partition(|defect| keeps_quiet(defect));
    let verdict = match undelivered.split_first() {
        Some((first, others)) => {
            let verdict = Verdict::fail(format!("alarm `{name}` {}", first.words()));
            let verdict = if undelivered.iter().any(|defect| by_itself(defect)) { verdict.settled() } else { verdict };
            others.iter().fold(verdict, |verdict, defect| verdict.note(format!("it also {}", defect.words())))
        }
        None if !alarm.unseen.is_empty() => {
            Verdict::unknown(format!("whether alarm `{name}` reaches somebody is not known: not seen were {}", alarm.unseen.join(", ")))
        }
        None => Verdict::pass(format!("alarm `{name}` is armed and reaches somebody")),
    };
    let verdict = other.iter().fold(verdict, |verdict, defect| verdict.note(format!("but it {}", defect.words())));
    cite(verdict, alarm)
}

/// Whether the alarm alone shows the defect, whatever could not be read of mute rules and topics.
fn by_itself(defect: &Defect) -> bool {
    matches!(defect, Defect::ActionsDisabled | Defect::NoAction | Defect::ScalingOnly)
}

/// Whether a defect keeps an alarm that fires from being heard; others keep it from firing.
fn keeps_quiet(defect: &Defect) -> bool {
    match defect {
        Defect::ActionsDisabled
        | Defect::NoAction
        | Defect::ScalingOnly
        | Defect::Muted(_)
        | Defect::Suppressed(_)
        | Defect::TopicMissing(_)
        | Defect::NobodySubscribed(_)
        | Defect::MachinesOnly(_) => true,
        Defect::WrongDimensions(_) | Defect::CannotFire(_) | Defect::EvaluationError(_) => false,
    }
}
