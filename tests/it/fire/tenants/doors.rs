//! The two doors of a call: gRPC, and HTTP+JSON through the gateway. Both give an answer in one form.

use std::collections::BTreeMap;

use cli::house::House;
use platform::Refused;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, MethodDescriptor};
use serde_json::{Map, Value};
use tonic::{
    Code, Request, Status,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    transport::Channel,
};

use super::world::{Instance, User};

/// What came back.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) code: Code,
    pub(super) reason: String,
    /// All of it as text: an answer, or the refusal with its details.
    pub(super) text: String,
}

impl Answer {
    fn refused(status: &Status) -> Self {
        let refused = Refused::from_status(status);
        Self { code: status.code(), reason: refused.reason.clone(), text: format!("{refused:?}") }
    }

    /// Without the id that was asked for, so that two answers may be compared.
    pub(super) fn about(&self, asked: &Instance) -> (Code, &str, String) {
        let round = if asked.round.is_empty() { "{}" } else { asked.round.as_str() };
        (self.code, &self.reason, self.text.replace(&asked.id, "{id}").replace(round, "{round}"))
    }
}

/// Messages known by their descriptor only.
struct Dynamic(MessageDescriptor);

impl Codec for Dynamic {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self(self.0.clone())
    }

    fn decoder(&mut self) -> Self {
        Self(self.0.clone())
    }
}

impl Encoder for Dynamic {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(&mut self, message: DynamicMessage, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        message.encode(into).map_err(|error| Status::internal(error.to_string()))
    }
}

impl Decoder for Dynamic {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        DynamicMessage::decode(self.0.clone(), from).map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}

/// A path of the gateway that leads to a call.
#[derive(Clone, Debug)]
pub(super) struct Binding {
    pub(super) verb: String,
    pub(super) path: String,
}

pub(super) struct Doors {
    pool: DescriptorPool,
    channels: BTreeMap<String, Channel>,
    http: reqwest::Client,
    gateway: String,
    /// By `DemandService_GetJobOrder`.
    pub(super) bindings: BTreeMap<String, Vec<Binding>>,
}

/// `demand.GetJobOrder` of a method.
pub(super) fn name(method: &MethodDescriptor) -> String {
    let package = method.parent_service().package_name().to_owned();
    format!("{}.{}", package.split('.').nth(1).unwrap_or_default(), method.name())
}

pub(super) fn contracts() -> DescriptorPool {
    DescriptorPool::decode(proto::DESCRIPTORS).unwrap()
}

/// Every method of every service.
pub(super) fn methods(pool: &DescriptorPool) -> Vec<MethodDescriptor> {
    pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()).collect()
}

impl Doors {
    pub(super) async fn of(house: &House) -> Self {
        let services = house.addresses.services.iter();
        let channel = |url: &String| Channel::from_shared(url.clone()).unwrap().connect_lazy();
        let http = reqwest::Client::new();
        let gateway = house.addresses.gateway.clone();
        let document = http.get(format!("{gateway}/openapi.json")).send().await.unwrap();
        let document: Value = document.json().await.unwrap();
        let mut bindings: BTreeMap<String, Vec<Binding>> = BTreeMap::new();
        for (path, verbs) in document["paths"].as_object().unwrap() {
            for (verb, operation) in verbs.as_object().unwrap() {
                let mut parts = operation["operationId"].as_str().unwrap().split('_');
                let name = format!("{}_{}", parts.next().unwrap(), parts.next().unwrap());
                let binding = Binding { verb: verb.to_uppercase(), path: path.clone() };
                bindings.entry(name).or_default().push(binding);
            }
        }
        let channels = services.map(|(name, url)| (name.clone(), channel(url))).collect();
        Self { pool: contracts(), channels, http, gateway, bindings }
    }

    /// The doors of services alone.
    pub(super) fn without_gateway(addresses: impl Iterator<Item = (String, String)>) -> Self {
        let channel = |url: String| Channel::from_shared(url).unwrap().connect_lazy();
        let channels = addresses.map(|(name, url)| (name, channel(url))).collect();
        let (http, gateway, bindings) = (reqwest::Client::new(), String::new(), BTreeMap::new());
        Self { pool: contracts(), channels, http, gateway, bindings }
    }

    pub(super) fn method(&self, wanted: &str) -> MethodDescriptor {
        methods(&self.pool).into_iter().find(|method| name(method) == wanted).unwrap()
    }

    /// Calls a service. Nobody has no token.
    pub(super) async fn grpc(
        &self,
        service: &str,
        method: &MethodDescriptor,
        (user, body): (Option<&User>, &Value),
    ) -> Answer {
        let mut grpc = tonic::client::Grpc::new(self.channels[service].clone()).max_decoding_message_size(64 << 20);
        grpc.ready().await.unwrap();
        let message = DynamicMessage::deserialize(method.input(), body.clone())
            .unwrap_or_else(|error| panic!("the row of {} does not fit its request: {error}", method.full_name()));
        let mut request = Request::new(message);
        if let Some(user) = user {
            request.metadata_mut().insert("authorization", format!("Bearer {}", user.token).parse().unwrap());
        }
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name()).parse().unwrap();
        let codec = Dynamic(method.output());
        let answered = if method.is_server_streaming() {
            match grpc.server_streaming(request, path, codec).await {
                Ok(stream) => stream.into_inner().message().await.map(Option::unwrap),
                Err(status) => Err(status),
            }
        } else if method.is_client_streaming() {
            let pieces = request.map(|message| futures::stream::iter([message]));
            grpc.client_streaming(pieces, path, codec).await.map(tonic::Response::into_inner)
        } else {
            grpc.unary(request, path, codec).await.map(tonic::Response::into_inner)
        };
        match answered {
            Ok(message) => {
                Answer { code: Code::Ok, reason: String::new(), text: serde_json::to_string(&message).unwrap() }
            }
            Err(status) => Answer::refused(&status),
        }
    }

    /// Calls the gateway; nothing if this path needs more than the request names.
    pub(super) async fn http(
        &self,
        binding: &Binding,
        method: &MethodDescriptor,
        (user, body): (Option<&User>, &Value),
    ) -> Option<Answer> {
        let mut fields = body.as_object().unwrap().clone();
        let path = fill(&binding.path, &mut fields)?;
        let mut url = reqwest::Url::parse(&format!("{}{path}", self.gateway)).unwrap();
        let verb: reqwest::Method = binding.verb.parse().unwrap();
        let file = method.is_client_streaming();
        if verb == reqwest::Method::GET {
            for (name, value) in &fields {
                let field = method.input().get_field_by_name(name).unwrap();
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                url.query_pairs_mut().append_pair(field.json_name(), &text);
            }
        }
        let mut request = self.http.request(verb.clone(), url);
        if let Some(user) = user {
            request = request.bearer_auth(&user.token);
        }
        if file {
            request = request.body("a,b\n");
        } else if verb != reqwest::Method::GET {
            request = request.json(&Value::Object(fields));
        }
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        if status.is_success() {
            return Some(Answer { code: Code::Ok, reason: String::new(), text });
        }
        let mut error: Value =
            serde_json::from_str(&text).unwrap_or_else(|_| panic!("{} {path}: {text}", binding.verb));
        let word = error["error"]["status"].as_str().unwrap().to_owned();
        let details = error["error"]["details"].as_array_mut().unwrap();
        details.retain(|detail| !detail["@type"].as_str().unwrap().ends_with("RequestInfo"));
        let reason = details.iter().find_map(|detail| detail["reason"].as_str()).unwrap_or_default().to_owned();
        let code = (0..17).map(Code::from).find(|code| screaming(*code) == word).unwrap();
        Some(Answer { code, reason, text: error.to_string() })
    }
}

/// The path with its fields, which are taken out of the others.
fn fill(path: &str, fields: &mut Map<String, Value>) -> Option<String> {
    let mut filled = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let (field, tail) = after.split_once('}').unwrap();
        let value = fields.remove(field)?;
        filled.push_str(before);
        filled.push_str(&encode(value.as_str().unwrap()));
        rest = tail;
    }
    Some(filled + rest)
}

pub(super) fn encode(text: &str) -> String {
    let sign = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(sign).collect()
}

/// `NOT_FOUND` of a code.
fn screaming(code: Code) -> String {
    let mut word = String::new();
    for sign in format!("{code:?}").chars() {
        if sign.is_ascii_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(sign.to_ascii_uppercase());
    }
    word
}
