//! The OpenAPI document and the page of calls, from the same descriptors as the transcoder: they cannot disagree.

mod comments;
mod page;
mod schema;

use anyhow::Context;
use prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use crate::transcoder::binding::{self, Binding, BodyRule};
use comments::Comments;
pub(crate) use page::escape;
use schema::Schemas;

const ERROR: &str = "Error";
/// How deep the messages of a query are spelled out.
const QUERY_DEPTH_MAX: usize = 3;

/// What the contracts say about HTTP.
pub(crate) struct Document {
    bindings: Vec<Binding>,
    comments: Comments,
    value: Value,
}

impl Document {
    /// Describes all calls of the contracts, as served at `public_url`.
    ///
    /// # Errors
    /// If a rule of the contracts does not fit.
    pub(crate) fn new(contracts: &DescriptorPool, public_url: &str) -> anyhow::Result<Self> {
        let bindings = binding::read(contracts)?;
        let comments = Comments::read(contracts);
        let mut schemas = Schemas::new(&comments);
        let mut paths = Map::new();
        for binding in &bindings {
            let entry = paths.entry(path(binding)).or_insert_with(|| json!({}));
            let methods = entry.as_object_mut().context("a path is an object")?;
            methods.insert(binding.http.as_str().to_lowercase(), operation(binding, &comments, &mut schemas));
        }
        let mut components = schemas.into_components();
        components.insert(ERROR.to_owned(), error_schema());
        let value = json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Circula", "version": "1",
                "description": "Placing seasonal workers, from the order to the verified return. Repeat a command with the same requestId, or the same Idempotency-Key, and it has one effect.",
                "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            },
            "servers": [{ "url": public_url }],
            "security": [{ "token": [] }],
            "tags": tags(&bindings, &comments),
            "paths": paths,
            "components": {
                "schemas": components,
                "securitySchemes": { "token": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } },
                "responses": { ERROR: {
                    "description": "The call was refused, or could not be made.",
                    "content": { "application/json": { "schema": reference(ERROR) } },
                } },
            },
        });
        Ok(Self { bindings, comments, value })
    }

    /// The document as JSON.
    #[must_use]
    pub(crate) fn json(&self) -> String {
        self.value.to_string()
    }

    /// The list of calls for people.
    #[must_use]
    pub(crate) fn page(&self) -> String {
        page::render(&self.bindings, &self.comments)
    }
}

/// A reference to a schema.
fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// The path as OpenAPI writes it: `{name=files/*}` is `{name}`.
fn path(binding: &Binding) -> String {
    let mut rest = binding.template.source();
    let mut path = String::new();
    while let Some((before, after)) = rest.split_once('{') {
        let (inner, tail) = after.split_once('}').unwrap_or((after, ""));
        let field = inner.split('=').next().unwrap_or_default();
        path.push_str(&format!("{before}{{{field}}}"));
        rest = tail;
    }
    path + rest
}

fn tags(bindings: &[Binding], comments: &Comments) -> Vec<Value> {
    let mut tags: Vec<(String, String)> = bindings
        .iter()
        .map(|binding| {
            let service = binding.call.method.parent_service();
            (binding.call.service.clone(), comments.of(&service.parent_file(), service.path()))
        })
        .collect();
    tags.sort();
    tags.dedup();
    tags.into_iter().map(|(name, text)| json!({ "name": name, "description": text })).collect()
}

fn operation(binding: &Binding, comments: &Comments, schemas: &mut Schemas<'_>) -> Value {
    let method = &binding.call.method;
    let (summary, description) = comments.call(method);
    let suffix = if binding.index == 0 { String::new() } else { format!("_{}", binding.index) };
    let mut operation = json!({
        "operationId": format!("{}_{}{suffix}", method.parent_service().name(), method.name()),
        "tags": [binding.call.service],
        "summary": summary,
        "description": description,
        "parameters": parameters(binding, comments, schemas),
        "responses": {
            "200": {
                "description": "Done.",
                "content": { "application/json": { "schema": schemas.message(&method.output()) } },
            },
            "default": { "$ref": format!("#/components/responses/{ERROR}") },
        },
    });
    let body = match &binding.body {
        BodyRule::Nothing => return operation,
        BodyRule::Whole => json!({ "application/json": { "schema": schemas.message(&method.input()) } }),
        BodyRule::Field(field) => json!({ "application/json": { "schema": schemas.field(field) } }),
        BodyRule::File => json!({ "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } }),
    };
    operation["requestBody"] = json!({ "required": true, "content": body });
    operation
}

fn parameters(binding: &Binding, comments: &Comments, schemas: &mut Schemas<'_>) -> Vec<Value> {
    let input = binding.call.method.input();
    let filled: Vec<&str> = binding.template.fields().collect();
    let mut parameters: Vec<Value> = filled
        .iter()
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    match &binding.body {
        BodyRule::Whole => {}
        BodyRule::File => {
            let schema = json!({ "type": "integer", "format": "int64", "minimum": 0, "default": 0 });
            let text = "Where in the file the body begins; an interrupted upload goes on at bytesReceived.";
            parameters.push(json!({ "name": "offset", "in": "query", "description": text, "schema": schema }));
        }
        BodyRule::Nothing | BodyRule::Field(_) => {
            let mut fields = Vec::new();
            flatten(&input, ("", ""), &mut fields);
            let body = if let BodyRule::Field(field) = &binding.body { field.json_name() } else { "" };
            for (name, path, field) in fields {
                if filled.contains(&path.as_str()) || name.split('.').next() == Some(body) {
                    continue;
                }
                let text = comments.of(&field.parent_file(), field.path());
                let mut parameter = json!({ "name": name, "in": "query", "schema": schemas.field(&field) });
                if !text.is_empty() {
                    parameter["description"] = text.into();
                }
                parameters.push(parameter);
            }
        }
    }
    if binding.body != BodyRule::Nothing && input.get_field_by_name("request_id").is_some() {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "schema": { "type": "string", "format": "uuid" },
            "description": "Fills requestId where the body has none.",
        }));
    }
    parameters
}

/// Fields that a query can carry, with their names in JSON and in the contracts.
fn flatten(message: &MessageDescriptor, at: (&str, &str), into: &mut Vec<(String, String, FieldDescriptor)>) {
    let join = |at: &str, name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
    for field in message.fields() {
        let (name, path) = (join(at.0, field.json_name()), join(at.1, field.name()));
        match field.kind() {
            _ if field.is_map() => {}
            Kind::Message(inner) if !inner.full_name().starts_with("google.protobuf.") => {
                if !field.is_list() && name.matches('.').count() + 1 < QUERY_DEPTH_MAX {
                    flatten(&inner, (&name, &path), into);
                }
            }
            _ => into.push((name, path, field)),
        }
    }
}

/// The form of AIP-193.
fn error_schema() -> Value {
    json!({
        "type": "object",
        "required": ["error"],
        "properties": { "error": {
            "type": "object",
            "required": ["code", "message", "status", "details"],
            "properties": {
                "code": { "type": "integer", "description": "The HTTP status." },
                "status": { "type": "string", "description": "The gRPC code, such as FAILED_PRECONDITION." },
                "message": { "type": "string", "description": "What and why, in English." },
                "details": { "type": "array", "items": {
                    "type": "object",
                    "required": ["@type"],
                    "description": "google.rpc.ErrorInfo has the stable reason and, in its metadata, where it is and what would mend it; google.rpc.BadRequest names the fields; google.rpc.RequestInfo has the id to tell us.",
                    "properties": {
                        "@type": { "type": "string" },
                        "reason": { "type": "string" },
                        "domain": { "type": "string" },
                        "metadata": { "type": "object", "additionalProperties": { "type": "string" } },
                        "fieldViolations": { "type": "array", "items": {
                            "type": "object",
                            "properties": { "field": { "type": "string" }, "description": { "type": "string" } },
                        } },
                        "requestId": { "type": "string" },
                    },
                } },
            },
        } },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Document {
        let contracts = DescriptorPool::decode(proto::DESCRIPTORS).unwrap();
        Document::new(&contracts, "http://circula.test").unwrap()
    }

    #[test]
    fn every_rule_of_the_contracts_is_listed() {
        let document = document();
        let contracts = DescriptorPool::decode(proto::DESCRIPTORS).unwrap();
        for binding in binding::read(&contracts).unwrap() {
            let operation = &document.value["paths"][path(&binding)][binding.http.as_str().to_lowercase()];
            let name = operation["operationId"].as_str().unwrap();
            let method = &binding.call.method;
            assert!(name.starts_with(&format!("{}_{}", method.parent_service().name(), method.name())), "{name}");
            assert!(document.page().contains(&escape(binding.template.source())));
        }
    }

    #[test]
    fn every_reference_leads_to_a_schema() {
        let document = document();
        let text = document.json();
        let components = document.value["components"]["schemas"].as_object().unwrap();
        for (at, _) in text.match_indices("#/components/schemas/") {
            let name = text[at + "#/components/schemas/".len()..].split('"').next().unwrap();
            assert!(components.contains_key(name), "{name}");
        }
    }

    #[test]
    fn parameters_and_schemas_say_what_the_contracts_say() {
        let value = document().value;
        let list = &value["paths"]["/v1/placements"]["get"]["parameters"];
        let names: Vec<&str> = list.as_array().unwrap().iter().map(|each| each["name"].as_str().unwrap()).collect();
        assert!(names.contains(&"corridorCode") && names.contains(&"late"), "{names:?}");
        let moved = &value["paths"]["/v1/placements/{placement_id}:move"]["post"];
        assert_eq!(moved["parameters"][0]["in"], "path");
        assert_eq!(
            moved["requestBody"]["content"]["application/json"]["schema"],
            reference("circula.placement.v1.MovePlacementRequest")
        );
        let placement = &value["components"]["schemas"]["circula.placement.v1.Move"]["properties"];
        assert_eq!(placement["version"]["type"], "string");
        assert_eq!(placement["forWorker"]["type"], "boolean");
        assert!(placement["command"]["description"].as_str().unwrap().starts_with("Such as"));
    }
}
