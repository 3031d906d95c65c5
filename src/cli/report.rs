//! `countersign report`: the documents of a report, written again.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;

use super::console::Console;
use super::input::{FOLDER, Judged, Judging};
use super::outcome;
use super::reporting::{Formats, must_be_a_folder};
use crate::report::{self, Format};
use crate::run::{self, Exit};

const EXAMPLES: &str = "\
Examples:
  countersign report countersign-report --format sarif,junit
  countersign report countersign-report/report.json --format md --out - >> \"$GITHUB_STEP_SUMMARY\"
  countersign report monday --policy strict.toml --out monday-strict";

/// Writes the documents of a report again, in any format
///
/// From the `report.json` of a run every format can be written: nothing is judged again, and nothing is asked of AWS. A
/// snapshot is judged first, as `assess` does. Another policy or another instant needs the snapshot: of a folder it is taken
/// then.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct WriteReport {
    /// Folder that a run wrote, its `report.json`, or a snapshot
    #[arg(value_name = "INPUT")]
    from: PathBuf,
    #[command(flatten)]
    formats: Formats,
    /// Folder to write to, or `-` for standard output and one format [default: the folder of the report; for what is judged
    /// here, countersign-report]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    judging: Judging,
}

impl WriteReport {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        let formats = self.formats.chosen();
        if self.out.as_deref() == Some(Path::new("-")) {
            let format = alone(&formats, console)?;
            let judged = self.judging.report(&self.from, console)?;
            console.write(|out| report::write(&judged.report, format, out))?;
            return Ok(Exit::Done);
        }
        if let Some(out) = &self.out {
            must_be_a_folder(out)?;
        }
        let judged = self.judging.report(&self.from, console)?;
        let out = self.out.unwrap_or_else(|| place(&judged));
        let (formats, kept) = without_what_was_read(formats, &judged.file, &out);
        if kept {
            console.note(format_args!("`{}` is what was read, and stays as it is", judged.file.display()));
        }
        let written = run::write_documents(&judged.report, &formats, &out)?;
        console.print(outcome::written(&written))?;
        Ok(Exit::Done)
    }
}

/// The one format that standard output takes.
fn alone(formats: &[Format], console: Console) -> anyhow::Result<Format> {
    match formats {
        [Format::Xlsx] if console.is_terminal() => {
            bail!("a workbook is no text; send it to a file: `--format xlsx --out - > {}`", Format::Xlsx.file_name())
        }
        [format] => Ok(*format),
        _ => bail!(
            "standard output takes one document; name its format, such as `--format md`, or a folder with `--out`"
        ),
    }
}

/// Where documents go unless somebody says: beside the report that they are made of.
fn place(judged: &Judged) -> PathBuf {
    match judged.file.parent() {
        Some(folder) if !judged.anew => folder.to_owned(),
        _ => PathBuf::from(FOLDER),
    }
}

/// A `report.json` is not written over itself: one of a later version may hold more than this one reads.
fn without_what_was_read(mut formats: Vec<Format>, read: &Path, out: &Path) -> (Vec<Format>, bool) {
    let target = out.join(Format::Json.file_name());
    let same = matches!((read.canonicalize(), target.canonicalize()), (Ok(read), Ok(target)) if read == target);
    let kept = same && formats.contains(&Format::Json);
    if same {
        formats.retain(|format| *format != Format::Json);
    }
    (formats, kept)
}
