//! A matching round of the invented season.

use gateway::console::code::{Choice, FormKeys};
use gateway::console::paging::{Paging, Total};
use gateway::console::parked::{Parked, ParkedKey};
use gateway::console::reason::Reason;
use gateway::console::round::explanation::{Change, Changes, Closed, Explanation, Later, Near, What};
use gateway::console::round::fairness::{Fairness, Group, Kind, Told};
use gateway::console::round::overrule::{Cost, Override, SeatMove, WhatIf};
use gateway::console::round::{
    Certificate, Check, Commitment, Goal, Market, Pair, Part, Progress, RoundFilter, RoundPage,
};
use gateway::console::rounds::{RoundRow, RoundStatus, Rounds};

use super::pages::date;

fn paging(shown: u64, total: u64, next: Option<&str>) -> Paging {
    Paging { from: 1, shown, total: Total::Exactly(total), size: 50, next: next.map(str::to_owned) }
}

pub(crate) fn list() -> Rounds {
    let row = |number: u64, status, pairs: u64, bound: u64| RoundRow {
        id: number.to_string(),
        number,
        scope: "CO-ES".to_owned(),
        computed_on: Some(date(2026, 9, 28)),
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
        as_of: Some(date(2026, 9, 28)),
        computed_on: Some(date(2026, 9, 28)),
        failure: None,
        progress: None,
        market: Market { candidates: 1_268, lines: 47, seats: 430, pairs: 412, reserves: 190 },
        certificate: Certificate {
            value: 38_412_906,
            bound: 38_412_906,
            seed: "b6f1d0c7a94e".to_owned(),
            commitment: date(2026, 9, 14)
                .and_hms_opt(9, 0, 0)
                .map(|at| Commitment { at, digest: "ba7816bf8f01".repeat(5) }),
            method: "SHORTEST_PATHS".to_owned(),
            snapshot_hash: "3fa9c07b11d0".repeat(5),
            plan_hash: "77b1c07b11d0".repeat(5),
        },
        goals: vec![goal("RECALLS", 118, 121), goal("SEATS", 412, 430)],
        checks: ["CAPACITY", "ONE_SEAT_EACH", "QUOTA", "ELIGIBLE", "LOTTERY", "RESERVE", "RULES", "BOUND"]
            .map(|code| check(code, true))
            .to_vec(),
        filter: RoundFilter::default(),
        lines: vec![line("03", "03, SAT Les Planes"), line("12", "12, SAT Les Planes")],
        pairs: pairs(),
        paging: paging(6, 412, Some("bmV4dA")),
        explanation: Some(explanation()),
        fairness: Some(fairness()),
        overruling: true,
        what_if: Some(what_if()),
        overrides: vec![Override {
            kind: "FORBID",
            candidate: "CO-2N9D-14".to_owned(),
            line: "12".to_owned(),
            reason: "The farm asked for another start".to_owned(),
            actor: "operator".to_owned(),
            recorded_at: date(2026, 9, 28).and_hms_opt(9, 12, 0),
            cost: cost(),
            moved: 3,
        }],
        publish: Some(FormKeys {
            request_id: "0199a1b2-0000-7000-8000-000000000002".to_owned(),
            version: "4".to_owned(),
        }),
        refusal: None,
    }
}

/// A published round with a gap, a check that does not hold and no panel.
pub(crate) fn published() -> RoundPage {
    let mut page = computed();
    page.status = RoundStatus::Published;
    page.certificate.bound += 73;
    page.certificate.commitment = None;
    page.checks.push(check("VALUE", false));
    page.filter.reserves = true;
    page.explanation = None;
    page.publish = None;
    (page.overruling, page.what_if) = (false, None);
    page
}

/// A round without a plan: nothing was reached yet, or nothing is left of it.
fn planless(status: RoundStatus) -> RoundPage {
    let mut page = computed();
    page.status = status;
    page.computed_on = None;
    (page.goals, page.checks, page.lines, page.pairs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    page.paging = paging(0, 0, None);
    (page.market.pairs, page.market.reserves) = (0, 0);
    (page.certificate.value, page.certificate.bound) = (0, 0);
    for text in [&mut page.certificate.method, &mut page.certificate.snapshot_hash, &mut page.certificate.plan_hash] {
        text.clear();
    }
    (page.explanation, page.fairness, page.publish) = (None, None, None);
    (page.overruling, page.what_if, page.overrides) = (false, None, Vec::new());
    page
}

/// A round of which the search has found something already.
pub(crate) fn computing() -> RoundPage {
    let mut page = planless(RoundStatus::Computing);
    page.progress = Some(Progress { phase: "quotas".to_owned(), percent: 42 });
    (page.certificate.value, page.certificate.bound) = (38_400_112, 38_412_979);
    page
}

pub(crate) fn discarded() -> RoundPage {
    planless(RoundStatus::Discarded)
}

pub(crate) fn failed() -> RoundPage {
    let mut page = planless(RoundStatus::Failed);
    page.failure = Some(Reason::bare("PROCESS_ENDED", "ended with the process; compute again"));
    page
}

/// A round that stands half published: the rest can be sent.
pub(crate) fn publishing() -> RoundPage {
    let mut page = computed();
    page.status = RoundStatus::Publishing;
    page.progress = Some(Progress { phase: "publishing".to_owned(), percent: 61 });
    (page.overruling, page.what_if) = (false, None);
    page
}

fn goal(code: &str, reached: u64, possible: u64) -> Goal {
    Goal { code: code.to_owned(), reached, possible }
}

fn check(code: &str, passed: bool) -> Check {
    let finding = if passed { "412 pairs" } else { "1 wrong, such as: the pairs add up to 38,412,906" };
    Check { code: code.to_owned(), passed, finding: finding.to_owned(), looked_at: Some(412) }
}

fn pairs() -> Vec<Pair> {
    vec![
        pair(("CO-7F3K-29", "3"), "NAMED", 884),
        pair(("CO-2N9D-14", "3"), "NAMED", 861),
        pair(("CO-6B7M-90", "7"), "CREW", 738),
        pair(("CO-9P4T-77", "12"), "SCORE", 810),
    ]
}

fn pair((candidate, line): (&str, &str), reason: &str, score: u64) -> Pair {
    let part = |rule: &str, points| Part { rule: rule.to_owned(), points };
    Pair {
        candidate_id: candidate.to_owned(),
        candidate: candidate.to_owned(),
        line: line.to_owned(),
        title: "Picking stone fruit".to_owned(),
        period: Some([date(2027, 1, 11), date(2027, 3, 26)]),
        corridor: "CO-ES".to_owned(),
        reason: reason.to_owned(),
        rank: 1,
        score,
        parts: vec![part("base", 100), part("per_experience_month", 96), part("per_returned_season", 120)],
    }
}

fn explanation() -> Explanation {
    let near = |title: &str, needed| Near {
        line_id: "03".to_owned(),
        title: title.to_owned(),
        score: 712,
        needed,
        why: Some(reason("FULL", &[], &[("lowest", 740), ("needed", 741)])),
    };
    Explanation {
        candidate_id: "CO-4M8T-61".to_owned(),
        candidate: "CO-4M8T-61".to_owned(),
        seated: None,
        reasons: vec![
            reason("ON_RESERVE", &[("line", "12"), ("title", "Packing")], &[("rank", 2), ("open", 18), ("lines", 47)]),
            reason("RECALLED", &[("union", "Unió de Pagesos"), ("season", "2025")], &[]),
            reason("FIRST", &[], &[]),
        ],
        open_lines: 18,
        lines: 47,
        near: vec![near("Picking stone fruit", 740), near("Packing", 0)],
        closed: vec![
            closed("dates", "not free on the first day", 17),
            closed("line.certificates", "a certificate that the line asks for is missing", 9),
            closed("brand.new", "a rule that the console has no words for", 3),
        ],
        reserve: Some((2, "12".to_owned())),
        changes: Some(Changes {
            enough: vec![
                change(What::Points(29)),
                change(What::Dates(Some(date(2027, 3, 1)), None)),
                change(What::Quota(1, "CO-ES".to_owned())),
            ],
            cut: true,
        }),
        no_changes: None,
        rostered_until: Some(date(2027, 3, 31)),
        later: Some(Later { id: "8".to_owned(), number: 8, as_of: Some(date(2026, 10, 12)) }),
    }
}

fn cost() -> Vec<Cost> {
    let cost = |goal, before, after| Cost { goal, before, after };
    vec![cost("RECALLS", 118, 118), cost("SEATS", 412, 412), cost("SCORE", 38_412_906, 38_412_878)]
}

fn what_if() -> WhatIf {
    let step = |candidate: &str, from: Option<&str>, to: Option<&str>| SeatMove {
        candidate: candidate.to_owned(),
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
    };
    WhatIf {
        kind: "PIN",
        candidate: "CO-4M8T-61".to_owned(),
        candidate_id: "CO-4M8T-61".to_owned(),
        line_id: "03".to_owned(),
        cost: cost(),
        moves: vec![step("CO-7F3K-29", Some("3, Picking"), None), step("CO-4M8T-61", None, Some("3, Picking"))],
        moved: 2,
        form: FormKeys { request_id: "0199a1b2-0000-7000-8000-000000000003".to_owned(), version: "4".to_owned() },
        reason: String::new(),
        wrong: String::new(),
    }
}

fn change(what: What) -> Change {
    Change { what, line: "3, Picking stone fruit".to_owned() }
}

fn fairness() -> Fairness {
    let group = |name: &str, eligible, seated, (rate, low, high)| Group {
        name: name.to_owned(),
        told: Some(Told { eligible, seated, rate, low, high }),
    };
    Fairness {
        eligible: 981,
        seated: 412,
        least: 10,
        kinds: vec![
            Kind {
                code: "SEX",
                groups: vec![
                    group("F", 402, 170, (0.423, 0.376, 0.472)),
                    group("M", 579, 242, (0.418, 0.379, 0.459)),
                    Group { name: "X".to_owned(), told: None },
                ],
            },
            Kind {
                code: "FIRST_TIMER",
                groups: vec![
                    group("no", 311, 190, (0.611, 0.556, 0.664)),
                    group("yes", 670, 222, (0.331, 0.297, 0.368)),
                ],
            },
        ],
    }
}

fn closed(rule: &str, text: &str, lines: u64) -> Closed {
    Closed { rule: Reason::bare(rule, text), lines }
}

fn reason(code: &str, texts: &[(&str, &str)], numbers: &[(&str, i64)]) -> Reason {
    Reason {
        texts: texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
        numbers: numbers.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect(),
        ..Reason::bare(code, "said in English")
    }
}

/// Two aggregates of which events wait, and a service that does not answer.
pub(crate) fn parked() -> Parked {
    let key = |consumer: &str, events, reason: &str| ParkedKey {
        service: consumer.split('-').next().unwrap_or_default().to_owned(),
        consumer: consumer.to_owned(),
        key: format!("018f3c1a-{events:04}-7000-8000-5d1e7a90b3c2"),
        events,
        reason: reason.to_owned(),
        since: date(2026, 9, 29).and_hms_opt(8, 15, 0),
        place: "circula.demand.v1 7/20411".to_owned(),
        request_ids: ["01", "02"].map(str::to_owned),
        typed: String::new(),
        wrong: String::new(),
    };
    Parked {
        keys: vec![
            key("matching-demand", 1, "NOT_DECODED: failed to decode Protobuf message: buffer underflow"),
            key("placement-matching", 14, "UNKNOWN_CHANGE"),
        ],
        events: 15,
        silent: vec!["candidate".to_owned()],
        refusal: None,
    }
}
