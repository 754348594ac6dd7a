//! Bulk actions: marked in a list, previewed, confirmed.

use cli::house::House;
use fantoccini::Locator;
use reqwest::StatusCode;

use super::{Words, faults, post, view};
use crate::{browser::Browser, season::session};

const UNION: &str = "union-es";

/// The bar under the list, as a list with these parameters has it.
async fn choose(browser: &Browser, action: &str, reason: &str) {
    browser.click(&format!("#action option[value={action}]")).await;
    browser.click(&format!("#reason option[value={reason}]")).await;
    browser.click(".bulk button").await;
    drop(browser.text("#rows-h").await);
}

/// What is wrong with a preview and with one that still needs something, in every language and look.
pub(super) async fn previews(browser: &Browser, words: (&str, &Words)) -> Vec<String> {
    let mut found = Vec::new();
    for language in ["fr", "es", "en"] {
        for (page, lacks) in [("an asked preview", true), ("a preview", false)] {
            browser.goto(&format!("/language/{language}?to=/placements")).await;
            browser.goto("/placements?pick=all").await;
            choose(browser, "AddRecord", "MESSAGE").await;
            if !lacks {
                browser.click("#kind option[value=STATEMENT]").await;
                browser.click(".acts button").await;
                drop(browser.text(".acts button[formaction]").await);
            }
            let told = faults(browser, words, language).await;
            found.extend(told.into_iter().map(|fault| format!("{language} {page}: {fault}")));
        }
    }
    found
}

/// Names and values of the form, where a name may come more than once.
async fn sent(browser: &Browser) -> Vec<(String, String)> {
    let mut sent = Vec::new();
    for field in browser.client.find_all(Locator::Css("form[action='/preview'] :is(input, select)")).await.unwrap() {
        let name = field.attr("name").await.unwrap().unwrap();
        sent.push((name, field.prop("value").await.unwrap().unwrap_or_default()));
    }
    sent
}

/// Without scripts: two rows are marked, nothing happens until it is confirmed, and a form sent twice has one effect.
pub(super) async fn many_are_moved_as_they_were_previewed(house: &House) {
    let browser = Browser::without_scripts(&house.addresses.gateway).await;
    let union = session(house, UNION);
    browser.sign_in(UNION).await;
    browser.goto("/placements?corridor=CO-ES").await;
    let mut ids = Vec::new();
    for mark in browser.client.find_all(Locator::Css("input[name=pick]")).await.unwrap().into_iter().take(2) {
        let value = mark.attr("value").await.unwrap().unwrap();
        ids.push(value.rsplit_once('.').unwrap().0.to_owned());
        mark.click().await.unwrap();
    }
    assert_eq!(ids.len(), 2, "a list has rows to mark");
    let steps = async || {
        let mut steps = Vec::new();
        for id in &ids {
            steps.push(view(&union, id).await.placement.unwrap().steps.len());
        }
        steps
    };
    let before = steps().await;
    choose(&browser, "AddRecord", "MESSAGE").await;
    assert!(browser.count(".acts button[formaction]").await == 0, "a kind is missing: nothing can be confirmed");
    browser.click("#kind option[value=STATEMENT]").await;
    browser.click(".acts button").await;
    assert_eq!(browser.text(".acts button[formaction]").await, "Confirm for 2 placements");
    assert_eq!(steps().await, before, "nothing is done by a preview");

    let form = sent(&browser).await;
    browser.click(".acts button[formaction]").await;
    let told = browser.text("main .lead").await;
    assert_eq!(told, "Of 2, 2 are done and 0 are not.");
    let after: Vec<usize> = before.iter().map(|steps| steps + 1).collect();
    assert_eq!(steps().await, after, "one entry more in each");

    let again = post(&browser, "/preview/confirm", form.iter().map(|(name, value)| (name, value))).await;
    assert_eq!(again.status(), StatusCode::OK, "the same answer");
    assert_eq!(steps().await, after, "one effect");
    browser.close().await;
}
