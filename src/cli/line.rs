//! One line on standard error that says how far a command is, while somebody watches.

use std::fs;
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::console::Console;
use crate::evidence::Snapshot;
use crate::report::escape::visible;
use crate::report::words;

/// Reading a file of so many bytes takes about a second on two cores.
const LARGE: u64 = 16_000_000;

/// And so does judging so many facts.
const MANY: usize = 20_000;

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

    /// A line for the reading of a file, if that takes a while.
    pub(super) fn reading(console: Console, file: &Path) -> Option<Self> {
        let bytes = fs::metadata(file).map(|file| file.len()).ok().filter(|bytes| *bytes >= LARGE)?;
        let line = Self::new(console)?;
        let size = i64::try_from(bytes).unwrap_or(i64::MAX);
        line.say(visible(&format!("reading {} ({})", file.display(), words::size(size))).into_owned());
        Some(line)
    }

    /// A line for the judging of a snapshot and what is written of it, if that takes a while.
    pub(super) fn judging(console: Console, snapshot: &Snapshot) -> Option<Self> {
        let facts = Some(snapshot.facts.len()).filter(|facts| *facts >= MANY)?;
        let line = Self::new(console)?;
        line.say(format!("judging {}", words::count(facts, "fact")));
        Some(line)
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
