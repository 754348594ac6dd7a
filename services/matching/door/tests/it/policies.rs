//! What the two policies promise, on thousands of small markets.

use door::decimal::{Numeral, parse};
use door::{MarketFile, Options, PlanFile, Policy, Status};
use proptest::prelude::*;

use crate::small::{markets, read};
use crate::truth;

fn solve(file: &MarketFile, policy: Policy) -> PlanFile {
    let market = read(file).unwrap();
    let plan = door::solve(&market, &Options { policy, ..Options::default() }, &|_| {}).unwrap();
    door::verify(&market, &plan).unwrap();
    plan
}

fn value(plan: &PlanFile) -> Option<i128> {
    plan.value.as_ref().map(|value| parse(value).unwrap())
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(3000))]

    #[test]
    fn optimal_is_what_trying_every_plan_finds(file in markets(true)) {
        let best = truth::best(&read(&file).unwrap());
        let plan = solve(&file, Policy::Optimal);
        prop_assert_eq!(value(&plan), best);
        prop_assert_eq!(plan.status, if best.is_some() { Status::Optimal } else { Status::Infeasible });
        prop_assert_eq!(plan.why.is_empty(), best.is_some());
    }

    #[test]
    fn plain_markets_with_quotas_are_closed(file in markets(false)) {
        let plan = solve(&file, Policy::Optimal);
        prop_assert_eq!(value(&plan), truth::best(&read(&file).unwrap()));
        prop_assert_ne!(plan.status, Status::Feasible);
    }
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn the_order_of_the_file_changes_nothing(file in markets(true), stable in any::<bool>()) {
        let mut turned = file.clone();
        turned.candidates.reverse();
        turned.lines.reverse();
        turned.pairs.reverse();
        turned.quotas.reverse();
        turned.together.reverse();
        turned.pinned.reverse();
        let policy = if stable { Policy::Stable } else { Policy::Optimal };
        let (one, other) = (read(&file).unwrap(), read(&turned).unwrap());
        let options = Options { policy, ..Options::default() };
        match (door::solve(&one, &options, &|_| {}), door::solve(&other, &options, &|_| {})) {
            (Ok(plan), Ok(turned)) => {
                let same = PlanFile { market: plan.market.clone(), seconds: plan.seconds.clone(), ..turned };
                prop_assert_eq!(plan, same);
            }
            (Err(door::Failure::Refused(_)), Err(door::Failure::Refused(_))) => {}
            (one, other) => prop_assert!(false, "{one:?} and {other:?}"),
        }
    }

    #[test]
    fn new_names_change_no_value(file in markets(true)) {
        let renamed = serde_json::to_string(&file).unwrap().replace("\"c", "\"candidate-").replace("\"candidate-andidate", "\"candidate");
        let renamed = door::read::market(renamed.as_bytes()).unwrap();
        let plan = door::solve(&renamed, &Options::default(), &|_| {}).unwrap();
        prop_assert_eq!(value(&plan), value(&solve(&file, Policy::Optimal)));
    }

    #[test]
    fn a_seat_more_is_worth_no_less(file in markets(true)) {
        let before = solve(&file, Policy::Optimal);
        let mut more = file.clone();
        let seats = more.lines[0].seats.whole().unwrap();
        more.lines[0].seats = Numeral::written((seats + 1).to_string());
        prop_assert!(value(&solve(&more, Policy::Optimal)) >= value(&before));
    }

    #[test]
    fn scaled_scores_change_no_choice(file in markets(true)) {
        let before = solve(&file, Policy::Optimal);
        let mut scaled = file.clone();
        for pair in &mut scaled.pairs {
            pair.score = Numeral::written(door::decimal::show(pair.score.units().unwrap() * 12));
        }
        let after = solve(&scaled, Policy::Optimal);
        prop_assert_eq!(value(&after), value(&before).map(|value| value * 12));
        let chosen = |plan: &PlanFile| -> Vec<(String, String)> {
            plan.pairs.iter().map(|pair| (pair.candidate.clone(), pair.line.clone())).collect()
        };
        prop_assert_eq!(chosen(&after), chosen(&before));
    }

    #[test]
    fn without_quotas_nothing_blocks(file in markets(false)) {
        let plan = solve(&MarketFile { quotas: Vec::new(), ..file }, Policy::Stable);
        prop_assert_ne!(plan.status, Status::Feasible);
    }

    #[test]
    fn with_quotas_blocking_pairs_are_told(file in markets(false)) {
        let plan = solve(&file, Policy::Stable);
        prop_assert_eq!(plan.status == Status::Feasible, plan.blocking.is_some_and(|blocking| !blocking.is_empty()));
    }
}

/// Candidates without a list rank by score, as lines do: then the best pair that is left can always be given, and nothing blocks.
#[test]
fn where_all_rank_by_score_quotas_do_no_harm() {
    proptest!(config(500), |(file in markets(false))| {
        let plan = solve(&MarketFile { preferences: Vec::new(), ..file }, Policy::Stable);
        prop_assert_ne!(plan.status, Status::Feasible);
    });
}

/// Two plans are stable here: what candidates would rather have is what they get, for it is they who propose.
#[test]
fn of_two_stable_plans_candidates_have_the_one_they_would_rather_have() {
    let text = r#"{"candidates": [{"id": "a"}, {"id": "b"}], "lines": [{"id": "l", "seats": 1}, {"id": "m", "seats": 1}],
        "pairs": [
            {"candidate": "a", "line": "l", "score": 1}, {"candidate": "a", "line": "m", "score": 2},
            {"candidate": "b", "line": "l", "score": 2}, {"candidate": "b", "line": "m", "score": 1}],
        "preferences": [{"candidate": "a", "lines": ["l", "m"]}, {"candidate": "b", "lines": ["m", "l"]}]}"#;
    let market = door::read::market(text.as_bytes()).unwrap();
    let options = Options { policy: Policy::Stable, ..Options::default() };
    let mut plan = door::solve(&market, &options, &|_| {}).unwrap();
    let lines = |plan: &PlanFile| plan.pairs.iter().map(|pair| pair.line.clone()).collect::<Vec<_>>();
    assert_eq!(lines(&plan), ["l", "m"]);
    // What lines rank first blocks nothing either.
    for (pair, line) in plan.pairs.iter_mut().zip(["m", "l"]) {
        (pair.line, pair.score) = (line.to_owned(), "2".to_owned());
    }
    plan.value = Some("4".to_owned());
    assert!(door::verify(&market, &plan).is_ok());
}

#[test]
fn the_seed_decides_between_equals() {
    let pairs: Vec<String> = (0..20).map(|at| format!(r#"{{"candidate":"c{at}","line":"l","score":1}}"#)).collect();
    let names: Vec<String> = (0..20).map(|at| format!(r#"{{"id":"c{at}","size":2}}"#)).collect();
    let text = format!(
        r#"{{"candidates":[{}],"lines":[{{"id":"l","seats":6}}],"pairs":[{}]}}"#,
        names.join(","),
        pairs.join(",")
    );
    let market = door::read::market(text.as_bytes()).unwrap();
    let chosen = |seed: &str| {
        let plan = door::solve(&market, &Options { seed: seed.to_owned(), ..Options::default() }, &|_| {}).unwrap();
        assert_eq!(plan.value.as_deref(), Some("3"));
        plan.pairs.into_iter().map(|pair| pair.candidate).collect::<Vec<String>>()
    };
    assert_eq!(chosen("7"), chosen("7"));
    let different: std::collections::BTreeSet<Vec<String>> = (0..10).map(|seed| chosen(&seed.to_string())).collect();
    assert!(different.len() > 5, "{different:?}");
}

/// Its prices are not unique: the first that is found is published, and it must not be the file that says which comes first.
#[test]
fn the_order_of_quotas_changes_no_price() {
    let mut file: MarketFile = serde_json::from_str(
        r#"{"candidates": [{"id": "c0"}, {"id": "c1"}, {"id": "c2", "size": 2}, {"id": "c3"}, {"id": "c4"}, {"id": "c5"}],
        "lines": [{"id": "l0", "seats": 1}, {"id": "l1", "seats": 4}, {"id": "l2", "seats": 2}],
        "pairs": [
            {"candidate": "c0", "line": "l0", "score": 7.25}, {"candidate": "c0", "line": "l2", "score": 3, "seats": 2},
            {"candidate": "c1", "line": "l1", "score": 3}, {"candidate": "c1", "line": "l2", "score": 3, "seats": 2},
            {"candidate": "c2", "line": "l0", "score": 3, "seats": 2}, {"candidate": "c2", "line": "l1", "score": 3, "seats": 2},
            {"candidate": "c2", "line": "l2", "score": 3, "seats": 2}, {"candidate": "c3", "line": "l0", "score": 3, "seats": 2},
            {"candidate": "c3", "line": "l2", "score": 0.000000001}, {"candidate": "c4", "line": "l1", "score": 3, "seats": 2},
            {"candidate": "c4", "line": "l2", "score": 3}, {"candidate": "c5", "line": "l1", "score": 3, "seats": 2},
            {"candidate": "c5", "line": "l2", "score": 3, "seats": 2}],
        "quotas": [
            {"id": "q0", "limit": 1, "candidates": ["c0", "c3"], "lines": ["l0", "l2"], "weight": 1}, {"id": "q1", "limit": 2}],
        "together": [["c5", "c1"], ["c4", "c3"]], "forbidden": [{"candidate": "c5", "line": "l1"}]}"#,
    )
    .unwrap();
    let plan = solve(&file, Policy::Optimal);
    file.quotas.reverse();
    let turned = solve(&file, Policy::Optimal);
    assert_eq!(plan.duals.unwrap(), turned.duals.unwrap());
}
