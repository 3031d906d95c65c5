//! Plain words for what the document holds: verdicts, times, numbers. Every format speaks alike.

use jiff::Timestamp;

use crate::control::{Gate, Severity, Status};
use crate::estate::{ActorKind, Hosting, ServingPath, Signal, Turn};
use crate::evidence::FactKind;
use crate::readiness::ReadinessVerdict;

/// Verdicts, worst first; the two in the middle are one level, named by stage.
pub const VERDICTS: [ReadinessVerdict; 5] = [
    ReadinessVerdict::Stop,
    ReadinessVerdict::FixControlsFirst,
    ReadinessVerdict::KeepInPilot,
    ReadinessVerdict::OperateAsIs,
    ReadinessVerdict::Expand,
];

/// Severities, worst first.
pub const SEVERITIES: [Severity; 5] =
    [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];

/// Statuses in the order in which a reader wants them.
pub const STATUSES: [Status; 5] = [Status::Fail, Status::Unknown, Status::Waived, Status::Pass, Status::NotApplicable];

/// The verdict as the document spells it.
pub fn verdict_key(verdict: ReadinessVerdict) -> &'static str {
    match verdict {
        ReadinessVerdict::Stop => "stop",
        ReadinessVerdict::FixControlsFirst => "fix_controls_first",
        ReadinessVerdict::KeepInPilot => "keep_in_pilot",
        ReadinessVerdict::OperateAsIs => "operate_as_is",
        ReadinessVerdict::Expand => "expand",
    }
}

/// The verdict as people say it.
pub fn verdict(verdict: ReadinessVerdict) -> &'static str {
    match verdict {
        ReadinessVerdict::Stop => "stop",
        ReadinessVerdict::FixControlsFirst => "fix controls first",
        ReadinessVerdict::KeepInPilot => "keep in pilot",
        ReadinessVerdict::OperateAsIs => "operate as is",
        ReadinessVerdict::Expand => "expand",
    }
}

/// What the verdict asks for.
pub fn verdict_meaning(verdict: ReadinessVerdict) -> &'static str {
    match verdict {
        ReadinessVerdict::Stop => "take it out of service, or divert to its rollback target",
        ReadinessVerdict::FixControlsFirst => "something that bars must be fixed before anything else",
        ReadinessVerdict::KeepInPilot => "not in production yet, and not ready for it",
        ReadinessVerdict::OperateAsIs => "it may go on; nothing more may hang on it yet",
        ReadinessVerdict::Expand => "its use may be expanded",
    }
}

/// Status as the document spells it.
pub fn status_key(status: Status) -> &'static str {
    match status {
        Status::Pass => "pass",
        Status::Fail => "fail",
        Status::Unknown => "unknown",
        Status::NotApplicable => "not_applicable",
        Status::Waived => "waived",
    }
}

/// Status as people say it.
pub fn status(status: Status) -> &'static str {
    match status {
        Status::NotApplicable => "not applicable",
        other => status_key(other),
    }
}

/// Severity in a word.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

/// What a failure means for the verdict, in a word.
pub fn gate(gate: Gate) -> &'static str {
    match gate {
        Gate::Stop => "stop",
        Gate::Fix => "fix",
        Gate::Operability => "operability",
        Gate::Expansion => "expansion",
        Gate::Advisory => "advisory",
    }
}

/// Kind of serving path, as an indefinite noun phrase.
pub fn path(path: ServingPath) -> &'static str {
    match path {
        ServingPath::Variant => "variant",
        ServingPath::Shadow => "shadow variant",
        ServingPath::Component => "inference component",
        ServingPath::Pool => "instance pool",
        ServingPath::MultiModel => "multi-model artifact",
        ServingPath::Batch => "batch transform",
    }
}

/// How it is hosted.
pub fn hosting(hosting: Hosting) -> &'static str {
    match hosting {
        Hosting::RealTime => "real-time",
        Hosting::Serverless => "serverless",
        Hosting::Asynchronous => "asynchronous",
        Hosting::Batch => "batch",
    }
}

/// Kind of identity.
pub fn actor(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Human => "person",
        ActorKind::Automation => "automation",
        ActorKind::Unknown => "person or automation, not provable",
    }
}

/// What began a state.
pub fn change(change: Turn) -> &'static str {
    match change {
        Turn::Registered => "registered",
        Turn::Set => "set",
        Turn::SetAgain => "set again",
        Turn::Edited => "content edited",
        Turn::Described => "seen in a description",
    }
}

/// An approval status.
pub fn state(status: Option<&str>) -> &str {
    match status {
        Some("PendingManualApproval") => "waits for approval",
        Some(status) => status,
        None => "status not known",
    }
}

/// Coverage of one signal in one character; a shape each, so that colour is not needed.
pub fn coverage_glyph(coverage: Option<&super::document::CoverageRow>) -> &'static str {
    match coverage.map(|coverage| coverage.state.as_str()) {
        Some("covered") => "●",
        Some("broken") => "◐",
        Some("missing") => "○",
        Some("not_applicable") => "·",
        _ => "?",
    }
}

/// The signals of the coverage matrix that apply to some live version of a report.
pub fn signals_told(report: &super::document::Report) -> Vec<Signal> {
    let asked = |signal: &Signal| {
        let rows = report.live_versions.iter().filter_map(|live| live.alarms.get(signal.words()));
        rows.into_iter().any(|coverage| coverage.state != "not_applicable")
    };
    Signal::MATRIX.into_iter().filter(asked).collect()
}

/// A signal in one letter: F for running full, because S is silence.
pub fn signal_letter(signal: Signal) -> &'static str {
    match signal {
        Signal::Errors => "E",
        Signal::Latency => "L",
        Signal::Silence => "S",
        Signal::Saturation => "F",
        Signal::Drift => "D",
        Signal::ResponsibleAi => "R",
        Signal::Business => "B",
        Signal::Other => "?",
    }
}

/// Code of the control that judges a signal, where there is one.
pub fn signal_control(signal: Signal) -> Option<&'static str> {
    match signal {
        Signal::Errors => Some("MON-001"),
        Signal::Latency => Some("MON-002"),
        Signal::Silence => Some("MON-003"),
        Signal::Saturation => Some("MON-004"),
        Signal::Drift => Some("MON-009"),
        Signal::ResponsibleAi => Some("MON-012"),
        Signal::Business | Signal::Other => None,
    }
}

/// The instant in UTC to the minute.
pub fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The day in UTC.
pub fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// How long before `as_of` an instant lies, such as `3 days ago`.
pub fn age(at: Timestamp, as_of: Timestamp) -> String {
    let seconds = as_of.as_second().saturating_sub(at.as_second());
    match seconds {
        -59..=59 => "just then".to_owned(),
        60.. => format!("{} ago", span(seconds)),
        _ => format!("in {}", span(-seconds)),
    }
}

/// A length of time in its largest sensible unit: `40 seconds`, `3 days`.
pub fn span(seconds: i64) -> String {
    const UNITS: [(i64, i64, &str); 6] = [
        (2 * 365 * 86_400, 365 * 86_400, "year"),
        (90 * 86_400, 30 * 86_400, "month"),
        (2 * 86_400, 86_400, "day"),
        (2 * 3_600, 3_600, "hour"),
        (60, 60, "minute"),
        (0, 1, "second"),
    ];
    let seconds = seconds.saturating_abs();
    let (_, unit, name) = UNITS.into_iter().find(|(least, ..)| seconds >= *least).unwrap_or((0, 1, "second"));
    count(usize::try_from(seconds / unit).unwrap_or(usize::MAX), name)
}

/// How much an action does.
pub fn gain(action: &super::document::ActionRow) -> String {
    let needed = format!("needed by {}", count(action.live_versions.len(), "live version"));
    match action.lifts_alone {
        0 => needed,
        alone => format!("{needed}, enough by itself for {}", number(alone)),
    }
}

/// `1 alarm`, `2 alarms`, with thousands apart.
pub fn count(n: usize, noun: &str) -> String {
    let ending = if n == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", number(n))
}

/// A number with its thousands apart, such as `12,345`.
pub fn number(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share as a percentage: `100 %`, `12.5 %`, `< 0.1 %`. What is not all is never `100 %`.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 0.1 {
        return "< 0.1 %".to_owned();
    }
    let rounded = format!("{percent:.1}");
    if share < 1.0 && rounded == "100.0" {
        return "> 99.9 %".to_owned();
    }
    format!("{} %", rounded.strip_suffix(".0").unwrap_or(&rounded))
}

/// A size in the unit that leaves it readable: `1.2 GB`.
#[allow(clippy::cast_precision_loss, reason = "two significant digits are printed")]
pub fn size(bytes: i64) -> String {
    let mut value = bytes as f64;
    for unit in ["bytes", "KB", "MB", "GB"] {
        if value < 1000.0 {
            return if unit == "bytes" { format!("{bytes} bytes") } else { format!("{value:.1} {unit}") };
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

/// Milliseconds as seconds: `1.8 s`.
pub fn millis(ms: u64) -> String {
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}

/// `a`, `a and b`, `a, b and c`.
pub fn list<T: AsRef<str>>(items: &[T]) -> String {
    joined(items, "and")
}

/// `a`, `a or b`, `a, b or c`.
pub fn either<T: AsRef<str>>(items: &[T]) -> String {
    joined(items, "or")
}

fn joined<T: AsRef<str>>(items: &[T], by: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [head @ .., last] => {
            let head: Vec<&str> = head.iter().map(AsRef::as_ref).collect();
            format!("{} {by} {}", head.join(", "), last.as_ref())
        }
    }
}

/// The first letter in upper case, unless the first word is a name or a command.
pub fn sentence(text: &str) -> String {
    let first = text.split(' ').next().unwrap_or_default();
    if first == "aws"
        || !first.trim_end_matches([',', ':', ';']).chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\''))
    {
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The last part of an ARN or path, which is what people call the thing.
pub fn tail(name: &str) -> &str {
    name.rsplit(['/', ':']).next().unwrap_or(name)
}

/// What stands where no registered version does.
pub fn unregistered(live: &super::document::LiveVersionRow) -> &'static str {
    let is = |registration: &str| live.containers.iter().any(|container| container.registration == registration);
    if live.containers.is_empty() {
        "not resolved"
    } else if is("unseen") || is("ambiguous") || is("url_only") || is("unknown") {
        "not proved"
    } else {
        "not registered"
    }
}

/// Whether it is sure that no registered version is behind it, and so that none was approved.
pub fn surely_unregistered(live: &super::document::LiveVersionRow) -> bool {
    let none = |registration: &str| matches!(registration, "none" | "absent");
    !live.containers.is_empty() && live.containers.iter().all(|container| none(&container.registration))
}

/// Why a live version has its verdict: what the findings that bind say, or else the rule's own reason.
pub fn because(readiness: &super::document::ReadinessRow) -> String {
    match readiness.because.as_slice() {
        [] => readiness.reason.trim_end_matches('.').to_owned(),
        [one] => one.to_string(),
        [first, second] => format!("{first}; {second}"),
        [first, second, rest @ ..] => format!("{first}; {second}; and {} more", number(rest.len())),
    }
}

/// Who an identity ARN names, short: the user, or `role/session`. Identity Center sets the session of its roles, so
/// there the session alone is the person.
pub fn identity(arn: &str) -> &str {
    let rest = match arn.split_once(":assumed-role/").or_else(|| arn.split_once(":user/")) {
        Some((_, rest)) if !rest.is_empty() => rest,
        _ if arn.ends_with(":root") => return "root",
        _ => return arn,
    };
    match rest.strip_prefix("AWSReservedSSO_").and_then(|role| role.split_once('/')) {
        Some((_, person)) if !person.is_empty() => person,
        _ => rest,
    }
}

/// The id of a live version without the account and region, where the report has only one of each.
pub fn short_id<'a>(id: &'a str, scope: &super::document::ReportScope) -> &'a str {
    match (scope.accounts.as_slice(), scope.regions.as_slice()) {
        ([account], [region]) => id
            .strip_prefix(account.as_str())
            .and_then(|rest| rest.strip_prefix('/')?.strip_prefix(region.as_str())?.strip_prefix('/'))
            .unwrap_or(id),
        ([account], _) => id.strip_prefix(account.as_str()).and_then(|rest| rest.strip_prefix('/')).unwrap_or(id),
        _ => id,
    }
}

/// What fills a slot, without the part of a package's ARN that all share.
pub fn version(key: &str) -> &str {
    key.split_once(":model-package/").map_or(key, |(_, name)| name)
}

/// What a gap hides that hides all of a kind; `region` is empty where none was asked.
pub fn all_hidden(kind: FactKind, region: &str) -> String {
    if region.is_empty() { format!("all {kind}") } else { format!("all {kind} in {region}") }
}

/// What a gap hides that hides one resource.
pub fn one_hidden(kind: FactKind, name: &str) -> String {
    format!("`{name}` among the {kind}")
}

/// Worst first.
pub fn verdict_rank(verdict: ReadinessVerdict) -> usize {
    VERDICTS.iter().position(|other| *other == verdict).unwrap_or(VERDICTS.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_spans_read_well() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(count(1, "alarm"), "1 alarm");
        assert_eq!(count(0, "alarm"), "0 alarms");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.125), "12.5 %");
        assert_eq!(percent(0.0001), "< 0.1 %");
        assert_eq!(percent(0.999), "99.9 %");
        assert_eq!(percent(0.9996), "> 99.9 %", "one thing out of 2,500 is missing");
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(1_234_000), "1.2 MB");
        assert_eq!(span(59), "59 seconds");
        assert_eq!(span(3_700), "61 minutes");
        assert_eq!(span(86_400 * 3), "3 days");
        assert_eq!(span(86_400 * 400), "13 months");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(either(&["a", "b", "c"]), "a, b or c");
        assert_eq!(sentence("two words"), "Two words");
        for name in [
            "ana@bank.example approved it",
            "aws s3api put-bucket-versioning",
            "`main` is no commit",
            "model.tar.gz is gone",
            "",
        ] {
            assert_eq!(sentence(name), name);
        }
    }

    #[test]
    fn identities_are_short() {
        assert_eq!(identity("arn:aws:sts::111122223333:assumed-role/Deployer/ci"), "Deployer/ci");
        assert_eq!(identity("arn:aws:iam::111122223333:user/ana"), "ana");
        assert_eq!(identity("root"), "root");
        assert_eq!(
            identity("arn:aws:sts::1:assumed-role/AWSReservedSSO_Approver_0a1b/ana@bank.example"),
            "ana@bank.example"
        );
        assert_eq!(tail("arn:aws:sagemaker:eu-central-1:1:model-package/fraud/7"), "7");
    }
}
