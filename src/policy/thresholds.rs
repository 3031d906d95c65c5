//! `[thresholds]`: how strictly to judge, in numbers.

use super::raw::Section;
use super::valid::at_the_top;

/// `[thresholds]`
#[derive(Clone, Debug, PartialEq)]
pub struct Thresholds {
    /// A revoked version must be gone after so many hours.
    pub revoke_hours: i64,
    /// An endpoint that updates for longer than so many hours is stuck.
    pub updating_hours: i64,
    /// An endpoint that rolls back for longer than so many hours is stuck.
    pub rolling_back_hours: i64,
    /// Batch jobs are looked at for so many days back.
    pub batch_days: i64,
    /// A declared fallback must have been tested in the last so many days.
    pub fallback_tested_days: i64,
    /// A version must have served for so many days before its use may be expanded.
    pub soak_days: i64,
    /// Share of gate controls that must be decided, from 0 to 1.
    pub evidence_share: f64,
    /// Share of the week that an alarm may be muted, from 0 to 1.
    pub muted_share: f64,
    /// The longest life of a waiver in days.
    pub waiver_days: i64,
    /// Events younger than so many minutes may not have arrived.
    pub event_latency_minutes: i64,
    /// Alarms are replayed over the data points of so many days, 14 to 63.
    pub replay_days: i64,
    /// An alarm in ALARM for so many hours without anybody acting is unattended, where no response time is declared.
    pub unattended_hours: i64,
    /// An alarm that changes its state more often in a week flaps.
    pub flaps_per_week: i64,
    /// Fewest captured requests that a monitoring period needs, where the manifest does not say.
    pub capture_samples: i64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            revoke_hours: 24,
            updating_hours: 6,
            rolling_back_hours: 1,
            batch_days: 30,
            fallback_tested_days: 180,
            soak_days: 7,
            evidence_share: 0.95,
            muted_share: 0.2,
            waiver_days: 365,
            event_latency_minutes: 15,
            replay_days: 14,
            unattended_hours: 4,
            flaps_per_week: 20,
            capture_samples: 500,
        }
    }
}

impl Thresholds {
    pub(super) fn read(&mut self, mut section: Section<'_>) {
        for (key, range, limit) in [
            ("revoke_hours", 0..=8_760, &mut self.revoke_hours),
            ("updating_hours", 1..=720, &mut self.updating_hours),
            ("rolling_back_hours", 1..=720, &mut self.rolling_back_hours),
            ("batch_days", 1..=366, &mut self.batch_days),
            ("fallback_tested_days", 1..=3_660, &mut self.fallback_tested_days),
            ("soak_days", 0..=366, &mut self.soak_days),
            ("waiver_days", 1..=1_830, &mut self.waiver_days),
            ("event_latency_minutes", 0..=1_440, &mut self.event_latency_minutes),
            ("replay_days", 14..=63, &mut self.replay_days),
            ("unattended_hours", 1..=720, &mut self.unattended_hours),
            ("flaps_per_week", 1..=10_000, &mut self.flaps_per_week),
            ("capture_samples", 1..=1_000_000_000, &mut self.capture_samples),
        ] {
            *limit = section.whole(key, range).unwrap_or(*limit);
        }
        for (key, share) in [("evidence_share", &mut self.evidence_share), ("muted_share", &mut self.muted_share)] {
            *share = section.take(key).and_then(|value| value.number(0.0..=1.0)).unwrap_or(*share);
        }
        section.finish(at_the_top);
    }
}
