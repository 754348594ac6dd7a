//! What is heard and what is put on record beside the stage: cases from their report to their outcome, attempts to reach
//! the person, statements, first words of two people. No decision against a person without them.

use chrono::NaiveDate;
use proto::{
    ids::OrganisationId,
    placement::{RecallReply, Stage},
};
use uuid::Uuid;

use crate::{
    decide::{Kind, Move, Refusal},
    guards::{Scene, check, holds},
    moves::{Party, Row, TABLE},
    pack::Pack,
    placement::{Case, Placement, RECORDS_MAX, RECORDS_OF_ONE, Record},
    sides,
    tracks::{Status, Track},
    veil,
};

/// Kinds of cases; those of abuse and health are not published.
pub const CASE_KINDS: [&str; 9] = [
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

/// May a case of this kind be known?
#[must_use]
pub fn is_published(kind: &str) -> bool {
    !matches!(kind, "ABUSE" | "HEALTH")
}

pub(crate) fn may_open_case(stage: Stage) -> bool {
    matches!(
        stage,
        Stage::Accepted
            | Stage::Departed
            | Stage::Arrived
            | Stage::Working
            | Stage::ReturnedVerified
            | Stage::Unverified
    )
}

/// Does a case stay open when the stage moves on to another? One that nobody else may know of does, wherever it can be heard: who
/// makes the move cannot know of it, and may be whom it is about. Any other is overtaken.
pub(crate) fn outlasts(case: &Case, to: Stage) -> bool {
    !is_published(&case.kind) && may_open_case(to)
}

/// How a person can be sought: what a `CONTACT_ATTEMPT` names as its reason.
pub const CHANNELS: [&str; 6] = ["PHONE", "MESSAGE", "EMAIL", "LETTER", "VISIT", "FAMILY"];

/// Was the person sought, since a version, as often and on as many channels as the pack asks?
///
/// # Errors
/// `NOT_CONTACTED`, with what is missing.
pub(crate) fn contacted(guard: &str, placement: &Placement, pack: &Pack, since: i64) -> Result<(), Refusal> {
    let (attempts, channels) = pack.contacts();
    let made: Vec<&str> =
        placement.records_since("CONTACT_ATTEMPT", since).map(|record| record.about.as_str()).collect();
    let (tried, untried): (Vec<&str>, Vec<&str>) = CHANNELS.into_iter().partition(|channel| made.contains(channel));
    let other = channels.saturating_sub(tried.len());
    let more = attempts.saturating_sub(made.len()).max(other);
    holds(more == 0, || {
        let message = format!(
            "{} of {attempts} attempts to contact the person are on record, on {} of {channels} channels",
            made.len(),
            tried.len()
        );
        let elsewhere = match other {
            0 => String::new(),
            other => format!(", {other} of them on a channel that was not tried: {}", untried.join(", ")),
        };
        let refusal = Refusal::guard(guard, "NOT_CONTACTED", message)
            .mend(format!("record {more} more CONTACT_ATTEMPT{elsewhere}"))
            .with("attempts", made.len())
            .with("attempts_needed", attempts)
            .with("channels", tried.len())
            .with("channels_needed", channels)
            .with("more", more);
        if other == 0 { refusal } else { refusal.with("other", other).with("untried", untried.join(" ")) }
    })
}

/// The case that a step opened, heard or closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseStep {
    pub case: Case,
    /// `HEARD`, `DISMISSED`, `DECIDED`, `OVERTAKEN`; empty if it was opened.
    pub outcome: &'static str,
    pub contact_attempts: usize,
}

/// What the step did to the case, if anything.
pub(crate) fn case_step(scene: &Scene<'_>, next: &Placement) -> Option<CaseStep> {
    let (before, after) = (scene.placement.case.as_ref(), next.case.as_ref());
    let (case, outcome) = match (before, after) {
        (None, Some(opened)) => (opened, ""),
        (Some(before), Some(after)) if before != after => (after, "HEARD"),
        (Some(closed), None) if scene.row.id == "C3" => (closed, "DISMISSED"),
        (Some(closed), None) if scene.row.guards.iter().any(|guard| guard == "G6") => (closed, "DECIDED"),
        (Some(closed), None) => (closed, "OVERTAKEN"),
        _ => return None,
    };
    let contact_attempts = next.records_since("CONTACT_ATTEMPT", case.since).count();
    Some(CaseStep { case: case.clone(), outcome, contact_attempts })
}

pub(crate) fn case_kind(scene: &Scene<'_>) -> Result<(), Refusal> {
    holds(CASE_KINDS.contains(&scene.asked.kind.as_str()), || {
        Refusal::of(Kind::Input, "CASE_KIND", format!("{:?} is no kind of case", scene.asked.kind))
            .mend(format!("one of {}", CASE_KINDS.join(", ")))
    })
}

/// A hearing closes when the person was sought and both sides spoke, or had their time. Silence is noted, never read as
/// guilt.
pub(crate) fn hearing(scene: &Scene<'_>) -> Result<(), Refusal> {
    check("CASE", scene)?;
    let Some(case) = scene.placement.case.as_ref() else { return Ok(()) };
    let over =
        case.heard || scene.placement.clock("C-HEARING").is_some_and(|clock| clock.due_on <= scene.asked.occurred_on);
    let said = |roles: &[&str]| {
        let mut said = scene.placement.records_since("STATEMENT", case.since);
        said.find(|record| roles.contains(&record.role.as_str())).map(|record| record.on)
    };
    let (one, other) = (said(&["worker", "ministry"]), said(&["union", "operator"]));
    // Whoever is answered to has so long for it; without any word the hearing lasts as long as it may.
    let side = |on: NaiveDate| scene.view.pack.workdays_after(on, scene.view.pack.hearing_side_workdays());
    let answer = one.xor(other).map(side);
    let both = one.is_some() && other.is_some();
    let over = over || answer.is_some_and(|until| until <= scene.asked.occurred_on);
    let open = !case.heard || (case.heard_by.0.is_nil() && scene.party != Party::Clock);
    holds(open, || Refusal::guard("HEARING", "ALREADY_HEARD", "the case is heard"))?;
    contacted("HEARING", scene.placement, scene.view.pack, case.since)?;
    holds(both || over, || {
        let refusal = Refusal::guard("HEARING", "NOT_BOTH_SIDES", "one side has not spoken and still has time");
        let refusal = refusal.mend(match answer {
            Some(until) => format!("record both STATEMENTs, or wait until {until}"),
            None => "record both STATEMENTs, or wait for C-HEARING".to_owned(),
        });
        match answer {
            Some(until) => refusal.with("until", until),
            None => refusal,
        }
    })
}

pub(crate) fn record_kind(scene: &Scene<'_>) -> Result<(), Refusal> {
    let party = scene.party;
    let fits = match scene.asked.kind.as_str() {
        "CONTACT_ATTEMPT" => matches!(party, Party::Ministry | Party::Operator | Party::Union),
        "STATEMENT" | "CONFIRMATION" | "DENIAL" => true,
        "CONSENT" => matches!(party, Party::Worker | Party::Union | Party::Authority),
        "NOTICE" => matches!(party, Party::Union | Party::Operator),
        "FIRST_OF_TWO" => matches!(party, Party::Ministry | Party::Operator | Party::Authority),
        _ => false,
    };
    holds(fits, || {
        Refusal::guard(
            "RECORD_KIND",
            "RECORD_KIND",
            format!("a {} cannot record {:?}", party.as_str(), scene.asked.kind),
        )
        .mend("CONTACT_ATTEMPT, STATEMENT, CONFIRMATION, DENIAL, CONSENT, NOTICE or FIRST_OF_TWO, as the role allows")
    })?;
    about_a_second(scene)?;
    on_a_channel(scene)?;
    absence(scene)?;
    review(scene)?;
    reply(scene)?;
    denial(scene)?;
    room(scene)
}

fn room(scene: &Scene<'_>) -> Result<(), Refusal> {
    let (records, who) = (&scene.placement.records, scene.actor.organisation_id);
    let own = records.iter().filter(|record| record.organisation_id == who).count();
    holds(records.len() < RECORDS_MAX && own < RECORDS_OF_ONE, || {
        let message = format!(
            "a placement gathers at most {RECORDS_OF_ONE} records of one organisation, and {RECORDS_MAX} in all"
        );
        Refusal::guard("RECORD_KIND", "TOO_MANY_RECORDS", message).mend("let another party of the placement record it")
    })
}

/// A first of two that is about no move of two people would never let anybody make one: it is refused, not kept.
fn about_a_second(scene: &Scene<'_>) -> Result<(), Refusal> {
    let of_two = |row: &&Row| row.guards.iter().any(|guard| guard == "G10");
    let named = scene.asked.kind != "FIRST_OF_TWO" || TABLE.of(&scene.asked.reason).any(|row| of_two(&row));
    holds(named, || {
        let commands: Vec<&str> = TABLE.rows.iter().filter(of_two).map(|row| row.command.as_str()).collect();
        Refusal::guard("RECORD_KIND", "ABOUT_NEEDED", "a FIRST_OF_TWO names the move that the second person will make")
            .mend(format!("give as reason one of {}", commands.join(", ")))
    })
}

/// An attempt says how the person was sought: two of the same kind reach nobody whom the first did not.
fn on_a_channel(scene: &Scene<'_>) -> Result<(), Refusal> {
    let named = scene.asked.kind != "CONTACT_ATTEMPT" || CHANNELS.contains(&scene.asked.reason.as_str());
    holds(named, || {
        Refusal::guard("RECORD_KIND", "CHANNEL_NEEDED", "a CONTACT_ATTEMPT names the channel on which it was made")
            .mend(format!("give as reason one of {}", CHANNELS.join(", ")))
    })
}

/// A statement that somebody does not come to work, since the day it names; and that the person is there again.
const ABSENT: &str = "ABSENT";
const BACK: &str = "BACK";

fn first_day(asked: &Move) -> NaiveDate {
    asked.date.unwrap_or(asked.occurred_on)
}

/// Whoever sees the work says who is not there; that the person is back, anybody may say.
fn absence(scene: &Scene<'_>) -> Result<(), Refusal> {
    let asked = scene.asked;
    if asked.kind != "STATEMENT" || asked.reason != ABSENT {
        return Ok(());
    }
    holds(scene.placement.stage == Stage::Working, || {
        Refusal::guard("RECORD_KIND", "NOT_AT_WORK", "nobody is absent from work that has not started, or is over")
            .mend("open a case instead")
    })?;
    holds(matches!(scene.party, Party::Union | Party::Operator), || {
        let message = format!("a {} cannot record that somebody is absent", scene.party.as_str());
        Refusal::guard("RECORD_KIND", "RECORD_KIND", message).mend("let the union or the operator record it")
    })?;
    let worked = scene.placement.worked_from;
    holds(worked.is_none_or(|worked| worked <= first_day(asked)), || {
        Refusal::of(Kind::Input, "DATE_ORDER", "the first day of absence lies before the work began")
            .mend("give as date the first workday on which the person did not come")
    })?;
    holds(first_day(asked) <= asked.occurred_on, || {
        Refusal::of(Kind::Input, "DATE_ORDER", "the first day of absence lies after its report")
            .mend("give as date the first workday on which the person did not come")
    })
}

/// A denial opens a case. Where there is one of which whoever denies may not know, none opens, and that would tell.
fn denial(scene: &Scene<'_>) -> Result<(), Refusal> {
    let opens = scene.asked.kind == "DENIAL" && may_open_case(scene.placement.stage);
    holds(!opens || !veil::is_kept_from(scene), || veil::case_open("RECORD_KIND", scene))
}

/// A statement that asks for a review of the decision of non-return.
const REVIEW: &str = "REVIEW";

/// Asked for by the person, or the ministry for its own; while there is a decision to review.
fn review(scene: &Scene<'_>) -> Result<(), Refusal> {
    let asked = scene.asked;
    if asked.kind != "STATEMENT" || asked.reason != REVIEW {
        return Ok(());
    }
    holds(scene.placement.stage == Stage::NonReturn, || {
        Refusal::guard("RECORD_KIND", "NOTHING_TO_REVIEW", "there is no decision of non-return that could be reviewed")
            .mend("record what is said as a STATEMENT with another reason, or as a DENIAL")
    })?;
    holds(matches!(scene.party, Party::Worker | Party::Ministry), || {
        let message = format!("a {} cannot ask for the review", scene.party.as_str());
        Refusal::guard("RECORD_KIND", "RECORD_KIND", message).mend("let the worker or the ministry ask for it")
    })
}

/// What the worker answers to a recall, as a statement.
fn replied(asked: &Move) -> Option<RecallReply> {
    match (asked.kind.as_str(), asked.reason.as_str()) {
        ("STATEMENT", "RECALL_ACCEPTED") => Some(RecallReply::Accepted),
        ("STATEMENT", "RECALL_DECLINED") => Some(RecallReply::Declined),
        _ => None,
    }
}

/// Only the worker answers, and only to a question. What was answered last counts.
fn reply(scene: &Scene<'_>) -> Result<(), Refusal> {
    if replied(scene.asked).is_none() {
        return Ok(());
    }
    holds(scene.placement.recalled_on.is_some(), || {
        Refusal::guard("RECORD_KIND", "NOTHING_TO_ANSWER", "no union has asked for the person again")
            .mend("wait until the union of this season has made its recall")
    })?;
    holds(scene.party == Party::Worker, || {
        let message = format!("a {} cannot answer a recall", scene.party.as_str());
        Refusal::guard("RECORD_KIND", "RECORD_KIND", message).mend("record it for the worker, with a witness")
    })
}

/// Cases and records.
pub(crate) fn beside(next: &mut Placement, scene: &Scene<'_>) {
    let (row, asked, actor) = (scene.row, scene.asked, scene.actor);
    match row.id.as_str() {
        "C1" => open_case(next, scene, &asked.kind),
        "C2" => {
            if let Some(case) = &mut next.case {
                case.heard = true;
                case.heard_by = actor.organisation_id;
            }
        }
        "C3" if veil::is_hidden(scene.placement.case.as_ref()) => {
            next.case = None;
            // That a journey whose day is past has to be planned anew tells nobody of a case, and nobody is missed for it.
            if next.travel_on.is_some_and(|day| day <= asked.occurred_on) {
                unbook(next);
            }
            veil::resume(next, asked.occurred_on);
        }
        "C3" => {
            next.case = None;
            // Who was found is absent no more.
            if scene.placement.case.as_ref().is_some_and(|case| case.kind == "ABANDONMENT") {
                next.absent_from = None;
            }
            unbook(next);
        }
        "C5" => {
            record(next, scene, &asked.kind, &asked.reason);
            match asked.kind.as_str() {
                // Nobody is the second side to their own report.
                "CONFIRMATION" if sides::confirms(scene.placement, actor.organisation_id) => next.one_sided = false,
                "NOTICE" => next.notice_due = false,
                "STATEMENT" if asked.reason == ABSENT => {
                    next.absent_from.get_or_insert(first_day(asked));
                }
                "STATEMENT" if asked.reason == BACK => next.absent_from = None,
                "STATEMENT" if asked.reason == REVIEW => {
                    next.review_asked_on.get_or_insert(asked.occurred_on);
                }
                "STATEMENT" => next.recall_reply = replied(asked).unwrap_or(next.recall_reply),
                "DENIAL" if next.case.is_none() && may_open_case(next.stage) => {
                    open_case(next, scene, "DISAGREEMENT");
                }
                _ => {}
            }
        }
        _ => {}
    }
}

/// Before the departure, the journey is planned anew.
fn unbook(next: &mut Placement) {
    if next.stage == Stage::Accepted {
        next.tracks.set(Track::Travel, Status::Open);
        next.travel_on = None;
    }
}

/// A worker's yes: to which text, in which language, before whom.
pub(crate) fn consent(next: &mut Placement, scene: &Scene<'_>) {
    record(next, scene, "CONSENT", &scene.row.command);
}

fn record(next: &mut Placement, scene: &Scene<'_>, kind: &str, about: &str) {
    let asked = scene.asked;
    next.records.push(Record {
        version: next.version,
        kind: kind.to_owned(),
        role: scene.party.as_str().to_owned(),
        organisation_id: scene.actor.organisation_id,
        on: asked.occurred_on,
        about: about.to_owned(),
        evidence: asked.evidence.clone(),
        language: asked.language.clone(),
        witness: asked.witness.clone(),
        subject: scene.actor.subject.clone(),
    });
}

/// Whose report the case rests on: where the clock opens it because somebody stayed away, who said so last.
fn reporter(scene: &Scene<'_>, kind: &str) -> OrganisationId {
    let absent = |record: &&Record| record.kind == "STATEMENT" && record.about == ABSENT;
    match scene.placement.records.iter().rfind(absent) {
        Some(said) if scene.party == Party::Clock && kind == "ABANDONMENT" => said.organisation_id,
        _ => scene.actor.organisation_id,
    }
}

fn open_case(next: &mut Placement, scene: &Scene<'_>, kind: &str) {
    next.case = Some(Case {
        // The placement and the version that opened it are enough to name it, for ever.
        id: Uuid::new_v5(&next.id.0, &next.version.to_be_bytes()),
        kind: kind.to_owned(),
        reporter: reporter(scene, kind),
        opened_on: scene.asked.occurred_on,
        since: next.version,
        heard: false,
        heard_by: OrganisationId::default(),
    });
}
