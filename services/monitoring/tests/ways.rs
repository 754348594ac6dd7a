//! Placements as their owner would publish them: one state per version, with the whole history in it.

use proto::placement::{
    Calendar, CalendarEvent, Clock, Ending, Line, LineEvent, LineShare, LineState, Placement, PlacementEnvelope,
    PlacementEvent, PlacementMoved, SeasonRecord, SeasonRecordEvent, Source, Stage, Step, Track,
    placement_envelope::Aggregate, placement_event,
};
use uuid::Uuid;

pub(crate) const COLOMBIA: Uuid = Uuid::from_u128(100);
pub(crate) const GUATEMALA: Uuid = Uuid::from_u128(101);
pub(crate) const SPAIN: Uuid = Uuid::from_u128(200);
const CANADA: Uuid = Uuid::from_u128(201);

/// The way of one placement so far. Its steps are a day apart, from 1 March on.
#[derive(Clone)]
pub(crate) struct Way {
    states: Vec<Placement>,
}

impl Way {
    pub(crate) fn spain(number: u128) -> Self {
        Self::begin(number, ("CO-ES", COLOMBIA, SPAIN))
    }

    pub(crate) fn canada(number: u128) -> Self {
        Self::begin(number, ("GT-CA", GUATEMALA, CANADA))
    }

    fn begin(number: u128, (corridor, ministry, union): (&str, Uuid, Uuid)) -> Self {
        let placement = Placement {
            id: Uuid::from_u128(1000 + number).to_string(),
            corridor_code: corridor.to_owned(),
            season_code: "2026".to_owned(),
            ministry_id: ministry.to_string(),
            union_id: union.to_string(),
            source: Source::Round.into(),
            ..Placement::default()
        };
        Self { states: vec![] }.then(placement, Stage::Proposed, "CandidateProposed")
    }

    fn then(mut self, mut placement: Placement, stage: Stage, event: &str) -> Self {
        placement.version += 1;
        placement.stage = stage.into();
        placement.steps.push(Step {
            version: placement.version,
            event: event.to_owned(),
            stage: stage.into(),
            occurred_on: format!("2026-03-{:02}", placement.version),
            ..Step::default()
        });
        self.states.push(placement);
        self
    }

    fn last(&self) -> Placement {
        self.states.last().expect("a way begins").clone()
    }

    fn step(self, stage: Stage, event: &str) -> Self {
        let last = Placement { one_sided: false, ..self.last() };
        self.then(last, stage, event)
    }

    pub(crate) fn accepted(self, tracks: &[Track]) -> Self {
        let mut way = self
            .step(Stage::Selected, "CandidateSelected")
            .step(Stage::Offered, "OfferMade")
            .step(Stage::Accepted, "OfferAccepted");
        for track in tracks {
            let event = match track {
                Track::Contract => "ContractSigned",
                Track::Authorisation => "WorkAuthorised",
                _ => "VisaGranted",
            };
            let mut next = way.last();
            next.tracks_done.push((*track).into());
            way = way.then(next, Stage::Accepted, event);
        }
        way
    }

    pub(crate) fn cancelled(self, reason: &str) -> Self {
        let next = Placement { reason: reason.to_owned(), ..self.last() };
        self.then(next, Stage::Cancelled, "PreparationClosed")
    }

    pub(crate) fn abroad(self) -> Self {
        self.step(Stage::Departed, "DepartureRecorded").step(Stage::Arrived, "ArrivalConfirmed")
    }

    pub(crate) fn working(self) -> Self {
        self.step(Stage::Working, "WorkStarted")
    }

    pub(crate) fn resigned(self) -> Self {
        let next = Placement { ending: Ending::Resigned.into(), ..self.last() };
        self.then(next, Stage::WorkEnded, "WorkerResigned")
    }

    pub(crate) fn home(self) -> Self {
        let next = Placement { ending: Ending::Completed.into(), ..self.last() };
        self.then(next, Stage::WorkEnded, "WorkCompleted").step(Stage::ReturnedVerified, "ReturnVerified")
    }

    /// Lets a clock of the union run in the present state.
    pub(crate) fn clock(mut self, name: &str, due_on: &str) -> Self {
        let clock = Clock {
            name: name.to_owned(),
            due_on: due_on.to_owned(),
            waits_for: "union".to_owned(),
            ..Clock::default()
        };
        self.states.last_mut().expect("a way begins").clocks.push(clock);
        self
    }

    /// What was last reported is known from one side only.
    pub(crate) fn one_sided(mut self) -> Self {
        self.states.last_mut().expect("a way begins").one_sided = true;
        self
    }

    pub(crate) fn id(&self) -> String {
        self.last().id
    }

    /// One event per version.
    pub(crate) fn events(&self) -> Vec<PlacementEnvelope> {
        let event = |state: &Placement| {
            let moved = PlacementMoved { step: state.steps.last().cloned(), ..PlacementMoved::default() };
            let change = Some(placement_event::Change::Moved(moved));
            envelope(Aggregate::Placement(PlacementEvent { state: Some(state.clone()), change }))
        };
        self.states.iter().map(event).collect()
    }
}

fn envelope(aggregate: Aggregate) -> PlacementEnvelope {
    PlacementEnvelope { aggregate: Some(aggregate) }
}

/// An open line of ten seats that one corridor may fill.
pub(crate) fn line(number: u128, organisation: Uuid, corridor: &str) -> PlacementEnvelope {
    let state = Line {
        id: Uuid::from_u128(number).to_string(),
        organisation_id: organisation.to_string(),
        season_code: "2026".to_owned(),
        destination: "ES".to_owned(),
        state: LineState::Open.into(),
        posted: 10,
        shares: vec![LineShare { corridor_code: corridor.to_owned(), units: 10, ..LineShare::default() }],
        version: 1,
        ..Line::default()
    };
    envelope(Aggregate::Line(LineEvent { state: Some(state), change: None }))
}

/// A record that tells a test that its partition is read up to here.
pub(crate) fn marker(partition: i32) -> PlacementEnvelope {
    let state = SeasonRecord { id: format!("marker-{partition}"), version: 1, ..SeasonRecord::default() };
    envelope(Aggregate::SeasonRecord(SeasonRecordEvent { state: Some(state), change: None }))
}

/// The clocks have been run up to a day, for the `version`-th time.
pub(crate) fn calendar(day: &str, version: i64) -> PlacementEnvelope {
    let state = Calendar { id: "calendar".to_owned(), as_of: day.to_owned(), version };
    envelope(Aggregate::Calendar(CalendarEvent { state: Some(state), change: None }))
}
