//! What the collection cost: calls, retries, time.

use serde::{Deserialize, Serialize};

/// Counts of one collection. Part of the snapshot, so that a report made later says the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectStats {
    /// Calls for each service and operation, sorted by both.
    pub calls: Vec<CallCount>,
    /// Wall time of the collection in milliseconds.
    pub wall_ms: u64,
    /// Of that, the time in which nothing but paced `LookupEvents` calls was under way, in milliseconds.
    pub paced_ms: u64,
    /// Metrics that data points were asked of. AWS charges for these, whatever it answers.
    #[serde(default, skip_serializing_if = "is_none")]
    pub metrics: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// Calls to one operation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CallCount {
    /// Service as IAM spells it.
    pub service: String,
    /// Operation.
    pub operation: String,
    /// Requests sent, retries included.
    pub sent: u64,
    /// Of those, retries.
    pub retried: u64,
    /// Of those, answered with an error.
    pub failed: u64,
}

impl CollectStats {
    /// Requests sent to all services, retries included.
    pub fn sent(&self) -> u64 {
        self.calls.iter().map(|count| count.sent).sum()
    }

    /// What AWS charges for the metrics that were asked for, in US dollars: 0.01 for a thousand, which is a hundred-thousandth
    /// of a dollar each. The list price; a free tier does not cover it.
    ///
    /// Source: <https://aws.amazon.com/cloudwatch/pricing/>
    pub fn metrics_usd(&self) -> String {
        format!("{}.{:05}", self.metrics / 100_000, self.metrics % 100_000)
    }

    /// Requests that were sent to Cost Explorer, of which AWS charges for each. Those that failed are counted too, since AWS
    /// does not say that they are free.
    pub fn cost_explorer_requests(&self) -> u64 {
        self.calls.iter().filter(|count| count.service == "ce").map(|count| count.sent).sum()
    }

    /// What AWS charges for them, in US dollars: 0.01 each.
    ///
    /// Source: <https://aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing/>
    pub fn cost_explorer_usd(&self) -> String {
        let requests = self.cost_explorer_requests();
        format!("{}.{:02}", requests / 100, requests % 100)
    }

    /// Requests that were sent again.
    pub fn retried(&self) -> u64 {
        self.calls.iter().map(|count| count.retried).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_to_cost_explorer_costs_a_cent() {
        let count = |service: &str, operation: &str, sent| CallCount {
            service: service.to_owned(),
            operation: operation.to_owned(),
            sent,
            retried: 0,
            failed: 0,
        };
        let of = |pages| CollectStats {
            calls: vec![
                count("budgets", "DescribeBudgets", 3),
                count("ce", "GetCostAndUsage", pages),
                count("ce", "GetCostForecast", 1),
            ],
            ..CollectStats::default()
        };
        assert_eq!((of(1).cost_explorer_requests(), of(1).cost_explorer_usd()), (2, "0.02".to_owned()));
        assert_eq!(of(120).cost_explorer_usd(), "1.21");
    }

    #[test]
    fn a_thousand_metrics_cost_a_cent() {
        let usd = |metrics| CollectStats { metrics, ..CollectStats::default() }.metrics_usd();
        assert_eq!(
            (usd(0), usd(1), usd(1_000), usd(123_456)),
            ("0.00000".into(), "0.00001".into(), "0.01000".into(), "1.23456".into())
        );
    }
}
