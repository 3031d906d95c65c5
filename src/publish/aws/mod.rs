//! Writing to AWS.

mod archive;

pub use archive::{Retention, S3Archive};
