//! Which HTTP request is which call: read from the `google.api.http` option of every method.

use std::sync::Arc;

use anyhow::{Context, ensure};
use http::{Method, uri::PathAndQuery};
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor, Value,
};

use super::template::Template;

/// The request whose pieces an upload is cut into.
const PIECE: &str = "circula.type.v1.UploadImportRequest";
const PATTERNS: [(&str, Method); 5] = [
    ("get", Method::GET),
    ("put", Method::PUT),
    ("post", Method::POST),
    ("delete", Method::DELETE),
    ("patch", Method::PATCH),
];

/// A call behind the gateway.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: MethodDescriptor,
    /// The service's name in the house, such as `placement`.
    pub(crate) service: String,
    /// `/circula.placement.v1.PlacementService/GetLine`.
    pub(crate) path: PathAndQuery,
    /// True if the body is a file that is sent in pieces.
    pub(crate) upload: bool,
}

/// Which part of the request message the HTTP body is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum BodyRule {
    Nothing,
    Whole,
    Field(FieldDescriptor),
    /// The raw bytes of a file.
    File,
}

/// One way in.
#[derive(Debug, Clone)]
pub(crate) struct Binding {
    pub(crate) http: Method,
    pub(crate) template: Template,
    pub(crate) body: BodyRule,
    pub(crate) call: Arc<Call>,
    /// 0 for the rule itself, then its additional bindings.
    pub(crate) index: usize,
}

/// All ways in, the more precise ones first.
///
/// # Errors
/// If a rule names a field that is not there, or two rules take the same path.
pub(crate) fn read(pool: &DescriptorPool) -> anyhow::Result<Vec<Binding>> {
    let option = pool.get_extension_by_name("google.api.http").context("the contracts carry no google.api.http")?;
    let mut bindings = Vec::new();
    for method in pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()) {
        if method.is_client_streaming() && !method.is_server_streaming() && method.input().full_name() == PIECE {
            bindings.push(upload(&method)?);
        }
        let options = method.options();
        if method.is_client_streaming() || method.is_server_streaming() || !options.has_extension(&option) {
            continue;
        }
        let call = Arc::new(call(&method, false)?);
        let rule = options.get_extension(&option);
        let rule = rule.as_message().context("google.api.http is a message")?;
        for (index, rule) in flatten(rule).into_iter().enumerate() {
            let binding = bind(&rule, &call, index).with_context(|| format!("the rule of {}", method.full_name()))?;
            bindings.push(binding);
        }
    }
    bindings
        .sort_by(|a, b| (a.template.precedence(), a.http.as_str()).cmp(&(b.template.precedence(), b.http.as_str())));
    for pair in bindings.windows(2) {
        let same = pair[0].template.precedence() == pair[1].template.precedence() && pair[0].http == pair[1].http;
        ensure!(!same, "two calls answer {} {}", pair[1].http, pair[1].template.source());
    }
    Ok(bindings)
}

/// The rule and its additional bindings.
fn flatten(rule: &DynamicMessage) -> Vec<DynamicMessage> {
    let mut rules = vec![rule.clone()];
    if let Some(more) = rule.get_field_by_name("additional_bindings") {
        rules.extend(more.as_list().into_iter().flatten().filter_map(Value::as_message).cloned());
    }
    rules
}

fn bind(rule: &DynamicMessage, call: &Arc<Call>, index: usize) -> anyhow::Result<Binding> {
    let (http, path) =
        PATTERNS.into_iter().find_map(|(name, http)| Some((http, text(rule, name)?))).context("it names no path")?;
    let template = Template::parse(&path)?;
    let input = call.method.input();
    for field in template.fields() {
        ensure!(resolves(&input, field), "{} has no field {field}", input.full_name());
    }
    let body = match text(rule, "body").as_deref() {
        None => BodyRule::Nothing,
        Some("*") => BodyRule::Whole,
        Some(name) => {
            let field = input.get_field_by_name(name);
            BodyRule::Field(field.with_context(|| format!("{} has no field {name}", input.full_name()))?)
        }
    };
    Ok(Binding { http, template, body, call: call.clone(), index })
}

/// Files have no rule of their own: they go to the imports of their service.
fn upload(method: &MethodDescriptor) -> anyhow::Result<Binding> {
    let call = Arc::new(call(method, true)?);
    let template = Template::parse(&format!("/v1/{}/imports/{{import_id}}:upload", call.service))?;
    Ok(Binding { http: Method::POST, template, body: BodyRule::File, call, index: 0 })
}

fn call(method: &MethodDescriptor, upload: bool) -> anyhow::Result<Call> {
    let service = method.parent_service();
    let path = format!("/{}/{}", service.full_name(), method.name()).parse()?;
    // `circula.placement.v1` → `placement`: one name per service everywhere.
    let name = service.package_name().split('.').nth(1).context("a package is circula.<service>.v1")?;
    Ok(Call { service: name.to_owned(), path, upload, method: method.clone() })
}

fn text(rule: &DynamicMessage, name: &str) -> Option<String> {
    let value = rule.get_field_by_name(name)?;
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn resolves(message: &MessageDescriptor, path: &str) -> bool {
    let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
    match (message.get_field_by_name(head), rest) {
        (Some(field), None) => !field.is_list() && !field.is_map(),
        (Some(field), Some(rest)) => match field.kind() {
            Kind::Message(inner) => !field.is_list() && resolves(&inner, rest),
            _ => false,
        },
        (None, _) => false,
    }
}
