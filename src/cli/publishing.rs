//! The arguments that say who is told what a run found.

use anyhow::{anyhow, bail};
use clap::Args;
use jiff::Timestamp;

use super::clock;
use crate::policy::{Policy, SinkRules};
use crate::publish::Target;

#[derive(Debug, Args)]
#[command(next_help_heading = "Publish")]
pub(super) struct Publishing {
    /// Publish the run there, or to the `declared` sinks of the policy; may be repeated
    ///
    /// A folder, `s3://bucket/prefix`, the ARN of an SNS topic, `security-hub`, `events:BUS`, `metrics`, `slack:SECRET`,
    /// `webhook:SECRET`, `history:LOCATION` or `security-lake:LOCATION`. A sink that fails leaves the others done: the exit
    /// code is then 4.
    #[arg(long, value_name = "TARGET")]
    publish: Vec<String>,
    /// Name of the run [default: when it began]
    ///
    /// What was published under a name is never overwritten. `countersign merge` publishes a saved snapshot again under its
    /// name: what is there already stays, and what is missing is added.
    #[arg(long, value_name = "ID", value_parser = run_id)]
    run_id: Option<String>,
}

fn run_id(text: &str) -> Result<String, String> {
    let is_name = (1..=64).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !text.starts_with('-');
    if is_name { Ok(text.to_owned()) } else { Err("write up to 64 letters, digits and hyphens".to_owned()) }
}

/// Reads targets. Done here and not while arguments are parsed: what is no target may be a secret, and is not repeated.
pub(super) fn targets<'t>(texts: impl IntoIterator<Item = &'t String>) -> anyhow::Result<Vec<Target>> {
    texts.into_iter().map(|text| text.parse().map_err(|error| anyhow!("`--publish`: {error}"))).collect()
}

impl Publishing {
    /// Name of the run that began at this instant.
    pub(super) fn run(&self, now: Timestamp) -> String {
        self.run_id.clone().unwrap_or_else(|| clock::run_name(now))
    }

    /// The sinks that are asked for.
    pub(super) fn rules(&self, policy: &Policy) -> anyhow::Result<Vec<SinkRules>> {
        let (declared, named): (Vec<&String>, Vec<&String>) = self.publish.iter().partition(|text| *text == "declared");
        if !declared.is_empty() && policy.sinks.is_empty() {
            bail!("`--publish declared` needs a `[[sink]]` in the policy; declare one, or name a target");
        }
        Ok(SinkRules::chosen(&policy.sinks, !declared.is_empty(), targets(named)?))
    }
}
