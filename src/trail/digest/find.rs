//! Which accounts and regions have digests below a source.

use std::ops::ControlFlow;

use super::name::Area;
use super::source::{ROOT, Source};
use crate::store::{Store, StoreError};

/// The accounts and regions that have digests, in order. Folders are told apart by jumping over what is in them: one request
/// each, however many files they hold.
///
/// # Errors
/// If the place cannot be listed.
pub fn find(source: &Source<'_>) -> Result<Vec<Area>, StoreError> {
    let store = source.store();
    let mut areas = Vec::new();
    for first in folders(store, ROOT)? {
        if is_account(&first) {
            of_account(store, None, &first, &mut areas)?;
        } else if first.starts_with("o-") {
            for account in folders(store, &format!("{ROOT}{first}/"))? {
                of_account(store, Some(&first), &account, &mut areas)?;
            }
        }
    }
    Ok(areas)
}

fn of_account(
    store: &dyn Store,
    organization: Option<&str>,
    account: &str,
    areas: &mut Vec<Area>,
) -> Result<(), StoreError> {
    let below = organization.map(|id| format!("{id}/")).unwrap_or_default();
    let regions = folders(store, &format!("{ROOT}{below}{account}/CloudTrail-Digest/"))?;
    areas.extend(regions.into_iter().map(|region| Area {
        organization: organization.map(str::to_owned),
        account: account.to_owned(),
        region,
    }));
    Ok(())
}

fn is_account(name: &str) -> bool {
    name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Names of the folders right below a prefix.
fn folders(store: &dyn Store, prefix: &str) -> Result<Vec<String>, StoreError> {
    let mut names: Vec<String> = Vec::new();
    loop {
        // `0` is what comes right after `/`: the first key that is in none of the folders seen.
        let after = names.last().map(|name| format!("{prefix}{name}0"));
        let mut found = None;
        store.list(prefix, after.as_deref(), &mut |entry| {
            found =
                entry.key.strip_prefix(prefix).and_then(|rest| rest.split_once('/')).map(|(name, _)| name.to_owned());
            if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        match found {
            Some(name) => names.push(name),
            None => return Ok(names),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Folder;

    #[test]
    fn every_account_and_region_is_found_with_or_without_an_organization() {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(folder.path());
        for key in [
            "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/01/01/a",
            "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/01/01/a",
            "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/01/01/b",
            "AWSLogs/111122223333/CloudTrail/us-west-2/2026/01/01/a",
            "AWSLogs/222233334444/Config/x",
            "AWSLogs/o-abc/333344445555/CloudTrail-Digest/eu-west-1/2026/01/01/a",
            "AWSLogs/readme",
        ] {
            store.put_new(key, b"").unwrap();
        }
        let found = find(&Source::new(&store)).unwrap();
        let names: Vec<String> =
            found.iter().map(|area| format!("{:?} {} {}", area.organization, area.account, area.region)).collect();
        assert_eq!(
            names,
            ["None 111122223333 eu-west-1", "None 111122223333 us-east-1", "Some(\"o-abc\") 333344445555 eu-west-1"]
        );
    }
}
