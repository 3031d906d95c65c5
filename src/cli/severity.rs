//! Severities as arguments.

use clap::ValueEnum;

use crate::control::Severity;
use crate::run::FailOn;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum SeverityName {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl From<SeverityName> for Severity {
    fn from(name: SeverityName) -> Self {
        match name {
            SeverityName::Info => Self::Info,
            SeverityName::Low => Self::Low,
            SeverityName::Medium => Self::Medium,
            SeverityName::High => Self::High,
            SeverityName::Critical => Self::Critical,
        }
    }
}

/// Reads `high` or `new:high`.
pub(super) fn fail_on(text: &str) -> Result<FailOn, String> {
    let (only_new, name) = text.strip_prefix("new:").map_or((false, text), |name| (true, name));
    let name = SeverityName::from_str(name, true)
        .map_err(|_| "write `info`, `low`, `medium`, `high` or `critical`, or one of them after `new:`".to_owned())?;
    Ok(FailOn { least: name.into(), only_new })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_severity_may_be_asked_for_among_what_is_new_only() {
        assert_eq!(fail_on("critical"), Ok(FailOn { least: Severity::Critical, only_new: false }));
        assert_eq!(fail_on("new:low"), Ok(FailOn { least: Severity::Low, only_new: true }));
        for wrong in ["", "new", "new:", "old:high", "severe"] {
            assert!(fail_on(wrong).unwrap_err().contains("`new:`"), "{wrong}");
        }
    }
}
