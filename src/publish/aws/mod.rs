//! Writing to AWS, and whatever else needs a network: the archive, the keys that sign, and one file a sink.

mod archive;
mod bus;
mod declared;
mod failure;
mod filed;
mod gate;
mod hook;
mod kms;
mod metrics;
mod open;
mod secret;
mod security_hub;
mod tables;
mod topic;

pub use archive::{Retention, S3Archive, open_archive};
pub use declared::{Resource, SINKS, SinkCall, SinkInfo, info, statements};
pub use kms::KmsKey;
pub use open::open;
