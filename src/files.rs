//! Writing files so that a reader sees either the old one or the complete new one.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes beside the target, then renames over it; on failure the target is as it was and nothing is left behind.
///
/// # Errors
/// If the file system refuses, or `fill` fails.
pub fn write_atomically(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    Staged::write(path, fill)?.commit()
}

/// A complete file beside its target, which is still as it was. Dropped without a commit, it vanishes.
#[derive(Debug)]
pub struct Staged {
    beside: PathBuf,
    target: PathBuf,
    committed: bool,
}

impl Staged {
    /// Writes the file beside its target.
    ///
    /// # Errors
    /// If the file system refuses, or `fill` fails.
    pub fn write(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<Self> {
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir_all(parent)?;
        }
        let Some(name) = path.file_name() else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"));
        };
        let (beside, file) = create_beside(path, name)?;
        // From here on it vanishes again unless it is committed.
        let staged = Self { beside, target: path.to_owned(), committed: false };
        let mut file = BufWriter::new(file);
        fill(&mut file)?;
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(staged)
    }

    /// The file that it will become.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Puts it in its target's place.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn commit(mut self) -> io::Result<()> {
        fs::rename(&self.beside, &self.target)?;
        self.committed = true;
        Ok(())
    }

    /// Puts it in place unless something is there already.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] if something is, and if the file system refuses.
    pub fn commit_new(self) -> io::Result<()> {
        // A link fails where a rename would replace. What stands beside it vanishes on drop.
        fs::hard_link(&self.beside, &self.target)?;
        sync_folder(&self.target)
    }
}

/// Creates a file beside its target that nobody else writes: another thread, or a process with the same number in another
/// container that shares the folder.
fn create_beside(path: &Path, name: &OsStr) -> io::Result<(PathBuf, File)> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    loop {
        let mut beside = name.to_os_string();
        beside.push(format!(".{}-{}.part", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        let beside = path.with_file_name(beside);
        match File::create_new(&beside) {
            Ok(file) => return Ok((beside, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// Makes the name of a file outlast a loss of power, as its content already does.
#[cfg(unix)]
fn sync_folder(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.committed {
            // Best effort: the error that matters is the one that led here.
            drop(fs::remove_file(&self.beside));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_file_appears_complete_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write_atomically(&path, |file| file.write_all(b"old")).unwrap();
        let failed = write_atomically(&path, |file| {
            file.write_all(b"half")?;
            Err(io::Error::other("no more"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "no more");
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        let staged = Staged::write(&path, |file| file.write_all(b"new")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        drop(staged);
        assert_eq!(names(folder.path()), ["a.txt"]);
        write_atomically(&path, |file| file.write_all(b"new")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }

    #[test]
    fn what_another_process_left_beside_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        // As if this process had ended here before, and its number were given again.
        let left: Vec<_> =
            (0..2_000).map(|n| folder.path().join(format!("a.txt.{}-{n}.part", std::process::id()))).collect();
        left.iter().for_each(|path| fs::write(path, "half").unwrap());
        write_atomically(&path, |file| file.write_all(b"new")).unwrap();
        assert!(left.iter().all(|path| fs::read(path).unwrap() == b"half"));
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), names(folder.path()).len()), ("new", left.len() + 1));
    }

    #[test]
    fn a_path_without_a_name_is_refused() {
        assert!(write_atomically(Path::new(".."), |_| Ok(())).is_err());
    }
}
