//! How long a collection did nothing but wait its turn at `LookupEvents`.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// Which calls are under way, waiting for their turn included.
#[derive(Debug)]
pub(super) struct Waiting {
    lookups: Cell<u32>,
    others: Cell<u32>,
    since: Cell<Option<Instant>>,
    paced: Cell<Duration>,
}

/// A call under way; ends when dropped.
#[derive(Debug)]
pub(super) struct UnderWay<'w> {
    waiting: &'w Waiting,
    lookup: bool,
}

impl Waiting {
    pub(super) fn new() -> Self {
        Self { lookups: Cell::new(0), others: Cell::new(0), since: Cell::new(None), paced: Cell::new(Duration::ZERO) }
    }

    pub(super) fn begin(&self, lookup: bool) -> UnderWay<'_> {
        let counter = if lookup { &self.lookups } else { &self.others };
        counter.set(counter.get() + 1);
        self.turn_over();
        UnderWay { waiting: self, lookup }
    }

    /// Time during which only `LookupEvents` was under way.
    pub(super) fn paced(&self) -> Duration {
        self.turn_over();
        self.paced.get()
    }

    fn turn_over(&self) {
        let now = Instant::now();
        if let Some(since) = self.since.take() {
            self.paced.set(self.paced.get() + (now - since));
        }
        if self.lookups.get() > 0 && self.others.get() == 0 {
            self.since.set(Some(now));
        }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let counter = if self.lookup { &self.waiting.lookups } else { &self.waiting.others };
        counter.set(counter.get().saturating_sub(1));
        self.waiting.turn_over();
    }
}
