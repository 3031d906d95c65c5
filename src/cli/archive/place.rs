//! The archive that an argument names, as a store.

use anyhow::anyhow;
use clap::Args;

use super::location;
use crate::archive::Place;
use crate::store::{Folder, Store};

#[derive(Clone, Debug, Args)]
pub(super) struct Named {
    /// The archive: a folder, or `s3://bucket/prefix`
    #[arg(value_name = "LOCATION", value_parser = location)]
    location: Place,
    #[cfg(feature = "aws")]
    #[command(flatten)]
    caller: super::bucket::Caller,
}

impl Named {
    /// Does something with it that only reads.
    pub(super) fn read<T: Send + 'static>(
        self,
        work: impl FnOnce(&dyn Store) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        match self.location {
            Place::Folder(path) if !path.is_dir() => Err(anyhow!("`{}` is no folder", path.display())),
            Place::Folder(path) => work(&Folder::new(path)),
            #[cfg(feature = "aws")]
            Place::Bucket(place) => self.caller.read(place, work),
            #[cfg(not(feature = "aws"))]
            Place::Bucket(_) => Err(anyhow!("this build reads no buckets: name a folder")),
        }
    }
}
