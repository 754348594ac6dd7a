//! Every page of the console as its gallery has it, in Chromium: reached by keyboard, seen by day and by night, long enough
//! for every language, read from either side, printed, and here at once.
//!
//! No service runs: what is looked at are the pages themselves. `console.rs` looks at those of a house.

#[path = "../../services/gateway/examples/gallery/matching.rs"]
mod matching;
#[path = "../../services/gateway/examples/gallery/pages.rs"]
mod pages;
#[path = "../../services/gateway/examples/gallery/people.rs"]
mod people;
#[path = "../../services/gateway/examples/gallery/rules.rs"]
mod rules;
#[path = "../../services/gateway/examples/gallery/season.rs"]
mod season;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use gateway::console::{POLICY, SCRIPT, STYLESHEET, words::Language};
use platform::testing::eventually;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use crate::browser::Browser;

/// The least width that is promised, telephones, a tablet, a desk.
const WIDTHS: [u32; 5] = [320, 360, 390, 768, 1280];
/// A sheet of A4 between its margins.
const PAPER: u32 = 718;
/// Bytes of a page with its sheet: with two answers of 400 ms on a line of 400 kbit/s it is read after 2.8 s.
const PAGE_BYTES_MAX: usize = 100_000;
/// More stops than any page has, each part of a date counted.
const STOPS_MAX: usize = 400;

/// Serves the pages under the policy of the gateway, and keeps what was asked for.
struct Gallery {
    browser: Browser,
    pages: Arc<BTreeMap<String, String>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Gallery {
    async fn open() -> Self {
        let mut pages = BTreeMap::new();
        for language in Language::ALL {
            let all = pages::all(language).unwrap();
            pages.extend(all.into_iter().map(|(name, html)| (format!("/{}/{name}", language.tag()), html)));
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let home = format!("http://{}", listener.local_addr().unwrap());
        let (pages, asked) = (Arc::new(pages), Arc::<Mutex<Vec<String>>>::default());
        let (shown, heard) = (pages.clone(), asked.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, shown.clone(), heard.clone()));
            }
        });
        Self { browser: Browser::open(&home).await, pages, asked }
    }

    /// Asks about each page of a language; what is found is told with the page's address.
    async fn each(&self, language: &str, ask: impl AsyncFn(&Browser) -> Vec<String>) -> Vec<String> {
        let mut found = Vec::new();
        let start = format!("/{language}/");
        let pages: Vec<&String> = self.pages.keys().filter(|page| page.starts_with(&start)).collect();
        assert!(pages.len() > 25, "the gallery has pages: {pages:?}");
        for page in pages {
            self.browser.goto(page).await;
            found.extend(ask(&self.browser).await.into_iter().map(|fault| format!("{page}: {fault}")));
        }
        found
    }

    async fn close(self, found: &[String]) {
        self.browser.close().await;
        assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
    }
}

async fn answer(stream: TcpStream, pages: Arc<BTreeMap<String, String>>, asked: Arc<Mutex<Vec<String>>>) {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await.ok();
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    while stream.read_line(&mut line).await.is_ok_and(|length| length > 2) {}
    asked.lock().unwrap().push(path.clone());
    if path.starts_with("/live") {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n: here\n\n";
        stream.write_all(head.as_bytes()).await.ok();
        // Until the page goes.
        stream.read_to_end(&mut Vec::new()).await.ok();
        return;
    }
    let (kind, status, body) = match (path.as_str(), pages.get(&path)) {
        ("/assets/console.css", _) => ("text/css", "200 OK", STYLESHEET),
        ("/assets/live.js", _) => ("text/javascript", "200 OK", SCRIPT),
        (_, Some(page)) => ("text/html; charset=utf-8", "200 OK", page.as_str()),
        _ => ("text/plain", "404 Not Found", ""),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
         content-security-policy: {POLICY}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.ok();
    stream.write_all(body.as_bytes()).await.ok();
    stream.shutdown().await.ok();
}

/// What is found at each width.
async fn at_widths(browser: &Browser, widths: &[u32], question: &str) -> Vec<String> {
    let mut found = Vec::new();
    for width in widths {
        browser.width(*width).await;
        found.extend(browser.found(question).await.into_iter().map(|fault| format!("{width} px: {fault}")));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_control_is_reached_by_keyboard_in_the_order_in_which_it_is_read() {
    let gallery = Gallery::open().await;
    let mut found = Vec::new();
    gallery.browser.goto("/en/home").await;
    gallery.browser.media("screen", false).await;
    for width in [1280, 390] {
        gallery.browser.width(width).await;
        found.extend(gallery.each("en", stops).await);
    }
    found.extend(gallery.each("en", the_head_is_skipped).await);
    gallery.close(&found).await;
}

/// Goes round the page by the tabulator.
async fn stops(browser: &Browser) -> Vec<String> {
    let (mut seen, mut total, mut found) = (Vec::new(), 0, Vec::new());
    for _ in 0..STOPS_MAX {
        browser.press("Tab", 9, "").await;
        let stop = browser.probe("stop()").await;
        let faults: Vec<String> = serde_json::from_value(stop["faults"].clone()).unwrap();
        found.extend(faults.into_iter().filter(|fault| !found.contains(fault)).collect::<Vec<_>>());
        total = stop["total"].as_i64().unwrap();
        match stop["at"].as_i64().unwrap() {
            // The browser's own controls are on the way round.
            -1 => {}
            at if seen.len() > 1 && seen.first() == Some(&at) => break,
            // A date has a stop for each of its parts.
            at if seen.last() == Some(&at) => {}
            at => seen.push(at),
        }
    }
    // A page that tells what went wrong begins there.
    let start = seen.first().copied().unwrap_or_default();
    if start != 0 && browser.probe("begins()").await != true {
        found.push(format!("begins at control {start}"));
    }
    let wanted: Vec<i64> = (start..total).chain(0..start).collect();
    if seen != wanted {
        found.push(format!("has {total} controls, reached as {seen:?}"));
    }
    found
}

/// The first stop leads past the head of the page, which is the same on every page.
async fn the_head_is_skipped(browser: &Browser) -> Vec<String> {
    if browser.probe("begins()").await == true {
        return Vec::new();
    }
    browser.press("Tab", 9, "").await;
    let found = browser.found("skip()").await;
    if !found.is_empty() {
        return found;
    }
    browser.press("Enter", 13, "\r").await;
    eventually("the link is followed", async || browser.here().await.ends_with("#main").then_some(())).await;
    browser.press("Tab", 9, "").await;
    browser.found("beyond()").await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_text_stands_out_from_its_ground_by_day_and_by_night() {
    let gallery = Gallery::open().await;
    let found = gallery
        .each("en", async |browser| {
            let mut found = Vec::new();
            for dark in [false, true] {
                browser.dark(dark).await;
                let ground = if dark { "dark" } else { "light" };
                let told = at_widths(browser, &[1280, 390], "contrast()").await;
                found.extend(told.into_iter().map(|fault| format!("{ground}, {fault}")));
            }
            found
        })
        .await;
    gallery.close(&found).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_language_is_too_long_for_a_page() {
    let gallery = Gallery::open().await;
    let mut found = Vec::new();
    for language in Language::ALL {
        let told = gallery.each(language.tag(), async |browser| at_widths(browser, &WIDTHS, "overflow()").await);
        found.extend(told.await);
    }
    let longer = gallery.each("en", async |browser| {
        let mut found = browser.found("longer()").await;
        found.extend(at_widths(browser, &WIDTHS, "overflow()").await);
        found
    });
    found.extend(longer.await.into_iter().map(|fault| format!("40 % longer: {fault}")));
    gallery.close(&found).await;
}

/// Drawings are turned over where they are drawn: a test of the gateway sees to that.
#[tokio::test(flavor = "multi_thread")]
async fn every_page_turns_over_for_languages_read_from_the_right() {
    let gallery = Gallery::open().await;
    let mut found = Vec::new();
    for width in [320, 768, 1280] {
        let told = gallery.each("en", async |browser| {
            browser.width(width).await;
            let mut found = browser.found("turn()").await;
            found.extend(browser.found("overflow(false)").await);
            found
        });
        found.extend(told.await.into_iter().map(|fault| format!("{width} px: {fault}")));
    }
    gallery.close(&found).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paper_has_the_tables_and_figures_and_nothing_to_press() {
    let gallery = Gallery::open().await;
    let found = gallery
        .each("en", async |browser| {
            let mut found = Vec::new();
            browser.width(PAPER).await;
            // Whoever reads in the dark prints on white as well.
            for dark in [false, true] {
                browser.media("print", dark).await;
                for question in ["paper()", "overflow()", "contrast()"] {
                    found.extend(browser.found(question).await);
                }
            }
            browser.media("screen", false).await;
            found
        })
        .await;
    gallery.close(&found).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_two_requests_and_nothing_moves_while_it_comes() {
    let gallery = Gallery::open().await;
    gallery.browser.slow_line().await;
    let mut found = Vec::new();
    for page in ["home", "corridor", "placements", "placement", "preview", "round", "rounds", "union", "sign-in"] {
        let page = format!("/en/{page}");
        gallery.asked.lock().unwrap().clear();
        gallery.browser.goto(&page).await;
        let painted = gallery.browser.probe("paint()").await;
        if painted["moved"].as_f64() != Some(0.0) || painted["largest"] == "" {
            found.push(format!("{page} is painted as {painted}"));
        }
        let html = &gallery.pages[&page];
        let mut wanted = vec![page.as_str(), "/assets/console.css"];
        wanted.extend(html.contains("<script").then_some("/assets/live.js"));
        // The stream of a page with a script comes when all is there.
        let asked: Vec<String> = gallery.asked.lock().unwrap().clone();
        let mut asked: Vec<&str> =
            asked.iter().map(String::as_str).filter(|path| !path.starts_with("/live?")).collect();
        // Which of the two comes first is the browser's affair.
        asked.sort_unstable();
        wanted.sort_unstable();
        if asked != wanted {
            found.push(format!("{page} asks for {asked:?}"));
        }
        if html.len() + STYLESHEET.len() > PAGE_BYTES_MAX {
            found.push(format!("{page} has {} bytes", html.len()));
        }
    }
    gallery.close(&found).await;
}
