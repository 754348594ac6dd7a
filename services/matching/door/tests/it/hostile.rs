//! Files that mean harm, or are merely wrong.

/// Refused as what: text, and code with place of each finding.
fn findings(text: &str) -> Vec<(&'static str, String)> {
    let findings = door::read::market(text.as_bytes()).expect_err(text);
    for finding in &findings {
        assert!(finding.what.chars().count() < 400 && finding.at.chars().count() < 300, "{finding}");
        assert!(!finding.why.is_empty() && !finding.mend.is_empty());
    }
    findings.into_iter().map(|finding| (finding.code, finding.at)).collect()
}

fn market(candidates: &str, lines: &str, pairs: &str, rest: &str) -> String {
    format!(r#"{{"candidates":[{candidates}],"lines":[{lines}],"pairs":[{pairs}]{rest}}}"#)
}

const AMINA: &str = r#"{"id":"amina"}"#;
const FARM: &str = r#"{"id":"farm","seats":2}"#;
const PAIR: &str = r#"{"candidate":"amina","line":"farm","score":1}"#;

#[test]
fn what_is_no_json_of_this_shape_is_refused_with_its_place() {
    let deep = format!("{}{}", r#"{"candidates":"#, "[".repeat(1_000_000));
    let cases = [
        ("", "EMPTY", "$"),
        (" \n\t", "EMPTY", "$"),
        ("{", "TRUNCATED", "$ (line 1, column 1)"),
        ("nonsense", "SYNTAX", "$ (line 1, column 2)"),
        ("[]", "SHAPE", "$ (line 1"),
        ("{}", "SHAPE", "$ (line 1, column 2)"),
        (r#"{"candidates":[],"lines":[],"pairs":[]} x"#, "SYNTAX", "$ (line 1, column 41)"),
        (r#"{"candidates":[],"candidates":[]}"#, "SHAPE", "$ (line 1, column 29)"),
        (r#"{"candidats":[]}"#, "SHAPE", "$.candidats (line 1, column 12)"),
        (&deep, "SHAPE", "$.candidates[0]"),
    ];
    for (text, code, at) in cases {
        let found = findings(text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, code, "{found:?}");
        assert!(found[0].1.starts_with(at), "{:?} begins with {at}", found[0].1);
    }
    let unknown = market(r#"{"id":"amina","age":30}"#, FARM, "", "");
    assert_eq!(findings(&unknown)[0].0, "SHAPE");
    assert!(findings(&unknown)[0].1.starts_with("$.candidates[0].age (line 1"), "{:?}", findings(&unknown));
    assert_eq!(door::read::market(b"\xff\xfe{}").unwrap_err()[0].code, "SYNTAX");
    assert_eq!(door::read::market(&[0]).unwrap_err()[0].code, "SYNTAX");
}

#[test]
fn numbers_are_exact_or_refused() {
    let score =
        |text: &str| market(AMINA, FARM, &format!(r#"{{"candidate":"amina","line":"farm","score":{text}}}"#), "");
    for (text, code) in [
        ("1.0000000001", "PRECISION"),
        ("1e3", "NUMBER"),
        ("\"1e3\"", "NUMBER"),
        ("\"\"", "NUMBER"),
        ("\" 1\"", "NUMBER"),
        ("null", "NUMBER"),
        ("[1]", "NUMBER"),
        ("{}", "NUMBER"),
        ("true", "NUMBER"),
        ("1000000000.000000001", "RANGE"),
        ("-1000000001", "RANGE"),
        ("99999999999999999999999999999999999999999999", "RANGE"),
    ] {
        assert_eq!(findings(&score(text)), [(code, "$.pairs[0].score".to_owned())], "{text}");
    }
    for text in ["0.1", "\"0.1\"", "1000000000", "-5", "0", "0.000000001"] {
        assert!(door::read::market(score(text).as_bytes()).is_ok(), "{text}");
    }
    assert_eq!(findings(&score("01"))[0].0, "SYNTAX");
    let seats = |text: &str| market(AMINA, &format!(r#"{{"id":"farm","seats":{text}}}"#), PAIR, "");
    for (text, code) in [
        ("0", "RANGE"),
        ("-1", "RANGE"),
        ("1.5", "WHOLE"),
        ("1.0", "WHOLE"),
        ("1000000001", "RANGE"),
        ("\"2\"", "NUMBER"),
    ] {
        assert_eq!(findings(&seats(text)), [(code, "$.lines[0].seats".to_owned())], "{text}");
    }
}

#[test]
fn everything_wrong_is_said_at_once() {
    let text = market(
        r#"{"id":"amina","size":0},{"id":"amina"},{"id":""},{"id":"tab\t"}"#,
        r#"{"id":"farm","seats":-3}"#,
        r#"{"candidate":"nobody","line":"nowhere","score":"x"},{"candidate":"amina","line":"farm","score":1,"seats":0}"#,
        r#","quotas":[{"id":"q","limit":-1,"lines":["nowhere"]},{"id":"q","limit":1,"lines":[],"pairs":[]}]
           ,"together":[["amina"]],"apart":[["amina","amina"]],"pinned":[{"candidate":"amina","line":"farm"}]
           ,"forbidden":[{"candidate":"amina","line":"farm"},{"candidate":"amina","line":"farm"}]
           ,"preferences":[{"candidate":"amina","lines":["farm",["farm"]]},{"candidate":"amina","lines":[]}]"#,
    );
    let found = findings(&text);
    let codes: Vec<&str> = found.iter().map(|finding| finding.0).collect();
    for code in [
        "RANGE",
        "DUPLICATE",
        "ID",
        "UNKNOWN",
        "NUMBER",
        "TWO_FORMS",
        "GROUP",
        "DUPLICATE_PAIR",
        "PINNED_AND_FORBIDDEN",
    ] {
        assert!(codes.contains(&code), "{code} is in {found:?}");
    }
    assert_eq!(codes.len(), 20, "{found:?}");
}

#[test]
fn thousands_of_findings_are_counted() {
    let pairs = vec![r#"{"candidate":"x","line":"farm","score":1}"#; 5000].join(",");
    let found = findings(&market(AMINA, FARM, &pairs, ""));
    assert_eq!((found.len(), found[100].0), (101, "MORE"));
}

#[test]
fn who_goes_together_cannot_stay_apart() {
    let names = r#"{"id":"a"},{"id":"b"},{"id":"c"}"#;
    let text = market(names, FARM, "", r#","together":[["a","b"],["b","c"]],"apart":[["a","c"]]"#);
    assert_eq!(findings(&text), [("TOGETHER_AND_APART", "$.apart[0]".to_owned())]);
}

#[test]
fn a_market_of_nothing_has_a_plan_of_nothing() {
    let market = door::read::market(market("", "", "", "").as_bytes()).unwrap();
    let plan = door::solve(&market, &door::Options::default(), &|_| {}).unwrap();
    assert_eq!((plan.status, plan.value.as_deref(), plan.pairs.len()), (door::Status::Optimal, Some("0"), 0));
}
