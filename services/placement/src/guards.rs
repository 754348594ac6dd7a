//! The guards by name. Each says what failed and what would mend it.

use chrono::{Duration, NaiveDate};
use proto::placement::{LineState, Stage};

use crate::{
    clocks::workdays_after,
    decide::{Actor, Kind, Move, Refusal, View},
    ledger,
    moves::{Party, Row, TABLE},
    offer,
    placement::{Placement, RECORDS_MAX},
    tracks::Track,
};

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
const CARRIED: [&str; 6] = ["GROUND", "COMPENSATION", "EARLY", "REVIEW_OVER", "CASE_KIND", "RECORD_KIND"];

/// Every guard that the table may name.
pub const NAMES: [&str; 33] = [
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
        "G7" | "G9" => Ok(()), // G7: the row's needs and the witness; G9: no trial can run yet.
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
        "GROUND" => ground(scene),
        "CONTACTED" => {
            holds(placement.records_since("CONTACT_ATTEMPT", placement.stage_version()).next().is_some(), || {
                Refusal::guard(name, "NOT_CONTACTED", "no attempt to contact the person is on record")
                    .mend("record a CONTACT_ATTEMPT")
            })
        }
        "COMPENSATION" => {
            let signed = placement.tracks.is_done(Track::Contract);
            holds(!signed || !asked.evidence.is_empty(), || {
                Refusal::guard(name, "COMPENSATION", "the contract is signed: retracting needs a compensation code")
                    .mend("send the compensation's code as evidence")
            })
        }
        "NOT_READY" => not_ready(scene),
        "NO_CASE" => holds(placement.case.is_none(), || {
            Refusal::guard(name, "CASE_OPEN", "a case is open").mend("hear it and decide it, or dismiss it")
        }),
        "CASE" => holds(placement.case.is_some(), || Refusal::guard(name, "NO_CASE", "no case is open")),
        "STARTABLE" => tracks_done(name, scene, &scene.view.pack.start_work()),
        "START_OVER" => start_over(scene),
        "EARLY" => holds(!is_early(scene) || !asked.evidence.is_empty(), || {
            Refusal::guard(name, "EARLY", "the work ends more than 30 days early: a transfer has to be offered first")
                .mend("offer a transfer and send the offer's code as evidence")
        }),
        "END_OVER" if scene.party == Party::Operator => over(name, scene, "C-END"),
        "REVIEW_OVER" => match scene.party {
            Party::Clock => due(scene),
            _ => holds(!asked.evidence.is_empty(), || {
                Refusal::guard(name, "REVIEW", "closing before its time needs the code of the refused review")
            }),
        },
        "OTHERS" => holds(placement.decided_by.as_deref() != Some(&scene.actor.subject), || {
            Refusal::guard(name, "SAME_PERSON", "whoever decided cannot review the decision")
        }),
        "ONCE" => holds(!placement.steps.iter().any(|step| step.command == scene.row.command), || {
            Refusal::guard(name, "ONCE", "this was done before")
        }),
        "CASE_KIND" => case_kind(scene),
        "HEARING" => hearing(scene),
        "RECORD_KIND" => record_kind(scene),
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
            .mend(format!("it is possible while it is {}", from.join(" or "))));
    }
    match scene.row.guards.iter().any(|guard| guard == "WAITS") {
        true => tracks_done("WAITS", scene, &scene.view.pack.waits(*track)),
        false => Ok(()),
    }
}

fn holds(is: bool, refusal: impl FnOnce() -> Refusal) -> Result<(), Refusal> {
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
        return Err(
            Refusal::guard("G3", "PERSON_TAKEN", message).mend("end the other placement first, or choose other dates")
        );
    }
    let mut all = scene.view.periods.to_vec();
    all.push((from, line.ends_on.max(from)));
    let max = scene.view.pack.stay_days_max();
    holds(longest_stay(&all) <= max.max((line.ends_on - line.starts_on).num_days()), || {
        Refusal::guard("G3", "STAY_TOO_LONG", format!("more than {max} days abroad within twelve months"))
    })
}

/// Most days within any twelve months that end with one of the stays.
fn longest_stay(stays: &[(NaiveDate, NaiveDate)]) -> i64 {
    let within = |end: NaiveDate| {
        let start = end - Duration::days(365);
        stays.iter().map(|(from, until)| (*until.min(&end) - *from.max(&start)).num_days().max(0)).sum()
    };
    stays.iter().map(|(_, end)| within(*end)).max().unwrap_or(0)
}

fn eligible(scene: &Scene<'_>) -> Result<(), Refusal> {
    let (rostered, until) = match scene.view.roster {
        Some(roster) => (roster.rostered, roster.until),
        None => (true, scene.placement.rostered_until),
    };
    let valid = until.is_none_or(|until| until >= scene.asked.occurred_on);
    holds(rostered && valid, || {
        Refusal::guard("G4", "NOT_ELIGIBLE", "the person is not on the roster on that day")
            .mend("renew the roster entry")
    })
}

fn heard(scene: &Scene<'_>) -> Result<(), Refusal> {
    check("G5", scene)?;
    let kind = &scene.row.case;
    let case = scene.placement.case.as_ref().filter(|case| kind.is_empty() || case.kind == *kind);
    let Some(case) = case.filter(|case| case.heard) else {
        let message = format!("this is decided after a hearing: no case {kind} was heard");
        return Err(Refusal::guard("G6", "NOT_HEARD", message).mend(format!("open a case {kind} and hear both sides")));
    };
    // A union acts on what another organisation heard; everybody else decides themselves. A hearing that the clock closed
    // was decided by nobody yet: an operator or authority closes it once more.
    let decider = if scene.party == Party::Union { case.heard_by } else { scene.actor.organisation_id };
    let nobody = scene.party == Party::Union && decider.is_nil();
    holds(decider != case.reporter && !nobody, || {
        Refusal::guard("G6", "OWN_REPORT", "nobody decides what their own organisation reported")
            .mend("let another organisation hear and decide it")
    })
}

fn departure(scene: &Scene<'_>) -> Result<(), Refusal> {
    let missing = scene.placement.tracks.before_departure(scene.view.pack);
    holds(missing.is_empty(), || {
        let missing = missing.join(", ");
        Refusal::guard("G8", "TRACKS_OPEN", format!("departure waits for {missing}")).mend(format!("finish {missing}"))
    })
}

fn tracks_done(guard: &str, scene: &Scene<'_>, wanted: &[Track]) -> Result<(), Refusal> {
    let missing = scene.placement.tracks.missing(wanted).join(", ");
    holds(missing.is_empty(), || {
        Refusal::guard(guard, "TRACKS_OPEN", format!("{} waits for {missing}", scene.row.command))
            .mend(format!("finish {missing}"))
    })
}

/// The first of two people says `FIRST_OF_TWO` about this command; it lapses after five working days.
fn second_person(scene: &Scene<'_>) -> Result<(), Refusal> {
    let mut first = scene.placement.records_since("FIRST_OF_TWO", scene.placement.stage_version());
    let fits = first.any(|record| {
        record.about == scene.row.command
            && record.organisation_id != scene.actor.organisation_id
            && scene.asked.occurred_on <= workdays_after(record.on, 5)
    });
    holds(fits, || {
        Refusal::guard("G10", "SECOND_PERSON", format!("{} needs two people of two organisations", scene.row.command))
            .mend(format!("another organisation records FIRST_OF_TWO with reason {}", scene.row.command))
    })
}

fn listed(scene: &Scene<'_>) -> Result<(), Refusal> {
    let max = scene.view.pack.list_max(scene.view.line.posted);
    holds(scene.placement.rank <= max, || {
        Refusal::guard("LIST", "NO_ROOM", format!("the list of this line holds at most {max} people"))
    })
}

/// A clock moves only when it is over; people need not wait for it.
fn due(scene: &Scene<'_>) -> Result<(), Refusal> {
    match scene.party {
        // P6 also follows from a seat taken elsewhere.
        Party::Clock if scene.asked.reason == "PLACED_ELSEWHERE" => Ok(()),
        Party::Clock => over("DUE", scene, &scene.row.clock),
        _ => Ok(()),
    }
}

fn over(guard: &str, scene: &Scene<'_>, clock: &str) -> Result<(), Refusal> {
    let due_on = scene.placement.clock(clock).map(|clock| clock.due_on);
    holds(due_on.is_some_and(|due_on| due_on <= scene.asked.occurred_on), || {
        let until = due_on.map_or_else(|| "is not running".to_owned(), |due_on| format!("runs until {due_on}"));
        Refusal::guard(guard, "TOO_EARLY", format!("{clock} {until}")).mend("wait until it is over")
    })
}

/// C-START itself stands while the case about it is open, so its end is counted again.
fn start_over(scene: &Scene<'_>) -> Result<(), Refusal> {
    let placement = scene.placement;
    let from = placement.arrived_on.map_or(placement.starts_on, |arrived_on| arrived_on.max(placement.starts_on));
    let over = workdays_after(from, scene.view.pack.number("clock.start.workdays", 5));
    holds(over <= scene.asked.occurred_on, || {
        Refusal::guard("START_OVER", "TOO_EARLY", format!("C-START runs until {over}")).mend("wait until it is over")
    })
}

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

fn ground(scene: &Scene<'_>) -> Result<(), Refusal> {
    let reason = scene.asked.reason.as_str();
    holds(!PROTECTED.contains(&reason), || {
        Refusal::guard(
            "GROUND",
            "PROTECTED_GROUND",
            format!("{reason} is a protected ground: nobody is rejected for it"),
        )
    })
}

fn not_ready(scene: &Scene<'_>) -> Result<(), Refusal> {
    let refused = scene.placement.tracks.any_refused() && scene.party != Party::Clock;
    let last = scene.placement.clock("C-LAST").map(|clock| clock.due_on);
    let over = last.is_some_and(|last| last <= scene.asked.occurred_on);
    let heard_first = scene.party != Party::Clock || scene.placement.case.is_none();
    holds((refused || over) && heard_first, || {
        Refusal::guard("NOT_READY", "STILL_TIME", "nothing was refused, and the last start day is not over")
            .mend("finish the tracks, or wait for the last start day")
    })
}

/// Ends the work more than 30 days before the planned end?
pub(crate) fn is_early(scene: &Scene<'_>) -> bool {
    scene.asked.occurred_on + Duration::days(30) < scene.placement.ends_on
}

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

fn case_kind(scene: &Scene<'_>) -> Result<(), Refusal> {
    holds(CASE_KINDS.contains(&scene.asked.kind.as_str()), || {
        Refusal::of(Kind::Input, "CASE_KIND", format!("{:?} is no kind of case", scene.asked.kind))
            .mend(format!("one of {}", CASE_KINDS.join(", ")))
    })
}

/// A hearing closes when the person was sought and both sides spoke, or had their time. Silence is noted, never read as
/// guilt.
fn hearing(scene: &Scene<'_>) -> Result<(), Refusal> {
    check("CASE", scene)?;
    let Some(case) = scene.placement.case.as_ref() else { return Ok(()) };
    let over =
        case.heard || scene.placement.clock("C-HEARING").is_some_and(|clock| clock.due_on <= scene.asked.occurred_on);
    let said = |roles: &[&str]| {
        scene.placement.records_since("STATEMENT", case.since).any(|record| roles.contains(&record.role.as_str()))
    };
    let both = said(&["worker", "ministry"]) && said(&["union", "operator"]);
    let open = !case.heard || (case.heard_by.is_nil() && scene.party != Party::Clock);
    holds(open, || Refusal::guard("HEARING", "ALREADY_HEARD", "the case is heard"))?;
    holds(scene.placement.contact_attempts() > 0, || {
        Refusal::guard("HEARING", "NOT_CONTACTED", "no attempt to contact the person is on record")
            .mend("record a CONTACT_ATTEMPT")
    })?;
    holds(both || over, || {
        Refusal::guard("HEARING", "NOT_BOTH_SIDES", "one side has not spoken and still has time")
            .mend("record both STATEMENTs, or wait for C-HEARING")
    })
}

fn record_kind(scene: &Scene<'_>) -> Result<(), Refusal> {
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
    holds(scene.placement.records.len() < RECORDS_MAX, || {
        Refusal::guard("RECORD_KIND", "TOO_MANY_RECORDS", format!("a placement gathers at most {RECORDS_MAX} records"))
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

/// A stable code: `UPPER_SNAKE`, or a command's name; at most 40 characters.
pub(crate) fn is_code(text: &str) -> bool {
    !text.is_empty() && text.len() <= 40 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}
