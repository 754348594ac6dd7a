use http::Method;
use prost_reflect::DescriptorPool;
use serde_json::json;

use super::*;
use crate::transcoder::{binding, template::Path};

fn binding(http: &Method, path: &str) -> (Binding, Vec<(String, String)>) {
    let pool = DescriptorPool::decode(proto::DESCRIPTORS).unwrap();
    binding::read(&pool)
        .unwrap()
        .into_iter()
        .filter(|binding| binding.http == http)
        .find_map(|binding| binding.template.matches(&Path::new(path)).map(|variables| (binding, variables)))
        .unwrap()
}

fn get(path: &str, query: &[(&str, &str)]) -> Result<Value, Refused> {
    let (binding, variables) = binding(&Method::GET, path);
    let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    shown(&build(&binding, Given { variables, query, ..Given::default() })?)
}

fn post(path: &str, body: Value) -> Result<Value, Refused> {
    let (binding, variables) = binding(&Method::POST, path);
    shown(&build(&binding, Given { variables, body: Some(body), ..Given::default() })?)
}

fn shown(message: &DynamicMessage) -> Result<Value, Refused> {
    Ok(serde_json::from_slice(&write(message).unwrap()).unwrap())
}

#[test]
fn a_query_fills_fields_by_either_name() {
    let read = get("/v1/placements", &[("corridorCode", "CO-ES"), ("page_size", "50"), ("late", "true")]).unwrap();
    assert_eq!(read["corridorCode"], "CO-ES");
    assert_eq!(read["pageSize"], 50);
    assert_eq!(read["late"], true);
    assert_eq!(read["pageToken"], "", "defaults are written");
}

#[test]
fn a_query_may_name_a_state_by_word_or_number() {
    let by_word = get("/v1/organisations", &[("kind", "ORGANISATION_KIND_UNION")]).unwrap();
    let by_number = get("/v1/organisations", &[("kind", "2")]).unwrap();
    assert_eq!(by_word["kind"], "ORGANISATION_KIND_UNION");
    assert_eq!(by_word, by_number);
}

#[test]
fn an_unknown_parameter_is_named() {
    let refused = get("/v1/placements", &[("corridor", "CO-ES")]).unwrap_err();
    assert_eq!((refused.reason.as_str(), refused.place.as_str()), ("UNKNOWN_FIELD", "corridor"));
    assert!(refused.mend.contains("corridorCode"), "{}", refused.mend);
}

#[test]
fn a_parameter_given_twice_is_named() {
    let refused = get("/v1/placements", &[("late", "true"), ("late", "false")]).unwrap_err();
    assert_eq!((refused.reason.as_str(), refused.place.as_str()), ("FIELD_TWICE", "late"));
}

#[test]
fn a_value_that_does_not_fit_is_located() {
    let refused = get("/v1/placements", &[("page_size", "many")]).unwrap_err();
    assert_eq!((refused.reason.as_str(), refused.place.as_str()), ("BAD_VALUE", "pageSize"));
    let refused = post("/v1/placements:batchMove", json!({"moves": [{"version": "3"}, {"version": "x"}]})).unwrap_err();
    assert_eq!((refused.reason.as_str(), refused.place.as_str()), ("BAD_VALUE", "moves[1].version"));
    let refused = post("/v1/rulePacks", json!({"pack": {"rules": "none"}})).unwrap_err();
    assert_eq!((refused.reason.as_str(), refused.place.as_str()), ("BAD_VALUE", "pack.rules"));
}

#[test]
fn an_unknown_field_is_named_with_its_path() {
    let refused = post("/v1/placements:batchMove", json!({"moves": [{}, {"comand": "Select"}]})).unwrap_err();
    assert_eq!((refused.reason.as_str(), refused.place.as_str()), ("UNKNOWN_FIELD", "moves[1].comand"));
}

#[test]
fn sixty_four_bits_are_text_and_maps_are_objects() {
    let read = post("/v1/candidates/c1:correct", json!({"fields": {"sex": "F"}, "version": 7})).unwrap();
    assert_eq!(read["version"], "7");
    assert_eq!(read["fields"], json!({"sex": "F"}));
    assert_eq!(read["candidateId"], "c1");
}

#[test]
fn the_path_fills_what_the_body_leaves_out_and_refuses_another() {
    let read = post("/v1/placements/p1:move", json!({"placement_id": "p1", "move": {"command": "Select"}})).unwrap();
    assert_eq!(read["placementId"], "p1");
    let refused = post("/v1/placements/p1:move", json!({"placementId": "p2"})).unwrap_err();
    assert_eq!((refused.reason.as_str(), refused.place.as_str()), ("PATH_AND_BODY_DIFFER", "placement_id"));
}

#[test]
fn the_key_of_the_header_fills_an_empty_request_id_only() {
    let (binding, _) = binding(&Method::POST, "/v1/seasons");
    let id = |body: Value| {
        let given = Given { body: Some(body), idempotency_key: Some("header".to_owned()), ..Given::default() };
        shown(&build(&binding, given).unwrap()).unwrap()["requestId"].clone()
    };
    assert_eq!(id(json!({})), "header");
    assert_eq!(id(json!({"request_id": ""})), "header");
    assert_eq!(id(json!({"requestId": "body"})), "body");
}

#[test]
fn a_body_must_be_an_object_and_reads_no_query() {
    assert_eq!(post("/v1/seasons", json!([1])).unwrap_err().reason, "BAD_JSON");
    let (binding, _) = binding(&Method::POST, "/v1/seasons");
    let query = vec![("code".to_owned(), "2026".to_owned())];
    let refused = build(&binding, Given { query, ..Given::default() }).unwrap_err();
    assert_eq!(refused.place, "code");
}

#[test]
fn every_method_with_a_rule_is_bound_once() {
    let pool = DescriptorPool::decode(proto::DESCRIPTORS).unwrap();
    let bindings = binding::read(&pool).unwrap();
    let unary = pool.services().flat_map(|service| service.methods().collect::<Vec<_>>());
    let unary = unary.filter(|method| !method.is_client_streaming() && !method.is_server_streaming()).count();
    let bound = bindings.iter().filter(|binding| binding.index == 0 && !binding.call.upload).count();
    assert_eq!(bound, unary, "every unary call of the contracts has a rule");
    assert_eq!(bindings.iter().filter(|binding| binding.call.upload).count(), 2);
    assert!(bindings.iter().any(|binding| binding.template.source() == "/v1/candidates:byReference"));
}
