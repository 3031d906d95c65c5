//! Where log files are read from: what an operator names, made into a store.

use std::ops::ControlFlow;
use std::path::Path;

use clap::Args;

use super::place::{Place, argument};
#[cfg(feature = "aws")]
use super::verify::bucket::Caller;
use crate::store::{Entry, Folder, Object, Store, StoreError, StoreErrorKind, Tag};

/// The argument that names the place, and who reads it.
#[derive(Clone, Debug, Args)]
pub(super) struct Source {
    /// Where the log files lie: a folder, one file, or `s3://bucket/prefix`
    #[arg(value_name = "SOURCE", value_parser = argument)]
    place: Place,
    #[cfg(feature = "aws")]
    #[command(flatten)]
    caller: Caller,
}

impl Source {
    /// Works on the place, which has to be in one of the regions if it is a bucket and any are named.
    pub(super) fn read<T: Send + 'static>(
        self,
        regions: &[String],
        work: impl FnOnce(&dyn Store) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        match self.place {
            Place::Folder(path) => match path.file_name().and_then(|name| name.to_str()) {
                Some(name) if path.is_file() => work(&OneFile::new(&path, name)),
                _ => work(&Folder::new(path)),
            },
            #[cfg(feature = "aws")]
            Place::Bucket(place) => read_bucket(self.caller, place, regions.to_vec(), work),
            #[cfg(not(feature = "aws"))]
            Place::Bucket(_) => {
                let _ = regions;
                Err(anyhow::anyhow!("this build reads no buckets: name a folder"))
            }
        }
    }
}

/// Works on a bucket, whose requests run beside the work.
#[cfg(feature = "aws")]
fn read_bucket<T: Send + 'static>(
    caller: Caller,
    place: crate::evidence::S3Location,
    regions: Vec<String>,
    work: impl FnOnce(&dyn Store) -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    crate::cli::account::wait_for(async move {
        let session = caller.session(&regions).await?;
        let runtime = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || work(&crate::collect::aws::S3Store::new(&session, &place, &runtime)))
            .await?
    })
}

/// A single file, as a store that holds nothing else.
#[derive(Debug)]
struct OneFile {
    folder: Folder,
    name: String,
    source: String,
}

impl OneFile {
    fn new(path: &Path, name: &str) -> Self {
        let folder = Folder::new(path.parent().unwrap_or(Path::new(".")));
        Self { folder, name: name.to_owned(), source: path.display().to_string() }
    }

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
    use clap::Parser;

    use super::*;

    #[derive(clap::Parser)]
    struct Arguments {
        #[command(flatten)]
        source: Source,
    }

    fn keys(path: &Path) -> Vec<String> {
        let arguments = Arguments::try_parse_from(["test", path.to_str().unwrap()]).unwrap();
        let work = |store: &dyn Store| {
            let mut keys = Vec::new();
            store.list("", None, &mut |entry| {
                keys.push(entry.key);
                ControlFlow::Continue(())
            })?;
            Ok(keys)
        };
        arguments.source.read(&[], work).unwrap()
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
