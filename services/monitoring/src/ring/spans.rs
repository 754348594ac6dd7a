//! How long clocks ran that have ended, told from a placement's own steps: whatever order events come in, the newest
//! state tells the same.
//!
//! Told with a bound: C-READY ends with the last fact of a track that the person was accepted with, however often one was
//! undone before.
//! Not told: C-NAMES, C-DEPART, C-CONTACT and C-NOTICE, whose beginning or end is in no step, and C-LIST, C-LAST.

use chrono::NaiveDate;
use proto::placement::{Placement, Stage, Step, Track};

/// A clock that ended, and after how many days.
pub(crate) type Span = (&'static str, i64);

/// A clock that begins with one fact and ends with another: its name, the fact that begins it, those that end it.
type Between = (&'static str, &'static str, &'static [&'static str]);

const BETWEEN: [Between; 4] = [
    ("C-VISA", "VisaApplied", &["VisaGranted", "VisaRefused"]),
    ("C-AUTHORISE", "AuthorisationReopened", &["WorkAuthorised", "AuthorisationRefused"]),
    ("C-HEARING", "CaseOpened", &["CaseHeard"]),
    ("C-DECIDE", "CaseHeard", &["CaseDismissed"]),
];
/// Clocks that begin with a stage and end with a fact within it.
const WITHIN: [(&str, Stage, &[&str]); 3] = [
    ("C-SIGN", Stage::Accepted, &["ContractSigned"]),
    ("C-SIGN", Stage::Arrived, &["ContractSigned"]),
    ("C-AUTHORISE", Stage::Accepted, &["WorkAuthorised", "AuthorisationRefused"]),
];

/// Facts of tracks that preparation waits for.
const READY: [&str; 7] = [
    "ContractSigned",
    "WorkAuthorised",
    "VisaGranted",
    "MedicalCleared",
    "TrainingCompleted",
    "OrientationCompleted",
    "TravelBooked",
];
/// Clocks of preparation that end with it, if nothing ended them before.
const UNTIL_CANCELLED: [&str; 2] = ["C-VISA", "C-AUTHORISE"];

/// The clock that runs for as long as a stage lasts.
fn of_stage(stage: Stage) -> Option<&'static str> {
    Some(match stage {
        Stage::Proposed => "C-SELECT",
        Stage::Selected => "C-OFFER",
        Stage::Offered => "C-ANSWER",
        Stage::Departed => "C-ARRIVAL",
        Stage::Arrived => "C-START",
        Stage::WorkEnded | Stage::ReturnTravel => "C-RETURN",
        Stage::Unverified => "C-UNVERIFIED",
        Stage::NonReturn => "C-REVIEW",
        Stage::ReturnedVerified => "C-REENTRY",
        _ => return None,
    })
}

/// The clocks of this placement that have ended, in the order in which they did.
pub(crate) fn spans(placement: &Placement) -> Vec<Span> {
    // An authorisation that came with the order is done, and no step says so.
    let authorised = placement.tracks_done().any(|track| track == Track::Authorisation)
        && !placement.steps.iter().any(|step| step.event == "WorkAuthorised");
    let mut told = Told {
        spans: Vec::new(),
        stage: Stage::Unspecified,
        began: None,
        since: None,
        open: Vec::new(),
        authorised,
        prepared: Prepared::default(),
    };
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    let (starts_on, ends_on) = (day(&placement.starts_on), day(&placement.ends_on));
    for step in &placement.steps {
        if let Some(on) = day(&step.occurred_on) {
            told.step(step, on, (starts_on, ends_on));
        }
    }
    told.spans
}

/// What the steps so far have told.
struct Told {
    spans: Vec<Span>,
    stage: Stage,
    /// The day on which the stage began.
    began: Option<NaiveDate>,
    /// The day on which its clock did: work may be due later than the arrival.
    since: Option<NaiveDate>,
    /// Clocks between two facts that run, each with the day it began.
    open: Vec<(&'static str, NaiveDate)>,
    /// The authorisation came with the order.
    authorised: bool,
    prepared: Prepared,
}

/// How far a preparation that is under way has come.
#[derive(Default)]
struct Prepared {
    /// The day of the last fact of a track.
    last: Option<NaiveDate>,
    /// Travel waits for all other tracks.
    booked: bool,
    /// The authority has said yes or no.
    decided: bool,
}

impl Told {
    fn step(&mut self, step: &Step, on: NaiveDate, (starts_on, ends_on): (Option<NaiveDate>, Option<NaiveDate>)) {
        let event = step.event.as_str();
        self.within(event, on);
        self.prepare(event, on);
        for (clock, _, _) in BETWEEN.iter().filter(|(_, _, ends)| ends.contains(&event)) {
            self.close(clock, on);
        }
        for (clock, _, _) in BETWEEN.iter().filter(|(_, begins, _)| *begins == event) {
            self.open.retain(|(open, _)| open != clock);
            self.open.push((clock, on));
        }
        if step.stage() == self.stage {
            return;
        }
        // A move of stage is the decision of a case that was heard.
        self.close("C-DECIDE", on);
        self.leave(step.stage(), on, ends_on);
        self.open.clear();
        (self.stage, self.began, self.prepared) = (step.stage(), Some(on), Prepared::default());
        if self.stage == Stage::Arrived {
            self.since = Some(starts_on.map_or(on, |starts_on| starts_on.max(on)));
        }
    }

    fn prepare(&mut self, event: &str, on: NaiveDate) {
        if self.stage != Stage::Accepted {
            return;
        }
        match event {
            "TravelBooked" => self.prepared.booked = true,
            "TravelUnbooked" => self.prepared.booked = false,
            "WorkAuthorised" | "AuthorisationRefused" => self.prepared.decided = true,
            _ => {}
        }
        if READY.contains(&event) {
            self.prepared.last = Some(on);
        }
    }

    /// Ends the clocks of a preparation: departure says that all tracks were done, and who leaves otherwise leaves what was
    /// not done behind.
    fn end_preparation(&mut self, next: Stage, (since, on): (NaiveDate, NaiveDate)) {
        if next != Stage::Departed {
            if !self.prepared.decided && !self.authorised {
                self.spans.push(("C-AUTHORISE", days(since, on)));
            }
            UNTIL_CANCELLED.iter().for_each(|clock| self.close(clock, on));
        }
        let ready = next == Stage::Departed || self.prepared.booked;
        // Departed without a fact of a track: there was nothing to wait for.
        let until = if ready { self.prepared.last } else { Some(on) };
        if let Some(until) = until {
            self.spans.push(("C-READY", days(since, until)));
        }
    }

    /// Ends a clock that began with the stage. The same fact ends it once.
    fn within(&mut self, event: &str, on: NaiveDate) {
        let Some(began) = self.began else { return };
        for (clock, stage, ends) in WITHIN {
            // What was asked for again runs from then.
            let again = self.open.iter().any(|(open, _)| *open == clock);
            if stage == self.stage && ends.contains(&event) && !again {
                self.spans.push((clock, days(began, on)));
            }
        }
    }

    fn close(&mut self, clock: &str, on: NaiveDate) {
        if let Some(at) = self.open.iter().position(|(open, _)| *open == clock) {
            let (clock, since) = self.open.remove(at);
            self.spans.push((clock, days(since, on)));
        }
    }

    /// Ends the clock of the stage that is left, unless the next stage goes on with it.
    fn leave(&mut self, next: Stage, on: NaiveDate, ends_on: Option<NaiveDate>) {
        let begins = self.since.replace(on);
        let Some(since) = begins else { return };
        match (self.stage, ends_on) {
            (Stage::WorkEnded, _) if next == Stage::ReturnTravel => self.since = Some(since),
            (Stage::Accepted, _) => self.end_preparation(next, (since, on)),
            (Stage::Working, Some(ends_on)) if on >= ends_on => self.spans.push(("C-END", days(ends_on, on))),
            (stage, _) => {
                if let Some(clock) = of_stage(stage) {
                    self.spans.push((clock, days(since, on)));
                }
            }
        }
    }
}

fn days(from: NaiveDate, until: NaiveDate) -> i64 {
    (until - from).num_days().max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(stage: Stage, event: &str, day: u32) -> Step {
        Step {
            stage: stage.into(),
            event: event.to_owned(),
            occurred_on: format!("2026-03-{day:02}"),
            ..Step::default()
        }
    }

    fn placement(steps: Vec<Step>) -> Placement {
        let (starts_on, ends_on) = ("2026-03-20".to_owned(), "2026-03-25".to_owned());
        Placement { steps, starts_on, ends_on, ..Placement::default() }
    }

    #[test]
    fn a_way_tells_how_long_each_clock_ran() {
        let way = placement(vec![
            step(Stage::Proposed, "CandidateProposed", 1),
            step(Stage::Selected, "CandidateSelected", 3),
            step(Stage::Offered, "OfferMade", 4),
            step(Stage::Accepted, "OfferAccepted", 6),
            step(Stage::Accepted, "ContractSigned", 7),
            step(Stage::Accepted, "WorkAuthorised", 9),
            step(Stage::Accepted, "VisaApplied", 10),
            step(Stage::Accepted, "VisaGranted", 14),
            step(Stage::Departed, "DepartureRecorded", 16),
            step(Stage::Arrived, "ArrivalConfirmed", 17),
            step(Stage::Working, "WorkStarted", 21),
            step(Stage::WorkEnded, "WorkCompleted", 27),
            step(Stage::ReturnTravel, "ReturnTravelStarted", 28),
            step(Stage::ReturnedVerified, "ReturnVerified", 31),
        ]);
        let told = [
            ("C-SELECT", 2),
            ("C-OFFER", 1),
            ("C-ANSWER", 2),
            ("C-SIGN", 1),
            ("C-AUTHORISE", 3),
            ("C-VISA", 4),
            ("C-READY", 8),
            ("C-ARRIVAL", 1),
            ("C-START", 1),
            ("C-END", 2),
            ("C-RETURN", 4),
        ];
        assert_eq!(spans(&way), told);
    }

    #[test]
    fn what_still_runs_is_not_told_and_what_was_asked_again_is_told_twice() {
        let way = placement(vec![
            step(Stage::Accepted, "OfferAccepted", 1),
            step(Stage::Accepted, "AuthorisationRefused", 5),
            step(Stage::Accepted, "AuthorisationReopened", 8),
            step(Stage::Accepted, "WorkAuthorised", 10),
            step(Stage::Accepted, "VisaApplied", 11),
        ]);
        assert_eq!(spans(&way), [("C-AUTHORISE", 4), ("C-AUTHORISE", 2)]);
    }

    #[test]
    fn a_cancelled_preparation_ends_the_clocks_that_ran() {
        let cancelled = |steps: &[(&str, u32)], done: &[Track]| {
            let accepted = steps.iter().map(|(event, day)| step(Stage::Accepted, event, *day));
            let mut way = placement(accepted.chain([step(Stage::Cancelled, "PreparationClosed", 20)]).collect());
            way.tracks_done = done.iter().map(|track| (*track).into()).collect();
            spans(&way)
        };
        let accepted = ("OfferAccepted", 1);
        assert_eq!(cancelled(&[accepted], &[]), [("C-AUTHORISE", 19), ("C-READY", 19)]);
        assert_eq!(cancelled(&[accepted], &[Track::Authorisation]), [("C-READY", 19)], "it came with the order");
        let visa = [accepted, ("WorkAuthorised", 5), ("VisaApplied", 8)];
        let told = [("C-AUTHORISE", 4), ("C-VISA", 12), ("C-READY", 19)];
        assert_eq!(cancelled(&visa, &[Track::Authorisation]), told);
        let again = [accepted, ("AuthorisationRefused", 5), ("AuthorisationReopened", 8)];
        assert_eq!(cancelled(&again, &[]), [("C-AUTHORISE", 4), ("C-AUTHORISE", 12), ("C-READY", 19)]);
        let ready = [accepted, ("WorkAuthorised", 5), ("TravelBooked", 9)];
        let told = [("C-AUTHORISE", 4), ("C-READY", 8)];
        assert_eq!(cancelled(&ready, &[Track::Authorisation, Track::Travel]), told, "ready, and did not go");
    }

    #[test]
    fn a_case_is_decided_by_a_move_of_stage_or_dismissed() {
        let mut steps = vec![
            step(Stage::Departed, "DepartureRecorded", 1),
            step(Stage::Departed, "CaseOpened", 4),
            step(Stage::Departed, "CaseHeard", 9),
            step(Stage::WorkEnded, "NotArrivedDecided", 12),
        ];
        assert_eq!(spans(&placement(steps.clone())), [("C-HEARING", 5), ("C-DECIDE", 3), ("C-ARRIVAL", 11)]);
        steps[3] = step(Stage::Departed, "CaseDismissed", 11);
        assert_eq!(spans(&placement(steps)), [("C-HEARING", 5), ("C-DECIDE", 2)]);
    }
}
