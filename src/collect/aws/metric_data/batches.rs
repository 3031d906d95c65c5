//! Requests of at most five hundred metrics each, that ask for spans of about the same length.

use jiff::Timestamp;

use crate::estate::Wanted;

/// Metrics a request, the most that AWS takes.
const MOST: usize = 500;

/// What one request asks for.
#[derive(Debug, PartialEq)]
pub(super) struct Batch {
    /// The earliest instant that any of them needs.
    pub(super) from: Timestamp,
    /// The latest.
    pub(super) until: Timestamp,
    /// At least one.
    pub(super) all: Vec<Wanted>,
}

/// How long CloudWatch keeps data points goes by their period, and from what was kept longer a request cannot be for less:
/// points of a minute must not be asked for as far back as those of an hour.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html> (`StartTime`)
fn kept_alike(period: u32) -> u8 {
    match period {
        0..60 => 0,
        60..300 => 1,
        _ => 2,
    }
}

/// Makes requests of what is wanted, in its order.
pub(super) fn batches(wanted: Vec<Wanted>) -> Vec<Batch> {
    let mut lanes: [Vec<Wanted>; 3] = [Vec::new(), Vec::new(), Vec::new()];
    for it in wanted {
        if let Some(lane) = lanes.get_mut(usize::from(kept_alike(it.key.period))) {
            lane.push(it);
        }
    }
    lanes.iter().flat_map(|lane| lane.chunks(MOST)).filter_map(batch).collect()
}

fn batch(all: &[Wanted]) -> Option<Batch> {
    let from = all.iter().map(|it| it.from).min()?;
    let until = all.iter().map(|it| it.until).max()?;
    Some(Batch { from, until, all: all.to_vec() })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::evidence::SeriesKey;

    fn wanted(period: u32, hours: i64, number: usize) -> Wanted {
        let until = Timestamp::from_second(1_000_000_000).unwrap();
        Wanted {
            account: "1".to_owned(),
            region: "r".to_owned(),
            key: SeriesKey {
                namespace: "n".to_owned(),
                metric: format!("m{number}"),
                dimensions: BTreeMap::new(),
                statistic: "Sum".to_owned(),
                period,
                account: None,
            },
            from: until - jiff::SignedDuration::from_hours(hours),
            until,
        }
    }

    #[test]
    fn five_hundred_metrics_are_one_request_and_short_periods_are_another() {
        let many: Vec<Wanted> = (0..501).map(|number| wanted(300, 336, number)).collect();
        let mixed = [wanted(60, 72, 0), wanted(10, 3, 1), wanted(3_600, 337, 2), wanted(60, 72, 3)];
        let made = batches(many.into_iter().chain(mixed).collect());
        let hours = |batch: &Batch| batch.until.duration_since(batch.from).as_hours();
        let shape: Vec<(usize, i64)> = made.iter().map(|batch| (batch.all.len(), hours(batch))).collect();
        assert_eq!(shape, [(1, 3), (2, 72), (500, 336), (2, 337)]);
        assert_eq!(batches(Vec::new()), []);
    }
}
