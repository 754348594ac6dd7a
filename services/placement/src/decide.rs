//! One move: who asks, what is asked, what stands; and either the next state with what it does to the ledgers, or the
//! reason why not. Pure: the same question has the same answer.

use chrono::{DateTime, NaiveDate, Utc};
use proto::{
    Role,
    ids::{OrganisationId, PlacementId},
    placement::{Ending, RosterEffect, Stage},
};
use uuid::Uuid;

use crate::{
    cases::{self, CaseStep},
    clocks, grounds, guards,
    ledger::Line,
    moves::{Party, Row, Table, word},
    offer::{self, Terms},
    pack::{BARS, Pack},
    placement::{Offer, Placement, Step},
    sides, signers, stay,
    tracks::{Status, Track},
};

/// What is asked. Fields that a row does not read are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Move {
    pub placement_id: PlacementId,
    pub command: String,
    pub occurred_on: NaiveDate,
    /// 0 = whichever version stands.
    pub version: i64,
    pub reason: String,
    pub evidence: String,
    pub language: String,
    pub witness: String,
    pub for_worker: bool,
    pub kind: String,
    pub date: Option<NaiveDate>,
    /// Name of a rule of the pack's `reentry.bars`.
    pub rule_id: String,
    pub appeal_told_on: Option<NaiveDate>,
    /// The last day on which what is recorded is valid.
    pub valid_until: Option<NaiveDate>,
}

/// Who asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actor {
    pub organisation_id: OrganisationId,
    pub subject: String,
    pub roles: Vec<Role>,
    /// `RunDue`, the reserve run, or what follows from another move.
    pub clock: bool,
    /// The last day on which what they tell can have happened. None for the clock, and where nobody says what day it is.
    pub latest: Option<NaiveDate>,
}

impl Actor {
    /// The service itself.
    #[must_use]
    pub fn clock() -> Self {
        Self { clock: true, ..Self::default() }
    }
}

/// What stands around the placement.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub line: &'a Line,
    pub pack: &'a Pack,
    /// The pack of the order's date, by which G4 judges; that of the move's day where the date is not known.
    pub order_pack: &'a Pack,
    /// State and roster of the person, as far as known.
    pub roster: Option<&'a Roster>,
    /// Other days in which the person is taken.
    pub periods: &'a [(NaiveDate, NaiveDate)],
    pub corridor_open: bool,
    /// Another live entry of the person on this line.
    pub listed_twice: bool,
    /// Terms of the line, where they are known and were asked for.
    pub terms: Option<&'a Terms>,
    /// Guard G2, as the book of the transaction sees it.
    pub room: &'a Result<(), Refusal>,
    /// Wall time: when it is recorded. No rule reads it.
    pub now: DateTime<Utc>,
}

/// What this service knows of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    pub rostered: bool,
    pub until: Option<NaiveDate>,
    pub version: i64,
    /// Not known of who was told of before they were kept.
    pub papers: Option<Papers>,
}

/// Until when a person is fit and trained.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Papers {
    pub fit_until: Option<NaiveDate>,
    pub trained_until: Option<NaiveDate>,
}

/// How a refusal is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The state does not allow it.
    Precondition,
    /// This caller may not.
    Denied,
    /// The question is not whole.
    Input,
    /// Somebody was faster.
    Conflict,
}

/// Why a move was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub kind: Kind,
    /// Guard of the table that failed; empty if it did not come to one.
    pub guard: String,
    pub reason: &'static str,
    pub message: String,
    pub mend: String,
    /// The values of the sentences by name, for translation: codes in a row parted by spaces, days as `2026-04-12`.
    pub values: Vec<(&'static str, String)>,
}

impl Refusal {
    /// A guard that failed.
    #[must_use]
    pub fn guard(guard: &str, reason: &'static str, message: impl Into<String>) -> Self {
        let (guard, message) = (guard.to_owned(), message.into());
        Self { kind: Kind::Precondition, guard, reason, message, mend: String::new(), values: Vec::new() }
    }

    pub(crate) fn of(kind: Kind, reason: &'static str, message: impl Into<String>) -> Self {
        Self { kind, ..Self::guard("", reason, message) }
    }

    /// Says what would mend it.
    #[must_use]
    pub fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = mend.into();
        self
    }

    /// Names a value of its sentences.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.push((name, value.to_string()));
        self
    }
}

/// A move that may be made.
#[derive(Debug, Clone)]
pub struct Decision<'t> {
    pub row: &'t Row,
    pub was: Stage,
    /// The state after it, but for the holds, which the ledger's book adds.
    pub next: Placement,
    /// A season record is due, or its next edition.
    pub record: bool,
    /// The case that it opens, hears or closes.
    pub case: Option<CaseStep>,
}

/// Decides one move.
///
/// # Errors
/// Why it is not made.
pub fn decide<'t>(
    table: &'t Table,
    placement: &Placement,
    view: &View<'_>,
    asked: &Move,
    actor: &Actor,
) -> Result<Decision<'t>, Refusal> {
    let (row, party) = find(table, placement, asked, actor)?;
    if asked.version != 0 && asked.version != placement.version {
        let message = format!("the placement is at version {}, not {}", placement.version, asked.version);
        return Err(Refusal::of(Kind::Conflict, "VERSION", message).mend("look at it again and decide anew"));
    }
    in_order(row, placement, asked, actor)?;
    carries(row, asked, party)?;
    let scene = guards::Scene { row, placement, view, asked, actor, party, probe: false };
    grounds::known(&scene)?;
    for guard in &row.guards {
        guards::check(guard, &scene)?;
    }
    guards::track(&scene)?;
    let next = transition(table, &scene);
    let recall = |of: &Placement| (of.recalled_on, of.recall_reply);
    let again = next.season_record.is_some() && recall(&next) != recall(placement);
    let record = (row.record && next.arrived_on.is_some()) || again;
    let case = cases::case_step(&scene, &next);
    Ok(Decision { row, was: placement.stage, next, record, case })
}

/// The row of a command from this stage, and the party the actor makes it as. Roles come first.
pub(crate) fn find<'t>(
    table: &'t Table,
    placement: &Placement,
    asked: &Move,
    actor: &Actor,
) -> Result<(&'t Row, Party), Refusal> {
    if table.of(&asked.command).next().is_none() {
        let message = format!("there is no move {:?}", asked.command);
        return Err(Refusal::of(Kind::Input, "UNKNOWN_COMMAND", message).mend("see the table in the service's README"));
    }
    let mut denied = None;
    for row in table.of(&asked.command) {
        match party(row, placement, asked, actor) {
            Ok(party) if row.from.contains(&placement.stage) => return Ok((row, party)),
            Ok(_) => denied = Some(None),
            Err(refusal) => denied = denied.or(Some(Some(refusal))),
        }
    }
    match denied.flatten() {
        Some(refusal) => Err(refusal),
        None => {
            let from: Vec<&str> = table.of(&asked.command).map(|row| row.from_words.as_str()).collect();
            let message = format!("{} is not possible in stage {}", asked.command, word(placement.stage));
            let mend = format!("it is possible from {}", from.join(", "));
            let stages = table.of(&asked.command).flat_map(|row| &row.from).map(|stage| word(*stage));
            let stages = stages.collect::<Vec<_>>().join(" ");
            Err(Refusal::of(Kind::Precondition, "WRONG_STAGE", message).mend(mend).with("from", stages))
        }
    }
}

/// The party of this placement as which the actor may make the row's move.
fn party(row: &Row, placement: &Placement, asked: &Move, actor: &Actor) -> Result<Party, Refusal> {
    let denied = |what: String| {
        let who = row.who_words();
        let mend = format!("ask somebody who acts as {}", who.join(" or "));
        // Nobody acts as the clock.
        let people: Vec<&str> = who.iter().map(String::as_str).filter(|who| *who != Party::Clock.as_str()).collect();
        Err(Refusal::of(Kind::Denied, "ROLE_NEEDED", what).mend(mend).with("who", people.join(" ")))
    };
    if actor.clock {
        return if row.who.contains(&Party::Clock) {
            Ok(Party::Clock)
        } else {
            denied(format!("no clock makes the move {}", row.command))
        };
    }
    let ministry = actor.roles.contains(&Role::Ministry) && actor.organisation_id == placement.ministry_id;
    let union = actor.roles.contains(&Role::Union) && actor.organisation_id == placement.union_id;
    let operator = actor.roles.contains(&Role::Operator);
    if asked.for_worker {
        return if row.who.contains(&Party::Worker) && (ministry || operator) {
            Ok(Party::Worker)
        } else {
            denied(format!("{} cannot be recorded for the worker by this caller", row.command))
        };
    }
    let is = |party: &Party| match party {
        Party::Ministry => ministry,
        Party::Union => union,
        Party::Operator => operator,
        Party::Authority => actor.roles.contains(&Role::Authority),
        // No token says which of a ministry's people somebody is: what a worker decides is recorded for them.
        Party::Worker | Party::Clock => false,
    };
    match row.who.iter().find(|party| is(party)) {
        Some(party) => Ok(*party),
        None => denied(format!("{} is a move of: {}", row.command, row.who_words().join(", "))),
    }
}

/// No stage ends before it began, and nobody tells today what happens tomorrow.
fn in_order(row: &Row, placement: &Placement, asked: &Move, actor: &Actor) -> Result<(), Refusal> {
    let (on, since, mend) = (asked.occurred_on, placement.stage_since(), "give the day on which it happened");
    // A round may have been computed for a day to come: nobody is held until then, and goes on from that day.
    let latest = actor.latest.map(|latest| since.map_or(latest, |since| since.max(latest)));
    match (latest, since) {
        (Some(latest), _) if on > latest => {
            let message = format!("{on} has not come yet");
            Err(Refusal::of(Kind::Input, "DATE_AHEAD", message).mend(mend).with("last", latest))
        }
        (_, Some(since)) if row.to.is_some() && on < since => {
            let message = format!("the placement is in stage {} since {since}", word(placement.stage));
            Err(Refusal::of(Kind::Input, "DATE_ORDER", message).mend(mend).with("since", since))
        }
        _ => Ok(()),
    }
}

/// The row's needs, and the witness of an act that somebody else records for the worker.
fn carries(row: &Row, asked: &Move, party: Party) -> Result<(), Refusal> {
    let missing = |what: &str| {
        let message = format!("{} needs {what}", row.command);
        Err(Refusal::of(Kind::Input, "NEEDED", message).mend(format!("send {what} with the move")))
    };
    if party != Party::Clock {
        for need in &row.needs {
            let there = match need.as_str() {
                "reason" => guards::is_code(&asked.reason),
                "evidence" => !asked.evidence.is_empty(),
                "language" => !asked.language.is_empty(),
                "kind" => guards::is_code(&asked.kind),
                "date" => asked.date.is_some(),
                "rule_id" => guards::is_code(&asked.rule_id),
                _ => false,
            };
            if !there {
                return missing(need);
            }
        }
    }
    if asked.for_worker && asked.witness.is_empty() {
        return missing("witness");
    }
    if !(asked.language.is_empty() || guards::is_language(&asked.language)) {
        let message = "language is the tag of a language and no text";
        return Err(Refusal::of(Kind::Input, "NOT_A_LANGUAGE", message).mend("send one such as es or es-CO"));
    }
    if asked.valid_until.is_some_and(|until| until < asked.occurred_on) {
        let message = "it would not be valid on the day on which it happened";
        return Err(Refusal::of(Kind::Input, "DATE_ORDER", message).mend("send the last day on which it is valid"));
    }
    // Both travel in events, which hold no text about a person.
    let codes = [("reason", &asked.reason, guards::is_code(&asked.reason))];
    let proofs = [("evidence", &asked.evidence, guards::is_proof(&asked.evidence))];
    match codes.into_iter().chain(proofs).find(|(_, text, fits)| !text.is_empty() && !fits) {
        Some((field, _, _)) => {
            let message = format!("{field} is a code or a digest and no text");
            Err(Refusal::of(Kind::Input, "NOT_A_CODE", message).mend("send one such as EXIT_CLEARANCE or sha256:5f1e"))
        }
        None => Ok(()),
    }
}

fn transition(table: &Table, scene: &guards::Scene<'_>) -> Placement {
    let (row, asked) = (scene.row, scene.asked);
    let mut next = scene.placement.clone();
    next.version += 1;
    if let Some(to) = row.to {
        next.stage = to;
        // A stage move overtakes what was still to be heard, but no complaint that can be heard there too.
        next.case = next.case.filter(|case| cases::outlasts(case, to));
        next.absent_from = None;
        next.review_asked_on = None;
        arrive(&mut next, scene);
    }
    if row.id == "E9" {
        next.recalled_on = Some(asked.occurred_on);
    }
    if let Some((track, _, status)) = &row.track {
        // One signature of several leaves the contract open.
        let status = if *track == Track::Contract { signers::sign(&mut next, scene) } else { *status };
        next.tracks.set(*track, status);
        if *track == Track::Fitness {
            next.fit_until = asked.valid_until.filter(|_| status == Status::Done);
        }
        if *track == Track::Travel {
            next.travel_on = asked.date.filter(|_| status == Status::Done);
        }
    }
    cases::beside(&mut next, scene);
    next.steps.push(step(&next, scene));
    sides::report(&mut next, scene.actor.organisation_id, row.to.is_some());
    next.clocks = clocks::after(table, &next, scene.view.pack, asked.occurred_on);
    if row.to == Some(Stage::NonReturn) {
        next.review_until = next.clock("C-REVIEW").map(|clock| clock.due_on);
    }
    next
}

/// What a new stage brings with it.
fn arrive(next: &mut Placement, scene: &guards::Scene<'_>) {
    let (row, asked, on) = (scene.row, scene.asked, scene.asked.occurred_on);
    match next.stage {
        Stage::Proposed if row.id == "P3" => next.source = proto::placement::Source::Reserve,
        Stage::Offered => next.offer = Some(offer(Uuid::new_v5(&next.id.0, &offer_name(next.version)), asked)),
        Stage::Accepted => {
            // The offer stays as it was made; what the worker agreed to, in which language, is on record beside it.
            cases::consent(next, scene);
            open_tracks(next, scene.view.pack);
        }
        Stage::Departed => {
            next.stay_until = stay::end(scene.view.pack, scene.view.periods, on);
        }
        Stage::Arrived => next.arrived_on = Some(on),
        Stage::Working => next.worked_from = Some(on),
        Stage::WorkEnded => {
            next.worked_until = Some(on);
            next.ending = row.ending;
            let early = row.ending == Ending::Completed && guards::is_early(scene);
            if early {
                next.ending = Ending::EarlyCompletion;
            }
            next.appeal_told_on = asked.appeal_told_on.filter(|_| row.ending == Ending::Terminated);
            next.notice_due = early || ["A2", "A4", "A7", "A8"].contains(&row.id.as_str());
        }
        Stage::Cancelled => {
            next.fault = row.fault;
            next.reason = grounds::published(scene);
            next.roster = roster_effect(row, scene.party, &next.reason);
            next.next_round_first = row.next_round_first;
        }
        Stage::Unverified => next.review_until = None,
        Stage::ReturnedVerified => next.review_until = None,
        Stage::NonReturn => {
            next.decided_by = Some(scene.actor.subject.clone());
            next.appeal_told_on = asked.appeal_told_on;
        }
        Stage::ReEntryBarred if row.id == "E8" => {
            next.rule_id = format!("{}/{}", scene.view.pack.rule_id(BARS), asked.rule_id);
            next.barred_until = asked.date;
        }
        Stage::ReEntryBarred => {
            let days = scene.view.pack.bar_days();
            next.rule_id = scene.view.pack.rule_id(BAR_RULE);
            next.barred_until = asked.date.or(Some(on + chrono::Duration::days(days)));
        }
        _ => {}
    }
}

/// The rule that says for how long re-entry is barred if the decision names no day.
pub(crate) const BAR_RULE: &str = "reentry.bar.days";

fn offer_name(version: i64) -> Vec<u8> {
    format!("offer/{version}").into_bytes()
}

fn offer(id: Uuid, asked: &Move) -> Offer {
    Offer { id, text_hash: offer::digest(&asked.evidence).to_owned(), language: asked.language.clone() }
}

/// As the row says; or the end, on a ground that says so, from anybody but the worker, who leaves the roster elsewhere.
fn roster_effect(row: &Row, party: Party, reason: &str) -> RosterEffect {
    let ends = party != Party::Worker && row.roster_end.iter().any(|ground| ground == reason);
    if ends { RosterEffect::End } else { row.roster }
}

/// What is valid is done; what comes with the order is done.
fn open_tracks(next: &mut Placement, pack: &Pack) {
    let done_with_order = pack.done_with_order();
    let valid = |until: Option<NaiveDate>| until.is_some_and(|until| until >= next.starts_on);
    let facts = [(Track::Fitness, valid(next.fit_until)), (Track::Training, valid(next.trained_until))];
    for track in done_with_order {
        next.tracks.set(track, Status::Done);
    }
    for (track, done) in facts {
        if done {
            next.tracks.set(track, Status::Done);
        }
    }
    next.signers = if next.tracks.is_done(Track::Contract) { Vec::new() } else { signers::asked_for(pack) };
}

/// Moves whose evidence is published. What is sent with any other could tell of health, of abuse or of a person's own affairs.
pub(crate) const PROVED: [&str; 7] =
    ["Offer", "Accept", "RetractOffer", "Depart", "ConfirmArrival", "VerifyReturn", "BarReEntry"];

fn step(next: &Placement, scene: &guards::Scene<'_>) -> Step {
    let row = scene.row;
    // "Refused" and "not yet" of a person's fitness look the same from outside.
    let veiled = row.silent && row.track.is_some();
    let signed = row.track.as_ref().is_some_and(|(track, _, _)| *track == Track::Contract);
    let (command, event) = match veiled {
        true => ("UpdatePreparation", "PreparationUpdated"),
        // The contract is signed with the last signature.
        false if signed && !next.tracks.is_done(Track::Contract) => (&*row.command, "SignatureRecorded"),
        false => (&*row.command, &*row.event),
    };
    Step {
        version: next.version,
        command: command.to_owned(),
        event: event.to_owned(),
        stage: next.stage,
        on: scene.asked.occurred_on,
        role: scene.party.as_str().to_owned(),
        organisation_id: scene.actor.organisation_id,
        reason: grounds::published(scene),
        own: grounds::own(scene),
        evidence: scene.asked.evidence.clone(),
        sealed: row.silent || grounds::hidden(scene) || !PROVED.contains(&row.command.as_str()),
        recorded_at: Some(scene.view.now),
    }
}
