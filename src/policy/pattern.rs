//! The forms that names, patterns, accounts and regions have.

use super::Selector;

/// What to write where a pattern is wrong.
pub(crate) const ADVICE: &str = "use letters, digits and hyphens, with `*` for any text and `?` for one character";

/// Whether SageMaker could give something this name.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 63 && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
}

/// Whether the pattern could match a name at all.
pub(crate) fn is_pattern(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '*' | '?'))
}

/// Whether it is an account.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|digit| digit.is_ascii_digit())
}

/// Whether it has the form of a region, such as `eu-central-1` or `us-gov-west-1`.
pub(crate) fn is_region(text: &str) -> bool {
    let mut parts: Vec<&str> = text.split('-').collect();
    let number = parts.pop().unwrap_or_default();
    parts.len() >= 2
        && parts.iter().all(|part| part.len() >= 2 && part.bytes().all(|letter| letter.is_ascii_lowercase()))
        && (1..=2).contains(&number.len())
        && number.bytes().all(|digit| digit.is_ascii_digit())
}

impl Selector {
    /// Reads a selector: a name pattern, or `tag:key=value`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(tag) = text.strip_prefix("tag:") {
            let (key, value) = tag.split_once('=')?;
            let (key, value) = (key.trim(), value.trim());
            return (!key.is_empty() && !value.is_empty())
                .then(|| Self::Tag { key: key.to_owned(), value: value.to_owned() });
        }
        is_pattern(text).then(|| Self::Name(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_names_or_tags() {
        let tag = |key: &str, value: &str| Some(Selector::Tag { key: key.into(), value: value.into() });
        for (text, expected) in [
            ("fraud-*", Some(Selector::Name("fraud-*".into()))),
            ("tag:team=risk", tag("team", "risk")),
            ("tag:aws:x=a=b", tag("aws:x", "a=b")),
            ("tag:team=*", tag("team", "*")),
            ("tag:team", None),
            ("tag:=risk", None),
            ("tag:team=", None),
            ("fraud_*", None),
            ("", None),
        ] {
            assert_eq!(Selector::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn regions_have_a_form() {
        for region in ["us-east-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1", "us-isob-east-1", "ap-southeast-7"]
        {
            assert!(is_region(region), "{region}");
        }
        for region in ["", "us-east", "us-east-1a", "US-EAST-1", "us east 1", "frankfurt", "eu-central-", "-1"] {
            assert!(!is_region(region), "{region}");
        }
    }
}
