//! `countersign run --organization`: which accounts are read, and how far that is.

use anyhow::anyhow;
use clap::Args;

use super::clock;
use super::console::Console;
use super::progress::unit_progress;
use crate::collect::CollectRequest;
use crate::collect::aws::{self, OrganizationError, Session};
use crate::evidence::Snapshot;
use crate::organization::{Merge, Merged, Rules, Units, units};
use crate::policy::organization::{is_account, is_role, is_unit};
use crate::report::escape::visible;

#[derive(Debug, Args)]
#[command(next_help_heading = "Organization")]
pub(super) struct Organization {
    /// Read every account of the organization, by a role in each, into one report
    #[arg(long)]
    pub(super) organization: bool,
    /// The role that is assumed in each account, with its path if it has one [default: `member_role` in `[organization]` of
    /// the policy, else `countersign-reader`]
    #[arg(long, value_name = "NAME", requires = "organization", value_parser = role)]
    member_role: Option<String>,
    /// External id that the trust policy of that role asks for
    #[arg(long, value_name = "ID", requires = "organization")]
    member_external_id: Option<String>,
    /// Only these accounts, by number or by a pattern of their names, separated by commas
    #[arg(long, value_name = "ACCOUNT", requires = "organization", value_delimiter = ',', value_parser = account)]
    include_accounts: Vec<String>,
    /// Never these accounts
    #[arg(long, value_name = "ACCOUNT", requires = "organization", value_delimiter = ',', value_parser = account)]
    exclude_accounts: Vec<String>,
    /// Only accounts below this organizational unit, or root; may be repeated
    #[arg(long = "ou", value_name = "ID", requires = "organization", value_parser = unit)]
    ous: Vec<String>,
    /// So many accounts and regions at a time
    #[arg(long, value_name = "N", requires = "organization", value_parser = clap::value_parser!(u8).range(1..=64))]
    concurrency: Option<u8>,
}

fn checked(text: &str, is: impl Fn(&str) -> bool, advice: &str) -> Result<String, String> {
    if is(text) { Ok(text.to_owned()) } else { Err(advice.to_owned()) }
}

fn role(text: &str) -> Result<String, String> {
    checked(text, is_role, "write the role's name, with its path if it has one, and not its ARN")
}

fn account(text: &str) -> Result<String, String> {
    checked(text, is_account, "write twelve digits, or a pattern of the account's name, like `*-production`")
}

fn unit(text: &str) -> Result<String, String> {
    checked(text, is_unit, "write the id of a unit, like `ou-ab12-cd34ef56`, or of the root, like `r-ab12`")
}

impl Organization {
    /// The policy's rules, with what the command line says instead.
    fn rules(&self, declared: &Rules) -> Rules {
        let or = |given: &[String], declared: &[String]| if given.is_empty() { declared } else { given }.to_vec();
        Rules {
            member_role: self.member_role.clone().unwrap_or_else(|| declared.member_role.clone()),
            external_id: self.member_external_id.clone().or_else(|| declared.external_id.clone()),
            include: or(&self.include_accounts, &declared.include),
            exclude: or(&self.exclude_accounts, &declared.exclude),
            ous: or(&self.ous, &declared.ous),
            regions: declared.regions.clone(),
            concurrency: self.concurrency.map_or(declared.concurrency, usize::from),
        }
    }

    /// Reads every account that is to be read, and makes one snapshot of all.
    pub(super) async fn collect(
        &self,
        session: &Session,
        declared: &Rules,
        request: &CollectRequest,
        console: Console,
        stop: impl Future<Output = ()>,
    ) -> anyhow::Result<Snapshot> {
        let rules = self.rules(declared);
        let accounts = aws::accounts(session, &rules).await?;
        let Units { units: expected, left_out } = units(&accounts, &rules, &request.regions);
        for out in &left_out {
            console.note(format_args!("left out: {} ({}): {}", out.account, visible(&out.name), out.why));
        }
        if expected.is_empty() {
            return Err(anyhow!(OrganizationError::NoAccount(left_out.len())));
        }
        let progress = unit_progress(console, expected.len());
        let now = || clock::now().unwrap_or(request.now);
        let parts = aws::collect_units(session, &expected, &rules, request, now, &*progress, stop).await;
        drop(progress);
        let closed = parts.iter().filter(|part| part.scope.reader.is_empty()).count();
        if closed > 0 {
            let units = expected.len();
            console.warn(format_args!(
                "{closed} of {units} accounts and regions could not be entered: the report's gaps say why"
            ));
        }
        let Merged { mut snapshot, notes } = Merge { parts, expected, left_out }.finish()?;
        // Whom the roles have to trust.
        session.reader().clone_into(&mut snapshot.scope.reader);
        for note in &notes {
            console.note(note);
        }
        Ok(snapshot)
    }
}
