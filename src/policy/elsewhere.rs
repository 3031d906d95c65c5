//! `[[account]]` and `[trail]`: evidence that does not lie where the models serve.

use super::raw::{Day, Section};
use super::{pattern, raw};
use crate::collect::{LogFiles, LogSource, OtherAccount, Purpose};

const PURPOSES: [&str; 4] = ["registry", "logs", "monitoring", "billing"];

/// Reads all other accounts. Two of one account for one purpose are a mistake, and so are two that hold
/// the logs, or that pay.
pub(super) fn accounts(sections: Vec<Section<'_>>) -> Vec<OtherAccount> {
    let mut accounts: Vec<OtherAccount> = Vec::new();
    for section in sections {
        let (at, notes) = (section.at(), section.notes());
        let Some(account) = account(section) else { continue };
        let same = |other: &&OtherAccount| {
            other.purpose == account.purpose
                && (other.id == account.id || matches!(account.purpose, Purpose::Logs | Purpose::Billing))
        };
        match accounts.iter().find(same) {
            Some(other) if other.id == account.id => {
                let message = format!("a second [[account]] for `{}` of {}", account.purpose.as_str(), account.id);
                notes.wrong(at, message, "merge the two");
            }
            Some(other) => {
                let purpose = account.purpose.as_str();
                let message = format!("two accounts for `{purpose}`: {} and {}", other.id, account.id);
                let advice = match account.purpose {
                    Purpose::Billing => "name the account that pays",
                    _ => "name the one whose role may read the bucket of the trail",
                };
                notes.wrong(at, message, advice);
            }
            None => accounts.push(account),
        }
    }
    accounts
}

fn account(mut section: Section<'_>) -> Option<OtherAccount> {
    let id = section.need("id", "write the account's twelve digits in quotes").and_then(|value| {
        value.parsed("an account", "write its twelve digits in quotes, like `\"222233334444\"`", |text| {
            pattern::is_account(text).then(|| text.to_owned())
        })
    });
    let advice = format!("say what it is read for: {}", raw::or(&PURPOSES, "or"));
    let purpose = section
        .need("purpose", &advice)
        .and_then(|value| value.parsed(&raw::or(&PURPOSES, "or"), "write one of the four", Purpose::parse));
    let advice = "write it like `arn:aws:iam::222233334444:role/governance-reader`";
    let role_arn =
        section.need("role_arn", "name the role of that account that the reader assumes").and_then(|value| {
            let arn = value.parsed("the ARN of a role", advice, |text| role_account(text).map(|_| text.to_owned()))?;
            if let (Some(id), Some(owner)) =
                (id.as_deref(), role_account(&arn).filter(|owner| Some(*owner) != id.as_deref()))
            {
                value.wrong(
                    format!("the role belongs to the account {owner}, not to {id}"),
                    "correct `id` or `role_arn`",
                );
                return None;
            }
            Some(arn)
        });
    let external_id = section.text("external_id");
    section.finish(|key| {
        (key == "region" || key == "regions").then_some("in `[scope]`: all accounts are read in the same regions")
    });
    Some(OtherAccount { id: id?, purpose: purpose?, role_arn: role_arn?, external_id })
}

/// The account of a role's ARN.
fn role_account(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let (scheme, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, account, role) = (parts.next()?, parts.next()?, parts.next()?);
    let is_role = scheme == "arn" && partition.starts_with("aws") && service == "iam" && region.is_empty();
    let named = role.strip_prefix("role/").is_some_and(|name| !name.is_empty());
    (is_role && named && pattern::is_account(account)).then_some(account)
}

/// Reads `[trail]`.
pub(super) fn log_files(mut section: Section<'_>) -> LogFiles {
    let sources = section.take("sources").map(|value| value.items()).unwrap_or_default();
    let advice =
        "write `s3://bucket/prefix`, the path of a folder, or `auto` for the buckets of the account's own trails";
    let sources = sources.iter().filter_map(|value| value.parsed("a place of log files", advice, LogSource::parse));
    let files =
        LogFiles { sources: sources.collect(), since: section.take("since").and_then(|value| value.date(Day::Begins)) };
    section.finish(|_| None);
    files
}
