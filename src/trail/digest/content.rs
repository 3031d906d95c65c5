//! The content of a digest or log file, in the words of the reference where it has none.

use super::state::Fault;
use crate::trail::gzip::{GzipError, Inflater, is_gzip};

/// Unpacks a file; `damaged` says what the reference calls one that is cut off.
pub(super) fn unpack(file: &[u8], damaged: Fault) -> Result<Vec<u8>, Fault> {
    if !is_gzip(file) {
        return Err(Fault::Format("it is not packed with gzip".to_owned()));
    }
    Inflater::default().inflate(file).map(<[u8]>::to_vec).map_err(|error| match error {
        GzipError::Damaged => damaged,
        GzipError::Trailing => Fault::Trailing,
        GzipError::TooLarge(_) => Fault::Format(error.to_string()),
    })
}
