//! Placements of the invented season. Nobody is named.

use gateway::console::code::{Corridor, FormKeys};
use gateway::console::paging::{Paging, Total};
use gateway::console::placement::{
    Ahead, Candidate, Company, Entry, Field, Holding, Input, Line, Move, Next, Other, PlacementPage, RunningClock,
    Signature, Wait,
};
use gateway::console::placements::{Filter, Marking, PlacementRow, Placements};
use gateway::console::preview::{Phase, Preview, PreviewRow};
use gateway::console::refusal::{FieldError, Refusal};
use gateway::console::step::Step;

use super::pages::date;

pub(crate) fn list() -> Placements {
    let corridors = ["CO-ES", "GT-CA", "CO-CA", "SN-IT"].map(Corridor::new);
    let rows = Step::ALL.into_iter().enumerate();
    Placements {
        filter: Filter::default(),
        rows: rows.map(|(place, step)| row(place, step, &corridors[place % 4])).collect(),
        corridors: corridors.to_vec(),
        bulk: Some(Marking {
            actions: vec!["Select", "Reject", "RetractOffer"],
            action: "Select".to_owned(),
            grounds: vec!["GROUP_LIST", "SKILLS_DIFFER"],
            all: true,
            after: String::new(),
        }),
        paging: Paging {
            from: 51,
            shown: 17,
            total: Total::MoreThan(10_000),
            size: 50,
            next: Some("b3BhcXVl".to_owned()),
        },
    }
}

fn row(place: usize, step: Step, corridor: &Corridor) -> PlacementRow {
    let late = place % 5 == 2;
    PlacementRow {
        id: format!("{}-2026-{:05}", corridor.code, 3300 + place),
        version: 9,
        stage: step.code().to_owned(),
        number: format!("{}-2026-{:05}", corridor.code, 3300 + place),
        step,
        ending: if place == 6 { "CANCELLED" } else { "" }.to_owned(),
        candidate: format!("{}-{}D8R-{:02}", corridor.origin, place % 9, 40 + place),
        corridor: corridor.clone(),
        line: format!("UP-2026-{:03}/3", 31 + place),
        farm: "Mas de Roure, Santa Bàrbara".to_owned(),
        party: match place % 3 {
            0 => "UNION",
            1 => "MINISTRY",
            _ => "AUTHORITY",
        }
        .to_owned(),
        due: (place % 4 != 3).then(|| date(2026, 10, 2 + place as u32)),
        days_late: if late { 3 } else { 0 },
    }
}

pub(crate) fn no_list() -> Placements {
    Placements {
        filter: Filter {
            corridor: "CO-ES".to_owned(),
            state: "TRAINED".to_owned(),
            late: "yes".to_owned(),
            ..Filter::default()
        },
        rows: Vec::new(),
        paging: Paging { from: 1, shown: 0, total: Total::Exactly(0), size: 50, next: None },
        ..list()
    }
}

/// A bulk action whose every third placement is refused.
pub(crate) fn preview(phase: Phase) -> Preview {
    let field =
        |name, input, value: &str| Field { name, input, required: true, value: value.to_owned(), wrong: String::new() };
    let reason = if phase == Phase::Asked { "" } else { "SKILLS_DIFFER" };
    let refusal = Refusal {
        why: "Somebody changed this after you opened it.".to_owned(),
        mend: "Look at it as it stands now and decide anew.".to_owned(),
        ..Refusal::default()
    };
    let row = |(place, row): (usize, PlacementRow)| {
        let refused = place % 3 == 2;
        PreviewRow {
            pick: format!("{}.9", row.id),
            number: row.number.clone(),
            then: (phase != Phase::Asked && !refused).then(|| "CANCELLED".to_owned()),
            refusal: (phase != Phase::Asked && refused).then(|| refusal.clone()),
            placement: (place != 5).then_some(row),
        }
    };
    Preview {
        phase,
        action: "Reject".to_owned(),
        command: "REJECT".to_owned(),
        grave: true,
        fields: vec![
            field("occurred_on", Input::Day, "2026-09-29"),
            field("reason", Input::Choice(vec!["SKILLS_DIFFER", "PERIOD_DIFFERS"]), reason),
        ],
        rows: list().rows.into_iter().enumerate().map(row).collect(),
        again: true,
        changed: phase == Phase::Tried,
        request_id: keys().request_id,
        seen: "0123456789abcdef".to_owned(),
        back: "/placements?state=PROPOSED".to_owned(),
    }
}

fn keys() -> FormKeys {
    FormKeys { request_id: "0199a1b2-0000-7000-8000-000000000001".to_owned(), version: "9".to_owned() }
}

fn step(command: &str, grave: bool, reasons: &[&'static str]) -> Move {
    let field =
        |name, input, value: &str| Field { name, input, required: true, value: value.to_owned(), wrong: String::new() };
    let mut fields = vec![field("occurred_on", Input::Day, "2026-09-29")];
    if !reasons.is_empty() {
        fields.push(field("reason", Input::Choice(reasons.to_vec()), ""));
        fields.push(field("evidence", Input::Text, ""));
    }
    Move { command: command.to_owned(), form: keys(), grave, for_worker: false, fields }
}

fn wait(command: &str, why: &str, mend: &str) -> Wait {
    let because = Refusal { why: why.to_owned(), mend: mend.to_owned(), ..Refusal::default() };
    Wait { command: command.to_owned(), because }
}

pub(crate) fn under_way() -> PlacementPage {
    PlacementPage {
        id: "CO-ES-2026-03318".to_owned(),
        number: "CO-ES-2026-03318".to_owned(),
        corridor: Corridor::new("CO-ES"),
        step: Step::VisaGranted,
        ending: String::new(),
        one_sided: false,
        candidate: Candidate { shown: "CO-5D8R-40".to_owned(), hidden: false },
        company: Some(company()),
        line: Line { number: "UP-2026-031/3".to_owned(), what: "Mas de Roure, Santa Bàrbara".to_owned() },
        from: date(2026, 10, 12),
        until: date(2027, 1, 31),
        today: date(2026, 9, 29),
        next: Some(next("CLEAR_MEDICAL", "MINISTRY", "SENA", 0)),
        departure: Some(date(2026, 10, 12)),
        moves: vec![
            step("ADD_RECORD", false, &[]),
            step("OPEN_CASE", false, &[]),
            step("WITHDRAW", true, &["WISH_OF_WORKER", "UNREACHABLE", "OTHER"]),
        ],
        signatures: vec![
            Signature { party: "UNION".to_owned(), on: Some(date(2026, 8, 26)) },
            Signature { party: "WORKER".to_owned(), on: Some(date(2026, 8, 26)) },
        ],
        appeal_told: None,
        recall: None,
        waits: vec![
            wait("BOOK_TRAVEL", "Book travel waits for fitness.", "Finish fitness."),
            wait("DEPART", "Departure waits for travel.", ""),
        ],
        clocks: vec![
            clock("C-READY", "MINISTRY", [57, 60, 3]),
            clock("C-STAY", "WORKER", [0, 270, 176]),
            clock("C-NAMES", "UNION", [12, 10, -2]),
        ],
        ledgers: vec![
            hold("SEAT", "UP-2026-031/3", "HELD"),
            hold("UNIT", "CO-ES 2026", "HELD"),
            hold("BED", "Alcarràs, Casa Nova, 24", "HELD"),
            hold("PERIOD", "12.10.2026 – 2.3.2027", "HELD"),
        ],
        terms: None,
        refusal: None,
        faster: None,
        typed: Vec::new(),
        why: "/rounds/112?explain=CO-5D8R-40#explain".to_owned(),
        timeline: timeline(),
        ahead: ahead(),
    }
}

/// A crew of four, of whom one is not shown.
fn company() -> Company {
    let other = |number: &str| Other { id: number.to_owned(), number: number.to_owned() };
    Company { crew: true, people: 4, others: ["CO-ES-2026-03319", "CO-ES-2026-03320"].map(other).to_vec() }
}

fn next(command: &str, party: &str, organisation: &str, days_late: u64) -> Next {
    Next {
        command: command.to_owned(),
        party: party.to_owned(),
        organisation: organisation.to_owned(),
        due: Some(date(2026, 10, 2)),
        days_late,
    }
}

fn clock(clock: &str, party: &str, days: [i64; 3]) -> RunningClock {
    RunningClock {
        clock: clock.to_owned(),
        party: party.to_owned(),
        due: date(2026, 10, 2),
        used_days: days[0].unsigned_abs(),
        allowed_days: days[1].unsigned_abs(),
        left_days: days[2],
    }
}

fn hold(ledger: &str, of: &str, status: &str) -> Holding {
    Holding { ledger: ledger.to_owned(), of: of.to_owned(), status: status.to_owned() }
}

fn timeline() -> Vec<Entry> {
    let told = [
        (Step::Proposed, 21, "MATCHING", ""),
        (Step::Selected, 22, "UNION", "Unió de Pagesos"),
        (Step::Offered, 23, "UNION", "Unió de Pagesos"),
        (Step::Accepted, 25, "WORKER", ""),
        (Step::ContractSigned, 26, "UNION", "Unió de Pagesos"),
        (Step::Authorised, 27, "AUTHORITY", "Subdelegación del Gobierno, Tarragona"),
        (Step::VisaApplied, 28, "MINISTRY", "SENA"),
        (Step::VisaGranted, 31, "AUTHORITY", ""),
    ];
    told.map(|(step, day, party, organisation)| Entry {
        step: Some(step),
        event: String::new(),
        on: date(2026, 8, day),
        party: party.to_owned(),
        organisation: organisation.to_owned(),
        reason: String::new(),
        remark: if day == 21 { "112 · 77.9" } else { "" }.to_owned(),
        recorded: date(2026, 8, if day == 27 { 29 } else { day }).and_hms_opt(10, 40, 0),
        ended_badly: false,
    })
    .to_vec()
}

fn ahead() -> Vec<Ahead> {
    let one = |step, party: &str, day: Option<u32>| Ahead {
        step,
        party: party.to_owned(),
        due: day.map(|day| date(2026, 10, day)),
    };
    vec![
        one(Step::MedicalCleared, "MINISTRY", Some(2)),
        one(Step::Trained, "MINISTRY", Some(6)),
        one(Step::PdoDone, "MINISTRY", None),
        one(Step::TravelBooked, "OPERATOR", None),
        one(Step::Departed, "MINISTRY", Some(12)),
    ]
}

fn passed_over() -> Entry {
    Entry {
        step: None,
        event: "PASSED_OVER".to_owned(),
        on: date(2026, 8, 19),
        party: String::new(),
        organisation: "Reserve list".to_owned(),
        reason: String::new(),
        remark: "Number 2 on the list; number 4 was called. The person is taken in these days.".to_owned(),
        recorded: None,
        ended_badly: false,
    }
}

/// As the union sees it before it has selected: a code number, no name.
pub(crate) fn proposed() -> PlacementPage {
    let mut wrong = step("REJECT", true, &["OTHER"]);
    wrong.fields[1].wrong = "This is not one of the grounds of this move.".to_owned();
    PlacementPage {
        step: Step::Proposed,
        candidate: Candidate { shown: "CO-5D8R-40".to_owned(), hidden: true },
        refusal: Some(Refusal {
            what: "Select this person".to_owned(),
            why: "The line is closed.".to_owned(),
            place: "G1".to_owned(),
            mend: "Open the line, or choose another.".to_owned(),
            original: String::new(),
            fields: vec![FieldError {
                field: "reason-2".to_owned(),
                sentence: "Reason: this is not one of the grounds of this move.".to_owned(),
            }],
        }),
        faster: timeline().into_iter().next(),
        typed: vec![("Number of the scan".to_owned(), "SCAN-7 & 8".to_owned())],
        next: Some(next("SELECT", "UNION", "", 3)),
        departure: None,
        moves: vec![step("SELECT", false, &[]), wrong],
        waits: Vec::new(),
        signatures: Vec::new(),
        clocks: Vec::new(),
        timeline: [passed_over()].into_iter().chain(timeline().into_iter().take(1)).collect(),
        ..under_way()
    }
}

pub(crate) fn lost() -> PlacementPage {
    let mut timeline = timeline();
    timeline.push(Entry {
        step: None,
        event: "VISA_REFUSED".to_owned(),
        on: date(2026, 9, 3),
        party: "AUTHORITY".to_owned(),
        organisation: String::new(),
        reason: "VISA_REFUSED".to_owned(),
        remark: String::new(),
        recorded: None,
        ended_badly: true,
    });
    PlacementPage {
        step: Step::VisaApplied,
        ending: "CANCELLED".to_owned(),
        next: None,
        departure: None,
        moves: Vec::new(),
        waits: Vec::new(),
        clocks: Vec::new(),
        ledgers: vec![hold("SEAT", "UP-2026-031/3", "RELEASED")],
        timeline,
        ahead: Vec::new(),
        ..under_way()
    }
}
