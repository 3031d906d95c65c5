//! Somebody, or the disk, changes an archive.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use proptest::prelude::*;

use super::*;

/// Every file below a folder, by its key.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// An archive of four runs with everything in it, as keys and bytes.
static ARCHIVE: LazyLock<Vec<(PathBuf, Vec<u8>)>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path());
    for days in [0, 1, 40, 80] {
        archive(&store, &later(days));
    }
    // And what a run left that ended in the middle.
    object::put(&store, b"[]").unwrap();
    let file = |path: PathBuf| (path.strip_prefix(folder.path()).unwrap().to_owned(), fs::read(&path).unwrap());
    files(folder.path()).into_iter().map(file).collect()
});

/// A copy to tamper with. Whoever asks for it finds it whole: what was tampered with is put back.
struct Copy {
    folder: tempfile::TempDir,
    store: Folder,
    touched: Vec<PathBuf>,
}

static COPY: LazyLock<Mutex<Copy>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::new(folder.path());
    let touched = ARCHIVE.iter().map(|(path, _)| path.clone()).collect();
    Mutex::new(Copy { folder, store, touched })
});

fn copy() -> MutexGuard<'static, Copy> {
    let mut copy = COPY.lock().unwrap_or_else(PoisonError::into_inner);
    for path in std::mem::take(&mut copy.touched) {
        let target = copy.folder.path().join(&path);
        match ARCHIVE.iter().find(|(known, _)| *known == path) {
            Some((_, bytes)) => {
                fs::create_dir_all(target.parent().unwrap()).unwrap();
                fs::write(target, bytes).unwrap();
            }
            None => fs::remove_file(target).unwrap(),
        }
    }
    copy
}

impl Copy {
    fn write(&mut self, path: &Path, bytes: &[u8]) {
        self.touched.push(path.to_owned());
        let target = self.folder.path().join(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, bytes).unwrap();
    }

    fn remove(&mut self, path: &Path) {
        self.touched.push(path.to_owned());
        fs::remove_file(self.folder.path().join(path)).unwrap();
    }
}

/// What the archive makes a run remember.
fn remembered(store: &Folder) -> Snapshot {
    let mut snapshot = recalled(store, &later(120));
    // The place of the copy is not what is compared.
    if let Some(history) = &mut snapshot.history {
        history.archive = String::new();
    }
    snapshot
}

/// What the sound archive makes a run remember.
static BEFORE: LazyLock<Snapshot> = LazyLock::new(|| remembered(&copy().store));

/// Either it is noticed, or it is said to be harmless and is: everything that was remembered still is, as it was.
fn noticed_or_harmless(store: &Folder, what: &str) -> Result<(), TestCaseError> {
    let verified = verify(store).unwrap();
    let after = remembered(store);
    if verified.sound() {
        prop_assert_eq!(verified.entries.len(), 4, "{} went unnoticed", what);
        prop_assert!(after == *BEFORE, "{} went unnoticed and changed what is remembered", what);
    } else {
        // Nothing false is remembered: each fact is one that the sound archive remembers too.
        let known = |list: &Snapshot| {
            list.facts.remembered_events.iter().map(|fact| fact.data.data.clone()).collect::<Vec<_>>()
        };
        let before = known(&BEFORE);
        for event in known(&after) {
            prop_assert!(before.contains(&event), "{} made up an event", what);
        }
    }
    Ok(())
}

#[test]
fn the_copy_is_sound() {
    let verified = verify(&copy().store).unwrap();
    assert_eq!((verified.damage.as_slice(), verified.entries.len(), verified.unreferenced.len()), (&[][..], 4, 1));
}

#[test]
fn no_file_that_matters_can_be_removed_unnoticed() {
    LazyLock::force(&BEFORE);
    for (path, _) in ARCHIVE.iter() {
        let mut copy = copy();
        copy.remove(path);
        let verified = verify(&copy.store).unwrap();
        let name = path.display().to_string();
        if name.starts_with("seals/") {
            assert!(verified.sound(), "an entry is complete without its seal");
            assert_eq!(verified.unsealed.len(), 1, "and it is said: {name}");
        } else if verified.sound() {
            assert!(verified.unreferenced.is_empty(), "only what no entry names may go: {name}");
        }
        noticed_or_harmless(&copy.store, &format!("the removal of {name}")).unwrap();
    }
}

#[test]
fn the_newest_entry_cannot_be_removed_or_altered_unnoticed() {
    let mut copy = copy();
    let newest = Path::new("entries/000000000004.json");
    let text = fs::read_to_string(copy.folder.path().join(newest)).unwrap();
    copy.write(newest, text.replace("111122223333", "111122223334").as_bytes());
    assert_eq!(verify(&copy.store).unwrap().damage, [Damage::Entry(Break { number: 4, fault: Fault::Altered })]);
    copy.remove(newest);
    assert_eq!(verify(&copy.store).unwrap().damage, [Damage::Seal(4)]);
}

#[test]
fn an_entry_that_was_written_anew_with_its_seal_breaks_the_chain() {
    let mut copy = copy();
    let key = Path::new("entries/000000000002.json");
    let forged = fs::read_to_string(copy.folder.path().join(key)).unwrap().replace("111122223333", "111122223334");
    copy.write(key, forged.as_bytes());
    let seal = record::seal(2, &Hash::of(forged.as_bytes()));
    copy.write(Path::new("seals/000000000002.sha256"), seal.as_bytes());
    let verified = verify(&copy.store).unwrap();
    assert_eq!(verified.damage, [Damage::Entry(Break { number: 3, fault: Fault::Unlinked })]);
    let trusted: Vec<bool> = verified.entries.iter().map(|found| found.trusted).collect();
    assert_eq!(trusted, [true, true, false, false]);
    // Which of the two was forged cannot be told: a run trusts neither.
    assert_eq!(recalled(&copy.store, &later(120)).history.unwrap().at, later(0).as_of);
}

/// Tampers with the copy, and holds it to the law.
fn tamper(what: &str, how: impl FnOnce(&mut Copy)) -> Result<(), TestCaseError> {
    LazyLock::force(&BEFORE);
    let mut copy = copy();
    how(&mut copy);
    noticed_or_harmless(&copy.store, what)
}

fn file() -> impl Strategy<Value = (PathBuf, Vec<u8>)> {
    any::<prop::sample::Index>().prop_map(|at| at.get(&ARCHIVE).clone())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_changed_byte_is_noticed_or_harmless(
        (path, mut bytes) in file(),
        place in any::<prop::sample::Index>(),
        change in 1..=255_u8,
    ) {
        let place = place.index(bytes.len());
        bytes[place] ^= change;
        tamper(&format!("byte {place} of {}", path.display()), |copy| copy.write(&path, &bytes))?;
    }

    #[test]
    fn a_file_that_is_cut_off_or_grown_is_noticed_or_harmless(
        (path, mut bytes) in file(),
        length in any::<prop::sample::Index>(),
        grown in any::<bool>(),
    ) {
        if grown { bytes.push(b' ') } else { bytes.truncate(length.index(bytes.len())) }
        tamper(&path.display().to_string(), |copy| copy.write(&path, &bytes))?;
    }

    #[test]
    fn two_files_that_change_places_are_noticed_or_harmless((a, of_a) in file(), (b, of_b) in file()) {
        tamper(&format!("{} and {}", a.display(), b.display()), |copy| {
            copy.write(&a, &of_b);
            copy.write(&b, &of_a);
        })?;
    }

    #[test]
    fn a_file_under_another_name_is_noticed_or_harmless(
        (path, bytes) in file(),
        name in "(entries/00000000000[1-9][.]json|seals/00000000000[1-9][.]sha256|objects/sha256/aa/x|readme)",
    ) {
        tamper(&format!("{} as {name}", path.display()), |copy| {
            copy.remove(&path);
            copy.write(Path::new(&name), &bytes);
        })?;
    }
}
