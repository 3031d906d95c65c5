//! The documents of every run, kept in a store: each run in a folder of its own, and a pointer to the newest.
//!
//! ```text
//! 2026/11/23/20261123T070000Z-1a2b/report.html     written once, never again
//! 2026/11/23/20261123T070000Z-1a2b/report.json
//! latest.json                                      names the newest run of the whole estate
//! ```
//!
//! Every write is conditional: what is there is never overwritten, and the pointer only ever moves on. So a run that is
//! published twice changes nothing, and of two runs at once the newer one stands in `latest.json`, whichever ends first.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Delivery, Publication, SinkError, Trigger};
use crate::report::document::Report;
use crate::report::{self, Format, words};
use crate::store::{Store, StoreError, StoreErrorKind};

/// Name of the pointer.
pub const LATEST: &str = "latest.json";

/// Name and version of the pointer's format.
pub const LATEST_SCHEMA: &str = "countersign.latest/1";

/// How often the pointer may move under the hands of a writer.
const ATTEMPTS: usize = 8;

/// What one run puts on a shelf.
#[derive(Debug)]
pub struct Edition {
    /// Folder of the run, without a slash at its end.
    pub folder: String,
    /// Its files.
    pub files: Vec<Piece>,
    /// What the pointer will say; a run that looked at a part of the estate only is never the latest.
    pub latest: Option<Latest>,
}

/// One file of an edition.
#[derive(Debug)]
pub struct Piece {
    /// Name below the folder.
    pub name: String,
    /// Where its bytes come from.
    pub from: Source,
}

/// Where the bytes of a file come from.
#[derive(Debug)]
pub enum Source {
    /// A file that the run wrote.
    File(PathBuf),
    /// Bytes made for it.
    Bytes(Vec<u8>),
}

/// `latest.json`: the newest run, and where its documents lie.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latest {
    /// [`LATEST_SCHEMA`].
    pub schema: String,
    /// The run.
    pub run: String,
    /// When its evidence was collected.
    pub collected_at: Timestamp,
    /// Folder of its documents, relative to the pointer.
    pub folder: String,
    /// Their names.
    pub documents: Vec<String>,
    /// The headline of the report.
    pub headline: String,
    /// The worst verdict; absent where nothing serves.
    pub verdict: Option<String>,
}

/// The folder of a run: the day of its evidence, then its name.
pub fn folder(report: &Report, run: &str) -> String {
    format!("{}/{run}", report.collected_at.strftime("%Y/%m/%d"))
}

impl Edition {
    /// What is published of a run: these formats, or else every document that it wrote.
    ///
    /// # Errors
    /// If a format that the run did not write cannot be made.
    pub fn of(publication: &Publication<'_>, formats: &[Format]) -> Result<Self, SinkError> {
        let Publication { report, run, trigger, documents, .. } = *publication;
        let written: Vec<(String, &PathBuf)> =
            documents.iter().filter_map(|path| Some((path.file_name()?.to_str()?.to_owned(), path))).collect();
        let piece =
            |(name, path): &(String, &PathBuf)| Piece { name: name.clone(), from: Source::File((*path).clone()) };
        let files: Vec<Piece> = if formats.is_empty() {
            written.iter().map(piece).collect()
        } else {
            let made = |format: &Format| {
                let name = format.file_name();
                if let Some(written) = written.iter().find(|(written, _)| written == name) {
                    return Ok(piece(written));
                }
                let bytes = report::render(report, *format).map_err(|error| cannot("make", name, &error))?;
                Ok(Piece { name: name.to_owned(), from: Source::Bytes(bytes) })
            };
            formats.iter().map(made).collect::<Result<_, SinkError>>()?
        };
        let folder = folder(report, run);
        let latest = (!matches!(trigger, Trigger::Event { .. })).then(|| Latest {
            schema: LATEST_SCHEMA.to_owned(),
            run: run.to_owned(),
            collected_at: report.collected_at,
            folder: folder.clone(),
            documents: files.iter().map(|piece| piece.name.clone()).collect(),
            headline: report.summary.headline.clone(),
            verdict: report.summary.verdict.map(|verdict| words::verdict_key(verdict).to_owned()),
        });
        Ok(Self { folder, files, latest })
    }

    /// Puts it there; what is there already stays.
    ///
    /// # Errors
    /// If the store refuses, or other bytes lie where this run's should.
    pub fn put(&self, store: &dyn Store) -> Result<Delivery, SinkError> {
        let mut added = 0;
        for piece in &self.files {
            let key = format!("{}/{}", self.folder, piece.name);
            added += usize::from(put_once(store, &key, &piece.bytes()?)?);
        }
        let moved = match &self.latest {
            Some(latest) => latest.put(store)?,
            None => false,
        };
        let place = format!("{}/{}", store.name(), self.folder);
        let pointer = if moved { format!("; `{LATEST}` names it") } else { String::new() };
        Ok(Delivery { words: format!("{} below `{place}`{pointer}", written(self.files.len(), added)) })
    }
}

/// How many files were written, and how many were there.
pub fn written(all: usize, added: usize) -> String {
    match all - added.min(all) {
        0 => format!("{} written", words::count(all, "file")),
        there if added == 0 => format!("{} there already", words::count(there, "file")),
        there => format!("{} written, {} there already,", words::count(added, "file"), words::number(there)),
    }
}

impl Piece {
    fn bytes(&self) -> Result<Vec<u8>, SinkError> {
        match &self.from {
            Source::File(path) => {
                std::fs::read(path).map_err(|error| cannot("read", &path.display().to_string(), &error))
            }
            Source::Bytes(bytes) => Ok(bytes.clone()),
        }
    }
}

impl Latest {
    /// Whether it is of a later run than another pointer.
    fn is_newer_than(&self, other: &Self) -> bool {
        (self.collected_at, &self.run) > (other.collected_at, &other.run)
    }

    /// Points to this run unless a newer one is pointed to; says whether it does.
    fn put(&self, store: &dyn Store) -> Result<bool, SinkError> {
        let bytes = serde_json::to_vec_pretty(self).map_err(|error| cannot("write", LATEST, &error.into()))?;
        for _ in 0..ATTEMPTS {
            match store.put_new(LATEST, &bytes) {
                Ok(_) => return Ok(true),
                Err(error) if error.kind == StoreErrorKind::Exists => {}
                Err(error) => return Err(refused(&error)),
            }
            let there = match store.get(LATEST) {
                Ok(there) => there,
                Err(error) if error.kind == StoreErrorKind::NotFound => continue,
                Err(error) => return Err(refused(&error)),
            };
            // What is not a pointer of ours is somebody's file, and stays.
            let named: Self = serde_json::from_slice(&there.bytes).map_err(|_| SinkError {
                message: format!(
                    "`{}/{LATEST}` is not what a run writes there; move it away, or publish below another prefix",
                    store.name()
                ),
            })?;
            if !self.is_newer_than(&named) {
                return Ok(named.run == self.run);
            }
            match store.replace(LATEST, &bytes, &there.tag) {
                Ok(_) => return Ok(true),
                Err(error) if error.kind == StoreErrorKind::Changed => {}
                Err(error) => return Err(refused(&error)),
            }
        }
        Err(SinkError {
            message: format!("`{}/{LATEST}` is written by too many runs at once; run again", store.name()),
        })
    }
}

/// Writes an object that nobody changes afterwards; says whether it is new.
///
/// # Errors
/// If the store refuses, or other bytes lie there.
pub fn put_once(store: &dyn Store, key: &str, bytes: &[u8]) -> Result<bool, SinkError> {
    match store.put_new(key, bytes) {
        Ok(_) => Ok(true),
        Err(error) if error.kind == StoreErrorKind::Exists => {
            let there = store.get(key).map_err(|error| refused(&error))?;
            if there.bytes == bytes {
                return Ok(false);
            }
            let message = format!(
                "`{}/{key}` holds what another reading of the run found, and what was published is never \
                 overwritten; publish its snapshot again, or name this run otherwise with `--run-id`",
                store.name()
            );
            Err(SinkError { message })
        }
        Err(error) => Err(refused(&error)),
    }
}

/// What a store refused, and what to do about it.
fn refused(error: &StoreError) -> SinkError {
    let advice = match error.kind {
        StoreErrorKind::Denied => "; allow it what `countersign iam-policy --publish TARGET` prints",
        StoreErrorKind::NotFound => "; create it, or name another",
        StoreErrorKind::Throttled | StoreErrorKind::Unreachable => "; the next run goes on",
        StoreErrorKind::Exists | StoreErrorKind::Changed | StoreErrorKind::Other => "",
    };
    SinkError { message: format!("{error}{advice}") }
}

fn cannot(verb: &str, what: &str, error: &io::Error) -> SinkError {
    SinkError { message: format!("cannot {verb} `{}`: {error}", Path::new(what).display()) }
}

/// What a file holds, by its name, as HTTP says it.
pub fn content_type(key: &str) -> &'static str {
    match key.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("md") => "text/markdown; charset=utf-8",
        Some("json" | "sarif") => "application/json",
        Some("jsonl") => "application/x-ndjson",
        Some("csv") => "text/csv; charset=utf-8",
        Some("xml") => "application/xml",
        Some("zst") => "application/zstd",
        Some("parquet") => "application/vnd.apache.parquet",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::CollectStats;
    use crate::report::sample;
    use crate::store::Folder;

    fn edition(report: &Report, run: &str, trigger: &Trigger, documents: &[PathBuf]) -> Edition {
        let stats = CollectStats::default();
        Edition::of(&Publication { report, stats: &stats, run, trigger, documents }, &[]).unwrap()
    }

    fn pointer(store: &Folder) -> Latest {
        serde_json::from_slice(&store.get(LATEST).unwrap().bytes).unwrap()
    }

    #[test]
    fn a_run_is_written_once_and_the_pointer_only_moves_on() {
        let (out, shelf) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = out.path().join("report.json");
        std::fs::write(&path, "{}").unwrap();
        let (report, store) = (sample::bank(), Folder::new(shelf.path()));
        let publish = |report: &Report, run: &str, trigger: &Trigger| {
            edition(report, run, trigger, std::slice::from_ref(&path)).put(&store)
        };
        let words = publish(&report, "20261120T090000Z-1", &Trigger::Command).unwrap().words;
        assert!(words.contains("1 file written below") && words.contains("`latest.json` names it"), "{words}");
        assert_eq!(store.get("2026/11/20/20261120T090000Z-1/report.json").unwrap().bytes, b"{}");
        assert_eq!(pointer(&store).folder, "2026/11/20/20261120T090000Z-1");
        let before = store.get(LATEST).unwrap().tag;
        let words = publish(&report, "20261120T090000Z-1", &Trigger::Command).unwrap().words;
        assert!(words.contains("1 file there already"), "{words}");
        assert_eq!(store.get(LATEST).unwrap().tag, before, "a repeated run changes nothing");
        let older = Report { collected_at: "2026-11-19T09:00:00Z".parse().unwrap(), ..report.clone() };
        publish(&older, "20261119T090000Z-1", &Trigger::Command).unwrap();
        assert_eq!(store.get(LATEST).unwrap().tag, before, "an older run is not the latest");
        let event = Trigger::Event { id: "1".to_owned(), kind: "x".to_owned(), names: Vec::new() };
        let later = Report { collected_at: "2026-11-21T09:00:00Z".parse().unwrap(), ..report };
        publish(&later, "20261121T090000Z-1", &event).unwrap();
        assert_eq!(store.get(LATEST).unwrap().tag, before, "a part of the estate is not the latest");
        publish(&later, "20261121T100000Z-1", &Trigger::Schedule).unwrap();
        assert_eq!(pointer(&store).run, "20261121T100000Z-1");
    }

    #[test]
    fn what_is_there_is_never_overwritten() {
        let shelf = tempfile::tempdir().unwrap();
        let store = Folder::new(shelf.path());
        assert!(put_once(&store, "a/b", b"1").unwrap());
        assert!(!put_once(&store, "a/b", b"1").unwrap());
        let error = put_once(&store, "a/b", b"2").unwrap_err().to_string();
        assert!(error.contains("a/b` holds what another reading") && error.contains("`--run-id`"), "{error}");
        assert_eq!(store.get("a/b").unwrap().bytes, b"1");
        std::fs::write(shelf.path().join(LATEST), "somebody's").unwrap();
        let error = edition(&sample::blank(), "1", &Trigger::Command, &[]).put(&store).unwrap_err().to_string();
        assert!(error.contains("latest.json` is not what a run writes there"), "{error}");
    }

    #[test]
    fn of_two_runs_at_once_the_newer_one_is_the_latest() {
        let shelf = tempfile::tempdir().unwrap();
        let store = Folder::new(shelf.path());
        let report = sample::blank();
        std::thread::scope(|scope| {
            for number in 0..6 {
                let (store, report) = (&store, &report);
                scope.spawn(move || {
                    edition(report, &format!("run-{number}"), &Trigger::Command, &[]).put(store).unwrap();
                });
            }
        });
        assert_eq!(pointer(&store).run, "run-5");
    }

    #[test]
    fn a_format_that_the_run_did_not_write_is_made() {
        let (report, stats) = (sample::bank(), CollectStats::default());
        let publication =
            Publication { report: &report, stats: &stats, run: "1", trigger: &Trigger::Command, documents: &[] };
        let edition = Edition::of(&publication, &[Format::Csv]).unwrap();
        let [piece] = edition.files.as_slice() else { panic!("{edition:?}") };
        assert!(piece.name == "findings.csv" && piece.bytes().unwrap().starts_with(b"id,status,"), "{}", piece.name);
    }
}
