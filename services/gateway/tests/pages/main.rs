//! The console's pages by HTTP only: a browser before real gRPC services that say what the test wrote down.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod company;
mod corridors;
mod desks;
mod holds;
mod preview;
mod refusals;
mod rounds;
mod services;
mod sides;
mod terms;

use std::{sync::Arc, time::Duration};

use gateway::{
    App, Config,
    config::{DevelopmentUser, OidcConfig},
    upstream::SERVICES,
};
use platform::{
    Clock, Shutdown,
    issuer::{Environment, Issuer},
    testing::{eventually, user},
};
use proto::Role;
use reqwest::{RequestBuilder, Response, StatusCode, header, redirect::Policy};
use services::{Said, UNION};

/// A house of pages, and a browser that keeps one cookie of its session.
struct House {
    said: Said,
    url: String,
    http: reqwest::Client,
    shutdown: Shutdown,
    _issuer: Issuer,
}

impl Drop for House {
    fn drop(&mut self) {
        self.shutdown.trigger();
    }
}

/// Somebody at a desk.
struct Browser<'a> {
    house: &'a House,
    cookie: String,
}

impl House {
    async fn open() -> Self {
        platform::service::install_crypto();
        let shutdown = Shutdown::new();
        let local = ([127, 0, 0, 1], 0).into();
        let users = vec![
            user("operator", Clock::wall().id(), &[Role::Operator]),
            user("union", UNION.parse().unwrap(), &[Role::Union]),
            user("ministry", Clock::wall().id(), &[Role::Ministry]),
            user("worker", Clock::wall().id(), &[Role::Worker]),
            user("employer", UNION.parse().unwrap(), &[Role::Employer]),
        ];
        let issuer = Issuer::start(Environment::Development, local, users, Clock::wall(), shutdown.clone());
        let issuer = issuer.await.unwrap();
        let (behind, said) = services::start().await;
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let config = Config {
            services: SERVICES.map(|service| (service.to_owned(), format!("http://{behind}"))).into(),
            identity: issuer.identity(),
            oidc: OidcConfig {
                authorize_url: format!("{}/authorize", issuer.url()),
                token_url: format!("{}/token", issuer.url()),
                development_users: vec![DevelopmentUser {
                    name: "union".to_owned(),
                    desk: "union".to_owned(),
                    organisation: "Unió de Pagesos".to_owned(),
                }],
                ..OidcConfig::default()
            },
            ..Config::default()
        };
        let app = Arc::new(App::new(config, address).unwrap());
        let routes = gateway::server::router(app);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        Self { said, url: format!("http://{address}"), http, shutdown, _issuer: issuer }
    }

    async fn sign_in(&self, name: &str) -> Browser<'_> {
        let begun = self.http.get(format!("{}/sign-in?login_hint={name}", self.url)).send().await.unwrap();
        let state = cookie(&begun, "circula-sign-in");
        let issued = self.http.get(location(&begun)).send().await.unwrap();
        let back = self.http.get(location(&issued)).header(header::COOKIE, state).send().await.unwrap();
        assert_eq!(back.status(), StatusCode::SEE_OTHER);
        Browser { house: self, cookie: cookie(&back, "circula") }
    }
}

fn location(response: &Response) -> String {
    response.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

fn cookie(response: &Response, name: &str) -> String {
    let set = response.headers().get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap());
    let mut pairs = set.filter_map(|cookie| cookie.split(';').next());
    let found = pairs.rfind(|pair| pair.starts_with(&format!("{name}=")) && !pair.ends_with('='));
    found.expect("a cookie is set").to_owned()
}

impl Browser<'_> {
    fn get(&self, path: &str) -> RequestBuilder {
        self.house.http.get(format!("{}{path}", self.house.url)).header(header::COOKIE, &self.cookie)
    }

    async fn html(&self, path: &str) -> String {
        let response = self.get(path).send().await.unwrap();
        let status = response.status();
        let html = response.text().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{path}: {html}");
        html
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let request = self.house.http.post(format!("{}{path}", self.house.url)).header(header::COOKIE, &self.cookie);
        request.form(form).send().await.unwrap()
    }
}

/// The value of a hidden field in the form that leads to `action`.
fn field(html: &str, action: &str, name: &str) -> String {
    let form =
        html.split("<form").find(|form| form.contains(&format!("action=\"{action}\""))).expect("the form is there");
    let mark = format!("name=\"{name}\" value=\"");
    let start = form.find(&mark).expect("the field is there") + mark.len();
    form[start..].split('"').next().unwrap().to_owned()
}

/// The numbers of one row of the rivers' table.
fn row(html: &str, name: &str) -> Vec<String> {
    let table = html.split("<table class=\"figures").nth(1).expect("the table is there");
    let row = table.split("<tr").find(|row| row.contains(name)).expect("the row is there");
    let texts = |cell: &str| cell.split('>').skip(1).map(|part| part.split('<').next().unwrap().to_owned()).collect();
    let cells = row.split("<td").skip(1).map(|cell| -> Vec<String> { texts(cell) });
    cells.filter_map(|texts| texts.into_iter().find(|text| !text.trim().is_empty())).collect()
}

#[tokio::test]
async fn who_is_not_signed_in_is_sent_to_the_sign_in_page_and_back() {
    let house = House::open().await;
    for (path, to) in [("/", "%2F"), ("/placements?late=yes", "%2Fplacements%3Flate%3Dyes"), ("/rounds", "%2Frounds")] {
        let response = house.http.get(format!("{}{path}", house.url)).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert_eq!(location(&response), format!("/sign-in?to={to}"));
    }
    let page =
        house.http.get(format!("{}/sign-in?to=%2Frounds", house.url)).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Unió de Pagesos") && page.contains("name=\"to\" value=\"/rounds\""), "{page}");
    let sent = house.http.post(format!("{}/sign-in", house.url)).form(&[("user", "union"), ("to", "/rounds")]);
    assert!(location(&sent.send().await.unwrap()).contains("login_hint=union"));
}

#[tokio::test]
async fn who_has_no_desk_is_told_so() {
    let house = House::open().await;
    for name in ["worker", "employer"] {
        let browser = house.sign_in(name).await;
        for path in ["/", "/placements", "/rounds"] {
            assert_eq!(browser.get(path).send().await.unwrap().status(), StatusCode::FORBIDDEN, "{name} at {path}");
        }
    }
}

#[tokio::test]
async fn the_operators_home_shows_the_numbers_of_the_services() {
    let house = House::open().await;
    let html = house.sign_in("operator").await.html("/").await;
    assert!(html.contains("<h1>Season 2026</h1>"), "the latest season that has anything");
    let table = row(&html, "/corridors/CO-ES");
    assert_eq!(
        table,
        ["3,860", "4,149", "3,500", "3,200", "3,100", "3,000", "2,000", "1,900", "211", "569", "19", "41"]
    );
    assert_eq!(row(&html, "Any origin → Spain")[..2], ["40", "0"]);
    assert!(html.contains("<a href=\"/corridors/CO-ES?season=2026\">Colombia → Spain</a>"));
    assert!(html.contains("2 figures differ from their recount"), "a difference and a source that could not be asked");
    assert!(html.contains("7 · CO-ES"), "a round waits to be published");
    assert!(html.contains("<b>6</b> decisions wait for you"), "the round, units, the case and three hearings");
    assert!(
        html.contains("<strong>Programme operator</strong> · operator"),
        "without a name in the register, the token's"
    );
    assert!(!html.contains("the recount gives"), "the page's own sums hold");
}

#[tokio::test]
async fn a_desk_begins_with_the_season_of_its_own() {
    let house = House::open().await;
    house.said.plan("2028");
    let html = house.sign_in("ministry").await.html("/").await;
    assert!(html.contains("<h1>Season 2026</h1>"), "somebody else has orders for 2028 already");
}

#[tokio::test]
async fn a_union_sees_its_own_numbers_and_its_queue() {
    let house = House::open().await;
    let html = house.sign_in("union").await.html("/").await;
    for number in [
        "Employers’ union</strong> · Unió de Pagesos",
        "<b>3,840</b> are filled",
        "<b>60</b> are missing",
        "<b>980</b> people are at work",
        "arrivals to report",
    ] {
        assert!(html.contains(number), "{number}: {html}");
    }
    assert!(!html.contains("visas to decide"), "what waits for others is not in the queue");
}

#[tokio::test]
async fn every_page_speaks_three_languages_and_shows_no_key() {
    let house = House::open().await;
    for desk in ["operator", "union", "ministry"] {
        let browser = house.sign_in(desk).await;
        let paths = [
            "/",
            "/?season=2017",
            "/corridors/CO-ES",
            "/corridors/CO-ES/packs",
            "/corridors/CO-ES/units?units=30",
            "/accessibility",
            "/placements",
            "/placements?state=VISA_APPLIED&late=yes",
            "/placements?state=NONSENSE",
            "/placements/p1",
            "/who-sees-what",
            "/rounds",
            "/rounds/7?explain=c1",
            "/rounds/7?explain=c2&changes=yes",
            "/rounds/7?reserves=yes",
            "/rounds/7?explain=busy&changes=yes",
            "/rounds/8",
            "/rounds/9",
        ];
        for (path, language) in paths.iter().flat_map(|path| ["en", "fr", "es"].map(|language| (path, language))) {
            let cookies = format!("{}; circula-language={language}", browser.cookie);
            let request = house.http.get(format!("{}{path}", house.url)).header(header::COOKIE, cookies);
            let response = request.send().await.unwrap();
            let status = response.status();
            let html = response.text().await.unwrap();
            assert_eq!(status, StatusCode::OK, "{desk} {path}");
            assert!(html.contains(&format!("<html lang=\"{language}\"")), "{path}");
            for wrong in ["⟦", "data-l10n-name", "{ $", " style="] {
                assert!(!html.contains(wrong), "{desk} {path} {language}: {wrong}");
            }
            let looked_at = ["40 prices", "40 prix", "40 precios"].map(|words| html.contains(words));
            let spoken = ["en", "fr", "es"].map(|spoken| path.starts_with("/rounds/7") && spoken == language);
            assert_eq!(looked_at, spoken, "{desk} {path} {language}");
            assert!(html.len() < 100_000);
        }
    }
}

#[tokio::test]
async fn the_language_is_kept_and_the_page_too() {
    let house = House::open().await;
    let switched = house.http.get(format!("{}/language/fr?to=%2Frounds", house.url)).send().await.unwrap();
    assert_eq!(
        (location(&switched).as_str(), cookie(&switched, "circula-language").as_str()),
        ("/rounds", "circula-language=fr")
    );
    let elsewhere = house.http.get(format!("{}/language/fr?to=%2F%2Fevil.test", house.url)).send().await.unwrap();
    assert_eq!(location(&elsewhere), "/");
}

#[tokio::test]
async fn a_form_without_the_sessions_token_changes_nothing() {
    let house = House::open().await;
    let (union, ministry) = (house.sign_in("union").await, house.sign_in("ministry").await);
    let theirs = field(&ministry.html("/placements/p1").await, "/sign-out", "csrf");
    for csrf in ["", "AAAA", &theirs] {
        let form = [("csrf", csrf), ("request_id", "r1"), ("version", "4")];
        for path in ["/placements/p1/moves/select", "/rounds/7/publish"] {
            let refused = union.post(path, &form).await;
            assert_eq!(refused.status(), StatusCode::FORBIDDEN);
            assert!(refused.text().await.unwrap().contains("before your present session"));
        }
    }
    assert_eq!(house.said.moves(), []);
}

#[tokio::test]
async fn parked_events_are_shown_with_their_reason_given_up_for_one_and_applied_again() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let html = operator.html("/parked").await;
    assert!(html.contains("<b>3</b> events wait") && html.contains("circula.programme.v1 4/17"), "{html}");
    assert!(html.contains("10:20 UTC"), "{html}");
    assert!(
        html.contains("NOT_DECODED: &#60;b&#62;buffer") && !html.contains("<b>buffer"),
        "what a message says is text"
    );
    let sent = async |deed: &str, reason: &str| {
        let action = format!("/parked/demand/{deed}");
        let [csrf, request_id] = ["csrf", "request_id"].map(|name| field(&html, &action, name));
        let [consumer, key] = ["consumer", "key"].map(|name| field(&html, &action, name));
        let form = [("csrf", csrf), ("request_id", request_id), ("consumer", consumer), ("key", key)];
        let mut form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        form.push(("reason", reason));
        operator.post(&action, &form).await
    };
    let stuck = sent("replay", "").await;
    assert_eq!(stuck.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = stuck.text().await.unwrap();
    assert!(page.contains("Not done: Apply again") && page.contains("NOT_DECODED: buffer underflow"), "{page}");
    let given_up = sent("discard", "the sender has sent it anew").await;
    assert_eq!((given_up.status(), location(&given_up).as_str()), (StatusCode::SEE_OTHER, "/parked?done=discard"));
    assert_eq!(house.said.given_up(), ["the sender has sent it anew"]);
    assert_eq!(location(&sent("replay", "").await), "/parked?done=replay&dropped=yes");
    assert!(operator.html("/parked?done=replay&dropped=yes").await.contains("were dropped, not applied"));
    assert!(operator.html("/parked?done=replay").await.contains("This aggregate flows again"));
    let union = house.sign_in("union").await;
    assert!(!union.html("/").await.contains("href=\"/parked\""), "only who may open it is shown the way");
}

#[tokio::test]
async fn a_move_is_sent_as_the_form_says_and_the_same_form_twice_is_one_request() {
    let house = House::open().await;
    let union = house.sign_in("union").await;
    let html = union.html("/placements/p1").await;
    let action = "/placements/p1/moves/reject";
    let [csrf, request_id, version] = ["csrf", "request_id", "version"].map(|name| field(&html, action, name));
    let form = [
        ("csrf", csrf.as_str()),
        ("request_id", &request_id),
        ("version", &version),
        ("occurred_on", "2026-03-02"),
        ("reason", "SKILLS_DIFFER"),
    ];
    for _ in 0..2 {
        let done = union.post(action, &form).await;
        assert_eq!((done.status(), location(&done).as_str()), (StatusCode::SEE_OTHER, "/placements/p1?done=reject"));
    }
    let moves = house.said.moves();
    assert_eq!(moves.len(), 2);
    assert!(moves.iter().all(|sent| sent.request_id == request_id), "the service can tell that they are one");
    let sent = moves[0].r#move.as_ref().unwrap();
    assert_eq!((sent.command.as_str(), sent.version, sent.reason.as_str()), ("Reject", 4, "SKILLS_DIFFER"));
    assert_eq!(sent.occurred_on, "2026-03-02");
}

#[tokio::test]
async fn a_first_of_two_people_names_the_move_it_is_about() {
    let house = House::open().await;
    let ministry = house.sign_in("ministry").await;
    let html = ministry.html("/placements/p1").await;
    let action = "/placements/p1/moves/add-record";
    let form = html.split("<form").find(|form| form.contains(action)).expect("the form is there");
    assert!(form.contains("For which move") && !form.contains(">Reason<"), "{form}");
    let choice = form.split("name=\"reason\">").nth(1).expect("the field is there, and may stay empty");
    let choice = choice.split("</select>").next().unwrap();
    for (command, words) in
        [("DecideNonReturn", "Decide: non-return"), ("BarReEntry", "Bar re-entry"), ("RecordDeath", "Record a death")]
    {
        assert!(choice.contains(&format!("<option value=\"{command}\">{words}</option>")), "{choice}");
    }
    let [csrf, request_id, version] = ["csrf", "request_id", "version"].map(|name| field(&html, action, name));
    let send = |reason: &'static str| {
        let request = house.http.post(format!("{}{action}", house.url));
        request.header(header::COOKIE, format!("{}; circula-language=fr", ministry.cookie)).form(&[
            ("csrf", csrf.as_str()),
            ("request_id", request_id.as_str()),
            ("version", version.as_str()),
            ("occurred_on", "2026-11-02"),
            ("kind", "FIRST_OF_TWO"),
            ("reason", reason),
        ])
    };
    assert_eq!(send("RecordDeath").send().await.unwrap().status(), StatusCode::SEE_OTHER);
    assert_eq!(send("RECALL_DECLINED").send().await.unwrap().status(), StatusCode::SEE_OTHER);
    let moves = house.said.moves();
    let [death, answer] = [0, 1].map(|at: usize| moves[at].r#move.clone().unwrap());
    assert_eq!((death.reason.as_str(), death.for_worker), ("RecordDeath", false));
    assert!(answer.for_worker, "what the worker answers is the worker's, whoever writes it down");
    let refused = send("").send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let html = refused.text().await.unwrap();
    assert!(html.contains("Une première de deux personnes doit dire pour quel mouvement."), "{html}");
}

#[tokio::test]
async fn what_is_not_theirs_is_not_there() {
    let house = House::open().await;
    let union = house.sign_in("union").await;
    let mut pages = Vec::new();
    for path in ["/placements/foreign", "/placements/nowhere", "/corridors/XX-YY/units", "/rounds/99", "/nothing/here"]
    {
        let response = union.get(path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        let reference = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        let html = response.text().await.unwrap();
        assert!(html.contains("There is nothing here for you") && html.contains(&reference), "{path}: {html}");
        pages.push(html.replace(&reference, "").len());
    }
    let equal = pages.iter().all(|length| length.abs_diff(pages[0]) < 8);
    assert!(equal, "the pages do not tell the cases apart: {pages:?}");
}

/// The next event of a stream, as its name and data.
async fn event(response: &mut Response) -> (String, String) {
    let mut text = String::new();
    while let Ok(Ok(Some(chunk))) = tokio::time::timeout(Duration::from_secs(20), response.chunk()).await {
        text.push_str(&String::from_utf8_lossy(&chunk));
        if let Some(end) = text.find("\n\n") {
            let part = |name: &str| {
                let line = text[..end].lines().find_map(|line| line.strip_prefix(name));
                line.map(|value| value.trim().to_owned()).unwrap_or_default()
            };
            if !part("event:").is_empty() {
                return (part("event:"), part("data:"));
            }
            text.drain(..end + 2);
        }
    }
    panic!("the stream ended: {text}")
}

fn live_key(html: &str) -> String {
    html.split("data-page=\"").nth(1).expect("the page lives").split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_page_is_told_when_its_numbers_change_and_only_then() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let key = live_key(&operator.html("/").await);
    let mut stream = operator.get("/live").query(&[("page", &key)]).send().await.unwrap();
    assert_eq!(stream.headers()[header::CONTENT_TYPE], "text/event-stream");
    house.said.fold_moves();
    let quiet = tokio::time::timeout(Duration::from_secs(2), stream.chunk()).await;
    assert!(quiet.is_err(), "nothing on this page has changed: {quiet:?}");
    house.said.somebody_returns();
    let (name, data) = event(&mut stream).await;
    assert_eq!(name, "total");
    let total: serde_json::Value = serde_json::from_str(&data).unwrap();
    assert_eq!(total["RETURNED_VERIFIED"], "1,901");
    // Signing out ends the stream.
    let csrf = field(&operator.html("/").await, "/sign-out", "csrf");
    operator.post("/sign-out", &[("csrf", &csrf)]).await;
    let ended = async { while let Ok(Some(_)) = stream.chunk().await {} };
    tokio::time::timeout(Duration::from_secs(10), ended).await.expect("the stream ends with its session");
}

#[tokio::test]
async fn a_session_opens_four_streams_at_most() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let key = live_key(&operator.html("/").await);
    let open = || async { operator.get("/live").query(&[("page", &key)]).send().await.unwrap() };
    let mut streams = Vec::new();
    for _ in 0..4 {
        streams.push(open().await);
        assert_eq!(streams.last().unwrap().status(), StatusCode::OK);
    }
    assert_eq!(open().await.status(), StatusCode::TOO_MANY_REQUESTS);
    streams.clear();
    eventually("a place is free again", async || (open().await.status() == StatusCode::OK).then_some(())).await;
}
