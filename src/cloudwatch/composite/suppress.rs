//! What a suppressor alarm makes of a composite's changes of state: which actions are taken, and when.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm_Suppression.html>

use jiff::Timestamp;

use crate::cloudwatch::alarm::State;
use crate::cloudwatch::series::later;

/// How a composite waits for the alarm that suppresses its actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suppressor {
    /// Seconds that a change of state waits for the suppressor to go into ALARM (`WaitPeriod`).
    pub wait: u32,
    /// Seconds that actions stay suppressed once the suppressor has left ALARM (`ExtensionPeriod`).
    pub extension: u32,
}

/// How far a composite is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Progress {
    composite: State,
    suppressed: bool,
    /// Whether its state has changed since it last took actions.
    changed: bool,
    /// When the wait or the extension ends.
    until: Option<Timestamp>,
}

impl Suppressor {
    /// The actions that are taken: when, and of which state. Changes of the composite and of the suppressor are given
    /// oldest first; `suppressed` says whether the suppressor is in ALARM to begin with.
    pub fn actions(
        self,
        composite: &[(Timestamp, State)],
        suppressor: &[(Timestamp, State)],
        suppressed: bool,
    ) -> Vec<(Timestamp, State)> {
        let mut now = Progress { composite: State::Ok, suppressed, changed: false, until: None };
        let mut taken = Vec::new();
        // At the same instant the suppressor goes first.
        let mut changes: Vec<(Timestamp, bool, State)> = suppressor.iter().map(|(at, to)| (*at, false, *to)).collect();
        changes.extend(composite.iter().map(|(at, to)| (*at, true, *to)));
        changes.sort_by_key(|(at, own, _)| (*at, *own));
        for (at, own, state) in changes {
            now.expire(at, &mut taken);
            if own {
                now.composite = state;
                now.changed = true;
                if !now.suppressed {
                    now.until = Some(later(at, self.wait));
                }
            } else {
                let suppresses = state == State::Alarm;
                if suppresses {
                    now.until = None;
                } else if now.suppressed {
                    now.until = Some(later(at, self.extension));
                }
                now.suppressed = suppresses;
            }
        }
        now.expire(Timestamp::MAX, &mut taken);
        taken
    }
}

impl Progress {
    /// Takes the actions of the present state, if the wait or the extension has ended by then.
    fn expire(&mut self, at: Timestamp, taken: &mut Vec<(Timestamp, State)>) {
        if let Some(until) = self.until.filter(|until| *until <= at) {
            if self.changed {
                taken.push((until, self.composite));
            }
            self.changed = false;
            self.until = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OK: State = State::Ok;
    const ALARM: State = State::Alarm;

    fn at(unit: i64) -> Timestamp {
        Timestamp::from_second(unit).unwrap()
    }

    fn actions(composite: &[(i64, State)], suppressor: &[(i64, State)], suppressed: bool) -> Vec<(i64, State)> {
        let on = |changes: &[(i64, State)]| changes.iter().map(|(unit, state)| (at(*unit), *state)).collect::<Vec<_>>();
        // "WaitPeriod is configured as 2 time units, and ExtensionPeriod is configured as 3 time units."
        let taken = Suppressor { wait: 2, extension: 3 }.actions(&on(composite), &on(suppressor), suppressed);
        taken.into_iter().map(|(at, state)| (at.as_second(), state)).collect()
    }

    #[test]
    fn the_six_documented_examples() {
        assert_eq!(actions(&[(2, ALARM)], &[], false), [(4, ALARM)], "1: not suppressed after the wait");
        assert_eq!(actions(&[(2, ALARM)], &[(3, ALARM)], false), [], "2: suppressed before the wait ends");
        assert_eq!(actions(&[(2, ALARM), (3, OK)], &[], false), [(5, OK)], "3: back while waiting");
        assert_eq!(actions(&[(2, ALARM)], &[], true), [], "4: suppressed already");
        let left = [(3, ALARM), (6, OK)];
        assert_eq!(actions(&[(2, ALARM)], &left, false), [(9, ALARM)], "5: not suppressed after the extension");
        assert_eq!(actions(&[(2, ALARM), (7, OK)], &left, false), [(9, OK)], "6: back while extended");
    }

    #[test]
    fn without_a_change_nothing_is_told_when_suppression_ends() {
        assert_eq!(actions(&[], &[(3, ALARM), (6, OK)], false), []);
        let at_once = Suppressor { wait: 0, extension: 0 };
        assert_eq!(at_once.actions(&[(at(2), ALARM)], &[], false), [(at(2), ALARM)]);
    }
}
