//! The top-level members of a record that decide whether it is asked for; the rest is passed over unread.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What of a record decides whether it is asked for. A member that is no text counts as absent; of one that is there
/// twice, the last counts, as in every JSON reader that builds a map.
#[derive(Debug, Default)]
pub(super) struct Head<'t> {
    pub(super) id: Option<Cow<'t, str>>,
    pub(super) name: Option<Cow<'t, str>>,
    pub(super) source: Option<Cow<'t, str>>,
    pub(super) time: Option<Cow<'t, str>>,
    pub(super) region: Option<Cow<'t, str>>,
    pub(super) account: Option<Cow<'t, str>>,
    /// Whether the call failed.
    pub(super) failed: bool,
    /// Whether the call changed nothing by its nature.
    pub(super) read_only: bool,
}

impl<'de> Deserialize<'de> for Head<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeadVisitor)
    }
}

struct HeadVisitor;

impl<'de> Visitor<'de> for HeadVisitor {
    type Value = Head<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut head = Head::default();
        let (mut code, mut message) = (None, None);
        while let Some(member) = members.next_key::<Member>()? {
            let place = match member {
                Member::Id => &mut head.id,
                Member::Name => &mut head.name,
                Member::Source => &mut head.source,
                Member::Time => &mut head.time,
                Member::Region => &mut head.region,
                Member::Account => &mut head.account,
                Member::ErrorCode => &mut code,
                Member::ErrorMessage => &mut message,
                Member::ReadOnly => {
                    head.read_only = members.next_value::<Scalar<'de>>()?.is_true();
                    continue;
                }
                Member::Other => {
                    members.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *place = members.next_value::<Scalar<'de>>()?.text();
        }
        head.failed = code.is_some() || message.is_some();
        Ok(head)
    }
}

/// The members that matter.
enum Member {
    Id,
    Name,
    Source,
    Time,
    Region,
    Account,
    ErrorCode,
    ErrorMessage,
    ReadOnly,
    Other,
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl Visitor<'_> for Name {
            type Value = Member;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E>(self, name: &str) -> Result<Member, E> {
                Ok(match name {
                    "eventID" => Member::Id,
                    "eventName" => Member::Name,
                    "eventSource" => Member::Source,
                    "eventTime" => Member::Time,
                    "awsRegion" => Member::Region,
                    "recipientAccountId" => Member::Account,
                    "errorCode" => Member::ErrorCode,
                    "errorMessage" => Member::ErrorMessage,
                    "readOnly" => Member::ReadOnly,
                    _ => Member::Other,
                })
            }
        }
        deserializer.deserialize_identifier(Name)
    }
}

/// A text or a truth value; anything else is passed over.
enum Scalar<'t> {
    Text(Cow<'t, str>),
    True,
    Other,
}

impl<'t> Scalar<'t> {
    fn is_true(&self) -> bool {
        matches!(self, Self::True) || matches!(self, Self::Text(text) if text == "true")
    }

    /// A text that is not empty.
    fn text(self) -> Option<Cow<'t, str>> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Scalar<'de>, E> {
        Ok(if value { Scalar::True } else { Scalar::Other })
    }

    fn visit_i64<E>(self, _: i64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Other)
    }

    fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Scalar<'de>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Scalar<'de>, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_however_they_are_written() {
        let head: Head<'_> = serde_json::from_str(
            r#"{ "event\u0053ource" : "sage\u006daker.amazonaws.com", "requestParameters": {"eventName": "no"},
                "eventName":"first", "eventName" : "last", "eventID": 7, "eventTime": {"a": [1, null]}, "awsRegion": "",
                "readOnly": true, "errorCode": null }"#,
        )
        .unwrap();
        assert_eq!(head.source.as_deref(), Some("sagemaker.amazonaws.com"));
        assert_eq!(head.name.as_deref(), Some("last"));
        assert_eq!((head.id, head.time, head.region, head.account), (None, None, None, None));
        assert!(head.read_only && !head.failed);
    }

    #[test]
    fn only_an_object_is_a_record() {
        for text in ["[]", "7", "\"x\"", "null", "{\"a\":}", "{\"a\":1,}"] {
            assert!(serde_json::from_str::<Head<'_>>(text).is_err(), "{text}");
        }
    }
}
