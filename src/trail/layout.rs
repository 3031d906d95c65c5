//! Where a trail puts its log files, and how to list no more of them than are asked for.
//!
//! `[prefix/]AWSLogs/[o-id/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/ACCOUNT_CloudTrail_REGION_YYYYMMDDTHHmmZ_UNIQUE.json.gz`;
//! the store stands at the prefix. Below a region keys are in the order of time, so any span of days is one listing.
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html>
//!
//! **A file's name tells when it was delivered, not when its calls were made.** CloudTrail delivers within about five
//! minutes on average and promises no bound; where delivery failed it tries again for thirty days. A file holds no call
//! that was made after the instant in its name. So for the calls from one instant to another, the files named from
//! shortly before the first until [`LATE`] after the second are read.
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html>

use std::fmt;
use std::ops::ControlFlow;

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};

use super::filter::Filter;
use crate::store::{Entry, Store, StoreError};

/// How long after a call the file that tells of it is still looked for.
pub const LATE: SignedDuration = SignedDuration::from_hours(48);

/// Names carry minutes, and clocks differ: so much earlier than asked for a file is still read.
const EARLY: SignedDuration = SignedDuration::from_mins(15);

/// What a log file's name says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogName {
    /// Account whose calls it holds.
    pub account: String,
    /// Region whose calls it holds.
    pub region: String,
    /// When it was delivered, by the minute.
    pub delivered: Timestamp,
    /// Sixteen characters that set it apart.
    pub unique: String,
}

impl LogName {
    /// Reads the last part of a key.
    pub fn parse(key: &str) -> Option<Self> {
        let name = key.rsplit('/').next()?;
        let stem = name.strip_suffix(".gz").unwrap_or(name).strip_suffix(".json")?;
        let mut parts = stem.split('_');
        let (account, kind, region) = (parts.next()?, parts.next()?, parts.next()?);
        let (delivered, unique) = (parts.next()?, parts.next()?);
        let plain = parts.next().is_none() && kind == "CloudTrail" && is_account(account) && !region.is_empty();
        let time = DateTime::strptime("%Y%m%dT%H%MZ", delivered).ok()?;
        let delivered = time.to_zoned(TimeZone::UTC).ok()?.timestamp();
        plain.then(|| Self {
            account: account.to_owned(),
            region: region.to_owned(),
            delivered,
            unique: unique.to_owned(),
        })
    }
}

impl fmt::Display for LogName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.delivered.strftime("%Y%m%dT%H%MZ");
        write!(f, "{}_CloudTrail_{}_{time}_{}.json.gz", self.account, self.region, self.unique)
    }
}

/// The key of a log file below the store, for the trail of an account or of an organization.
pub fn key(organization: Option<&str>, name: &LogName) -> String {
    let day = name.delivered.strftime("%Y/%m/%d");
    format!("{}{day}/{name}", region_prefix(&account_prefix(organization, &name.account), &name.region))
}

fn account_prefix(organization: Option<&str>, account: &str) -> String {
    organization.map_or_else(|| format!("AWSLogs/{account}/"), |id| format!("AWSLogs/{id}/{account}/"))
}

fn region_prefix(account_prefix: &str, region: &str) -> String {
    format!("{account_prefix}CloudTrail/{region}/")
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// One log file that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFile {
    /// Where it lies, how large it is.
    pub entry: Entry,
    /// What its name says, if it has the name that CloudTrail gives.
    pub name: Option<LogName>,
}

/// Lists the log files of a place that may hold what a filter asks for: below a trail's layout if there is one, else
/// every `.json` and `.json.gz` file, however deep. Of the first only the accounts, regions and days that are asked for
/// are listed; of the second each file is judged by its name, where that tells.
///
/// `failed` is told of each part that could not be listed; the rest is.
///
/// # Errors
/// If not even the beginning can be listed.
pub fn list(
    store: &dyn Store,
    filter: &Filter,
    visit: &mut dyn FnMut(LogFile) -> ControlFlow<()>,
    failed: &mut dyn FnMut(String, &StoreError),
) -> Result<(), StoreError> {
    let wanted = Wanted::new(filter);
    let top = children(store, "AWSLogs/")?;
    let mut visit = |entry: Entry| {
        let name = LogName::parse(&entry.key);
        let file = LogFile { entry, name };
        if wanted.holds(&file) { visit(file) } else { ControlFlow::Continue(()) }
    };
    if top.is_empty() {
        return store.list("", None, &mut visit);
    }
    for prefix in region_prefixes(store, &top, filter, failed) {
        let mut stopped = false;
        let listed = store.list(&prefix, wanted.first_key(&prefix).as_deref(), &mut |entry| {
            let past = wanted.last_key(&prefix).is_some_and(|last| entry.key > last);
            let flow = if past { ControlFlow::Break(()) } else { visit(entry) };
            stopped |= flow.is_break() && !past;
            flow
        });
        if let Err(error) = listed {
            failed(prefix, &error);
        }
        if stopped {
            break;
        }
    }
    Ok(())
}

/// The prefixes of the regions that are asked for, in every account that is, in the order of their keys.
fn region_prefixes(
    store: &dyn Store,
    top: &[String],
    filter: &Filter,
    failed: &mut dyn FnMut(String, &StoreError),
) -> Vec<String> {
    let mut below = |prefix: &str| {
        children(store, prefix).unwrap_or_else(|error| {
            failed(prefix.to_owned(), &error);
            Vec::new()
        })
    };
    let mut accounts = Vec::new();
    for part in top {
        if part.starts_with("o-") {
            let members = below(&format!("AWSLogs/{part}/"));
            accounts.extend(members.into_iter().map(|account| (Some(part.as_str()), account)));
        } else {
            accounts.push((None, part.clone()));
        }
    }
    accounts.retain(|(_, account)| {
        is_account(account) && (filter.accounts.is_empty() || filter.accounts.contains(account))
    });
    let mut prefixes = Vec::new();
    for (organization, account) in accounts {
        let account = account_prefix(organization, &account);
        let regions = if filter.regions.is_empty() {
            below(&format!("{account}CloudTrail/"))
        } else {
            filter.regions.iter().cloned().collect()
        };
        prefixes.extend(regions.iter().map(|region| region_prefix(&account, region)));
    }
    prefixes
}

/// The names of the folders directly below a prefix. Each costs one short listing, which jumps past the one before.
fn children(store: &dyn Store, prefix: &str) -> Result<Vec<String>, StoreError> {
    let mut names: Vec<String> = Vec::new();
    loop {
        // `0` is the character after `/`: past everything below the last child.
        let after = names.last().map(|name| format!("{prefix}{name}0"));
        let mut next = None;
        store.list(prefix, after.as_deref(), &mut |entry| {
            let rest = entry.key.strip_prefix(prefix).unwrap_or_default();
            next = rest.split_once('/').map(|(name, _)| name.to_owned());
            if next.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        match next {
            Some(name) if names.last() != Some(&name) => names.push(name),
            _ => return Ok(names),
        }
    }
}

/// What the names of files are compared with.
struct Wanted<'f> {
    filter: &'f Filter,
    delivered_from: Option<Timestamp>,
    delivered_to: Option<Timestamp>,
}

impl<'f> Wanted<'f> {
    fn new(filter: &'f Filter) -> Self {
        let earlier = |time: Timestamp| time.checked_sub(EARLY).unwrap_or(Timestamp::MIN);
        let later = |time: Timestamp| time.checked_add(LATE).unwrap_or(Timestamp::MAX);
        Self { filter, delivered_from: filter.since.map(earlier), delivered_to: filter.until.map(later) }
    }

    /// The key after which the files of the first day come.
    fn first_key(&self, prefix: &str) -> Option<String> {
        self.delivered_from.map(|time| format!("{prefix}{}/", time.strftime("%Y/%m/%d")))
    }

    /// The key before which the files of the last day come.
    fn last_key(&self, prefix: &str) -> Option<String> {
        self.delivered_to.map(|time| format!("{prefix}{}0", time.strftime("%Y/%m/%d")))
    }

    fn holds(&self, file: &LogFile) -> bool {
        let key = file.entry.key.as_str();
        let is_json = key.strip_suffix(".gz").unwrap_or(key).strip_suffix(".json").is_some();
        if !is_json || key.contains("_CloudTrail-Digest_") {
            return false;
        }
        let holds = |set: &std::collections::BTreeSet<String>, value| set.is_empty() || set.contains(value);
        file.name.as_ref().is_none_or(|name| {
            holds(&self.filter.accounts, &name.account)
                && holds(&self.filter.regions, &name.region)
                && self.delivered_from.is_none_or(|from| name.delivered >= from)
                && self.delivered_to.is_none_or(|to| name.delivered <= to)
        })
    }
}

#[cfg(test)]
mod tests;
