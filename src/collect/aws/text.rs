//! Small steps from SDK values to ours.

use aws_sdk_s3::types::EncodingType;
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use rust_decimal::Decimal;

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

/// An exact number, in either notation.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    text.parse().ok().or_else(|| Decimal::from_scientific(text).ok())
}

/// A number that AWS sends as floating point, with the digits that it was written with.
pub(crate) fn decimal_of(number: f64) -> Option<Decimal> {
    // The shortest text that gives the same number is what was written, for every number of up to 15 digits.
    decimal(&number.to_string())
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

/// A key as it was given; S3 encodes keys for answers in XML, which cannot carry every character.
///
/// # Errors
/// If what was encoded is not UTF-8, as every key is.
pub(crate) fn decoded(key: &str, encoding: Option<&EncodingType>) -> Result<String, Malformed> {
    if encoding != Some(&EncodingType::Url) {
        return Ok(key.to_owned());
    }
    unescaped(key, b' ').ok_or_else(|| Malformed { item: key.to_owned(), reason: "its key is not UTF-8".to_owned() })
}

/// Text as it was given, of which IAM's answers percent-encode a document. `None` if it was no UTF-8.
/// Source: <https://datatracker.ietf.org/doc/html/rfc3986#section-2.1>
pub(crate) fn percent_decoded(text: &str) -> Option<String> {
    unescaped(text, b'+')
}

/// Undoes percent-encoding; `plus` is what a plus sign stands for.
fn unescaped(text: &str, plus: u8) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let code = if byte == b'%' { hexadecimal(ahead.next()).zip(hexadecimal(ahead.next())) } else { None };
        match (byte, code) {
            (_, Some((high, low))) => {
                bytes.push(high * 16 + low);
                rest = ahead;
            }
            (b'+', None) => bytes.push(plus),
            (byte, None) => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok()
}

fn hexadecimal(digit: Option<u8>) -> Option<u8> {
    char::from(digit?).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_beyond_the_calendar_are_none() {
        assert_eq!(instant(Some(&DateTime::from_secs(0))), Some(Timestamp::UNIX_EPOCH));
        assert_eq!(instant(Some(&DateTime::from_secs(i64::MAX))), None);
        assert_eq!(instant(None), None);
    }

    #[test]
    fn numbers_are_exact_as_they_were_written() {
        for (written, expected) in [("0.1", "0.1"), (" -12.50", "-12.50"), ("1.2E-7", "0.00000012"), ("7e2", "700")] {
            assert_eq!(decimal(written).unwrap().to_string(), expected, "{written}");
        }
        assert_eq!((decimal("much"), decimal(""), decimal("NaN")), (None, None, None));
        assert_eq!(decimal_of(80.1).unwrap().to_string(), "80.1");
        assert_eq!((decimal_of(f64::NAN), decimal_of(f64::INFINITY)), (None, None));
    }

    #[test]
    fn an_arn_says_whose_and_where() {
        let arn = "arn:aws:sagemaker:eu-central-1:111122223333:model-package/fraud/7";
        assert_eq!(arn_place(arn), Some(("111122223333", "eu-central-1")));
        assert_eq!(arn_place("arn:aws:s3:::bucket"), None);
        assert_eq!(arn_place("fraud"), None);
    }

    #[test]
    fn an_empty_member_is_as_good_as_none() {
        assert_eq!(text(Some("")), None);
        assert!(required("it", "Name", Some("")).is_err());
    }
}
