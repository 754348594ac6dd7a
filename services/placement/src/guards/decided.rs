//! What a decision against a person rests on: a law that allows it, a remedy that is over, an appeal that was told of, other
//! people than those who decided before.

use chrono::{Duration, NaiveDate};

use super::{Scene, holds, over};
use crate::{
    decide::Refusal,
    moves::Party,
    pack::Pack,
    placement::Placement,
    tracks::{Status, Track},
};

/// E8: the rule of the pack that the decision names, and no longer than it allows.
pub(super) fn bar(scene: &Scene<'_>) -> Result<(), Refusal> {
    let (pack, asked) = (scene.view.pack, scene.asked);
    let bars = pack.bars();
    let Some(rule) = bars.iter().find(|rule| rule.name == asked.rule_id) else {
        let message = format!("{} has no rule {:?} that lets re-entry be barred", pack.name(), asked.rule_id);
        let names: Vec<&str> = bars.iter().map(|rule| rule.name).collect();
        let mend = match names.as_slice() {
            [] => "no bar is possible here until a pack names the law for it in reentry.bars".to_owned(),
            names => format!("send as rule_id one of {}", names.join(", ")),
        };
        return Err(Refusal::guard("BAR", "NO_BAR_RULE", message).mend(mend));
    };
    let last = asked.occurred_on + Duration::days(rule.days);
    let until = asked.date.unwrap_or(last);
    holds(until > asked.occurred_on, || {
        Refusal::guard("BAR", "BAR_OVER", "the bar is over before it begins").mend("send a later date: its last day")
    })?;
    holds(until <= last, || {
        let message = format!("{} bars for at most {} days ({}), not until {until}", rule.name, rule.days, rule.law);
        Refusal::guard("BAR", "BAR_TOO_LONG", message)
            .mend(format!("send a date no later than {last}"))
            .with("last", last)
    })
}

/// E6: the time for a review is over and nobody asked for one, or one was refused; and nobody is barred for longer than the
/// pack says.
pub(super) fn review_over(scene: &Scene<'_>) -> Result<(), Refusal> {
    const GUARD: &str = "REVIEW_OVER";
    let (placement, asked) = (scene.placement, scene.asked);
    let refused = scene.party != Party::Clock && !asked.evidence.is_empty();
    match placement.review_asked_on {
        None => over(GUARD, scene, "C-REVIEW")?,
        Some(on) => holds(refused, || {
            let message = format!("a review was asked for on {on}: closing needs the code of its refusal");
            Refusal::guard(GUARD, "REVIEW", message)
                .mend("let an authority answer it, and send the answer's code as evidence")
        })?,
    }
    let days = scene.view.pack.bar_days();
    let last = asked.occurred_on + Duration::days(days);
    let until = asked.date.unwrap_or(last);
    holds(until <= last, || {
        let message = format!("re-entry is barred for at most {days} days, not until {until}");
        Refusal::guard(GUARD, "BAR_TOO_LONG", message)
            .mend(format!("send a date no later than {last}"))
            .with("last", last)
    })?;
    holds(until > asked.occurred_on || asked.date.is_none(), || {
        Refusal::guard(GUARD, "BAR_OVER", "the bar is over before it begins").mend("send a later date: its last day")
    })
}

/// A7 and E4: nobody loses the work, or the way back to it, without having been told how to appeal.
pub(super) fn appeal(scene: &Scene<'_>) -> Result<(), Refusal> {
    const GUARD: &str = "APPEAL";
    let mend = "tell the worker how to appeal, and send as appeal_told_on the day on which that was done";
    let Some(told) = scene.asked.appeal_told_on else {
        let message = "nothing says that the worker was told how to appeal";
        return Err(Refusal::guard(GUARD, "APPEAL_NOT_TOLD", message).mend(mend));
    };
    holds(told <= scene.asked.occurred_on, || {
        let message = format!("the worker is told of the appeal on {told}, after the decision");
        Refusal::guard(GUARD, "APPEAL_NOT_TOLD", message).mend(mend)
    })?;
    let opened = scene.placement.case.as_ref().map(|case| case.opened_on);
    holds(opened.is_none_or(|opened| opened <= told), || {
        let message = format!("the worker was told of an appeal on {told}, before there was a case");
        Refusal::guard(GUARD, "APPEAL_NOT_TOLD", message).mend(mend)
    })
}

/// E5 and E6: neither who decided nor who stood for it as the first of two.
pub(super) fn others(scene: &Scene<'_>) -> Result<(), Refusal> {
    let (placement, actor) = (scene.placement, scene.actor);
    if scene.party == Party::Clock {
        return Ok(());
    }
    let firsts = placement.records_since("FIRST_OF_TWO", 0).filter(|record| record.about == "DecideNonReturn");
    // Of a record that was kept before it said who made it, the organisation is known.
    let mut firsts = firsts.map(|record| match record.subject.as_str() {
        "" => record.organisation_id == actor.organisation_id,
        subject => subject == actor.subject,
    });
    let same = placement.decided_by.as_deref() == Some(&*actor.subject) || firsts.any(|same| same);
    holds(!same, || {
        Refusal::guard("OTHERS", "SAME_PERSON", "whoever decided cannot review the decision")
            .mend("let somebody review it who was neither the first nor the second of those who decided")
    })
}

/// P15: a person who is not fit; an answer of an authority that was no, once nothing can be done about it any more; or a last
/// start day that has passed. The clock comes with the last of these alone.
pub(super) fn not_ready(scene: &Scene<'_>) -> Result<(), Refusal> {
    const GUARD: &str = "NOT_READY";
    let (placement, pack, on) = (scene.placement, scene.view.pack, scene.asked.occurred_on);
    let clock = scene.party == Party::Clock;
    if clock && placement.case.is_some() {
        let message = "a case is open: it is heard before the clock closes anything";
        return Err(Refusal::guard(GUARD, "CASE_OPEN", message).mend("hear it and decide it, or dismiss it"));
    }
    if placement.tracks.get(Track::Fitness) == Status::Refused && !clock {
        return Ok(());
    }
    let remedy = remedy(placement, pack);
    if let Some(until) = remedy {
        holds(until <= on, || {
            let message = format!("an authority refused, and the time for a remedy runs until {until}");
            Refusal::guard(GUARD, "REMEDY_OPEN", message)
                .mend("apply again, or wait until that time is over")
                .with("until", until)
        })?;
    }
    let last = placement.clock("C-LAST").map(|clock| clock.due_on);
    let refused = !clock && placement.tracks.any_refused();
    holds(refused || last.is_some_and(|last| last <= on), || {
        let message = match last {
            Some(last) if clock => format!("the last start day is {last}"),
            Some(last) => format!("nothing stands refused, and the last start day is {last}"),
            None => "nothing that departure waits for is open".to_owned(),
        };
        let refusal =
            Refusal::guard(GUARD, "STILL_TIME", message).mend("finish the tracks, or wait for the last start day");
        match last {
            Some(last) => refusal.with("until", last),
            None => refusal,
        }
    })
}

/// The day on which the time for a remedy against an authority's refusal is over, while one stands; of two the later one.
pub(crate) fn remedy(placement: &Placement, pack: &Pack) -> Option<NaiveDate> {
    let refusals = [(Track::Visa, "RefuseVisa"), (Track::Authorisation, "RefuseAuthorisation")];
    let stand = refusals.into_iter().filter(|(track, _)| placement.tracks.get(*track) == Status::Refused);
    let day = |(_, command): (Track, &str)| placement.steps.iter().rfind(|step| step.command == command);
    stand.filter_map(day).map(|step| step.on + Duration::days(pack.remedy_days())).max()
}
