//! Forms that are refused: what they keep, what they lead to, and who was faster.

use proto::placement::Track;
use reqwest::{StatusCode, header};

use super::{Browser, House, field};

/// A form of the placement's page, sent in a language; with the version it was drawn from.
async fn send(
    browser: &Browser<'_>,
    (language, command, version): (&str, &str, &str),
    typed: &[(&str, &str)],
) -> (StatusCode, String) {
    let csrf = field(&browser.html("/placements/p1").await, "/sign-out", "csrf");
    let keys = [("csrf", csrf.as_str()), ("request_id", "r1"), ("version", version)];
    let form = [&keys[..], typed].concat();
    let request = browser.house.http.post(format!("{}/placements/p1/moves/{command}", browser.house.url));
    let cookies = format!("{}; circula-language={language}", browser.cookie);
    let answer = request.header(header::COOKIE, cookies).form(&form).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

/// The summary leads to a field that says what is wrong with it, and the title says it first.
fn leads_to(html: &str, field: &str) {
    assert!(html.contains("<title>Error: "), "{html}");
    let link = html.split(&format!("<li><a href=\"#{field}")).nth(1).unwrap_or_else(|| panic!("{field}: {html}"));
    let id = format!("{field}{}", link.split('"').next().unwrap());
    let input =
        html.split(&format!("id=\"{id}\"")).nth(1).expect("the link leads somewhere").split('>').next().unwrap();
    assert!(input.contains("aria-invalid=\"true\""), "{input}");
    let told = input.split("aria-describedby=\"").nth(1).expect("what is wrong is told").split('"').next().unwrap();
    assert!(html.contains(&format!("id=\"{told}\"")), "{told}: {html}");
}

#[tokio::test]
async fn who_was_outrun_is_told_by_whom_and_when_and_what_was_typed_stands_above_the_moves() {
    let house = House::open().await;
    let ministry = house.sign_in("ministry").await;
    let typed = [
        ("occurred_on", "2026-03-02"),
        ("evidence", "late"),
        ("language", "es<b>"),
        ("witness", "A neighbour"),
        ("for_worker", "yes"),
    ];
    for (language, title, told) in [
        (
            "en",
            "<title>Error: ",
            "The programme operator was faster: “Record added”, recorded 12\u{a0}Feb 2026, 10:40 UTC.",
        ),
        ("fr", "<title>Erreur\u{a0}: ", "L’opérateur du programme a été plus rapide\u{a0}: "),
        ("es", "<title>Error: ", "El operador del programa se adelantó: "),
    ] {
        let (status, html) = send(&ministry, (language, "accept", "3"), &typed).await;
        assert_eq!(status, StatusCode::CONFLICT, "{language}");
        assert!(html.contains(title) && html.contains(told), "{language}: {html}");
        assert!(!html.contains("/moves/accept"), "the move is possible no longer");
        let kept = html.find("<dd>es&#60;b&#62;</dd>").expect("what was typed is kept and escaped");
        assert!(html.contains("<dd>A neighbour</dd>") && html.contains("<dd>late</dd>"), "{html}");
        assert!(kept < html.find("class=\"move\"").unwrap(), "above the moves");
    }
    let (status, html) = send(&ministry, ("en", "accept", "4"), &typed).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!html.contains("was faster") && html.contains("<dd>A neighbour</dd>"), "nobody was: {html}");
    let (status, html) = send(&ministry, ("en", "offer", "3"), &[("evidence", "stale"), ("language", "es")]).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(html.contains("was faster") && html.contains("value=\"es\""), "its form still stands: {html}");
    assert!(!html.contains("<dd>es</dd>"), "what stands in a form is not told again: {html}");
}

#[tokio::test]
async fn what_was_typed_outlives_a_service_that_does_not_answer() {
    let house = House::open().await;
    let union = house.sign_in("union").await;
    let (status, html) = send(&union, ("en", "offer", "4"), &[("evidence", "away"), ("language", "es-CO")]).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(html.contains("<dd>es-CO</dd>") && html.contains("href=\"/placements/p1\""), "{html}");
}

#[tokio::test]
async fn a_refused_form_leads_to_the_field_that_is_to_be_mended() {
    let house = House::open().await;
    let (union, operator) = (house.sign_in("union").await, house.sign_in("operator").await);
    assert!(!union.html("/placements/p1").await.contains("aria-invalid"));
    let (status, html) =
        send(&union, ("en", "offer", "4"), &[("evidence", "needed"), ("occurred_on", "2026-03-02")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    leads_to(&html, "language-");
    assert_eq!(html.matches("aria-invalid").count(), 1, "the others are as they should be");
    let ahead = [("evidence", "ahead"), ("language", "es"), ("occurred_on", "2999-01-01")];
    let (status, html) = send(&union, ("en", "offer", "4"), &ahead).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    leads_to(&html, "occurred_on-");

    leads_to(&operator.html("/corridors/CO-ES/units?units=999").await, "units");

    let html = operator.html("/rounds/7?explain=c2&pin=l3").await;
    assert!(!html.contains("<title>Error"), "{html}");
    let action = "/rounds/7/overrides";
    let [csrf, request_id, version] = ["csrf", "request_id", "version"].map(|name| field(&html, action, name));
    let keys = [("csrf", csrf.as_str()), ("request_id", &request_id), ("version", &version), ("explain", "c2")];
    let refused = operator.post(action, &[&keys[..], &[("pin", "l3"), ("reason", " ")]].concat()).await;
    leads_to(&refused.text().await.unwrap(), "override-reason");
}

#[tokio::test]
async fn a_preview_calls_an_error_only_what_its_own_form_left_out() {
    let house = House::open().await;
    let union = house.sign_in("union").await;
    let csrf = field(&union.html("/placements").await, "/sign-out", "csrf");
    let marked = [("csrf", csrf.as_str()), ("action", "Reject"), ("pick", "p1.4"), ("reason", "")];
    let first = union.post("/preview", &marked).await.text().await.unwrap();
    assert!(!first.contains("<title>Error") && first.contains("This is needed."), "{first}");
    let again = [&marked[..], &[("occurred_on", "2026-03-02")]].concat();
    leads_to(&union.post("/preview", &again).await.text().await.unwrap(), "reason");
}

#[tokio::test]
async fn the_history_says_what_was_recorded_later_and_by_when_the_next_step_is_wanted() {
    let house = House::open().await;
    let html = house.sign_in("union").await.html("/placements/p1").await;
    let history = html.split("class=\"timeline\"").nth(1).unwrap().split("</ol>").next().unwrap();
    assert!(history.contains("Recorded on 12\u{a0}February 2026."), "it happened two days before: {history}");
    let together = "Recorded on 12\u{a0}February 2026, together with the entry before it.";
    assert!(history.contains(together), "two in a row are told of once: {history}");
    assert_eq!(history.matches("Recorded on").count(), 2, "{history}");
    let ahead: Vec<&str> = history.split("<li class=\"ahead\">").skip(1).collect();
    assert!(ahead[0].contains("Selected") && ahead[0].contains("by 20\u{a0}Feb"), "{}", ahead[0]);
    assert!(!ahead[1].contains("by "), "no clock runs for it yet: {}", ahead[1]);
}

#[tokio::test]
async fn a_preparation_names_its_next_track_and_who_takes_it_on() {
    let house = House::open().await;
    let union = house.sign_in("union").await;
    for (done, told) in [
        (vec![], "Unió de Pagesos must sign the contract"),
        (vec![Track::Contract], "The authority must decide the work authorisation"),
        (vec![Track::Contract, Track::Authorisation], "apply for the visa"),
        (vec![Track::Contract, Track::Authorisation, Track::VisaApplied], "The authority must decide the visa"),
    ] {
        house.said.prepares(&done);
        let html = union.html("/placements/p1").await;
        let lead = html.split("class=\"lead\">").nth(1).unwrap().split("</p>").next().unwrap();
        assert!(lead.contains(told), "{lead}");
        assert!(lead.contains("by 11\u{a0}April 2026") && !lead.contains("finish the preparation"), "{lead}");
    }
}

#[tokio::test]
async fn an_explanation_says_what_happens_now_to_who_has_no_seat() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let html = operator.html("/rounds/7?explain=c2").await;
    let panel = html.split("id=\"explain\"").nth(1).unwrap();
    assert!(panel.contains("On the roster until 31\u{a0}December 2026, and in each round until then."), "{panel}");
    // Not with the explanation: who was withdrawn meanwhile has none there.
    assert!(panel.contains("href=\"/rounds/9\">Round 9 came next"), "one that was discarded is none: {panel}");
    assert!(!operator.html("/rounds/7?explain=c1").await.contains("What happens now"), "who has a seat");
}

#[tokio::test]
async fn a_refusal_names_track_party_clock_and_day_in_the_reader_s_words() {
    let house = House::open().await;
    let union = house.sign_in("union").await;
    for (language, told) in [
        (
            "en",
            "A part of the preparation is still open: visa. Who takes it on: visa (Authority). It is due on \
             11\u{a0}April 2026.",
        ),
        (
            "fr",
            "Une partie de la préparation est encore ouverte\u{a0}: visa. Qui s’en charge\u{a0}: visa (Autorité). \
             L’échéance est le 11\u{a0}avril 2026.",
        ),
        (
            "es",
            "Una parte de la preparación sigue abierta: visado. Quién se encarga: visado (Autoridad). Vence el \
             11\u{a0}de\u{a0}abril de 2026.",
        ),
    ] {
        let cookies = format!("{}; circula-language={language}", union.cookie);
        let request = house.http.get(format!("{}/placements/p1", house.url)).header(header::COOKIE, cookies);
        let html = request.send().await.unwrap().text().await.unwrap();
        assert!(html.contains(told), "{language}: {html}");
        assert!(!html.contains("Finish visa."), "nothing is left that only the English says: {html}");
    }
    let early = [("evidence", "early"), ("language", "es")];
    let (status, html) = send(&union, ("fr", "offer", "4"), &early).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let summary = html.split("class=\"summary\"").nth(1).unwrap().split("</div>").next().unwrap();
    for told in ["le délai «\u{a0}Sélection\u{a0}» court jusqu’au 20\u{a0}février 2026.", "<dd>Proposé</dd>"] {
        assert!(summary.contains(told), "{told}: {summary}");
    }
    assert!(!summary.contains("C-SELECT") && !summary.contains("PROPOSED"), "no code is left: {summary}");
}

#[tokio::test]
async fn a_refused_move_says_why_and_keeps_what_was_typed() {
    let house = House::open().await;
    let union = house.sign_in("union").await;
    let csrf = field(&union.html("/placements/p1").await, "/sign-out", "csrf");
    let send = |evidence: &'static str, request_id: &'static str| {
        let form = vec![
            ("csrf", csrf.clone()),
            ("request_id", request_id.to_owned()),
            ("version", "4".to_owned()),
            ("evidence", evidence.to_owned()),
            ("language", "es<b>".to_owned()),
        ];
        let request = house.http.post(format!("{}/placements/p1/moves/offer", house.url));
        request.header(header::COOKIE, format!("{}; circula-language=fr", union.cookie)).form(&form).send()
    };
    let refused = send("refuse", "r1").await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let html = refused.text().await.unwrap();
    assert!(html.contains("Non fait\u{a0}: Faire l’offre") && html.contains("La ligne n’est pas ouverte."), "{html}");
    assert!(
        html.contains("value=\"es&#60;b&#62;\"") || html.contains("value=\"es&lt;b&gt;\""),
        "typed text is kept and escaped"
    );
    let stale = send("stale", "r2").await.unwrap();
    assert_eq!(stale.status(), StatusCode::CONFLICT);
    let away = send("away", "r3").await.unwrap();
    assert_eq!(away.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(away.headers().contains_key(header::RETRY_AFTER));
}
