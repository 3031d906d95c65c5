//! Writing to AWS.

mod archive;
mod kms;

pub use archive::{Retention, S3Archive};
pub use kms::KmsKey;
