//! Which clocks run after a step. A clock starts with the step that made its condition true, and stops with the one that
//! ends it; nothing here reads the time.

use chrono::{Days, Duration, NaiveDate};
use proto::clocks::{Kind, kind};

use crate::{
    cases::{contacted, is_published},
    guards::remedy,
    moves::{ClockRule, Table},
    pack::Pack,
    placement::{Case, Clock, Placement},
    signers::missing,
    tracks::{Status, Track},
};

/// The clocks of a placement after a step on a day. One that ran before and still may goes on as it was; one that fired
/// in vain may fire again, because the step may be what it waited for.
#[must_use]
pub fn after(table: &Table, placement: &Placement, pack: &Pack, on: NaiveDate) -> Vec<Clock> {
    let mut clocks: Vec<Clock> = Vec::new();
    for rule in table.clocks.iter().filter(|rule| runs(rule, placement, pack, on)) {
        // By the rule alone: what ran by it under an older name goes on.
        let before = placement.clocks.iter().find(|clock| clock.rule == rule.rule);
        clocks.push(match before {
            Some(clock) => Clock { name: rule.name.clone(), fires: !rule.fires.is_empty(), ..clock.clone() },
            None => match whole(rule).and_then(|name| clocks.iter().find(|clock| clock.name == name)) {
                Some(whole) => part_of(whole, rule, pack, on),
                None => start(rule, placement, pack, on),
            },
        });
        if let Some(last) = clocks.last_mut().filter(|clock| clock.name == "C-LAST") {
            // Nobody's preparation is closed while something can be done about a refusal; what it was put off for is over with it.
            let due_on = start(rule, placement, pack, last.started_on).due_on;
            last.due_on = remedy(placement, pack).map_or(due_on, |until| due_on.max(until));
        }
        // Of several who have to sign, the first who has not.
        let signer = rule.condition.starts_with("contract").then(|| missing(placement, pack).into_iter().next());
        if let (Some(signer), Some(clock)) = (signer.flatten(), clocks.last_mut()) {
            clock.waits_for = signer;
        }
    }
    clocks
}

fn start(rule: &ClockRule, placement: &Placement, pack: &Pack, on: NaiveDate) -> Clock {
    let days = pack.number(&rule.rule, rule.days).max(0);
    let anchor = match rule.from.as_str() {
        "starts_on" => placement.starts_on,
        "ends_on" => placement.ends_on,
        "fitness" => placement.fit_until.unwrap_or(on),
        "travel" => placement.travel_on.unwrap_or(on),
        "absent" => placement.absent_from.unwrap_or(on),
        "stay" => placement.stay_until.unwrap_or(on),
        "mission" => pack.selection_mission().unwrap_or(on),
        "case" => placement.case.as_ref().map_or(on, |case| case.opened_on),
        _ => on,
    };
    let due_on = match rule.from.as_str() {
        "before" => placement.starts_on - Duration::days(days),
        "stay" => (anchor - Duration::days(days)).max(on),
        "mission" => (anchor + Duration::days(days)).max(on),
        "case" | "absent" => pack.workdays_after(anchor, days).max(on),
        _ if rule.workdays => pack.workdays_after(anchor.max(on), days),
        _ => anchor.max(on) + Duration::days(days),
    };
    let due_on = if rule.name == LIST { list_end(placement, placement.rostered_until, due_on) } else { due_on };
    // What is counted from a planned day begins with it.
    let planned = ["starts_on", "ends_on", "travel"].contains(&&*rule.from);
    Clock {
        name: rule.name.clone(),
        rule: rule.rule.clone(),
        started_on: if planned { anchor.max(on) } else { on },
        due_on,
        waits_for: rule.waits_for.clone(),
        fires: !rule.fires.is_empty(),
    }
}

/// The clock of whose time an alarm has a part; its row stands before that of its alarm.
fn whole(rule: &ClockRule) -> Option<&'static str> {
    match kind(&rule.name) {
        Kind::Alarm(deadline) => Some(deadline),
        Kind::Deadline => None,
    }
}

/// An alarm when a part of another clock's time is over, in percent by the pack; half a day is none.
fn part_of(whole: &Clock, rule: &ClockRule, pack: &Pack, on: NaiveDate) -> Clock {
    let percent = pack.number(&rule.rule, rule.days).clamp(0, 100);
    let days = (whole.due_on - whole.started_on).num_days() * percent / 100;
    Clock {
        name: rule.name.clone(),
        rule: rule.rule.clone(),
        started_on: whole.started_on,
        due_on: (whole.started_on + Duration::days(days)).max(on),
        waits_for: rule.waits_for.clone(),
        fires: !rule.fires.is_empty(),
    }
}

/// The clock of who is listed.
pub const LIST: &str = "C-LIST";

/// Nobody stays listed beyond the roster or the work itself.
fn list_end(placement: &Placement, rostered_until: Option<NaiveDate>, due_on: NaiveDate) -> NaiveDate {
    let roster = rostered_until.map_or(due_on, |until| until + Days::new(1));
    due_on.min(roster).min(placement.ends_on)
}

/// When the list ends by the roster as it is known now, of a clock that runs.
#[must_use]
pub fn list_end_now(
    table: &Table,
    placement: &Placement,
    pack: &Pack,
    rostered_until: Option<NaiveDate>,
) -> Option<NaiveDate> {
    let clock = placement.clock(LIST)?;
    let rule = table.clocks.iter().find(|rule| rule.rule == clock.rule)?;
    let by_pack = clock.started_on + Duration::days(pack.number(&rule.rule, rule.days).max(0));
    Some(list_end(placement, rostered_until, by_pack))
}

fn runs(rule: &ClockRule, placement: &Placement, pack: &Pack, on: NaiveDate) -> bool {
    if !rule.runs_in.contains(&placement.stage) {
        return false;
    }
    let tracks = &placement.tracks;
    let case = placement.case.as_ref();
    // One that nobody else may know of stops no other clock: that would tell of it. What fires meanwhile is refused.
    let known = case.filter(|case| is_published(&case.kind));
    match rule.condition.as_str() {
        "" => true,
        "selection mission" => on_mission(placement, pack),
        "no selection mission" => !on_mission(placement, pack),
        "called late" => called_late(placement, pack),
        "not called late" => !called_late(placement, pack),
        "contract open" => !tracks.is_done(Track::Contract),
        // Where it is signed after arrival, departure does not wait for it.
        "contract first" => !tracks.is_done(Track::Contract) && pack.depart().contains(&Track::Contract),
        "authorisation open" => tracks.get(Track::Authorisation) == Status::Open,
        "visa applied" => tracks.get(Track::Visa) == Status::Applied,
        "not ready" => !tracks.before_departure(pack).is_empty(),
        "fitness expires" => fitness_expires(placement, on),
        "travel open" => !tracks.is_done(Track::Travel),
        "travel booked" => tracks.is_done(Track::Travel) && known.is_none(),
        "no case" => known.is_none(),
        "case not sought" => case.is_some() && placement.contact_attempts() == 0,
        "case not contacted" => {
            let short = |case: &Case| contacted("", placement, pack, case.since).is_err();
            placement.contact_attempts() > 0 && case.is_some_and(short)
        }
        "case not heard" => case.is_some_and(|case| !case.heard),
        "case heard" => case.is_some_and(|case| case.heard),
        "notice due" => placement.notice_due,
        "absent" => placement.absent_from.is_some() && known.is_none(),
        "review asked" => placement.review_asked_on.is_some(),
        "no review asked" => placement.review_asked_on.is_none(),
        "stay ends" => placement.stay_until.is_some(),
        _ => false,
    }
}

/// Is there a last day of the fitness that the person will not have departed by, as far as is booked? A day that was over before
/// the clock could start is that of an older fitness.
fn fitness_expires(placement: &Placement, on: NaiveDate) -> bool {
    let Some(until) = placement.fitness_ends() else { return false };
    let leaves = placement.travel_on.filter(|_| placement.tracks.is_done(Track::Travel));
    let runs = placement.clock("C-FITNESS").is_some();
    leaves.is_none_or(|day| day > until) && (runs || until >= on)
}

/// Was the person proposed by the last day of the pack's selection mission? Whoever comes later has the ordinary time.
fn on_mission(placement: &Placement, pack: &Pack) -> bool {
    pack.selection_mission().is_some_and(|last| placement.stage_since().is_none_or(|since| since <= last))
}

/// Called from the list so shortly before the planned departure that a quick answer is asked for?
fn called_late(placement: &Placement, pack: &Pack) -> bool {
    let within = pack.number("clock.answer_late.within_days", 30);
    let called = placement.steps.iter().rfind(|step| step.command == "CallReserve");
    called.is_some_and(|step| (placement.starts_on - step.on).num_days() < within)
}

/// The names of the conditions above, for the test that reads the table.
#[cfg(test)]
pub const CONDITIONS: [&str; 23] = [
    "",
    "selection mission",
    "no selection mission",
    "called late",
    "not called late",
    "contract open",
    "contract first",
    "authorisation open",
    "visa applied",
    "not ready",
    "fitness expires",
    "travel open",
    "travel booked",
    "no case",
    "case not sought",
    "case not contacted",
    "case not heard",
    "case heard",
    "notice due",
    "absent",
    "stay ends",
    "review asked",
    "no review asked",
];

#[cfg(test)]
mod tests {
    use proto::placement::Stage;

    use super::*;
    use crate::moves::TABLE;

    /// It says to the console when somebody leaves.
    #[test]
    fn a_clock_of_a_planned_day_begins_with_that_day() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let mut placement =
            Placement { stage: Stage::Accepted, travel_on: Some(day("2026-02-28")), ..Placement::empty() };
        placement.tracks.set(Track::Travel, Status::Done);
        // Booked long before, or put on record after the day.
        for (on, began) in [("2026-02-03", "2026-02-28"), ("2026-03-05", "2026-03-05")] {
            let clocks = after(&TABLE, &placement, &Pack::default(), day(on));
            let clock = clocks.iter().find(|clock| clock.name == "C-DEPART").unwrap();
            assert_eq!((clock.started_on, clock.due_on), (day(began), day(began) + Days::new(1)));
        }
    }

    #[test]
    fn a_contract_is_waited_for_where_the_pack_has_it_signed() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let pack = |depart: &str| {
            let rules = [("tracks.depart", depart), ("clock.sign.days", "8")];
            let rules = rules.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
            Pack { rules, ..Pack::default() }
        };
        let due = |stage, pack: &Pack| {
            let placement = Placement { stage, ..Placement::empty() };
            let clocks = after(&TABLE, &placement, pack, day("2026-04-01"));
            clocks.into_iter().find(|clock| clock.name == "C-SIGN").map(|clock| clock.due_on)
        };
        let (before, after_arrival) = (pack("contract visa travel"), pack("visa travel"));
        assert_eq!(due(Stage::Accepted, &before), Some(day("2026-04-09")));
        assert_eq!(due(Stage::Accepted, &after_arrival), None, "nothing is late before they are there");
        assert_eq!(due(Stage::Arrived, &after_arrival), Some(day("2026-04-09")));
    }
}
