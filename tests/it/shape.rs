//! The shape of the house, held by counting: who may depend on whom, what the chassis may know, how long things may be.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

pub(crate) fn repository() -> PathBuf {
    Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).parent().unwrap().to_owned()
}

/// Every Rust file below a folder, by its path from the repository's top.
pub(crate) fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![repository().join(folder)];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(repository()).unwrap().to_owned(), text));
            }
        }
    }
    found.sort();
    found
}

const SERVICES: [&str; 7] = ["programme", "demand", "candidate", "matching", "placement", "monitoring", "gateway"];

#[test]
fn no_service_depends_on_another() {
    for service in SERVICES {
        let manifest = fs::read_to_string(repository().join("services").join(service).join("Cargo.toml")).unwrap();
        let dependencies = manifest.split("[dev-dependencies]").next().unwrap();
        for other in SERVICES.iter().filter(|other| **other != service) {
            let named = dependencies
                .lines()
                .any(|line| line.starts_with(&format!("{other}.")) || line.starts_with(&format!("{other} =")));
            assert!(!named, "{service} depends on {other}");
        }
    }
}

#[test]
fn chassis_and_import_engine_have_no_word_of_the_domain() {
    const WORDS: [&str; 8] =
        ["candidate", "placement", "job order", "job_order", "ministry", "corridor", "quota", "employer"];
    for (path, text) in
        ["services/platform/src", "services/platform/events/src", "services/import/src"].into_iter().flat_map(sources)
    {
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default().to_lowercase();
            let found = WORDS.iter().find(|word| code.contains(*word));
            assert!(found.is_none(), "{}:{}: {line}", path.display(), number + 1);
        }
    }
}

#[test]
fn a_main_fits_in_fifteen_lines() {
    for (path, text) in sources("services") {
        if path.ends_with("src/main.rs") && !path.starts_with("services/local") {
            assert!(text.lines().count() <= 15, "{} has {} lines", path.display(), text.lines().count());
        }
    }
}

#[test]
fn no_file_is_one_that_nobody_wants_to_open() {
    let long: Vec<String> = ["proto/src", "services", "tests"]
        .into_iter()
        .flat_map(sources)
        .filter(|(_, text)| text.lines().count() > 500)
        .map(|(path, text)| format!("{} ({})", path.display(), text.lines().count()))
        .collect();
    assert!(long.is_empty(), "over 500 lines: {}", long.join(", "));
}

/// Code of the chassis without blanks and comments: who changes a service has to be able to read it. Its tests count too.
#[test]
fn each_half_of_the_chassis_stays_readable() {
    for half in ["services/platform/src", "services/platform/events/src"] {
        let lines: usize = sources(half)
            .iter()
            .flat_map(|(_, text)| text.lines())
            .filter(|line| !line.trim().is_empty() && !line.trim().starts_with("//"))
            .count();
        assert!((1000..=2000).contains(&lines), "{half} has {lines} lines of code");
    }
}

/// A bug that nobody plants, or one that the zoo does not know, would be looked for in vain.
#[test]
fn every_planted_bug_is_in_the_zoo_and_every_bug_of_the_zoo_is_planted() {
    const PLANTED: &str = "planted(\"";
    let zoo = fs::read_to_string(repository().join("tests/src/bin/zoo.rs")).unwrap();
    let names = |text: &str| -> Vec<String> {
        text.match_indices(PLANTED)
            .filter_map(|(at, _)| text[at + PLANTED.len()..].split('"').next())
            .map(str::to_owned)
            .collect()
    };
    let planted: Vec<String> = sources("services").iter().flat_map(|(_, text)| names(text)).collect();
    assert!(planted.len() > 20, "{planted:?}");
    for name in &planted {
        assert!(zoo.contains(name.as_str()), "the zoo does not know {name}");
    }
    let listed = zoo.match_indices("code(\"").filter_map(|(at, start)| zoo[at + start.len()..].split('"').next());
    for name in listed {
        assert!(planted.iter().any(|planted| planted == name), "nobody plants {name}");
    }
}

/// Whoever is refused has to know what to do.
#[test]
fn every_refusal_of_what_comes_in_says_what_would_mend_it() {
    let rooms = ["programme/src", "demand/src", "candidate/src", "import/src", "platform/src", "platform/events/src"];
    let mut looked_at = 0;
    let mut silent = Vec::new();
    for (path, text) in rooms.iter().flat_map(|room| sources(&format!("services/{room}"))) {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for begin in ["Refused::new(", "Refused::field("] {
            for (at, _) in code.match_indices(begin) {
                looked_at += 1;
                let said = chain(&code[at..]);
                if !said.contains(".mend(") {
                    silent.push(format!("{}: {said}", path.display()));
                }
            }
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
    assert!(looked_at > 60, "{looked_at} are not all refusals: how are they made now?");
}

/// A call with the calls that hang on it.
fn chain(code: &str) -> &str {
    let mut open = 0;
    for (at, sign) in code.char_indices() {
        match sign {
            '(' => open += 1,
            ')' => open -= 1,
            _ => continue,
        }
        if open == 0 && !code[at + 1..].trim_start().starts_with('.') {
            return &code[..=at];
        }
    }
    code
}

/// Codes that no page of the console shows, by the folder in which they are made; without a list all of the folder. What a page
/// comes to show leaves this list and gets its words.
const ON_NO_PAGE: [(&str, &[&str]); 10] = [
    // Orders, records and files come in by call. Pages read one order or record at a time, and show no refusal of that.
    ("services/candidate/src", &[]),
    ("services/demand/src", &[]),
    ("services/import/src", &[]),
    // HTTP+JSON is for machines.
    ("services/gateway/src/transcoder", &[]),
    ("services/gateway/src/transcoder.rs", &[]),
    // Rounds are computed, seeds committed and markets solved by call.
    (
        "services/matching/src",
        &[
            "KIND",
            "MARKET",
            "MARKET_TOO_LARGE",
            "NO_CORRIDOR",
            "POLICY",
            "SEASON_UNKNOWN",
            "SECONDS",
            "SEED_COMMITTED",
            "SEED_NOT_COMMITTED",
            "SEED_USED",
            "SHA256",
        ],
    ),
    // Pages ask of one corridor, and mark fewer placements than a batch may hold.
    ("services/monitoring/src", &["CORRIDOR"]),
    ("services/placement/src", &["TOO_MANY"]),
    // Pages ask each service for itself, for some rows; who is not signed in is sent to the door.
    ("services/platform/src", &["PAGE_SIZE", "SERVICE", "SIGN_IN"]),
    // The programme is set up by call.
    (
        "services/programme/src",
        &[
            "CODE",
            "CORRIDOR",
            "COUNTRY",
            "ENDS_BEFORE_START",
            "EXISTS",
            "EXISTS_OTHERWISE",
            "GROUND_PROTECTED",
            "KIND",
            "MINISTRY",
            "PACK",
            "PACK_CODE",
            "PACK_ID",
            "PACK_PUBLISHED",
            "QUOTA_SET",
            "RULE_KEY",
            "RULE_SCOPE",
            "RULE_SOURCE",
            "RULE_TWICE",
            "RULE_VALUE",
            "SAME_COUNTRY",
            "SECTOR",
            "TEXT",
        ],
    ),
];

/// Whoever is refused on a page is told why in their language, and what would mend it where the service says so.
#[test]
fn every_refusal_that_a_page_may_show_has_words_in_every_language() {
    let languages = ["en", "fr", "es"].map(keys);
    let mut looked_at = 0;
    let mut silent = Vec::new();
    let mut excused = HashSet::new();
    for (path, text) in sources("services") {
        if path.iter().all(|part| part != "src") {
            continue;
        }
        for (code, mends) in refusals(text.split("#[cfg(test)]").next().unwrap_or_default()) {
            looked_at += 1;
            let told =
                |keys: &HashSet<String>| has_words(keys, "refusal", code) && (!mends || has_words(keys, "mend", code));
            if languages.iter().all(told) {
                continue;
            }
            let place = ON_NO_PAGE
                .iter()
                .find(|(place, codes)| path.starts_with(place) && (codes.is_empty() || codes.contains(&code)));
            match place {
                Some((place, _)) => {
                    excused.insert(format!("{place}: {code}"));
                }
                None => silent.push(format!("{}: {code}", path.display())),
            }
        }
    }
    assert!(silent.is_empty(), "without words in some language:\n{}", silent.join("\n"));
    assert!(looked_at > 200, "{looked_at} are not all refusals: how are they made now?");
    for (place, code) in ON_NO_PAGE.iter().flat_map(|(place, codes)| codes.iter().map(move |code| (place, code))) {
        assert!(excused.contains(&format!("{place}: {code}")), "{place} has no {code} without words any more");
    }
}

/// The keys of the console's texts in a language.
fn keys(language: &str) -> HashSet<String> {
    let files = fs::read_dir(repository().join("services/gateway/locales").join(language)).unwrap();
    let texts: Vec<String> = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    let heads = texts.iter().flat_map(|text| text.lines()).filter_map(|line| line.split_once(" ="));
    heads.map(|(key, _)| key.to_owned()).collect()
}

/// Are there words for the code, be it with its values?
fn has_words(keys: &HashSet<String>, kind: &str, code: &str) -> bool {
    let key = format!("{kind}-{}", code.to_lowercase().replace('_', "-"));
    ["", "-in-full", "-more"].iter().any(|form| keys.contains(&format!("{key}{form}")))
}

/// The codes of the refusals that a text makes, each with whether it says what would mend it. Where a code is handed on, any
/// word in capitals may be it.
fn refusals(text: &str) -> Vec<(&str, bool)> {
    const MAKE: [&str; 5] = ["Refused::new(", "Refused::field(", "Refusal::guard(", "Refusal::of(", "Self::new(Code::"];
    let mut found = Vec::new();
    for (at, _) in MAKE.iter().flat_map(|begin| text.match_indices(begin)) {
        let call = &text[at..];
        match second(call).strip_prefix('"').and_then(|rest| rest.split('"').next()) {
            Some(code) => found.push((code, chain(call).contains(".mend("))),
            None => found.extend(text.split('"').filter(|word| is_code(word)).map(|word| (word, false))),
        }
    }
    found
}

/// What a call is given after its first argument.
fn second(call: &str) -> &str {
    let mut open = 0;
    for (at, sign) in call.char_indices() {
        match sign {
            '(' => open += 1,
            ')' => open -= 1,
            ',' if open == 1 => return call[at + 1..].trim_start(),
            _ => {}
        }
    }
    ""
}

fn is_code(word: &str) -> bool {
    word.starts_with(|sign: char| sign.is_ascii_uppercase())
        && word.chars().all(|sign| sign.is_ascii_uppercase() || sign.is_ascii_digit() || sign == '_')
}

/// Where faults and bugs are asked for, and that no profile turns debug assertions on where they belong to no debug build.
#[test]
fn faults_and_bugs_are_asked_for_in_debug_builds_alone() {
    const ASKS: [&str; 3] =
        ["variable(\"CIRCULA_FAULT\")", "variable(\"CIRCULA_BUG\")", "variable(\"CIRCULA_TEST_MIGRATIONS\")"];
    let mut asked = 0;
    for (path, text) in sources("services") {
        for (at, asks) in ASKS.iter().flat_map(|asks| text.match_indices(asks)) {
            asked += 1;
            let guard = text[..at].rfind("#[cfg(").map(|guard| &text[guard..]);
            let guarded = guard.is_some_and(|text| text.starts_with("#[cfg(debug_assertions)]"));
            assert!(guarded, "{}: {asks} stands under no #[cfg(debug_assertions)]", path.display());
        }
    }
    assert_eq!(asked, ASKS.len(), "each in its one place");
    for file in ["Cargo.toml", ".cargo/config.toml"] {
        let text = fs::read_to_string(repository().join(file)).unwrap();
        assert!(!text.contains("debug-assertions"), "{file} may arm a release build");
    }
}

/// A release is looked through before it is shipped or measured: the look finds faults where they are.
#[test]
fn a_build_with_faults_does_not_pass_for_a_release() {
    let here = std::env::current_exe().unwrap();
    let built = here.ancestors().find(|folder| folder.join("gateway").is_file());
    let built = built.unwrap_or_else(|| panic!("the services are not built beside {}", here.display()));
    let looked = Command::new(repository().join("deploy/unarmed.sh")).arg(built).output().unwrap();
    let said = String::from_utf8_lossy(&looked.stderr);
    let armed = cfg!(debug_assertions);
    assert_ne!(looked.status.success(), armed, "{said}");
    for name in SERVICES.into_iter().chain(["circula"]) {
        assert_eq!(said.contains(name), armed, "{name}: {said}");
    }
    let nowhere = Command::new(repository().join("deploy/unarmed.sh")).arg(built.join("nowhere")).output().unwrap();
    assert!(!nowhere.status.success(), "a folder that is not there holds no release");
    for file in ["Makefile", "deploy/Dockerfile"] {
        let text = fs::read_to_string(repository().join(file)).unwrap();
        let (build, look) = (text.find("--release"), text.find("deploy/unarmed.sh"));
        assert!(build.is_some() && look > build, "{file} does not look through what it builds");
    }
}

/// A server that says nothing of it reads messages of four mebibytes.
#[test]
fn every_server_says_how_large_a_message_may_be() {
    const SERVER: &str = "ServiceServer::new(";
    let mut servers = 0;
    for (path, text) in sources("services").iter().filter(|(path, _)| path.iter().any(|part| part == "src")) {
        for (at, _) in text.match_indices(SERVER) {
            servers += 1;
            let statement = text[at..].split(';').next().unwrap_or_default();
            assert!(statement.contains(".max_decoding_message_size("), "{}: {statement}", path.display());
        }
    }
    assert!(servers > 6, "{servers} are not all");
}

/// What is told was in an outbox before, and nothing is written past a transaction whose commit is looked at.
#[test]
fn only_the_relay_tells_and_only_the_database_has_a_pool() {
    for (word, place) in
        [("Producer", "services/platform/events/src/relay.rs"), ("PgPool", "services/platform/events/src/database.rs")]
    {
        let has = |(path, text): &(PathBuf, String)| {
            let names = text.split(|sign: char| !sign.is_alphanumeric()).any(|name| name.ends_with(word));
            let of_a_service = path.iter().any(|part| part == "src") && !path.starts_with("services/local");
            (names && of_a_service).then(|| path.clone())
        };
        let found: Vec<PathBuf> = sources("services").iter().filter_map(has).collect();
        assert_eq!(found, [Path::new(place)], "{word}");
    }
}

/// What a prepared query gives may not change while an older build has it prepared: after one more column it would fail.
#[test]
fn no_query_asks_for_whatever_columns_there_are() {
    let begins = ["\"SELECT * FROM", "r#\"SELECT * FROM", "RETURNING *"];
    let mut found = Vec::new();
    for (path, text) in sources("services").iter().filter(|(path, _)| layer(path) == Some("store")) {
        for (at, line) in text.lines().enumerate().filter(|(_, line)| begins.iter().any(|begin| line.contains(begin))) {
            found.push(format!("{}:{}: {}", path.display(), at + 1, line.trim()));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Inner layers do not reach out: the store knows no transport.
#[test]
fn the_store_knows_no_transport() {
    let stores = sources("services").into_iter().filter(|(path, _)| layer(path) == Some("store"));
    let reaching: Vec<String> = stores.flat_map(|(path, text)| reaches(&path, &text, &["tonic", "rdkafka"])).collect();
    assert!(reaching.is_empty(), "{}", reaching.join("\n"));
}

/// The layers around the domain. Every other file of a service is domain: what is decided there must not depend on how it
/// is stored or asked for.
const LAYERS: [&str; 8] = ["service", "store", "grpc", "consumer", "main", "lib", "error", "config"];
/// Files that are no domain and stand beside it, with what they may name.
const BESIDE_THE_DOMAIN: [(&str, &[&str]); 3] = [
    // The import engine gives a layout's reader the transaction in which it looks rules up, and takes refusals as codes.
    ("services/demand/src/feed.rs", &["sqlx", "tonic"]),
    // Asks the owners of the figures by gRPC: a client, where others have a store.
    ("services/monitoring/src/owners.rs", &["tonic"]),
    // Which code a refusal travels under.
    ("services/programme/src/refusal.rs", &["tonic"]),
];

/// The gateway is left out: it is a transport and decides nothing.
#[test]
fn the_domain_knows_nothing_outside_it() {
    let mut looked_at = 0;
    let mut found = Vec::new();
    for (path, text) in sources("services") {
        if service(&path).is_none_or(|service| service == "gateway") || layer(&path).is_some() {
            continue;
        }
        looked_at += 1;
        let beside = BESIDE_THE_DOMAIN.iter().find(|(file, _)| path == Path::new(file));
        let allowed = beside.map_or(&[][..], |(_, words)| words);
        let words: Vec<&str> =
            ["sqlx", "tonic", "rdkafka", "tokio"].into_iter().filter(|word| !allowed.contains(word)).collect();
        found.extend(reaches(&path, &text, &words));
        for word in allowed {
            assert!(!reaches(&path, &text, &[word]).is_empty(), "{} needs {word} no more", path.display());
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(looked_at > 50, "{looked_at} files are not the whole domain: where did they go?");
}

/// The service that a file of its `src` folder belongs to.
fn service(path: &Path) -> Option<String> {
    let parts: Vec<String> = path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    (parts.iter().any(|part| part == "src") && SERVICES.contains(&parts.get(1)?.as_str())).then(|| parts[1].clone())
}

/// The layer that a file or the folder of a file is, such as `store` for `src/store/tally.rs`.
fn layer(path: &Path) -> Option<&'static str> {
    let below = path.components().skip_while(|part| part.as_os_str() != "src").nth(1)?;
    let name = Path::new(below.as_os_str()).file_stem()?.to_string_lossy().into_owned();
    LAYERS.into_iter().find(|layer| *layer == name)
}

/// Lines of code that name one of these crates.
fn reaches(path: &Path, text: &str, crates: &[&str]) -> Vec<String> {
    let names = |code: &str, word: &str| {
        code.contains(&format!("{word}::")) || code.trim_start().starts_with(&format!("use {word}"))
    };
    let lines = text.lines().enumerate().filter_map(|(at, line)| {
        let code = line.split("//").next().unwrap_or_default();
        let word = crates.iter().find(|word| names(code, word))?;
        Some(format!("{}:{} names {word}: {}", path.display(), at + 1, line.trim()))
    });
    lines.collect()
}
