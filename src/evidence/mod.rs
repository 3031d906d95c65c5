//! What was seen: facts, gaps and the calls behind them, saved together as a [`Snapshot`].
//!
//! Nothing here knows an AWS type. A collector turns one SDK item into one of these facts; everything to the right of
//! the snapshot reads only them. Two rules shape the types:
//!
//! * **A fact names the calls that showed it** ([`Fact::seen`]), so a reader can walk from any finding to the response
//!   behind it.
//! * **What could not be read is data too.** A [`Gap`] says which call failed, why, and what it hides; "not there" is a
//!   fact of its own ([`Absence`]) and needs an answer that said so.

pub mod alarm;
pub mod artifact;
pub mod call;
pub mod cost;
pub mod fact;
pub mod gap;
mod memory;
pub mod model_package;
pub mod monitoring;
pub(crate) mod order;
pub mod parameters;
pub mod remembered;
pub mod remembered_costs;
pub mod scope;
pub mod serving;
pub mod snapshot;
pub mod stats;
pub mod surroundings;
pub mod tags;
pub mod trail;
pub mod trail_event;
pub mod watching;

pub use alarm::{Alarm, AlarmKind, AlarmMetric, AlarmState, MetricTerm, MuteRule, Subscription, Topic};
pub use artifact::{
    Bucket, Checksum, LifecycleRule, ObjectListing, ObjectLock, ObjectVersion, S3Location, Transition, Versioning,
};
pub use call::{Call, CallId};
pub use cost::{
    AllocationTag, Amount, Bill, BillLine, BillQuestion, Budget, BudgetNotification, BudgetSubscriber, CostExpression,
    CostMatch, Forecast, InferenceProfile, Notebook, Price, ProvisionedThroughput, SavingHint, ScalingPolicy,
    TagCompliance,
};
pub use fact::{Absence, Fact, FactKind, ResourceKey};
pub use gap::{DeniedBy, Gap, GapCause, Hidden};
pub use model_package::{
    ApprovalStatus, CommitRef, MetricsPointer, Package, PackageContainer, PackageGroup, PackageLifecycle, Principal,
};
pub use monitoring::{
    Baseline, CaptureArrival, Execution, Job, MonitorKind, MonitoringSchedule, PrefixState, Violation, ViolationReport,
};
pub use parameters::{Parameter, Parameters};
pub use remembered::{History, PastFinding, PastLiveVersion, Remembered, Unseen};
pub use remembered_costs::{Answered, CostAnswers};
pub use scope::{LeftOut, OtherScope, Scope, ScopeFocus, ScopePart};
pub use serving::{
    AsyncOutput, Container, DataCapture, DeployedImage, Deployment, Endpoint, EndpointConfig, InferenceComponent,
    InstancePool, Model, ModelData, PendingDeployment, ServerlessSettings, TransformJob, Variant, VariantSettings,
};
pub use snapshot::{Facts, Snapshot, SnapshotError};
pub use stats::{CallCount, CollectStats};
pub use surroundings::{Image, Role, StudioDomain};
pub use tags::{ResourceTags, Tags};
pub use trail::{LogWindow, ManagementEvents, Trail};
pub use trail_event::{EventWindow, Origin, TrailEvent, UserIdentity};
pub use watching::{
    ActionRun, AlarmHistory, AnomalyDetector, Dashboard, EventRule, Key, MetricSeries, Run, ScalableTarget, SeriesKey,
    StateChange, Widget, WidgetMetric,
};
