use std::collections::HashMap;

use http::{HeaderMap, HeaderValue};
use reqwest::{Response, StatusCode, Url, header};

use crate::House;

/// Cookies as a browser keeps them.
#[derive(Default)]
struct Jar(HashMap<String, String>);

impl Jar {
    fn take(&mut self, response: &Response) {
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax"), "{cookie}");
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0;") {
                self.0.remove(name);
            } else {
                self.0.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    fn header(&self) -> HeaderValue {
        let pairs: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        HeaderValue::from_str(&pairs.join("; ")).unwrap()
    }

    fn headers(&self) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, self.header())])
    }
}

fn location(response: &Response) -> &str {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    response.headers()[header::LOCATION].to_str().unwrap()
}

/// To the issuer and back as this user, up to the address that the issuer sends the browser to.
async fn to_issuer(house: &House, jar: &mut Jar, query: &str) -> Url {
    let response = house.http.get(house.url(&format!("/sign-in?{query}"))).send().await.unwrap();
    jar.take(&response);
    let url = Url::parse(location(&response)).unwrap();
    let asked: HashMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!(asked["response_type"], "code");
    assert_eq!(asked["code_challenge_method"], "S256");
    assert_eq!(asked["code_challenge"].len(), 43);
    assert_eq!(asked["redirect_uri"], house.url("/sign-in/callback"));
    let response = house.http.get(url).send().await.unwrap();
    Url::parse(location(&response)).unwrap()
}

async fn come_back(house: &House, jar: &mut Jar, url: Url) -> Response {
    let response = house.http.get(url).header(header::COOKIE, jar.header()).send().await.unwrap();
    jar.take(&response);
    response
}

#[tokio::test]
async fn one_signs_in_works_and_signs_out() {
    let (house, app) = House::open().await;
    let mut jar = Jar::default();
    let back = to_issuer(&house, &mut jar, "login_hint=operator&to=%2Fplacements%3Flate%3Dtrue").await;
    let response = come_back(&house, &mut jar, back).await;
    assert_eq!(location(&response), "/placements?late=true");
    assert_eq!(jar.0.keys().collect::<Vec<_>>(), ["circula"], "the state of the way is forgotten");

    let mut session = app.sessions.current(&jar.headers()).expect("somebody is signed in");
    session.request_id = "page-1".to_owned();
    assert_eq!(session.principal.subject, "operator");
    assert_eq!(session.name, "operator");
    let mut programme = app.upstream.programme(&session);
    let read = programme.list_corridors(proto::programme::ListCorridorsRequest::default()).await;
    assert_eq!(read.unwrap().into_inner().corridors[0].code, "CO-ES");
    assert!(house.seen.header("authorization").unwrap().starts_with("Bearer ey"));
    assert_eq!(house.seen.header("x-request-id").as_deref(), Some("page-1"), "services log the page's request");

    let leave = |csrf: String| {
        let request = house.http.post(house.url("/sign-out")).header(header::COOKIE, jar.header());
        request.form(&[("csrf", csrf)]).send()
    };
    assert_eq!(leave("AAAA".to_owned()).await.unwrap().status(), StatusCode::FORBIDDEN);
    assert!(app.sessions.current(&jar.headers()).is_some(), "a stranger's form signs nobody out");
    let response = leave(session.csrf).await.unwrap();
    assert_eq!(location(&response), "/sign-in");
    assert!(app.sessions.current(&jar.headers()).is_none());
}

#[tokio::test]
async fn a_sign_in_of_another_browser_is_not_taken_over() {
    let (house, app) = House::open().await;
    let (mut ours, mut theirs) = (Jar::default(), Jar::default());
    let back = to_issuer(&house, &mut theirs, "login_hint=union").await;
    let response = come_back(&house, &mut ours, back.clone()).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST, "no sign-in began here");
    drop(to_issuer(&house, &mut ours, "login_hint=operator").await);
    let response = come_back(&house, &mut ours, back).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST, "another one began here");
    assert!(app.sessions.current(&ours.headers()).is_none());
}

#[tokio::test]
async fn who_has_no_role_or_no_code_is_not_signed_in() {
    let (house, app) = House::open().await;
    let mut jar = Jar::default();
    let back = to_issuer(&house, &mut jar, "login_hint=nobody").await;
    let refused = come_back(&house, &mut jar, back).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let reference = refused.headers()["x-request-id"].to_str().unwrap().to_owned();
    let page = refused.text().await.unwrap();
    for wanted in ["<h1>This desk may not do that</h1>", "Your account has no role", "href=\"/sign-in\"", &reference] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    assert!(app.sessions.current(&jar.headers()).is_none());
    let mut back = to_issuer(&house, &mut jar, "login_hint=operator").await;
    let state = back.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    back.query_pairs_mut().clear().append_pair("state", &state).append_pair("error", "access_denied");
    assert_eq!(come_back(&house, &mut jar, back).await.status(), StatusCode::FORBIDDEN);
    assert!(app.sessions.current(&jar.headers()).is_none());
}

#[tokio::test]
async fn the_way_back_stays_in_the_house() {
    let (house, _) = House::open().await;
    let mut jar = Jar::default();
    let back = to_issuer(&house, &mut jar, "login_hint=operator&to=%2F%2Fevil.example%2F").await;
    assert_eq!(location(&come_back(&house, &mut jar, back).await), "/");
}

#[tokio::test]
async fn a_form_of_another_site_signs_nobody_in() {
    let house = House::start().await;
    let form = [("user", "operator"), ("to", "/")];
    let send = |origin: String| {
        let request = house.http.post(house.url("/sign-in")).header("origin", origin);
        request.header("cookie", "circula-language=fr").form(&form).send()
    };
    let refused = send("http://evil.example".to_owned()).await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let page = refused.text().await.unwrap();
    assert!(page.contains("Ce formulaire vient d’un autre site."), "{page}");
    let response = send(house.url("")).await.unwrap();
    assert!(location(&response).contains("login_hint=operator"));
}

#[tokio::test]
async fn the_gateway_ends_when_asked() {
    let house = House::start().await;
    assert!(house.http.get(house.url("/docs")).send().await.is_ok());
    house.shutdown.trigger();
    let closed = platform::testing::eventually("the door is closed", async || {
        let fresh = reqwest::Client::new();
        fresh.get(house.url("/docs")).send().await.err()
    });
    assert!(closed.await.is_connect());
}

#[tokio::test]
async fn who_is_not_signed_in_comes_back_to_the_page() {
    let house = House::start().await;
    let response = house.http.get(house.url("/placements?late=true&after=x")).send().await.unwrap();
    assert_eq!(location(&response), "/sign-in?to=%2Fplacements%3Flate%3Dtrue%26after%3Dx");
    let form = [("csrf", "x"), ("request_id", "r1")];
    let response = house.http.post(house.url("/rounds/7/publish")).form(&form).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "a form is not sent into nothing");
}
