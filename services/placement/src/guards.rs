//! The guards by name. Each says what failed and what would mend it.

use chrono::{Duration, NaiveDate};
use proto::placement::LineState;

use crate::{
    cases,
    decide::{Actor, Move, Papers, Refusal, View},
    grounds, ledger,
    moves::{Party, Row},
    offer,
    placement::{Case, Placement, Record},
    signers, stay,
    tracks::Track,
    veil,
};

mod decided;

pub(crate) use decided::remedy;

/// A question with all that stands around it.
pub struct Scene<'a> {
    pub row: &'a Row,
    pub placement: &'a Placement,
    pub view: &'a View<'a>,
    pub asked: &'a Move,
    pub actor: &'a Actor,
    pub party: Party,
    /// Only asks what stands, not what the move carries: to say which moves are possible.
    pub probe: bool,
}

/// Would this row's guards let a move of `party` pass on that day, if it carried what it needs?
///
/// # Errors
/// The first guard that would not.
pub fn probe(
    row: &Row,
    (placement, view): (&Placement, &View<'_>),
    (actor, party): (&Actor, Party),
    on: NaiveDate,
) -> Result<(), Refusal> {
    let asked = Move { placement_id: placement.id, command: row.command.clone(), occurred_on: on, ..Move::default() };
    let scene = Scene { row, placement, view, asked: &asked, actor, party, probe: true };
    for guard in &row.guards {
        check(guard, &scene)?;
    }
    track(&scene)
}

/// Guards that read what the move carries.
const CARRIED: [&str; 9] =
    ["G7", "GROUND", "COMPENSATION", "EARLY", "REVIEW_OVER", "CASE_KIND", "RECORD_KIND", "BAR", "APPEAL"];

/// Every guard that the table may name.
pub const NAMES: [&str; 36] = [
    "G1",
    "G2",
    "G3",
    "G4",
    "G5",
    "G6",
    "G7",
    "G8",
    "G9",
    "G10",
    "LIST",
    "ONE_ENTRY",
    "PROMISE",
    "DUE",
    "GROUND",
    "CONTACTED",
    "COMPENSATION",
    "NOT_READY",
    "NO_CASE",
    "CASE",
    "STARTABLE",
    "START_OVER",
    "EARLY",
    "END_OVER",
    "OTHERS",
    "REVIEW_OVER",
    "ONCE",
    "CASE_KIND",
    "FREEZE_CLOCK",
    "HEARING",
    "RECORD_KIND",
    "WAITS",
    "TERMS",
    "BAR",
    "APPEAL",
    "SIGNS",
];

/// Checks one guard.
///
/// # Errors
/// What failed.
pub fn check(name: &str, scene: &Scene<'_>) -> Result<(), Refusal> {
    if scene.probe && CARRIED.contains(&name) {
        return Ok(());
    }
    match name {
        "G1" => line_open(scene),
        "G2" => scene.view.room.clone(),
        "G3" => free(scene),
        "G4" => eligible(scene),
        "G5" => holds(scene.view.corridor_open, || {
            Refusal::guard("G5", "FROZEN", "the corridor is closed or frozen")
                .mend("wait until the corridor is open again")
        }),
        "FREEZE_CLOCK" => match scene.party {
            Party::Clock => check("G5", scene),
            _ => Ok(()),
        },
        "G6" => heard(scene),
        "G8" => departure(scene),
        "G10" => second_person(scene),
        "G7" => offer::consent(scene), // Language and witness: the row's needs.
        "G9" => Ok(()),                // No trial can run yet.
        "LIST" => listed(scene),
        "PROMISE" => holds(scene.view.line.promised > 0, || {
            Refusal::guard(name, "NO_PROMISE", "no seat of the line is promised to its reserve list")
        }),
        "TERMS" => offer::whole(scene),
        "ONE_ENTRY" => holds(!scene.view.listed_twice, || {
            Refusal::guard(name, "PERSON_TAKEN", "the person already has a live entry on this line")
        }),
        _ => more(name, scene),
    }
}

fn more(name: &str, scene: &Scene<'_>) -> Result<(), Refusal> {
    let (placement, asked) = (scene.placement, scene.asked);
    match name {
        "DUE" => due(scene),
        "GROUND" => grounds::unprotected(scene),
        "CONTACTED" => cases::contacted(name, placement, scene.view.pack, placement.stage_version()),
        "COMPENSATION" => holds(!signers::bound(placement) || !asked.evidence.is_empty(), || {
            let message = "union and worker have signed the contract: retracting needs a compensation code";
            Refusal::guard(name, "COMPENSATION", message).mend("send the compensation's code as evidence")
        }),
        "NOT_READY" => decided::not_ready(scene),
        "BAR" => decided::bar(scene),
        "APPEAL" => decided::appeal(scene),
        "NO_CASE" => holds(placement.case.is_none(), || veil::case_open(name, scene)),
        "CASE" => holds(placement.case.is_some(), || Refusal::guard(name, "NO_CASE", "no case is open")),
        "STARTABLE" => tracks_done(name, scene, &scene.view.pack.start_work()),
        "START_OVER" => start_over(scene),
        "EARLY" => holds(!is_early(scene) || !asked.evidence.is_empty(), || {
            let days = scene.view.pack.early_days();
            let message = format!("the work ends more than {days} days early: a transfer has to be offered first");
            Refusal::guard(name, "EARLY", message).mend("offer a transfer and send the offer's code as evidence")
        }),
        "END_OVER" if scene.party == Party::Operator => over(name, scene, "C-END"),
        "REVIEW_OVER" => decided::review_over(scene),
        "OTHERS" => decided::others(scene),
        "ONCE" => holds(placement.recalled_on.is_none(), || Refusal::guard(name, "ONCE", "this was done before")),
        "CASE_KIND" => cases::case_kind(scene),
        "HEARING" => cases::hearing(scene),
        "RECORD_KIND" => cases::record_kind(scene),
        "SIGNS" => signers::check(scene),
        _ => Ok(()),
    }
}

/// Do the row's statuses of its track fit?
///
/// # Errors
/// `WRONG_STATUS`.
pub fn track(scene: &Scene<'_>) -> Result<(), Refusal> {
    let Some((track, from, _)) = &scene.row.track else { return Ok(()) };
    let status = scene.placement.tracks.get(*track);
    if !from.contains(&status) {
        let message = format!("{} is not possible while {} is {}", scene.row.command, track.as_str(), status.as_str());
        let from: Vec<&str> = from.iter().map(|status| status.as_str()).collect();
        return Err(Refusal::guard("TRACK", "WRONG_STATUS", message)
            .mend(format!("it is possible while it is {}", from.join(" or ")))
            .with("track", track.as_str()));
    }
    match scene.row.guards.iter().any(|guard| guard == "WAITS") {
        true => tracks_done("WAITS", scene, &scene.view.pack.waits(*track)),
        false => Ok(()),
    }
}

pub(crate) fn holds(is: bool, refusal: impl FnOnce() -> Refusal) -> Result<(), Refusal> {
    if is { Ok(()) } else { Err(refusal()) }
}

fn line_open(scene: &Scene<'_>) -> Result<(), Refusal> {
    let line = scene.view.line;
    holds(line.state == LineState::Open && !line.suspended, || {
        let state = line.state.as_str_name().trim_start_matches("LINE_STATE_");
        Refusal::guard("G1", "LINE_CLOSED", format!("the line is {}", if line.suspended { "suspended" } else { state }))
            .mend("open the line, or choose another")
    })
}

fn free(scene: &Scene<'_>) -> Result<(), Refusal> {
    let line = scene.view.line;
    let (from, until) =
        ledger::taken(line.starts_on, line.ends_on, scene.asked.occurred_on, scene.view.pack.return_days());
    if let Some((other, _)) = scene.view.periods.iter().find(|(a, b)| *a < until && from < *b) {
        let message = format!("the person is taken from {other} on");
        return Err(Refusal::guard("G3", "PERSON_TAKEN", message)
            .mend("end the other placement first, or choose other dates")
            .with("taken_from", other));
    }
    let max = scene.view.pack.stay_days_max();
    holds(stay::longest(scene.view.periods, (from, line.ends_on.max(from))) <= max, || {
        let message = format!("more than {max} days abroad within twelve months");
        Refusal::guard("G3", "STAY_TOO_LONG", message).with("days", max)
    })
}

/// On the roster, and eligible by the pack of the order's date. Which paper is missing is nobody's business here.
fn eligible(scene: &Scene<'_>) -> Result<(), Refusal> {
    rostered(scene)?;
    let (pack, placement) = (scene.view.order_pack, scene.placement);
    let told = Papers { fit_until: placement.fit_until, trained_until: placement.trained_until };
    let papers = scene.view.roster.and_then(|roster| roster.papers).unwrap_or(told);
    let valid = |until: Option<NaiveDate>| until.is_some_and(|until| until >= scene.asked.occurred_on);
    let fit = !pack.fitness_required() || valid(papers.fit_until);
    let trained = !pack.training_required() || valid(papers.trained_until);
    holds(fit && trained, || {
        Refusal::guard(
            "G4",
            "PAPERS_OVER",
            "the person's papers are not valid on that day by the rules of the order's date",
        )
        .mend("choose somebody else, or wait until the person's papers are renewed")
        .with("on", scene.asked.occurred_on)
    })
}

fn rostered(scene: &Scene<'_>) -> Result<(), Refusal> {
    let (rostered, until) = match scene.view.roster {
        Some(roster) => (roster.rostered, roster.until),
        None => (true, scene.placement.rostered_until),
    };
    let valid = until.is_none_or(|until| until >= scene.asked.occurred_on);
    holds(rostered && valid, || {
        Refusal::guard("G4", "NOT_ELIGIBLE", "the person is not on the roster on that day")
            .mend("renew the roster entry")
            .with("on", scene.asked.occurred_on)
    })
}

/// Is the person not on the roster on that day?
pub(crate) fn off_roster(scene: &Scene<'_>) -> bool {
    rostered(scene).is_err()
}

fn heard(scene: &Scene<'_>) -> Result<(), Refusal> {
    check("G5", scene)?;
    let kind = &scene.row.case;
    // Where the row names no kind: nothing is decided against anybody upon their own complaint, or their health.
    let about = |case: &&Case| if kind.is_empty() { cases::is_published(&case.kind) } else { case.kind == *kind };
    let Some(case) = scene.placement.case.as_ref().filter(about).filter(|case| case.heard) else {
        let named = if kind.is_empty() { "case about it".to_owned() } else { format!("case {kind}") };
        let message = format!("this is decided after a hearing: no {named} was heard");
        return Err(Refusal::guard("G6", "NOT_HEARD", message).mend(format!("open a {named} and hear both sides")));
    };
    // Who was heard before so many attempts were asked for is sought once more.
    cases::contacted("G6", scene.placement, scene.view.pack, case.since)?;
    // A union acts on what another organisation heard; everybody else decides themselves. A hearing that the clock closed
    // was decided by nobody yet: an operator or authority closes it once more.
    let decider = if scene.party == Party::Union { case.heard_by } else { scene.actor.organisation_id };
    let nobody = scene.party == Party::Union && decider.0.is_nil();
    holds(decider != case.reporter && !nobody, || {
        Refusal::guard("G6", "OWN_REPORT", "nobody decides what their own organisation reported")
            .mend("let another organisation hear and decide it")
    })
}

fn departure(scene: &Scene<'_>) -> Result<(), Refusal> {
    let missing = scene.placement.tracks.before_departure(scene.view.pack);
    holds(missing.is_empty(), || tracks_open("G8", scene, ("departure", missing.as_slice())))?;
    // The clock opens the track after its last day; what was recorded late, or before the clock ran, is judged by its own day.
    let ends = scene.placement.fitness_ends().filter(|_| scene.view.pack.depart().contains(&Track::Fitness));
    holds(ends.is_none_or(|until| scene.asked.occurred_on <= until), || {
        Refusal::guard("G8", "FITNESS_OVER", "the fitness is not valid on the day of the departure")
            .mend("open the fitness again and clear it with a later last day, or give the day on which it happened")
            .with("on", scene.asked.occurred_on)
    })
}

fn tracks_done(guard: &str, scene: &Scene<'_>, wanted: &[Track]) -> Result<(), Refusal> {
    let missing = scene.placement.tracks.missing(wanted);
    holds(missing.is_empty(), || tracks_open(guard, scene, (scene.row.command.as_str(), missing.as_slice())))
}

/// Which tracks are open, who takes each on, and by when all are to be done, if a clock says so.
fn tracks_open(guard: &str, scene: &Scene<'_>, (what, missing): (&str, &[Track])) -> Refusal {
    let (placement, pack) = (scene.placement, scene.view.pack);
    let named = signers::named(missing, placement, pack).join(", ");
    let tracks: Vec<&str> = missing.iter().map(|track| track.as_str()).collect();
    let takers: Vec<String> = missing.iter().map(|track| signers::takers(*track, placement, pack).join("+")).collect();
    let refusal = Refusal::guard(guard, "TRACKS_OPEN", format!("{what} waits for {named}"))
        .mend(format!("finish {named}"))
        .with("tracks", tracks.join(" "))
        .with("tracks_by", takers.join(" "));
    match ["C-READY", "C-LAST"].into_iter().filter_map(|name| placement.clock(name)).map(|clock| clock.due_on).min() {
        Some(due) => refusal.with("due", due),
        None => refusal,
    }
}

/// The first of two people says `FIRST_OF_TWO` about this command; it lapses after as many working days as the pack says.
fn second_person(scene: &Scene<'_>) -> Result<(), Refusal> {
    let days = scene.view.pack.two_people_workdays();
    let records = scene.placement.records_since("FIRST_OF_TWO", scene.placement.stage_version());
    let first: Vec<&Record> = records
        .filter(|record| record.about == scene.row.command)
        .filter(|record| scene.asked.occurred_on <= scene.view.pack.workdays_after(record.on, days))
        .collect();
    holds(first.iter().any(|record| record.organisation_id != scene.actor.organisation_id), || {
        let message = format!("{} needs two people of two organisations", scene.row.command);
        let refusal = Refusal::guard("G10", "SECOND_PERSON", message)
            .mend(format!("another organisation records FIRST_OF_TWO with reason {}", scene.row.command))
            .with("working_days", days);
        // It stands alone: who asks now belongs to the same organisation.
        match first.last() {
            Some(record) => refusal.with("first", &record.role).with("first_on", record.on),
            None => refusal,
        }
    })
}

fn listed(scene: &Scene<'_>) -> Result<(), Refusal> {
    let max = scene.view.pack.list_max(scene.view.line.posted);
    holds(scene.placement.rank <= max, || {
        Refusal::guard("LIST", "NO_ROOM", format!("the list of this line holds at most {max} people")).with("most", max)
    })
}

/// Grounds of P6 beside the end of its clock.
pub(crate) const PLACED_ELSEWHERE: &str = "PLACED_ELSEWHERE";
pub(crate) const LINE_CLOSED: &str = "LINE_CLOSED";

/// A clock moves only when it is over; people need not wait for it.
fn due(scene: &Scene<'_>) -> Result<(), Refusal> {
    match scene.party {
        // P6 also follows from a seat taken elsewhere, and from the end of the order.
        Party::Clock if scene.asked.reason == PLACED_ELSEWHERE => Ok(()),
        Party::Clock if scene.asked.reason == LINE_CLOSED && scene.view.line.withdrawn => Ok(()),
        Party::Clock => {
            // Of several clocks of a row, the one that runs.
            let runs = scene.row.clocks.iter().find(|clock| scene.placement.clock(clock).is_some());
            over("DUE", scene, runs.or(scene.row.clocks.first()).map_or("", String::as_str))
        }
        _ => Ok(()),
    }
}

fn over(guard: &str, scene: &Scene<'_>, clock: &str) -> Result<(), Refusal> {
    let due_on = scene.placement.clock(clock).map(|clock| clock.due_on);
    holds(due_on.is_some_and(|due_on| due_on <= scene.asked.occurred_on), || {
        let until = due_on.map_or_else(|| "is not running".to_owned(), |due_on| format!("runs until {due_on}"));
        let refusal = Refusal::guard(guard, "TOO_EARLY", format!("{clock} {until}")).mend("wait until it is over");
        match due_on {
            Some(due_on) => refusal.with("clock", clock).with("until", due_on),
            None => refusal,
        }
    })
}

/// C-START itself stands while the case about it is open, so its end is counted again.
fn start_over(scene: &Scene<'_>) -> Result<(), Refusal> {
    let placement = scene.placement;
    let from = placement.arrived_on.map_or(placement.starts_on, |arrived_on| arrived_on.max(placement.starts_on));
    let over = scene.view.pack.workdays_after(from, scene.view.pack.number("clock.start.workdays", 5));
    holds(over <= scene.asked.occurred_on, || {
        Refusal::guard("START_OVER", "TOO_EARLY", format!("C-START runs until {over}"))
            .mend("wait until it is over")
            .with("clock", "C-START")
            .with("until", over)
    })
}

/// Ends the work so long before the planned end that it is early by the pack?
pub(crate) fn is_early(scene: &Scene<'_>) -> bool {
    scene.asked.occurred_on + Duration::days(scene.view.pack.early_days()) < scene.placement.ends_on
}

/// A code, or a digest with its name, such as `sha256:5f1e`; at most 100 characters.
pub(crate) fn is_proof(text: &str) -> bool {
    !text.is_empty() && text.len() <= 100 && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-:./".contains(c))
}

/// What a BCP 47 tag is made of: letters, digits and `-`, at most 35.
pub(crate) fn is_language(text: &str) -> bool {
    (1..=35).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// A stable code: `UPPER_SNAKE`, or a command's name; at most 40 characters.
pub(crate) fn is_code(text: &str) -> bool {
    !text.is_empty() && text.len() <= 40 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}
