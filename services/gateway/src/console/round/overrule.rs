//! Pairs laid down by hand: what one would cost, and which were.

use chrono::NaiveDateTime;

use crate::console::{code::FormKeys, format, words::Words};

/// What it would cost to lay a pair down.
#[derive(Clone, Debug)]
pub struct WhatIf {
    /// `PIN` or `FORBID`.
    pub kind: &'static str,
    /// As people write it, and as in addresses.
    pub candidate: String,
    pub candidate_id: String,
    pub line_id: String,
    /// Empty where it was not told anew: only the form stands.
    pub cost: Vec<Cost>,
    /// Whose seat would be another; the first of them.
    pub moves: Vec<SeatMove>,
    /// How many there are in all.
    pub moved: u64,
    pub form: FormKeys,
    /// The reason as it was typed.
    pub reason: String,
    /// What is wrong with it, a sentence; empty if nothing is.
    pub wrong: String,
}

/// A goal before and after.
#[derive(Clone, Debug)]
pub struct Cost {
    /// `RECALLS`, `SEATS`, `SCORE`.
    pub goal: &'static str,
    pub before: u64,
    pub after: u64,
}

/// Somebody whose seat would be another; no line is no seat.
#[derive(Clone, Debug)]
pub struct SeatMove {
    pub candidate: String,
    pub from: Option<String>,
    pub to: Option<String>,
}

/// A pair that was laid down.
#[derive(Clone, Debug)]
pub struct Override {
    pub kind: &'static str,
    pub candidate: String,
    pub line: String,
    pub reason: String,
    /// The subject of the token of who did it, and when.
    pub actor: String,
    pub recorded_at: Option<NaiveDateTime>,
    pub cost: Vec<Cost>,
    pub moved: u64,
}

impl Cost {
    /// Returns what the goal loses or wins, with its sign.
    #[must_use]
    pub fn change(&self, words: &Words) -> String {
        let change = i64::try_from(self.after).unwrap_or(i64::MAX) - i64::try_from(self.before).unwrap_or(i64::MAX);
        let number = format::whole(words.language, change);
        if change > 0 { format!("+{number}") } else { number }
    }
}
