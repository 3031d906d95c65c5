//! `countersign doctor`: which of the needed actions work, before a run finds out.

use std::collections::BTreeSet;

use clap::Args;

use super::account::{Account, wait_for};
use super::console::Console;
use super::iam_policy::beyond_security_audit;
use super::reporting::PolicyFile;
use super::{clock, security_audit};
use crate::collect::aws::{Probe, ProbeResult, Session, probe};
use crate::report::escape::visible;
use crate::run::Exit;

const EXAMPLES: &str = "\
Examples:
  countersign doctor --region eu-central-1
  countersign doctor --profile audit --bucket models-eu-central-1

Exit codes: 0 if every action works, 3 if one does not or cannot be told, 2 without credentials.";

/// Tries every action that a run needs, and says which work
///
/// Each is called once in each region, in the cheapest harmless form: one page of one, or a name that nothing has.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Doctor {
    #[command(flatten)]
    policy: PolicyFile,
    /// A bucket that holds artifacts: without one, S3 actions cannot be told
    #[arg(long, value_name = "BUCKET")]
    bucket: Option<String>,
    #[command(flatten)]
    account: Account,
}

impl Doctor {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        let policy = self.policy.load(clock::now()?, console)?;
        let mut options = self.account.options(&policy);
        // Trying is not reading: what does not work the second time is told rather than waited for.
        options.attempts = options.attempts.min(2);
        let mut with = Vec::new();
        with.extend(policy.evidence.checksums.then_some("checksums"));
        with.extend((!policy.log_files.sources.is_empty()).then_some("log-files"));
        with.extend(policy.cost.cost_explorer.then_some("costs"));
        let (reader, probes) = wait_for(async {
            let session = Session::open(&options).await?;
            let probes = probe(&session, self.bucket.as_deref(), &with, &policy.pace).await;
            Ok((session.reader().to_owned(), probes))
        })?;
        console.print(page(&reader, &probes, &with))?;
        let all_work = probes.iter().all(|probe| probe.result == ProbeResult::Works);
        Ok(if all_work { Exit::Done } else { Exit::Incomplete })
    }
}

fn page(reader: &str, probes: &[Probe], with: &[&str]) -> String {
    let regions: BTreeSet<&str> = probes.iter().map(|probe| probe.region.as_str()).collect();
    let beyond = beyond_security_audit(with);
    let width = probes.iter().map(|probe| probe.call.action.len()).max().unwrap_or_default();
    let row = |probe: &Probe| {
        let action = probe.call.action;
        let mark = if beyond.contains(action) { '+' } else { ' ' };
        let lost = match probe.result {
            ProbeResult::Works => String::new(),
            _ => format!("    {:width$}  without it: {}\n", "", probe.call.purpose),
        };
        format!("  {mark} {action:width$}  {}\n{lost}", words(&probe.result))
    };
    let tables = regions.iter().map(|region| {
        let rows = probes.iter().filter(|probe| probe.region == **region).map(row);
        format!("{region}\n{}\n", rows.collect::<String>())
    });
    let works = probes.iter().filter(|probe| probe.result == ProbeResult::Works).count();
    format!(
        "Reader: {}\n\n{}{works} of {} calls work. + marks what has to be added to SecurityAudit ({});\n\
         `countersign iam-policy --difference security-audit` prints that policy.\n",
        visible(reader),
        tables.collect::<String>(),
        probes.len(),
        security_audit::AS_OF,
    )
}

fn words(result: &ProbeResult) -> String {
    match result {
        ProbeResult::Works => "works".to_owned(),
        ProbeResult::Denied(by) => format!("denied: {}", by.words()),
        ProbeResult::Throttled => "throttled: try again later".to_owned(),
        ProbeResult::Unreachable(why) => format!("unreachable: {}", visible(why)),
        ProbeResult::Undecided(why) => format!("could not tell: {}", visible(why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::aws::declared;
    use crate::evidence::DeniedBy;

    #[test]
    fn the_page_says_what_works_and_what_is_lost() {
        let call = |operation: &str| declared(&[]).into_iter().find(|call| call.operation == operation).unwrap();
        let probe =
            |region: &str, operation: &str, result| Probe { region: region.to_owned(), call: call(operation), result };
        let probes = [
            probe("eu-central-1", "DescribeEndpoint", ProbeResult::Works),
            probe("eu-central-1", "Search", ProbeResult::Denied(DeniedBy::IdentityPolicy)),
            probe("us-east-1", "Search", ProbeResult::Works),
        ];
        let page = page("arn:aws:sts::111122223333:assumed-role/reader/me", &probes, &[]);
        assert!(page.contains("    sagemaker:DescribeEndpoint  works\n"), "{page}");
        assert!(page.contains("  + sagemaker:Search            denied: the reader's own policy\n"), "{page}");
        assert!(page.contains("2 of 3 calls work."), "{page}");
        assert_eq!(page.matches("without it:").count(), 1, "{page}");
    }
}
