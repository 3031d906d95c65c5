//! Endpoints, and the configs in force or being rolled out.
//!
//! `ListEndpoints` says which exist and in what state, `Search` what each is made of. An endpoint is described by
//! itself only where the two leave something open: it is not in service, they disagree, a member is missing, or it was
//! updated, since only its description says how. The config has no bulk form and is the only source of the model behind
//! each variant, and of what is captured.

mod normalise;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_sagemaker::operation::describe_endpoint::DescribeEndpointOutput;
use aws_sdk_sagemaker::types::ResourceType;
use jiff::{SignedDuration, Timestamp};

use super::engine::{Answer, Failure, Reader, token};
use super::index::{SEARCH, record_tags, search};
use super::text::instant;
use crate::collect::{ApiCall, CollectorInfo};
use crate::evidence::{CallId, DataCapture, Endpoint, FactKind, Hidden, ResourceKey};

const LIST: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "ListEndpoints",
    action: "sagemaker:ListEndpoints",
    purpose: "which endpoints exist and in what state, since the index may lag",
};

const DESCRIBE: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "DescribeEndpoint",
    action: "sagemaker:DescribeEndpoint",
    purpose: "endpoints that are being changed or have failed, with what is being rolled out",
};

const DESCRIBE_CONFIG: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "DescribeEndpointConfig",
    action: "sagemaker:DescribeEndpointConfig",
    purpose: "which model is behind each variant of an endpoint; nothing else says so",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "endpoints",
    summary: "reads every endpoint with its variants, and the config that names the models behind them",
    yields: &[FactKind::Endpoints, FactKind::EndpointConfigs, FactKind::Tags],
    calls: &[SEARCH, LIST, DESCRIBE, DESCRIBE_CONFIG],
};

/// What `ListEndpoints` says of one endpoint.
struct Listed {
    status: String,
    modified: Option<Timestamp>,
    call: CallId,
}

/// What `Search` says of one endpoint.
struct Indexed {
    endpoint: DescribeEndpointOutput,
    call: CallId,
}

/// By name, with the case folded as AWS folds it; the name as given stays beside.
type ByName<T> = BTreeMap<String, (String, T)>;

/// Reads the endpoints, then their configs.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let ((listed, list_failure), (mut indexed, index_failure)) = futures_util::join!(list(reader), read_index(reader));
    // Either source alone names every endpoint; only without both may one be unseen.
    let hides: &[Hidden] =
        if list_failure.is_some() && index_failure.is_some() { &[Hidden::All(FactKind::Endpoints)] } else { &[] };
    let listed_all = list_failure.is_none();
    for failure in list_failure.into_iter().chain(index_failure) {
        reader.gap(failure, hides);
    }

    let names: BTreeMap<String, String> = listed
        .iter()
        .map(|(key, (name, _))| (key.clone(), name.clone()))
        .chain(indexed.iter().map(|(key, (name, _))| (key.clone(), name.clone())))
        .collect();
    let mut open: Vec<(String, Option<Endpoint>)> = Vec::new();
    let mut known = Vec::new();
    let focus = reader.request().focus.as_ref();
    for (key, name) in names {
        let listed = listed.get(&key).map(|(_, listed)| listed);
        let indexed = indexed.remove(&key).map(|(_, indexed)| indexed);
        let call = indexed.as_ref().map(|indexed| indexed.call);
        let endpoint = indexed.and_then(|indexed| normalise::endpoint(&indexed.endpoint, true).ok());
        if let (Some(endpoint), Some(call)) = (&endpoint, call) {
            let seen: Vec<CallId> = [Some(call), listed.map(|listed| listed.call)].into_iter().flatten().collect();
            reader.record(endpoint.clone(), &seen);
        }
        if focus.is_some_and(|focus| !focus.may_hold_endpoint(&name)) {
            continue;
        }
        match endpoint {
            Some(endpoint) if is_settled(&endpoint, listed, listed_all) => known.push(endpoint),
            endpoint => open.push((name, endpoint)),
        }
    }

    let described = describe_all(reader, open).await;
    known.extend(described);
    let asked = configs(reader, &known, &BTreeSet::new()).await;
    add_captured(reader, &known, &asked);

    // A config that is not there may only mean that the index has not heard of the endpoint's newer one.
    let is_doubtful = |endpoint: &Endpoint| {
        endpoint.from_index && endpoint.config_name.as_ref().is_some_and(|name| asked.asked_in_vain(name))
    };
    let doubtful = known.into_iter().filter(is_doubtful).map(|endpoint| (endpoint.name.clone(), Some(endpoint)));
    let described = describe_all(reader, doubtful.collect()).await;
    let more = configs(reader, &described, &asked.asked).await;
    add_captured(reader, &described, &more);
}

/// Whether list and index leave nothing open about an endpoint.
fn is_settled(endpoint: &Endpoint, listed: Option<&Listed>, listed_all: bool) -> bool {
    let agrees = match listed {
        // The two print times to different precision.
        Some(listed) => {
            let behind = |(listed, indexed): (Timestamp, Timestamp)| {
                listed.duration_since(indexed) > SignedDuration::from_secs(2)
            };
            listed.status == endpoint.status && !listed.modified.zip(endpoint.modified).is_some_and(behind)
        }
        // Not in a complete list: gone, and the index has not heard of it.
        None => !listed_all,
    };
    let complete = endpoint.config_name.is_some()
        && !endpoint.variants.is_empty()
        && endpoint.variants.iter().all(|variant| variant.weight.is_some() || variant.serverless.is_some());
    // How an update was rolled out, only the description says.
    endpoint.status == "InService" && agrees && complete && !endpoint.was_updated()
}

async fn list(reader: &Reader<'_>) -> (ByName<Listed>, Option<Failure>) {
    let mut found = ByName::new();
    let listed = reader
        .pages(
            &LIST,
            "endpoints",
            |token| reader.clients().sagemaker.list_endpoints().max_results(100).set_next_token(token).send(),
            |Answer { output, call }| {
                for endpoint in output.endpoints.unwrap_or_default() {
                    let (Some(name), Some(status)) = (endpoint.endpoint_name, endpoint.endpoint_status) else {
                        let malformed = super::text::nameless("an endpoint of the list");
                        reader.malformed(&LIST, call, &malformed, &[Hidden::All(FactKind::Endpoints)]);
                        continue;
                    };
                    let modified = instant(endpoint.last_modified_time.as_ref());
                    let listed = Listed { status: status.as_str().to_owned(), modified, call };
                    found.insert(name.to_lowercase(), (name, listed));
                }
                token(output.next_token.as_deref())
            },
        )
        .await;
    (found, listed.err())
}

async fn read_index(reader: &Reader<'_>) -> (ByName<Indexed>, Option<Failure>) {
    let mut found = ByName::new();
    let searched = search(reader, ResourceType::Endpoint, |record, call| {
        let Some(record) = record.endpoint else { return };
        record_tags(reader, record.endpoint_arn(), record.tags.as_deref(), call);
        // A record without a name is of no use; the list names the endpoint.
        let Some(name) = record.endpoint_name.clone() else { return };
        found.insert(name.to_lowercase(), (name, Indexed { endpoint: normalise::as_described(record), call }));
    })
    .await;
    (found, searched.err())
}

/// Describes endpoints; where that fails, what the index said of them is handed back.
async fn describe_all(reader: &Reader<'_>, open: Vec<(String, Option<Endpoint>)>) -> Vec<Endpoint> {
    let known = std::cell::RefCell::new(Vec::new());
    reader
        .each(open, async |(name, indexed)| {
            let endpoint = describe(reader, &name, indexed).await;
            known.borrow_mut().extend(endpoint);
        })
        .await;
    known.into_inner()
}

async fn describe(reader: &Reader<'_>, name: &str, indexed: Option<Endpoint>) -> Option<Endpoint> {
    let key = ResourceKey::new(FactKind::Endpoints, name);
    let request = reader.clients().sagemaker.describe_endpoint().endpoint_name(name);
    match reader.ask(&DESCRIBE, name, request.send()).await {
        Ok(Answer { output, call }) => match normalise::endpoint(&output, false) {
            Ok(endpoint) => {
                reader.record(endpoint.clone(), &[call]);
                Some(endpoint)
            }
            Err(malformed) => {
                reader.malformed(&DESCRIBE, call, &malformed, &[Hidden::One(key)]);
                indexed
            }
        },
        Err(failure) if failure.not_found => {
            reader.absent(failure, key);
            None
        }
        Err(failure) => {
            reader.gap(failure, &[Hidden::One(key)]);
            indexed
        }
    }
}

/// Configs that were asked for, by folded name, those of them that do not exist, and what the others say is captured.
#[derive(Default)]
struct Asked {
    asked: BTreeSet<String>,
    absent: BTreeSet<String>,
    captured: BTreeMap<String, (Vec<String>, CallId)>,
}

impl Asked {
    fn asked_in_vain(&self, name: &str) -> bool {
        self.absent.contains(&name.to_lowercase())
    }
}

/// Describes each distinct config of these endpoints, in force or being rolled out, but for those already asked for.
async fn configs(reader: &Reader<'_>, endpoints: &[Endpoint], already: &BTreeSet<String>) -> Asked {
    let names: BTreeMap<String, &str> = endpoints
        .iter()
        .flat_map(|endpoint| {
            let pending = endpoint.pending.as_ref().map(|pending| &pending.config_name);
            endpoint.config_name.iter().chain(pending)
        })
        .map(|name| (name.to_lowercase(), name.as_str()))
        .filter(|(key, _)| !already.contains(key))
        .collect();
    let learnt = std::cell::RefCell::new(Asked::default());
    reader
        .each(&names, async |(key, name)| {
            let described = describe_config(reader, name).await;
            let mut learnt = learnt.borrow_mut();
            match described {
                Config::Described(parts, call) => drop(learnt.captured.insert(key.clone(), (parts, call))),
                Config::Absent => drop(learnt.absent.insert(key.clone())),
                Config::Unread => {}
            }
        })
        .await;
    Asked { asked: names.into_keys().collect(), ..learnt.into_inner() }
}

/// Says of endpoints that capture requests which parts of them, which only their config says.
fn add_captured(reader: &Reader<'_>, endpoints: &[Endpoint], configs: &Asked) {
    for endpoint in endpoints {
        let config = endpoint.config_name.as_ref().and_then(|name| configs.captured.get(&name.to_lowercase()));
        let (Some(capture), Some((parts, call))) = (&endpoint.data_capture, config) else { continue };
        if !parts.is_empty() {
            let capture = DataCapture { parts: parts.clone(), ..capture.clone() };
            reader.record(Endpoint { data_capture: Some(capture), ..endpoint.clone() }, &[*call]);
        }
    }
}

/// What came of asking for a config.
enum Config {
    /// What it says is captured, and the call that showed it.
    Described(Vec<String>, CallId),
    Absent,
    Unread,
}

/// Describes one config.
async fn describe_config(reader: &Reader<'_>, name: &str) -> Config {
    let key = ResourceKey::new(FactKind::EndpointConfigs, name);
    let request = reader.clients().sagemaker.describe_endpoint_config().endpoint_config_name(name);
    match reader.ask(&DESCRIBE_CONFIG, name, request.send()).await {
        Ok(Answer { output, call }) => match normalise::config(&output) {
            Ok(config) => {
                reader.record(config, &[call]);
                return Config::Described(normalise::captured(&output), call);
            }
            Err(malformed) => reader.malformed(&DESCRIBE_CONFIG, call, &malformed, &[Hidden::One(key)]),
        },
        Err(failure) if failure.not_found => {
            reader.absent(failure, key);
            return Config::Absent;
        }
        Err(failure) => reader.gap(failure, &[Hidden::One(key)]),
    }
    Config::Unread
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Variant;

    fn endpoint(status: &str, modified: &str) -> Endpoint {
        let variant = Variant {
            name: "AllTraffic".into(),
            weight: Some(1.0),
            instances: Some(1),
            images: Vec::new(),
            serverless: None,
            status: Vec::new(),
        };
        Endpoint {
            name: "Fraud".into(),
            arn: "arn:aws:sagemaker:eu-central-1:111122223333:endpoint/fraud".into(),
            config_name: Some("fraud-1".into()),
            status: status.into(),
            failure_reason: None,
            created: None,
            modified: Some(modified.parse().unwrap()),
            variants: vec![variant],
            shadow_variants: Vec::new(),
            pending: None,
            data_capture: None,
            async_output: None,
            rollback_alarms: Vec::new(),
            deployment: None,
            from_index: true,
        }
    }

    fn listed(status: &str, modified: &str) -> Listed {
        Listed { status: status.into(), modified: Some(modified.parse().unwrap()), call: CallId(0) }
    }

    #[test]
    fn an_endpoint_is_described_only_where_list_and_index_leave_something_open() {
        let (then, later) = ("2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z");
        let settled = endpoint("InService", then);
        assert!(is_settled(&settled, Some(&listed("InService", then)), true));
        // Another precision of the same instant.
        assert!(is_settled(&settled, Some(&listed("InService", "2026-01-01T00:00:00.9Z")), true));
        assert!(!is_settled(&settled, Some(&listed("InService", later)), true), "the index is behind");
        assert!(!is_settled(&settled, Some(&listed("Updating", then)), true), "they disagree");
        assert!(!is_settled(&settled, None, true), "a complete list does not know it");
        assert!(is_settled(&settled, None, false), "the list was cut short");
        let failed = endpoint("UpdateRollbackFailed", then);
        assert!(!is_settled(&failed, Some(&listed("UpdateRollbackFailed", then)), true), "adverse");
        let headless = Endpoint { config_name: None, ..settled.clone() };
        assert!(!is_settled(&headless, Some(&listed("InService", then)), true), "a member is missing");
        let updated = Endpoint { created: Some("2025-12-31T21:00:00Z".parse().unwrap()), ..settled.clone() };
        assert!(!is_settled(&updated, Some(&listed("InService", then)), true), "how it was rolled out is open");
        let bare = Endpoint { variants: Vec::new(), ..settled };
        assert!(!is_settled(&bare, Some(&listed("InService", then)), true), "a member is missing");
    }
}
