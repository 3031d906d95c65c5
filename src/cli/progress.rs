//! How a collection goes, drawn on standard error while somebody watches.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::console::Console;
use super::line::Line;
use crate::collect::aws::UnitProgress;
use crate::collect::{Progress, Silent};
use crate::evidence::Snapshot;
use crate::organization::Unit;
use crate::report::words::count;

/// Draws where there is a terminal, else says nothing.
pub(super) fn progress(console: Console) -> Box<dyn Progress> {
    match Line::new(console) {
        Some(line) => Box::new(Drawn { line: Some(line), state: RefCell::default() }),
        None => Box::new(Silent),
    }
}

/// One line: what is being read, and how much has been.
struct Drawn {
    line: Option<Line>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    /// Collectors under way, with the regions that each still reads.
    under_way: BTreeMap<String, usize>,
    facts: usize,
    gaps: usize,
}

impl Drawn {
    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.borrow_mut();
        change(&mut state);
        if let Some(line) = &self.line {
            line.say(state.words());
        }
    }
}

impl State {
    fn words(&self) -> String {
        let mut words = count(self.facts, "fact");
        if self.gaps > 0 {
            words = format!("{words}, {}", count(self.gaps, "gap"));
        }
        let names: Vec<&str> = self.under_way.keys().map(String::as_str).collect();
        if names.is_empty() { words } else { format!("{words}; reading {}", names.join(", ")) }
    }
}

impl Progress for Drawn {
    fn begin(&self, _: &str, collector: &str) {
        self.change(|state| *state.under_way.entry(collector.to_owned()).or_default() += 1);
    }

    fn advance(&self, _: &str, _: &str, facts: usize) {
        self.change(|state| state.facts += facts);
    }

    fn end(&self, _: &str, collector: &str, gaps: usize) {
        self.change(|state| {
            state.gaps += gaps;
            if let Some(regions) = state.under_way.get_mut(collector) {
                *regions = regions.saturating_sub(1);
                if *regions == 0 {
                    state.under_way.remove(collector);
                }
            }
        });
    }
}

/// Draws how many units of work are done, where there is a terminal.
pub(super) fn unit_progress(console: Console, units: usize) -> Box<dyn UnitProgress> {
    Box::new(Counted { line: Line::new(console), units, state: RefCell::default() })
}

/// One line: which accounts are being read, and how many have been.
struct Counted {
    line: Option<Line>,
    units: usize,
    state: RefCell<Tally>,
}

#[derive(Default)]
struct Tally {
    under_way: BTreeSet<String>,
    done: usize,
    closed: usize,
    facts: usize,
    gaps: usize,
}

impl Counted {
    fn change(&self, change: impl FnOnce(&mut Tally)) {
        let mut state = self.state.borrow_mut();
        change(&mut state);
        if let Some(line) = &self.line {
            line.say(state.words(self.units));
        }
    }
}

impl Tally {
    fn words(&self, units: usize) -> String {
        let mut words = format!("{} of {units} read: {}", self.done, count(self.facts, "fact"));
        if self.gaps > 0 {
            words = format!("{words}, {}", count(self.gaps, "gap"));
        }
        if self.closed > 0 {
            words = format!("{words}, {} closed", self.closed);
        }
        let names: Vec<&str> = self.under_way.iter().map(String::as_str).collect();
        if names.is_empty() { words } else { format!("{words}; reading {}", names.join(", ")) }
    }
}

impl UnitProgress for Counted {
    fn begin(&self, unit: &Unit) {
        self.change(|state| {
            state.under_way.insert(unit.to_string());
        });
    }

    fn end(&self, unit: &Unit, part: &Snapshot) {
        self.change(|state| {
            state.under_way.remove(&unit.to_string());
            state.done += 1;
            state.closed += usize::from(part.scope.reader.is_empty());
            state.facts += part.facts.len();
            state.gaps += part.gaps.len();
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_what_is_still_being_read() {
        let drawn = Drawn { line: None, state: RefCell::default() };
        drawn.begin("eu-central-1", "alarms");
        drawn.begin("us-east-1", "alarms");
        drawn.begin("us-east-1", "registry");
        drawn.advance("us-east-1", "registry", 7);
        drawn.end("eu-central-1", "alarms", 1);
        assert_eq!(drawn.state.borrow().words(), "7 facts, 1 gap; reading alarms, registry");
        drawn.end("us-east-1", "alarms", 0);
        assert_eq!(drawn.state.borrow().words(), "7 facts, 1 gap; reading registry");
    }
}
