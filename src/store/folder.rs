//! A local folder as a store.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::path::{Component, Path, PathBuf};

use jiff::Timestamp;

use super::{Entry, Object, Store, StoreError, StoreErrorKind, Tag};
use crate::files::Staged;
use crate::sha256::Sha256;

/// A local folder. Hidden files and symbolic links to folders are not followed; what is half-written does not show.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// A store below this folder, which need not exist before something is written.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The file of a key; a key cannot lead out of the folder.
    fn path(&self, verb: &'static str, key: &str) -> Result<PathBuf, StoreError> {
        let relative = Path::new(key);
        let inside = !key.is_empty() && relative.components().all(|part| matches!(part, Component::Normal(_)));
        if inside {
            Ok(self.root.join(relative))
        } else {
            Err(self.error(verb, key, &io::Error::new(io::ErrorKind::InvalidInput, "the key leads out of the folder")))
        }
    }

    fn error(&self, verb: &'static str, key: &str, error: &io::Error) -> StoreError {
        let kind = match error.kind() {
            io::ErrorKind::NotFound => StoreErrorKind::NotFound,
            io::ErrorKind::AlreadyExists => StoreErrorKind::Exists,
            io::ErrorKind::PermissionDenied => StoreErrorKind::Denied,
            _ => StoreErrorKind::Other,
        };
        StoreError { verb, place: self.root.join(key).display().to_string(), kind, message: error.to_string() }
    }

    /// Keys and sizes below one folder, in the order of their keys. A folder sorts as its name with a `/`, as S3 does.
    fn walk(
        &self,
        folder: &Path,
        key: &str,
        visit: &mut dyn FnMut(Entry) -> ControlFlow<()>,
        wanted: &dyn Fn(&str, bool) -> bool,
    ) -> Result<ControlFlow<()>, StoreError> {
        let refused = |error: io::Error| self.error("list", key, &error);
        let mut children = Vec::new();
        for child in fs::read_dir(folder).map_err(refused)? {
            let child = child.map_err(refused)?;
            let is_folder = child.file_type().map_err(refused)?.is_dir();
            let Ok(name) = child.file_name().into_string() else { continue };
            if name.starts_with('.') {
                continue;
            }
            let child_key = format!("{key}{name}{}", if is_folder { "/" } else { "" });
            if wanted(&child_key, is_folder) {
                children.push((child_key, is_folder, child.path()));
            }
        }
        children.sort();
        for (child_key, is_folder, path) in children {
            let flow = if is_folder {
                self.walk(&path, &child_key, visit, wanted)?
            } else {
                let metadata = fs::metadata(&path).map_err(|error| self.error("list", &child_key, &error))?;
                let modified = metadata.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
                visit(Entry { key: child_key, size: metadata.len(), modified })
            };
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

impl Store for Folder {
    fn name(&self) -> String {
        self.root.display().to_string()
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        visit: &mut dyn FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let wanted = |key: &str, is_folder: bool| {
            let on_the_way = is_folder && prefix.starts_with(key);
            let past = after.is_none_or(|after| key > after || (is_folder && after.starts_with(key)));
            (key.starts_with(prefix) || on_the_way) && past
        };
        self.walk(&self.root, "", visit, &wanted).map(drop)
    }

    fn get(&self, key: &str) -> Result<Object, StoreError> {
        let path = self.path("read", key)?;
        let bytes = fs::read(path).map_err(|error| self.error("read", key, &error))?;
        let tag = tag(&bytes);
        Ok(Object { bytes, metadata: BTreeMap::new(), tag })
    }

    fn read(&self, key: &str, into: &mut Vec<u8>) -> Result<(), StoreError> {
        let path = self.path("read", key)?;
        into.clear();
        let read = fs::File::open(path).and_then(|mut file| file.read_to_end(into));
        read.map(drop).map_err(|error| self.error("read", key, &error))
    }

    fn put_new(&self, key: &str, bytes: &[u8]) -> Result<Tag, StoreError> {
        let path = self.path("write", key)?;
        let refused = |error: io::Error| self.error("write", key, &error);
        let staged = Staged::write(&path, |file| file.write_all(bytes)).map_err(refused)?;
        staged.commit_new().map_err(refused)?;
        Ok(tag(bytes))
    }

    fn replace(&self, key: &str, bytes: &[u8], read: &Tag) -> Result<Tag, StoreError> {
        let path = self.path("write", key)?;
        let refused = |error: io::Error| self.error("write", key, &error);
        let staged = Staged::write(&path, |file| file.write_all(bytes)).map_err(refused)?;
        // One writer at a time: the lock file is held for the comparison and the rename only.
        let lock = fs::File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.root.join(".lock"))
            .and_then(|file| file.lock().map(|()| file))
            .map_err(refused)?;
        let held = fs::read(&path).map(|bytes| tag(&bytes));
        if held.ok().as_ref() != Some(read) {
            let message = "it is no longer what was read; another run wrote it".to_owned();
            let place = path.display().to_string();
            return Err(StoreError { verb: "write", place, kind: StoreErrorKind::Changed, message });
        }
        staged.commit().map_err(refused)?;
        drop(lock);
        Ok(tag(bytes))
    }
}

fn tag(bytes: &[u8]) -> Tag {
    Tag(Sha256::of(bytes).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(store: &Folder, prefix: &str, after: Option<&str>) -> Vec<String> {
        let mut keys = Vec::new();
        store
            .list(prefix, after, &mut |entry| {
                keys.push(entry.key);
                ControlFlow::Continue(())
            })
            .unwrap();
        keys
    }

    fn kind<T: std::fmt::Debug>(result: Result<T, StoreError>) -> StoreErrorKind {
        result.unwrap_err().kind
    }

    #[test]
    fn keys_come_in_the_order_of_s3_and_begin_and_end_where_asked() {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(folder.path());
        let all = ["a-b/1", "a/2", "a/b/3", "a0", "b"];
        for key in all.iter().rev() {
            store.put_new(key, key.as_bytes()).unwrap();
        }
        fs::write(folder.path().join(".hidden"), "").unwrap();
        assert_eq!(keys(&store, "", None), all);
        assert_eq!(keys(&store, "a/", None), ["a/2", "a/b/3"]);
        assert_eq!(keys(&store, "a", Some("a/2")), ["a/b/3", "a0"]);
        let mut first = None;
        let mut stop = |entry: Entry| {
            first = Some(entry.key);
            ControlFlow::Break(())
        };
        store.list("", None, &mut stop).unwrap();
        assert_eq!(first.as_deref(), Some("a-b/1"));
    }

    #[test]
    fn what_is_there_is_not_overwritten_and_what_changed_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(folder.path().join("new"));
        let first = store.put_new("x/y", b"1").unwrap();
        assert_eq!(kind(store.put_new("x/y", b"2")), StoreErrorKind::Exists);
        assert_eq!(store.get("x/y").unwrap().tag, first);
        let second = store.replace("x/y", b"2", &first).unwrap();
        assert_eq!(kind(store.replace("x/y", b"3", &first)), StoreErrorKind::Changed);
        assert_eq!(kind(store.replace("x/z", b"3", &first)), StoreErrorKind::Changed);
        assert_eq!((store.get("x/y").unwrap().bytes, store.get("x/y").unwrap().tag), (b"2".to_vec(), second));
        assert_eq!(keys(&store, "", None), ["x/y"], "nothing is left behind");
        let mut buffer = b"of another object".to_vec();
        store.read("x/y", &mut buffer).unwrap();
        assert_eq!(buffer, b"2");
    }

    #[test]
    fn a_key_cannot_lead_out_and_a_missing_one_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(folder.path());
        for key in ["../x", "/etc/passwd", "", "a/../../b"] {
            assert_eq!(kind(store.get(key)), StoreErrorKind::Other, "{key}");
            assert_eq!(kind(store.put_new(key, b"")), StoreErrorKind::Other, "{key}");
        }
        assert_eq!(kind(store.get("nothing")), StoreErrorKind::NotFound);
        assert_eq!(kind(store.read("nothing", &mut Vec::new())), StoreErrorKind::NotFound);
        let nowhere = Folder::new(folder.path().join("nowhere"));
        assert_eq!(kind(nowhere.list("", None, &mut |_| ControlFlow::Continue(()))), StoreErrorKind::NotFound);
    }
}
