//! `circula solve` as people type it: a market file in, a plan file out or a reason why not, and the status that scripts go by.

use std::{fs, path::Path, process::Output};

use serde_json::{Value, json};

/// What is printed, and the folder in which the program ran.
struct Solved {
    folder: tempfile::TempDir,
    status: Option<i32>,
    said: String,
    complained: String,
}

impl Solved {
    /// Solves a market that is written as this text.
    fn of(market: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("market.json"), market).unwrap();
        let output = circula(folder.path(), &["--policy", "optimal", "--seed", "7", "--out", "plan.json"]);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { folder, status: output.status.code(), said: text(output.stdout), complained: text(output.stderr) }
    }

    fn plan(&self) -> Value {
        serde_json::from_slice(&fs::read(self.folder.path().join("plan.json")).unwrap()).unwrap()
    }

    /// The names of all files that are there now.
    fn files(&self) -> Vec<String> {
        files(self.folder.path())
    }
}

fn circula(folder: &Path, words: &[&str]) -> Output {
    let words = [&["solve", "market.json"][..], words].concat();
    crate::machines::circula(folder, &words).env_remove("CIRCULA_LANGUAGE").output().unwrap()
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Five candidates, one of them a family of three, for six seats on two lines. Each rule decides: without it another plan
/// would be worth more.
fn market() -> Value {
    json!({
        "candidates": [{"id": "amina"}, {"id": "brahim"}, {"id": "diop", "size": 3}, {"id": "eva"}, {"id": "farid"}],
        "lines": [{"id": "huelva", "seats": 4}, {"id": "lleida", "seats": 2}],
        "pairs": [
            {"candidate": "amina", "line": "huelva", "score": 70},
            {"candidate": "amina", "line": "lleida", "score": "80.5"},
            {"candidate": "brahim", "line": "huelva", "score": "72.5"},
            {"candidate": "brahim", "line": "lleida", "score": 60},
            {"candidate": "diop", "line": "huelva", "score": 120},
            {"candidate": "eva", "line": "huelva", "score": 50},
            {"candidate": "eva", "line": "lleida", "score": 10},
            {"candidate": "farid", "line": "huelva", "score": 65},
            {"candidate": "farid", "line": "lleida", "score": 90}
        ],
        "quotas": [{"id": "origin-ma", "limit": 2, "candidates": ["amina", "brahim", "farid"]}],
        "together": [["amina", "brahim"]],
        "pinned": [{"candidate": "eva", "line": "lleida"}],
        "forbidden": [{"candidate": "farid", "line": "lleida"}]
    })
}

#[test]
fn a_market_file_becomes_a_plan_file_that_keeps_every_rule_and_is_proved() {
    let solved = Solved::of(&market().to_string());
    assert_eq!(solved.status, Some(0), "{}", solved.complained);
    assert_eq!(solved.files(), ["market.json", "plan.json"]);
    let plan = solved.plan();
    // Amina and Brahim would need two seats of one line: beside Eva in Lleida there is one, beside the family in Huelva too.
    let chosen = json!([
        {"candidate": "diop", "line": "huelva", "score": "120", "seats": 3},
        {"candidate": "eva", "line": "lleida", "score": "10", "seats": 1},
        {"candidate": "farid", "line": "huelva", "score": "65", "seats": 1}
    ]);
    assert_eq!(plan["pairs"], chosen);
    let claims = ["status", "value", "bound", "gap", "policy", "seed"].map(|name| plan[name].as_str().unwrap());
    assert_eq!(claims, ["optimal", "195", "195", "0", "optimal", "7"]);
    assert!(plan["why"].is_null(), "{plan}");
    for wanted in ["3 of 5 candidates", "value 195 of at most 195 (gap 0)", "optimal by"] {
        assert!(solved.said.contains(wanted), "{wanted} is not in\n{}", solved.said);
    }

    let folder = solved.folder.path();
    let checked = circula(folder, &["--check", "plan.json"]);
    assert_eq!(checked.status.code(), Some(0), "{}", String::from_utf8_lossy(&checked.stderr));
    fs::write(folder.join("plan.json"), plan.to_string().replace("\"195\"", "\"196\"")).unwrap();
    let checked = circula(folder, &["--check", "plan.json"]);
    assert_eq!(checked.status.code(), Some(1), "a plan is worth what its pairs are");
    assert!(String::from_utf8_lossy(&checked.stderr).contains("plan.json: MISSTATED at $.value"));
}

#[test]
fn each_rule_of_a_market_file_decides() {
    let mut alone = market();
    alone["candidates"][2].as_object_mut().unwrap().remove("size");
    let mut cases = vec![("size", alone, "272.5")];
    for (rule, value) in [("quotas", "217.5"), ("together", "283"), ("pinned", "310.5"), ("forbidden", "220")] {
        let mut without = market();
        without.as_object_mut().unwrap().remove(rule);
        cases.push((rule, without, value));
    }
    for (rule, market, value) in cases {
        let solved = Solved::of(&market.to_string());
        let plan = solved.plan();
        let claims = (solved.status, plan["status"].as_str().unwrap(), plan["value"].as_str().unwrap());
        assert_eq!(claims, (Some(0), "optimal", value), "without {rule}: {plan}");
    }
}

#[test]
fn a_market_without_a_plan_has_a_file_that_says_why() {
    let mut market = market();
    market["pinned"].as_array_mut().unwrap().push(json!({"candidate": "amina", "line": "lleida"}));
    let solved = Solved::of(&market.to_string());
    assert_eq!(solved.status, Some(1), "{}", solved.complained);
    let plan = solved.plan();
    assert_eq!((&plan["status"], &plan["pairs"]), (&json!("infeasible"), &json!([])));
    assert!(plan["value"].is_null() && plan["bound"].is_null(), "{plan}");
    let why = plan["why"].as_array().unwrap();
    assert_eq!(why.len(), 1, "{plan}");
    assert_eq!(why[0]["code"], "SEATS_OVERRUN");
    // Brahim follows Amina, and Eva is there.
    let what = why[0]["what"].as_str().unwrap();
    assert!(what.contains("take 3 seats on line \"lleida\", which has 2: 1 too many"), "{what}");
    assert_eq!(why[0]["mend"], "add the seats, or take pins away");
    for wanted in ["No plan keeps all rules.", "SEATS_OVERRUN", what] {
        assert!(solved.said.contains(wanted), "{wanted} is not in\n{}", solved.said);
    }
    let checked = circula(solved.folder.path(), &["--check", "plan.json"]);
    assert_eq!(checked.status.code(), Some(0), "that there is none can be checked");
}

#[test]
fn a_wrong_market_file_is_refused_with_place_and_mend_and_leaves_nothing() {
    let good = market().to_string();
    let mut unknown = market();
    unknown["pairs"][1]["candidate"] = json!("amira");
    unknown["lines"][0]["seats"] = json!(-4);
    let cases = [
        (good[..good.len() - 1].to_owned(), vec!["TRUNCATED at $", "(line 1, column ", "write the whole file"]),
        (good.replace("\"seats\":4", "\"places\":4"), vec!["SHAPE at $.lines[0]", "places", "door/schema"]),
        (good.replace("\"80.5\"", "\"8e1\""), vec!["NUMBER at $.pairs[1].score", "8e1", "write it out"]),
        (
            unknown.to_string(),
            vec!["UNKNOWN at $.pairs[1].candidate", "amira", "correct the name", "RANGE at $.lines[0].seats", "-4"],
        ),
    ];
    for (market, wanted) in cases {
        let solved = Solved::of(&market);
        assert_eq!(solved.status, Some(2), "{market}: {}", solved.complained);
        assert_eq!((solved.said.as_str(), solved.files()), ("", vec!["market.json".to_owned()]), "{market}");
        for wanted in ["market.json: ", "To mend it: "].into_iter().chain(wanted) {
            assert!(solved.complained.contains(wanted), "{wanted} is not in\n{}", solved.complained);
        }
    }
}

#[test]
fn a_plan_that_cannot_be_written_leaves_nothing_beside_its_place() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("market.json"), market().to_string()).unwrap();
    fs::create_dir(folder.path().join("plan.json")).unwrap();
    let output = circula(folder.path(), &["--out", "plan.json"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("plan.json cannot be written"));
    assert_eq!(files(folder.path()), ["market.json", "plan.json"]);
}

/// Where the lottery decides, too: of eight alike four get a seat.
#[test]
fn the_same_market_gives_the_same_bytes_but_for_the_seconds() {
    let names: Vec<String> = (0..8).map(|at| format!("c{at}")).collect();
    let mut drawn = market();
    drawn["lines"].as_array_mut().unwrap().push(json!({"id": "jaen", "seats": 4}));
    for name in &names {
        drawn["candidates"].as_array_mut().unwrap().push(json!({"id": name}));
        drawn["pairs"].as_array_mut().unwrap().push(json!({"candidate": name, "line": "jaen", "score": 5}));
    }
    let text = drawn.to_string();
    let [one, other] = [0, 1].map(|_| {
        let solved = Solved::of(&text);
        assert_eq!(solved.status, Some(0), "{}", solved.complained);
        let written = fs::read_to_string(solved.folder.path().join("plan.json")).unwrap();
        let rest: Vec<String> =
            written.lines().filter(|line| !line.contains("\"seconds\":")).map(str::to_owned).collect();
        assert_eq!(rest.len() + 1, written.lines().count(), "{written}");
        rest
    });
    assert_eq!(one, other);
    let seated = names.iter().filter(|name| one.iter().any(|line| line.contains(&format!("\"{name}\""))));
    assert_eq!(seated.count(), 4, "{one:?}");
}
