//! What manifests declare that has to be read beside what AWS links by itself.

use std::collections::BTreeSet;

use crate::evidence::S3Location;
use crate::policy::{Counted, CriterionSignal, DeclaredMetric, Heartbeat, Manifest, Policy};

/// Metrics and prefixes that manifests name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// Metrics, each with the account that its manifest is narrowed to.
    pub metrics: BTreeSet<(Option<String>, DeclaredMetric)>,
    /// Prefixes, each with the account that its manifest is narrowed to.
    pub prefixes: BTreeSet<(Option<String>, S3Location)>,
    /// Prefixes that jobs must have read: of feedback.
    pub feedback: BTreeSet<(Option<String>, S3Location)>,
    /// The longest time that a job may lie back that read feedback, in days.
    pub jobs_days: Option<i64>,
    /// Whether training is counted: some ceiling limits its hours.
    pub training: bool,
}

impl Declared {
    /// What the manifests of a policy name.
    pub fn of(policy: &Policy) -> Self {
        let mut declared = Self::default();
        policy.models.iter().for_each(|manifest| declared.add(manifest));
        declared
    }

    fn add(&mut self, manifest: &Manifest) {
        let metric = |metric: &DeclaredMetric| (manifest.account.clone(), metric.clone());
        let prefix = |prefix: &S3Location| (manifest.account.clone(), prefix.clone());
        self.metrics.extend(manifest.business_metrics.iter().map(|it| metric(&it.metric)));
        self.metrics.extend(manifest.segment_metrics.iter().map(metric));
        for criterion in &manifest.retrain_when {
            match &criterion.signal {
                Some(CriterionSignal::Metric(named, _)) => self.metrics.extend([metric(named)]),
                Some(CriterionSignal::Objects(named, _)) => self.prefixes.extend([prefix(named)]),
                _ => {}
            }
        }
        for monitor in &manifest.external_monitors {
            match &monitor.heartbeat {
                Some(Heartbeat::Metric(named, _)) => self.metrics.extend([metric(named)]),
                Some(Heartbeat::Objects(named, _)) => self.prefixes.extend([prefix(named)]),
                Some(Heartbeat::Elsewhere(_)) | None => {}
            }
        }
        for ceiling in &manifest.ceilings {
            match &ceiling.what {
                Counted::TrainingHours => self.training = true,
                Counted::Metric(counted) => self.metrics.extend([metric(counted)]),
                Counted::BatchHours | Counted::Tokens | Counted::Requests => {}
            }
        }
        for feedback in &manifest.feedback {
            self.prefixes.extend([prefix(&feedback.prefix)]);
            self.feedback.extend([prefix(&feedback.prefix)]);
            self.jobs_days = self.jobs_days.max(Some(feedback.used_within_days));
        }
    }
}
