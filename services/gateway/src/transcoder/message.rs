//! Proto3 JSON: a request message from path, query and body; an answer as JSON. A refusal names the field.

use platform::Refused;
use prost_reflect::{DeserializeOptions, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, SerializeOptions};
use serde_json::{Map, Value};
use tonic::Code;

use super::{
    binding::{Binding, BodyRule},
    template::Pairs,
};

const READ: DeserializeOptions = DeserializeOptions::new().deny_unknown_fields(true);
const WRITE: SerializeOptions = SerializeOptions::new().skip_default_fields(false).stringify_64_bit_integers(true);

/// The field that makes a command repeatable.
const REQUEST_ID: &str = "request_id";

/// What a request brought, decoded.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// Fields that the path fills.
    pub(crate) variables: Pairs,
    pub(crate) query: Pairs,
    pub(crate) body: Option<Value>,
    /// Fills `request_id` where the body has none.
    pub(crate) idempotency_key: Option<String>,
}

/// The request message.
///
/// # Errors
/// `UNKNOWN_FIELD`, `FIELD_TWICE`, `PATH_AND_BODY_DIFFER`, `BAD_VALUE`, each with the field's path.
pub(crate) fn build(binding: &Binding, given: Given) -> Result<DynamicMessage, Refused> {
    let input = binding.call.method.input();
    let mut root = match (&binding.body, given.body) {
        (BodyRule::Whole, Some(Value::Object(map))) => map,
        (BodyRule::Whole, Some(_)) => {
            return Err(Refused::new(Code::InvalidArgument, "BAD_JSON", "the body is JSON, but not an object"));
        }
        (BodyRule::Field(field), Some(value)) => Map::from_iter([(field.json_name().to_owned(), value)]),
        _ => Map::new(),
    };
    check_names(&root, &input, "")?;
    if let (BodyRule::Whole, Some((name, _))) = (&binding.body, given.query.first()) {
        return Err(Refused::field(name, "UNKNOWN_FIELD", format!("this call reads no {name} from its query"))
            .mend("put it into the body"));
    }
    for (name, text) in &given.query {
        put_query(&mut root, &input, name, text)?;
    }
    for (name, text) in &given.variables {
        put_variable(&mut root, &input, name, text)?;
    }
    if let Some(key) = given.idempotency_key {
        put_request_id(&mut root, &input, key);
    }
    let value = Value::Object(root);
    read(&input, &value).map_err(|error| {
        let (place, error) = locate(&value, &input, "").unwrap_or((String::new(), error.to_string()));
        Refused::field(&place, "BAD_VALUE", format!("{place} does not fit: {error}"))
    })
}

/// An answer in camelCase, defaults included, so that every field a client may read is there.
///
/// # Errors
/// If a value has no JSON form.
pub(crate) fn write(message: &DynamicMessage) -> serde_json::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(512);
    message.serialize_with_options(&mut serde_json::Serializer::new(&mut bytes), &WRITE)?;
    Ok(bytes)
}

fn read(message: &MessageDescriptor, value: &Value) -> serde_json::Result<DynamicMessage> {
    DynamicMessage::deserialize_with_options(message.clone(), value, &READ)
}

/// A field by either of its names: `pageSize` and `page_size` are the same.
fn find(message: &MessageDescriptor, name: &str) -> Option<FieldDescriptor> {
    message.get_field_by_json_name(name).or_else(|| message.get_field_by_name(name))
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

/// True for messages that JSON writes in a form of their own.
fn is_special(message: &MessageDescriptor) -> bool {
    message.full_name().starts_with("google.protobuf.")
}

fn unknown(message: &MessageDescriptor, place: &str) -> Refused {
    let names: Vec<String> = message.fields().map(|field| field.json_name().to_owned()).collect();
    let refused = Refused::field(place, "UNKNOWN_FIELD", format!("there is no field {place}"));
    if names.is_empty() { refused } else { refused.mend(format!("the fields here are {}", names.join(", "))) }
}

/// What lies below a field that holds messages: each part with its place.
fn parts<'a>(
    field: &FieldDescriptor,
    value: &'a Value,
    at: &str,
) -> Option<(MessageDescriptor, Vec<(String, &'a Value)>)> {
    let Kind::Message(inner) = field.kind() else { return None };
    if field.is_map() {
        let Kind::Message(inner) = inner.map_entry_value_field().kind() else { return None };
        let entries = value.as_object()?.iter().map(|(key, value)| (join(at, key), value)).collect();
        return Some((inner, entries));
    }
    if field.is_list() {
        let items =
            value.as_array()?.iter().enumerate().map(|(index, value)| (format!("{at}[{index}]"), value)).collect();
        return Some((inner, items));
    }
    Some((inner, vec![(at.to_owned(), value)]))
}

fn check_names(object: &Map<String, Value>, message: &MessageDescriptor, at: &str) -> Result<(), Refused> {
    if is_special(message) {
        return Ok(());
    }
    for (name, value) in object {
        let place = join(at, name);
        let field = find(message, name).ok_or_else(|| unknown(message, &place))?;
        let Some((inner, parts)) = parts(&field, value, &place) else { continue };
        for (place, value) in parts {
            if let Some(object) = value.as_object() {
                check_names(object, &inner, &place)?;
            }
        }
    }
    Ok(())
}

/// The innermost field whose value does not fit, and what the reader said. Slow, and only used to explain a refusal.
fn locate(value: &Value, message: &MessageDescriptor, at: &str) -> Option<(String, String)> {
    for (name, value) in value.as_object()? {
        let place = join(at, name);
        let alone = Value::Object(Map::from_iter([(name.clone(), value.clone())]));
        let Err(error) = read(message, &alone) else { continue };
        let field = find(message, name)?;
        let (inner, items) = parts(&field, value, &place).unwrap_or((message.clone(), Vec::new()));
        let deeper = items.into_iter().filter(|_| !is_special(&inner)).find_map(|(place, value)| {
            let error = read(&inner, value).err()?;
            Some(locate(value, &inner, &place).unwrap_or((place, error.to_string())))
        });
        return Some(deeper.unwrap_or((place, error.to_string())));
    }
    None
}

/// The object that holds the field of a dotted path, the field, and the key under which it stands or would stand.
fn slot<'a>(
    root: &'a mut Map<String, Value>,
    message: &MessageDescriptor,
    path: &str,
) -> Result<(&'a mut Map<String, Value>, FieldDescriptor, String), Refused> {
    let (mut object, mut message) = (root, message.clone());
    let mut names = path.split('.').peekable();
    loop {
        let name = names.next().unwrap_or_default();
        let field = find(&message, name).ok_or_else(|| unknown(&message, path))?;
        let written = object.contains_key(field.name()) && !object.contains_key(field.json_name());
        let key = if written { field.name() } else { field.json_name() }.to_owned();
        if names.peek().is_none() {
            return Ok((object, field, key));
        }
        let Kind::Message(inner) = field.kind() else { return Err(unknown(&message, path)) };
        if field.is_list() || field.is_map() {
            return Err(unknown(&message, path));
        }
        message = inner;
        object = object.entry(key).or_insert_with(|| Value::Object(Map::new())).as_object_mut().ok_or_else(|| {
            Refused::field(path, "BAD_VALUE", format!("{path} does not fit: its parent is no object"))
        })?;
    }
}

/// A text as the JSON value that a field of this kind wants. What does not fit stays text, and the reader refuses it.
fn scalar(kind: &Kind, text: &str) -> Value {
    match (kind, text) {
        (Kind::Bool, "true") => Value::Bool(true),
        (Kind::Bool, "false") => Value::Bool(false),
        (Kind::Enum(_), number) if number.parse::<i32>().is_ok() => number.parse::<i32>().unwrap_or_default().into(),
        _ => Value::String(text.to_owned()),
    }
}

fn put_query(
    root: &mut Map<String, Value>,
    message: &MessageDescriptor,
    name: &str,
    text: &str,
) -> Result<(), Refused> {
    let (object, field, key) = slot(root, message, name)?;
    let value = scalar(&field.kind(), text);
    if field.is_list() {
        if let Value::Array(items) = object.entry(key).or_insert_with(|| Value::Array(Vec::new())) {
            items.push(value);
        }
        return Ok(());
    }
    if object.insert(key, value).is_some() {
        return Err(Refused::field(name, "FIELD_TWICE", format!("{name} is given twice")).mend("give it once"));
    }
    Ok(())
}

/// The path wins, and a body that says otherwise is refused: nobody can tell which of the two was meant.
fn put_variable(
    root: &mut Map<String, Value>,
    message: &MessageDescriptor,
    name: &str,
    text: &str,
) -> Result<(), Refused> {
    let (object, field, key) = slot(root, message, name)?;
    let value = scalar(&field.kind(), text);
    match object.insert(key, value) {
        Some(Value::String(said)) if !said.is_empty() && said != text => Err(Refused::field(
            name,
            "PATH_AND_BODY_DIFFER",
            format!("the path says {name} is {text:?}, the body {said:?}"),
        )
        .mend("leave it out of the body")),
        _ => Ok(()),
    }
}

fn put_request_id(root: &mut Map<String, Value>, message: &MessageDescriptor, key: String) {
    let Ok((object, _, name)) = slot(root, message, REQUEST_ID) else { return };
    if object.get(&name).is_none_or(|said| said.is_null() || said.as_str() == Some("")) {
        object.insert(name, Value::String(key));
    }
}

#[cfg(test)]
mod tests;
