//! Event selectors, classic and advanced, reduced to which management events a trail keeps.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html>

use std::collections::BTreeSet;

use aws_sdk_cloudtrail::operation::get_event_selectors::GetEventSelectorsOutput;
use aws_sdk_cloudtrail::types::{AdvancedEventSelector, AdvancedFieldSelector, EventSelector, ReadWriteType};

use crate::collect::Malformed;
use crate::evidence::ManagementEvents;

/// What a trail selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selected {
    pub(super) management: ManagementEvents,
    /// Sources that every selector of management events leaves out.
    pub(super) excluded_sources: Vec<String>,
}

/// One selector: reads, writes or both, without some sources. An event is kept if one selector selects it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Part {
    reads: bool,
    writes: bool,
    without: BTreeSet<String>,
}

/// Reduces the selectors of a trail.
///
/// # Errors
/// If there is none at all: a trail has a default selector.
pub(super) fn selected(arn: &str, given: &GetEventSelectorsOutput) -> Result<Selected, Malformed> {
    let advanced = given.advanced_event_selectors();
    let classic = given.event_selectors();
    if advanced.is_empty() && classic.is_empty() {
        let reason = "neither `EventSelectors` nor `AdvancedEventSelectors` is there".to_owned();
        return Err(Malformed { item: arn.to_owned(), reason });
    }
    // A trail has one kind or the other; `None` stands for a selector that says something unknown.
    let parts: Vec<Option<Part>> = if advanced.is_empty() {
        classic.iter().map(|selector| Some(self::classic(selector))).collect()
    } else {
        advanced.iter().map(self::advanced).collect()
    };
    Ok(union(&parts))
}

fn union(parts: &[Option<Part>]) -> Selected {
    let clear: Vec<&Part> = parts.iter().flatten().filter(|part| part.reads || part.writes).collect();
    let (reads, writes) = (clear.iter().any(|part| part.reads), clear.iter().any(|part| part.writes));
    // What matters are the writes: a selector of reads alone gives back no source that those of writes leave out.
    let telling = clear.iter().filter(|part| part.writes || !writes);
    let excluded =
        telling.map(|part| part.without.clone()).reduce(|all, more| all.intersection(&more).cloned().collect());
    let excluded = excluded.unwrap_or_default();
    let unclear = parts.iter().any(Option::is_none);
    let management = match (reads, writes) {
        // What is not understood may add what is missing.
        (_, writes) if unclear && (!writes || !excluded.is_empty()) => ManagementEvents::Unclear,
        (true, true) => ManagementEvents::All,
        (false, true) => ManagementEvents::WriteOnly,
        (true, false) => ManagementEvents::ReadOnly,
        (false, false) => ManagementEvents::None,
    };
    Selected { management, excluded_sources: excluded.into_iter().collect() }
}

fn classic(given: &EventSelector) -> Part {
    if given.include_management_events() == Some(false) {
        return Part::default();
    }
    let kind = given.read_write_type();
    Part {
        reads: kind != Some(&ReadWriteType::WriteOnly),
        writes: kind != Some(&ReadWriteType::ReadOnly),
        without: given.exclude_management_event_sources().iter().cloned().collect(),
    }
}

/// An advanced selector: all of its fields have to hold.
fn advanced(given: &AdvancedEventSelector) -> Option<Part> {
    let category = given.field_selectors().iter().find(|field| field.field() == "eventCategory")?;
    if !category.equals().iter().any(|value| value == "Management") {
        return only(category, Operator::Equals).then(Part::default);
    }
    let mut part = Part { reads: true, writes: true, without: BTreeSet::new() };
    for field in given.field_selectors() {
        let has = |values: &[String], value: &str| values.iter().any(|given| given == value);
        match field.field() {
            "eventCategory" if only(field, Operator::Equals) => {}
            "readOnly" if only(field, Operator::Equals) => {
                part.reads &= has(field.equals(), "true");
                part.writes &= has(field.equals(), "false");
            }
            "readOnly" if only(field, Operator::NotEquals) => {
                part.reads &= !has(field.not_equals(), "true");
                part.writes &= !has(field.not_equals(), "false");
            }
            "eventSource" if only(field, Operator::NotEquals) => {
                part.without.extend(field.not_equals().iter().cloned());
            }
            _ => return None,
        }
    }
    Some(part)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equals,
    NotEquals,
}

/// Whether a field is compared by this operator and by no other.
fn only(field: &AdvancedFieldSelector, operator: Operator) -> bool {
    let others = [field.starts_with(), field.ends_with(), field.not_starts_with(), field.not_ends_with()];
    let (equals, differs) = (!field.equals().is_empty(), !field.not_equals().is_empty());
    (equals, differs) == (operator == Operator::Equals, operator == Operator::NotEquals)
        && others.iter().all(|values| values.is_empty())
}

#[cfg(test)]
mod tests {
    use ManagementEvents::{All, None as Nothing, ReadOnly, Unclear, WriteOnly};

    use super::*;

    type Fields<'f> = &'f [(&'f str, &'f str, &'f [&'f str])];

    fn advanced(selectors: &[Fields<'_>]) -> Selected {
        let selector = |fields: Fields<'_>| {
            let fields = fields.iter().map(|(field, operator, values)| {
                let values = Some(values.iter().map(|value| (*value).to_owned()).collect());
                let given = AdvancedFieldSelector::builder().field(*field);
                match *operator {
                    "=" => given.set_equals(values),
                    "!=" => given.set_not_equals(values),
                    _ => given.set_starts_with(values),
                }
                .build()
                .unwrap()
            });
            AdvancedEventSelector::builder().set_field_selectors(Some(fields.collect())).build().unwrap()
        };
        let given = selectors.iter().map(|fields| selector(fields)).collect();
        selected("arn", &GetEventSelectorsOutput::builder().set_advanced_event_selectors(Some(given)).build()).unwrap()
    }

    fn classic(selectors: &[(&str, bool, &[&str])]) -> Selected {
        let given = selectors.iter().map(|(kind, management, without)| {
            EventSelector::builder()
                .read_write_type((*kind).into())
                .include_management_events(*management)
                .set_exclude_management_event_sources(Some(without.iter().map(|it| (*it).to_owned()).collect()))
                .build()
        });
        let given = GetEventSelectorsOutput::builder().set_event_selectors(Some(given.collect()));
        selected("arn", &given.build()).unwrap()
    }

    fn of(management: ManagementEvents, excluded: &[&str]) -> Selected {
        Selected { management, excluded_sources: excluded.iter().map(|it| (*it).to_owned()).collect() }
    }

    const KMS: &str = "kms.amazonaws.com";
    const RDS: &str = "rdsdata.amazonaws.com";
    const MANAGEMENT: (&str, &str, &[&str]) = ("eventCategory", "=", &["Management"]);

    #[test]
    fn classic_selectors_add_up() {
        assert_eq!(classic(&[("All", true, &[])]), of(All, &[]));
        assert_eq!(classic(&[("WriteOnly", true, &[KMS])]), of(WriteOnly, &[KMS]));
        assert_eq!(classic(&[("ReadOnly", true, &[]), ("WriteOnly", true, &[KMS])]), of(All, &[KMS]));
        assert_eq!(classic(&[("All", true, &[KMS, RDS]), ("All", true, &[KMS])]), of(All, &[KMS]));
        assert_eq!(classic(&[("All", false, &[])]), of(Nothing, &[]));
        assert_eq!(classic(&[("ReadOnly", true, &[])]), of(ReadOnly, &[]));
    }

    #[test]
    fn advanced_selectors_are_read_as_far_as_they_are_understood() {
        let writes = [MANAGEMENT, ("readOnly", "=", &["false"][..])];
        let odd = [MANAGEMENT, ("userIdentity.arn", "^", &["arn:aws:iam::1"][..])];
        assert_eq!(advanced(&[&[MANAGEMENT]]), of(All, &[]));
        assert_eq!(advanced(&[&writes]), of(WriteOnly, &[]));
        assert_eq!(advanced(&[&[MANAGEMENT, ("readOnly", "!=", &["false"])]]), of(ReadOnly, &[]));
        assert_eq!(advanced(&[&[MANAGEMENT, ("readOnly", "=", &["true", "false"])]]), of(All, &[]));
        assert_eq!(advanced(&[&[MANAGEMENT, ("eventSource", "!=", &[KMS])]]), of(All, &[KMS]));
        assert_eq!(advanced(&[&[("eventCategory", "=", &["Data"])]]), of(Nothing, &[]));
        assert_eq!(advanced(&[&odd]), of(Unclear, &[]));
        assert_eq!(advanced(&[&[MANAGEMENT, ("eventSource", "=", &["sagemaker.amazonaws.com"])]]), of(Unclear, &[]));
        assert_eq!(advanced(&[&odd, &writes]), of(WriteOnly, &[]), "what is understood suffices");
        assert_eq!(advanced(&[&odd, &[MANAGEMENT, ("eventSource", "!=", &[KMS])]]), of(Unclear, &[KMS]));
    }

    #[test]
    fn no_selector_at_all_is_no_answer() {
        selected("arn", &GetEventSelectorsOutput::builder().build()).unwrap_err();
    }
}
