//! One entry of a report, as any of the monitors writes it.

use std::fmt;

use serde::Deserialize;
use serde::de::{Error, Visitor};

use crate::evidence::Violation;

/// The longest text that is kept of a member, in characters.
const LONGEST: usize = 2_000;

/// One entry, before it is known which monitor wrote it.
#[derive(Debug, Deserialize)]
#[serde(expecting = "a violation")]
pub(super) struct Entry {
    feature_name: Option<Text>,
    metric_name: Option<Text>,
    label: Option<Text>,
    facet: Option<Text>,
    facet_value: Option<Text>,
    constraint_check_type: Option<Text>,
    description: Option<Text>,
}

impl Entry {
    /// What it says. `number` counts the entries of the file from 1.
    ///
    /// # Errors
    /// If it says neither what it is about nor what was checked.
    pub(super) fn violation(self, number: usize) -> Result<Violation, String> {
        let Self { feature_name, metric_name, label, facet, facet_value, constraint_check_type, description } = self;
        let given = |text: Option<Text>| text.map(|Text(text)| text).filter(|text| !text.is_empty());
        // A metric of one label is named with it: two labels of one metric are two violations.
        let metric = match (given(metric_name), given(label)) {
            (Some(metric), Some(label)) => Some(format!("{metric} of {label}")),
            (metric, label) => metric.or(label),
        };
        let feature = given(feature_name).or(metric);
        let facet = given(facet).map(|facet| match given(facet_value) {
            Some(value) => format!("{facet}={value}"),
            None => facet,
        });
        let missing = |members: &str| format!("violation {number} has no {members}");
        Ok(Violation {
            feature: feature.ok_or_else(|| missing("`feature_name`, `metric_name` or `label`"))?,
            facet,
            check: given(constraint_check_type).ok_or_else(|| missing("`constraint_check_type`"))?,
            description: given(description).unwrap_or_default(),
        })
    }
}

/// A text; containers of one's own write numbers and truth values, too, for the value of a facet. Cut where it is too long.
#[derive(Debug)]
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Given;
        impl Visitor<'_> for Given {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(match text.char_indices().nth(LONGEST) {
                    Some((end, _)) => text.get(..end).unwrap_or_default().to_owned() + "…",
                    None => text.to_owned(),
                }))
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Text, E> {
                Ok(Text(value.to_string()))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Text, E> {
                Ok(Text(value.to_string()))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Text, E> {
                Ok(Text(value.to_string()))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Text, E> {
                Ok(Text(value.to_string()))
            }
        }
        deserializer.deserialize_any(Given)
    }
}
