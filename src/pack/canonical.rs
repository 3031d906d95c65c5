//! The one zip file that a set of files makes.

use std::io::{self, Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::Files;

/// A pack of more than this is not read.
const MOST: u64 = 1 << 30;

/// Writes files, sorted by name, stored, without times.
///
/// # Errors
/// If a file is too large for the format.
pub(super) fn write(files: &Files) -> io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    for (name, bytes) in files {
        zip.start_file(name.as_str(), options)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// Why a container is not read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ContainerFault {
    /// Not a zip, or cut off.
    #[error("not a complete zip file: {0}")]
    NotAZip(String),
    /// A zip, but not the one that its files make.
    #[error("byte {at} of the file is not what its contents make{}", within(file.as_ref()))]
    NotCanonical {
        /// Offset from 0.
        at: usize,
        /// The file in which, or before which, it lies.
        file: Option<String>,
    },
}

fn within(file: Option<&String>) -> String {
    file.map_or_else(String::new, |file| format!(", at `{file}`"))
}

/// Reads the files of a canonical zip.
///
/// # Errors
/// If it is not one, with the place of the first byte that is not as it should be.
pub(super) fn read(bytes: &[u8]) -> Result<Files, ContainerFault> {
    let broken = |error: &dyn std::fmt::Display| ContainerFault::NotAZip(error.to_string());
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    let (mut files, mut order, mut left) = (Files::new(), Vec::new(), MOST);
    for at in 0..zip.len() {
        let file = zip.by_index(at).map_err(|error| broken(&error))?;
        let name = file.name().map_err(|error| broken(&error))?.into_owned();
        order.push((file.header_start(), name.clone()));
        let mut content = Vec::new();
        file.take(left)
            .read_to_end(&mut content)
            .map_err(|error| ContainerFault::NotAZip(format!("`{name}`: {error}")))?;
        left = left.saturating_sub(content.len() as u64);
        files.insert(name, content);
    }
    let again = write(&files).map_err(|error| broken(&error))?;
    let differs = again.iter().zip(bytes).position(|(a, b)| a != b);
    match differs.or((again.len() != bytes.len()).then(|| again.len().min(bytes.len()))) {
        None => Ok(files),
        Some(at) => {
            let before = order.into_iter().filter(|(start, _)| *start <= at as u64).max();
            Err(ContainerFault::NotCanonical { at, file: before.map(|(_, name)| name) })
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn files() -> Files {
        [("a.json", "{}"), ("facts/x/0001.json", "[1,2]"), ("z", "")]
            .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
            .into()
    }

    #[test]
    fn what_is_written_is_read_and_only_that() {
        let bytes = write(&files()).unwrap();
        assert_eq!(read(&bytes), Ok(files()));
        assert_eq!(bytes, write(&files()).unwrap());
        assert!(matches!(read(b""), Err(ContainerFault::NotAZip(_))));
        assert!(matches!(read(b"{}"), Err(ContainerFault::NotAZip(_))));
    }

    #[test]
    fn every_byte_of_the_container_counts() {
        let bytes = write(&files()).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x01;
            assert!(read(&changed).is_ok_and(|read| read != files()) || read(&changed).is_err(), "byte {at}");
        }
        let longer = [bytes.as_slice(), b"\0"].concat();
        assert!(read(&longer).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            drop(read(&bytes));
        }
    }
}
