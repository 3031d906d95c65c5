//! `[archive]`: where evidence is kept between runs.

use super::raw::Section;
use crate::archive::Place;

/// The longest retention: a century in days.
const LONGEST: i64 = 36_500;

/// `[archive]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveRules {
    /// Where it lies.
    pub location: Place,
    /// Role that reads and writes it; without one, the reader itself does.
    pub role_arn: Option<String>,
    /// External id that the role's trust policy asks for.
    pub external_id: Option<String>,
    /// Object Lock keeps what is written for so many days; `None` leaves that to the bucket's default.
    pub retain_days: Option<i64>,
    /// Whether nobody at all can shorten the retention.
    pub compliance: bool,
}

impl ArchiveRules {
    /// Kept there, by nobody but whoever runs, and as long as the place keeps it.
    pub fn at(location: Place) -> Self {
        Self { location, role_arn: None, external_id: None, retain_days: None, compliance: false }
    }
}

/// Reads the section; without a location there is no archive.
pub(super) fn read(mut section: Section<'_>) -> Option<ArchiveRules> {
    let advice = "write `s3://bucket/prefix`, or the path of a folder";
    let location = section
        .take("location")
        .and_then(|value| value.parsed("a folder or a prefix of a bucket", advice, Place::parse));
    let role = section.take("role_arn");
    let role_arn = role.and_then(|value| {
        let advice = "write it like `arn:aws:iam::111122223333:role/evidence-writer`";
        value.parsed("the ARN of a role", advice, |text| {
            (text.starts_with("arn:aws") && text.contains(":role/")).then(|| text.to_owned())
        })
    });
    let external_id = section.text("external_id");
    let retain_days = section.whole("retain_days", 0..=LONGEST).filter(|days| *days > 0);
    let mode = section.take("retention").and_then(|value| {
        value.parsed("`governance` or `compliance`", "write one of the two", |text| match text {
            "governance" => Some(false),
            "compliance" => Some(true),
            _ => None,
        })
    });
    section.finish(|_| None);
    Some(ArchiveRules { location: location?, role_arn, external_id, retain_days, compliance: mode.unwrap_or(false) })
}
