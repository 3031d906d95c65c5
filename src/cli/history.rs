//! `countersign history`: saved runs as tables.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use super::console::Console;
use super::diff;
use crate::history;
use crate::run::Exit;
use crate::store::{Folder, Store, StoreErrorKind};

const EXAMPLES: &str = "\
Examples:
  countersign history countersign-report --out history
  countersign history runs/*/snapshot.json.zst --policy countersign.toml --out history
  aws s3 sync history s3://bank-reports/history     # what infra/athena.yaml lays tables and views over";

/// Writes saved runs as tables that SQL reads: Parquet files for Athena and other engines
///
/// Takes reports, folders that a run wrote, or snapshots, in any order. Each becomes one file a table,
/// `TABLE/v=1/day=DATE/RUN.parquet`; what is there already stays as it is, so writing a run again changes nothing.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct History {
    /// `report.json`, a folder that holds one, or a snapshot
    #[arg(required = true, value_name = "SNAPSHOT")]
    runs: Vec<PathBuf>,
    /// Policy that judges snapshots; of a folder, the snapshot is judged then [default for snapshots: the built-in one]
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Folder that the tables are written to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl History {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        if self.out.exists() && !self.out.is_dir() {
            bail!("`{}` is a file; name a folder with `--out`", self.out.display());
        }
        let store = Folder::new(&self.out);
        for path in &self.runs {
            let report = diff::load(path, self.policy.as_deref(), console)?;
            let run = history::run_id(&report)?;
            let (mut new, mut all) = (0, 0);
            for file in history::files(&report, &run) {
                let file = file?;
                all += 1;
                match store.put_new(&file.key, &file.bytes) {
                    Ok(_) => new += 1,
                    // The same run: its name is a hash of what it reported.
                    Err(error) if error.kind == StoreErrorKind::Exists => {}
                    Err(error) => return Err(error.into()),
                }
            }
            console.line(format_args!("{}: run {run}, {all} tables, {new} of them new", path.display()))?;
        }
        Ok(Exit::Done)
    }
}
