//! The events that governance asks about: which are looked up in the event history and kept of log files.
//!
//! `LookupEvents` takes one name a call and is paced to one call a second, so each name here costs a second of every
//! collection and says why it is worth it. Names collide between services (API Gateway has a `CreateModel`, Database
//! Migration Service a `CreateEndpoint`), so a name counts only together with its source.

use crate::evidence::TrailEvent;

/// An event that is read wherever CloudTrail's records are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watched {
    /// Event name, as the record spells it: not always the operation's name.
    pub name: &'static str,
    /// Event source.
    pub source: &'static str,
    /// What it is read for, with the controls that use it.
    pub because: &'static str,
}

impl Watched {
    /// Whether a record with this source and name is meant.
    pub fn is(&self, source: &str, name: &str) -> bool {
        self.source == source && self.name == name
    }
}

/// Whether an event is one of those that are watched.
pub fn is_watched(event: &TrailEvent) -> bool {
    WATCHED.iter().any(|watched| watched.is(&event.source, &event.name))
}

const fn sagemaker(name: &'static str, because: &'static str) -> Watched {
    Watched { name, source: "sagemaker.amazonaws.com", because }
}

const fn cloudtrail(name: &'static str, because: &'static str) -> Watched {
    Watched { name, source: "cloudtrail.amazonaws.com", because }
}

/// CloudWatch's event source is the name of its endpoint.
const fn monitoring(name: &'static str, because: &'static str) -> Watched {
    Watched { name, source: "monitoring.amazonaws.com", because }
}

/// What happens to a bucket is a management event; what happens to an object is not, and is never in the history.
const fn s3(name: &'static str, because: &'static str) -> Watched {
    Watched { name, source: "s3.amazonaws.com", because }
}

/// All of them, those that most answers hang on first.
///
/// S3 records `PutBucketLifecycleConfiguration` as `PutBucketLifecycle`:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html>
pub static WATCHED: [Watched; 21] = [
    sagemaker("UpdateModelPackage", "approvals, rejections and edits of a package (APR-002 to APR-005)"),
    sagemaker("CreateModelPackage", "who registered it, and whether it was born approved (APR-003, APR-006)"),
    sagemaker("CreateModel", "which package or artifact a model was made from, once it is deleted (INV-001, INV-007)"),
    sagemaker("CreateEndpointConfig", "which models a deleted config named (INV-001), and who made it (APR-003)"),
    sagemaker("CreateEndpoint", "first exposure and deployer (APR-003, APR-004, DEP-003)"),
    sagemaker("UpdateEndpoint", "later exposure and deployer (APR-003, APR-004, DEP-003)"),
    sagemaker("UpdateEndpointWeightsAndCapacities", "traffic given to a variant that had none (APR-004)"),
    sagemaker("CreateInferenceComponent", "first exposure of a component (APR-004)"),
    sagemaker("UpdateInferenceComponent", "another model behind a component (APR-004)"),
    sagemaker("DeleteEndpoint", "an endpoint of the same name served before: its exposure ended here (APR-004)"),
    sagemaker("DeleteMonitoringSchedule", "a monitor taken away (AUD-004)"),
    cloudtrail("StopLogging", "a trail switched off (AUD-004)"),
    cloudtrail("DeleteTrail", "a trail removed (AUD-004)"),
    cloudtrail("UpdateTrail", "a trail sent elsewhere, narrowed to one region or no longer signed (AUD-004)"),
    cloudtrail("PutEventSelectors", "a trail that no longer selects writes (AUD-004)"),
    monitoring("DisableAlarmActions", "alarms that no longer tell anybody (AUD-004)"),
    monitoring("DeleteAlarms", "alarms taken away (AUD-004)"),
    monitoring("PutAlarmMuteRule", "alarms muted (AUD-004)"),
    monitoring("SetAlarmState", "an alarm talked out of what it saw (AUD-004)"),
    s3("PutBucketVersioning", "a bucket that forgets what is overwritten (AUD-004)"),
    s3("PutBucketLifecycle", "a rule that lets logs or approved bytes expire (AUD-004)"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_name_is_watched_once_and_says_why() {
        // Gaps name an event by its name alone, so even names of different sources have to differ.
        let names: BTreeSet<_> = WATCHED.iter().map(|watched| watched.name).collect();
        assert_eq!(names.len(), WATCHED.len());
        for watched in &WATCHED {
            assert!(watched.source.ends_with(".amazonaws.com"), "{watched:?}");
            assert!(watched.because.contains('(') && watched.because.ends_with(')'), "{watched:?} names no control");
        }
    }

    #[test]
    fn an_event_of_another_service_is_not_meant() {
        let watched = |source, name| WATCHED.iter().any(|watched| watched.is(source, name));
        assert!(watched("sagemaker.amazonaws.com", "CreateModel"));
        assert!(!watched("apigateway.amazonaws.com", "CreateModel"));
        assert!(!watched("sagemaker.amazonaws.com", "createmodel"));
    }
}
