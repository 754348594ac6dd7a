//! A matching round of the invented season.

use chrono::NaiveDateTime;
use gateway::console::code::{Choice, FormKeys};
use gateway::console::paging::{Paging, Total};
use gateway::console::round::{
    Certificate, Change, Check, Closed, Closest, Explanation, Goal, Market, Pair, RoundFilter, RoundPage, Why,
};
use gateway::console::rounds::{RoundRow, RoundStatus, Rounds};

use super::pages::date;

fn morning() -> NaiveDateTime {
    date(2026, 9, 28).and_hms_opt(6, 0, 0).expect("a real time")
}

fn paging(shown: u64, total: u64, next: Option<&str>) -> Paging {
    Paging { from: 1, shown, total: Total::Exactly(total), size: 50, next: next.map(str::to_owned) }
}

pub(crate) fn list() -> Rounds {
    let row = |number: u64, status, pairs: u64, bound: u64| RoundRow {
        id: number.to_string(),
        number,
        scope: "CO-ES".to_owned(),
        computed_at: morning(),
        status,
        seats: 430,
        pairs,
        value: 38_412_906,
        bound,
    };
    Rounds {
        rows: vec![
            row(113, RoundStatus::Computing, 0, 38_412_906),
            row(112, RoundStatus::Computed, 412, 38_412_906),
            row(111, RoundStatus::Published, 398, 38_412_979),
            row(110, RoundStatus::Discarded, 401, 38_412_906),
        ],
        paging: paging(4, 4, None),
    }
}

pub(crate) fn no_list() -> Rounds {
    Rounds { rows: Vec::new(), paging: paging(0, 0, None) }
}

pub(crate) fn computed() -> RoundPage {
    let line = |value: &str, label: &str| Choice { value: value.to_owned(), label: label.to_owned() };
    RoundPage {
        id: "112".to_owned(),
        number: 112,
        status: RoundStatus::Computed,
        scope: "CO-ES".to_owned(),
        computed_at: morning(),
        market: Market { candidates: 1_268, lines: 47, seats: 430, eligible: 21_904, pairs: 412 },
        certificate: Certificate {
            value: 38_412_906,
            bound: 38_412_906,
            seed: "2026-09-28".to_owned(),
            policy: "co-es-2026.3".to_owned(),
            input_hash: "3fa9c07b…11d0".to_owned(),
        },
        goals: vec![goal("RECALLS", 118, 121), goal("GROUPS", 23, 23), goal("SEATS", 412, 430)],
        checks: ["CAPACITY", "ONE_SEAT_EACH", "QUOTA", "ELIGIBLE", "GROUPS", "BOUND"]
            .map(|code| check(code, 0))
            .to_vec(),
        filter: RoundFilter::default(),
        lines: vec![line("03", "03, SAT Les Planes"), line("12", "12, SAT Les Planes")],
        reasons: ["RECALL", "CREW", "SCORE", "DRAW"].map(str::to_owned).to_vec(),
        pairs: pairs(),
        paging: paging(6, 412, Some("bmV4dA")),
        explanation: Some(explanation()),
        publish: Some(FormKeys {
            request_id: "0199a1b2-0000-7000-8000-000000000002".to_owned(),
            version: "4".to_owned(),
        }),
    }
}

/// A published round with a gap, a check that does not hold and no panel.
pub(crate) fn published() -> RoundPage {
    let mut page = computed();
    page.status = RoundStatus::Published;
    page.certificate.bound += 73;
    page.checks.push(check("VALUE", 1));
    page.explanation = None;
    page.publish = None;
    page
}

fn goal(code: &str, reached: u64, possible: u64) -> Goal {
    Goal { code: code.to_owned(), reached, possible }
}

fn check(code: &str, wrong: u64) -> Check {
    Check { code: code.to_owned(), looked_at: 412, wrong }
}

fn pairs() -> Vec<Pair> {
    let others = vec!["CO-6B7M-91".to_owned(), "CO-6B7M-92".to_owned()];
    let elsewhere = Why::Elsewhere { line: "07".to_owned(), score: 82.3, above: 3 };
    vec![
        pair("CO-7F3K-29", "03", "RECALL", 88.4, Why::Named { season: 3 }),
        pair("CO-2N9D-14", "03", "RECALL", 86.1, Why::Named { season: 2 }),
        pair("CO-6B7M-90", "07", "CREW", 73.8, Why::With { others }),
        pair("CO-9P4T-77", "12", "SCORE", 81.0, Why::Rank { rank: 1, of: 96 }),
        pair("CO-5H2W-03", "12", "SCORE", 79.6, elsewhere),
        pair("CO-1Q8R-58", "12", "DRAW", 74.0, Why::Draw { place: 2, of: 4 }),
    ]
}

fn pair(candidate: &str, line: &str, reason: &str, score: f64, why: Why) -> Pair {
    Pair {
        candidate: candidate.to_owned(),
        line: line.to_owned(),
        farm: "SAT Les Planes, Aitona".to_owned(),
        from: date(2027, 1, 11),
        until: date(2027, 3, 26),
        reason: reason.to_owned(),
        score,
        why,
    }
}

fn explanation() -> Explanation {
    let line = || "12".to_owned();
    Explanation {
        candidate: "CO-4M8T-61".to_owned(),
        seated: None,
        open_lines: 18,
        lines: 47,
        closest: Some(Closest { line: line(), farm: "SAT Les Planes".to_owned(), score: 71.2, last_seated: 74.0 }),
        changes: vec![
            Change::OneMoreSeat { line: line() },
            Change::MoreScore { line: line(), points: 6.0 },
            Change::FreeFrom { day: date(2027, 1, 4), line: "04".to_owned() },
        ],
        closed: vec![
            closed("ES-06", "not free on the first day", 17),
            closed("ES-08", "tractor certificate missing", 9),
            closed("ES-10", "under 3 months with fruit trees", 3),
        ],
        reserve: Some((2, line())),
        rostered_until: Some(date(2027, 8, 14)),
        next_round: Some(date(2026, 10, 12)),
    }
}

fn closed(rule: &str, text: &str, lines: u64) -> Closed {
    Closed { rule: rule.to_owned(), text: text.to_owned(), lines }
}
