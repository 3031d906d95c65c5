//! Small drawings: values over time against a limit, the executions of a monitor, how long since.

use crate::report::document::{BusinessRow, FeatureRow, MonitorRow, MonitorRunRow, StepRow};

/// Size of the drawing of a metric.
pub(super) const WIDTH: f64 = 150.0;
pub(super) const HEIGHT: f64 = 34.0;

/// Values as a line, with the limit that they must not pass.
pub(super) struct Line {
    /// The path of the line.
    pub(super) path: String,
    /// The last value.
    pub(super) end: (f64, f64),
    /// Height of the limit.
    pub(super) limit: f64,
}

impl Line {
    /// The newest values of a business metric; `None` where there are fewer than two.
    pub(super) fn of(row: &BusinessRow) -> Option<Self> {
        if row.points.len() < 2 {
            return None;
        }
        let all = || row.points.iter().copied().chain([row.limit]);
        let (least, most) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
        let span = if most > least { most - least } else { 1.0 };
        if !span.is_finite() {
            return None;
        }
        let y = |value: f64| round(3.0 + (HEIGHT - 6.0) * (1.0 - (value - least) / span));
        #[allow(clippy::cast_precision_loss, reason = "a few dozen points")]
        let x = |at: usize| round((WIDTH - 4.0) * at as f64 / (row.points.len() - 1) as f64);
        let mut path = String::new();
        let mut end = (0.0, 0.0);
        for (at, value) in row.points.iter().enumerate() {
            end = (x(at), y(*value));
            let command = if at == 0 { 'M' } else { 'L' };
            path.extend([format!("{command}{} {}", end.0, end.1)]);
        }
        Some(Self { path, end, limit: y(row.limit) })
    }
}

/// A tenth of a pixel is enough.
fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// What became of an execution, as the name of its shape.
pub(super) fn run_shape(run: &MonitorRunRow) -> &'static str {
    match run.status.as_str() {
        "Completed" => "fine",
        "CompletedWithViolations" => "found",
        "Failed" | "Stopped" => "failed",
        _ => "under-way",
    }
}

/// The shapes of executions and what they mean.
pub(super) const RUNS: [(&str, &str); 4] = [
    ("fine", "completed"),
    ("found", "completed with violations"),
    ("failed", "failed or stopped"),
    ("under-way", "under way"),
];

/// The executions of a monitor in words.
pub(super) fn runs_words(monitor: &MonitorRow) -> String {
    let of = |shape: &str| monitor.runs.iter().filter(|run| run_shape(run) == shape).count();
    let parts = [("fine", "without violations"), ("found", "with violations"), ("failed", "failed")];
    let told: Vec<String> = parts
        .into_iter()
        .filter(|(shape, _)| of(shape) > 0)
        .map(|(shape, what)| format!("{} {what}", of(shape)))
        .collect();
    format!("newest {} executions: {}", monitor.runs.len(), told.join(", "))
}

/// Width of the bar of a feature beside the others, in a box of 100.
pub(super) fn share(feature: &FeatureRow, all: &[FeatureRow]) -> usize {
    let most = all.iter().map(|other| other.count).max().unwrap_or(1).max(1);
    (100 * feature.count / most).max(2)
}

/// How old something is against how often it should come, such as `2.5 periods`.
pub(super) fn periods(monitor: &MonitorRow, as_of: &jiff::Timestamp) -> Option<String> {
    let (last, cadence) = (monitor.succeeded?, monitor.cadence_seconds.filter(|cadence| *cadence > 0)?);
    #[allow(clippy::cast_precision_loss, reason = "one digit is printed")]
    let periods = (as_of.as_second() - last.as_second()).max(0) as f64 / cadence as f64;
    (periods >= 1.5).then(|| format!("{periods:.1} periods ago"))
}

/// A figure with as many digits as one reads.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "templates hand references")]
pub(super) fn figure(value: &f64) -> String {
    let size = value.abs();
    let digits = match () {
        () if value.fract() == 0.0 || size >= 1_000.0 => 0,
        () if size >= 10.0 => 1,
        () if size >= 0.1 => 3,
        () => 5,
    };
    let text = format!("{value:.digits$}");
    if digits == 0 { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
}

/// The state of a step, as a class name and as the name of its shape.
pub(super) fn step_class(step: &StepRow) -> &'static str {
    match step.state.as_str() {
        "done" => "done",
        "open" => "open",
        "waiting" => "waiting",
        _ => "unknown",
    }
}

/// The state of a step, in words.
pub(super) fn step_state(step: &StepRow) -> &'static str {
    match step_class(step) {
        "done" => "done",
        "open" => "next",
        "waiting" => "waits for the steps before it",
        _ => "not known",
    }
}

/// A step on the way to a new version, in words.
pub(super) fn step_words(step: &StepRow) -> &str {
    match step.step.as_str() {
        "detect" => "Detect",
        "confirm" => "Confirm it is no fault of the data",
        "dataset" => "Dataset",
        "candidate" => "Candidate",
        "compare" => "Compare, also by segment",
        "approve" => "Approve",
        "deploy" => "Deploy",
        "monitor" => "Monitor anew",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_in_its_box() {
        let mut report = crate::report::sample::bank();
        let row =
            report.live_versions.iter_mut().flat_map(|live| &mut live.business).find(|row| !row.points.is_empty());
        let row = row.unwrap();
        for points in [vec![1.0, 1.0], vec![-5.0, 1e12, 0.0], row.points.clone()] {
            row.points = points;
            let line = Line::of(row).unwrap();
            assert!((0.0..=HEIGHT).contains(&line.end.1) && (0.0..=WIDTH).contains(&line.end.0));
            assert!((0.0..=HEIGHT).contains(&line.limit) && !line.path.contains("NaN"), "{}", line.path);
        }
        for points in [vec![1.0], vec![f64::MIN, f64::MAX]] {
            row.points = points;
            assert!(Line::of(row).is_none());
        }
    }
}
