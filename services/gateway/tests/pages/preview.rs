//! Bulk actions: nothing happens unseen, and what was seen is what is done.

use reqwest::StatusCode;

use super::{Browser, House, field};

/// The form of a list in which these were marked.
async fn marked(browser: &Browser<'_>, picks: &[&str], action: &str, reason: &str) -> (StatusCode, String) {
    let csrf = field(&browser.html("/placements").await, "/sign-out", "csrf");
    let mut form =
        vec![("csrf", csrf.as_str()), ("action", action), ("reason", reason), ("back", "/placements?late=yes")];
    form.extend(picks.iter().map(|pick| ("pick", *pick)));
    let answer = browser.post("/preview", &form).await;
    (answer.status(), answer.text().await.unwrap())
}

/// Names and values of the hidden fields, and what else is given.
fn sent<'a>(html: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let form = html.split("action=\"/preview\">").nth(1).expect("the form is there").split("</form>").next().unwrap();
    let hidden = form.split("<input type=\"hidden\" name=\"").skip(1);
    let pair = |field: &'a str| {
        let (name, rest) = field.split_once("\" value=\"")?;
        Some((name, rest.split('"').next()?))
    };
    hidden.filter_map(pair).chain(more.iter().copied()).collect()
}

const WHEN: (&str, &str) = ("occurred_on", "2026-03-02");

#[tokio::test]
async fn a_list_is_marked_previewed_and_confirmed() {
    let house = House::open().await;
    let union = house.sign_in("union").await;
    let list = union.html("/placements?pick=all&action=Select").await;
    assert!(list.contains("value=\"p1.4\"") && list.contains("checked"), "the link marks all rows: {list}");
    assert!(list.contains("<option value=\"Select\" selected>Select this person</option>"), "{list}");
    assert!(list.contains("Preview for 2 placements<"), "the button names the number");

    let (status, html) = marked(&union, &["p1.4", "p1.3", "gone.2"], "Select", "GROUP_LIST").await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("Of <b>3</b>, <b>1</b> will be done and <b>2</b> will not."), "{html}");
    assert!(html.contains("The placement is at version 4, not 3."), "a stale row is told so: {html}");
    assert!(html.contains("Confirm for 1 placement<"), "{html}");
    assert!(html.contains("href=\"/placements?late=yes\""), "the way back");
    assert_eq!(house.said.batches(false), [], "nothing is done yet");

    let confirm = sent(&html, &[WHEN, ("reason", "GROUP_LIST")]);
    for _ in 0..2 {
        let done = union.post("/preview/confirm", &confirm).await;
        assert_eq!(done.status(), StatusCode::OK);
        let done = done.text().await.unwrap();
        assert!(done.contains("Of <b>3</b>, <b>1</b> are done and <b>2</b> are not."), "{done}");
        assert!(done.contains("The placement is at version 4, not 3."), "not done, and why: {done}");
    }
    let batches = house.said.batches(false);
    assert!(batches.len() == 2 && batches[0] == batches[1] && !batches[0].request_id.is_empty(), "a double click");
    let moves = &batches[0].moves;
    assert_eq!(moves.len(), 1, "only what was to be done is sent");
    assert_eq!((moves[0].command.as_str(), moves[0].version, moves[0].reason.as_str()), ("Select", 4, "GROUP_LIST"));
}

#[tokio::test]
async fn what_was_changed_after_the_preview_is_previewed_again() {
    let house = House::open().await;
    let union = house.sign_in("union").await;
    let (_, html) = marked(&union, &["p1.4"], "Select", "GROUP_LIST").await;
    for changed in [("occurred_on", "2026-03-01"), ("reason", "PAPERS_SEEN")] {
        let other = if changed.0 == "reason" { WHEN } else { ("reason", "GROUP_LIST") };
        let answer = union.post("/preview/confirm", &sent(&html, &[other, changed])).await.text().await.unwrap();
        assert!(answer.contains("Something was changed after the preview."), "{answer}");
    }
    assert_eq!(house.said.batches(false), []);
}

#[tokio::test]
async fn an_action_says_what_it_needs_before_anything_is_tried() {
    let house = House::open().await;
    let union = house.sign_in("union").await;
    let (_, html) = marked(&union, &["p1.4"], "Reject", "GROUP_LIST").await;
    assert!(html.contains("Fill in what is missing") && html.contains("id=\"reason-missing\""), "{html}");
    assert!(!html.contains("/preview/confirm") && house.said.batches(true).is_empty(), "{html}");
    for (picks, action, why) in [
        (&[][..], "Select", "No placement is marked."),
        (&["p1.4"][..], "GrantVisa", "No action of this desk is chosen."),
    ] {
        let (status, html) = marked(&union, picks, action, "GROUP_LIST").await;
        assert!(status == StatusCode::BAD_REQUEST && html.contains(why), "{html}");
    }
    let foreign = union.post("/preview", &[("csrf", "AAAA"), ("pick", "p1.4"), ("action", "Select")]).await;
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_page_that_is_not_a_list_of_ours_is_no_way_back() {
    let house = House::open().await;
    let union = house.sign_in("union").await;
    let csrf = field(&union.html("/placements").await, "/sign-out", "csrf");
    let form =
        [("csrf", csrf.as_str()), ("pick", "p1.4"), ("action", "Select"), ("back", "https://evil.test/placements")];
    let html = union.post("/preview", &form).await.text().await.unwrap();
    assert!(!html.contains("evil.test") && html.contains("name=\"back\" value=\"/placements\""), "{html}");
}

#[tokio::test]
async fn a_preview_speaks_every_language() {
    let house = House::open().await;
    let union = house.sign_in("union").await;
    let csrf = field(&union.html("/placements").await, "/sign-out", "csrf");
    for (language, words) in
        [("fr", "Rien n’est fait encore. Sur <b>1</b>"), ("es", "Todavía no se ha hecho nada. De <b>1</b>")]
    {
        let cookies = format!("{}; circula-language={language}", union.cookie);
        let form = [("csrf", csrf.as_str()), ("pick", "p1.4"), ("action", "Select"), ("reason", "PAPERS_SEEN")];
        let request = house.http.post(format!("{}/preview", house.url)).header(reqwest::header::COOKIE, cookies);
        let html = request.form(&form).send().await.unwrap().text().await.unwrap();
        assert!(html.contains(words) && !html.contains('⟦'), "{html}");
    }
}

#[tokio::test]
async fn a_full_preview_says_each_reason_once_and_stays_small() {
    let house = House::open().await;
    let union = house.sign_in("union").await;
    let csrf = field(&union.html("/placements").await, "/sign-out", "csrf");
    let stale: Vec<String> = (5..79).map(|version| format!("p1.{version}")).collect();
    let form = |picks: &[String]| {
        let mut form =
            vec![("csrf", csrf.clone()), ("action", "Select".to_owned()), ("reason", "GROUP_LIST".to_owned())];
        form.extend(picks.iter().map(|pick| ("pick", pick.clone())));
        form
    };
    let cookies = format!("{}; circula-language=fr", union.cookie);
    let send = async |picks: &[String]| {
        let request = house.http.post(format!("{}/preview", house.url)).header(reqwest::header::COOKIE, &cookies);
        request.form(&form(picks)).send().await.unwrap().text().await.unwrap()
    };
    let html = send(&stale).await;
    assert_eq!(html.matches("The placement is at version 4, not 3.").count(), 1, "the reason stands once: {html}");
    assert_eq!(html.matches("href=\"#note-1\"").count(), 74, "and each row leads to it");
    let size = html.len() + gateway::console::STYLESHEET.len();
    assert!(size < 100_000, "{size}");
    let more: Vec<String> = (5..82).map(|version| format!("p1.{version}")).collect();
    assert!(send(&more).await.contains("75 au plus"), "the limit is said");
}

#[tokio::test]
async fn many_consents_are_sent_without_evidence() {
    let house = House::open().await;
    let ministry = house.sign_in("ministry").await;
    let (_, html) = marked(&ministry, &["p1.4"], "Accept", "TOLD_BY_PARTY").await;
    assert!(!html.contains("name=\"evidence\""), "{html}");
    let more = [WHEN, ("reason", "TOLD_BY_PARTY"), ("language", "es"), ("witness", "SENA")];
    let answer = ministry.post("/preview", &sent(&html, &more)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let tried = house.said.batches(true);
    let asked = &tried.last().expect("it is tried").moves[0];
    assert_eq!((asked.evidence.as_str(), asked.language.as_str(), asked.witness.as_str()), ("", "es", "SENA"));
    assert!(asked.for_worker);
}
