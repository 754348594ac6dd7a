//! Messages as JSON schemas, in the form in which proto3 JSON writes them.

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::{comments::Comments, reference};

/// Schemas of all messages that were asked for, and of those they hold.
pub(super) struct Schemas<'a> {
    comments: &'a Comments,
    done: Map<String, Value>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(comments: &'a Comments) -> Self {
        Self { comments, done: Map::new() }
    }

    pub(super) fn into_components(self) -> Map<String, Value> {
        self.done
    }

    /// A message: a reference, or the form of its own that JSON has for it.
    pub(super) fn message(&mut self, message: &MessageDescriptor) -> Value {
        let name = message.full_name();
        if let Some(special) = special(name) {
            return special;
        }
        if !self.done.contains_key(name) {
            // Before its fields, so that messages may hold themselves.
            self.done.insert(name.to_owned(), Value::Null);
            let mut properties = Map::new();
            for field in message.fields() {
                let schema = self.field(&field);
                let text = self.comments.of(&field.parent_file(), field.path());
                properties.insert(field.json_name().to_owned(), described(schema, text));
            }
            let schema = json!({ "type": "object", "properties": properties });
            let text = self.comments.of(&message.parent_file(), message.path());
            self.done.insert(name.to_owned(), described(schema, text));
        }
        reference(name)
    }

    /// A field: one, many, or a map.
    pub(super) fn field(&mut self, field: &FieldDescriptor) -> Value {
        match field.kind() {
            Kind::Message(entry) if field.is_map() => {
                let value = self.kind(&entry.map_entry_value_field().kind());
                json!({ "type": "object", "additionalProperties": value })
            }
            kind if field.is_list() => json!({ "type": "array", "items": self.kind(&kind) }),
            kind => self.kind(&kind),
        }
    }

    fn kind(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Double => json!({ "type": "number", "format": "double" }),
            Kind::Float => json!({ "type": "number", "format": "float" }),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => json!({ "type": "integer", "format": "int32" }),
            Kind::Uint32 | Kind::Fixed32 => json!({ "type": "integer", "format": "int64", "minimum": 0 }),
            // Text: JavaScript's numbers lose the last digits of 64 bits.
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => json!({ "type": "string", "format": "int64" }),
            Kind::Uint64 | Kind::Fixed64 => json!({ "type": "string", "format": "uint64" }),
            Kind::Bool => json!({ "type": "boolean" }),
            Kind::String => json!({ "type": "string" }),
            Kind::Bytes => json!({ "type": "string", "contentEncoding": "base64" }),
            Kind::Enum(words) => enumeration(words),
            Kind::Message(message) => self.message(message),
        }
    }
}

fn enumeration(words: &EnumDescriptor) -> Value {
    let words: Vec<String> = words.values().map(|word| word.name().to_owned()).collect();
    json!({ "type": "string", "enum": words })
}

fn special(name: &str) -> Option<Value> {
    Some(match name.strip_prefix("google.protobuf.")? {
        "Timestamp" => json!({ "type": "string", "format": "date-time" }),
        "Duration" => json!({ "type": "string", "examples": ["1.5s"] }),
        "FieldMask" => json!({ "type": "string" }),
        "Empty" | "Struct" | "Any" => json!({ "type": "object" }),
        _ => json!({}),
    })
}

/// A schema with its description; OpenAPI 3.1 allows one beside a reference.
fn described(mut schema: Value, text: String) -> Value {
    if !text.is_empty() {
        schema["description"] = text.into();
    }
    schema
}
