//! A complete recording of one collection. Saved and reloaded without loss; everything after it is computed from it.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::memory::exact;
use super::{
    Absence, Alarm, AlarmHistory, AllocationTag, AnomalyDetector, Bill, Bucket, Budget, Call, CallId, CaptureArrival,
    CollectStats, Dashboard, Endpoint, EndpointConfig, EventRule, EventWindow, Fact, Forecast, Gap, History, Image,
    InferenceComponent, InferenceProfile, Job, Key, LogWindow, MetricSeries, Model, MonitoringSchedule, MuteRule,
    Notebook, ObjectListing, Package, PackageGroup, PrefixState, Price, ProvisionedThroughput, Remembered,
    ResourceTags, Role, SavingHint, ScalableTarget, ScalingPolicy, Scope, StudioDomain, TagCompliance, Topic, Trail,
    TrailEvent, TransformJob, ViolationReport,
};

/// Name and version of the format. A reader refuses a newer version rather than guess at it.
pub const SCHEMA: &str = "countersign.snapshot/1";

/// Everything that one collection saw, and everything that it could not see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// [`SCHEMA`].
    pub schema: String,
    /// Version of the tool that wrote it.
    pub tool: String,
    /// When the collection began: the default instant of evaluation.
    pub as_of: Timestamp,
    /// What was asked for.
    pub scope: Scope,
    /// The answered calls that facts point to, by index.
    #[serde(deserialize_with = "exact")]
    pub calls: Vec<Call>,
    /// What was seen.
    pub facts: Facts,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
    /// What it cost.
    pub stats: CollectStats,
    /// What the archive knows of earlier runs' findings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<History>,
}

macro_rules! facts {
    ($($(#[$doc:meta])* $field:ident: $kind:ty,)*) => {
        /// All facts of a snapshot, by kind.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        pub struct Facts {
            $($(#[$doc])* #[serde(default, deserialize_with = "exact", skip_serializing_if = "Vec::is_empty")] pub $field: Vec<Fact<$kind>>,)*
        }

        impl Facts {
            /// Number of facts of all kinds.
            pub fn len(&self) -> usize {
                0 $(+ self.$field.len())*
            }

            /// Whether nothing at all was seen.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// Appends the facts of another collection, renumbering the calls they point to.
            pub fn append(&mut self, other: Self, renumber: impl Fn(CallId) -> CallId) {
                $(self.$field.extend(other.$field.into_iter().map(|mut fact| {
                    fact.seen.iter_mut().for_each(|id| *id = renumber(*id));
                    fact
                }));)*
            }

            /// Every call that a fact points to, fact by fact.
            pub fn calls(&self) -> impl Iterator<Item = CallId> + '_ {
                std::iter::empty() $(.chain(self.$field.iter().flat_map(|fact| fact.seen.iter().copied())))*
            }

            /// Visits the calls of every fact, to renumber them.
            pub fn for_each_call(&mut self, mut visit: impl FnMut(&mut CallId)) {
                $(for fact in &mut self.$field { fact.seen.iter_mut().for_each(&mut visit); })*
            }
        }
    };
}

facts! {
    /// Endpoints.
    endpoints: Endpoint,
    /// Endpoint configs.
    endpoint_configs: EndpointConfig,
    /// Models.
    models: Model,
    /// Inference components.
    inference_components: InferenceComponent,
    /// Transform jobs in the window.
    transform_jobs: TransformJob,
    /// Model package groups.
    package_groups: PackageGroup,
    /// Model packages.
    packages: Package,
    /// Alarms.
    alarms: Alarm,
    /// Mute rules.
    mute_rules: MuteRule,
    /// Topics.
    topics: Topic,
    /// CloudTrail events.
    trail_events: TrailEvent,
    /// How far back events were read.
    event_windows: EventWindow,
    /// Artifacts in all their versions.
    objects: ObjectListing,
    /// Buckets of artifacts.
    buckets: Bucket,
    /// Tags of what is billed, and of package groups.
    tags: ResourceTags,
    /// Tags of alarms.
    alarm_tags: ResourceTags,
    /// Trails.
    trails: Trail,
    /// How far back log files of trails were read.
    log_windows: LogWindow,
    /// Container images.
    images: Image,
    /// IAM roles.
    roles: Role,
    /// Domains of SageMaker Studio.
    domains: StudioDomain,
    /// What happened to alarms.
    alarm_histories: AlarmHistory,
    /// Data points of metrics.
    metric_series: MetricSeries,
    /// Anomaly detectors.
    anomaly_detectors: AnomalyDetector,
    /// Dashboards.
    dashboards: Dashboard,
    /// Rules of EventBridge.
    event_rules: EventRule,
    /// What may be scaled.
    scalable_targets: ScalableTarget,
    /// Keys of topics.
    keys: Key,
    /// Monitoring schedules.
    monitors: MonitoringSchedule,
    /// Reports of monitors.
    violation_reports: ViolationReport,
    /// What was captured of requests.
    captures: CaptureArrival,
    /// Prefixes that manifests declare.
    prefixes: PrefixState,
    /// Training and processing jobs.
    jobs: Job,
    /// Answers of Cost Explorer.
    bills: Bill,
    /// Forecasts of costs.
    forecasts: Forecast,
    /// Budgets.
    budgets: Budget,
    /// Prices that the price list gave.
    prices: Price,
    /// Tag keys and whether they count in cost reports.
    allocation_tags: AllocationTag,
    /// What tag policies say of resources.
    tag_compliance: TagCompliance,
    /// Provisioned throughput of Bedrock.
    provisioned_throughputs: ProvisionedThroughput,
    /// Application inference profiles of Bedrock.
    inference_profiles: InferenceProfile,
    /// AWS's own recommendations to save.
    saving_hints: SavingHint,
    /// Notebook instances.
    notebooks: Notebook,
    /// Rules that scale what serves.
    scaling_policies: ScalingPolicy,
    /// What AWS said does not exist.
    absences: Absence,
    /// Events that an earlier run saw.
    remembered_events: Remembered<TrailEvent>,
    /// Spans whose events an earlier run read completely.
    remembered_windows: Remembered<EventWindow>,
    /// Spans whose log files an earlier run read completely.
    remembered_log_windows: Remembered<LogWindow>,
    /// Descriptions of packages that an earlier run saw, one for each that differs.
    remembered_packages: Remembered<Package>,
    /// Artifacts in all the versions that an earlier run saw.
    remembered_objects: Remembered<ObjectListing>,
}

/// Why a snapshot could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The file system refused.
    #[error("cannot {verb} snapshot `{}`: {source}", path.display())]
    Io {
        /// `read` or `write`.
        verb: &'static str,
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Not JSON, or cut off.
    #[error(
        "snapshot `{}` is damaged at line {line}, column {column}: {message}; it must be a complete file written by `countersign collect` or `run`",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What was wrong.
        message: String,
    },
    /// Written by another version of the format.
    #[error(
        "snapshot `{}` has the schema `{found}`, but this version reads `{SCHEMA}`; assess it with the version that wrote it ({tool}) or a newer one",
        path.display()
    )]
    Schema {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: String,
        /// The tool that wrote it.
        tool: String,
    },
}

/// Only what is needed to recognise a snapshot of another version.
#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    schema: String,
    #[serde(default)]
    tool: String,
}

const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

impl Snapshot {
    /// Reads a snapshot from a file, compressed or not.
    ///
    /// # Errors
    /// If the file cannot be read, is damaged, or has another schema version.
    pub fn load(path: &Path) -> Result<Self, SnapshotError> {
        let io = |source| SnapshotError::Io { verb: "read", path: path.to_owned(), source };
        let mut bytes = Vec::new();
        File::open(path).map_err(io)?.read_to_end(&mut bytes).map_err(io)?;
        Self::from_bytes(&bytes, path)
    }

    /// Reads a snapshot from memory; `name` stands for it in errors.
    ///
    /// # Errors
    /// As [`Snapshot::load`].
    pub fn from_bytes(bytes: &[u8], name: &Path) -> Result<Self, SnapshotError> {
        let damaged =
            |line, column, message: String| SnapshotError::Damaged { path: name.to_owned(), line, column, message };
        let plain;
        let json = if bytes.starts_with(&ZSTD_MAGIC) {
            plain = zstd::decode_all(bytes)
                .map_err(|error| damaged(1, 1, format!("the zstd stream is incomplete ({error})")))?;
            plain.as_slice()
        } else {
            bytes
        };
        let parse = |error: serde_json::Error| damaged(error.line(), error.column(), error.to_string());
        let wrong = |found, tool| SnapshotError::Schema { path: name.to_owned(), found, tool };
        let snapshot: Self = match serde_json::from_slice(json) {
            Ok(snapshot) => snapshot,
            // What another version wrote need not have this one's shape: whose it is says more than what is missing.
            Err(error) => {
                let header: Header = serde_json::from_slice(json).map_err(parse)?;
                return Err(if header.schema == SCHEMA { parse(error) } else { wrong(header.schema, header.tool) });
            }
        };
        if snapshot.schema != SCHEMA {
            return Err(wrong(snapshot.schema, snapshot.tool));
        }
        if let Some(bad) = snapshot.dangling_call() {
            return Err(damaged(1, 1, format!("a fact points to call {bad}, which the file does not hold")));
        }
        Ok(snapshot)
    }

    /// Writes the snapshot, compressed when the name ends in `.zst`. The file appears complete or not at all.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn save(&self, path: &Path) -> Result<(), SnapshotError> {
        let io = |source| SnapshotError::Io { verb: "write", path: path.to_owned(), source };
        let bytes = self.to_bytes(path.extension().is_some_and(|extension| extension == "zst")).map_err(io)?;
        crate::files::write_atomically(path, |file| file.write_all(&bytes)).map_err(io)
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// If compression fails.
    pub fn to_bytes(&self, compressed: bool) -> io::Result<Vec<u8>> {
        let mut json = serde_json::to_vec(self).map_err(io::Error::other)?;
        json.push(b'\n');
        if compressed { zstd::encode_all(json.as_slice(), 6) } else { Ok(json) }
    }

    /// The call behind an id. Ids are checked when a snapshot is loaded.
    pub fn call(&self, id: CallId) -> Option<&Call> {
        self.calls.get(usize::try_from(id.0).ok()?)
    }

    fn dangling_call(&self) -> Option<u32> {
        self.facts.calls().find(|id| self.call(*id).is_none()).map(|id| id.0)
    }
}
