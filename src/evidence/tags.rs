//! Tags, as they hang on one resource.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Tag key to value. Keys are case-sensitive, as AWS's are.
pub type Tags = BTreeMap<String, String>;

/// The tags of one resource, read completely: a key that is not here is not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceTags {
    /// ARN of the resource, as AWS gave it.
    pub arn: String,
    /// Its tags.
    pub tags: Tags,
}
