//! How a collection goes, drawn on standard error while somebody watches.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::console::Console;
use crate::collect::{Progress, Silent};
use crate::report::words::count;

/// Draws where there is a terminal, else says nothing.
pub(super) fn progress(console: Console) -> Box<dyn Progress> {
    if console.draws() { Box::new(Drawn::new()) } else { Box::new(Silent) }
}

/// One line: what is being read, and how much has been.
struct Drawn {
    bar: ProgressBar,
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
    fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar, state: RefCell::default() }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.borrow_mut();
        change(&mut state);
        self.bar.set_message(state.words());
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

impl Drop for Drawn {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_what_is_still_being_read() {
        let drawn = Drawn { bar: ProgressBar::hidden(), state: RefCell::default() };
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
