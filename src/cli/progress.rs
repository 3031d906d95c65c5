//! How a collection goes, drawn on standard error while somebody watches.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::console::Console;
use super::line::Line;
use crate::collect::{Progress, Silent};
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
