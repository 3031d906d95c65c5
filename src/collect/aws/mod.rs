//! Reading from AWS: which collectors run, and in which order.

mod assume_role;
mod batch;
mod engine;
mod http;
pub mod regions;
mod session;
mod text;

use super::{CollectRequest, CollectorInfo, Progress};
use crate::evidence::{Scope, Snapshot, snapshot::SCHEMA};
use engine::Engine;

pub use session::{Session, SessionError, SessionOptions};

/// Every collector. The IAM policy, the `doctor` and the remedies of gaps are generated from what these declare.
pub static COLLECTORS: &[&CollectorInfo] = &[&session::INFO, &batch::INFO];

/// Reads everything that was asked for. Never fails: what could not be read is a gap of the snapshot.
///
/// When `stop` resolves (Ctrl-C, a deadline), what was read is kept and the rest becomes gaps.
pub async fn collect(
    session: &Session,
    request: &CollectRequest,
    progress: &dyn Progress,
    stop: impl Future<Output = ()>,
) -> Snapshot {
    let engine = Engine::new(session, request, progress);
    let reading = async {
        // Events are paced far below everything else, so they are read beside all the phases.
        let events = async {};
        let estate = async {
            // Phase 1: what each service says by itself.
            engine.everywhere(&batch::INFO, batch::collect).await;
            engine.settle();
            // Phase 2: what is asked because of what was found.
            engine.settle();
            // Phase 3: the artifacts of all models and packages that are known by now.
        };
        futures_util::join!(events, estate);
    };
    engine.until(reading, stop).await;
    let learnt = engine.finish();
    Snapshot {
        schema: SCHEMA.to_owned(),
        tool: format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")),
        as_of: request.now,
        scope: Scope {
            partition: session.partition().to_owned(),
            account: session.account().to_owned(),
            reader: session.reader().to_owned(),
            regions: request.regions.clone(),
            events_since: Some(request.events_since),
            batch_since: Some(request.batch_since),
        },
        calls: learnt.calls,
        facts: learnt.facts,
        gaps: learnt.gaps,
        stats: learnt.stats,
    }
}
