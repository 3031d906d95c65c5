//! `countersign remedy`: the alarms that are missing, ready to be made by whoever may.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args, ValueEnum};
use wildmatch::WildMatch;

use super::console::Console;
use super::input::{self, First, Found};
use super::reporting::PolicyFile;
use crate::estate;
use crate::remedy::{self, MOST, Remedies, Remedy};
use crate::report::document::Report;
use crate::report::escape::visible;
use crate::run::Exit;

const EXAMPLES: &str = "\
Examples:
  countersign remedy countersign-report --sns-topic arn:aws:sns:eu-central-1:111122223333:ml-oncall
  countersign remedy countersign-report --format cloudformation --sns-topic \"$TOPIC_ARN\" > alarms.json
  aws cloudformation deploy --stack-name model-alarms --template-file alarms.json
  countersign remedy estate.json.zst --format json --live '*/fraud-*'";

/// Writes the alarms that would cover what nothing covers
///
/// For each signal of a live version that no alarm covers, or only broken ones: as commands of the AWS CLI, as a
/// CloudFormation template or as JSON. Thresholds come from what was observed, and each description says from what; where
/// nothing was observed it is a default, and says so. Nothing is applied: read them, then apply them.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct MakeAlarms {
    /// Folder that a run wrote, snapshot, or `report.json` (which holds the commands only)
    #[arg(value_name = "SNAPSHOT_OR_REPORT")]
    from: PathBuf,
    #[command(flatten)]
    policy: PolicyFile,
    /// How to write them
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Cli)]
    format: Format,
    /// ARN of the SNS topic to tell; alarms of other regions are then left out [default: what the other working alarms of
    /// the same model tell, else `$TOPIC_ARN` in commands and a parameter in a template]
    #[arg(long, value_name = "ARN", value_parser = topic)]
    sns_topic: Option<String>,
    /// Only live versions whose id matches (`*` and `?`)
    #[arg(long, value_name = "PATTERN")]
    live: Option<String>,
    /// Only this region
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Only this account
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Commands of the AWS CLI
    Cli,
    /// A CloudFormation template, of one account and region
    Cloudformation,
    /// Everything, for other tools
    Json,
}

fn topic(text: &str) -> Result<String, String> {
    if remedy::is_topic(text) {
        Ok(text.to_owned())
    } else {
        Err("expected the ARN of an SNS topic, such as arn:aws:sns:eu-central-1:111122223333:ml-oncall".to_owned())
    }
}

impl MakeAlarms {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        let snapshot = match input::open(&self.from, First::Snapshot, console)? {
            (Found::Snapshot(snapshot), _) => snapshot,
            (Found::Report(report), file) => return self.of_report(&report, &file, console),
        };
        let policy = self.policy.load(snapshot.as_of, console)?;
        let estate = estate::reconcile(&snapshot, &policy, snapshot.as_of);
        let all = self.chosen(remedy::remedies(&estate), console);
        match self.format {
            Format::Json => console.print(format_args!("{}\n", serde_json::to_string_pretty(&all)?))?,
            Format::Cli => console.print(commands(&all, self.sns_topic.as_deref()))?,
            Format::Cloudformation => self.template(&all, console)?,
        }
        if all.alarms.is_empty() {
            console.note("no signal is uncovered that an alarm made from here would cover");
        }
        Ok(Exit::Done)
    }

    /// What is left of the remedies after what was asked for.
    fn chosen(&self, mut all: Remedies, console: Console) -> Remedies {
        let pattern = self.live.as_deref().map(WildMatch::new);
        let wanted = |id: &str| pattern.as_ref().is_none_or(|pattern| pattern.matches(id));
        all.alarms.retain(|remedy| {
            remedy.live.iter().any(|id| wanted(id))
                && self.region.as_ref().is_none_or(|region| *region == remedy.region)
                && self.account.as_ref().is_none_or(|account| *account == remedy.account)
        });
        all.beyond.retain(|beyond| wanted(&beyond.live));
        if let Some(region) = self.sns_topic.as_deref().and_then(remedy::region_of) {
            let before = all.alarms.len();
            all.alarms.retain(|remedy| remedy.region == region);
            if all.alarms.len() < before {
                let left_out = before - all.alarms.len();
                console.warn(format_args!(
                    "{left_out} alarms are left out: they are not in {region}, and an alarm tells only topics of its own region"
                ));
            }
        }
        all
    }

    fn template(&self, all: &Remedies, console: Console) -> anyhow::Result<()> {
        let places: BTreeSet<(&str, &str)> =
            all.alarms.iter().map(|remedy| (remedy.account.as_str(), remedy.region.as_str())).collect();
        if places.len() > 1 {
            let places: Vec<String> = places.iter().map(|(account, region)| format!("{account}/{region}")).collect();
            bail!(
                "a template is for one account and region, but alarms are missing in {}; name one with `--account` and \
                 `--region`",
                places.join(", ")
            );
        }
        if all.alarms.len() > MOST {
            bail!(
                "{} alarms are more than the {MOST} that a template holds; narrow them with `--live PATTERN`",
                all.alarms.len()
            );
        }
        if all.alarms.is_empty() {
            return Ok(());
        }
        let remedies: Vec<&Remedy> = all.alarms.iter().collect();
        let template = remedy::template(&remedies, self.sns_topic.as_deref());
        console.print(format_args!("{}\n", serde_json::to_string_pretty(&template)?))
    }

    /// The commands that a report holds already.
    fn of_report(&self, report: &Report, path: &Path, console: Console) -> anyhow::Result<Exit> {
        if self.format != Format::Cli || self.sns_topic.is_some() {
            bail!(
                "`{}` holds commands only; name the snapshot of the run, `snapshot.json.zst`, for anything else",
                path.display()
            );
        }
        let pattern = self.live.as_deref().map(WildMatch::new);
        for live in &report.live_versions {
            let wanted = pattern.as_ref().is_none_or(|pattern| pattern.matches(&live.id))
                && self.region.as_ref().is_none_or(|region| *region == *live.region)
                && self.account.as_ref().is_none_or(|account| *account == *live.account);
            for (signal, row) in live.alarms.iter().filter(|_| wanted) {
                if let Some(command) = &row.remedy {
                    console.print(format_args!("# {}: {signal} ({})\n{command}\n\n", visible(&live.id), row.state))?;
                }
            }
        }
        Ok(Exit::Done)
    }
}

/// Commands under a line that says what each is for, and what no command helps with.
fn commands(all: &Remedies, topic: Option<&str>) -> String {
    let made = all.alarms.iter().map(|remedy| {
        let live: Vec<_> = remedy.live.iter().map(|id| visible(id)).collect();
        let now = remedy.reason.as_ref().map(|reason| format!("# now: {}\n", visible(reason))).unwrap_or_default();
        let command = remedy::command(&remedy.region, &remedy.alarm, topic);
        format!("# {}: {}\n{now}{command}\n\n", live.join(", "), remedy.signal.words())
    });
    let beyond = all.beyond.iter().map(|beyond| {
        let (live, why) = (visible(&beyond.live), visible(&beyond.why));
        format!("# {live}: {}: no command helps: {why}\n", beyond.signal.words())
    });
    made.chain(beyond).collect()
}
