//! What holds for every page of the console, in every language.

#[path = "../examples/gallery/matching.rs"]
mod matching;
#[path = "../examples/gallery/pages.rs"]
mod pages;
#[path = "../examples/gallery/people.rs"]
mod people;
#[path = "../examples/gallery/rules.rs"]
mod rules;
#[path = "../examples/gallery/season.rs"]
mod season;

use std::collections::{BTreeMap, BTreeSet};

use gateway::console::figure::Direction;
use gateway::console::figure::{narrow, rivers};
use gateway::console::flow::{self, CorridorFlow};
use gateway::console::frame::{Desk, Section};
use gateway::console::rule;
use gateway::console::words::{Language, Words};
use gateway::console::{POLICY, SCRIPT, STYLESHEET};

fn every_page() -> Vec<(String, String)> {
    let each = |language: Language| {
        let pages = pages::all(language).expect("every page renders");
        pages.into_iter().map(move |(name, html)| (format!("{} {name}", language.tag()), html))
    };
    Language::ALL.into_iter().flat_map(each).collect()
}

/// Returns each key of a text with the arguments it uses.
fn messages(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let heads = line.starts_with(|sign: char| sign.is_ascii_lowercase());
        if let (true, Some((name, _))) = (heads, line.split_once(" =")) {
            key = name.to_owned();
            assert!(!found.contains_key(&key), "{key} is there twice");
            found.insert(key.clone(), BTreeSet::new());
        }
        for rest in line.split('$').skip(1) {
            let end = rest.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_');
            let name = rest[..end.unwrap_or(rest.len())].to_owned();
            found.entry(key.clone()).or_default().insert(name);
        }
        for rest in line.split("data-l10n-name=\"").skip(1) {
            let name = format!("link {}", rest.split('"').next().expect("split gives a part"));
            found.entry(key.clone()).or_default().insert(name);
        }
    }
    found
}

#[test]
fn every_key_is_in_every_language_with_the_same_arguments() {
    let of = |language: Language| messages(&language.texts().concat());
    let english = of(Language::English);
    assert!(english.len() > 400, "the texts were read: {}", english.len());
    for language in [Language::French, Language::Spanish] {
        let other = of(language);
        let missing: Vec<_> = english.keys().filter(|key| !other.contains_key(*key)).collect();
        assert!(missing.is_empty(), "{language:?} lacks {missing:?}");
        assert_eq!(english, other, "{language:?}");
    }
}

#[test]
fn every_text_parses_as_fluent() {
    for language in Language::ALL {
        for text in language.texts() {
            let parsed = fluent_templates::fluent_bundle::FluentResource::try_new(text.to_owned());
            assert!(parsed.is_ok(), "{language:?}: {:?}", parsed.err().map(|(_, errors)| errors));
        }
    }
}

/// The quoted value of a name in a row of placement's table of moves; empty if the row has none.
fn cell(row: &'static str, name: &str) -> &'static str {
    let mark = format!(" {name} = \"");
    row.split_once(&mark).and_then(|(_, rest)| rest.split('"').next()).unwrap_or_default()
}

#[test]
fn every_move_that_a_person_can_make_has_a_name_and_says_what_it_does() {
    let table = include_str!("../../placement/moves.toml");
    // The moves of a line come after those of a placement; no form of the console makes them.
    let of_placements = table.split("\nline_moves = [").next().unwrap();
    let rows = of_placements.lines().filter(|row| !cell(row, "command").is_empty());
    let by_people = rows.filter(|row| cell(row, "who").split(", ").any(|who| who != "clock"));
    let commands: BTreeSet<&str> = by_people.map(|row| cell(row, "command")).collect();
    assert!(commands.len() >= 50, "the table was read: {commands:?}");
    for language in Language::ALL {
        let words = Words { language };
        for (kind, command) in ["move", "effect"].iter().flat_map(|kind| commands.iter().map(move |it| (kind, it))) {
            let mut code = String::new();
            for sign in command.chars() {
                let begins = sign.is_ascii_uppercase() && !code.is_empty();
                code.extend(begins.then_some('_').into_iter().chain([sign.to_ascii_uppercase()]));
            }
            assert!(words.known(kind, &code).is_some(), "{language:?} lacks {kind}-{code}");
        }
    }
}

#[test]
fn every_rule_that_a_pack_may_set_is_told_in_words() {
    let table = include_str!("../../programme/src/rule_pack.rs");
    let rows: Vec<(&str, &str)> = table
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            words.next().filter(|scope| ["Destination", "Corridor"].contains(scope))?;
            Some((words.next()?, words.next()?.strip_prefix('"')?.strip_suffix('"')?))
        })
        .collect();
    assert!(rows.len() >= 60, "the table was read: {rows:?}");
    let named = |list: &str| {
        let line = table.lines().find(|line| line.starts_with(&format!("pub const {list}:"))).unwrap();
        line.split('"').skip(1).step_by(2).collect::<Vec<_>>().join(" ")
    };
    let (tracks, signers) = (named("TRACKS"), named("SIGNERS"));
    assert!(tracks.contains("visa") && signers.contains("worker"), "{tracks}; {signers}");
    for language in Language::ALL {
        let words = Words { language };
        for (kind, key) in &rows {
            let value: &str = match *kind {
                "Count" => "7",
                "Flag" => "true",
                "Factor" => "1.45",
                "Languages" => "es:A2",
                "Tracks" => &tracks,
                "Day" | "Days" => "2026-03-06",
                "DayOfYear" => "12-15",
                "Signers" => &signers,
                "Grounds" => "DISPLACED",
                "Bases" => "DISPLACED: a law",
                "Bars" => "A_LAW: 365, a law",
                other => panic!("{key} is of the kind {other}"),
            };
            assert_ne!(rule::says(words, key, value), value, "{language:?}: {key}");
        }
        for word in tracks.split(' ').chain(signers.split(' ')) {
            assert!(words.known("rule-word", word).is_some(), "{language:?} lacks {word}");
        }
    }
}

/// An ordinary space before a double sign breaks the line there; a straight apostrophe is no apostrophe.
#[test]
fn french_texts_keep_their_signs_at_the_word() {
    for text in Language::French.texts() {
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            for wrong in [" :", " ;", " ?", " !", " %", "'"] {
                assert!(!line.contains(wrong), "{wrong:?} in {line}");
            }
            for sign in [';', '?', '!'] {
                let mut before = line.split(sign);
                let _rest = before.next_back();
                assert!(before.all(|text| text.ends_with('\u{202f}')), "{sign} in {line}");
            }
        }
    }
}

#[test]
fn no_page_holds_a_raw_key_a_style_or_an_inline_script() {
    for (name, html) in every_page() {
        for forbidden in ["⟦", "data-l10n-name", " style=", "<style", " onclick=", "javascript:", "NaN"] {
            assert!(!html.contains(forbidden), "{name} holds {forbidden}");
        }
        let scripts = html.matches("<script").count();
        let deferred = html.matches("<script src=\"/assets/live.js\" defer></script>").count();
        assert_eq!(scripts, deferred, "{name}");
        assert!(html.len() + STYLESHEET.len() < 100_000, "{name}: {}", html.len());
    }
}

#[test]
fn what_people_typed_is_escaped() {
    let pages = pages::all(Language::English).unwrap();
    let (_, html) = pages.iter().find(|(name, _)| name == "problem-409").unwrap();
    assert!(!html.contains("<b>two seats</b>"));
    assert!(html.contains("two seats"));
}

#[test]
fn every_post_form_carries_its_keys() {
    for (name, html) in every_page() {
        for form in html.split("<form").skip(1).filter(|form| form.contains("method=\"post\"")) {
            let form = form.split("</form>").next().unwrap();
            assert!(form.contains("name=\"csrf\""), "{name}: {form}");
            let moves = ["/moves/", "/publish", "/overrides", "/units"].iter().any(|deed| form.contains(deed));
            assert_eq!(form.contains("name=\"version\""), moves, "{name}: {form}");
            let deed = moves || form.contains("action=\"/parked/") || form.contains("formaction=\"/preview/confirm\"");
            assert_eq!(form.contains("name=\"request_id\""), deed, "{name}: {form}");
        }
    }
}

#[test]
fn every_page_has_one_heading_a_main_and_no_id_twice() {
    for (name, html) in every_page() {
        assert_eq!(html.matches("<h1").count(), 1, "{name}");
        assert_eq!(html.matches("<main").count(), 1, "{name}");
        let ids: Vec<&str> = html.split(" id=\"").skip(1).collect();
        let ids: Vec<&str> = ids.iter().map(|rest| rest.split('"').next().unwrap()).collect();
        let unique: BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "{name}: {ids:?}");
        for target in html.split("labelledby=\"").skip(1) {
            let target = target.split('"').next().unwrap();
            assert!(ids.contains(&target), "{name} lacks {target}");
        }
    }
}

#[test]
fn reached_is_went_on_and_here_and_dropped_out() {
    for corridor in season::flows() {
        assert_eq!(corridor.differences(), Vec::new());
        for flow in corridor.columns {
            assert_eq!(flow.reached, flow.went_on() + flow.here + flow.dropped);
        }
    }
    let page = season::corridor();
    assert!(flow::steps_add_up(&page.steps));
    assert!(page.quota.unwrap().adds_up());
    let late: u64 = page.clocks.iter().map(|clock| clock.late).sum();
    assert_eq!(late, season::flows()[0].late);
}

#[test]
fn a_corridor_page_and_the_rivers_count_the_same_people() {
    let river = &season::flows()[0];
    let steps = season::steps();
    assert_eq!(steps[0].flow.reached, river.columns[1].reached);
    assert_eq!(steps[16].flow.reached, river.columns[7].reached);
    let dropped: u64 = steps.iter().map(|step| step.flow.dropped).sum();
    assert_eq!(dropped, river.dropped());
}

#[test]
fn a_number_that_differs_from_its_recount_is_shown_as_such() {
    let frame = pages::frame(Language::English, Desk::Operator, Section::Home, "/");
    let html = season::wrong_home().render(&frame).unwrap();
    assert!(html.contains("the page shows 3,801, the recount gives 3,800"), "{html}");
}

/// Returns the numbers of a text, without the marks around it.
fn numbers(html: &str) -> BTreeSet<String> {
    let mut text = String::new();
    let mut inside = false;
    for sign in html.chars() {
        match sign {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            _ if !inside => text.push(sign),
            _ => {}
        }
    }
    let separated = |sign: char| !(sign.is_ascii_digit() || ",.\u{202f}".contains(sign));
    let plain = |word: &str| word.trim_matches(|sign: char| !sign.is_ascii_digit()).to_owned();
    let words = text.split(separated).map(plain);
    words.filter(|word| !word.is_empty()).collect()
}

#[test]
fn every_number_of_the_rivers_is_in_their_table() {
    for language in Language::ALL {
        let words = Words { language };
        let frame = pages::frame(language, Desk::Operator, Section::Home, "/");
        let html = season::home().render(&frame).unwrap();
        let table = html.split("<table").nth(1).unwrap().split("</table>").next().unwrap();
        let shown = numbers(&table[table.find('>').unwrap() + 1..]);
        let flows = season::flows();
        for figure in [rivers::wide(&flows, &words, Direction::Ltr), narrow::narrow(&flows, &words, Direction::Ltr)] {
            let drawn = numbers(&figure);
            assert!(drawn.len() > 10, "{drawn:?}");
            let missing: Vec<_> = drawn.difference(&shown).collect();
            assert!(missing.is_empty(), "{language:?}: {missing:?}");
        }
    }
}

#[test]
fn the_rivers_turn_over_for_languages_read_from_the_right() {
    let words = Words { language: Language::English };
    let flows: Vec<CorridorFlow> = season::flows();
    let left = rivers::wide(&flows, &words, Direction::Ltr);
    let right = rivers::wide(&flows, &words, Direction::Rtl);
    assert_ne!(left, right);
    assert_eq!(numbers(&left), numbers(&right));
}

#[test]
fn the_assets_keep_their_budgets() {
    assert!(STYLESHEET.len() <= 28_000, "{}", STYLESHEET.len());
    assert!(SCRIPT.len() <= 4_000, "{}", SCRIPT.len());
    for side in ["left", "right"] {
        assert!(!STYLESHEET.contains(side), "the sheet knows no {side}");
    }
    assert!(POLICY.starts_with("default-src 'none'; style-src 'self'"));
    assert!(!POLICY.contains("unsafe"));
}
