//! The schemas and the types say the same.

use door::{Options, Policy};
use jsonschema::Validator;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::small::{markets, read};

fn schema(name: &str) -> Validator {
    // Cargo's own word for it, at run time: a test that was built in another checkout reads this one's schemas.
    let house = std::path::PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap());
    let text = std::fs::read_to_string(house.join("schema").join(format!("{name}.json"))).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn valid(schema: &Validator, value: &Value) {
    let wrong: Vec<String> =
        schema.iter_errors(value).map(|error| format!("{} at {}", error, error.instance_path())).collect();
    assert!(wrong.is_empty(), "{wrong:?} in {value}");
}

#[test]
fn what_is_written_fits() {
    let (market, plan) = (schema("market"), schema("plan"));
    let mut seen = std::collections::BTreeSet::new();
    let mut runner = TestRunner::deterministic();
    for at in 0..1500 {
        let file = markets(matches!(at % 4, 1 | 2)).new_tree(&mut runner).unwrap().current();
        valid(&market, &serde_json::to_value(&file).unwrap());
        let policy = [Policy::Stable, Policy::Optimal, Policy::Optimal, Policy::Lists][at % 4];
        let solved = door::solve(&read(&file).unwrap(), &Options { policy, ..Options::default() }, &|_| {}).unwrap();
        let written = serde_json::to_value(&solved).unwrap();
        valid(&plan, &written);
        assert_eq!(door::read::plan(written.to_string().as_bytes()).unwrap(), solved);
        seen.insert(format!("{:?} {}", solved.status, solved.method));
        seen.insert(format!("lists {}", solved.lists.is_some()));
        seen.insert(format!("{:?}", solved.proof));
    }
    // The markets are of use only if they lead everywhere.
    for way in [
        "Infeasible pins",
        "Optimal solver",
        "Optimal highs_mip",
        "Optimal exhaustion",
        "Optimal deferred_acceptance",
        "lists true",
    ] {
        assert!(seen.contains(way), "{way} is in {seen:?}");
    }
    for proof in ["Some(Duals)", "Some(Search)", "Some(Exhaustion)"] {
        assert!(seen.contains(proof), "{proof} is in {seen:?}");
    }
}

#[test]
fn the_example_fits_and_is_solved() {
    let text = include_str!("../../examples/market.json");
    valid(&schema("market"), &serde_json::from_str(text).unwrap());
    let plan = door::solve(&door::read::market(text.as_bytes()).unwrap(), &Options::default(), &|_| {}).unwrap();
    assert_eq!((plan.status, plan.value.as_deref(), plan.pairs.len()), (door::Status::Optimal, Some("308"), 3));
}

/// Each change of a good market is refused by both, or by neither.
#[test]
fn what_one_refuses_the_other_refuses() {
    let good: Value = serde_json::from_str(include_str!("../../examples/market.json")).unwrap();
    let market = schema("market");
    let values = [
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(-1),
        json!("x"),
        json!(""),
        json!("1.5"),
        json!("tab\t"),
        json!("delete\u{7f}"),
        json!([]),
        json!({}),
        json!([[]]),
        json!(1_000_001),
        json!(2_000_000_000),
        json!(["amina"]),
        json!(["amina", "amina"]),
    ];
    let mut compared = 0;
    for path in paths(&good, "") {
        for value in &values {
            let mut changed = good.clone();
            *changed.pointer_mut(&path).unwrap() = value.clone();
            same(&market, &changed, &path);
            compared += 1;
        }
        if good.pointer(&path).unwrap().is_object() {
            let mut changed = good.clone();
            changed.pointer_mut(&path).unwrap()["stranger"] = json!(1);
            same(&market, &changed, &path);
        }
    }
    for (pointer, key) in
        [("", "lines"), ("", "pairs"), ("/lines/0", "seats"), ("/pairs/0", "score"), ("/quotas/0", "limit")]
    {
        let mut changed = good.clone();
        changed.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(key);
        same(&market, &changed, pointer);
    }
    assert!(compared > 500, "{compared}");
}

/// What the schema refuses the reader refuses; the reader alone also knows which names are listed.
fn same(schema: &Validator, value: &Value, path: &str) {
    const NAMES: [&str; 5] = ["UNKNOWN", "UNKNOWN_PAIR", "DUPLICATE", "DUPLICATE_PAIR", "TOGETHER_AND_APART"];
    let refused = door::read::market(value.to_string().as_bytes()).err().unwrap_or_default();
    if schema.is_valid(value) {
        assert!(
            refused.iter().all(|finding| NAMES.contains(&finding.code)),
            "{path}: the schema takes {value}, {refused:?}"
        );
    } else {
        assert!(!refused.is_empty(), "{path}: only the schema refuses {value}");
    }
}

/// A plan that the reader refuses for its shape the schema refuses, too: wrong values, strange members, missing ones.
#[test]
fn what_the_reader_refuses_of_a_plan_its_schema_refuses() {
    const PLAIN: &str = r#"{"candidates": [{"id": "a"}, {"id": "b"}], "lines": [{"id": "l", "seats": 2}],
        "quotas": [{"id": "q", "limit": 1}], "pairs": [
            {"candidate": "a", "line": "l", "score": 1}, {"candidate": "b", "line": "l", "score": 2}]"#;
    let pin = r#""pinned": [{"candidate": "a", "line": "l"}, {"candidate": "b", "line": "l"}]"#;
    let schema = schema("plan");
    let refused = |plan: &Value| door::read::plan(plan.to_string().as_bytes()).is_err();
    let mut both = 0;
    for (policy, text) in [
        (Policy::Optimal, include_str!("../../examples/market.json").to_owned()),
        (Policy::Optimal, format!("{PLAIN}, {pin}}}")),
        (Policy::Stable, format!("{PLAIN}}}")),
        (Policy::Lists, format!("{PLAIN}}}")),
    ] {
        let market = door::read::market(text.as_bytes()).unwrap();
        let plan = door::solve(&market, &Options { policy, ..Options::default() }, &|_| {}).unwrap();
        let good = serde_json::to_value(&plan).unwrap();
        valid(&schema, &good);
        for path in paths(&good, "") {
            for value in [json!(null), json!(true), json!(-1), json!("x"), json!([]), json!({}), json!([[]])] {
                let mut changed = good.clone();
                *changed.pointer_mut(&path).unwrap() = value;
                if refused(&changed) {
                    assert!(!schema.is_valid(&changed), "{path}: the schema takes {changed}");
                    both += 1;
                }
            }
            let Some(members) = good.pointer(&path).unwrap().as_object() else { continue };
            let mut changed = good.clone();
            changed.pointer_mut(&path).unwrap()["stranger"] = json!(1);
            assert!(refused(&changed) && !schema.is_valid(&changed), "{path}: a stranger");
            for name in members.keys() {
                let mut changed = good.clone();
                changed.pointer_mut(&path).unwrap().as_object_mut().unwrap().remove(name);
                assert!(!refused(&changed) || !schema.is_valid(&changed), "{path}: the schema misses no {name}");
            }
        }
    }
    assert!(both > 100, "{both}");
}

fn paths(value: &Value, at: &str) -> Vec<String> {
    let mut found = vec![at.to_owned()];
    match value {
        Value::Array(items) => {
            found.extend(items.iter().enumerate().flat_map(|(item, value)| paths(value, &format!("{at}/{item}"))));
        }
        Value::Object(members) => {
            let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
            found.extend(members.iter().flat_map(|(key, value)| paths(value, &format!("{at}/{}", escaped(key)))));
        }
        _ => {}
    }
    found
}
