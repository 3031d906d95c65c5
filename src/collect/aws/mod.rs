//! Reading from AWS: which collectors run, and in which order.

mod about_serving;
mod alarm_histories;
mod alarms;
mod artifacts;
mod assume_role;
mod batch;
mod bedrock;
mod budgets;
mod captures;
mod checksums;
mod components;
mod containers;
mod costs;
mod dashboards;
mod domains;
mod endpoints;
mod engine;
mod event_rules;
mod home;
mod http;
mod images;
mod in_use;
mod index;
mod jobs;
mod live;
mod log_files;
mod metric_data;
mod models;
mod monitors;
mod notebooks;
mod objects;
mod organization;
mod others;
mod prefixes;
mod prices;
mod probe;
mod public_keys;
pub mod regions;
mod registry;
mod roles;
mod saving_hints;
mod scalable_targets;
mod session;
mod store;
mod tags;
mod text;
mod topics;
mod trail_events;
mod trails;
mod violation_reports;

use std::cell::Cell;

use futures_util::FutureExt;

use super::{CollectRequest, CollectorInfo, Progress};
use crate::evidence::{Scope, Snapshot, snapshot::SCHEMA};
use engine::Engine;
use others::Others;

pub(crate) use engine::{Reason, chain, presentable, reason};
pub use organization::{OrganizationError, UnitProgress, accounts, collect_unit, collect_units};
pub use probe::{Probe, ProbeResult, declared, probe};
pub use public_keys::{CloudTrailKeys, trail_status};
pub use session::{Session, SessionError, SessionOptions};
pub(crate) use store::Prefix;
pub use store::S3Store;

/// Every collector. The IAM policy, the `doctor` and the remedies of gaps are generated from what these declare.
pub static COLLECTORS: &[&CollectorInfo] = &[
    &session::INFO,
    &registry::INFO,
    &endpoints::INFO,
    &models::INFO,
    &components::INFO,
    &batch::INFO,
    &alarms::INFO,
    &topics::INFO,
    &alarm_histories::INFO,
    &metric_data::INFO,
    &event_rules::INFO,
    &dashboards::INFO,
    &scalable_targets::INFO,
    &trail_events::INFO,
    &trails::INFO,
    &domains::INFO,
    &artifacts::INFO,
    &images::INFO,
    &roles::INFO,
    &tags::INFO,
    &monitors::INFO,
    &violation_reports::INFO,
    &captures::INFO,
    &prefixes::INFO,
    &jobs::INFO,
    &notebooks::INFO,
    &bedrock::INFO,
    &budgets::INFO,
    &prices::INFO,
    &saving_hints::INFO,
];

/// Collectors that run only where the policy asks for them, since they cost money or need rights that not every reader should
/// have. They are in no IAM policy unless it is asked for with them.
pub static OPTIONAL: &[&CollectorInfo] = &[&checksums::INFO, &log_files::INFO, &organization::INFO, &costs::INFO];

/// Reads everything that was asked for. Never fails: what could not be read is a gap of the snapshot.
///
/// When `stop` resolves (Ctrl-C, a deadline), what was read is kept and the rest becomes gaps.
pub async fn collect(
    session: &Session,
    request: &CollectRequest,
    progress: &dyn Progress,
    stop: impl Future<Output = ()>,
) -> Snapshot {
    collect_as(session, session, request, progress, stop).await
}

/// The same, with the roles of other accounts assumed by somebody who need not be the reader of the estate.
async fn collect_as(
    session: &Session,
    caller: &Session,
    request: &CollectRequest,
    progress: &dyn Progress,
    stop: impl Future<Output = ()>,
) -> Snapshot {
    let stop = stop.shared();
    let others = Others::open(&caller.counted_as(session), session.account(), request, stop.clone()).await;
    let engine = Engine::new(session, &others.registries, request, progress)
        .with_monitoring(&others.monitoring)
        .with_payer(others.payer(session));
    others.gaps.iter().for_each(|gap| engine.gap(gap.clone()));
    let focus = Cell::new(None);
    let reading = async {
        // Events are paced far below everything else, so they are read beside all the phases.
        let events = async {
            futures_util::join!(
                engine.everywhere(&trail_events::INFO, trail_events::collect),
                engine.in_registries(&trail_events::INFO, trail_events::collect),
            );
        };
        let estate = async {
            let money = async {
                if request.money {
                    futures_util::join!(
                        engine.at_the_payer(&costs::INFO, costs::collect),
                        engine.at_the_payer(&budgets::INFO, budgets::collect),
                        engine.at_the_payer(&saving_hints::INFO, saving_hints::collect),
                    );
                }
            };
            // Phase 1: what each service says by itself.
            futures_util::join!(
                engine.everywhere(&registry::INFO, registry::collect),
                engine.in_registries(&registry::INFO, registry::collect),
                engine.everywhere(&endpoints::INFO, endpoints::collect),
                engine.everywhere(&models::INFO, models::collect),
                engine.everywhere(&components::INFO, components::collect),
                engine.everywhere(&batch::INFO, batch::collect),
                engine.everywhere(&alarms::INFO, alarms::collect),
                engine.in_monitoring(&alarms::INFO, alarms::collect),
                engine.everywhere(&event_rules::INFO, event_rules::collect),
                engine.in_monitoring(&event_rules::INFO, event_rules::collect),
                engine.everywhere(&dashboards::INFO, dashboards::collect),
                engine.everywhere(&scalable_targets::INFO, scalable_targets::collect),
                engine.everywhere(&trails::INFO, trails::collect),
                engine.in_registries(&trails::INFO, trails::collect),
                engine.everywhere(&domains::INFO, domains::collect),
                engine.in_registries(&domains::INFO, domains::collect),
                engine.everywhere(&prefixes::INFO, prefixes::collect),
                engine.everywhere(&jobs::INFO, jobs::collect),
                engine.everywhere(&notebooks::INFO, notebooks::collect),
                engine.everywhere(&bedrock::INFO, bedrock::collect),
                money,
            );
            engine.settle();
            focus.replace(engine.narrow());
            // Phase 2: what is asked because of what was found.
            let confirmations = async {
                engine.everywhere(&models::INFO, models::confirm).await;
                futures_util::join!(
                    engine.everywhere(&registry::INFO, registry::confirm),
                    engine.in_registries(&registry::INFO, registry::confirm),
                );
            };
            futures_util::join!(
                confirmations,
                engine.everywhere(&topics::INFO, topics::collect),
                engine.in_monitoring(&topics::INFO, topics::collect),
                engine.everywhere(&tags::INFO, tags::collect),
                engine.in_monitoring(&tags::INFO, tags::collect_of_alarms),
                engine.everywhere(&alarm_histories::INFO, alarm_histories::collect),
                engine.in_monitoring(&alarm_histories::INFO, alarm_histories::collect),
                engine.everywhere(&metric_data::INFO, metric_data::collect),
                engine.in_monitoring(&metric_data::INFO, metric_data::collect),
                engine.everywhere(&monitors::INFO, monitors::collect),
                engine.everywhere(&captures::INFO, captures::collect),
                engine.at_the_price_list(&prices::INFO, prices::collect),
                engine.everywhere(&trails::INFO, trails::examine),
                engine.in_registries(&trails::INFO, trails::examine),
            );
            engine.settle();
            // Phase 3: what all models and packages that are known by now are made of, and what trails kept of them.
            engine.in_registries(&artifacts::INFO, artifacts::collect_registered).await;
            engine.settle();
            futures_util::join!(
                engine.once(others.log_reader(session), &log_files::INFO, async |reader| {
                    log_files::collect(reader, session, others.logs_are_closed()).await;
                }),
                engine.everywhere(&artifacts::INFO, artifacts::collect),
                engine.everywhere(&images::INFO, images::collect),
                engine.everywhere(&violation_reports::INFO, violation_reports::collect),
            );
        };
        futures_util::join!(events, estate);
        engine.settle();
        // Phase 4: what is asked because of who acted and when.
        let checksums = async {
            if request.checksums {
                engine.in_registries(&checksums::INFO, checksums::collect).await;
                engine.everywhere(&checksums::INFO, checksums::collect).await;
            }
        };
        futures_util::join!(
            engine.everywhere(&roles::INFO, roles::collect),
            engine.in_registries(&roles::INFO, roles::collect),
            checksums,
        );
    };
    engine.until(reading, stop).await;
    // A run that was stopped before has told nothing apart.
    let limited = focus.take().or_else(|| engine.narrow());
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
            others: others.scope,
            log_files: request.log_files.sources.iter().map(ToString::to_string).collect(),
            focus: limited,
            ..Scope::default()
        },
        calls: learnt.calls,
        facts: learnt.facts,
        gaps: learnt.gaps,
        stats: learnt.stats,
        history: None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn collectors_are_told_apart_and_declare_what_they_do() {
        let names: BTreeSet<&str> = COLLECTORS.iter().chain(OPTIONAL).map(|info| info.name).collect();
        assert_eq!(names.len(), COLLECTORS.len() + OPTIONAL.len());
        for info in COLLECTORS.iter().chain(OPTIONAL) {
            assert!(!info.calls.is_empty() && !info.summary.is_empty(), "{}", info.name);
            assert!(info.summary.starts_with(char::is_lowercase) && !info.summary.ends_with('.'), "{}", info.summary);
        }
    }

    #[test]
    fn an_operation_has_one_action_and_a_purpose() {
        let mut actions = BTreeMap::new();
        for call in COLLECTORS.iter().chain(OPTIONAL).flat_map(|info| info.calls) {
            let action = actions.entry((call.service, call.operation)).or_insert(call.action);
            assert_eq!(*action, call.action, "{call:?}");
            assert!(call.action.starts_with(&format!("{}:", call.service)), "{call:?}");
            assert!(!call.purpose.is_empty() && !call.purpose.ends_with('.'), "{call:?}");
        }
    }

    #[test]
    fn nothing_that_is_called_can_change_anything() {
        let reading = ["Describe", "List", "Get", "Head", "Search", "Lookup"];
        for call in COLLECTORS.iter().chain(OPTIONAL).flat_map(|info| info.calls) {
            assert!(reading.iter().any(|verb| call.operation.starts_with(verb)), "{call:?}");
        }
    }
}
