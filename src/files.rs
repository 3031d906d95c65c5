//! Writing files so that a reader sees either the old one or the complete new one.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

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
        let mut beside = name.to_os_string();
        beside.push(format!(".{}.part", std::process::id()));
        // From here on it vanishes again unless it is committed.
        let staged = Self { beside: path.with_file_name(beside), target: path.to_owned(), committed: false };
        let mut file = BufWriter::new(File::create(&staged.beside)?);
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
        fs::hard_link(&self.beside, &self.target)
    }
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
    fn a_path_without_a_name_is_refused() {
        assert!(write_atomically(Path::new(".."), |_| Ok(())).is_err());
    }
}
