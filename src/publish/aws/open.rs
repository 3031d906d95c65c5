//! From what is asked for to sinks that can be handed something.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::runtime::Handle;

use super::archive::S3Archive;
use super::bus::Bus;
use super::filed::Filed;
use super::gate::{Closed, Gated};
use super::hook::{Hook, Kind};
use super::metrics::Metrics;
use super::security_hub::SecurityHub;
use super::tables::{Rows, Tables};
use super::topic::Topic;
use crate::archive::Place;
use crate::collect::aws::Session;
use crate::policy::SinkRules;
use crate::publish::{Sink, Target};
use crate::store::{Folder, Store};

/// Opens every sink, as `session` or as the role that its rules name. One whose role cannot be assumed is closed: it fails
/// when it is handed something, and no other hears of it. `now` is the present instant.
///
/// Called on the runtime that will deliver.
pub async fn open(rules: &[SinkRules], session: &Session, now: Timestamp) -> Vec<Arc<dyn Sink>> {
    let mut roles: BTreeMap<(String, Option<String>), Result<Session, String>> = BTreeMap::new();
    let mut sinks: Vec<Arc<dyn Sink>> = Vec::with_capacity(rules.len());
    for rules in rules {
        let writer = match &rules.role_arn {
            None => Ok(session.clone()),
            Some(role) => {
                let key = (role.clone(), rules.external_id.clone());
                if !roles.contains_key(&key) {
                    let assumed = session.as_role(role, rules.external_id.as_deref()).await;
                    roles.insert(key.clone(), assumed.map_err(|error| error.to_string()));
                }
                roles.get(&key).cloned().unwrap_or_else(|| Err("its role was not assumed".to_owned()))
            }
        };
        let sink: Arc<dyn Sink> = match writer {
            Ok(writer) => sink(rules, &writer, now),
            Err(reason) => Arc::new(Closed { name: rules.target.to_string(), reason }),
        };
        sinks.push(Arc::new(Gated { when: rules.when, sink }));
    }
    sinks
}

/// One sink, written to as this session.
fn sink(rules: &SinkRules, session: &Session, now: Timestamp) -> Arc<dyn Sink> {
    let name = rules.target.to_string();
    match &rules.target {
        Target::Folder(path) => {
            Arc::new(Filed { name, store: Arc::new(Folder::new(path)), formats: rules.formats.clone() })
        }
        Target::Bucket(place) => {
            let store = store(&Place::Bucket(place.clone()), rules, session);
            Arc::new(Filed { name, store, formats: rules.formats.clone() })
        }
        Target::Topic(arn) => Arc::new(Topic::new(session, arn)),
        Target::SecurityHub => {
            let (role, external_id) = (rules.member_role.clone(), rules.external_id.clone());
            Arc::new(SecurityHub::new(session, role, external_id, rules.severity))
        }
        Target::Events(bus) => Arc::new(Bus::new(session, bus, rules.severity)),
        Target::Metrics => Arc::new(Metrics),
        Target::Slack(secret) => Arc::new(Hook::new(name, Kind::Slack, session, secret, now)),
        Target::Webhook(secret) => Arc::new(Hook::new(name, Kind::Json, session, secret, now)),
        Target::History(place) => Arc::new(Tables { name, rows: Rows::History, store: store(place, rules, session) }),
        Target::SecurityLake(place) => Arc::new(Tables { name, rows: Rows::Ocsf, store: store(place, rules, session) }),
    }
}

/// The place that files are written to.
fn store(place: &Place, rules: &SinkRules, session: &Session) -> Arc<dyn Store> {
    match place {
        Place::Folder(path) => Arc::new(Folder::new(path)),
        Place::Bucket(place) => {
            let archive = S3Archive::new(session, place, &Handle::current(), None);
            Arc::new(archive.encrypted_with(rules.kms_key.clone()))
        }
    }
}
