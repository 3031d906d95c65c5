//! Lists as long as what they hold. A list grows while it is read and is never added to afterwards; what it grew too far
//! would be a third of the memory of a large snapshot.

use serde::{Deserialize, Deserializer};

/// Reads a list and gives back the room that it does not need.
pub(super) fn exact<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let mut list = Vec::deserialize(deserializer)?;
    list.shrink_to_fit();
    Ok(list)
}
