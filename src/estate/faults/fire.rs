//! When an alarm fires: the earliest and the latest, over every moment of a period at which a fault may begin, and over
//! what CloudWatch leaves open.

use super::judged::Touched;
use super::run::{Part, Parts, START, Scenario, actions};
use crate::cloudwatch::alarm::{LOOKBACK, State};

/// When an alarm takes its actions after a fault began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Firing {
    /// So many seconds later, at best and at worst.
    After(i64, i64),
    /// Not at all: it is in ALARM all the same.
    AlreadyInAlarm,
    /// Not at all.
    Never,
    /// That is not known: why, to follow "alarm `x`".
    NotKnown(String),
}

/// How many moments are looked at before those are sought between which it makes a difference.
const MOMENTS: i64 = 4;

/// When the alarm of a number fires.
pub(super) fn of(parts: &Parts, number: usize) -> Firing {
    let grid = grid(parts, number, 0).max(1);
    let late = late(parts, number, 0);
    let mut range: Option<(i64, i64)> = None;
    let mut never = false;
    for lookback in [*LOOKBACK.start(), *LOOKBACK.end()] {
        let mut moments = match moments(parts, number, lookback, grid) {
            Ok(moments) => moments,
            Err(firing) => return firing,
        };
        moments.sort_unstable();
        for (moment, told) in moments {
            match told {
                None => never = true,
                Some(told) => {
                    let after = told - (START + moment);
                    let (from, to) = range.unwrap_or((after, after));
                    range = Some((from.min(after), to.max(after)));
                }
            }
        }
    }
    match (range, never) {
        (None, _) => Firing::Never,
        (Some((from, to)), false) => Firing::After(from, to + late),
        (Some(_), true) => {
            Firing::NotKnown("may or may not fire: it depends on the moment at which it begins".to_owned())
        }
    }
}

/// Moments of the grid with when actions are taken: both sides of each jump that is found.
fn moments(parts: &Parts, number: usize, lookback: u32, grid: i64) -> Result<Vec<(i64, Option<i64>)>, Firing> {
    let told = |moment: i64| told(parts, number, Scenario { onset: START + moment, lookback });
    let mut coarse: Vec<i64> = (0..MOMENTS).map(|step| step * (grid - 1) / (MOMENTS - 1)).collect();
    // The first moment is a case of its own: the whole period is left.
    coarse.push(1.min(grid - 1));
    coarse.sort_unstable();
    coarse.dedup();
    let mut found = Vec::new();
    for moment in coarse {
        found.push((moment, told(moment)?));
    }
    let pairs: Vec<_> = found.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?))).collect();
    for ((mut low, at_low), (mut high, at_high)) in pairs {
        if at_low == at_high {
            continue;
        }
        let mut low_told = at_low;
        let mut high_told = at_high;
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            let at_middle = told(middle)?;
            if at_middle == low_told {
                (low, low_told) = (middle, at_middle);
            } else {
                (high, high_told) = (middle, at_middle);
            }
        }
        found.extend([(low, low_told), (high, high_told)]);
    }
    Ok(found)
}

/// When actions are taken for ALARM, if the fault begins at a moment.
fn told(parts: &Parts, number: usize, scenario: Scenario) -> Result<Option<i64>, Firing> {
    let (before, changes) = actions(parts, number, scenario).map_err(Firing::NotKnown)?;
    if before == State::Alarm {
        return Err(Firing::AlreadyInAlarm);
    }
    Ok(changes.iter().find(|(at, state)| *state == State::Alarm && *at > scenario.onset).map(|(at, _)| *at))
}

/// The longest period, or time between two publications, behind an alarm.
fn grid(parts: &Parts, number: usize, depth: usize) -> i64 {
    leaves(parts, number, depth, &|ready| ready.grid())
}

/// The longest time by which what an alarm judges may be late.
fn late(parts: &Parts, number: usize, depth: usize) -> i64 {
    leaves(parts, number, depth, &|ready| ready.late)
}

fn leaves(parts: &Parts, number: usize, depth: usize, of: &dyn Fn(&super::judged::Ready) -> i64) -> i64 {
    match parts.get(&number) {
        Some(Part::Metric(Touched::Ready(ready))) => of(ready),
        Some(Part::Composite(composite)) if depth < 20 => {
            composite.children.values().map(|child| leaves(parts, *child, depth + 1, of)).max().unwrap_or_default()
        }
        _ => 0,
    }
}
