use std::cell::RefCell;
use std::collections::BTreeSet;

use super::*;
use crate::store::{Folder, StoreErrorKind};

fn name(account: &str, region: &str, delivered: &str, unique: &str) -> LogName {
    let delivered = delivered.parse().unwrap();
    LogName { account: account.to_owned(), region: region.to_owned(), delivered, unique: unique.to_owned() }
}

const A: &str = "111122223333";
const B: &str = "444455556666";

/// A bucket with two accounts of an organization, and one trail of an account.
fn bucket() -> (tempfile::TempDir, Folder) {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path());
    for (organization, account) in [(Some("o-abc"), A), (Some("o-abc"), B), (None, A)] {
        for region in ["eu-central-1", "us-east-1"] {
            for day in ["2026-05-03", "2026-05-04", "2026-05-05", "2026-05-09"] {
                let name = name(account, region, &format!("{day}T09:30:00Z"), organization.unwrap_or("own"));
                store.put_new(&key(organization, &name), b"{}").unwrap();
            }
        }
    }
    for other in [
        "AWSLogs/111122223333/CloudTrail-Digest/eu-central-1/2026/05/04/111122223333_CloudTrail-Digest_eu-central-1_t_eu-central-1_20260504T093000Z.json.gz",
        "AWSLogs/111122223333/Config/eu-central-1/2026/5/4/111122223333_Config_eu-central-1_ConfigHistory.json.gz",
        "AWSLogs/notes/readme.json",
    ] {
        store.put_new(other, b"{}").unwrap();
    }
    (folder, store)
}

fn listed(store: &dyn Store, filter: &Filter) -> Vec<String> {
    let mut keys = Vec::new();
    let mut visit = |file: LogFile| {
        keys.push(file.entry.key);
        ControlFlow::Continue(())
    };
    list(store, filter, &mut visit, &mut |part, error| panic!("{part}: {error}")).unwrap();
    keys
}

fn set(items: &[&str]) -> BTreeSet<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

#[test]
fn keys_are_built_and_read() {
    let name = name(A, "us-gov-west-1", "2026-05-04T09:35:00Z", "Ab0dEf9hIj1lMn2p");
    let key = key(Some("o-abc"), &name);
    assert_eq!(
        key,
        "AWSLogs/o-abc/111122223333/CloudTrail/us-gov-west-1/2026/05/04/\
         111122223333_CloudTrail_us-gov-west-1_20260504T0935Z_Ab0dEf9hIj1lMn2p.json.gz"
    );
    assert_eq!(LogName::parse(&key), Some(name.clone()));
    assert_eq!(LogName::parse(key.strip_suffix(".gz").unwrap()), Some(name));
    for other in [
        "111122223333_CloudTrail-Digest_eu-central-1_t_eu-central-1_20260504T093000Z.json.gz",
        "111122223333_CloudTrail_eu-central-1_20260504T9935Z_x.json.gz",
        "1111_CloudTrail_eu-central-1_20260504T0935Z_x.json.gz",
        "111122223333_CloudTrail_eu-central-1_20260504T0935Z_x_y.json.gz",
        "111122223333_CloudTrail_eu-central-1_20260504T0935Z_x.txt",
        "events.json",
        "",
    ] {
        assert_eq!(LogName::parse(other), None, "{other}");
    }
}

#[test]
fn accounts_regions_and_days_are_chosen() {
    let (_folder, store) = bucket();
    let all = Filter::default();
    assert_eq!(listed(&store, &all).len(), 24, "every log file, and nothing else");
    assert_eq!(listed(&store, &Filter { accounts: set(&[B]), ..all.clone() }).len(), 8);
    assert_eq!(listed(&store, &Filter { regions: set(&["us-east-1", "xx"]), ..all.clone() }).len(), 12);
    let since = "2026-05-04T00:00:00Z".parse().ok();
    let until = "2026-05-05T00:00:00Z".parse().ok();
    let narrow = Filter { accounts: set(&[B]), regions: set(&["us-east-1"]), since, until, ..all.clone() };
    let days: Vec<String> =
        listed(&store, &narrow).iter().map(|key| key.split('/').skip(5).take(3).collect()).collect();
    assert_eq!(days, ["20260504", "20260505"], "late deliveries are looked for");
    let late = Filter { since: "2026-05-04T10:00:00Z".parse().ok(), ..narrow };
    assert_eq!(listed(&store, &late).len(), 1, "a file holds nothing from after its delivery");
}

#[test]
fn any_folder_of_json_will_do() {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path());
    for key in
        ["x/deep/er/a.json", "b.json.gz", "c.txt", "x/111122223333_CloudTrail_eu-central-1_20260504T0935Z_x.json"]
    {
        store.put_new(key, b"{}").unwrap();
    }
    assert_eq!(listed(&store, &Filter::default()).len(), 3);
    let elsewhere = Filter { regions: set(&["us-east-1"]), ..Filter::default() };
    assert_eq!(listed(&store, &elsewhere), ["b.json.gz", "x/deep/er/a.json"], "their names do not tell");
}

/// A bucket that notes what it is asked for, and refuses some of it.
#[derive(Debug)]
struct Guarded {
    inner: Folder,
    refuses: &'static str,
    asked: std::sync::Mutex<RefCell<Vec<String>>>,
}

impl Store for Guarded {
    fn name(&self) -> String {
        self.inner.name()
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        visit: &mut dyn FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.asked.lock().unwrap().borrow_mut().push(prefix.to_owned());
        if !self.refuses.is_empty() && prefix.contains(self.refuses) {
            let (place, message) = (prefix.to_owned(), "access denied".to_owned());
            return Err(StoreError { verb: "list", place, kind: StoreErrorKind::Denied, message });
        }
        self.inner.list(prefix, after, visit)
    }

    fn get(&self, key: &str) -> Result<crate::store::Object, StoreError> {
        self.inner.get(key)
    }

    fn put_new(&self, _: &str, _: &[u8]) -> Result<crate::store::Tag, StoreError> {
        panic!("nothing is written")
    }

    fn replace(&self, _: &str, _: &[u8], _: &crate::store::Tag) -> Result<crate::store::Tag, StoreError> {
        panic!("nothing is written")
    }
}

#[test]
fn what_cannot_be_listed_is_told_and_the_rest_is_listed() {
    let (_folder, inner) = bucket();
    let store = Guarded { inner, refuses: "o-abc/444455556666/", asked: std::sync::Mutex::default() };
    let (mut files, mut failed) = (0, Vec::new());
    let mut visit = |_: LogFile| {
        files += 1;
        ControlFlow::Continue(())
    };
    list(&store, &Filter::default(), &mut visit, &mut |part, _| failed.push(part)).unwrap();
    assert_eq!((files, failed), (16, vec!["AWSLogs/o-abc/444455556666/CloudTrail/".to_owned()]));
    let nothing = Guarded { refuses: "AWSLogs/", ..store };
    assert!(list(&nothing, &Filter::default(), &mut |_| ControlFlow::Continue(()), &mut |_, _| ()).is_err());
}

#[test]
fn one_listing_serves_all_days_of_a_region() {
    let (_folder, inner) = bucket();
    let store = Guarded { inner, refuses: "", asked: std::sync::Mutex::default() };
    let filter = Filter { accounts: set(&[B]), regions: set(&["us-east-1"]), ..Filter::default() };
    let since = "2025-05-04T00:00:00Z".parse().ok();
    listed(&store, &Filter { since, ..filter });
    let asked = store.asked.lock().unwrap().take();
    let listings = asked.iter().filter(|prefix| prefix.contains("us-east-1")).count();
    assert_eq!(listings, 1, "{asked:?}");
}
