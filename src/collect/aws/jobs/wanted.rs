//! Which jobs have read feedback, and whether one is still looked for.

use crate::evidence::{Job, S3Location};

/// Declared feedback, and which of it no job that was looked at has read.
#[derive(Debug)]
pub(super) struct Feedback<'p> {
    all: &'p [S3Location],
    unread: Vec<&'p S3Location>,
    /// Jobs that were looked at.
    pub(super) described: usize,
    /// Pages of jobs that were looked at.
    pub(super) pages: usize,
}

impl<'p> Feedback<'p> {
    pub(super) fn of(prefixes: &'p [S3Location]) -> Self {
        Self { all: prefixes, unread: prefixes.iter().collect(), described: 0, pages: 0 }
    }

    /// Whether some of it has not been read by any job so far.
    pub(super) fn is_open(&self) -> bool {
        !self.unread.is_empty()
    }

    /// Whether a job read any of it. What a job read that completed is not looked for any more.
    pub(super) fn take(&mut self, job: &Job) -> bool {
        let read: Vec<S3Location> = job.inputs.iter().filter_map(|uri| S3Location::parse(uri)).collect();
        let is_read = |prefix: &S3Location| read.iter().any(|input| overlaps(prefix, input));
        if job.status == "Completed" {
            self.unread.retain(|prefix| !is_read(prefix));
        }
        self.all.iter().any(is_read)
    }
}

/// Whether one of two prefixes lies below the other.
fn overlaps(one: &S3Location, other: &S3Location) -> bool {
    let below = |outer: &str, inner: &str| {
        let outer = outer.trim_end_matches('/');
        outer.is_empty() || inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    one.bucket == other.bucket && (below(&one.key, &other.key) || below(&other.key, &one.key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_reads_a_prefix_by_part_of_it_or_by_all_around_it() {
        let at = |uri: &str| S3Location::parse(uri).unwrap();
        for (input, expected) in [
            ("s3://b/feedback/2026/09/", true),
            ("s3://b/feedback", true),
            ("s3://b/", true),
            ("s3://b/feedback-old/", false),
            ("s3://c/feedback/", false),
        ] {
            assert_eq!(overlaps(&at("s3://b/feedback/"), &at(input)), expected, "{input}");
        }
    }

    #[test]
    fn feedback_is_looked_for_until_a_job_that_completed_has_read_it() {
        let prefixes = [S3Location::parse("s3://b/feedback/").unwrap()];
        let mut feedback = Feedback::of(&prefixes);
        let job = |status: &str, input: &str| Job {
            name: "j".into(),
            arn: "a".into(),
            kind: "training".into(),
            status: status.into(),
            created: None,
            ended: None,
            inputs: vec![input.into()],
            outputs: Vec::new(),
            instance_type: None,
            instances: None,
            billable_seconds: None,
        };
        assert!(!feedback.take(&job("Completed", "s3://b/other/")) && feedback.is_open());
        assert!(feedback.take(&job("Failed", "s3://b/feedback/")) && feedback.is_open());
        assert!(feedback.take(&job("Completed", "s3://b/feedback/")) && !feedback.is_open());
    }
}
