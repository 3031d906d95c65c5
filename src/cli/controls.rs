//! `countersign controls`: the catalogue, or one control in full.

use anyhow::anyhow;
use clap::Args;

use super::console::Console;
use super::plain::{markdown, wrap};
use crate::control::registry::CONTROLS;
use crate::control::{Control, Gate, Unit};
use crate::evidence::FactKind;
use crate::policy::nearest::nearest;
use crate::report::words::{gate, severity};
use crate::run::Exit;

const EXAMPLES: &str = "\
Examples:
  countersign controls
  countersign controls APR-003
  countersign controls approved-now";

/// Lists the controls, or explains one
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Controls {
    /// Code or id of a control
    #[arg(value_name = "CODE|ID")]
    control: Option<String>,
}

impl Controls {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        let text = match self.control {
            None => list(),
            Some(name) => page(find(&name)?, console.columns().min(100)),
        };
        console.print(text)?;
        Ok(Exit::Done)
    }
}

fn find(name: &str) -> anyhow::Result<&'static Control> {
    let asked = name.trim().to_lowercase();
    let found = CONTROLS.iter().find(|control| control.code.to_lowercase() == asked || control.id == asked);
    found.copied().ok_or_else(|| {
        let known = CONTROLS.iter().flat_map(|control| [control.code, control.id]);
        let meant = nearest(name, known).map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default();
        anyhow!("there is no control `{name}`; {meant}`countersign controls` lists them")
    })
}

fn list() -> String {
    let rows: Vec<[&str; 5]> =
        std::iter::once(["CODE", "ID", "SEVERITY", "GATE", "WHAT MUST HOLD"])
            .chain(CONTROLS.iter().map(|control| {
                [control.code, control.id, severity(control.severity), gate(control.gate), control.summary]
            }))
            .collect();
    let mut widths = [0; 5];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.len());
        }
    }
    let line = |row: &[&str; 5]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

fn page(control: &Control, columns: usize) -> String {
    let kinds = |kinds: &[FactKind]| kinds.iter().map(|kind| kind.words()).collect::<Vec<_>>().join(", ");
    let frameworks = control.frameworks.iter().map(|(name, clause)| format!("{name} {clause}")).collect::<Vec<_>>();
    let lines = [
        ("Judges", unit(control.check.unit()).to_owned()),
        ("Severity", severity(control.severity).to_owned()),
        ("Gate", format!("{}: {}", gate(control.gate), gate_words(control.gate))),
        ("Needs", kinds(control.needs)),
        ("Uses", kinds(control.uses)),
        ("Remedy", control.remedy.to_owned()),
        ("Role", control.role.to_owned()),
        ("See", frameworks.join("; ")),
    ];
    let lines = lines.iter().filter(|(_, value)| !value.is_empty());
    let lines: Vec<String> = lines.map(|(name, value)| wrap(&format!("{name}: {value}"), columns, "  ")).collect();
    let summary = wrap(control.summary, columns, "");
    let doc = markdown(control.doc, columns);
    format!("{}  {}\n{summary}\n\n{}\n\n{doc}\n", control.code, control.id, lines.join("\n"))
}

fn gate_words(gate: Gate) -> &'static str {
    match gate {
        Gate::Stop => "a failure is a reason to stop serving",
        Gate::Fix => "a failure is fixed before anything else",
        Gate::Operability => "a failure weighs; enough of them bar",
        Gate::Expansion => "a failure bars expansion only",
        Gate::Advisory => "a failure decides nothing",
    }
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::LiveVersion => "each live version",
        Unit::Alarm => "each alarm that is about serving",
        Unit::Bucket => "each bucket that holds artifacts of live versions",
        Unit::Region => "each account and region that was read",
        Unit::Account => "each account that was read, over all its regions",
        Unit::Run => "the run as a whole",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_is_found_by_code_and_id_in_any_case() {
        for name in ["APR-001", "apr-001", "approved-now", "Approved-Now"] {
            assert_eq!(find(name).unwrap().code, "APR-001", "{name}");
        }
        let error = find("APR-0O1").unwrap_err().to_string();
        assert!(error.contains("there is no control `APR-0O1`; did you mean `APR-001`?"), "{error}");
    }

    #[test]
    fn the_list_has_every_control_and_pages_fit_the_width() {
        let listed = list();
        for control in CONTROLS {
            assert!(listed.contains(control.code) && listed.contains(control.summary), "{}", control.code);
            let page = page(control, 80);
            assert!(page.contains("What it requires\n  "), "{page}");
            let unbreakable = |line: &&str| line.split_whitespace().all(|word| word.chars().count() < 78);
            let wide = page.lines().filter(unbreakable).find(|line| line.chars().count() > 80);
            assert_eq!(wide, None, "{}", control.code);
        }
    }
}
