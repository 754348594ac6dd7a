//! What was typed into the form of a move that was refused: kept for whoever typed it, whatever became of the form.

use platform::Refused;
use tonic::Status;

use super::{Params, day, forms, param, place, refusal};
use crate::console::{
    placement::{Field, Input, Move, choice, label},
    refusal::{FieldError, Refusal},
    words::Words,
};

/// A form that was sent for a move, and what placement said to it.
#[derive(Clone, Copy)]
pub(super) struct Sent<'a> {
    pub(super) command: &'a str,
    pub(super) typed: &'a Params,
    pub(super) status: &'a Status,
    /// The placement has moved on since the form was drawn.
    pub(super) stale: bool,
}

/// The refusal, with a link to each field it is about; what was typed, if the form of the move is not among these.
pub(super) fn told(words: Words, sent: &Sent<'_>, moves: &mut [Move]) -> (Refusal, Vec<(String, String)>) {
    let command = place::code(sent.command);
    let mut why = refusal::view(words, &words.code("move", &command), sent.status);
    let Some(at) = moves.iter().position(|each| each.command == command) else {
        return (why, list(words, sent.command, sent.typed));
    };
    let fields = &mut moves[at].fields;
    mark(words, fields, (&Refused::from_status(sent.status), &why.why));
    let wrong = fields.iter().filter(|field| !field.wrong.is_empty());
    // As the page writes the ids of a form's fields.
    let link = |field: &Field| {
        FieldError::new(words, format!("{}-{}", field.name, at + 1), (&label(words, field), &field.wrong))
    };
    why.fields = wrong.map(link).collect();
    (why, Vec::new())
}

/// Labels and values of what was typed, in the order of the form.
pub(super) fn list(words: Words, command: &str, typed: &Params) -> Vec<(String, String)> {
    let for_worker = !param(typed, "for_worker").is_empty();
    let fields = forms::fields(command, for_worker, "", Some(typed));
    let filled = fields.iter().filter(|field| !field.value.is_empty());
    filled.map(|field| (label(words, field), said(words, field))).collect()
}

fn said(words: Words, field: &Field) -> String {
    match &field.input {
        Input::Choice(codes) if codes.contains(&field.value.as_str()) => choice(words, field, &field.value),
        Input::Day => day(&field.value).map_or_else(|| field.value.clone(), |day| words.day(&day)),
        Input::Choice(_) | Input::Text => field.value.clone(),
    }
}

/// Says at each field what is wrong with it: at those that are needed and empty, and at the one that the refusal is about.
fn mark(words: Words, fields: &mut [Field], (refused, why): (&Refused, &str)) {
    let about = about(refused, fields);
    for field in fields {
        if refused.reason == "NEEDED" && field.required && field.value.is_empty() {
            field.wrong = words.t("preview-missing");
        } else if about == field.name {
            why.clone_into(&mut field.wrong);
        }
    }
}

/// The name of the field that a refusal is about; empty if it is about none. Where placement names a stage and no field, its
/// reason tells.
fn about(refused: &Refused, fields: &[Field]) -> &'static str {
    let there = |name: &str| fields.iter().any(|field| field.name == name);
    if let Some(named) = fields.iter().find(|field| field.name == refused.place) {
        return named.name;
    }
    match refused.reason.as_str() {
        "UNKNOWN_GROUND" | "PROTECTED_GROUND" | "ABOUT_NEEDED" | "CHANNEL_NEEDED" => "reason",
        "CASE_KIND" | "RECORD_KIND" => "kind",
        "NOT_A_LANGUAGE" => "language",
        "NOT_A_CODE" | "COMPENSATION" | "EARLY" | "OTHER_TEXT" | "REVIEW" => "evidence",
        "NO_BAR_RULE" => "rule_id",
        "BAR_OVER" | "BAR_TOO_LONG" => "date",
        "APPEAL_NOT_TOLD" => "appeal_told_on",
        // Of a fitness its last day, of a record the day it tells of; else the day on which the move happened.
        "DATE_ORDER" if there("valid_until") => "valid_until",
        "DATE_ORDER" if there("kind") && there("date") => "date",
        "DATE_ORDER" | "DATE_AHEAD" => "occurred_on",
        _ => "",
    }
}
