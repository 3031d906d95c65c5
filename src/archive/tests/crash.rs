//! The process is killed at every step of a write. Each case is a process of its own: this test runs its own binary again,
//! which writes an entry to a real folder and aborts, without unwinding or dropping anything, at the step it was told.

use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::files::Staged;
use crate::store::{Entry as Listed, Object, StoreError, Tag};

/// Folder and step of the process that is to die.
const DIES: &str = "COUNTERSIGN_TEST_ARCHIVE_DIES";

/// What of one write to a folder is done when the process dies.
#[derive(Clone, Copy, Debug)]
enum Done {
    /// Its folder is there.
    Folder,
    /// Half of its bytes stand beside it.
    Half,
    /// All of its bytes stand beside it.
    Beside,
    /// It is in its place, and still stands beside it too.
    Linked,
    /// All of it.
    All,
}

const STEPS: [Done; 5] = [Done::Folder, Done::Half, Done::Beside, Done::Linked, Done::All];

/// A folder whose writer dies at one step of one of its writes.
#[derive(Debug)]
struct Dying {
    inner: Folder,
    root: PathBuf,
    /// Which write, from 0, and how much of it is done by then.
    at: (usize, Done),
    writes: AtomicUsize,
}

impl Store for Dying {
    fn name(&self) -> String {
        self.inner.name()
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        visit: &mut dyn FnMut(Listed) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.inner.list(prefix, after, visit)
    }

    fn get(&self, key: &str) -> Result<Object, StoreError> {
        self.inner.get(key)
    }

    fn put_new(&self, key: &str, bytes: &[u8]) -> Result<Tag, StoreError> {
        if self.writes.fetch_add(1, Ordering::Relaxed) != self.at.0 {
            return self.inner.put_new(key, bytes);
        }
        let path = self.root.join(key);
        match self.at.1 {
            Done::Folder => fs::create_dir_all(path.parent().unwrap()).unwrap(),
            Done::Half => {
                let half = |file: &mut std::io::BufWriter<fs::File>| {
                    file.write_all(&bytes[..bytes.len() / 2])?;
                    file.flush()?;
                    std::process::abort()
                };
                drop(Staged::write(&path, half));
            }
            Done::Beside => {
                let _beside = Staged::write(&path, |file| file.write_all(bytes)).unwrap();
                std::process::abort();
            }
            Done::Linked => {
                let _beside = Staged::write(&path, |file| file.write_all(bytes)).unwrap();
                let name = path.file_name().unwrap().to_string_lossy().into_owned() + ".";
                let is_beside = |it: &PathBuf| it.file_name().unwrap().to_string_lossy().starts_with(&name);
                let folder = fs::read_dir(path.parent().unwrap()).unwrap();
                let beside = folder.map(|it| it.unwrap().path()).find(is_beside).unwrap();
                fs::hard_link(beside, &path).unwrap();
            }
            Done::All => drop(self.inner.put_new(key, bytes)),
        }
        std::process::abort()
    }

    fn replace(&self, key: &str, bytes: &[u8], read: &Tag) -> Result<Tag, StoreError> {
        self.inner.replace(key, bytes, read)
    }
}

/// What the run that dies saw: a rejection that no entry holds yet, and a new description.
fn seen_by_the_dying() -> Fixture {
    later(2).rejected("2026-05-20T10:00:00Z")
}

#[test]
#[allow(clippy::disallowed_methods, reason = "it is told by its parent what to do")]
fn the_process_that_dies() {
    let Ok(told) = std::env::var(DIES) else { return };
    let (folder, rest) = told.split_once('|').unwrap();
    let (write, step) = rest.split_once('|').unwrap();
    let at = (write.parse().unwrap(), STEPS[step.parse::<usize>().unwrap()]);
    let root = PathBuf::from(folder);
    let store = Dying { inner: Folder::new(&root), root, at, writes: AtomicUsize::new(0) };
    archive(&store, &seen_by_the_dying());
}

/// Runs the process that dies; whether it did.
fn dies(folder: &Path, write: usize, step: usize) -> bool {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "archive::tests::crash::the_process_that_dies", "--test-threads=1"]);
    command.env(DIES, format!("{}|{write}|{step}", folder.display()));
    let ended = command.output().unwrap();
    let out = String::from_utf8_lossy(&ended.stdout);
    assert!(out.contains("running 1 test"), "{out}");
    !ended.status.success()
}

#[test]
fn a_process_that_dies_at_any_step_leaves_an_archive_that_verifies_and_loses_nothing() {
    let mut cases = 0;
    for write in 0.. {
        let mut died = false;
        for (step, done) in STEPS.iter().enumerate() {
            let folder = tempfile::tempdir().unwrap();
            let store = Folder::new(folder.path());
            let before = [archive(&store, &later(0)), archive(&store, &later(1))];
            if !dies(folder.path(), write, step) {
                continue;
            }
            (died, cases) = (true, cases + 1);
            let verified = verify(&store).unwrap();
            assert_eq!(verified.damage, [], "killed at write {write} with {done:?}");
            let hashes: Vec<Hash> = verified.entries.iter().map(|found| found.hash).collect();
            assert_eq!(hashes[..2], [before[0].hash, before[1].hash], "killed at write {write} with {done:?}");
            // The next run reads all that was there, and goes on.
            assert_eq!(gaps(&recalled(&store, &later(120))), Vec::<&str>::new());
            let next = archive(&store, &seen_by_the_dying());
            assert_eq!(next.number, hashes.len() as u64 + 1);
            assert_eq!(verify(&store).unwrap().damage, []);
            assert_eq!(
                recalled(&store, &later(120)).facts.remembered_events.len(),
                8,
                "seven before, and the rejection"
            );
        }
        if !died {
            break;
        }
    }
    // Objects, the index, the entry and its seal.
    assert!(cases >= 7 * STEPS.len(), "{cases} cases");
}
