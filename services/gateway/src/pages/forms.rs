//! What the form of each move asks for: the needs of the placement service's table, and what its guards read.

use super::{Params, param};
use crate::console::placement::{Field, Input};

/// Grounds that a union may give.
const REJECT: [&str; 4] = ["SKILLS_DIFFER", "PERIOD_DIFFERS", "ORDER_REDUCED", "OTHER"];
const RETRACT: [&str; 2] = ["ORDER_REDUCED", "OTHER"];
const TERMINATE: [&str; 3] = ["CONDUCT", "ORDER_REDUCED", "OTHER"];
const RESIGN: [&str; 2] = ["WISH_OF_WORKER", "OTHER"];
const WITHDRAW: [&str; 6] = ["WISH_OF_WORKER", "UNREACHABLE", "BARRED", "DECEASED", "LEFT_PROGRAMME", "OTHER"];
const BAR: [&str; 2] = ["NON_RETURN", "OTHER"];
const CASES: [&str; 9] = [
    "NO_SHOW_DEPARTURE",
    "NOT_ARRIVED",
    "NO_SHOW_WORK",
    "ABANDONMENT",
    "TERMINATION",
    "NON_RETURN",
    "DISAGREEMENT",
    "ABUSE",
    "HEALTH",
];
const RECORDS: [&str; 7] =
    ["CONTACT_ATTEMPT", "STATEMENT", "CONFIRMATION", "DENIAL", "CONSENT", "NOTICE", "FIRST_OF_TWO"];
/// Moves that need a second person: those with guard G10 in placement's table. A first of two names one of them.
const TWO_PEOPLE: [&str; 3] = ["DecideNonReturn", "BarReEntry", "RecordDeath"];
/// By which way somebody was reached, or was tried to be reached.
pub(super) const CHANNELS: [&str; 6] = ["PHONE", "MESSAGE", "EMAIL", "LETTER", "VISIT", "FAMILY"];

/// What a statement says beside its text: somebody is missing at work, the date being the first working day of it; the person
/// asks for the review of a decision of non-return; or the person answers a recall.
const STATED: [&str; 5] = ["ABSENT", "BACK", "REVIEW", ANSWERS[0], ANSWERS[1]];
/// Whoever writes them down does so in the worker's name, before a witness.
pub(super) const ANSWERS: [&str; 2] = ["RECALL_ACCEPTED", "RECALL_DECLINED"];

/// A field before it has a value.
type Asked = (&'static str, fn() -> Input, bool);

const TEXT: fn() -> Input = || Input::Text;
const DAY: fn() -> Input = || Input::Day;
const EVIDENCE: Asked = ("evidence", TEXT, true);
const PERHAPS: Asked = ("evidence", TEXT, false);
const LANGUAGE: Asked = ("language", TEXT, true);

fn asked(command: &str) -> Vec<Asked> {
    match command {
        "Reject" => vec![("reason", || Input::Choice(REJECT.to_vec()), true)],
        // Without one an offer is proved by the text of its terms, and a consent by what was offered.
        "Offer" | "Accept" => vec![PERHAPS, LANGUAGE],
        "Withdraw" => vec![("reason", || Input::Choice(WITHDRAW.to_vec()), false)],
        "RetractOffer" => vec![("reason", || Input::Choice(RETRACT.to_vec()), true), PERHAPS],
        "Terminate" => vec![("reason", || Input::Choice(TERMINATE.to_vec()), true), ("appeal_told_on", DAY, true)],
        "DecideNonReturn" => vec![("appeal_told_on", DAY, true)],
        // What is chosen here nobody reads but the worker and the ministry.
        "Resign" => vec![("reason", || Input::Choice(RESIGN.to_vec()), false)],
        "Depart" | "ConfirmArrival" | "RepatriateMedically" | "VerifyReturn" | "RecordStatusChange" => vec![EVIDENCE],
        "CompleteWork" => vec![PERHAPS],
        "CloseReview" => vec![PERHAPS, ("date", DAY, false)],
        "BarReEntry" => vec![
            ("reason", || Input::Choice(BAR.to_vec()), true),
            ("rule_id", TEXT, true),
            EVIDENCE,
            ("date", DAY, true),
        ],
        "ClearMedical" => vec![("valid_until", DAY, false)],
        "BookTravel" => vec![("date", DAY, true)],
        "OpenCase" => vec![("kind", || Input::Choice(CASES.to_vec()), true)],
        "AddRecord" => vec![
            ("kind", || Input::Choice(RECORDS.to_vec()), true),
            // Which move a first of two people is about: placement compares it with the command. Or the channel, or
            // what is stated.
            ("reason", || Input::Choice([&TWO_PEOPLE[..], &CHANNELS[..], &STATED[..]].concat()), false),
            ("date", DAY, false),
            PERHAPS,
            ("language", TEXT, false),
            ("witness", TEXT, false),
        ],
        _ => Vec::new(),
    }
}

/// The grounds that a move may be given, if it takes any.
pub(super) fn grounds(command: &str) -> Option<Vec<&'static str>> {
    let (_, input, _) = asked(command).into_iter().find(|(name, _, _)| *name == "reason")?;
    match input() {
        Input::Choice(codes) => Some(codes),
        Input::Day | Input::Text => None,
    }
}

/// The fields of a move, with what was typed before, or else the day.
pub(super) fn fields(command: &str, for_worker: bool, today: &str, typed: Option<&Params>) -> Vec<Field> {
    let mut asked = asked(command);
    asked.insert(0, ("occurred_on", DAY, true));
    if for_worker && !asked.iter().any(|(name, _, _)| *name == "witness") {
        asked.push(("witness", TEXT, true));
    }
    let value = |name: &'static str| match typed {
        Some(typed) => param(typed, name).to_owned(),
        None if name == "occurred_on" => today.to_owned(),
        None => String::new(),
    };
    let field = |(name, input, required): Asked| Field {
        name,
        input: input(),
        required,
        value: value(name),
        wrong: String::new(),
    };
    asked.into_iter().map(field).collect()
}

/// True if the move gives something up.
pub(super) fn is_grave(command: &str) -> bool {
    matches!(
        command,
        "Reject"
            | "Decline"
            | "Withdraw"
            | "RetractOffer"
            | "ClosePreparation"
            | "RepatriateMedically"
            | "Resign"
            | "Terminate"
            | "BarReEntry"
            | "RecordDeath"
            | "RecordStatusChange"
            | "Unlist"
            | "RefuseAuthorisation"
            | "RefuseVisa"
            | "FailMedical"
            | "DismissCase"
    ) || command.starts_with("Decide")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two services share no code: that their lists are the same is held here.
    #[test]
    fn cases_and_channels_are_those_that_placement_takes() {
        let source = include_str!("../../../placement/src/cases.rs");
        let listed = |name: &str| -> Vec<&'static str> {
            let (_, rest) = source.split_once(&format!("const {name}:")).unwrap();
            let (_, list) = rest.split_once("= [").unwrap();
            list.split_once(']').unwrap().0.split('"').skip(1).step_by(2).collect()
        };
        assert_eq!(listed("CASE_KINDS"), CASES);
        assert_eq!(listed("CHANNELS"), CHANNELS);
    }

    /// Placement refuses a ground that its table does not name: each form offers those of its row.
    #[test]
    fn the_grounds_of_a_form_are_those_of_its_row() {
        let table = include_str!("../../../placement/moves.toml");
        let value = |row: &'static str, name: &str| {
            row.split_once(&format!("{name} = \"")).and_then(|(_, rest)| rest.split('"').next())
        };
        for row in table.lines() {
            let (Some(command), Some(known)) = (value(row, " command"), value(row, " grounds")) else { continue };
            let known: Vec<&str> = known.split(' ').collect();
            match (command, grounds(command)) {
                // Why a preparation is closed placement says itself; a desk that closes many says that they are not ready.
                ("ClosePreparation", _) => assert!(known.contains(&"NOT_READY")),
                ("Unlist", _) => assert_eq!(known, super::super::bulk::grounds("Unlist")),
                (_, offered) => assert_eq!(offered, Some(known), "{command}"),
            }
        }
        let source = include_str!("../../../placement/src/grounds.rs");
        let (_, list) = source.split_once("const GENERAL: [&str; 4] = [").unwrap();
        let general: Vec<&str> = list.split_once(']').unwrap().0.split('"').skip(1).step_by(2).collect();
        assert_eq!(super::super::bulk::grounds("Select"), general);
    }

    #[test]
    fn a_record_may_name_each_move_that_needs_a_second_person() {
        let table = include_str!("../../../placement/moves.toml");
        let guarded = table.lines().filter(|row| {
            let guards = row.split_once("guards = \"").and_then(|(_, rest)| rest.split('"').next());
            guards.is_some_and(|guards| guards.split(' ').any(|guard| guard == "G10"))
        });
        let command = |row: &'static str| row.split_once("command = \"").and_then(|(_, rest)| rest.split('"').next());
        let named: Vec<&str> = guarded.filter_map(command).collect();
        assert_eq!(named, TWO_PEOPLE);
    }
}
