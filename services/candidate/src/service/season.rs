//! What placements do to candidates: a verified season is credited once, a place that ended through no doing of theirs
//! renews the roster once, who leaves the programme leaves the roster.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use platform::{Error, outbox};
use proto::{
    candidate::{CandidateEnvelope, CandidateLeftRoster, RosterRenewed, SeasonCredited},
    ids::{CandidateId, PlacementId, SeasonRecordId},
};
use sqlx::PgConnection;

use super::Service;
use crate::{
    candidate::{Candidate, State},
    message::{self, Fact},
    roster::Requirements,
    store,
};

/// A season that ended with a verified return.
pub(crate) struct Credit {
    pub(crate) season_record_id: SeasonRecordId,
    pub(crate) season_code: String,
    pub(crate) ended_on: NaiveDate,
}

/// Somebody left the programme.
pub(crate) struct Departure {
    pub(crate) to: State,
    /// Code such as `RE_ENTRY_BARRED`.
    pub(crate) reason: String,
}

/// A place ended before departure through no doing of the person's.
pub(crate) struct Renewal {
    pub(crate) placement_id: PlacementId,
    /// The day on which it ended.
    pub(crate) on: NaiveDate,
    /// The move that ended it, such as `ExpireProposal`.
    pub(crate) command: String,
}

/// What happened to a candidate, in order.
pub(crate) enum Effect {
    Credit(Credit),
    Departure(Departure),
    Renewal(Renewal),
}

impl From<Credit> for Effect {
    fn from(credit: Credit) -> Self {
        Self::Credit(credit)
    }
}

impl From<Departure> for Effect {
    fn from(departure: Departure) -> Self {
        Self::Departure(departure)
    }
}

impl From<Renewal> for Effect {
    fn from(renewal: Renewal) -> Self {
        Self::Renewal(renewal)
    }
}

/// Rules by origin and day, read once a batch.
#[derive(Default)]
struct Rules(HashMap<(String, NaiveDate), Vec<Requirements>>);

impl Rules {
    async fn of(&mut self, tx: &mut PgConnection, origin: &str, on: NaiveDate) -> Result<&[Requirements], Error> {
        let key = (origin.to_owned(), on);
        if !self.0.contains_key(&key) {
            let corridors = store::programme::corridors(tx, origin, on).await?;
            self.0.insert(key.clone(), corridors);
        }
        Ok(&self.0[&key])
    }
}

/// What a batch changed.
#[derive(Default)]
struct Changed {
    lines: Vec<store::Change>,
    events: Vec<CandidateEnvelope>,
}

impl Service {
    /// Applies what placements did, in the consumer's transaction. Candidates that this service does not have are counted
    /// and passed over: no batch may stop for them.
    pub(crate) async fn placements_did(
        &self,
        tx: &mut PgConnection,
        effects: Vec<(CandidateId, Effect)>,
    ) -> Result<(), Error> {
        let ids: Vec<CandidateId> = effects.iter().map(|(id, _)| *id).collect();
        let locked = store::lock(tx, &ids).await?;
        let mut candidates: BTreeMap<CandidateId, Candidate> = locked.into_iter().map(|one| (one.id, one)).collect();
        let (mut rules, mut changed) = (Rules::default(), Changed::default());
        for (id, effect) in effects {
            let Some(candidate) = candidates.get_mut(&id) else {
                tracing::warn!(candidate_id = %id, "a placement names a candidate that is not here");
                continue;
            };
            let fact = match effect {
                Effect::Credit(credit) => credit_season(tx, candidate, credit, &mut rules).await?,
                Effect::Departure(departure) => leave(candidate, departure),
                Effect::Renewal(renewal) => renew(tx, candidate, renewal, &mut rules).await?,
            };
            if let Some((what, fact)) = fact {
                changed.lines.push(self.line(candidate, what));
                changed.events.push(message::event(candidate, fact));
            }
        }
        let touched: std::collections::HashSet<CandidateId> =
            changed.lines.iter().map(|line| line.candidate_id).collect();
        let saved: Vec<Candidate> = candidates.into_values().filter(|one| touched.contains(&one.id)).collect();
        if saved.is_empty() {
            return Ok(());
        }
        store::update_candidates(tx, &saved).await?;
        store::insert_changes(tx, &changed.lines).await?;
        outbox::append(tx, &self.clock, &changed.events).await
    }

    fn line(&self, candidate: &Candidate, what: String) -> store::Change {
        store::Change {
            candidate_id: candidate.id,
            version: candidate.version,
            organisation_id: candidate.organisation_id,
            what,
            actor: "placement".to_owned(),
            recorded_at: self.clock.now(),
            fields: Vec::new(),
        }
    }
}

async fn credit_season(
    tx: &mut PgConnection,
    candidate: &mut Candidate,
    credit: Credit,
    rules: &mut Rules,
) -> Result<Option<(String, Fact)>, Error> {
    if !store::insert_credit(tx, credit.season_record_id, candidate, &credit.season_code).await? {
        return Ok(None);
    }
    let corridors = rules.of(tx, &candidate.origin, credit.ended_on).await?;
    candidate.credit_season(corridors, credit.ended_on);
    let what = format!("season {} credited", credit.season_code);
    Ok(Some((what, Fact::SeasonCredited(SeasonCredited { season_code: credit.season_code }))))
}

async fn renew(
    tx: &mut PgConnection,
    candidate: &mut Candidate,
    renewal: Renewal,
    rules: &mut Rules,
) -> Result<Option<(String, Fact)>, Error> {
    if !store::insert_renewal(tx, renewal.placement_id, candidate).await? {
        return Ok(None);
    }
    let corridors = rules.of(tx, &candidate.origin, renewal.on).await?;
    let renewed = candidate.renew(corridors, renewal.on);
    Ok(renewed.then(|| {
        let what = format!("roster renewed: {}", renewal.command);
        (what, Fact::RosterRenewed(RosterRenewed { reason: renewal.command }))
    }))
}

fn leave(candidate: &mut Candidate, departure: Departure) -> Option<(String, Fact)> {
    let left = candidate.leave_programme(departure.to);
    left.then(|| {
        let what = format!("left the roster: {}", departure.reason);
        (what, Fact::LeftRoster(CandidateLeftRoster { reason: departure.reason }))
    })
}
