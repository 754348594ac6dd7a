//! People work at the console in real browsers: with and without scripts, at four widths, by day and by night, in three
//! languages, at each desk.

use std::collections::{BTreeMap, HashSet};

mod bulk;
mod sight;

use cli::{cast, client::Session, house::House};
use fantoccini::Locator;
use platform::testing::{eventually, request_id};
use proto::{
    matching::{ListRoundPairsRequest, ListRoundsRequest},
    monitoring::GetFlowsRequest,
    placement::{GetPlacementRequest, Move, MovePlacementRequest, Placement, Stage},
};
use reqwest::{Response, StatusCode, header};

use crate::{
    browser::{Browser, axe},
    season::{placements, session},
};

/// Bytes of a page with its stylesheet.
const PAGE_BYTES_MAX: u64 = 100_000;
const WIDTHS: [u32; 4] = [320, 390, 768, 1280];
/// What a season that is over still leaves to do, best first: who, in which stage, makes which move.
const LEFT: [(&str, Stage, &str); 4] = [
    ("ministry", Stage::Unverified, "VerifyReturn"),
    ("ministry", Stage::WorkEnded, "VerifyReturn"),
    ("ministry", Stage::ReturnTravel, "VerifyReturn"),
    ("union", Stage::Working, "CompleteWork"),
];

/// A move that somebody can make now.
struct Left {
    user: &'static str,
    placement: Placement,
    command: &'static str,
}

pub(crate) async fn shows_it(house: &House) {
    let left = left(house).await;
    let browser = Browser::open(&house.addresses.gateway).await;
    browser.sign_in("operator").await;
    figures_are_those_counted(house, &browser).await;
    a_total_changes_while_one_looks(house, &browser, &left[0]).await;
    everybody_can_use_every_page(house, &browser, &left[2]).await;
    browser.close().await;
    one_works_without_scripts(house, &left[1]).await;
    sight::the_table_says_what_the_services_give(house).await;
    bulk::many_are_moved_as_they_were_previewed(house).await;
}

/// Three placements that can still move, each by somebody.
async fn left(house: &House) -> Vec<Left> {
    let (operator, mut found) = (session(house, "operator"), Vec::<Left>::new());
    for (role, stage, command) in LEFT {
        for placement in placements(&operator, stage).await.into_iter().take(40) {
            let (origin, destination) = placement.corridor_code.split_once('-').unwrap();
            let who = if role == "union" { cast::union(destination) } else { cast::ministry(origin) };
            let view = view(&session(house, who.user), &placement.id).await;
            let possible = view.possible.iter().any(|possible| possible.command == command);
            if possible && found.iter().all(|left| left.placement.id != placement.id) {
                found.push(Left { user: who.user, placement, command });
            }
            if found.len() == 3 {
                return found;
            }
        }
    }
    panic!("only {} placements can move", found.len());
}

async fn view(session: &Session, id: &str) -> proto::placement::PlacementView {
    let request = GetPlacementRequest { placement_id: id.to_owned(), ..Default::default() };
    session.placement().get_placement(request).await.unwrap().into_inner()
}

/// `VerifyReturn` as addresses write it.
fn kebab(command: &str) -> String {
    let mut kebab = String::new();
    for sign in command.chars() {
        if sign.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(sign.to_ascii_lowercase());
    }
    kebab
}

async fn figures_are_those_counted(house: &House, browser: &Browser) {
    let heading = browser.text("main h1").await;
    assert!(heading.contains("2026"), "the operator's home opens on the last season: {heading:?}");
    let request = GetFlowsRequest { season_code: "2026".to_owned(), ..GetFlowsRequest::default() };
    let flows = session(house, "operator").monitoring().get_flows(request).await.unwrap().into_inner().flows;
    let home: i64 = flows.iter().flat_map(|flow| flow.steps.last()).map(|step| step.reached).sum();
    let shown = browser.text("[data-live=RETURNED_VERIFIED]").await;
    assert_eq!(shown.replace(',', ""), home.to_string(), "the figure shown is the figure counted");
    let placement = &placements(&session(house, "operator"), Stage::ReEntryEligible).await[0];
    browser.goto(&format!("/placements/{}", placement.id)).await;
    assert!(browser.count("main ol.timeline li").await >= placement.steps.len(), "its steps are a timeline");
}

/// The move is made elsewhere: the open page hears of it.
async fn a_total_changes_while_one_looks(house: &House, browser: &Browser, left: &Left) {
    browser.goto(&format!("/?season={}", left.placement.season_code)).await;
    drop(browser.value("window.drawn = 'once'").await);
    let totals = "[...document.querySelectorAll('[data-live]')].map((spot) => spot.textContent).join(' ')";
    let before = browser.value(totals).await;
    make(house, left).await;
    eventually("the page says that it has changed", async || {
        let found = browser.client.find(Locator::Css("#live .banner a")).await.ok()?;
        (found.text().await.ok()? == "Show it").then_some(())
    })
    .await;
    assert_ne!(browser.value(totals).await, before, "a total changes in place after {}", left.command);
    assert_eq!(browser.value("window.drawn").await, "once", "the page was not drawn again");
}

async fn make(house: &House, left: &Left) {
    let session = session(house, left.user);
    let flows = session.monitoring().get_flows(GetFlowsRequest::default()).await.unwrap().into_inner();
    let made = Move {
        placement_id: left.placement.id.clone(),
        command: left.command.to_owned(),
        occurred_on: flows.as_of,
        version: left.placement.version,
        evidence: "CONSULATE_VISIT".to_owned(),
        ..Move::default()
    };
    let request =
        MovePlacementRequest { placement_id: left.placement.id.clone(), request_id: request_id(), r#move: Some(made) };
    session.placement().move_placement(request).await.unwrap();
}

/// Signs in, filters, opens, moves: forms and links alone.
async fn one_works_without_scripts(house: &House, left: &Left) {
    let browser = Browser::without_scripts(&house.addresses.gateway).await;
    let id = &left.placement.id;
    browser.sign_in(left.user).await;
    browser.click("header nav a[href='/placements']").await;
    let corridor = format!("#corridor option[value='{}']", left.placement.corridor_code);
    browser.click(&corridor).await;
    browser.click("form.filters button").await;
    eventually("the form leads to the filtered list", async || {
        browser.here().await.contains(&format!("corridor={}", left.placement.corridor_code)).then_some(())
    })
    .await;
    eventually("a list leads to the placement", async || {
        let link = format!("main tbody a[href='/placements/{id}']");
        if let Ok(link) = browser.client.find(Locator::Css(&link)).await {
            return link.click().await.ok();
        }
        browser.client.find(Locator::Css(".pager a[rel=next]")).await.ok()?.click().await.ok()?;
        None
    })
    .await;

    drop(browser.text("ol.timeline").await);
    let (state, entries) = (browser.text("main h1").await, browser.count("ol.timeline li:not(.ahead)").await);
    let form = format!("form[action$='/moves/{}']", kebab(left.command));
    if let Ok(evidence) = browser.client.find(Locator::Css(&format!("{form} input[name=evidence]"))).await {
        evidence.send_keys("CONSULATE_VISIT").await.unwrap();
    }
    let sent = fields(&browser, &form).await;
    browser.click(&format!("{form} button")).await;
    let done = browser.text(".banner.ok").await;
    assert!(done.starts_with("Done:"), "{done}");
    assert_eq!(browser.here().await, format!("/placements/{id}?done={}", kebab(left.command)), "a redirect");
    assert_ne!(browser.text("main h1").await, state, "a new state");
    let after = browser.count("ol.timeline li:not(.ahead)").await;
    assert_eq!(after, entries + 1, "one entry more");

    // The same form once more, as a browser sends it that went back: the answer is the same, and nothing is done twice.
    let again = post(&browser, &format!("/placements/{id}/moves/{}", kebab(left.command)), &sent).await;
    assert_eq!(again.status(), StatusCode::SEE_OTHER, "the same answer");
    browser.goto(&format!("/placements/{id}")).await;
    assert_eq!(browser.count("ol.timeline li:not(.ahead)").await, after, "one effect");
    browser.close().await;
}

/// Names and values of a form.
async fn fields(browser: &Browser, form: &str) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for field in browser.client.find_all(Locator::Css(&format!("{form} input"))).await.unwrap() {
        let name = field.attr("name").await.unwrap().unwrap();
        fields.insert(name, field.prop("value").await.unwrap().unwrap_or_default());
    }
    fields
}

/// Sends a form as this browser would, and follows no redirect.
async fn post<'f>(browser: &Browser, path: &str, form: impl IntoIterator<Item = (&'f String, &'f String)>) -> Response {
    let form: Vec<_> = form.into_iter().collect();
    let cookie = browser.client.get_named_cookie("circula").await.unwrap();
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let request = http.post(format!("{}{path}", browser.home)).form(&form);
    request.header(header::COOKIE, format!("circula={}", cookie.value())).send().await.unwrap()
}

/// Every page at every desk. In English each is looked at in all four ways by axe; in the other languages once.
async fn everybody_can_use_every_page(house: &House, browser: &Browser, left: &Left) {
    let axe = axe();
    let words = words();
    browser.sign_out().await;
    let mut found = look(browser, (&axe, &words), &["/sign-in".to_owned(), "/accessibility".to_owned()]).await;
    for (user, pages) in pages(house, left).await {
        browser.sign_in(user).await;
        found.extend(look(browser, (&axe, &words), &pages).await);
        browser.sign_out().await;
    }
    browser.sign_in(left.user).await;
    found.extend(bulk::previews(browser, (&axe, &words)).await);
    found.extend(a_refusal(house, browser, (&axe, &words), left).await);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Who looks at what.
async fn pages(house: &House, left: &Left) -> Vec<(&'static str, Vec<String>)> {
    let operator = session(house, "operator");
    let rounds = operator.matching().list_rounds(ListRoundsRequest::default()).await.unwrap().into_inner().rounds;
    let round = rounds.iter().max_by_key(|round| round.seats_filled).unwrap().id.clone();
    let request = ListRoundPairsRequest { round_id: round.clone(), page_size: 1, ..Default::default() };
    let pairs = operator.matching().list_round_pairs(request).await.unwrap().into_inner().pairs;
    let ended = placements(&operator, Stage::ReEntryEligible).await[0].id.clone();
    let owned = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect::<Vec<String>>();
    let mut all = owned(&[
        "/",
        "/corridors/CO-ES",
        "/corridors/CO-ES/packs",
        "/corridors/CO-ES/units",
        "/placements",
        "/rounds",
        "/who-sees-what",
        "/not-there",
    ]);
    all.push(format!("/rounds/{round}?explain={}", pairs[0].candidate_id));
    all.push(format!("/placements/{ended}"));
    let mut movers = owned(&["/"]);
    movers.push(format!("/placements/{}", left.placement.id));
    let mut desks = vec![("operator", all), (left.user, movers)];
    for user in ["ministry-co", "union-es"] {
        if user != left.user {
            desks.push((user, owned(&["/"])));
        }
    }
    desks
}

/// What is wrong with these pages, in every language and look.
async fn look(browser: &Browser, (axe, words): (&str, &Words), pages: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for language in ["fr", "es", "en"] {
        browser.goto(&format!("/language/{language}?to=/sign-in")).await;
        for page in pages {
            browser.goto(page).await;
            let told = faults(browser, (axe, words), language).await;
            found.extend(told.into_iter().map(|fault| format!("{language} {page}: {fault}")));
        }
    }
    found
}

/// A form that somebody else was faster than comes back with what was typed, on a page as good as any.
async fn a_refusal(house: &House, browser: &Browser, (axe, words): (&str, &Words), left: &Left) -> Vec<String> {
    browser.goto(&format!("/placements/{}", left.placement.id)).await;
    make(house, left).await;
    let form = format!("form[action$='/moves/{}']", kebab(left.command));
    if let Ok(evidence) = browser.client.find(Locator::Css(&format!("{form} input[name=evidence]"))).await {
        evidence.send_keys("CONSULATE_VISIT").await.unwrap();
    }
    browser.click(&format!("{form} button")).await;
    assert!(browser.text(".summary h2").await.starts_with("Not done:"), "a refusal is said first");
    let refresh = browser.client.find(Locator::Css("footer a")).await.unwrap().attr("href").await.unwrap();
    assert_eq!(refresh, Some(format!("/placements/{}", left.placement.id)), "the address of the page, not of the form");
    faults(browser, (axe, words), "en").await.into_iter().map(|fault| format!("refusal: {fault}")).collect()
}

/// What is wrong with the page that is open.
async fn faults(browser: &Browser, (axe, words): (&str, &Words), language: &str) -> Vec<String> {
    let mut found = words.faults(&browser.text("html").await, language);
    if browser.value("document.documentElement.lang").await != language {
        found.push("is not in this language".to_owned());
    }
    let sizes = "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .filter((one) => one.initiatorType === 'navigation' || one.name.endsWith('.css')).map((one) => one.decodedBodySize)";
    let sizes: Vec<u64> = serde_json::from_value(browser.value(sizes).await).unwrap();
    assert!(sizes.len() == 2 && sizes.iter().all(|size| *size > 1000), "a page and its sheet: {sizes:?}");
    if sizes.iter().sum::<u64>() > PAGE_BYTES_MAX {
        found.push(format!("has {sizes:?} bytes"));
    }
    for width in WIDTHS {
        browser.width(width).await;
        found.extend(browser.found("overflow()").await.into_iter().map(|fault| format!("{width} px: {fault}")));
    }
    browser.bring(axe).await;
    let looks: &[(u32, bool)] =
        if language == "en" { &[(1280, false), (1280, true), (390, true), (390, false)] } else { &[(1280, false)] };
    for (width, dark) in looks {
        browser.width(*width).await;
        browser.dark(*dark).await;
        let ground = if *dark { "dark" } else { "light" };
        let told = browser.violations().await.into_iter().chain(browser.found("contrast()").await);
        found.extend(told.map(|told| format!("{width} px, {ground}: {told}")));
    }
    found
}

/// The texts of the console: what must not be seen raw, and what must be said in the reader's language.
struct Words {
    keys: HashSet<String>,
    /// By language: whole English texts that this language says otherwise.
    english: BTreeMap<&'static str, HashSet<String>>,
}

fn words() -> Words {
    let of = |language: &str| -> BTreeMap<String, String> {
        let folder = crate::shape::repository().join("services/gateway/locales").join(language);
        let files = std::fs::read_dir(folder).unwrap();
        let text: String = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect();
        let lines = text.lines().filter_map(|line| line.split_once(" = "));
        lines.map(|(key, text)| (key.trim().to_owned(), text.trim().to_owned())).collect()
    };
    let english = of("en");
    let otherwise = |language: &'static str| {
        let theirs = of(language);
        let theirs_words: HashSet<&String> = theirs.values().collect();
        let plain = english.iter().filter(|(key, text)| theirs[*key] != **text && !text.contains(['{', '<']));
        // What an organisation is called is no text of the console.
        let named = |text: &String| cast::ORGANISATIONS.iter().any(|organisation| organisation.name == text);
        let plain = plain.filter(|(_, text)| !named(text));
        (language, plain.map(|(_, text)| text).filter(|text| !theirs_words.contains(text)).cloned().collect())
    };
    let languages = [otherwise("fr"), otherwise("es")].into();
    Words { keys: english.keys().filter(|key| key.contains('-')).cloned().collect(), english: languages }
}

impl Words {
    fn faults(&self, text: &str, language: &str) -> Vec<String> {
        let raw = text.split_whitespace().filter(|word| word.contains('⟦') || self.keys.contains(*word));
        let mut found: Vec<String> = raw.map(|word| format!("says the key {word}")).collect();
        if let Some(english) = self.english.get(language) {
            let foreign = text.lines().map(str::trim).filter(|line| english.contains(*line));
            found.extend(foreign.map(|line| format!("says {line:?} in English")));
        }
        found
    }
}
