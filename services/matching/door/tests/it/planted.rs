//! The checker finds every untruth that is planted into a plan, and pins that contradict are explained.

use door::format::{LinePrice, PairName, PlanPair};
use door::{Options, PlanFile, Policy, Status};

/// A family of two and a couple that stays apart compete with single people for two farms.
const MARKET: &str = r#"{
  "candidates": [{"id": "amina"}, {"id": "brahim"}, {"id": "family", "size": 3}, {"id": "dina"}, {"id": "eva"}],
  "lines": [{"id": "farm", "seats": 3}, {"id": "orchard", "seats": 2}],
  "pairs": [
    {"candidate": "amina", "line": "farm", "score": 4},
    {"candidate": "amina", "line": "orchard", "score": "2.5"},
    {"candidate": "brahim", "line": "farm", "score": 4},
    {"candidate": "family", "line": "farm", "score": 9.5},
    {"candidate": "dina", "line": "farm", "score": 3},
    {"candidate": "dina", "line": "orchard", "score": 3},
    {"candidate": "eva", "line": "orchard", "score": 3}
  ],
  "quotas": [{"id": "north", "limit": 4, "lines": ["farm", "orchard"]}],
  "together": [["dina", "eva"]],
  "apart": [["amina", "brahim"]]
}"#;

fn solved(policy: Policy, text: &str) -> (door::Market, PlanFile) {
    let market = door::read::market(text.as_bytes()).unwrap();
    let plan = door::solve(&market, &Options { policy, ..Options::default() }, &|_| {}).unwrap();
    (market, plan)
}

/// Seats somebody beside whom the plan has.
fn seat(plan: &mut PlanFile, (candidate, line, score): (&str, &str, &str)) {
    let [candidate, line, score] = [candidate, line, score].map(str::to_owned);
    plan.pairs.push(PlanPair { candidate, line, score, seats: 1 });
}

#[test]
fn untruths_are_found() {
    let (market, plan) = solved(Policy::Optimal, MARKET);
    assert_eq!((plan.status, plan.value.as_deref()), (Status::Optimal, Some("12")));
    type Change = fn(&mut PlanFile);
    let changes: [(&str, Change); 17] = [
        ("OTHER_MARKET", |plan| plan.market = "0".repeat(64)),
        ("NOT_LISTED", |plan| plan.pairs[0].line = "moon".to_owned()),
        ("TWICE", |plan| plan.pairs.push(plan.pairs[0].clone())),
        ("MISSTATED", |plan| plan.pairs[0].score = "100".to_owned()),
        ("MISSTATED", |plan| plan.pairs[0].seats += 1),
        ("MISSTATED", |plan| plan.value = Some("13".to_owned())),
        ("MISSTATED", |plan| plan.gap = Some("1".to_owned())),
        ("MISSTATED", |plan| plan.bound = Some("11".to_owned())),
        ("NOT_PROVED", |plan| (plan.bound, plan.gap) = (Some("12.5".to_owned()), Some("0.5".to_owned()))),
        ("MISSING", |plan| plan.bound = None),
        ("MISSING", |plan| plan.proof = None),
        ("MISSTATED", |plan| plan.duals.as_mut().unwrap().bound = "1".to_owned()),
        ("MISSTATED", |plan| {
            plan.duals.as_mut().unwrap().lines.push(LinePrice { line: "farm".to_owned(), price: "-1".to_owned() });
        }),
        ("MISSTATED", |plan| plan.status = Status::Infeasible),
        ("MISSTATED", |plan| plan.pairs.truncate(1)),
        ("TORN_APART", |plan| seat(plan, ("dina", "orchard", "3"))),
        ("SAME_LINE", |plan| ["amina", "brahim"].iter().for_each(|&who| seat(plan, (who, "farm", "4")))),
    ];
    for (code, change) in changes {
        let mut changed = plan.clone();
        change(&mut changed);
        let found = door::verify(&market, &changed).expect_err(code);
        assert!(found.iter().any(|finding| finding.code == code), "{code} is in {found:?}");
    }
}

#[test]
fn broken_rules_are_found() {
    let (_, plan) = solved(Policy::Optimal, MARKET);
    let breaches = [
        ("FORBIDDEN", r#""forbidden": [{"candidate": "CHOSEN", "line": "LINE"}]"#),
        ("PIN_IGNORED", r#""pinned": [{"candidate": "brahim", "line": "farm"}]"#),
        ("QUOTA_EXCEEDED", r#""quotas": [{"id": "north", "limit": 1}]"#),
    ];
    let chosen = &plan.pairs[0];
    for (code, rule) in breaches {
        let start = MARKET.find(r#","quotas""#).unwrap_or_else(|| MARKET.find(",\n  \"quotas\"").unwrap());
        let rule = rule.replace("CHOSEN", &chosen.candidate).replace("LINE", &chosen.line);
        let text = format!("{},{rule}}}", &MARKET[..start]);
        let market = door::read::market(text.as_bytes()).unwrap();
        let found = door::verify(&market, &plan).expect_err(code);
        assert!(found.iter().any(|finding| finding.code == code), "{code} is not in {found:?}");
    }
    let few = MARKET.replace(r#""seats": 3"#, r#""seats": 1"#).replace(r#""seats": 2"#, r#""seats": 1"#);
    let found = door::verify(&door::read::market(few.as_bytes()).unwrap(), &plan).unwrap_err();
    assert!(found.iter().any(|finding| finding.code == "SEATS_EXCEEDED"), "{found:?}");
}

#[test]
fn a_lottery_that_was_not_followed_is_found() {
    let text = r#"{"candidates":[{"id":"a"},{"id":"b"}],"lines":[{"id":"l","seats":1}],
        "pairs":[{"candidate":"a","line":"l","score":1},{"candidate":"b","line":"l","score":1}]}"#;
    let (market, mut plan) = solved(Policy::Optimal, text);
    plan.pairs[0].candidate = if plan.pairs[0].candidate == "a" { "b".to_owned() } else { "a".to_owned() };
    assert_eq!(door::verify(&market, &plan).unwrap_err()[0].code, "LOTTERY_IGNORED");
}

#[test]
fn a_blocking_pair_is_found() {
    let text = r#"{"candidates":[{"id":"a"},{"id":"b"}],"lines":[{"id":"l","seats":1},{"id":"m","seats":1}],
        "pairs":[{"candidate":"a","line":"l","score":2},{"candidate":"b","line":"l","score":1},
                 {"candidate":"a","line":"m","score":1},{"candidate":"b","line":"m","score":1}],
        "preferences":[{"candidate":"b","lines":[["l","m"]]},{"candidate":"a","lines":["l","m"]}]}"#;
    let (market, mut plan) = solved(Policy::Stable, text);
    assert_eq!((plan.status, plan.blocking.as_deref()), (Status::Optimal, Some(&[][..])));
    assert_eq!(plan.pairs[0].line, "l");
    (plan.pairs[0].line, plan.pairs[0].score) = ("m".to_owned(), "1".to_owned());
    (plan.pairs[1].line, plan.value) = ("l".to_owned(), Some("2".to_owned()));
    let codes = |plan: &PlanFile| {
        door::verify(&market, plan).unwrap_err().iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(&plan), ["MISSTATED", "NOT_PROVED"]);
    plan.blocking = Some(vec![PairName { candidate: "a".to_owned(), line: "l".to_owned() }]);
    assert_eq!(codes(&plan), ["NOT_PROVED"]);
    plan.status = Status::Feasible;
    assert!(door::verify(&market, &plan).is_ok());
}

#[test]
fn why_there_is_no_plan() {
    let start = MARKET.find(",\n  \"quotas\"").unwrap();
    let pin = |who: &str, line: &str| format!(r#"{{"candidate":"{who}","line":"{line}"}}"#);
    let cases = [
        (
            vec![pin("family", "farm"), pin("brahim", "farm")],
            "",
            "SEATS_OVERRUN",
            "take 4 seats on line \"farm\", which has 3: 1 too many",
        ),
        (
            vec![pin("amina", "farm"), pin("amina", "orchard")],
            "",
            "PINNED_TWICE",
            "\"amina\" is pinned to \"farm\" and to \"orchard\"",
        ),
        (
            vec![pin("amina", "orchard")],
            r#","together":[["amina","brahim"]]"#,
            "TOGETHER_CANNOT_FOLLOW",
            "\"brahim\", who has no pair there",
        ),
        (
            vec![pin("amina", "farm"), pin("eva", "orchard")],
            r#","together":[["amina","eva"]]"#,
            "TOGETHER_PINNED_APART",
            "one is pinned to \"farm\"",
        ),
        (
            vec![pin("amina", "farm"), pin("brahim", "farm")],
            r#","apart":[["amina","brahim"]]"#,
            "APART_PINNED",
            "pins put both on line \"farm\"",
        ),
        (
            vec![pin("family", "farm")],
            r#","quotas":[{"id":"q","limit":2}]"#,
            "QUOTA_OVERRUN",
            "weigh 3 in quota \"q\", limited to 2: 1 too many",
        ),
    ];
    for (pins, rest, code, said) in cases {
        let text = format!(r#"{},"pinned":[{}]{rest}}}"#, &MARKET[..start], pins.join(","));
        let (market, plan) = solved(Policy::Optimal, &text);
        assert_eq!((plan.status, plan.why.len()), (Status::Infeasible, 1), "{:?}", plan.why);
        assert_eq!(plan.why[0].code, code);
        assert!(plan.why[0].what.contains(said), "{}", plan.why[0].what);
        assert!(door::verify(&market, &plan).unwrap().proved);
    }
}

#[test]
fn stable_refuses_what_it_has_no_answer_for() {
    let market = door::read::market(MARKET.as_bytes()).unwrap();
    let options = Options { policy: Policy::Stable, ..Options::default() };
    let Err(door::Failure::Refused(found)) = door::solve(&market, &options, &|_| {}) else { panic!("it is refused") };
    let codes: Vec<&str> = found.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["STABLE_SIZE", "STABLE_WEIGHTS", "STABLE_GROUPS", "STABLE_GROUPS"]);
}
