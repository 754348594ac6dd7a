//! `/placements/{id}`: where it stands, what can be done, what has happened.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use chrono::{DateTime, NaiveDate};
use proto::{
    candidate::{GetCandidateNameRequest, GetCandidateRecordRequest},
    demand::{GetJobOrderRequest, JobOrder},
    placement::{self as wire, GetPlacementRequest, Placement, PlacementView, PossibleMove, Stage},
    programme::RulePack,
};
use tonic::{Code, Status};

use super::{
    Params, count, day, fingerprint, forms, live, param, passed,
    place::{self, Place},
    placements, refusal, season, short, track,
    typed::{self, Sent},
    visitor::{Trouble, Visitor},
};
use crate::console::{
    code::{Corridor, FormKeys},
    frame::{Banner, Desk, Frame, Section, Tone},
    placement::{
        Ahead, Candidate, Company, Entry, Holding, Line, Move, Next, Other, PlacementPage, Recall, RunningClock,
        Signature, Terms, Wait, sighted,
    },
    sight,
    step::Step,
    url,
    words::Words,
};

/// Why nothing waits for a move of this reason: it is not about this state of a track at all.
const NOT_NOW: &str = "WRONG_STATUS";

pub(super) async fn page(visitor: Visitor, Path(id): Path<String>, Query(params): Query<Params>) -> Response {
    let page = open(&visitor, &id, param(&params, "done")).await;
    visitor.answer(page)
}

async fn open(visitor: &Visitor, id: &str, done: &str) -> Result<String, Trouble> {
    let view = read(visitor, id).await?;
    draw(visitor, &view, Drawn { done, refused: None }).await
}

/// How a placement comes to be drawn: plainly, after a move, or after one that was refused.
#[derive(Clone, Copy)]
pub(super) struct Drawn<'a> {
    /// The move that was made, as addresses write it; empty if none was.
    pub(super) done: &'a str,
    /// The move that was refused.
    pub(super) refused: Option<Sent<'a>>,
}

pub(super) async fn draw(visitor: &Visitor, view: &PlacementView, drawn: Drawn<'_>) -> Result<String, Trouble> {
    let Some(placement) = view.placement.clone() else { return Err(Status::not_found("").into()) };
    let place = place::of(&placement);
    let (today, (line, bed), candidate, passed, pack) = tokio::join!(
        visitor.calendar(),
        line(visitor, &placement),
        person(visitor, &placement, place),
        passed::told(visitor, &placement),
        track::pack(visitor, &placement)
    );
    let next = next(visitor, (&placement, view.possible.as_slice()), pack.as_ref(), today);
    let words = visitor.words();
    let timeline: Vec<Entry> = placement.steps.iter().filter_map(|step| entry(visitor, &placement, step)).collect();
    let mut moves = moves(visitor, view, (&placement, today), (next.as_ref(), drawn.refused));
    let (refusal, typed) = drawn.refused.map(|sent| typed::told(words, &sent, &mut moves)).unzip();
    let page = PlacementPage {
        number: short(&placement.id),
        corridor: Corridor::new(&placement.corridor_code),
        step: place.step,
        ending: place.ending.to_owned(),
        one_sided: placement.one_sided,
        candidate,
        company: company(view),
        from: day(&placement.starts_on).unwrap_or(today),
        until: day(&placement.ends_on).unwrap_or(today),
        today,
        next,
        departure: departure(&placement, today),
        moves,
        signatures: signatures(&placement),
        appeal_told: day(&placement.appeal_told_on),
        recall: recall(&placement),
        waits: view.waiting.iter().filter_map(|wait| waits(words, wait)).collect(),
        clocks: placement.clocks.iter().filter_map(|clock| running(clock, today)).collect(),
        ledgers: holds(words, &view.holdings, (&line, &placement), bed),
        terms: terms(view),
        refusal,
        faster: timeline.last().filter(|_| drawn.refused.is_some_and(|sent| sent.stale)).cloned(),
        typed: typed.unwrap_or_default(),
        why: why(&placement),
        timeline: passed::among(timeline, passed),
        ahead: ahead(&placement, place),
        line,
        id: placement.id.clone(),
    };
    let live = live::key(&["placement", &placement.id], &fingerprint([&placement]));
    // Also after a form that was refused, whose own address cannot be opened.
    let here = format!("/placements/{}", url::encode(&placement.id));
    let frame = Frame { here, ..visitor.frame(Section::Placements, Some(today), Some(live)) };
    Ok(page.render(&Visitor::with_banner(frame, done(words, &placement, drawn.done)))?)
}

pub(super) async fn read(visitor: &Visitor, id: &str) -> Result<PlacementView, Status> {
    let mut service = visitor.app.upstream.placement(&visitor.session);
    let language = visitor.words().language.tag().to_owned();
    let view = service.get_placement(GetPlacementRequest { placement_id: id.to_owned(), language }).await;
    // An address with what is no id at all leads nowhere either.
    let view =
        view.map_err(|status| if status.code() == Code::InvalidArgument { Status::not_found("") } else { status });
    Ok(view?.into_inner())
}

/// The text's lines as labels and values; before a colon, French leaves a space that does not break.
fn terms(view: &PlacementView) -> Option<Terms> {
    let terms = view.terms.as_ref()?;
    let line = |line: &str| {
        let (label, value) = line.split_once(": ")?;
        Some((label.trim_end_matches('\u{a0}').to_owned(), value.to_owned()))
    };
    let offer = view.placement.as_ref().and_then(|placement| placement.offer.as_ref());
    Some(Terms {
        lines: terms.text.lines().filter_map(line).collect(),
        missing: !terms.missing.is_empty(),
        digest: offer.map(|offer| offer.text_hash.clone()).unwrap_or_default(),
    })
}

/// Where the round says what decided: nowhere for who was proposed without one.
fn why(placement: &Placement) -> String {
    if placement.round_id.is_empty() {
        return String::new();
    }
    let path = format!("/rounds/{}", url::encode(&placement.round_id));
    url::with_query(&path, &[("explain", &placement.candidate_id)]) + "#explain"
}

/// A banner for a move that the placement's history confirms.
fn done(words: Words, placement: &Placement, kebab: &str) -> Option<Banner> {
    let command = place::command(kebab);
    let last = placement.steps.last().filter(|last| last.command == command)?;
    let what = words.code("move", &place::code(&last.command));
    let sentence = words.say("move-done").with("what", what).to_string();
    Some(Banner { tone: Tone::Ok, sentence, more: String::new(), link: None })
}

/// The line, and the bed that comes with its seats, as far as this desk may read the order.
async fn line(visitor: &Visitor, placement: &Placement) -> (Line, Option<String>) {
    let mut demand = visitor.app.upstream.demand(&visitor.session);
    let order = demand.get_job_order(GetJobOrderRequest { order_id: placement.order_id.clone() }).await;
    let order = order.ok().map(tonic::Response::into_inner);
    let (number, what) = placements::line(placement, order.as_ref());
    let bed = order.and_then(|order| bed(visitor.words(), &order, &placement.line_id));
    (Line { number, what }, bed)
}

/// Where the beds of a line are, and how many; none if its order says nothing of them, or that none come with the seats. Of
/// lines that share a housing one is enough to say its beds.
fn bed(words: Words, order: &JobOrder, line_id: &str) -> Option<String> {
    let line = order.lines.iter().find(|line| line.id == line_id)?;
    let shares = !line.housing.is_empty();
    let mut housed = order.lines.iter().filter(|other| shares && other.housing == line.housing);
    let beds = housed.find(|other| other.beds >= 0).unwrap_or(line).beds;
    let beds = u64::try_from(beds).ok().filter(|beds| *beds > 0)?;
    let said = words.say(if shares { "bed-housing" } else { "bed-line" }).with("beds", beds);
    Some(said.with("housing", line.housing.clone()).to_string())
}

/// The person, as this desk may know them: the ministry by its own reference and name, union and operator by number and
/// name once the union has selected, the others by number. A name that an earlier placement opened is not asked for at
/// this one's steps before.
async fn person(visitor: &Visitor, placement: &Placement, place: Place) -> Candidate {
    let number = Candidate { shown: short(&placement.candidate_id), hidden: true };
    let (step, ended) = sighted(place.step, place.ending);
    if !sight::is_named(visitor.desk, step, ended) {
        return number;
    }
    let mut candidates = visitor.app.upstream.candidate(&visitor.session);
    match visitor.desk {
        Desk::Ministry => {}
        Desk::Union | Desk::Operator => {
            let request = GetCandidateNameRequest { candidate_id: placement.candidate_id.clone() };
            let Ok(name) = candidates.get_candidate_name(request).await else { return number };
            let name = name.into_inner();
            let shown = format!("{} · {} {}", number.shown, name.given_names, name.family_name);
            return Candidate { shown, hidden: false };
        }
        Desk::Authority | Desk::Auditor => return number,
    }
    let request = GetCandidateRecordRequest { candidate_id: placement.candidate_id.clone(), ..Default::default() };
    let record = candidates.get_candidate_record(request).await.ok().map(tonic::Response::into_inner);
    let Some(person) = record.and_then(|record| record.person) else { return number };
    let shown = format!("{} · {} {}", person.reference, person.given_names, person.family_name);
    Candidate { shown: shown.trim().to_owned(), hidden: false }
}

/// With whom the round seated the person.
fn company(view: &PlacementView) -> Option<Company> {
    let together = view.together.as_ref()?;
    let others = together.placement_ids.iter().map(|id| Other { id: id.clone(), number: short(id) });
    Some(Company { crew: together.crew, people: count(together.people), others: others.collect() })
}

/// The clock that ends first says who must act; one that runs until the preparation is whole does not, but the next track.
fn next(
    visitor: &Visitor,
    (placement, possible): (&Placement, &[PossibleMove]),
    pack: Option<&RulePack>,
    today: NaiveDate,
) -> Option<Next> {
    let clock = season::deadline(&placement.clocks)?;
    let (command, _) = season::due(&clock.name)?;
    let command = if placement.stage() == Stage::Selected { "OFFER" } else { command };
    let track = if track::is_of_all(&clock.name) { track::next(placement, possible, pack) } else { None };
    let (command, party) = track.unwrap_or((command, clock.waits_for.as_str()));
    let due = day(&clock.due_on);
    Some(Next {
        command: command.to_owned(),
        party: party.to_uppercase(),
        organisation: organisation(visitor, placement, party),
        due,
        days_late: due.map_or(0, |due| count((today - due).num_days())),
    })
}

fn organisation(visitor: &Visitor, placement: &Placement, role: &str) -> String {
    match role {
        "ministry" => visitor.name(&placement.ministry_id),
        "union" => visitor.name(&placement.union_id),
        _ => String::new(),
    }
}

/// The start of work is planned; travel has its own day only once it is booked, and then its clock tells.
fn departure(placement: &Placement, today: NaiveDate) -> Option<NaiveDate> {
    let booked = placement.clocks.iter().find(|clock| clock.name == "C-DEPART")?;
    day(&booked.started_on).filter(|day| *day >= today)
}

/// Moves that this desk can make now, each once; what gives something up comes last.
fn moves(
    visitor: &Visitor,
    view: &PlacementView,
    (placement, today): (&Placement, NaiveDate),
    (next, refused): (Option<&Next>, Option<Sent<'_>>),
) -> Vec<Move> {
    let mut moves: Vec<Move> = Vec::new();
    for possible in &view.possible {
        let command = place::code(&possible.command);
        if moves.iter().any(|there| there.command == command) {
            continue;
        }
        let for_worker = for_worker(visitor.desk, possible);
        let typed = refused.filter(|sent| sent.command == possible.command).map(|sent| sent.typed);
        moves.push(Move {
            form: FormKeys { request_id: visitor.app.clock.id().to_string(), version: placement.version.to_string() },
            grave: forms::is_grave(&possible.command),
            for_worker,
            fields: forms::fields(&possible.command, for_worker, &today.to_string(), typed),
            command,
        });
    }
    // What is due comes first, then what goes on, then what is beside, then what gives up.
    let beside = |command: &str| matches!(command, "ADD_RECORD" | "OPEN_CASE");
    moves.sort_by_key(|each| (next.is_none_or(|next| next.command != each.command), each.grave, beside(&each.command)));
    moves
}

/// Does this desk make the move in the worker's name?
fn for_worker(desk: Desk, possible: &PossibleMove) -> bool {
    let own = desk.code().to_lowercase();
    let has = |role: &str| possible.who.iter().any(|who| who == role);
    matches!(desk, Desk::Ministry | Desk::Operator) && !has(&own) && has("worker")
}

fn waits(words: Words, waiting: &PossibleMove) -> Option<Wait> {
    let refusal = waiting.refusal.as_ref().filter(|refusal| refusal.reason != NOT_NOW)?;
    let command = place::code(&waiting.command);
    let because = refusal::inside(words, &words.code("move", &command), refusal);
    Some(Wait { command, because })
}

fn signatures(placement: &Placement) -> Vec<Signature> {
    let signers = placement.contract_signers.iter();
    signers.map(|signer| Signature { party: signer.party.to_uppercase(), on: day(&signer.signed_on) }).collect()
}

fn recall(placement: &Placement) -> Option<Recall> {
    let reply = placement.recall_reply().as_str_name().trim_start_matches("RECALL_REPLY_").to_owned();
    day(&placement.recalled_on).map(|on| Recall { on, reply })
}

fn running(clock: &wire::Clock, today: NaiveDate) -> Option<RunningClock> {
    let (started, due) = (day(&clock.started_on)?, day(&clock.due_on)?);
    Some(RunningClock {
        clock: clock.name.clone(),
        party: clock.waits_for.to_uppercase(),
        due,
        used_days: count((today - started).num_days()),
        allowed_days: count((due - started).num_days()),
        left_days: (due - today).num_days(),
    })
}

/// Seat, unit, bed, period. A round gives no seat of a line without a bed where beds come with the seats, so the bed is held
/// and given back with the seat.
fn holds(words: Words, holdings: &[wire::Holding], of: (&Line, &Placement), bed: Option<String>) -> Vec<Holding> {
    let mut held: Vec<Holding> = holdings.iter().map(|holding| hold(words, holding, of)).collect();
    let seat = held.iter().find(|each| each.ledger == "SEAT").map(|seat| seat.status.clone());
    if let (Some(of), Some(status)) = (bed, seat) {
        let before = held.iter().position(|each| each.ledger == "PERIOD").unwrap_or(held.len());
        held.insert(before, Holding { ledger: "BED".to_owned(), of, status });
    }
    held
}

fn hold(words: Words, holding: &wire::Holding, (line, placement): (&Line, &Placement)) -> Holding {
    let of = match holding.ledger.as_str() {
        "SEAT" => line.number.clone(),
        "UNIT" => format!("{} {}", placement.corridor_code, placement.season_code),
        _ => match holding.detail.split_once('/') {
            Some((from, until)) => {
                [from, until].map(|text| day(text).map_or_else(|| text.to_owned(), |day| words.day(&day))).join(" – ")
            }
            None => holding.detail.clone(),
        },
    };
    Holding { ledger: holding.ledger.clone(), of, status: holding.status.clone() }
}

fn entry(visitor: &Visitor, placement: &Placement, step: &wire::Step) -> Option<Entry> {
    // The ground of a record or a case is its kind.
    let of_kind = matches!(step.event.as_str(), "RecordAdded" | "CaseOpened") && !step.reason.is_empty();
    let words = visitor.words();
    // A round proposes; the clock only carries it over.
    let proposed = matches!(step.event.as_str(), "CandidateProposed" | "CandidateRecommended");
    let party =
        if proposed && step.actor_role == "clock" { "MATCHING".to_owned() } else { step.actor_role.to_uppercase() };
    Some(Entry {
        step: place::step_of_event(&step.event),
        event: place::code(&step.event),
        on: day(&step.occurred_on)?,
        party,
        organisation: organisation(visitor, placement, &step.actor_role),
        reason: if of_kind { String::new() } else { step.reason.clone() },
        remark: if of_kind { words.code("kind", &step.reason) } else { String::new() },
        recorded: DateTime::parse_from_rfc3339(&step.recorded_at).ok().map(|at| at.naive_utc()),
        ended_badly: matches!(step.stage(), Stage::Cancelled | Stage::NonReturn | Stage::ReEntryBarred),
    })
}

/// What is left of the ring, with the party that makes each step and the day by which a clock wants it; nothing if the way
/// is over.
fn ahead(placement: &Placement, place: Place) -> Vec<Ahead> {
    if place.dropped || placement.stage() == Stage::Recommended || placement.stage() == Stage::ReEntryBarred {
        return Vec::new();
    }
    let done: Vec<Step> = placement.steps.iter().filter_map(|step| place::step_of_event(&step.event)).collect();
    let left = Step::ALL.into_iter().filter(|step| *step > place.step && !done.contains(step));
    left.map(|step| Ahead { step, party: party(step).to_owned(), due: season::due_by(step, &placement.clocks) })
        .collect()
}

fn party(step: Step) -> &'static str {
    match step {
        Step::Proposed => "MATCHING",
        Step::Accepted => "WORKER",
        Step::Authorised | Step::VisaGranted => "AUTHORITY",
        Step::TravelBooked => "OPERATOR",
        Step::VisaApplied
        | Step::MedicalCleared
        | Step::Trained
        | Step::PdoDone
        | Step::Departed
        | Step::ReturnedVerified => "MINISTRY",
        Step::Selected | Step::Offered | Step::ContractSigned | Step::Arrived | Step::Working | Step::WorkEnded => {
            "UNION"
        }
    }
}
