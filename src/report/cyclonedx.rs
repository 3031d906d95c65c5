//! `report.cdx.json`: a bill of materials of what serves, CycloneDX 1.7 (ECMA-424), for those who keep inventories of
//! software and models.
//!
//! | What | In CycloneDX |
//! |---|---|
//! | model version that serves | component `machine-learning-model`: group (the account and region of its registry), name, version, where its code came from, and a model card of what its manifest and its registration say |
//! | container image | component `container`, with the digest that runs |
//! | artifact | component `file`; a hash only where S3 keeps a SHA-256 or SHA-1 of the whole object, for an `ETag` is none |
//! | captured requests, declared feedback | component `data` |
//! | endpoint, live version | service; an endpoint depends on its live versions; batch transform jobs are one, too |
//!
//! A live version depends on its model version and on the images that it runs in, a model version on its artifacts. What
//! CycloneDX has no field for are properties that begin with `countersign:`: verdict, approval, grade, owner. What is not
//! known is left out, and named in a property `countersign:unknown`; the compositions say that nothing here is complete.
//!
//! The serial number is made of the document's own content, so the same report gives the same document.

use std::collections::BTreeMap;
use std::io::{self, Write};

use self::bom::{Bom, Component, Composition, Dependency, Lifecycle, Metadata, Properties, Tools, version};
use super::document::{LiveVersionRow, Report};
use super::escape::visible;
use super::json;
use crate::sha256::Sha256;

mod bom;
mod image;
mod model;
mod part;
mod reference;
mod service;

/// Down to which depth each item is on a line of its own: a component is a row.
const ROWS: usize = 2;

/// `bom-ref` of the estate as a whole.
const ESTATE: &str = "estate";

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut bom = bom(report);
    bom.serial_number = Some(serial_number(&serde_json::to_vec(&bom)?));
    json::write_rows(&bom, ROWS, out)
}

/// What depends on what, by `bom-ref`.
type Needs = BTreeMap<String, Vec<String>>;

/// Components by `bom-ref`: what several live versions share is there once.
type Components<'a> = BTreeMap<String, Component<'a>>;

fn bom(report: &Report) -> Bom<'_> {
    let (mut components, mut needs) = (Components::new(), Needs::new());
    let models = versions(report);
    for (reference, rows) in &models {
        let mut parts: Vec<String> = Vec::new();
        for live in rows {
            parts.extend(part::artifacts(live, &mut components));
            parts.extend(image::images(live, &mut components));
            needs.extend(part::data(live, &mut components).into_iter().map(|data| (data, Vec::new())));
        }
        components.insert(reference.clone(), model::component(reference, rows));
        needs.insert(reference.clone(), parts);
    }
    let services = service::services(report, &mut needs);
    // Whole are only endpoints: a live version is what one of them needs.
    let whole = services.iter().filter(|service| service.provider.is_some());
    let top = whole.map(|service| service.reference.clone()).collect();
    for reference in components.keys() {
        needs.entry(reference.clone()).or_default();
    }
    needs.insert(ESTATE.to_owned(), top);
    Bom {
        schema: "http://cyclonedx.org/schema/bom-1.7.schema.json",
        bom_format: "CycloneDX",
        spec_version: "1.7",
        serial_number: None,
        version: 1,
        metadata: metadata(report),
        components: components.into_values().collect(),
        services,
        dependencies: dependencies(needs),
        compositions: compositions(report, models.into_keys().collect()),
    }
}

/// Live versions by the model version that fills them.
fn versions(report: &Report) -> BTreeMap<String, Vec<&LiveVersionRow>> {
    let mut versions: BTreeMap<String, Vec<&LiveVersionRow>> = BTreeMap::new();
    for live in &report.live_versions {
        versions.entry(model::reference_of(live)).or_default().push(live);
    }
    versions
}

fn metadata(report: &Report) -> Metadata<'_> {
    let scope = &report.scope;
    let (tool, release) = report.tool.rsplit_once(' ').unwrap_or((&report.tool, ""));
    let mut application = Component::new("application", None, visible(tool));
    application.version = version(release);
    let places = format!("{} / {}", scope.accounts.join(", "), scope.regions.join(", "));
    let mut estate = Component::new("application", Some(ESTATE.to_owned()), "machine-learning estate".into());
    estate.description = Some(visible(&report.summary.headline));
    estate.group = Some(visible(&places).into_owned().into());
    let mut properties = Properties::default();
    properties.say("schema", &report.schema);
    properties.say("collected-at", &report.collected_at.to_string());
    properties.say("policy-sha256", &report.policy.hash);
    properties.say("gaps", &report.gaps.len().to_string());
    scope.focus.iter().for_each(|focus| properties.say("focus", focus));
    scope.left_out.iter().for_each(|out| properties.say("account-left-out", &format!("{}: {}", out.account, out.why)));
    report.exclusions.iter().for_each(|out| properties.say("excluded", &format!("{}: {}", out.id, out.rule)));
    scope.not_looked_at.iter().for_each(|what| properties.say("not-looked-at", what));
    report.summary.unread.iter().for_each(|place| properties.unknown(&format!("what serves in {place}")));
    Metadata {
        timestamp: report.as_of,
        lifecycles: [Lifecycle { phase: "operations" }],
        tools: Tools { components: [application] },
        component: estate,
        properties,
    }
}

/// Everything that is named, with what it needs; sorted.
fn dependencies(needs: Needs) -> Vec<Dependency> {
    let dependency = |(reference, mut depends_on): (String, Vec<String>)| {
        depends_on.sort();
        depends_on.dedup();
        Dependency { reference, depends_on }
    };
    needs.into_iter().map(dependency).collect()
}

/// How complete this is. Nobody can show that nothing else serves, nor what a model was trained on.
fn compositions(report: &Report, models: Vec<String>) -> Vec<Composition> {
    let scope = &report.scope;
    let left_out = !scope.left_out.is_empty() || !report.exclusions.is_empty() || !scope.focus.is_empty();
    let short = left_out || !report.summary.unread.is_empty();
    let estate = Composition {
        aggregate: if short { "incomplete" } else { "unknown" },
        assemblies: vec![ESTATE.to_owned()],
        dependencies: Vec::new(),
    };
    let models = Composition { aggregate: "unknown", assemblies: Vec::new(), dependencies: models };
    [estate, models].into_iter().filter(|it| !it.assemblies.is_empty() || !it.dependencies.is_empty()).collect()
}

/// A UUID of version 8 over the document without it.
///
/// Source: [RFC 9562, B.2](https://www.rfc-editor.org/rfc/rfc9562.html#name-example-of-a-uuidv8-value-n), which makes one of
/// SHA-256.
fn serial_number(document: &[u8]) -> String {
    let hash = *Sha256::of(document).as_bytes();
    let mut digits = String::from("urn:uuid:");
    for (at, byte) in hash.into_iter().take(16).enumerate() {
        let byte = match at {
            6 => byte & 0x0f | 0x80,
            8 => byte & 0x3f | 0x80,
            _ => byte,
        };
        if matches!(at, 4 | 6 | 8 | 10) {
            digits.push('-');
        }
        digits.push_str(&crate::sha256::hex(&[byte]));
    }
    digits
}

#[cfg(test)]
mod tests;
