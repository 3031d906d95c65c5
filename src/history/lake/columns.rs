//! Columns from a type that serde writes, by way of its JSON Schema: what is added to the type is a column as well.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, SchemaRef};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The columns of a type, in the order of their names.
///
/// # Errors
/// If it is no object, or holds what no column stands for.
pub(super) fn of<T: JsonSchema>() -> Result<SchemaRef, ArrowError> {
    let mut settings = SchemaSettings::draft2020_12().for_serialize();
    settings.inline_subschemas = true;
    let schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    Ok(Arc::new(Schema::new(fields(&schema)?)))
}

/// The properties of an object; those that it may lack are nullable.
fn fields(schema: &Value) -> Result<Fields, ArrowError> {
    let Some(properties) = schema["properties"].as_object() else { return Err(unknown(schema)) };
    let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
    let sorted: BTreeMap<&String, &Value> = properties.iter().collect();
    let field = |(name, property): (&String, &Value)| {
        let optional = !required.iter().any(|required| required == name);
        Ok(Field::new(name, kind(property)?, optional))
    };
    sorted.into_iter().map(field).collect()
}

fn kind(schema: &Value) -> Result<DataType, ArrowError> {
    // `T` or nothing.
    if let Some(either) = schema["anyOf"].as_array() {
        let mut some = either.iter().filter(|one| one["type"] != "null");
        let (Some(one), None) = (some.next(), some.next()) else { return Err(unknown(schema)) };
        return kind(one);
    }
    let kind = match &schema["type"] {
        Value::Array(either) => either.iter().find(|one| *one != "null").and_then(Value::as_str),
        one => one.as_str(),
    };
    match kind {
        Some("string") => Ok(DataType::Utf8),
        Some("boolean") => Ok(DataType::Boolean),
        Some("integer") if schema["format"].as_str().is_some_and(|format| format.ends_with("64")) => {
            Ok(DataType::Int64)
        }
        Some("integer") => Ok(DataType::Int32),
        Some("array") => Ok(DataType::List(Arc::new(Field::new("element", self::kind(&schema["items"])?, false)))),
        Some("object") if schema["properties"].is_object() => Ok(DataType::Struct(fields(schema)?)),
        Some("object") => map(&schema["additionalProperties"]),
        _ => Err(unknown(schema)),
    }
}

fn map(values: &Value) -> Result<DataType, ArrowError> {
    let entry = [Field::new("key", DataType::Utf8, false), Field::new("value", kind(values)?, true)];
    Ok(DataType::Map(Arc::new(Field::new("key_value", DataType::Struct(Fields::from_iter(entry)), false)), false))
}

fn unknown(schema: &Value) -> ArrowError {
    ArrowError::SchemaError(format!("no column stands for `{schema}`"))
}
