//! The page of a round: what it tells, what it lets an operator do, and what stays of it when a part is refused.

use proto::matching::RoundState;
use reqwest::{StatusCode, header};

use super::{House, field, location};

#[tokio::test]
async fn a_round_is_published_once_by_the_operator_only() {
    let house = House::open().await;
    let union = house.sign_in("union").await;
    assert!(!union.html("/rounds/7").await.contains("/rounds/7/publish"));
    let operator = house.sign_in("operator").await;
    let html = operator.html("/rounds/7").await;
    let action = "/rounds/7/publish";
    let [csrf, request_id, version] = ["csrf", "request_id", "version"].map(|name| field(&html, action, name));
    let stale = [("csrf", csrf.as_str()), ("request_id", "other"), ("version", "1")];
    assert_eq!(operator.post(action, &stale).await.status(), StatusCode::CONFLICT);
    assert_eq!(house.said.published(), Vec::<String>::new());
    let form = [("csrf", csrf.as_str()), ("request_id", &request_id), ("version", &version)];
    let done = operator.post(action, &form).await;
    assert_eq!(location(&done), "/rounds/7?done=publish");
    assert_eq!(house.said.published(), [request_id]);
}

#[tokio::test]
async fn a_round_says_whether_its_seed_was_committed_before() {
    let house = House::open().await;
    let union = house.sign_in("union").await;
    let held = union.html("/rounds/7").await;
    assert!(held.contains("abc</code> <small>committed before the round, on 2\u{a0}Jan"), "{held}");
    assert!(held.contains("<code class=\"hash\">ba7816bf</code>"), "what was committed can be compared: {held}");
    let open = union.html("/rounds/8").await;
    assert!(open.contains("not committed before the round") && !open.contains("Committed SHA-256"), "{open}");
}

#[tokio::test]
async fn a_round_says_who_got_a_seat_and_what_would_have_changed_it() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let html = operator.html("/rounds/7?explain=c2").await;
    assert!(html.contains("<b>38</b> of <b>60</b> eligible people"), "{html}");
    assert!(html.contains("women") && html.contains("14.2% – 40.2%"), "a group with its interval");
    assert!(html.contains("55 and over") && html.matches("Not told").count() == 1, "a small group is named alone");
    assert!(!html.contains("1 point more"), "looked for only when asked: it takes seconds");
    let asked = html.split("href=\"").map(|rest| rest.split('"').next().unwrap());
    let link = asked.filter(|link| link.contains("changes=yes")).last().expect("a way to ask").replace("&#38;", "&");
    let told = operator.html(&link.replace("&amp;", "&")).await;
    assert!(told.contains("1 point more") && told.contains("on line 3, Harvest"), "{told}");
    assert!(told.contains("before everything had been tried"), "what was cut is said to be");
    assert!(!operator.html("/rounds/7?explain=c1").await.contains("changes=yes"), "who has a seat lacks nothing");
}

#[tokio::test]
async fn reasons_are_said_in_the_readers_language_and_those_without_words_in_the_services() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let path = "/rounds/7?explain=c2";
    let english = operator.html(path).await;
    assert!(english.contains("Comes first: the last offer was taken back by the employer."), "{english}");
    let cookies = format!("{}; circula-language=fr", operator.cookie);
    let french = house.http.get(format!("{}{path}", house.url)).header(header::COOKIE, cookies).send().await.unwrap();
    let french = french.text().await.unwrap();
    for wanted in [
        "Passe en premier\u{a0}: l’employeur a repris la dernière offre.",
        "un score de 1\u{202f}090, et il aurait fallu au moins 1\u{202f}091",
        "La personne n’a travaillé dans aucun métier de la ligne.",
        "<p class=\"hint\" lang=\"en\">The service says NEWS.</p>",
        "<span lang=\"en\">No experience</span> <small><code>rule.of_tomorrow</code></small>",
    ] {
        assert!(french.contains(wanted), "{wanted} is not in {french}");
    }
    assert!(!french.contains("The service says FIRST") && !french.contains("The service says FULL"), "{french}");
    assert_eq!(french.matches("No experience").count(), 1, "the rule that has words is said in French alone");
}

#[tokio::test]
async fn an_operator_sees_the_cost_before_a_pair_is_laid_down_and_everyone_asked_sees_why_after() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let path = "/rounds/7?explain=c2";
    assert!(operator.html(path).await.contains("pin=l3"), "a line that came near leads to its cost");
    assert!(!house.sign_in("union").await.html(path).await.contains("pin=l3"), "who may not lay down is not led there");
    let html = operator.html(&format!("{path}&pin=l3")).await;
    assert!(html.contains("\u{2212}30") && html.contains("2, Picking"), "{html}");
    let closed = operator.html(&format!("{path}&pin=closed")).await;
    assert!(closed.contains("Not done: What it would cost") && !closed.contains("Lay it down"), "{closed}");
    let action = "/rounds/7/overrides";
    let [csrf, request_id, version] = ["csrf", "request_id", "version"].map(|name| field(&html, action, name));
    let form = [("csrf", csrf.as_str()), ("request_id", &request_id), ("explain", "c2"), ("pin", "l3")];
    let with = |version, reason| [&form[..], &[("version", version), ("reason", reason)]].concat();
    assert_eq!(operator.post(action, &with("1", "speaks Catalan")).await.status(), StatusCode::CONFLICT);
    let empty = operator.post(action, &with(&version, "")).await;
    assert_eq!(empty.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let empty = empty.text().await.unwrap();
    assert!(
        empty.contains("id=\"override-reason\"") && empty.contains("\u{2212}30"),
        "form and cost are still there: {empty}"
    );
    assert_eq!(house.said.laid_down(), []);
    for _ in 0..2 {
        let done = operator.post(action, &with(&version, "speaks Catalan")).await;
        assert_eq!(done.status(), StatusCode::SEE_OTHER, "the first answer may have been lost");
        assert_eq!(location(&done), "/rounds/7?explain=c2&done=override");
    }
    let laid_down = house.said.laid_down();
    assert_eq!(laid_down.len(), 1);
    assert_eq!((laid_down[0].request_id.as_str(), laid_down[0].expected_version), (request_id.as_str(), 2));
    assert!(operator.html("/rounds/7").await.contains("speaks Catalan"), "the reason stands on the round");
}

#[tokio::test]
async fn pairs_tell_their_days_and_are_found_by_what_decided() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let all = operator.html("/rounds/7").await;
    assert!(all.contains("<a href=\"#pairs-h\"><b>38</b> of <b>40</b> seats</a> are filled"), "{all}");
    assert!(all.contains(">1\u{a0}Mar – 31\u{a0}Aug</td>") && all.contains(">asked for by name</td>"), "{all}");
    let named = operator.html("/rounds/7?reason=NAMED").await;
    assert!(named.contains("<option value=\"NAMED\" selected>asked for by name</option>"), "{named}");
    let links: Vec<&str> = named.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    for part in ["after=", "explain=c1"] {
        let mut leading = links.iter().filter(|link| link.starts_with("/rounds/7?") && link.contains(part)).peekable();
        assert!(leading.peek().is_some(), "{part}: {named}");
        assert!(leading.all(|link| link.contains("reason=NAMED")), "{part} loses the filter: {named}");
    }
    let none = operator.html("/rounds/7?reason=DRAW").await;
    assert!(none.contains("No pair fits this filter.") && !none.contains("<code>c1</code>"), "{none}");
    for wrong in ["named", "UNSPECIFIED", "%27%20OR%201%3D1", "%3Cb%3E"] {
        let refused = operator.get(&format!("/rounds/7?reason={wrong}")).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{wrong}");
        let html = refused.text().await.unwrap();
        assert!(html.contains("othing of this name decides about a pair"), "{wrong}: {html}");
    }
    for (language, words) in [("fr", ["tirage au sort", "31\u{a0}août"]), ("es", ["sorteo", "31\u{a0}ago"])] {
        let cookies = format!("{}; circula-language={language}", operator.cookie);
        let page =
            house.http.get(format!("{}/rounds/7", house.url)).header(header::COOKIE, cookies).send().await.unwrap();
        let page = page.text().await.unwrap();
        assert!(words.iter().all(|word| page.contains(word)) && !page.contains("asked for by name"), "{page}");
    }
    // The reason of an override is none by which pairs are found, neither in its form nor when that is drawn again.
    let html = operator.html("/rounds/7?reason=NAMED&explain=c2&pin=l3").await;
    assert!(html.contains("name=\"reason\" required maxlength=\"200\" value=\"\""), "{html}");
    let action = "/rounds/7/overrides";
    let [csrf, request_id, version] = ["csrf", "request_id", "version"].map(|name| field(&html, action, name));
    let keys = [("csrf", csrf.as_str()), ("request_id", &request_id), ("version", &version), ("explain", "c2")];
    let refused = operator.post(action, &[&keys[..], &[("pin", "l3"), ("reason", " ")]].concat()).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().await.unwrap().contains("asked for by name</td>"), "the pairs still stand");
}

#[tokio::test]
async fn publishing_that_outlasts_its_call_is_no_failure_and_can_be_gone_on_with() {
    for (state, status) in
        [(RoundState::Publishing, StatusCode::SEE_OTHER), (RoundState::Preview, StatusCode::SERVICE_UNAVAILABLE)]
    {
        let house = House::open().await;
        let operator = house.sign_in("operator").await;
        house.said.publishing_takes_long(state);
        let action = "/rounds/7/publish";
        let html = operator.html("/rounds/7").await;
        assert!(html.contains("Publish 38 proposals") && !html.contains("Go on publishing"), "{html}");
        let send = async |html: &str| {
            let [csrf, request_id, version] = ["csrf", "request_id", "version"].map(|name| field(html, action, name));
            operator.post(action, &[("csrf", &csrf), ("request_id", &request_id), ("version", &version)]).await
        };
        let sent = send(&html).await;
        assert_eq!(sent.status(), status, "{state:?}");
        if state == RoundState::Preview {
            continue;
        }
        assert_eq!(location(&sent), "/rounds/7?done=publish");
        let html = operator.html("/rounds/7?done=publish").await;
        assert!(html.contains("This round goes out now.") && html.contains("Go on publishing"), "{html}");
        assert_eq!(location(&send(&html).await), "/rounds/7?done=publish");
        assert_eq!(house.said.published().len(), 2);
        assert!(!house.sign_in("union").await.html("/rounds/7").await.contains("Go on publishing"));
    }
}

#[tokio::test]
async fn a_round_without_a_plan_is_not_praised_and_one_that_is_computed_says_how_far_it_is() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let discarded = operator.html("/rounds/8").await;
    assert!(discarded.contains("This round was discarded."), "{discarded}");
    for wrong in ["No plan can be better", "42%", "/rounds/8/publish"] {
        assert!(!discarded.contains(wrong), "{wrong}: {discarded}");
    }
    let computing = operator.html("/rounds/9").await;
    assert!(computing.contains("Finding the best plan within the quotas: 42% of the work is done."), "{computing}");
    let failed = operator.html("/rounds/10").await;
    assert!(failed.contains("The process that computed it ended. Compute the round again."), "{failed}");
    let of_old = operator.html("/rounds/11").await;
    assert!(of_old.contains("<p lang=\"en\"><strong>what an earlier build said</strong>"), "{of_old}");
}

#[tokio::test]
async fn a_search_that_is_refused_leaves_the_rest_of_the_page_whole() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    for (name, why) in [
        ("busy", "Two searches are running."),
        ("hard", "The market was not solved within 20 s."),
        ("old", "Round 7 did not keep its market."),
        ("late", "The call took longer than it may."),
    ] {
        let html = operator.html(&format!("/rounds/7?explain={name}&changes=yes")).await;
        for part in [why, "No experience", "changes=yes#explain", "eligible people"] {
            assert!(html.contains(part), "{name}, {part}: {html}");
        }
        assert!(!html.contains("No single small change"), "nothing is said of what was not looked for");
        let html = operator.html(&format!("/rounds/7?explain=c2&pin={name}")).await;
        for part in ["Not done: What it would cost", why, "No experience", "eligible people"] {
            assert!(html.contains(part), "{name}, {part}: {html}");
        }
        assert!(!html.contains("id=\"override-reason\""), "nothing is laid down before its cost was seen");
    }
}

#[tokio::test]
async fn an_override_that_meets_a_busy_solver_keeps_what_was_typed() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let csrf = field(&operator.html("/rounds/7").await, "/sign-out", "csrf");
    let action = "/rounds/7/overrides";
    for (line, status, why) in [
        ("busy", StatusCode::TOO_MANY_REQUESTS, "Two searches are running."),
        ("hard", StatusCode::TOO_MANY_REQUESTS, "The market was not solved within 20 s."),
        ("late", StatusCode::SERVICE_UNAVAILABLE, "The call took longer than it may."),
    ] {
        let keys = [("csrf", csrf.as_str()), ("request_id", line), ("version", "2")];
        let form = [&keys[..], &[("explain", "c2"), ("pin", line), ("reason", "speaks <b>Catalan")]].concat();
        let refused = operator.post(action, &form).await;
        assert_eq!(refused.status(), status, "{line}");
        assert_eq!(refused.headers()["retry-after"], "5", "{line}");
        let html = refused.text().await.unwrap();
        for part in
            ["Not done: Lay it down", why, "speaks &#60;b&#62;Catalan", "The cost was told before", "No experience"]
        {
            assert!(html.contains(part), "{line}, {part}: {html}");
        }
        let kept = ["request_id", "version", "explain", "pin"].map(|name| field(&html, action, name));
        assert_eq!(kept, [line, "2", "c2", line], "sent again it is the same request, of the round that was looked at");
    }
    assert_eq!(house.said.laid_down(), []);
}
