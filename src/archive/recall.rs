//! What earlier runs saw, put into a snapshot, as far as this run needs it.
//!
//! It becomes part of the snapshot before anything is judged, so that the saved snapshot gives the same report without the
//! archive. What the run sees itself is not repeated: remembered are events that it no longer sees, descriptions of
//! packages, artifacts of which versions have vanished, and the spans that were read completely.

use std::borrow::Borrow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::ArchiveError;
use super::chain::{Chain, Sealed};
use super::contents::{At, LastRun, Windows};
use super::evidence::{Subject, about_artifact, about_the_run, leads_to, pieces, subject};
use super::fetch::fetch;
use super::index::{Index, json};
use super::needs::Needs;
use super::object::{self, Hash, ObjectError, Ref, Unread};
use super::record::{About, Item, Kind};
use crate::estate;
use crate::evidence::scope::ORGANIZATION;
use crate::evidence::{
    Call, CallId, DeniedBy, Fact, FactKind, Gap, GapCause, Hidden, ObjectListing, Package, Remembered, Snapshot,
    TrailEvent,
};
use crate::policy::Policy;
use crate::store::{Store, StoreErrorKind};

/// So many listings of one artifact are remembered at most, the newest: of one that changes every hour there are thousands.
const LISTINGS: usize = 64;

/// Puts into a snapshot what earlier runs saw of it. What cannot be read, or is not what it should be, becomes a gap;
/// nothing from behind a break of the chain is used.
pub fn recall(store: &dyn Store, snapshot: &mut Snapshot, policy: &Policy, as_of: Timestamp) {
    let needs = Needs::of(&estate::reconcile(snapshot, policy, as_of));
    let mut reader = Recall { store, snapshot, calls: BTreeMap::new() };
    if let Err(error) = reader.everything(&needs) {
        reader.gap(&error, &reader.store.name());
    }
}

struct Recall<'r> {
    store: &'r dyn Store,
    snapshot: &'r mut Snapshot,
    /// One call for each entry that evidence was taken from.
    calls: BTreeMap<Hash, CallId>,
}

impl Recall<'_> {
    fn everything(&mut self, needs: &Needs) -> Result<(), ArchiveError> {
        let Chain { head, broken } = Chain::look(self.store)?;
        if let Some(at) = broken {
            self.gap(&ArchiveError::Broken { archive: self.store.name(), at }, "chain");
        }
        let Some(head) = head else { return Ok(()) };
        let index = Index::load(self.store, &head).map_err(|error| error.into_error(self.store))?;
        let seen = pieces(&self.snapshot.facts)?;
        let seen: BTreeMap<About, Ref> = seen
            .into_iter()
            .map(|(about, piece)| Ok((about, Ref::of(&piece.json()?))))
            .collect::<Result<_, ArchiveError>>()?;
        let unseen = |item: &&Item| seen.get(&item.about()) != Some(&item.object);
        let windows = self.windows(&index, &head);
        self.packages(&index, &head, needs);
        self.artifacts(&index, &head, needs, &windows)?;
        self.events(&index, &head, needs, unseen);
        self.history(&index, &head);
        Ok(())
    }

    /// Over which spans any run of these accounts read the events of a place completely: runs of all of them together, and
    /// of each by itself.
    fn windows(&mut self, index: &Index, head: &Sealed) -> Windows {
        let scope = &self.snapshot.scope;
        let names: BTreeSet<String> =
            scope.accounts().into_iter().chain([scope.name(), ORGANIZATION]).map(str::to_owned).collect();
        let about = |name| (Kind::Windows, name, String::new(), String::new(), String::new());
        let items: Vec<Item> = names.into_iter().filter_map(|name| index.get(&about(name)).cloned()).collect();
        let mut all = Windows::default();
        for (item, windows) in self.read::<Windows>(&items, head) {
            for At { account, region, data } in &windows.events {
                let fact = self.fact(&item, account, region, item.time, data.clone());
                self.snapshot.facts.remembered_windows.push(fact);
            }
            for At { account, region, data } in &windows.logs {
                let fact = self.fact(&item, account, region, item.time, data.clone());
                self.snapshot.facts.remembered_log_windows.push(fact);
            }
            all = all.join(windows);
        }
        all
    }

    /// Every description of each package, the present one included: that it was seen before is evidence too.
    fn packages(&mut self, index: &Index, head: &Sealed, needs: &Needs) {
        let items: Vec<&Item> = parts(index, &Kind::Package, &needs.packages).collect();
        for (item, package) in self.read::<Package>(&items, head) {
            let fact = self.fact(&item, &item.account, &item.region, item.time, package);
            self.snapshot.facts.remembered_packages.push(fact);
        }
    }

    /// The newest listings of each artifact, each as of when it was last seen so; not the one that is seen now.
    fn artifacts(
        &mut self,
        index: &Index,
        head: &Sealed,
        needs: &Needs,
        windows: &Windows,
    ) -> Result<(), ArchiveError> {
        let now = self.snapshot.facts.objects.iter();
        let now: BTreeSet<(About, Ref)> = now
            .map(|fact| Ok((about_artifact(fact), Ref::of(&json("listing", &fact.data)?))))
            .collect::<Result<_, ArchiveError>>()?;
        let mut items: Vec<(&Item, Timestamp)> = Vec::new();
        for place in &needs.artifacts {
            let places = BTreeSet::from([place.clone()]);
            let others =
                parts(index, &Kind::Artifact, &places).filter(|item| !now.contains(&(item.about(), item.object)));
            let mut listings: Vec<(&Item, Timestamp)> = others.map(|item| (item, windows.last_seen(item))).collect();
            listings.sort_by_key(|(_, last_seen)| Reverse(*last_seen));
            items.extend(listings.into_iter().take(LISTINGS));
        }
        let last_seen: BTreeMap<About, Timestamp> = items.iter().map(|(item, at)| (item.about(), *at)).collect();
        let items: Vec<&Item> = items.into_iter().map(|(item, _)| item).collect();
        for (item, listing) in self.read::<ObjectListing>(&items, head) {
            let at = last_seen.get(&item.about()).copied().unwrap_or(item.time);
            let fact = self.fact(&item, &item.account, &item.region, at, listing);
            self.snapshot.facts.remembered_objects.push(fact);
        }
        Ok(())
    }

    /// Events of what is needed, and of what those lead to: deployments name configs, configs name models.
    fn events(&mut self, index: &Index, head: &Sealed, needs: &Needs, unseen: impl Fn(&&Item) -> bool) {
        // An event is known by where it was recorded, too: one call may be recorded in two accounts.
        let mut known: BTreeSet<Subject> = BTreeSet::new();
        let named = |account: &str, region: &str, id: &str| (account.to_owned(), region.to_owned(), id.to_owned());
        let mut leads: BTreeMap<Subject, BTreeSet<String>> = BTreeMap::new();
        for fact in &self.snapshot.facts.trail_events {
            known.insert(named(&fact.account, &fact.region, &fact.data.id));
            let of = (fact.account.clone(), fact.region.clone(), subject(&fact.data));
            leads.entry(of).or_default().extend(leads_to(&fact.data));
        }
        let mut done: BTreeSet<Subject> = BTreeSet::new();
        let mut wanted: BTreeSet<Subject> = needs.packages.union(&needs.deployments).cloned().collect();
        wanted.extend(index.about_no_resource());
        while !wanted.is_empty() {
            let items: Vec<&Item> = parts(index, &Kind::Events, &wanted).filter(&unseen).collect();
            let mut next: BTreeSet<Subject> = BTreeSet::new();
            for of @ (account, region, _) in &wanted {
                let named = leads.get(of).into_iter().flatten();
                next.extend(named.map(|subject| (account.clone(), region.clone(), subject.clone())));
            }
            for (item, events) in self.read::<Vec<TrailEvent>>(&items, head) {
                for event in events {
                    let led = leads_to(&event).into_iter();
                    next.extend(led.map(|subject| (item.account.clone(), item.region.clone(), subject)));
                    if known.insert(named(&item.account, &item.region, &event.id)) {
                        let fact = self.fact(&item, &item.account, &item.region, item.time, event);
                        self.snapshot.facts.remembered_events.push(fact);
                    }
                }
            }
            done.append(&mut wanted);
            wanted = next.difference(&done).cloned().collect();
        }
    }

    fn history(&mut self, index: &Index, head: &Sealed) {
        let item = index.get(&about_the_run(Kind::LastRun, self.snapshot)).cloned();
        if let Some((item, last)) = self.read::<LastRun>(item.as_ref().as_slice(), head).pop() {
            let entry = item.entry.unwrap_or(head.hash);
            self.snapshot.history = Some(last.into_history(self.store.name(), entry));
        }
    }

    /// Reads objects; those that cannot be read become gaps.
    fn read<T: DeserializeOwned>(&mut self, items: &[impl Borrow<Item>], head: &Sealed) -> Vec<(Item, T)> {
        let items: Vec<&Item> = items.iter().map(Borrow::borrow).collect();
        let names: Vec<Ref> = items.iter().map(|item| item.object).collect();
        let mut read = Vec::with_capacity(items.len());
        for (item, content) in items.into_iter().zip(fetch(self.store, &names)) {
            let parsed = content.and_then(|content| object::parse(&content, &item.object).map_err(Unread::Object));
            match parsed {
                Ok(data) => read.push((item.clone(), data)),
                Err(error) => {
                    let entry = item.entry.unwrap_or(head.hash);
                    self.gap(&error.into_error(self.store), &entry.to_string());
                }
            }
        }
        read
    }

    fn fact<T>(
        &mut self,
        item: &Item,
        account: &str,
        region: &str,
        seen_at: Timestamp,
        data: T,
    ) -> Fact<Remembered<T>> {
        let entry = item.entry.map(|entry| entry.to_string()).unwrap_or_default();
        let call = item.entry.and_then(|entry| self.call(entry));
        let data = Remembered { entry, seen_at, data };
        Fact { account: account.to_owned(), region: region.to_owned(), seen: call.into_iter().collect(), data }
    }

    /// The call that stands for reading an entry. It is about no region: nothing of the estate was read by it.
    fn call(&mut self, entry: Hash) -> Option<CallId> {
        if let Some(known) = self.calls.get(&entry) {
            return Some(*known);
        }
        let id = CallId(u32::try_from(self.snapshot.calls.len()).ok()?);
        self.snapshot.calls.push(Call {
            account: self.snapshot.scope.name().to_owned(),
            region: String::new(),
            service: "archive".to_owned(),
            operation: "Read".to_owned(),
            subject: entry.to_string(),
            request_id: None,
            at: self.snapshot.as_of,
        });
        self.calls.insert(entry, id);
        Some(id)
    }

    fn gap(&mut self, error: &ArchiveError, subject: &str) {
        self.snapshot.gaps.push(Gap {
            account: String::new(),
            region: String::new(),
            service: "archive".to_owned(),
            operation: "Read".to_owned(),
            action: "s3:GetObject".to_owned(),
            subject: subject.to_owned(),
            cause: cause(error),
            code: None,
            message: error.to_string(),
            pages_read: 0,
            hides: vec![Hidden::All(FactKind::Archive)],
            request_id: None,
            at: self.snapshot.as_of,
        });
    }
}

/// The items about some subjects.
fn parts<'i>(index: &'i Index, kind: &Kind, subjects: &BTreeSet<Subject>) -> impl Iterator<Item = &'i Item> {
    subjects.iter().flat_map(move |(account, region, subject)| index.parts(kind, account, region, subject))
}

fn cause(error: &ArchiveError) -> GapCause {
    match error {
        ArchiveError::Store(error) if error.kind == StoreErrorKind::Denied => GapCause::Denied(DeniedBy::Unstated),
        ArchiveError::Store(_) | ArchiveError::Busy { .. } => GapCause::Unreachable,
        ArchiveError::Object { object: ObjectError::Foreign { .. }, .. } => GapCause::Unsupported,
        ArchiveError::Object { .. } | ArchiveError::Broken { .. } | ArchiveError::Json { .. } => GapCause::Malformed,
    }
}
