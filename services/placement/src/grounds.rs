//! Grounds: which of them a move takes, and which of those others may know. A ground travels in events, so it is a code that
//! the row knows, and never one that somebody makes up about a person.

use crate::{
    cases,
    decide::{Kind, Refusal},
    guards::{Scene, holds, off_roster},
    moves::{Party, Row},
    tracks::{Status, Track},
};

/// Grounds of what simply goes on: those of every row that names none.
pub(crate) const GENERAL: [&str; 4] = ["GROUP_LIST", "PAPERS_SEEN", "TOLD_BY_PARTY", "RECORDED_LATE"];

/// Wishes are the person's own, whoever writes them down.
const WISHES: [&str; 1] = ["WISH_OF_WORKER"];

const PROTECTED: [&str; 12] = [
    "SEX",
    "GENDER",
    "AGE",
    "ORIGIN",
    "NATIONALITY",
    "RACE",
    "RELIGION",
    "PREGNANCY",
    "HEALTH",
    "DISABILITY",
    "FAMILY",
    "UNION_MEMBERSHIP",
];

/// The grounds that a row takes: its own, or the general ones; and what it says where none is given.
pub(crate) fn of(row: &Row) -> Vec<&str> {
    let mut known: Vec<&str> = row.grounds.iter().map(String::as_str).collect();
    if known.is_empty() {
        known.extend(GENERAL);
    }
    if !row.reason.is_empty() && !known.contains(&&*row.reason) {
        known.push(&row.reason);
    }
    known
}

/// Is the ground that is given one that the row knows? What a record or a case says beside its kind is published nowhere, and
/// the clock gives what this service says itself.
///
/// # Errors
/// `PROTECTED_GROUND`, `UNKNOWN_GROUND`.
pub(crate) fn known(scene: &Scene<'_>) -> Result<(), Refusal> {
    let (row, reason) = (scene.row, scene.asked.reason.as_str());
    if reason.is_empty() || scene.party == Party::Clock || ["C1", "C5"].contains(&&*row.id) {
        return Ok(());
    }
    if row.guards.iter().any(|guard| guard == "GROUND") {
        unprotected(scene)?;
    }
    let known = of(row);
    holds(known.contains(&reason), || {
        let list = known.join(", ");
        let mend = match scene.party {
            Party::Worker => format!("give one of {list}, or none; abuse is told in a case ABUSE, published nowhere"),
            _ if row.needs.iter().any(|need| need == "reason") => format!("give one of {list}"),
            _ => format!("give one of {list}, or none"),
        };
        let message = format!("{reason} is no ground of {}", row.command);
        Refusal { guard: "GROUND".to_owned(), ..Refusal::of(Kind::Input, "UNKNOWN_GROUND", message) }.mend(mend)
    })
}

/// Nobody loses a place for what they are.
pub(crate) fn unprotected(scene: &Scene<'_>) -> Result<(), Refusal> {
    let reason = scene.asked.reason.as_str();
    holds(!PROTECTED.contains(&reason), || {
        Refusal::guard(
            "GROUND",
            "PROTECTED_GROUND",
            format!("{reason} is a protected ground: nobody loses a place for it"),
        )
        .mend("give the ground that the work itself has, as a code; without one the place stays theirs")
    })
}

/// The ground as everybody may know it: never why somebody was not fit, nor what a worker wishes or complains of.
pub(crate) fn published(scene: &Scene<'_>) -> String {
    let (row, asked, tracks) = (scene.row, scene.asked, &scene.placement.tracks);
    match row.id.as_str() {
        _ if row.silent => String::new(),
        "P15" if tracks.get(Track::Visa) == Status::Refused => "VISA_REFUSED".to_owned(),
        "P15" if tracks.get(Track::Authorisation) == Status::Refused => "AUTHORISATION_REFUSED".to_owned(),
        "P15" => "NOT_READY".to_owned(),
        // About a record: what it is about is between the parties.
        "C5" => asked.kind.clone(),
        "C1" | "C2" | "C3" if hidden(scene) => String::new(),
        "C1" => asked.kind.clone(),
        "P6" if asked.reason.is_empty() && off_roster(scene) => "ROSTER_OVER".to_owned(),
        _ if asked.reason.is_empty() || is_own(scene) => row.reason.clone(),
        _ => asked.reason.clone(),
    }
}

/// The ground as it was given, where only who gave it and the person's ministry may read it; else empty.
pub(crate) fn own(scene: &Scene<'_>) -> String {
    let told = scene.row.silent || ["C1", "C5"].contains(&&*scene.row.id) || scene.asked.reason == scene.row.reason;
    if is_own(scene) && !told { scene.asked.reason.clone() } else { String::new() }
}

fn is_own(scene: &Scene<'_>) -> bool {
    scene.party == Party::Worker || WISHES.contains(&&*scene.asked.reason)
}

/// A case of a kind that is not published.
pub(crate) fn hidden(scene: &Scene<'_>) -> bool {
    match scene.row.id.as_str() {
        "C1" => !cases::is_published(&scene.asked.kind),
        "C2" | "C3" => scene.placement.case.as_ref().is_some_and(|case| !cases::is_published(&case.kind)),
        _ => false,
    }
}
