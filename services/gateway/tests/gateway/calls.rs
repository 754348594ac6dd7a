use std::time::Duration;

use http_body_util::{BodyExt, Full};
use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{House, detail};

#[tokio::test]
async fn a_query_becomes_a_call_in_the_callers_name() {
    let house = House::start().await;
    let request = house.get("/v1/corridors?pageSize=2&page_token=a%2Fb");
    let request =
        request.header("x-request-id", "abc-1").header("accept-language", "es").header("x-server-timeout", "5");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["x-request-id"], "abc-1");
    let read: Value = response.json().await.unwrap();
    assert_eq!(read["corridors"][0]["code"], "CO-ES");
    assert_eq!(read["corridors"][0]["version"], "3", "64 bits are text");
    assert_eq!(read["corridors"][0]["state"], "CORRIDOR_STATE_OPEN");
    assert_eq!(read["corridors"][0]["ministryId"], "", "defaults are written, in camelCase");
    assert_eq!(read["nextPageToken"], "");
    assert!(house.seen.request().contains("page_size: 2, page_token: \"a/b\""), "{}", house.seen.request());
    let token = house.seen.header("authorization").unwrap();
    assert!(token.starts_with("Bearer ey"));
    assert_eq!(house.seen.header("x-request-id").as_deref(), Some("abc-1"));
    assert_eq!(house.seen.header("accept-language").as_deref(), Some("es"));
    assert_eq!(house.seen.header("grpc-timeout").as_deref(), Some("5000m"));
}

#[tokio::test]
async fn a_body_becomes_a_call() {
    let house = House::start().await;
    let body = json!({"name": "Unió de Pagesos", "kind": "ORGANISATION_KIND_UNION", "requestId": "r1"});
    let response = house.post("/v1/organisations").json(&body).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let read: Value = response.json().await.unwrap();
    assert_eq!(read["name"], "Unió de Pagesos");
    assert_eq!(read["kind"], "ORGANISATION_KIND_UNION");
}

#[tokio::test]
async fn the_header_makes_a_command_repeatable() {
    let house = House::start().await;
    let request = house.post("/v1/organisations").header("idempotency-key", "0190-key").json(&json!({"name": "x"}));
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    assert!(house.seen.request().contains("request_id: \"0190-key\""), "{}", house.seen.request());
    let request = house.post("/v1/organisations").header("idempotency-key", "other");
    let request = request.json(&json!({"requestId": "from-body"}));
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    assert!(house.seen.request().contains("request_id: \"from-body\""), "{}", house.seen.request());
}

#[tokio::test]
async fn an_unknown_field_is_named() {
    let house = House::start().await;
    let response = house.post("/v1/organisations").json(&json!({"nmae": "x"})).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let error: Value = response.json().await.unwrap();
    assert_eq!(error["error"]["status"], "INVALID_ARGUMENT");
    assert_eq!(detail(&error, "BadRequest")["fieldViolations"][0]["field"], "nmae");
    assert_eq!(detail(&error, "ErrorInfo")["reason"], "UNKNOWN_FIELD");
    assert_eq!(detail(&error, "RequestInfo")["requestId"], id);
    let response = house.get("/v1/corridors?size=2").send().await.unwrap();
    let error: Value = response.json().await.unwrap();
    assert_eq!(detail(&error, "ErrorInfo")["metadata"]["where"], "size");
}

#[tokio::test]
async fn a_refusal_says_what_where_why_and_what_mends_it() {
    let house = House::start().await;
    let response = house.post("/v1/quotas/q7:releaseReserve").json(&json!({"units": 5})).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let error: Value = response.json().await.unwrap();
    assert_eq!(error["error"]["code"], 400);
    assert_eq!(error["error"]["status"], "FAILED_PRECONDITION");
    assert_eq!(error["error"]["message"], "the release waits for a second person");
    let info = detail(&error, "google.rpc.ErrorInfo");
    assert_eq!((&info["reason"], &info["domain"]), (&json!("SECOND_PERSON"), &json!("circula")));
    assert_eq!(
        info["metadata"],
        json!({"where": "units", "mend": "ask a colleague to send the same release", "quota": "q7"})
    );
    let response = house.get("/v1/corridors/XX-YY").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let error: Value = response.json().await.unwrap();
    assert_eq!(detail(&error, "ErrorInfo")["reason"], "NOT_FOUND");
}

#[tokio::test]
async fn nobody_calls_without_a_token() {
    let house = House::start().await;
    let forged = format!("{}x", house.issuer.token("operator").unwrap());
    for token in [None, Some("no.such.token"), Some(forged.as_str())] {
        let mut request = house.http.get(house.url("/v1/corridors"));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{token:?}");
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
        let error: Value = response.json().await.unwrap();
        assert_eq!(detail(&error, "ErrorInfo")["reason"], "SIGN_IN");
    }
    assert_eq!(house.seen.request(), "", "nothing reached the service");
}

#[tokio::test]
async fn a_wrong_path_is_404_and_a_wrong_method_405() {
    let house = House::start().await;
    for path in ["/v1/nothing", "/v1", "/v1/", "/v1/corridors:close", "/v1/corridors/CO-ES/steps"] {
        let response = house.get(path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        let error: Value = response.json().await.unwrap();
        assert_eq!(detail(&error, "ErrorInfo")["reason"], "NO_SUCH_PATH");
    }
    let response = house.http.delete(house.url("/v1/corridors")).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[header::ALLOW], "GET, HEAD, POST");
    let response = house.get("/v1/demand/imports/i1:upload").send().await.unwrap();
    assert_eq!(response.headers()[header::ALLOW], "POST");
    let response = house.http.post(house.url("/docs")).header(header::ACCEPT_LANGUAGE, "es").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    let page = response.text().await.unwrap();
    assert!(page.contains("<html lang=\"es\">") && page.contains("Esta dirección no admite eso."), "{page}");
    let response = house.http.get(house.url("/no-such-page")).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert!(response.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
    let response = house.http.head(house.url("/v1/corridors")).bearer_auth(house.issuer.token("union").unwrap());
    assert_eq!(response.send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn bodies_are_bounded_and_are_json() {
    let house = House::start().await;
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(1 << 20));
    let send = |body: String, kind: &'static str| {
        house.post("/v1/organisations").header(header::CONTENT_TYPE, kind).body(body).send()
    };
    assert_eq!(send(large.clone(), "application/json").await.unwrap().status(), StatusCode::PAYLOAD_TOO_LARGE);
    // A mapped body declares no length, so it is sent in chunks.
    let chunked = Full::new(axum::body::Bytes::from(large)).map_frame(|frame| frame);
    let request = house.post("/v1/organisations").header(header::CONTENT_TYPE, "application/json");
    let response = request.body(reqwest::Body::wrap(chunked)).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE, "also where no length is declared");
    let form = send("name=x".to_owned(), "application/x-www-form-urlencoded").await.unwrap();
    assert_eq!(form.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let broken = send("{\"name\": ".to_owned(), "application/json").await.unwrap();
    assert_eq!(broken.status(), StatusCode::BAD_REQUEST);
    let error: Value = broken.json().await.unwrap();
    assert_eq!(detail(&error, "ErrorInfo")["reason"], "BAD_JSON");
}

#[tokio::test]
async fn a_service_that_is_away_is_worth_another_try() {
    let house = House::start().await;
    let response = house.get("/v1/flows").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()[header::RETRY_AFTER], "2");
    let error: Value = response.json().await.unwrap();
    assert_eq!(detail(&error, "ErrorInfo")["metadata"]["service"], "monitoring");
    assert!(!error.to_string().contains("127.0.0.1"), "{error}");
}

#[tokio::test]
async fn a_fault_of_ours_tells_strangers_nothing() {
    let house = House::start().await;
    let response = house.get("/v1/seasons").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let text = response.text().await.unwrap();
    assert!(text.contains("INTERNAL") && !text.contains("postgres"), "{text}");
    let response = house.get("/v1/quotas").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::NOT_IMPLEMENTED);
}

#[tokio::test]
async fn a_file_is_sent_on_in_pieces() {
    let house = House::start().await;
    let file: Vec<u8> = (0..2_500_000u32).map(|index| u8::try_from(index % 251).unwrap()).collect();
    let (head, tail) = file.split_at(1_000_000);
    let response = house.post("/v1/demand/imports/i1:upload").body(head.to_vec()).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let read: Value = response.json().await.unwrap();
    assert_eq!((&read["id"], &read["bytesReceived"]), (&json!("i1"), &json!("1000000")));
    let response = house.post("/v1/demand/imports/i1:upload?offset=1000000").body(tail.to_vec()).send().await.unwrap();
    let read: Value = response.json().await.unwrap();
    assert_eq!(read["bytesReceived"], "2500000");
    let (received, calls) = house.seen.file();
    assert!(received == file, "byte for byte");
    assert_eq!(calls, 3, "at most a mebibyte goes with a call");
    let response = house.post("/v1/demand/imports/i1:upload?offset=7").body("x").send().await.unwrap();
    let error: Value = response.json().await.unwrap();
    assert_eq!(detail(&error, "ErrorInfo")["reason"], "OFFSET", "a refusal of the service comes through");
    let response = house.post("/v1/demand/imports/i1:upload").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_file_may_take_longer_than_a_form_for_as_long_as_it_moves() {
    let house = House::start_with(|config| config.body_s = 2).await;
    let token = house.issuer.token("operator").unwrap();
    let mut line = TcpStream::connect(house.address).await.unwrap();
    let head = format!(
        "POST /v1/demand/imports/i1:upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: 14\r\nConnection: close\r\n\r\n"
    );
    line.write_all(head.as_bytes()).await.unwrap();
    let mut moments = tokio::time::interval(Duration::from_millis(250));
    for byte in b"a slow season." {
        moments.tick().await;
        line.write_all(&[*byte]).await.unwrap();
    }
    let mut answer = String::new();
    line.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"bytesReceived\":\"14\""), "{answer}");
    assert_eq!(house.seen.file().0, b"a slow season.");
}

#[tokio::test]
async fn every_call_of_the_contracts_is_documented() {
    let house = House::start().await;
    let response = house.http.get(house.url("/openapi.json")).header("accept-encoding", "gzip").send().await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
    let document: Value = house.http.get(house.url("/openapi.json")).send().await.unwrap().json().await.unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], house.url(""));
    // The rules as they stand in the files, found without the code that serves them.
    let contracts =
        std::path::PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../../proto/circula");
    let mut rules = 0;
    for service in std::fs::read_dir(contracts).unwrap() {
        for file in std::fs::read_dir(service.unwrap().path().join("v1")).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            for (method, path) in written(&text) {
                rules += 1;
                assert!(document["paths"][path][method].is_object(), "{method} {path}");
            }
        }
    }
    assert!(rules > 50, "{rules}");
    let page = house.http.get(house.url("/docs")).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("/v1/rounds/{round_id}/candidates/{candidate_id}:explain"));
    assert!(!page.contains("<script") && !page.contains("style="));
}

/// Every `get: "/v1/…"` of a contract.
fn written(text: &str) -> impl Iterator<Item = (&'static str, &str)> {
    ["get", "put", "post", "delete", "patch"].into_iter().flat_map(move |method| {
        let begin = format!("{method}: \"/v1/");
        let places: Vec<usize> = text.match_indices(&begin).map(|(at, _)| at + method.len() + 3).collect();
        places.into_iter().map(move |at| (method, text[at..].split('"').next().unwrap_or_default()))
    })
}

#[tokio::test]
async fn every_answer_is_dressed() {
    let house = House::start().await;
    for path in ["/docs", "/nothing", "/v1/nothing", "/assets/console.css", "/openapi.json"] {
        let response = house.http.get(house.url(path)).send().await.unwrap();
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let policy = header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        let form = format!("form-action 'self' {};", house.issuer.url());
        assert!(policy.contains(&form), "browsers hold a form to where it leads: {policy}");
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"), "{path}");
        assert_eq!(header("referrer-policy").as_deref(), Some("same-origin"), "{path}");
        assert!(header("x-request-id").is_some_and(|id| !id.is_empty()), "{path}");
        assert!(header("cache-control").is_some(), "{path}");
    }
}
