//! The controls as a page to read: `src/control/README.md` is its text, and a test holds them together.

use std::fmt::Write as _;

use super::{Control, Gate, Severity, Unit, registry};

impl Severity {
    /// In plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl Gate {
    /// What a failure means, in plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Stop => "stops",
            Self::Fix => "bars",
            Self::Operability => "weighs",
            Self::Expansion => "bars expansion",
            Self::Advisory => "advises",
        }
    }
}

impl Unit {
    /// In plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::LiveVersion => "live version",
            Self::Alarm => "alarm",
            Self::Bucket => "bucket",
            Self::Region => "account and region",
            Self::Account => "account",
            Self::Run => "run",
        }
    }
}

const INTRODUCTION: &str = "\
# Controls

Each control is one file: its documentation, its metadata, a pure check and its cases. This page is generated from them;
`UPDATE=1 cargo test --no-default-features control::registry` writes it.

To add one, write the file (take any other as a pattern), and add its line to `registry.rs` and its module to the family's
`mod.rs`. A test holds files, registry, ids, codes and this page together.

A failure of a control that *stops* means that the version must not serve; of one that *bars*, that it is fixed before
anything else; of one that *weighs*, that enough of them bar together. What could not be read is *unknown*, which is
neither pass nor fail: a gap over what a control *needs* makes its result unknown, a gap over what it *uses* is noted.
";

/// The catalogue of all controls, in Markdown.
pub fn catalogue() -> String {
    let mut page = INTRODUCTION.to_owned();
    page.push_str("\n| Code | Control | Judges each | Severity | A failure |\n|---|---|---|---|---|\n");
    for control in registry::CONTROLS {
        write(
            &mut page,
            format_args!(
                "| [{code}](#{anchor}) | {summary} | {unit} | {severity} | {gate} |\n",
                code = control.code,
                anchor = anchor(control),
                summary = control.summary,
                unit = control.check.unit().words(),
                severity = control.severity.words(),
                gate = control.gate.words(),
            ),
        );
    }
    for control in registry::CONTROLS {
        section(&mut page, control);
    }
    page
}

fn section(page: &mut String, control: &Control) {
    write(page, format_args!("\n## {} {}\n\n{}.\n\n", control.code, control.id, sentence(control.summary)));
    for line in control.doc.lines() {
        // Doc comments begin with a space, and their headings stand below the control's own.
        let line = line.strip_prefix(' ').unwrap_or(line);
        match line.strip_prefix("## ") {
            Some(heading) => write(page, format_args!("### {heading}\n")),
            None => write(page, format_args!("{line}\n")),
        }
    }
    let kinds = |kinds: &[crate::evidence::FactKind]| {
        let words: Vec<&str> = kinds.iter().map(|kind| kind.words()).collect();
        if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
    };
    let clauses: Vec<String> = control.frameworks.iter().map(|(name, clause)| format!("{name} {clause}")).collect();
    write(
        page,
        format_args!(
            "\n### Remedy\n{}. Able to: {}.\n\n*Needs {}; uses {}.* Asked for by the like of: {}.\n",
            sentence(control.remedy),
            control.role,
            kinds(control.needs),
            kinds(control.uses),
            clauses.join("; "),
        ),
    );
}

/// The anchor that Markdown renderers give the heading of a control.
fn anchor(control: &Control) -> String {
    format!("{} {}", control.code, control.id).to_lowercase().replace(' ', "-")
}

/// The text with a capital, unless it begins with a command.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if !text.starts_with("aws ") => first.to_uppercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

/// Writing to a string cannot fail.
fn write(page: &mut String, text: std::fmt::Arguments<'_>) {
    page.write_fmt(text).unwrap_or_default();
}
