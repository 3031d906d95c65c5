//! From a fault to a person, in words and numbers that every format shares.

use super::document::{FaultRow, LiveVersionRow, Report, ToldState};
use super::words;
use crate::estate::{Fault, Signal};

/// What becomes of one fault over all live versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultCount {
    /// The fault.
    pub fault: Fault,
    /// Live versions of which nobody is told.
    pub nobody: usize,
    /// Live versions for which that is not known.
    pub unknown: usize,
    /// Live versions of which somebody is told.
    pub human: usize,
    /// Fewest and most minutes until then; `None` where nobody is told of any.
    pub minutes: Option<(u32, u32)>,
}

impl FaultCount {
    /// Live versions to which it can happen.
    pub fn asked(&self) -> usize {
        self.nobody + self.unknown + self.human
    }
}

/// Every fault that can happen to some live version, in the order of the table.
pub fn counts(report: &Report) -> Vec<FaultCount> {
    let mut counts = Fault::ALL.map(|fault| FaultCount { fault, nobody: 0, unknown: 0, human: 0, minutes: None });
    for row in report.live_versions.iter().flat_map(|live| &live.faults) {
        let Some(count) = counts.iter_mut().find(|count| count.fault == row.fault) else { continue };
        match row.told {
            ToldState::Nobody => count.nobody += 1,
            ToldState::Unknown => count.unknown += 1,
            ToldState::Human => {
                count.human += 1;
                if let (Some(from), Some(to)) = (row.minutes_from, row.minutes_to) {
                    let (least, most) = count.minutes.unwrap_or((from, to));
                    count.minutes = Some((least.min(from), most.max(to)));
                }
            }
            ToldState::NotApplicable => {}
        }
    }
    counts.into_iter().filter(|count| count.asked() > 0).collect()
}

/// What becomes of one fault of a live version.
pub fn of(live: &LiveVersionRow, fault: Fault) -> Option<&FaultRow> {
    live.faults.iter().find(|row| row.fault == fault)
}

/// The signal whose alarms hear of a fault.
pub fn signal(fault: Fault) -> Signal {
    match fault {
        Fault::RequestsFail => Signal::Errors,
        Fault::LatencyTriples => Signal::Latency,
        Fault::TrafficStops => Signal::Silence,
        Fault::InstanceSaturates => Signal::Saturation,
        Fault::PredictionsDrift => Signal::Drift,
    }
}

/// To follow "if".
fn condition(fault: Fault) -> &'static str {
    match fault {
        Fault::RequestsFail => "every request failed",
        Fault::LatencyTriples => "latency tripled",
        Fault::TrafficStops => "requests stopped",
        Fault::InstanceSaturates => "instances ran full",
        Fault::PredictionsDrift => "predictions drifted",
    }
}

/// The fault at the head of a column.
pub fn heading(fault: Fault) -> &'static str {
    match fault {
        Fault::RequestsFail => "Every request fails",
        Fault::LatencyTriples => "Latency triples",
        Fault::TrafficStops => "Requests stop",
        Fault::InstanceSaturates => "Instances run full",
        Fault::PredictionsDrift => "Predictions drift",
    }
}

/// The whole table in a sentence or two; `None` where no fault was simulated.
pub fn sentence(counts: &[FaultCount]) -> Option<String> {
    let asked = counts.first()?.asked();
    let mut parts: Vec<String> = Vec::new();
    for count in counts.iter().filter(|count| count.nobody > 0) {
        let of = match count.asked() {
            other if other != asked || parts.is_empty() => format!(" of {}", words::number(other)),
            _ => String::new(),
        };
        let nobody = words::number(count.nobody);
        parts.push(if parts.is_empty() {
            format!("{nobody}{of} live versions nobody would hear if {}", condition(count.fault))
        } else {
            format!("for {nobody}{of} if {}", condition(count.fault))
        });
    }
    let mut text = match parts.as_slice() {
        [] if counts.iter().all(|count| count.unknown == 0) => {
            "Somebody would hear of every fault of every live version".to_owned()
        }
        [] => "No live version has a fault of which it is certain that nobody would hear".to_owned(),
        parts => format!("For {}", words::list(parts)),
    };
    let unknown: usize = counts.iter().map(|count| count.unknown).sum();
    if unknown > 0 {
        text.push_str("; what was seen does not decide it for ");
        text.push_str(&words::count(unknown, "fault"));
    }
    text.push('.');
    Some(text)
}

/// The same in one line.
pub fn line(counts: &[FaultCount]) -> Option<String> {
    let asked = counts.first()?.asked();
    let part = |count: &FaultCount| {
        let of = if count.asked() == asked { String::new() } else { format!(" of {}", words::number(count.asked())) };
        let fault = heading(count.fault).to_lowercase();
        (count.nobody > 0).then(|| format!("{fault} {}{of}", words::number(count.nobody)))
    };
    let parts: Vec<String> = counts.iter().filter_map(part).collect();
    let unknown: usize = counts.iter().map(|count| count.unknown).sum();
    let unknown = if unknown == 0 { String::new() } else { format!("; {} not known", words::number(unknown)) };
    let of = words::count(asked, "live version");
    Some(match parts.as_slice() {
        [] => format!("Nobody is told when: no fault of {of}{unknown}"),
        parts => format!("Nobody is told when (of {of}): {}{unknown}", parts.join(", ")),
    })
}

/// A range of minutes: `3–8 min`, `1–25 h`.
pub fn minutes(from: u32, to: u32) -> String {
    let (from, to, unit) = match to {
        0..=180 => (from, to, "min"),
        181..=4_320 => (from / 60, to.div_ceil(60), "h"),
        _ => (from / 1_440, to.div_ceil(1_440), "days"),
    };
    if from == to { format!("{to} {unit}") } else { format!("{from}–{to} {unit}") }
}

/// How bad a live version's faults are: those of which nobody is told, and those that are not known; for sorting.
pub fn rank(live: &LiveVersionRow) -> (usize, usize) {
    let of = |told| live.faults.iter().filter(|row| row.told == told).count();
    (of(ToldState::Nobody), of(ToldState::Unknown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_says_of_how_many() {
        let count = |fault, nobody, unknown, human| FaultCount { fault, nobody, unknown, human, minutes: None };
        let counts = [
            count(Fault::RequestsFail, 4, 0, 25),
            count(Fault::LatencyTriples, 6, 2, 21),
            count(Fault::TrafficStops, 9, 0, 11),
        ];
        assert_eq!(
            sentence(&counts).unwrap(),
            "For 4 of 29 live versions nobody would hear if every request failed, for 6 if latency tripled and for 9 of 20 if requests stopped; what was seen does not decide it for 2 faults."
        );
        assert_eq!(
            line(&counts).unwrap(),
            "Nobody is told when (of 29 live versions): every request fails 4, latency triples 6, requests stop 9 of 20; 2 not known"
        );
        let fine = [count(Fault::RequestsFail, 0, 0, 3)];
        assert_eq!(sentence(&fine).unwrap(), "Somebody would hear of every fault of every live version.");
        assert_eq!(line(&fine).unwrap(), "Nobody is told when: no fault of 3 live versions");
        let unsure = [count(Fault::RequestsFail, 0, 1, 3)];
        assert!(!sentence(&unsure).unwrap().contains("Somebody would hear"), "unknown is no comfort");
        assert_eq!(sentence(&[]), None);
    }

    #[test]
    fn ranges_read_well() {
        assert_eq!(minutes(3, 8), "3–8 min");
        assert_eq!(minutes(5, 5), "5 min");
        assert_eq!(minutes(60, 1_500), "1–25 h");
        assert_eq!(minutes(0, 20_000), "0–14 days");
    }
}
