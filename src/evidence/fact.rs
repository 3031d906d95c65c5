//! The envelope every fact travels in, the kinds of fact there are, and the names by which facts refer to resources.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::CallId;

/// Something that an answer of AWS stated, with where and by which calls it was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact<T> {
    /// Account that the fact is about, twelve digits.
    pub account: String,
    /// Region that the fact is about.
    pub region: String,
    /// The calls that showed it; the last one is the most authoritative.
    #[serde(deserialize_with = "super::memory::exact")]
    pub seen: Vec<CallId>,
    /// What was stated.
    pub data: T,
}

/// Kinds of fact. Collectors declare which they yield, gaps which they hide, controls which they need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// [`Endpoint`](super::Endpoint)
    Endpoints,
    /// [`EndpointConfig`](super::EndpointConfig)
    EndpointConfigs,
    /// [`Model`](super::Model)
    Models,
    /// [`InferenceComponent`](super::InferenceComponent)
    InferenceComponents,
    /// [`TransformJob`](super::TransformJob)
    TransformJobs,
    /// [`PackageGroup`](super::PackageGroup)
    PackageGroups,
    /// [`Package`](super::Package)
    Packages,
    /// [`Alarm`](super::Alarm)
    Alarms,
    /// [`MuteRule`](super::MuteRule)
    MuteRules,
    /// [`Topic`](super::Topic)
    Topics,
    /// [`TrailEvent`](super::TrailEvent) and [`EventWindow`](super::EventWindow)
    TrailEvents,
    /// [`ObjectListing`](super::ObjectListing)
    Objects,
    /// [`Bucket`](super::Bucket)
    Buckets,
    /// [`ResourceTags`](super::ResourceTags) of what is billed and of packages' groups
    Tags,
    /// [`ResourceTags`](super::ResourceTags) of alarms
    AlarmTags,
    /// [`Trail`](super::Trail)
    Trails,
    /// Log files of trails: [`TrailEvent`](super::TrailEvent) and [`LogWindow`](super::LogWindow)
    LogFiles,
    /// [`Image`](super::Image)
    Images,
    /// [`Role`](super::Role)
    Roles,
    /// [`StudioDomain`](super::StudioDomain)
    Domains,
    /// [`AlarmHistory`](super::AlarmHistory)
    AlarmHistories,
    /// [`MetricSeries`](super::MetricSeries)
    MetricData,
    /// [`AnomalyDetector`](super::AnomalyDetector)
    AnomalyDetectors,
    /// [`Dashboard`](super::Dashboard)
    Dashboards,
    /// [`EventRule`](super::EventRule)
    EventRules,
    /// [`ScalableTarget`](super::ScalableTarget)
    ScalableTargets,
    /// [`Key`](super::Key)
    Keys,
    /// [`MonitoringSchedule`](super::MonitoringSchedule)
    Monitors,
    /// [`ViolationReport`](super::ViolationReport)
    ViolationReports,
    /// [`CaptureArrival`](super::CaptureArrival)
    Captures,
    /// [`PrefixState`](super::PrefixState)
    Prefixes,
    /// [`Job`](super::Job)
    Jobs,
    /// [`Bill`](super::Bill)
    Bills,
    /// [`Forecast`](super::Forecast)
    Forecasts,
    /// [`Budget`](super::Budget)
    Budgets,
    /// [`Price`](super::Price)
    Prices,
    /// [`AllocationTag`](super::AllocationTag)
    AllocationTags,
    /// [`TagCompliance`](super::TagCompliance)
    TagCompliance,
    /// [`ProvisionedThroughput`](super::ProvisionedThroughput)
    ProvisionedThroughputs,
    /// [`InferenceProfile`](super::InferenceProfile)
    InferenceProfiles,
    /// [`SavingHint`](super::SavingHint)
    SavingHints,
    /// [`Notebook`](super::Notebook)
    Notebooks,
    /// [`ScalingPolicy`](super::ScalingPolicy)
    ScalingPolicies,
    /// What earlier runs archived: [`Remembered`](super::Remembered)
    Archive,
}

impl FactKind {
    /// What only the account that pays can tell, and tells for every region at once.
    pub const OF_THE_PAYER: [Self; 5] =
        [Self::Bills, Self::Forecasts, Self::Budgets, Self::AllocationTags, Self::SavingHints];

    /// Every kind, in the order in which a run reads them.
    pub const ALL: [Self; 44] = [
        Self::Endpoints,
        Self::EndpointConfigs,
        Self::Models,
        Self::InferenceComponents,
        Self::TransformJobs,
        Self::PackageGroups,
        Self::Packages,
        Self::Alarms,
        Self::MuteRules,
        Self::Topics,
        Self::TrailEvents,
        Self::Objects,
        Self::Buckets,
        Self::Tags,
        Self::AlarmTags,
        Self::Trails,
        Self::LogFiles,
        Self::Images,
        Self::Roles,
        Self::Domains,
        Self::AlarmHistories,
        Self::MetricData,
        Self::AnomalyDetectors,
        Self::Dashboards,
        Self::EventRules,
        Self::ScalableTargets,
        Self::Keys,
        Self::Monitors,
        Self::ViolationReports,
        Self::Captures,
        Self::Prefixes,
        Self::Jobs,
        Self::Bills,
        Self::Forecasts,
        Self::Budgets,
        Self::Prices,
        Self::AllocationTags,
        Self::TagCompliance,
        Self::ProvisionedThroughputs,
        Self::InferenceProfiles,
        Self::SavingHints,
        Self::Notebooks,
        Self::ScalingPolicies,
        Self::Archive,
    ];

    /// The kind in plain words, plural, as reports print it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Endpoints => "endpoints",
            Self::EndpointConfigs => "endpoint configurations",
            Self::Models => "models",
            Self::InferenceComponents => "inference components",
            Self::TransformJobs => "batch transform jobs",
            Self::PackageGroups => "model package groups",
            Self::Packages => "model packages",
            Self::Alarms => "alarms",
            Self::MuteRules => "alarm mute rules",
            Self::Topics => "notification topics",
            Self::TrailEvents => "CloudTrail events",
            Self::Objects => "S3 object versions",
            Self::Buckets => "bucket settings",
            Self::Tags => "tags",
            Self::AlarmTags => "alarm tags",
            Self::Trails => "trails",
            Self::LogFiles => "log files of trails",
            Self::Images => "container images",
            Self::Roles => "IAM roles",
            Self::Domains => "Studio domains",
            Self::AlarmHistories => "histories of alarms",
            Self::MetricData => "metric data",
            Self::AnomalyDetectors => "anomaly detectors",
            Self::Dashboards => "dashboards",
            Self::EventRules => "rules of EventBridge",
            Self::ScalableTargets => "scalable targets",
            Self::Keys => "keys of topics",
            Self::Monitors => "monitoring schedules",
            Self::ViolationReports => "reports of monitors",
            Self::Captures => "captured requests",
            Self::Prefixes => "declared prefixes",
            Self::Jobs => "training and processing jobs",
            Self::Bills => "costs by Cost Explorer",
            Self::Forecasts => "forecasts of costs",
            Self::Budgets => "budgets",
            Self::Prices => "prices",
            Self::AllocationTags => "cost allocation tags",
            Self::TagCompliance => "compliance with tag policies",
            Self::ProvisionedThroughputs => "provisioned throughput",
            Self::InferenceProfiles => "inference profiles",
            Self::SavingHints => "AWS's own recommendations to save",
            Self::Notebooks => "notebook instances",
            Self::ScalingPolicies => "scaling policies",
            Self::Archive => "the archive of earlier runs",
        }
    }
}

impl fmt::Display for FactKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// The name by which a fact, a gap or a live version refers to one resource of a kind.
///
/// SageMaker lower-cases names inside ARNs and compares names without regard to case, so keys are lower-cased for its
/// kinds; S3 keys keep their case.
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html>
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ResourceKey {
    /// Kind of fact that the resource yields.
    pub kind: FactKind,
    /// Its name: endpoint, config, model, component or job name; package ARN or group name; alarm name; topic ARN;
    /// event name; `s3://bucket/key`; bucket name; ARN of what carries tags; ARN of a trail or role; what log files were
    /// read from; image as asked for; id of a domain; alarm of a history; series of metric data; key as asked for; schedule of a
    /// report; location of captures and prefixes; entry of the archive.
    pub name: String,
}

impl ResourceKey {
    /// Makes a key, with the case folded where AWS folds it.
    pub fn new(kind: FactKind, name: &str) -> Self {
        let name = match kind {
            FactKind::Objects
            | FactKind::Buckets
            | FactKind::Alarms
            | FactKind::TrailEvents
            | FactKind::LogFiles
            | FactKind::Images
            | FactKind::Roles
            | FactKind::AlarmHistories
            | FactKind::MetricData
            | FactKind::AnomalyDetectors
            | FactKind::Dashboards
            | FactKind::EventRules
            | FactKind::Keys
            | FactKind::ViolationReports
            | FactKind::Captures
            | FactKind::Prefixes
            | FactKind::Archive => name.to_owned(),
            _ => name.to_lowercase(),
        };
        Self { kind, name }
    }
}

/// AWS answered that a resource does not exist. Unlike an empty list, this is evidence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Absence {
    /// What was asked for.
    pub resource: ResourceKey,
    /// AWS's words.
    pub message: String,
}
