//! Parameters of a call, as a recording holds them: tens of thousands of small objects, so they are kept in exactly as
//! much memory as they need. A node of a B-tree, which `serde_json::Value` would take for an object of one member, has
//! room for eleven.

use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Number, Value};

/// Parameters by name, sorted. As JSON it is an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(Box<[(Box<str>, Parameter)]>);

/// The value of one parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(Box<str>),
    /// Several.
    List(Box<[Parameter]>),
    /// An object.
    Object(Parameters),
}

impl Parameters {
    /// A parameter by its exact name.
    pub fn get(&self, name: &str) -> Option<&Parameter> {
        let at = self.0.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// Sets a text.
    #[cfg(test)]
    pub(crate) fn insert(&mut self, name: &str, text: &str) {
        let all = std::mem::take(&mut self.0).into_vec().into_iter();
        *self = all.chain([(name.into(), Parameter::Text(text.into()))]).collect();
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names with values, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Parameter)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }
}

impl Parameter {
    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The values, if it is a list.
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(values) => Some(values),
            _ => None,
        }
    }

    /// A member by its exact name, if it is an object.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.get(name),
            _ => None,
        }
    }
}

impl<N: Into<Box<str>>, V: Into<Parameter>> FromIterator<(N, V)> for Parameters {
    /// Of two parameters of one name the later one counts.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(given: I) -> Self {
        let mut all: Vec<(Box<str>, Parameter)> = given.into_iter().map(|(n, v)| (n.into(), v.into())).collect();
        all.reverse();
        all.sort_by(|(a, _), (b, _)| a.cmp(b));
        all.dedup_by(|(a, _), (b, _)| a == b);
        Self(all.into_boxed_slice())
    }
}

impl From<Value> for Parameter {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(value) => Self::Number(value),
            Value::String(text) => Self::Text(text.into()),
            Value::Array(values) => Self::List(values.into_iter().map(Self::from).collect()),
            Value::Object(members) => Self::Object(members.into_iter().collect()),
        }
    }
}

impl Serialize for Parameters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Serialize for Parameter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => value.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(values) => serializer.collect_seq(values.iter()),
            Self::Object(members) => members.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Parameters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Parameters;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parameters, A::Error> {
                let mut all = Vec::new();
                while let Some(entry) = map.next_entry::<Box<str>, Parameter>()? {
                    all.push(entry);
                }
                Ok(all.into_iter().collect())
            }
        }
        deserializer.deserialize_map(Members)
    }
}

impl<'de> Deserialize<'de> for Parameter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Parameter;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON value")
            }

            fn visit_unit<E>(self) -> Result<Parameter, E> {
                Ok(Parameter::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Parameter, E> {
                Ok(Parameter::Bool(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Parameter, E> {
                Ok(Parameter::Number(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Parameter, E> {
                Ok(Parameter::Number(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Parameter, E> {
                Ok(Number::from_f64(value).map_or(Parameter::Null, Parameter::Number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Parameter, E> {
                Ok(Parameter::Text(text.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Parameter, A::Error> {
                let mut all = Vec::new();
                while let Some(value) = seq.next_element()? {
                    all.push(value);
                }
                Ok(Parameter::List(all.into_boxed_slice()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Parameter, A::Error> {
                Parameters::deserialize(serde::de::value::MapAccessDeserializer::new(map)).map(Parameter::Object)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_the_json_that_they_were() {
        let text = r#"{"a":[1,-2,0.5,null,true],"b":{"c":"d","e":{}},"f":"g"}"#;
        let given: Parameters = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&given).unwrap(), text);
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(Parameter::from(value), Parameter::Object(given.clone()));
        assert_eq!(given.get("b").unwrap().get("c").unwrap().as_str(), Some("d"));
        assert_eq!((given.get("a").unwrap().as_list().map(<[_]>::len), given.get("z")), (Some(5), None));
    }

    #[test]
    fn of_two_of_one_name_the_later_one_counts() {
        let given: Parameters = serde_json::from_str(r#"{"b":1,"a":2,"b":3}"#).unwrap();
        assert_eq!(serde_json::to_string(&given).unwrap(), r#"{"a":2,"b":3}"#);
    }
}
