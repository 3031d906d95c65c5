//! One line on standard error that says how far a command is, while somebody watches.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::console::Console;

/// The line; it goes when this is dropped.
pub(super) struct Line {
    bar: ProgressBar,
}

impl Line {
    /// A line where there is a terminal, else none.
    pub(super) fn new(console: Console) -> Option<Self> {
        console.draws().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            Self { bar }
        })
    }

    /// Changes what it says.
    pub(super) fn say(&self, words: String) {
        self.bar.set_message(words);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
