use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::*;
use crate::{
    clocks, guards,
    placement::{Clock, Placement},
};

/// Moves of the design that come later: a row more each, once their mechanism is there.
const LATER: [&str; 12] = ["P16", "P17", "A9", "A10", "A12", "A13", "X1", "X2", "X3", "X4", "X5", "C4"];
/// Moves of lines, quotas and corridors that come later. L4 and L7 follow the order, without a command of their own.
const LINES_LATER: [&str; 7] = ["L4", "L5", "L6", "L7", "L8", "L9", "L10"];
/// What the design says of a line's ledger in words, and the words of the table.
const LINE_LEDGERS_HERE: [(&str, &str, &str); 3] = [
    ("L1", "min(asked, free) units allotted", "seats open, units granted"),
    ("L2", "a free unit to the oldest open seat without one, call", "units granted, call"),
    ("L3", "promise lapses", "promised -1"),
];
/// Where the design asks for more than its table. Its own clocks: the clock may make these moves too. Its tracks: in SAWP
/// the agent of the government of origin signs too.
const ALSO_BY: [(&str, &str); 3] = [("P15", "clock"), ("C2", "clock"), ("K1", "ministry")];
/// Move, what the design says, what stands here. C1: the freeze stops the clock only, so the guard is one of its own.
const GUARDS_HERE: [(&str, &str, &str); 1] = [("C1", "G5", "")];
/// A5 says that nothing happens. E2 and E10 say in more words what the effects do by themselves.
const LEDGERS_HERE: [(&str, &str, &str); 3] = [
    ("A5", "seat stays C", ""),
    ("E2", "period shrinks to the true end", "period shrinks"),
    ("E10", "before the work's end: H → R, seat C → V, call", "held R, seat V, call"),
];
/// Where the days of a clock may be counted from.
const FROM: [&str; 11] =
    ["", "starts_on", "ends_on", "travel", "before", "case", "absent", "stay", "mission", "part", "fitness"];
/// Clocks that a row does not fire, but whose end its guard waits for, are no clock of the row. A season that a death
/// ended is recorded too.
const SAID_HERE: [(&str, &str, &str); 4] = [
    ("A4", "clock C-START", ""),
    ("A5", "clock C-END", ""),
    ("C2", "clock C-CONTACT, clock C-HEARING", "clock C-HEARING"),
    ("E10", "", "record"),
];

fn to(row: &Row) -> &'static str {
    row.to.map_or("=", word)
}

fn who(row: &Row) -> String {
    row.who_words().join(", ")
}

#[test]
fn the_table_is_the_designs() {
    let mut rows: BTreeMap<&str, &Row> = TABLE.rows.iter().map(|row| (row.id.as_str(), row)).collect();
    let design = include_str!("../../tests/placement_moves.txt");
    let mut later = Vec::new();
    for [id, from, stage, command, event, by, guards, ledgers, says] in of_the_design(design, false) {
        let Some(row) = rows.remove(id) else {
            later.push(id);
            continue;
        };
        let also = ALSO_BY.iter().find(|(row, _)| *row == id);
        let by = also.map_or_else(|| by.to_owned(), |(_, also)| format!("{by}, {also}"));
        let found = (row.from_words.as_str(), to(row), row.command.as_str(), row.event.as_str(), who(row));
        assert_eq!(found, (from, stage, command, event, by), "{id}");
        assert_eq!(numbered_guards(row), here(&GUARDS_HERE, id, guards), "{id}: guards");
        assert_eq!(ledgers_of(row), here(&LEDGERS_HERE, id, ledgers), "{id}: ledgers");
        let found = said(row);
        for word in here(&SAID_HERE, id, says).split(", ").filter(|word| !word.is_empty()) {
            assert!(found.iter().any(|said| said == word), "{id}: the design says {word:?}, the row {found:?}");
        }
        assert_eq!(row.record, here(&SAID_HERE, id, says).contains("record"), "{id}: season record");
    }
    assert_eq!(later, LATER);
    assert!(rows.is_empty(), "the design does not know {:?}", rows.keys());
}

/// The design's rows: of placements, or of lines and what is above them.
fn of_the_design(design: &str, lines: bool) -> impl Iterator<Item = [&str; 9]> {
    let rows = design.lines().filter(move |row| !row.starts_with('#') && row.starts_with('L') == lines);
    rows.map(|row| {
        let fields: Vec<&str> = row.split('|').collect();
        fields.try_into().unwrap_or_else(|_| panic!("{row:?} has not nine fields"))
    })
}

#[test]
fn the_moves_of_lines_are_the_designs() {
    let mut rows: BTreeMap<&str, &LineMove> = TABLE.lines.iter().map(|row| (row.id.as_str(), row)).collect();
    let mut later = Vec::new();
    for [id, _, _, command, event, by, _, ledgers, _] in
        of_the_design(include_str!("../../tests/placement_moves.txt"), true)
    {
        let Some(row) = rows.remove(id) else {
            later.push(id);
            continue;
        };
        let found = (row.command.as_str(), row.event.as_str(), parties(&row.who));
        assert_eq!(found, (command, event, by.to_owned()), "{id}");
        assert_eq!(line_ledgers(row), here(&LINE_LEDGERS_HERE, id, ledgers), "{id}: ledgers");
    }
    assert_eq!(later, LINES_LATER);
    assert!(rows.is_empty(), "the design does not know {:?}", rows.keys());
}

fn parties(who: &[Party]) -> String {
    who.iter().map(|party| party.as_str()).collect::<Vec<_>>().join(", ")
}

fn line_ledgers(row: &LineMove) -> String {
    let call = if row.call { "call" } else { "" };
    [row.ledger_words.as_str(), call].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ")
}

/// What stands here where the design words it otherwise, or has more than its table says.
fn here<'a>(differs: &[(&str, &str, &'a str)], id: &str, design: &'a str) -> &'a str {
    let Some(&(_, there, stands)) = differs.iter().find(|(differs, _, _)| *differs == id) else { return design };
    assert_eq!(there, design, "{id}: the design has changed where it was known to differ");
    stands
}

/// In the order of their numbers; the order in which a row asks them is its own.
fn numbered_guards(row: &Row) -> String {
    let number = |guard: &str| guard.strip_prefix('G').and_then(|number| number.parse::<u8>().ok());
    let mut numbers: Vec<u8> = row.guards.iter().filter_map(|guard| number(guard)).collect();
    numbers.sort_unstable();
    numbers.iter().map(|number| format!("G{number}")).collect::<Vec<_>>().join(" ")
}

/// As the design writes them: a newcomer's seat, unit and period are `all +H`, the reserve call comes last.
fn ledgers_of(row: &Row) -> String {
    let words = row.ledger_words.replace("+H", "all +H");
    let call = if row.call { "call" } else { "" };
    [words.as_str(), call].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ")
}

fn said(row: &Row) -> Vec<String> {
    let fault = row.fault.as_str_name().trim_start_matches("FAULT_");
    let roster = row.roster.as_str_name().trim_start_matches("ROSTER_EFFECT_");
    let ending = row.ending.as_str_name().trim_start_matches("ENDING_");
    let mut said = vec![
        format!("case {}", row.case),
        format!("fault {fault}"),
        format!("roster {roster}"),
        format!("ending {ending}"),
    ];
    said.extend(row.clocks.iter().map(|clock| format!("clock {clock}")));
    said.extend(row.record.then(|| "record".to_owned()));
    said.extend(row.next_round_first.then(|| "next round first".to_owned()));
    said
}

#[test]
fn the_readme_shows_the_table() {
    let readme = include_str!("../../README.md");
    for row in &TABLE.rows {
        let call = if row.call { "call" } else { "" };
        let ledgers: Vec<&str> =
            [row.ledger_words.as_str(), call].into_iter().filter(|word| !word.is_empty()).collect();
        let track = row.track.as_ref().map(|(track, _, _)| track.as_str());
        let guards: Vec<&str> = row.guards.iter().map(String::as_str).chain(track).collect();
        let line = format!(
            "| {} | {} → {} | {} → {} | {} | {} | {} | {} |",
            row.id,
            row.from_words,
            to(row),
            row.command,
            row.event,
            who(row),
            guards.join(" "),
            row.needs.join(", "),
            ledgers.join(", ")
        );
        assert!(readme.contains(&line), "README.md lacks\n{line}");
    }
    for row in &TABLE.lines {
        let line = format!(
            "| {} | {} → {} | {} → {} | {} |  |  | {} |",
            row.id,
            state_word(row.from),
            row.to.map_or("=", state_word),
            row.command,
            row.event,
            parties(&row.who),
            line_ledgers(row)
        );
        assert!(readme.contains(&line), "README.md lacks\n{line}");
    }
    let shown = readme.lines().filter(|line| line.contains(" → ") && line.matches('|').count() == 8).count();
    assert_eq!(shown, TABLE.rows.len() + TABLE.lines.len() + 1, "README.md shows rows that are none");
}

#[test]
fn the_readme_lists_the_grounds() {
    let readme = include_str!("../../README.md");
    for row in TABLE.rows.iter().filter(|row| !row.grounds.is_empty()) {
        let line = format!("| {} | {} |", row.id, row.grounds.join(", "));
        assert!(readme.contains(&line), "README.md lacks\n{line}");
    }
    assert!(readme.contains(&crate::grounds::GENERAL.join(", ")));
}

#[test]
fn every_word_of_the_table_is_known() {
    let needs = ["reason", "evidence", "language", "kind", "date", "rule_id"];
    for row in &TABLE.rows {
        for guard in &row.guards {
            assert!(guards::NAMES.contains(&guard.as_str()), "{}: guard {guard}", row.id);
        }
        assert!(row.needs.iter().all(|need| needs.contains(&need.as_str())), "{}: {:?}", row.id, row.needs);
        let known = |name: &String| TABLE.clocks.iter().any(|clock| clock.name == *name);
        assert!(row.clocks.iter().all(known), "{}: clocks {:?}", row.id, row.clocks);
    }
    for clock in &TABLE.clocks {
        assert!(clocks::CONDITIONS.contains(&clock.condition.as_str()), "{}: while {}", clock.name, clock.condition);
        assert!(FROM.contains(&clock.from.as_str()), "{}", clock.name);
        for stage in &clock.runs_in {
            let fires = clock.fires.is_empty()
                || TABLE.row(&clock.fires, *stage).is_some_and(|row| row.who.contains(&Party::Clock));
            assert!(fires, "{} cannot fire {} in {}", clock.name, clock.fires, word(*stage));
        }
    }
}

/// The table says on its own which clocks count a part of another's time.
#[test]
fn nobody_is_late_by_an_alarm_and_everybody_by_another_clock() {
    let mut alarms = Vec::new();
    for (at, rule) in TABLE.clocks.iter().enumerate() {
        let day = NaiveDate::from_ymd_opt(2026, 1, 17).unwrap();
        let clock = Clock {
            name: rule.name.clone(),
            rule: rule.rule.clone(),
            started_on: day,
            due_on: day,
            waits_for: rule.waits_for.clone(),
            fires: !rule.fires.is_empty(),
        };
        let placement = Placement { clocks: vec![clock], ..Placement::empty() };
        let part = rule.from == "part";
        assert_eq!(placement.next_due(), (!part).then_some(day), "{}", rule.name);
        if part {
            let deadline = proto::clocks::deadline(&rule.name);
            let before = |other: &ClockRule| other.name == deadline && other.runs_in == rule.runs_in;
            assert!(TABLE.clocks[..at].iter().any(before), "{} has a part of no clock's time", rule.name);
            assert!(rule.fires.is_empty(), "{} only alarms", rule.name);
            alarms.push(rule.name.as_str());
        }
    }
    assert_eq!(alarms, ["C-SELECT-HALF", "C-OFFER-HALF"]);
}

#[test]
fn every_cancellation_says_what_becomes_of_the_place_on_the_roster() {
    for row in &TABLE.rows {
        let cancels = row.to == Some(Stage::Cancelled);
        assert_eq!(row.roster != RosterEffect::Unspecified, cancels, "{}", row.id);
        assert!(cancels || (row.roster_end.is_empty() && !row.next_round_first), "{}", row.id);
    }
}

#[test]
fn a_command_with_two_rows_for_one_stage_is_no_table() {
    let twice = r#"
        clocks = []
        moves = [
          { id = "1", from = "BEFORE", to = "CANCELLED", command = "Stop", event = "Stopped", who = "union" },
          { id = "2", from = "OFFERED", to = "CANCELLED", command = "Stop", event = "Stopped", who = "union" },
        ]"#;
    assert!(matches!(Table::parse(twice), Err(TableError::TwoRows { stage: "OFFERED", .. })));
    let odd = twice.replace("\"OFFERED\"", "\"SOMEWHERE\"");
    assert!(matches!(Table::parse(&odd), Err(TableError::Word { .. })));
}

#[test]
fn every_live_stage_can_be_left_without_any_one_party() {
    // Stages that nothing leads to yet are left out.
    let reached: Vec<Stage> = TABLE.rows.iter().filter_map(|row| row.to).collect();
    for stage in Stage::all().filter(|stage| reached.contains(stage) && !is_terminal(*stage)) {
        for silent in [Party::Ministry, Party::Union, Party::Worker] {
            let out = TABLE
                .from(stage)
                .any(|row| row.to.is_some_and(|to| to != stage) && row.who.iter().any(|party| *party != silent));
            assert!(out, "if {} is silent, nobody leaves {}", silent.as_str(), word(stage));
        }
    }
}
