//! The parts of CycloneDX 1.7 that are written, in its own names.
//!
//! Source: [CycloneDX 1.7](https://cyclonedx.org/docs/1.7/json/).

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Serialize;

use crate::report::escape::visible;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bom<'a> {
    #[serde(rename = "$schema")]
    pub(super) schema: &'static str,
    pub(super) bom_format: &'static str,
    pub(super) spec_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) serial_number: Option<String>,
    pub(super) version: u32,
    pub(super) metadata: Metadata<'a>,
    pub(super) components: Vec<Component<'a>>,
    pub(super) services: Vec<Service<'a>>,
    pub(super) dependencies: Vec<Dependency>,
    pub(super) compositions: Vec<Composition>,
}

#[derive(Serialize)]
pub(super) struct Metadata<'a> {
    pub(super) timestamp: Timestamp,
    pub(super) lifecycles: [Lifecycle; 1],
    pub(super) tools: Tools<'a>,
    pub(super) component: Component<'a>,
    pub(super) properties: Properties,
}

#[derive(Serialize)]
pub(super) struct Lifecycle {
    pub(super) phase: &'static str,
}

#[derive(Serialize)]
pub(super) struct Tools<'a> {
    pub(super) components: [Component<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Component<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(rename = "bom-ref", skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<Cow<'a, str>>,
    pub(super) name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) hashes: Vec<Hash>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) purl: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pedigree: Option<Pedigree<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) external_references: Vec<ExternalReference<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model_card: Option<ModelCard<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) data: Vec<Data<'a>>,
    #[serde(skip_serializing_if = "Properties::is_empty")]
    pub(super) properties: Properties,
}

impl<'a> Component<'a> {
    /// A component with a name and nothing else.
    pub(super) fn new(kind: &'static str, reference: Option<String>, name: Cow<'a, str>) -> Self {
        Self {
            kind,
            reference,
            group: None,
            name,
            version: None,
            description: None,
            hashes: Vec::new(),
            purl: None,
            pedigree: None,
            external_references: Vec::new(),
            model_card: None,
            data: Vec::new(),
            properties: Properties::default(),
        }
    }
}

/// The longest version that CycloneDX takes, in characters.
const LONGEST: usize = 1024;

/// A version as CycloneDX takes it; one that is longer is left out, for half of it would be another.
pub(super) fn version(text: &str) -> Option<Cow<'_, str>> {
    Some(visible(text)).filter(|text| !text.is_empty() && text.chars().count() <= LONGEST)
}

#[derive(Clone, PartialEq, Eq, Serialize)]
pub(super) struct Hash {
    pub(super) alg: &'static str,
    pub(super) content: String,
}

#[derive(Serialize)]
pub(super) struct Pedigree<'a> {
    pub(super) commits: [Commit<'a>; 1],
}

#[derive(Serialize)]
pub(super) struct Commit<'a> {
    pub(super) uid: Cow<'a, str>,
}

#[derive(Serialize)]
pub(super) struct ExternalReference<'a> {
    pub(super) url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) comment: Option<Cow<'a, str>>,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) hashes: Vec<Hash>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ModelCard<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) quantitative_analysis: Option<QuantitativeAnalysis<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) considerations: Option<Considerations<'a>>,
    #[serde(skip_serializing_if = "Properties::is_empty")]
    pub(super) properties: Properties,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct QuantitativeAnalysis<'a> {
    pub(super) performance_metrics: Vec<PerformanceMetric<'a>>,
}

#[derive(Serialize)]
pub(super) struct PerformanceMetric<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Cow<'a, str>,
    pub(super) value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Considerations<'a> {
    pub(super) technical_limitations: Vec<Cow<'a, str>>,
}

/// What a component of type `data` holds.
#[derive(Serialize)]
pub(super) struct Data<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) contents: Option<Contents>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) classification: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
pub(super) struct Contents {
    pub(super) url: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Service<'a> {
    #[serde(rename = "bom-ref")]
    pub(super) reference: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) provider: Option<Provider>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<String>,
    pub(super) name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) endpoints: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) authenticated: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) data: Vec<Flow<'a>>,
    #[serde(skip_serializing_if = "Properties::is_empty")]
    pub(super) properties: Properties,
}

#[derive(Serialize)]
pub(super) struct Provider {
    pub(super) name: &'static str,
    pub(super) url: [&'static str; 1],
}

/// Data that go through a service. The library of CycloneDX itself reads no more of them than this.
#[derive(Serialize)]
pub(super) struct Flow<'a> {
    pub(super) flow: &'static str,
    pub(super) classification: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dependency {
    #[serde(rename = "ref")]
    pub(super) reference: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) depends_on: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Composition {
    pub(super) aggregate: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) assemblies: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) dependencies: Vec<String>,
}

/// What CycloneDX has no field for, below `countersign:`. A name may come several times.
#[derive(Default, Serialize)]
#[serde(transparent)]
pub(super) struct Properties(Vec<Property>);

#[derive(Serialize)]
struct Property {
    name: String,
    value: String,
}

impl Properties {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds one.
    pub(super) fn say(&mut self, name: &str, value: &str) {
        self.0.push(Property { name: format!("countersign:{name}"), value: visible(value).into_owned() });
    }

    /// Adds one, if there is a value.
    pub(super) fn maybe(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.say(name, value);
        }
    }

    /// Says that something is not known.
    pub(super) fn unknown(&mut self, what: &str) {
        self.say("unknown", what);
    }
}
