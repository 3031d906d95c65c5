//! What every collector leans on: asking, paging, pacing, counting, stopping, and keeping what was learnt.
//!
//! A collector gets a [`Reader`]: one region, one collector, one place to put facts and gaps. It never sees a retry, a
//! rate limit, a clock or a page token's fate. The pattern is always the same:
//!
//! ```text
//! match reader.ask(&DESCRIBE, name, client.describe_x().name(name).send()).await {
//!     Ok(answer) => match normalise(&answer.output) {
//!         Ok(fact) => reader.record(fact, &[answer.call]),
//!         Err(malformed) => reader.malformed(&DESCRIBE, answer.call, &malformed, &hides),
//!     },
//!     Err(failure) if failure.not_found => reader.absent(failure, key),
//!     Err(failure) => reader.gap(failure, &hides),
//! }
//! ```

mod failure;
mod order;
#[cfg(test)]
mod order_tests;
mod pacer;
mod pages;
#[cfg(test)]
mod pages_tests;
mod reader;
mod sink;
mod stop;
mod tally;
mod waiting;
mod whole;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Instant;

use futures_util::future::{Either, join_all};
use jiff::{Timestamp, Unit};

use super::session::{BILLING_REGION, Clients, Session};
use crate::collect::{CollectRequest, CollectorInfo, Progress};
use crate::evidence::{Call, CollectStats, Facts, Gap, ScopeFocus};
use sink::Sink;
use stop::Stop;
use waiting::Waiting;

pub(crate) use failure::{Failure, Reason, chain, presentable, reason};
pub(crate) use pacer::{Adaptive, Pacer};
pub(crate) use pages::token;
pub(crate) use reader::{Answer, Reader};
pub(crate) use tally::{Counting, Tally};
pub(crate) use whole::WholeAnswers;

/// One collection under way.
pub(crate) struct Engine<'r> {
    request: &'r CollectRequest,
    progress: &'r dyn Progress,
    /// Where the models serve.
    estate: Site<'r>,
    /// Where their packages are registered, if that is elsewhere.
    registries: Vec<Site<'r>>,
    /// Where alarms on them live, if that is elsewhere.
    monitoring: Vec<Site<'r>>,
    /// The account that pays, where AWS answers questions about money; `None` if it was named and is closed.
    payer: Option<Site<'r>>,
    /// The estate's own account in the same region, for what every account may ask.
    price_list: Site<'r>,
    /// What a limited run turned out to be limited to.
    focus: RefCell<Option<ScopeFocus>>,
    /// Metrics that data points were asked of.
    metrics: Cell<u64>,
    sink: Sink,
    stop: Stop,
    waiting: Waiting,
    started: Instant,
}

/// One account, as one identity reads it.
struct Site<'r> {
    session: &'r Session,
    /// Whether it is read for what watches other accounts: what cannot be read there may watch any of them.
    watches_others: bool,
    regions: BTreeMap<&'r str, Region>,
}

/// What one region needs: its clients, and its quotas.
struct Region {
    clients: Clients,
    pacer: Pacer,
}

/// What a collection learnt.
pub(crate) struct Learnt {
    pub(crate) calls: Vec<Call>,
    pub(crate) facts: Facts,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) stats: CollectStats,
}

impl<'r> Engine<'r> {
    /// Makes ready to read an estate, and the registries that belong to it; nothing is asked yet.
    pub(crate) fn new(
        session: &'r Session,
        registries: &'r [Session],
        request: &'r CollectRequest,
        progress: &'r dyn Progress,
    ) -> Self {
        let regions = regions(request);
        Self {
            request,
            progress,
            estate: Site::new(session, request, &regions),
            registries: registries.iter().map(|session| Site::new(session, request, &regions)).collect(),
            monitoring: Vec::new(),
            payer: Some(Site::new(session, request, &[BILLING_REGION])),
            price_list: Site::new(session, request, &[BILLING_REGION]),
            focus: RefCell::default(),
            metrics: Cell::new(0),
            sink: Sink::default(),
            stop: Stop::new(),
            waiting: Waiting::new(),
            started: Instant::now(),
        }
    }

    /// Makes ready to read the accounts in which alarms on the estate live.
    pub(crate) fn with_monitoring(self, sessions: &'r [Session]) -> Self {
        let regions = regions(self.request);
        let site = |session| Site { watches_others: true, ..Site::new(session, self.request, &regions) };
        Self { monitoring: sessions.iter().map(site).collect(), ..self }
    }

    /// Makes ready to ask the account that pays, where one was named; `None` if it is closed, and nobody is asked for it.
    pub(crate) fn with_payer(self, session: Option<&'r Session>) -> Self {
        Self { payer: session.map(|session| Site::new(session, self.request, &[BILLING_REGION])), ..self }
    }

    /// Runs one collector in every region of the estate at once. `read` is the collector's function.
    pub(crate) async fn everywhere<'e>(&'e self, info: &'static CollectorInfo, read: impl AsyncFn(&Reader<'e>)) {
        self.at([&self.estate], info, read).await;
    }

    /// Runs one collector in every region of each registry.
    pub(crate) async fn in_registries<'e>(&'e self, info: &'static CollectorInfo, read: impl AsyncFn(&Reader<'e>)) {
        self.at(&self.registries, info, read).await;
    }

    /// Runs one collector in every region of each account in which alarms on the estate live.
    pub(crate) async fn in_monitoring<'e>(&'e self, info: &'static CollectorInfo, read: impl AsyncFn(&Reader<'e>)) {
        self.at(&self.monitoring, info, read).await;
    }

    /// Runs one collector in the account that pays.
    pub(crate) async fn at_the_payer<'e>(&'e self, info: &'static CollectorInfo, read: impl AsyncFn(&Reader<'e>)) {
        self.at(&self.payer, info, read).await;
    }

    /// Runs one collector where the price list is, as the reader of the estate.
    pub(crate) async fn at_the_price_list<'e>(&'e self, info: &'static CollectorInfo, read: impl AsyncFn(&Reader<'e>)) {
        self.at([&self.price_list], info, read).await;
    }

    /// Runs one collector once, as somebody who need not be the reader of the estate; the first region stands for all.
    pub(crate) async fn once<'e>(
        &'e self,
        session: &'e Session,
        info: &'static CollectorInfo,
        read: impl AsyncFn(&Reader<'e>),
    ) {
        let Some((name, region)) = self.estate.regions.iter().next() else { return };
        let reader = Reader::new(self, session, name, region, info);
        self.progress.begin(name, info.name);
        read(&reader).await;
        self.progress.end(name, info.name, reader.gaps());
    }

    async fn at<'e>(
        &'e self,
        sites: impl IntoIterator<Item = &'e Site<'r>>,
        info: &'static CollectorInfo,
        read: impl AsyncFn(&Reader<'e>),
    ) {
        let places =
            sites.into_iter().flat_map(|site| site.regions.iter().map(move |(name, region)| (site, name, region)));
        join_all(places.map(async |(site, name, region)| {
            let reader = Reader::new(self, site.session, name, region, info).watching_others(site.watches_others);
            self.progress.begin(name, info.name);
            read(&reader).await;
            self.progress.end(name, info.name, reader.gaps());
        }))
        .await;
    }

    fn reads(&self, account: &str, region: &str) -> bool {
        let mut sites = self.registries.iter().chain([&self.estate]);
        sites.any(|site| site.session.account() == account && site.regions.contains_key(region))
    }

    /// Keeps a gap that belongs to no collector.
    pub(crate) fn gap(&self, gap: Gap) {
        self.sink.gap(gap);
    }

    /// Merges what the phase before learnt, so that the next one sees each thing once.
    pub(crate) fn settle(&self) {
        self.sink.settle();
    }

    /// Drops what a run that is limited to something does not look at, so that no later phase asks about it.
    pub(crate) fn narrow(&self) -> Option<ScopeFocus> {
        let focus = self.request.focus.as_ref()?;
        let limited = Some(self.sink.change(|facts| focus.narrow(facts)));
        self.focus.replace(limited.clone());
        limited
    }

    /// Reads to the end; once `stop` resolves, everything that is still to be asked becomes a gap instead.
    pub(crate) async fn until(&self, reading: impl Future<Output = ()>, stop: impl Future<Output = ()>) {
        let reading = std::pin::pin!(reading);
        match futures_util::future::select(reading, std::pin::pin!(stop)).await {
            Either::Left(_) => {}
            Either::Right(((), reading)) => {
                self.stop.stop();
                reading.await;
            }
        }
    }

    /// Everything that was learnt, in canonical order.
    pub(crate) fn finish(self) -> Learnt {
        let stats = CollectStats {
            calls: self.estate.session.tally().take(),
            wall_ms: milliseconds(self.started.elapsed()),
            paced_ms: milliseconds(self.waiting.paced()),
            metrics: self.metrics.get(),
        };
        let (calls, facts, gaps) = self.sink.finish();
        Learnt { calls, facts, gaps, stats }
    }

    /// The time now: that of the request, moved on by what has passed since.
    fn now(&self) -> Timestamp {
        let now = self.request.now.checked_add(self.started.elapsed()).unwrap_or(self.request.now);
        now.round(Unit::Millisecond).unwrap_or(now)
    }
}

impl<'r> Site<'r> {
    fn new(session: &'r Session, request: &'r CollectRequest, regions: &[&'r str]) -> Self {
        let region = |region: &&'r str| {
            let pacer = Pacer::new(&request.pace);
            let clients = session.clients(region, &pacer.sagemaker());
            (*region, Region { clients, pacer })
        };
        Self { session, watches_others: false, regions: regions.iter().map(region).collect() }
    }
}

/// The regions that were asked for.
fn regions(request: &CollectRequest) -> Vec<&str> {
    request.regions.iter().map(String::as_str).collect()
}

fn milliseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
