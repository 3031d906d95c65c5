//! Small steps from SDK values to ours.

use aws_smithy_types::DateTime;
use jiff::Timestamp;

use crate::collect::Malformed;

/// A member that the API always gives.
///
/// # Errors
/// If it is missing or empty; `item` is what it should have belonged to.
pub(crate) fn required(item: &str, member: &str, value: Option<&str>) -> Result<String, Malformed> {
    value
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
        .ok_or_else(|| Malformed { item: item.to_owned(), reason: format!("`{member}` is missing") })
}

/// An instant; one beyond the calendar is as good as none.
pub(crate) fn instant(time: Option<&DateTime>) -> Option<Timestamp> {
    let time = time?;
    let nanoseconds = i32::try_from(time.subsec_nanos()).ok()?;
    Timestamp::new(time.secs(), nanoseconds).ok()
}

/// A text; an empty one is as good as none.
pub(crate) fn text(value: Option<&str>) -> Option<String> {
    value.filter(|value| !value.is_empty()).map(str::to_owned)
}

/// An item that does not even say its name.
pub(crate) fn nameless(item: &str) -> Malformed {
    Malformed { item: item.to_owned(), reason: "it carries no name".to_owned() }
}

/// Account and region of an ARN, where it says both.
pub(crate) fn arn_place(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.split(':');
    let region = parts.nth(3).filter(|region| !region.is_empty())?;
    let account = parts.next().filter(|account| !account.is_empty())?;
    Some((account, region))
}
