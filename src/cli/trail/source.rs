//! Where log files are read from: what an operator writes, made into a store.

use std::ops::ControlFlow;
use std::path::Path;

use anyhow::anyhow;

use crate::store::{Entry, Folder, Object, Store, StoreError, StoreErrorKind, Tag};

/// Reads from what the argument names: a folder, one file, or `s3://bucket/prefix`.
pub(super) fn read<T: Send>(
    source: &str,
    work: impl FnOnce(&dyn Store) -> anyhow::Result<T> + Send,
) -> anyhow::Result<T> {
    if source.starts_with("s3://") {
        return Err(anyhow!(
            "cannot read `{source}`: this version reads folders; copy the log files, keys and all, into one"
        ));
    }
    let path = Path::new(source);
    match (path.parent(), path.file_name().and_then(|name| name.to_str())) {
        (Some(parent), Some(name)) if path.is_file() => {
            work(&OneFile { folder: Folder::new(parent), name: name.to_owned(), source: source.to_owned() })
        }
        _ => work(&Folder::new(path)),
    }
}

/// A single file, as a store that holds nothing else.
#[derive(Debug)]
struct OneFile {
    folder: Folder,
    name: String,
    source: String,
}

impl OneFile {
    fn refused(&self, verb: &'static str) -> StoreError {
        let message = "it is one file, and only read".to_owned();
        StoreError { verb, place: self.source.clone(), kind: StoreErrorKind::Other, message }
    }
}

impl Store for OneFile {
    fn name(&self) -> String {
        self.source.clone()
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        visit: &mut dyn FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        if !self.name.starts_with(prefix) || after.is_some_and(|after| self.name.as_str() <= after) {
            return Ok(());
        }
        self.folder.list(&self.name, None, &mut |entry| {
            if entry.key == self.name { visit(entry) } else { ControlFlow::Continue(()) }
        })
    }

    fn get(&self, key: &str) -> Result<Object, StoreError> {
        self.folder.get(key)
    }

    fn read(&self, key: &str, into: &mut Vec<u8>) -> Result<(), StoreError> {
        self.folder.read(key, into)
    }

    fn put_new(&self, _: &str, _: &[u8]) -> Result<Tag, StoreError> {
        Err(self.refused("write"))
    }

    fn replace(&self, _: &str, _: &[u8], _: &Tag) -> Result<Tag, StoreError> {
        Err(self.refused("write"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(source: &Path) -> Vec<String> {
        let mut keys = Vec::new();
        read(source.to_str().unwrap(), |store| {
            store.list("", None, &mut |entry| {
                keys.push(entry.key);
                ControlFlow::Continue(())
            })?;
            Ok(())
        })
        .unwrap();
        keys
    }

    #[test]
    fn a_folder_is_read_with_all_below_it_and_a_file_alone() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.json", "a.json.more.json", "b.json"] {
            std::fs::write(folder.path().join(name), "{}").unwrap();
        }
        assert_eq!(keys(folder.path()).len(), 3);
        assert_eq!(keys(&folder.path().join("a.json")), ["a.json"]);
    }
}
