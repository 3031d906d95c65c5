//! One run's evidence as a new entry: objects first, then the entry, then its seal.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use super::ArchiveError;
use super::chain::{Chain, Sealed};
use super::contents::{LastRun, Windows};
use super::evidence::{Piece, about_artifact, about_costs, about_the_run, join_events, pieces};
use super::fetch::fetch;
use super::index::{Index, json};
use super::object::{self, Hash, Ref, Unread};
use super::record::{About, Entry, Item, Kind, SCHEMA, entry_key, seal, seal_key};
use crate::evidence::{CostAnswers, Snapshot};
use crate::report::document::Report;
use crate::store::{Store, StoreErrorKind};

/// How often a number may be taken by another run before this one gives up.
const ATTEMPTS: usize = 32;

/// An entry that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its number.
    pub number: u64,
    /// Its hash: whoever keeps it elsewhere can later show that nothing up to it was changed.
    pub hash: Hash,
    /// Pieces of evidence that were not kept before.
    pub added: usize,
}

/// Archives a run: what its snapshot saw, and its report. Events younger than `latency` may still arrive, so no span is
/// said to be complete up to there.
///
/// # Errors
/// If the store refuses, or the chain is broken: nothing is added to what cannot be trusted.
pub fn write(
    store: &dyn Store,
    snapshot: &Snapshot,
    report: &Report,
    latency: SignedDuration,
) -> Result<Written, ArchiveError> {
    let evidence = Evidence { pieces: pieces(&snapshot.facts)?, windows: Windows::of(snapshot, latency) };
    for _ in 0..ATTEMPTS {
        let chain = Chain::look(store)?;
        if let Some(at) = chain.broken {
            return Err(ArchiveError::Broken { archive: store.name(), at });
        }
        if let Some(written) = Draft::over(store, snapshot, chain.head)?.fill(&evidence, report)?.finish()? {
            return Ok(written);
        }
    }
    Err(ArchiveError::Busy { archive: store.name(), attempts: ATTEMPTS })
}

struct Evidence {
    pieces: BTreeMap<About, Piece>,
    windows: Windows,
}

/// An entry that is being made, after the one that is the newest by now.
struct Draft<'d> {
    store: &'d dyn Store,
    snapshot: &'d Snapshot,
    head: Option<Sealed>,
    index: Index,
    added: Vec<Item>,
    report: Option<Ref>,
}

impl<'d> Draft<'d> {
    fn over(store: &'d dyn Store, snapshot: &'d Snapshot, head: Option<Sealed>) -> Result<Self, ArchiveError> {
        let index = match &head {
            Some(head) => Index::load(store, head).map_err(|error| error.into_error(store))?,
            None => Index::default(),
        };
        Ok(Self { store, snapshot, head, index, added: Vec::new(), report: None })
    }

    fn fill(mut self, evidence: &Evidence, report: &Report) -> Result<Self, ArchiveError> {
        self.pieces(&evidence.pieces)?;
        let known = self.known::<Windows>(&about_the_run(Kind::Windows, self.snapshot))?.unwrap_or_default();
        self.artifacts(&evidence.windows, &known)?;
        self.windows(&evidence.windows.clone().join(known))?;
        self.costs()?;
        let about = about_the_run(Kind::Report, self.snapshot);
        self.report = Some(self.add(about, &json("report", report)?)?);
        self.last_run(report)?;
        Ok(self)
    }

    /// Keeps what is new. What was kept about the same before is read only where it differs, and joined.
    fn pieces(&mut self, pieces: &BTreeMap<About, Piece>) -> Result<(), ArchiveError> {
        let mut fresh: Vec<(&About, Vec<u8>)> = Vec::new();
        let mut changed: Vec<(&About, &Piece, Ref)> = Vec::new();
        for (about, piece) in pieces {
            let content = piece.json()?;
            match self.index.get(about).map(|item| item.object) {
                Some(known) if known == Ref::of(&content) => {}
                // A description is named by its content: it is the same but for the call that showed it.
                Some(_) if about.0 == Kind::Package => {}
                Some(known) => changed.push((about, piece, known)),
                None => fresh.push((about, content)),
            }
        }
        let known: Vec<Ref> = changed.iter().map(|(.., known)| *known).collect();
        for ((about, piece, known), content) in changed.into_iter().zip(fetch(self.store, &known)) {
            let joined = content.and_then(|content| join(piece, &content, &known).map_err(Unread::Object));
            let joined = match joined {
                Ok(joined) => joined.json()?,
                // What is lost is lost, and `verify` says so; what is seen now is kept all the same.
                Err(Unread::Object(_)) => piece.json()?,
                Err(error @ Unread::Store(_)) => return Err(error.into_error(self.store)),
            };
            if Ref::of(&joined) != known {
                fresh.push((about, joined));
            }
        }
        for (about, content) in fresh {
            self.add(about.clone(), &content)?;
        }
        Ok(())
    }

    /// Keeps each listing that differs from the last one, and until when the last one was seen.
    fn artifacts(&mut self, now: &Windows, known: &Windows) -> Result<(), ArchiveError> {
        let mut seen: BTreeSet<About> = BTreeSet::new();
        for listing in &self.snapshot.facts.objects {
            let (about, content) = (about_artifact(listing), json("listing", &listing.data)?);
            let object = Ref::of(&content);
            seen.insert(about.clone());
            match self.index.get(&about).cloned() {
                Some(last) if last.object == object => {
                    if last.until.is_some() {
                        self.index.put(Item { until: None, ..last });
                    }
                }
                // A run that began later was quicker: what this one saw came before that.
                Some(last) if last.time > self.snapshot.as_of => {
                    let object = object::put(self.store, &content)?;
                    let item = Item { until: Some(self.snapshot.as_of), ..self.item(about, object) };
                    self.keep(Item { part: self.snapshot.as_of.to_string(), ..item });
                }
                last => {
                    if let Some(last) = last {
                        let until = known.last_seen(&last);
                        self.index.put(Item { part: until.to_string(), until: Some(until), ..last });
                    }
                    self.add(about, &content)?;
                }
            }
        }
        // What was not listed this time was last seen the time before.
        let missed = |item: &&Item| {
            let here = now.listed(&item.account, &item.region).is_some();
            here && item.part.is_empty() && item.until.is_none() && !seen.contains(&item.about())
        };
        let missed: Vec<Item> = self.index.of(&Kind::Artifact).filter(missed).cloned().collect();
        for item in missed {
            self.index.put(Item { until: Some(known.last_seen(&item)), ..item });
        }
        Ok(())
    }

    fn windows(&mut self, all: &Windows) -> Result<(), ArchiveError> {
        let about = about_the_run(Kind::Windows, self.snapshot);
        let content = json("list of windows", all)?;
        if self.index.get(&about).map(|item| item.object) != Some(Ref::of(&content)) {
            self.add(about, &content)?;
        }
        Ok(())
    }

    /// What Cost Explorer answered. The day before is of no use any more, and stays in the entry that added it.
    fn costs(&mut self) -> Result<(), ArchiveError> {
        for answers in CostAnswers::of(self.snapshot) {
            let (about, content) = (about_costs(&answers.account), json("answer of Cost Explorer", &answers)?);
            if self.index.get(&about).map(|item| item.object) != Some(Ref::of(&content)) {
                self.add(about, &content)?;
            }
        }
        Ok(())
    }

    /// What the next run compares with. Of two runs at once the later one counts.
    fn last_run(&mut self, report: &Report) -> Result<(), ArchiveError> {
        let about = about_the_run(Kind::LastRun, self.snapshot);
        let known = self.known::<LastRun>(&about)?;
        if known.as_ref().is_some_and(|known| known.at > report.collected_at) {
            return Ok(());
        }
        let entry = self.head.as_ref().map_or(Hash::of(b""), |head| head.hash);
        let previous = known.map(|known| known.into_history(self.store.name(), entry));
        let content = json("ledger of findings", &LastRun::of(report, previous.as_ref()))?;
        self.add(about, &content)?;
        Ok(())
    }

    /// What is kept about something; `None` where nothing is, or what is kept is damaged.
    fn known<T: serde::de::DeserializeOwned>(&self, about: &About) -> Result<Option<T>, ArchiveError> {
        let Some(item) = self.index.get(about) else { return Ok(None) };
        match object::read(self.store, &item.object) {
            Ok(known) => Ok(Some(known)),
            Err(Unread::Object(_)) => Ok(None),
            Err(error @ Unread::Store(_)) => Err(error.into_error(self.store)),
        }
    }

    fn add(&mut self, about: About, content: &[u8]) -> Result<Ref, ArchiveError> {
        let object = object::put(self.store, content)?;
        let item = self.item(about, object);
        self.keep(item);
        Ok(object)
    }

    fn item(&self, about: About, object: Ref) -> Item {
        let (kind, account, region, subject, part) = about;
        Item { kind, account, region, subject, part, object, time: self.snapshot.as_of, until: None, entry: None }
    }

    fn keep(&mut self, item: Item) {
        self.index.put(item.clone());
        self.added.push(item);
    }

    /// Writes the entry and its seal; `None` if another run has taken the number.
    fn finish(self) -> Result<Option<Written>, ArchiveError> {
        let Self { store, snapshot, head, index, mut added, report } = self;
        let scope = &snapshot.scope;
        let run = json("run", &(&snapshot.as_of, scope.name(), &scope.regions, &scope.reader, report))?;
        added.sort();
        let entry = Entry {
            schema: SCHEMA.to_owned(),
            number: head.as_ref().map_or(0, |head| head.entry.number) + 1,
            previous: head.map(|head| head.hash),
            time: snapshot.as_of,
            tool: snapshot.tool.clone(),
            run: Hash::of(&run).hex().chars().take(32).collect(),
            account: scope.name().to_owned(),
            regions: scope.regions.clone(),
            index: index.store(store)?,
            added,
        };
        let mut bytes = json("entry", &entry)?;
        bytes.push(b'\n');
        let hash = Hash::of(&bytes);
        match store.put_new(&entry_key(entry.number), &bytes) {
            Ok(_) => {}
            // A request whose answer was lost is sent again, and then finds what it wrote itself.
            Err(error) if error.kind == StoreErrorKind::Exists => {
                if store.get(&entry_key(entry.number))?.bytes != bytes {
                    return Ok(None);
                }
            }
            Err(error) => return Err(error.into()),
        }
        match store.put_new(&seal_key(entry.number), seal(entry.number, &hash).as_bytes()) {
            Ok(_) => {}
            // Somebody sealed it meanwhile; whether rightly, `verify` says.
            Err(error) if error.kind == StoreErrorKind::Exists => {}
            Err(error) => return Err(error.into()),
        }
        Ok(Some(Written { number: entry.number, hash, added: entry.added.len() }))
    }
}

/// What is seen now together with what was kept before.
fn join(piece: &Piece, kept: &[u8], name: &Ref) -> Result<Piece, object::ObjectError> {
    Ok(match piece {
        Piece::Events(events) => Piece::Events(join_events(events.clone(), object::parse(kept, name)?)),
        Piece::Package(package) => Piece::Package(package.clone()),
    })
}
