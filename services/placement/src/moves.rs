//! The table of moves and clocks: data of `moves.toml`, read once. A move that is not a row does not exist.

use std::{collections::BTreeMap, sync::LazyLock};

use proto::placement::{Ending, Fault, RosterEffect, Stage};
use serde::Deserialize;

use crate::tracks::{Status, Track};

mod lines;

pub use lines::{LineChange, LineEffect, LineMove, state_word};

/// The table, as it was compiled in.
pub static TABLE: LazyLock<Table> =
    LazyLock::new(|| Table::parse(include_str!("../moves.toml")).expect("a test reads the table that is compiled in"));

/// Who may make a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Party {
    Ministry,
    Union,
    Operator,
    Authority,
    Worker,
    /// `RunDue`, the reserve run and what follows from another move; never a caller.
    Clock,
}

impl Party {
    const ALL: [Self; 6] = [Self::Ministry, Self::Union, Self::Operator, Self::Authority, Self::Worker, Self::Clock];

    /// The word of the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ministry => "ministry",
            Self::Union => "union",
            Self::Operator => "operator",
            Self::Authority => "authority",
            Self::Worker => "worker",
            Self::Clock => "clock",
        }
    }
}

/// What a move does to a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Takes a seat, a unit and the person's period.
    Hold,
    /// Takes them for one whom a seat is promised to.
    HoldPromised,
    ReleaseAll,
    ReleaseHeld,
    ReleaseSeat,
    /// Gives a held seat back, or vacates a confirmed one before the work's end.
    FreeSeat,
    ConfirmSeat,
    ConfirmUnit,
    ConfirmPeriod,
    ShrinkPeriod,
}

/// A row of the table.
#[derive(Debug, Clone)]
pub struct Row {
    pub id: String,
    /// As written, such as `BEFORE`; `from` holds the stages.
    pub from_words: String,
    pub from: Vec<Stage>,
    /// Not set if the stage stays.
    pub to: Option<Stage>,
    pub command: String,
    pub event: String,
    pub who: Vec<Party>,
    pub guards: Vec<String>,
    pub needs: Vec<String>,
    pub ledger_words: String,
    pub ledger: Vec<Effect>,
    /// A seat that becomes usable is promised to the next on the reserve list, until names are final.
    pub call: bool,
    /// The clocks whose end this row waits for, or that fire it: one of them is enough.
    pub clocks: Vec<String>,
    /// Kind of the case a decision needs.
    pub case: String,
    pub fault: Fault,
    /// What a cancelled placement does to the person's place on the roster.
    pub roster: RosterEffect,
    /// Grounds with which that place ends instead, unless the worker gives them.
    pub roster_end: Vec<String>,
    /// The next round puts the person first.
    pub next_round_first: bool,
    pub ending: Ending,
    /// Ground if the move names none.
    pub reason: String,
    /// Grounds that the move may name; none = those of what simply goes on (`grounds::GENERAL`).
    pub grounds: Vec<String>,
    /// The ground, and for a track the refusal, is published nowhere.
    pub silent: bool,
    /// Writes a season record, if the person arrived.
    pub record: bool,
    pub track: Option<(Track, Vec<Status>, Status)>,
}

impl Row {
    /// True if the row takes new holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.ledger.iter().any(|effect| matches!(effect, Effect::Hold | Effect::HoldPromised))
    }

    /// True if the row is judged by where the person is taken or rostered.
    #[must_use]
    pub fn reads_person(&self) -> bool {
        self.holds() || self.command == "Unlist" || self.to == Some(Stage::Departed)
    }

    /// The roles as words, for people.
    #[must_use]
    pub fn who_words(&self) -> Vec<String> {
        self.who.iter().map(|party| party.as_str().to_owned()).collect()
    }
}

/// A deadline and when it runs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockRule {
    pub name: String,
    stages: String,
    #[serde(skip)]
    pub runs_in: Vec<Stage>,
    #[serde(default, rename = "while")]
    pub condition: String,
    #[serde(default)]
    pub from: String,
    pub rule: String,
    pub days: i64,
    #[serde(default)]
    pub workdays: bool,
    pub waits_for: String,
    /// The command that `RunDue` makes; empty for an alarm.
    #[serde(default)]
    pub fires: String,
    #[serde(default)]
    pub kind: String,
}

/// All rows and clocks.
#[derive(Debug)]
pub struct Table {
    pub rows: Vec<Row>,
    /// The moves of lines.
    pub lines: Vec<LineMove>,
    pub clocks: Vec<ClockRule>,
    by_command: BTreeMap<String, Vec<usize>>,
}

/// The table's text is not whole.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    #[error("the table is no TOML of this shape: {0}")]
    Shape(#[from] toml::de::Error),
    #[error("row {row}: {word:?} is unknown")]
    Word { row: String, word: String },
    #[error("{command} is possible twice from {stage}")]
    TwoRows { command: String, stage: &'static str },
}

impl Table {
    /// Reads the table.
    ///
    /// # Errors
    /// If a word is unknown, or a command has two rows for one stage.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        let raw: RawTable = toml::from_str(text)?;
        let rows = raw.moves.into_iter().map(RawRow::read).collect::<Result<Vec<_>, _>>()?;
        let lines = raw.line_moves.into_iter().map(lines::RawLineMove::read).collect::<Result<Vec<_>, _>>()?;
        let mut clocks = raw.clocks;
        for clock in &mut clocks {
            clock.runs_in = stages(&clock.name, &clock.stages)?;
        }
        let mut by_command: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, row) in rows.iter().enumerate() {
            by_command.entry(row.command.clone()).or_default().push(at);
        }
        let table = Self { rows, lines, clocks, by_command };
        table.is_a_function()?;
        Ok(table)
    }

    fn is_a_function(&self) -> Result<(), TableError> {
        for (command, rows) in &self.by_command {
            let mut seen = Vec::new();
            for stage in rows.iter().flat_map(|at| &self.rows[*at].from) {
                if seen.contains(stage) {
                    return Err(TableError::TwoRows { command: command.clone(), stage: word(*stage) });
                }
                seen.push(*stage);
            }
        }
        Ok(())
    }

    /// All rows of a command.
    pub fn of(&self, command: &str) -> impl Iterator<Item = &Row> {
        self.by_command.get(command).into_iter().flatten().map(|at| &self.rows[*at])
    }

    /// The row of a command from a stage.
    #[must_use]
    pub fn row(&self, command: &str, from: Stage) -> Option<&Row> {
        self.of(command).find(|row| row.from.contains(&from))
    }

    /// The row of a line's command.
    #[must_use]
    pub fn line_move(&self, command: &str) -> Option<&LineMove> {
        self.lines.iter().find(|row| row.command == command)
    }

    /// Rows that leave or stay in a stage.
    pub fn from(&self, stage: Stage) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.from.contains(&stage))
    }
}

/// The stage's word, such as `WORKING`.
#[must_use]
pub fn word(stage: Stage) -> &'static str {
    match stage {
        Stage::Unspecified => "-",
        stage => stage.as_str_name().trim_start_matches("STAGE_"),
    }
}

/// Stages nobody leaves, save by a correction.
#[must_use]
pub const fn is_terminal(stage: Stage) -> bool {
    matches!(
        stage,
        Stage::ReEntryEligible | Stage::ReEntryBarred | Stage::LeftProgramme | Stage::Deceased | Stage::Cancelled
    )
}

fn set(name: &str) -> Option<Vec<Stage>> {
    let before = [Stage::Proposed, Stage::Selected, Stage::Offered, Stage::Accepted];
    let pick = |keep: &dyn Fn(Stage) -> bool| Some(Stage::all().filter(|stage| keep(*stage)).collect());
    match name {
        "-" => Some(vec![Stage::Unspecified]),
        "BEFORE" => Some(before.to_vec()),
        "ABROAD" => Some(vec![Stage::Departed, Stage::Arrived, Stage::Working, Stage::AwaitingTransfer]),
        "AFTER" => Some(vec![Stage::WorkEnded, Stage::ReturnTravel, Stage::Unverified, Stage::NonReturn]),
        "LIVE" => pick(&|stage| !is_terminal(stage)),
        "REPORTED" => {
            pick(&|stage| !matches!(stage, Stage::Recommended | Stage::Unverified) && !before.contains(&stage))
        }
        name => Stage::all().find(|stage| word(*stage) == name).map(|stage| vec![stage]),
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty())
}

fn stages(row: &str, text: &str) -> Result<Vec<Stage>, TableError> {
    let mut found = Vec::new();
    for name in words(text) {
        let stages = set(name).ok_or_else(|| unknown(row, name))?;
        found.extend(stages.into_iter().filter(|stage| !found.contains(stage)).collect::<Vec<_>>());
    }
    Ok(found)
}

fn unknown(row: &str, word: &str) -> TableError {
    TableError::Word { row: row.to_owned(), word: word.to_owned() }
}

fn effect(word: &str) -> Option<&'static [Effect]> {
    Some(match word {
        "+H" => &[Effect::Hold],
        "promised -1" => &[],
        "all R" => &[Effect::ReleaseAll],
        "held R" => &[Effect::ReleaseHeld],
        "seat R" => &[Effect::ReleaseSeat],
        "seat R/V" | "seat V" => &[Effect::FreeSeat],
        "seat C" => &[Effect::ConfirmSeat],
        "unit C" => &[Effect::ConfirmUnit],
        "period C" => &[Effect::ConfirmPeriod],
        "period shrinks" => &[Effect::ShrinkPeriod],
        _ => return None,
    })
}

#[derive(Deserialize)]
struct RawTable {
    moves: Vec<RawRow>,
    #[serde(default)]
    line_moves: Vec<lines::RawLineMove>,
    clocks: Vec<ClockRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRow {
    id: String,
    from: String,
    to: String,
    command: String,
    event: String,
    who: String,
    #[serde(default)]
    guards: String,
    #[serde(default)]
    needs: String,
    #[serde(default)]
    ledger: String,
    #[serde(default)]
    call: bool,
    #[serde(default)]
    clock: String,
    #[serde(default)]
    case: String,
    #[serde(default)]
    fault: String,
    #[serde(default)]
    roster: String,
    #[serde(default)]
    roster_end: String,
    #[serde(default)]
    next_round_first: bool,
    #[serde(default)]
    ending: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    grounds: String,
    #[serde(default)]
    silent: bool,
    #[serde(default)]
    record: bool,
    #[serde(default)]
    track: String,
    #[serde(default)]
    statuses: String,
    #[serde(default)]
    status: String,
}

impl RawRow {
    fn read(self) -> Result<Row, TableError> {
        let bad = |word: &str| unknown(&self.id, word);
        let to = if self.to == "=" { None } else { stages(&self.id, &self.to)?.pop() };
        let party = |word: &str| Party::ALL.into_iter().find(|party| party.as_str() == word).ok_or_else(|| bad(word));
        let mut ledger = Vec::new();
        for word in words(&self.ledger) {
            ledger.extend(effect(word).ok_or_else(|| bad(word))?);
        }
        if self.ledger.contains("promised -1") {
            ledger = vec![Effect::HoldPromised];
        }
        let fault = match self.fault.as_str() {
            "" => Fault::Unspecified,
            word => Fault::from_str_name(&format!("FAULT_{word}")).ok_or_else(|| bad(word))?,
        };
        let roster = match self.roster.as_str() {
            "" => RosterEffect::Unspecified,
            word => RosterEffect::from_str_name(&format!("ROSTER_EFFECT_{word}")).ok_or_else(|| bad(word))?,
        };
        let ending = match self.ending.as_str() {
            "" => Ending::Unspecified,
            word => Ending::from_str_name(&format!("ENDING_{word}")).ok_or_else(|| bad(word))?,
        };
        Ok(Row {
            from: stages(&self.id, &self.from)?,
            who: words(&self.who).map(party).collect::<Result<_, _>>()?,
            guards: self.guards.split_whitespace().map(str::to_owned).collect(),
            needs: words(&self.needs).map(str::to_owned).collect(),
            track: self.track()?,
            to,
            ledger,
            fault,
            roster,
            roster_end: words(&self.roster_end).map(str::to_owned).collect(),
            next_round_first: self.next_round_first,
            ending,
            id: self.id,
            from_words: self.from,
            command: self.command,
            event: self.event,
            ledger_words: self.ledger,
            call: self.call,
            clocks: words(&self.clock).map(str::to_owned).collect(),
            case: self.case,
            reason: self.reason,
            grounds: self.grounds.split_whitespace().map(str::to_owned).collect(),
            silent: self.silent,
            record: self.record,
        })
    }

    fn track(&self) -> Result<Option<(Track, Vec<Status>, Status)>, TableError> {
        if self.track.is_empty() {
            return Ok(None);
        }
        let status = |word: &str| Status::from_word(word).ok_or_else(|| unknown(&self.id, word));
        let track = Track::from_word(&self.track).ok_or_else(|| unknown(&self.id, &self.track))?;
        let from = words(&self.statuses).map(status).collect::<Result<_, _>>()?;
        Ok(Some((track, from, status(&self.status)?)))
    }
}

#[cfg(test)]
mod tests;
