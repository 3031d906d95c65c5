//! Objects: evidence under the name of its hash.

use std::fmt;
use std::io::Read;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ArchiveError;
use crate::sha256::Sha256;
use crate::store::{Store, StoreError, StoreErrorKind};

/// Level of compression: small, at the speed of a network.
const LEVEL: i32 = 6;

/// A SHA-256. As text it is `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(Sha256);

impl Hash {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::of(bytes))
    }

    /// The digits alone.
    pub fn hex(&self) -> String {
        self.0.to_string()
    }

    /// Reads 64 hexadecimal digits in lower case, with or without `sha256:`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("sha256:").unwrap_or(text);
        let hash = Sha256::from_hex(digits).map(Self)?;
        // One spelling only: the hash is part of what is hashed again.
        (hash.hex() == digits).then_some(hash)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not `sha256:` and 64 digits")))
    }
}

/// Names an object by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ref {
    /// SHA-256 of the JSON.
    pub hash: Hash,
    /// Length of the JSON in bytes.
    pub size: u64,
}

impl Ref {
    /// What names this content.
    pub fn of(content: &[u8]) -> Self {
        Self { hash: Hash::of(content), size: content.len() as u64 }
    }

    /// Where it lies.
    pub fn key(&self) -> String {
        key(&self.hash)
    }
}

/// The folder of all objects.
pub(super) const FOLDER: &str = "objects/sha256/";

const EXTENSION: &str = ".json.zst";

fn key(hash: &Hash) -> String {
    let hex = hash.hex();
    let (shelf, _) = hex.split_at(2);
    format!("{FOLDER}{shelf}/{hex}{EXTENSION}")
}

/// The hash that a key names, if it is the key of an object.
pub(super) fn named_by(key_of_object: &str) -> Option<Hash> {
    let (_, name) = key_of_object.rsplit_once('/')?;
    Hash::parse(name.strip_suffix(EXTENSION)?).filter(|hash| key(hash) == key_of_object)
}

/// What is wrong with an object that should be there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum ObjectError {
    /// It is not there.
    #[error("`{0}` is missing")]
    Missing(String),
    /// Its content is not the one that its name promises.
    #[error("`{0}` is damaged: its content is not what its name says")]
    Damaged(String),
    /// It is what it was, but this version does not understand it.
    #[error("`{key}` cannot be read by this version: {message}")]
    Foreign {
        /// Its key.
        key: String,
        /// What was not understood.
        message: String,
    },
}

/// Why an object was not read.
#[derive(Debug)]
pub(super) enum Unread {
    /// The store refused.
    Store(StoreError),
    /// The object is at fault.
    Object(ObjectError),
}

impl Unread {
    pub(super) fn into_error(self, store: &dyn Store) -> ArchiveError {
        match self {
            Self::Store(error) => error.into(),
            Self::Object(object) => ArchiveError::Object { archive: store.name(), object },
        }
    }
}

/// Reads an object and holds it against its name.
pub(super) fn get(store: &dyn Store, wanted: &Ref) -> Result<Vec<u8>, Unread> {
    let key = wanted.key();
    let held = match store.get(&key) {
        Ok(object) => object.bytes,
        Err(error) if error.kind == StoreErrorKind::NotFound => return Err(Unread::Object(ObjectError::Missing(key))),
        Err(error) => return Err(Unread::Store(error)),
    };
    unpack(&held, wanted).ok_or(Unread::Object(ObjectError::Damaged(key)))
}

/// Reads an object as what it should hold.
pub(super) fn read<T: serde::de::DeserializeOwned>(store: &dyn Store, wanted: &Ref) -> Result<T, Unread> {
    parse(&get(store, wanted)?, wanted).map_err(Unread::Object)
}

/// Reads the content of an object as what it should hold.
pub(super) fn parse<T: serde::de::DeserializeOwned>(content: &[u8], from: &Ref) -> Result<T, ObjectError> {
    let foreign = |error: serde_json::Error| ObjectError::Foreign { key: from.key(), message: error.to_string() };
    serde_json::from_slice(content).map_err(foreign)
}

/// Keeps a content, unless it is kept already. What was damaged since is put right.
pub(super) fn put(store: &dyn Store, content: &[u8]) -> Result<Ref, StoreError> {
    let name = Ref::of(content);
    let key = name.key();
    let packed = zstd::encode_all(content, LEVEL).map_err(|error| StoreError {
        verb: "write",
        place: key.clone(),
        kind: StoreErrorKind::Other,
        message: format!("zstd: {error}"),
    })?;
    match store.put_new(&key, &packed) {
        Ok(_) => Ok(name),
        Err(error) if error.kind == StoreErrorKind::Exists => {
            let held = store.get(&key)?;
            if unpack(&held.bytes, &name).is_none() {
                store.replace(&key, &packed, &held.tag)?;
            }
            Ok(name)
        }
        Err(error) => Err(error),
    }
}

/// The content, if it is the one that was named. Never unpacks more than was named: whoever may write to the archive
/// could have put a bomb there.
fn unpack(packed: &[u8], wanted: &Ref) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    let limit = wanted.size.checked_add(1)?;
    zstd::stream::read::Decoder::new(packed).ok()?.take(limit).read_to_end(&mut content).ok()?;
    (Ref::of(&content) == *wanted).then_some(content)
}

/// The content of an object of which only the name is known. `limit` bytes of it at most.
pub(super) fn unpack_any(packed: &[u8], hash: &Hash, limit: u64) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    zstd::stream::read::Decoder::new(packed).ok()?.take(limit).read_to_end(&mut content).ok()?;
    (Hash::of(&content) == *hash).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Folder;

    #[test]
    fn a_hash_reads_what_it_writes() {
        let hash = Hash::of(b"");
        let text = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hash.to_string(), text);
        assert_eq!((Hash::parse(text), Hash::parse(&hash.hex())), (Some(hash), Some(hash)));
        for wrong in ["", "sha256:", "sha256:E3B0", &text.to_uppercase(), &format!("{text}0"), &"é".repeat(32)] {
            assert_eq!(Hash::parse(wrong), None, "{wrong}");
        }
        assert_eq!(named_by(&Ref::of(b"x").key()), Some(Hash::of(b"x")));
        assert_eq!(named_by(&Ref::of(b"x").key().replace("/2d/", "/2e/")), None, "on the wrong shelf");
    }

    #[test]
    fn what_is_kept_is_read_again_and_kept_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(folder.path());
        let name = put(&store, b"[1,2]").unwrap();
        assert_eq!(put(&store, b"[1,2]").unwrap(), name);
        assert_eq!(read::<Vec<u8>>(&store, &name).unwrap(), [1, 2]);
        let error = read::<String>(&store, &name).unwrap_err();
        assert!(matches!(error, Unread::Object(ObjectError::Foreign { .. })), "{error:?}");
    }

    #[test]
    fn what_was_damaged_is_noticed_and_put_right_when_it_is_seen_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(folder.path());
        let name = put(&store, b"[1,2]").unwrap();
        let file = folder.path().join(name.key());
        for bytes in [b"".to_vec(), b"[1,2]".to_vec(), zstd::encode_all(vec![b'1'; 1 << 20].as_slice(), 1).unwrap()] {
            std::fs::write(&file, bytes).unwrap();
            assert!(matches!(get(&store, &name), Err(Unread::Object(ObjectError::Damaged(_)))));
        }
        put(&store, b"[1,2]").unwrap();
        assert_eq!(get(&store, &name).unwrap(), b"[1,2]");
        std::fs::remove_file(file).unwrap();
        assert!(matches!(get(&store, &name), Err(Unread::Object(ObjectError::Missing(_)))));
    }
}
