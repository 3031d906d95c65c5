//! How fast to ask: one pacer for each region, with one lane for each quota.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::Clock;
use governor::{DefaultDirectRateLimiter, Quota};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::collect::{ApiCall, Pace};

/// `DescribeTrails` and its kin a second, of the ten that AWS allows.
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>
const TRAILS_PER_SECOND: f64 = 5.0;

/// Calls about money a second, each service's: none of them publishes a quota.
const MONEY_PER_SECOND: f64 = 5.0;

/// The quotas of one account in one region.
#[derive(Debug)]
pub(crate) struct Pacer {
    lookup_events: Steady,
    cloudtrail: Steady,
    cloudwatch: Steady,
    histories: Steady,
    dashboards: Steady,
    metrics: Steady,
    s3: Steady,
    sns: Steady,
    tagging: Steady,
    ecr: Steady,
    iam: Steady,
    events: Steady,
    scaling: Steady,
    kms: Steady,
    bedrock: Steady,
    cost_explorer: Steady,
    budgets: Steady,
    pricing: Steady,
    savings: Steady,
    sagemaker: Arc<Adaptive>,
}

/// The right to have one call under way; given back when dropped.
#[derive(Debug)]
pub(crate) struct Turn<'p> {
    _permit: Option<SemaphorePermit<'p>>,
}

impl Pacer {
    /// A pacer at the given pace.
    pub(crate) fn new(pace: &Pace) -> Self {
        let money = || Steady::new(pace.others_per_second.min(MONEY_PER_SECOND), Burst::OneSecond);
        Self {
            lookup_events: Steady::new(pace.lookup_events_per_second, Burst::None),
            cloudtrail: Steady::new(TRAILS_PER_SECOND, Burst::OneSecond),
            cloudwatch: Steady::new(pace.cloudwatch_per_second, Burst::OneSecond),
            // Quotas of their own, all larger than that of alarms.
            histories: Steady::new(pace.cloudwatch_per_second, Burst::OneSecond),
            dashboards: Steady::new(pace.cloudwatch_per_second, Burst::OneSecond),
            metrics: Steady::new(pace.cloudwatch_per_second, Burst::OneSecond),
            s3: Steady::new(pace.s3_per_second, Burst::OneSecond),
            sns: Steady::new(pace.others_per_second, Burst::OneSecond),
            tagging: Steady::new(pace.others_per_second, Burst::OneSecond),
            ecr: Steady::new(pace.others_per_second, Burst::OneSecond),
            iam: Steady::new(pace.others_per_second, Burst::OneSecond),
            events: Steady::new(pace.others_per_second, Burst::OneSecond),
            scaling: Steady::new(pace.others_per_second, Burst::OneSecond),
            kms: Steady::new(pace.others_per_second, Burst::OneSecond),
            bedrock: money(),
            cost_explorer: money(),
            budgets: money(),
            pricing: money(),
            savings: money(),
            sagemaker: Arc::new(Adaptive::new(pace.sagemaker_in_flight, pace.sagemaker_per_second_throttled)),
        }
    }

    /// Waits until the call may be made.
    pub(crate) async fn turn(&self, call: &ApiCall) -> Turn<'_> {
        let steady = match (call.service, call.operation) {
            ("sagemaker", _) => return self.sagemaker.turn().await,
            ("cloudtrail", "LookupEvents") => &self.lookup_events,
            ("cloudtrail", _) => &self.cloudtrail,
            ("cloudwatch", "DescribeAlarmHistory") => &self.histories,
            ("cloudwatch", "ListDashboards" | "GetDashboard") => &self.dashboards,
            ("cloudwatch", "GetMetricData") => &self.metrics,
            ("cloudwatch", _) => &self.cloudwatch,
            ("s3", _) => &self.s3,
            ("sns", _) => &self.sns,
            ("ecr", _) => &self.ecr,
            ("iam", _) => &self.iam,
            ("events", _) => &self.events,
            ("application-autoscaling", _) => &self.scaling,
            ("kms", _) => &self.kms,
            ("bedrock", _) => &self.bedrock,
            ("ce", _) => &self.cost_explorer,
            ("budgets", _) => &self.budgets,
            ("pricing", _) => &self.pricing,
            ("cost-optimization-hub", _) => &self.savings,
            _ => &self.tagging,
        };
        steady.turn().await;
        Turn { _permit: None }
    }

    /// The lane that slows down when SageMaker throttles.
    pub(crate) fn sagemaker(&self) -> Arc<Adaptive> {
        Arc::clone(&self.sagemaker)
    }
}

/// Whether a lane may begin with a burst.
#[derive(Clone, Copy, Debug)]
enum Burst {
    None,
    OneSecond,
}

/// A lane with a known quota.
#[derive(Debug)]
struct Steady(DefaultDirectRateLimiter);

impl Steady {
    fn new(per_second: f64, burst: Burst) -> Self {
        // A pace of nothing would wait for ever; policies are checked, but a sum of small mistakes must not hang a run.
        let per_second = if per_second.is_finite() { per_second.clamp(0.01, 10_000.0) } else { 1.0 };
        let quota = Quota::with_period(Duration::from_secs_f64(1.0 / per_second))
            .unwrap_or_else(|| Quota::per_second(std::num::NonZeroU32::MIN));
        let quota = match burst {
            Burst::None => quota,
            Burst::OneSecond => {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped above")]
                let size = per_second.ceil() as u32;
                quota.allow_burst(std::num::NonZeroU32::new(size).unwrap_or(std::num::NonZeroU32::MIN))
            }
        };
        Self(DefaultDirectRateLimiter::direct(quota))
    }

    async fn turn(&self) {
        while let Err(not_until) = self.0.check() {
            tokio::time::sleep(not_until.wait_time_from(self.0.clock().now())).await;
        }
    }
}

/// SageMaker publishes no quota for reads: so many calls in flight, and once AWS throttles, so many a second, until it
/// has been calm for a while.
#[derive(Debug)]
pub(crate) struct Adaptive {
    in_flight: Semaphore,
    slowdown: Mutex<Slowdown>,
}

impl Adaptive {
    fn new(in_flight: u32, per_second_throttled: f64) -> Self {
        let permits = usize::try_from(in_flight.max(1)).unwrap_or(1);
        Self { in_flight: Semaphore::new(permits), slowdown: Mutex::new(Slowdown::new(per_second_throttled)) }
    }

    async fn turn(&self) -> Turn<'_> {
        // The semaphore is never closed; without a permit the call would merely go unpaced.
        let permit = self.in_flight.acquire().await.ok();
        let wait = self.lock().reserve(Instant::now());
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Turn { _permit: permit }
    }

    /// AWS throttled a call.
    pub(crate) fn throttled(&self) {
        self.lock().throttled(Instant::now());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Slowdown> {
        self.slowdown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The distance between calls: none while all is well, longer after each throttle, shorter again with time.
#[derive(Debug)]
struct Slowdown {
    longest: Duration,
    distance: Option<Duration>,
    changed: Option<Instant>,
    next: Option<Instant>,
}

impl Slowdown {
    /// Distance after a first throttle.
    const FIRST: Duration = Duration::from_millis(50);
    /// Below this distance the lane counts as free again.
    const FREE: Duration = Duration::from_millis(20);
    /// Throttles within this time of a slow-down belong to the same burst of calls.
    const SAME_BURST: Duration = Duration::from_millis(500);
    /// Calm time after which the distance is halved.
    const CALM: Duration = Duration::from_secs(5);

    fn new(per_second: f64) -> Self {
        let per_second = if per_second.is_finite() { per_second.clamp(0.01, 10_000.0) } else { 5.0 };
        Self { longest: Duration::from_secs_f64(1.0 / per_second), distance: None, changed: None, next: None }
    }

    fn throttled(&mut self, now: Instant) {
        if self.changed.is_some_and(|changed| self.distance.is_some() && now - changed < Self::SAME_BURST) {
            return;
        }
        let doubled = self.distance.map_or(Self::FIRST, |distance| distance * 2);
        self.distance = Some(doubled.min(self.longest));
        self.changed = Some(now);
    }

    /// How long the next call has to wait.
    fn reserve(&mut self, now: Instant) -> Duration {
        self.recover(now);
        let Some(distance) = self.distance else {
            self.next = None;
            return Duration::ZERO;
        };
        let slot = self.next.map_or(now, |next| next.max(now));
        self.next = Some(slot + distance);
        slot - now
    }

    fn recover(&mut self, now: Instant) {
        while let (Some(distance), Some(changed)) = (self.distance, self.changed) {
            if now.saturating_duration_since(changed) < Self::CALM {
                return;
            }
            let halved = distance / 2;
            self.distance = (halved > Self::FREE).then_some(halved);
            self.changed = Some(changed + Self::CALM);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn nothing_waits_until_something_is_throttled() {
        let start = Instant::now();
        let mut lane = Slowdown::new(5.0);
        assert!((0..100).all(|_| lane.reserve(start).is_zero()));
    }

    #[test]
    fn throttles_slow_the_lane_down_to_its_floor_and_no_further() {
        let start = Instant::now();
        let mut lane = Slowdown::new(5.0);
        lane.throttled(start);
        // The rest of the same burst says nothing new.
        (0..15).for_each(|n| lane.throttled(start + MS(n)));
        assert_eq!(lane.distance, Some(MS(50)));
        (1..20).for_each(|n| lane.throttled(start + MS(600 * n)));
        assert_eq!(lane.distance, Some(MS(200)));
    }

    #[test]
    fn a_slow_lane_spaces_calls_evenly() {
        let start = Instant::now();
        let mut lane = Slowdown::new(5.0);
        (0..3).for_each(|n| lane.throttled(start + MS(600 * n)));
        let now = start + MS(1_300);
        let waits: Vec<Duration> = (0..3).map(|_| lane.reserve(now)).collect();
        assert_eq!(waits, [MS(0), MS(200), MS(400)]);
    }

    #[test]
    fn a_calm_lane_recovers_step_by_step() {
        let start = Instant::now();
        let mut lane = Slowdown::new(5.0);
        (0..3).for_each(|n| lane.throttled(start + MS(600 * n)));
        let calm = start + MS(1_200);
        let after = |lane: &mut Slowdown, seconds| {
            lane.recover(calm + Duration::from_secs(seconds));
            lane.distance
        };
        assert_eq!(after(&mut lane, 4), Some(MS(200)));
        assert_eq!(after(&mut lane, 5), Some(MS(100)));
        assert_eq!(after(&mut lane, 10), Some(MS(50)));
        assert_eq!(after(&mut lane, 20), None);
        assert!(lane.reserve(calm + Duration::from_secs(20)).is_zero());
    }

    #[test]
    fn a_steady_lane_lets_its_quota_through_at_once() {
        let lane = Steady::new(4.5, Burst::OneSecond);
        assert_eq!((0..20).filter(|_| lane.0.check().is_ok()).count(), 5);
        let lane = Steady::new(1.0, Burst::None);
        assert_eq!((0..20).filter(|_| lane.0.check().is_ok()).count(), 1);
        // A pace that makes no sense slows down; it neither hangs nor panics.
        for odd in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Steady::new(odd, Burst::OneSecond).0.check().is_ok(), "{odd}");
        }
    }

    #[tokio::test]
    async fn only_so_many_sagemaker_calls_are_in_flight() {
        let pacer = Pacer::new(&Pace { sagemaker_in_flight: 2, ..Pace::default() });
        let call = ApiCall { service: "sagemaker", operation: "Search", action: "sagemaker:Search", purpose: "" };
        let (first, _second) = (pacer.turn(&call).await, pacer.turn(&call).await);
        let third = tokio::time::timeout(MS(20), pacer.turn(&call)).await;
        assert!(third.is_err());
        drop(first);
        assert!(tokio::time::timeout(MS(200), pacer.turn(&call)).await.is_ok());
    }
}
