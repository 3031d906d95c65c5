//! Stopping a collection early: what was read is kept, and what was not read becomes a gap.

use tokio::sync::watch;

/// Tells everything under way to stop.
#[derive(Debug)]
pub(super) struct Stop(watch::Sender<bool>);

impl Stop {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    /// Stops.
    pub(super) fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Returns once stopped.
    pub(super) async fn stopped(&self) {
        // The sender lives as long as `self`, so waiting can only end with the value.
        drop(self.0.subscribe().wait_for(|stopped| *stopped).await);
    }
}
