//! An invented season whose sums agree.

use gateway::console::code::Corridor;
use gateway::console::corridor::{ClockRow, CorridorPage, Ended, Pack, QuotaParts, QuotaUse, Rule};
use gateway::console::desk::{DeskHome, DeskNumbers, QueueItem};
use gateway::console::flow::{CorridorFlow, Flow, Ground, StepFlow};
use gateway::console::home::{Decision, LateGroup, OperatorHome, Seal, Source, StuckGroup};
use gateway::console::step::Step;

use super::pages::date;

/// Seats and open seats, then who is here and who dropped out at six columns.
struct Written(&'static str, [u64; 2], [[u64; 2]; 6], u64);

const WRITTEN: [Written; 6] = [
    Written("CO-ES", [3860, 60], [[22, 222], [34, 70], [20, 17], [4, 8], [1116, 22], [173, 10]], 19),
    Written("GT-CA", [2410, 30], [[13, 113], [12, 40], [7, 10], [2, 3], [683, 11], [56, 6]], 6),
    Written("CO-CA", [436, 23], [[7, 26], [4, 9], [5, 2], [1, 0], [185, 3], [13, 1]], 3),
    Written("SN-IT", [123, 9], [[3, 10], [5, 4], [1, 0], [0, 1], [65, 1], [4, 1]], 0),
    Written("GH-IT", [90, 21], [[7, 6], [11, 3], [4, 1], [0, 0], [35, 0], [3, 0]], 7),
    Written("NG-IT", [60, 39], [[9, 2], [8, 0], [4, 0], [0, 0], [0, 0], [0, 0]], 6),
];

pub(crate) fn flows() -> Vec<CorridorFlow> {
    WRITTEN.iter().map(corridor_flow).collect()
}

/// Everyone who dropped out was replaced.
fn corridor_flow(written: &Written) -> CorridorFlow {
    let Written(code, [ordered, open], middle, late) = written;
    let replaced = middle.iter().map(|[_, dropped]| dropped).sum();
    let mut columns = [Flow::default(); 8];
    columns[0] = Flow { reached: *ordered, here: *open, dropped: 0 };
    let mut reached = ordered - open + replaced;
    for (column, [here, dropped]) in columns.iter_mut().skip(1).zip(middle) {
        *column = Flow { reached, here: *here, dropped: *dropped };
        reached = column.went_on();
    }
    columns[7] = Flow { reached, here: reached, dropped: 0 };
    CorridorFlow { corridor: Corridor::new(code), columns, replaced, late: *late, one_sided: columns[5].here / 2 }
}

pub(crate) fn home() -> OperatorHome {
    OperatorHome {
        season: "2026".to_owned(),
        days: Some((date(2026, 1, 1), date(2026, 9, 29))),
        seasons: vec!["2026".to_owned(), "2025".to_owned()],
        corridor: String::new(),
        corridors: WRITTEN.iter().map(|written| Corridor::new(written.0)).collect(),
        flows: flows(),
        seal: seal(0),
        decisions: Some(decisions()),
        late: late(),
        stuck: stuck(),
        stuck_groups: 14,
    }
}

fn seal(differences: u64) -> Seal {
    Seal {
        verified_at: date(2026, 9, 29).and_hms_opt(10, 42, 0),
        events: 612_304,
        differences,
        sources: sources(),
        differing: Vec::new(),
    }
}

pub(crate) fn empty_home() -> OperatorHome {
    OperatorHome {
        flows: Vec::new(),
        decisions: Some(Vec::new()),
        late: Vec::new(),
        stuck: Vec::new(),
        stuck_groups: 0,
        seal: Seal::default(),
        ..home()
    }
}

/// One corridor lost a placement between two columns.
pub(crate) fn wrong_home() -> OperatorHome {
    let mut page = home();
    page.flows.truncate(1);
    page.flows[0].columns[2].dropped += 1;
    page.seal = seal(1);
    page.seal.differing = vec!["placement placements CO-ES 2026 WORKING: 12 ≠ 11".to_owned()];
    page.late.truncate(1);
    page
}

fn decisions() -> Vec<Decision> {
    let decision = |code: &str, about: &str, day, days_late| Decision {
        code: code.to_owned(),
        count: 1,
        about: about.to_owned(),
        due: Some(day),
        days_late,
        href: "/rounds/112".to_owned(),
        marked: if code == "HEAR_CASE" { "/placements?pick=all" } else { "" }.to_owned(),
    };
    vec![
        decision("HEAR_CASE", "CO-ES-2026-02871", date(2026, 9, 27), 2),
        decision("DECIDE_CASE", "GH-IT", date(2026, 9, 30), 0),
        decision("PUBLISH_ROUND", "112 · CO-ES", date(2026, 10, 1), 0),
    ]
}

fn sources() -> Vec<Source> {
    let source = |service: &str, failed| Source { service: service.to_owned(), figures: 41, events: 120_000, failed };
    vec![source("programme", false), source("placement", false), source("matching", true)]
}

fn stuck() -> Vec<StuckGroup> {
    let group = |corridor: &str, clock: &str, party: &str, command: &str, counts: [u64; 2]| StuckGroup {
        corridor: Corridor::new(corridor),
        clock: clock.to_owned(),
        party: party.to_owned(),
        command: command.to_owned(),
        count: counts[0],
        oldest_days: counts[1],
        href: format!("/placements?late=yes&clock={clock}"),
        marked: if party == "OPERATOR" { "/placements?pick=all" } else { "" }.to_owned(),
    };
    vec![
        group("CO-ES", "C-RETURN", "MINISTRY", "VERIFY_RETURN", [15, 41]),
        group("GH-IT", "C-AUTHORISE", "AUTHORITY", "AUTHORISE", [13, 22]),
        group("GT-CA", "C-HEARING", "OPERATOR", "CLOSE_HEARING", [2, 3]),
    ]
}

fn late() -> Vec<LateGroup> {
    let group = |clock: &str, party: &str, organisation: &str, count, oldest| LateGroup {
        clock: clock.to_owned(),
        party: party.to_owned(),
        organisation: organisation.to_owned(),
        count,
        oldest_days: oldest,
        href: format!("/placements?late=yes&clock={clock}"),
    };
    vec![
        group("C-RETURN", "MINISTRY", "SENA, Colombia", 17, 41),
        group("C-AUTHORISE", "AUTHORITY", "", 13, 22),
        group("C-ARRIVAL", "UNION", "FERME, Québec", 6, 4),
        group("C-SELECT", "UNION", "Unió de Pagesos", 4, 3),
        group("C-DECIDE", "OPERATOR", "", 1, 1),
    ]
}

/// The same Colombia to Spain in all 17 steps.
const STEPS: [(u64, &[(&str, u64)]); 17] = [
    (12, &[("REJECTED", 61), ("EXPIRED", 29)]),
    (4, &[("OFFER_RETRACTED", 30)]),
    (6, &[("DECLINED", 44), ("UNREACHABLE", 18)]),
    (0, &[("WITHDRAWN", 40)]),
    (14, &[("WITHDRAWN", 20)]),
    (12, &[("AUTHORISATION_REFUSED", 24)]),
    (8, &[("VISA_REFUSED", 26)]),
    (6, &[("WITHDRAWN", 4)]),
    (4, &[("NOT_READY", 9)]),
    (3, &[("NOT_READY", 1)]),
    (5, &[("WITHDRAWN", 2)]),
    (2, &[("DEPARTURE_NO_SHOW", 1)]),
    (2, &[("NOT_ARRIVED", 5)]),
    (2, &[("WORK_NO_SHOW", 3)]),
    (1116, &[("RESIGNED", 11), ("ABANDONED", 8), ("REPATRIATED", 3)]),
    (173, &[("UNVERIFIED", 10)]),
    (2431, &[]),
];

pub(crate) fn steps() -> Vec<StepFlow> {
    let mut reached = 4149;
    let mut rows = Vec::new();
    for (step, (here, grounds)) in Step::ALL.into_iter().zip(STEPS) {
        let dropped = grounds.iter().map(|(_, count)| count).sum();
        let flow = Flow { reached, here, dropped };
        reached = flow.went_on();
        let grounds = grounds.iter().map(|(code, count)| Ground { code: (*code).to_owned(), count: *count });
        rows.push(StepFlow { step, flow, grounds: grounds.collect(), days_here: [4, 31], one_sided: here / 2 });
    }
    rows
}

pub(crate) fn corridor() -> CorridorPage {
    CorridorPage {
        corridor: Corridor::new("CO-ES"),
        season: "2026".to_owned(),
        agreement: "Acuerdo de 21 de mayo de 2001 (BOE-A-2001-12673)".to_owned(),
        pack: Some(pack()),
        packs: vec![
            ("CO-ES@2025-01-01".to_owned(), date(2025, 1, 1)),
            ("CO-ES@2026-01-01".to_owned(), date(2026, 1, 1)),
        ],
        orders: Some(orders()),
        closed: false,
        steps: steps(),
        clocks: clocks(),
        times_away: false,
        quota: Some(QuotaUse {
            cap: 4_200,
            allotted: 3_860,
            shortfall: 0,
            reserve: 420,
            parts: Some(QuotaParts { open: 74, held: 22, used: 3_764 }),
        }),
    }
}

fn rule(key: &str, value: &str, source: &str) -> Rule {
    Rule {
        key: key.to_owned(),
        value: value.to_owned(),
        source: source.to_owned(),
        href: String::new(),
        assumed: source.starts_with("programme default"),
    }
}

fn pack() -> Pack {
    let default = "programme default, no source found yet";
    Pack {
        name: "Colombia to Spain 2026".to_owned(),
        version: "CO-ES@2026-01-01".to_owned(),
        in_force_from: date(2026, 1, 1),
        in_force_until: None,
        rules: vec![
            rule("candidate.fitness_required", "true", "Orden ISM/1488/2025"),
            rule("clock.answer.days", "5", default),
            rule("list.reserve_factor", "1.45", default),
            rule("stay.days_max_in_12_months", "276", "RD 1155/2024"),
            rule("tracks.start_work", "", default),
            rule("tracks.waits.travel", "visa fitness", "Orden ISM/1488/2025"),
        ],
    }
}

fn orders() -> Pack {
    Pack {
        name: "Spain: new aliens regulation and order 2026".to_owned(),
        version: "ES@2026-01-01".to_owned(),
        in_force_from: date(2026, 1, 1),
        in_force_until: Some(date(2026, 12, 31)),
        rules: vec![
            rule("order.seats_min", "10", "RD 1155/2024"),
            rule("order.housing_required", "true", "Orden ISM/1488/2025, art. 7"),
        ],
    }
}

fn clocks() -> Vec<ClockRow> {
    let row = |clock: &str, party: &str, counts: [u64; 2], days: [u64; 2]| ClockRow {
        clock: clock.to_owned(),
        party: party.to_owned(),
        running: counts[0],
        late: counts[1],
        ended: (days[0] != 5).then_some(Ended { count: 3_700, half: days[0] / 2, nine: days[0] + 1 }),
        limit: (clock != "C-ANSWER").then_some(days[0]),
        workdays: (clock == "C-ANSWER").then_some(days[0]),
        oldest: (days[1] > 0).then_some(days[1]),
    };
    vec![
        row("C-SELECT", "UNION", [16, 4], [10, 3]),
        row("C-ANSWER", "WORKER", [6, 0], [5, 0]),
        row("C-AUTHORISE", "AUTHORITY", [14, 0], [30, 0]),
        row("C-VISA", "AUTHORITY", [8, 0], [15, 0]),
        row("C-ARRIVAL", "UNION", [2, 0], [3, 0]),
        row("C-RETURN", "MINISTRY", [173, 15], [30, 11]),
    ]
}

pub(crate) fn union() -> DeskHome {
    DeskHome {
        season: "2026".to_owned(),
        numbers: DeskNumbers::Union { ordered: 3_860, filled: 3_800, missing: 60, working: 1_116, late: 4 },
        queue: vec![
            item(("SELECT", "C-SELECT"), Step::Proposed, [12, 4], None),
            item(("CONFIRM_ARRIVAL", "C-ARRIVAL"), Step::Departed, [2, 0], Some(2)),
            item(("COMPLETE_WORK", "C-END"), Step::Working, [38, 0], Some(14)),
        ],
        steps: own_steps(),
    }
}

pub(crate) fn ministry() -> DeskHome {
    DeskHome {
        season: "2026".to_owned(),
        numbers: DeskNumbers::Ministry { ready: 2, corridors: 1, preparing: 52, abroad: 1_120, home: 2_431, late: 15 },
        queue: vec![
            item(("VERIFY_RETURN", "C-RETURN"), Step::WorkEnded, [173, 15], None),
            item(("CLEAR_MEDICAL", "C-READY"), Step::VisaGranted, [6, 0], Some(2)),
            item(("DEPART", "C-DEPART"), Step::TravelBooked, [1, 0], Some(12)),
        ],
        steps: own_steps(),
    }
}

pub(crate) fn empty_ministry() -> DeskHome {
    DeskHome {
        season: "2026".to_owned(),
        numbers: DeskNumbers::Ministry { ready: 0, corridors: 0, preparing: 0, abroad: 0, home: 0, late: 0 },
        queue: Vec::new(),
        steps: Vec::new(),
    }
}

fn own_steps() -> Vec<(Step, Flow)> {
    steps().iter().map(|row| (row.step, row.flow)).collect()
}

fn item((command, clock): (&str, &str), step: Step, counts: [u64; 2], day: Option<u32>) -> QueueItem {
    QueueItem {
        command: command.to_owned(),
        clock: clock.to_owned(),
        action: if command == "SELECT" { "Select" } else { "" }.to_owned(),
        step,
        count: counts[0],
        late: counts[1],
        due: day.map(|day| date(2026, 10, day)),
    }
}
