//! What belongs on a model's card: what was registered of how it was made, and what its manifest says of its use.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is said of a model, as against what was seen of it: free text of those who registered and declared it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CardRow {
    /// What generated it, as registered: usually a pipeline execution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated_by: Option<String>,
    /// Project, as registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// URI that it was registered from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Status of the model card in the registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Evaluation and baseline files that it points to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<CardFileRow>,
    /// Risk rating that its manifest declares: `low`, `medium` or `high`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<String>,
    /// Class of the data that it takes, as its manifest declares it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_class: Option<String>,
    /// Whether these are personal data; absent where nobody declares it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal_data: Option<bool>,
    /// When it is not to be used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_for: Vec<String>,
    /// Segments for which its quality is watched apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<String>,
}

/// A file of metrics or baselines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CardFileRow {
    /// Where the package names it, such as `ModelMetrics.ModelQuality.Statistics`.
    pub role: String,
    /// URI.
    pub uri: String,
    /// Digest that the registry keeps, as it stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}
