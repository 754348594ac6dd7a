//! What placements do to candidates: a verified season is credited once, who leaves the programme leaves the roster.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use platform::{Error, outbox};
use proto::candidate::{CandidateEnvelope, CandidateLeftRoster, SeasonCredited};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Service;
use crate::{
    candidate::{Candidate, State},
    message::{self, Fact},
    roster::Requirements,
    store,
};

/// A season that ended with a verified return.
pub(crate) struct Credit {
    pub(crate) season_record_id: Uuid,
    pub(crate) season_code: String,
    pub(crate) ended_on: NaiveDate,
}

/// Somebody left the programme.
pub(crate) struct Departure {
    pub(crate) to: State,
    /// Code such as `RE_ENTRY_BARRED`.
    pub(crate) reason: &'static str,
}

/// What happened to a candidate, in order.
pub(crate) enum Effect {
    Credit(Credit),
    Departure(Departure),
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

/// Rules by origin and day, read once a batch.
type Rules = HashMap<(String, NaiveDate), Vec<Requirements>>;

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
        effects: Vec<(Uuid, Effect)>,
    ) -> Result<(), Error> {
        let ids: Vec<Uuid> = effects.iter().map(|(id, _)| *id).collect();
        let locked = store::lock(tx, &ids).await?;
        let mut candidates: BTreeMap<Uuid, Candidate> = locked.into_iter().map(|one| (one.id, one)).collect();
        let (mut rules, mut changed) = (Rules::new(), Changed::default());
        for (id, effect) in effects {
            let Some(candidate) = candidates.get_mut(&id) else {
                tracing::warn!(candidate_id = %id, "a placement names a candidate that is not here");
                continue;
            };
            let fact = match effect {
                Effect::Credit(credit) => credit_season(tx, candidate, credit, &mut rules).await?,
                Effect::Departure(departure) => leave(candidate, &departure),
            };
            if let Some((what, fact)) = fact {
                changed.lines.push(self.line(candidate, what));
                changed.events.push(message::event(candidate, fact));
            }
        }
        let touched: std::collections::HashSet<Uuid> = changed.lines.iter().map(|line| line.candidate_id).collect();
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
    let key = (candidate.origin.clone(), credit.ended_on);
    if !rules.contains_key(&key) {
        let corridors = store::programme::corridors(tx, &key.0, key.1).await?;
        rules.insert(key.clone(), corridors);
    }
    candidate.credit_season(&rules[&key], credit.ended_on);
    let what = format!("season {} credited", credit.season_code);
    Ok(Some((what, Fact::SeasonCredited(SeasonCredited { season_code: credit.season_code }))))
}

fn leave(candidate: &mut Candidate, departure: &Departure) -> Option<(String, Fact)> {
    let left = candidate.leave_programme(departure.to);
    left.then(|| {
        let fact = Fact::LeftRoster(CandidateLeftRoster { reason: departure.reason.to_owned() });
        (format!("left the roster: {}", departure.reason), fact)
    })
}
