//! What can be asked: rounds, pairs, counts.

use std::collections::BTreeMap;

use platform::{Error, Principal, Reach, page};
use prost::Message;
use proto::{
    Role, common,
    ids::{CandidateId, LineId},
    matching as wire,
};

use super::{Service, explain::no_basis, find};
use crate::{
    fairness, message,
    round::{Round, State},
    store::{
        basis,
        pair::{self, Filter},
        round::{self as store, Wanted},
    },
    why::Why,
};

/// What a list of pairs is narrowed to.
pub(crate) struct Pairs {
    pub(crate) round_id: String,
    pub(crate) line_id: Option<LineId>,
    pub(crate) candidate_id: Option<CandidateId>,
    pub(crate) reserves: bool,
    pub(crate) why: Option<Why>,
    pub(crate) size: i64,
    pub(crate) token: String,
}

impl Service {
    pub(crate) async fn get_round(&self, principal: &Principal, id_or_number: &str) -> Result<wire::Round, Error> {
        let mut tx = self.database.begin(principal.reach()).await?;
        Ok(wire::Round::from(&find(&mut tx, id_or_number).await?))
    }

    pub(crate) async fn list_rounds(
        &self,
        principal: &Principal,
        (season_code, token, size): (&str, &str, i64),
    ) -> Result<wire::ListRoundsResponse, Error> {
        let filter = format!("rounds {season_code}");
        let before = page::after(&filter, token)?.parse().ok();
        let mut tx = self.database.begin(principal.reach()).await?;
        let wanted = Wanted { season_code, before, limit: size + 1, ..Wanted::default() };
        let mut rounds = store::find(&mut tx, wanted).await?;
        let next_page_token = next(&mut rounds, size, |last| page::token(&filter, &last.number.to_string()));
        Ok(wire::ListRoundsResponse { rounds: rounds.iter().map(wire::Round::from).collect(), next_page_token })
    }

    /// Pairs of a round. Those they are about see them once they went out.
    pub(crate) async fn list_round_pairs(
        &self,
        principal: &Principal,
        wanted: Pairs,
    ) -> Result<wire::ListRoundPairsResponse, Error> {
        let mut tx = self.database.begin(principal.reach()).await?;
        let round = find(&mut tx, &wanted.round_id).await?;
        let Pairs { line_id, candidate_id, reserves, why, size, .. } = wanted;
        let why_sought = why.map_or(&[][..], |why| why.sought(tells_first(principal)));
        let filter = Filter { round_id: round.id, line_id, candidate_id, reserves, why: why_sought };
        let key = format!("{filter:?} {why:?}");
        let after = page::after(&key, &wanted.token)?.parse().unwrap_or(-1);
        if !may_see_pairs(principal, &round) || why.is_some() && why_sought.is_empty() {
            return Ok(wire::ListRoundPairsResponse::default());
        }
        let mut rows = pair::list(&mut tx, filter, (after, size + 1)).await?;
        let next_page_token = next(&mut rows, size, |last| page::token(&key, &last.0.to_string()));
        let pairs = rows.iter().map(|(_, record)| decode(principal, record)).collect::<Result<_, _>>()?;
        let total_size = pair::count(&mut tx, filter).await?;
        Ok(wire::ListRoundPairsResponse { pairs, next_page_token, total_size })
    }

    /// Who got a seat, of those who could have had one. Those it is about see it once the round went out.
    pub(crate) async fn fairness(&self, principal: &Principal, round_id: &str) -> Result<wire::FairnessReport, Error> {
        let round = self.round_with_pairs(principal, round_id).await?;
        // Of all ministries and unions: rates of a part would compare nobody with nobody.
        let mut tx = self.database.begin(Reach::System).await?;
        let cells = basis::cells(&mut tx, round.id).await?;
        if cells.is_empty() && round.report.candidates > 0 && !basis::is_kept(&mut tx, round.id).await? {
            return Err(no_basis(&round).into());
        }
        Ok(message::fairness(round.id, fairness::report(&cells)))
    }

    /// Counts of what matching owns, and where its log stands. A round that is going out counts as a preview: that is
    /// what its events say until it is published.
    pub(crate) async fn tally(&self) -> Result<common::TallyResponse, Error> {
        let mut tx = self.database.begin_snapshot(Reach::System).await?;
        let rounds = store::counts(&mut tx).await?;
        let proposed = pair::proposed(&mut tx).await?;
        let (proposals, proposal_events) = pair::proposals(&mut tx).await?;
        let mut by_state: BTreeMap<(String, String, &str), i64> = BTreeMap::new();
        for (season, destination, state, rounds, _) in &rounds {
            let state = match State::read(*state) {
                Some(State::Publishing) | None => State::Preview,
                Some(state) => state,
            };
            *by_state.entry((season.clone(), format!("*-{destination}"), state.word())).or_default() += rounds;
        }
        let figure = |figure: &str, (season, corridor): (String, String), value| common::Count {
            figure: figure.to_owned(),
            corridor,
            season,
            state: String::new(),
            value,
        };
        let mut counts: Vec<common::Count> = by_state
            .into_iter()
            .map(|((season, corridor, state), value)| common::Count {
                state: state.to_owned(),
                ..figure("rounds", (season, corridor), value)
            })
            .collect();
        for (season, corridor, seats, reserves) in proposed {
            let of = (season, corridor);
            counts.extend((seats > 0).then(|| figure("proposals", of.clone(), seats)));
            counts.extend((reserves > 0).then(|| figure("reserves", of, reserves)));
        }
        let position = |aggregate: &str, aggregates, events| common::Position {
            aggregate: aggregate.to_owned(),
            aggregates,
            events,
        };
        let of_rounds = rounds.iter().fold((0, 0), |(all, events), row| (all + row.3, events + row.4));
        Ok(common::TallyResponse {
            counts,
            positions: vec![
                position("round", of_rounds.0, of_rounds.1),
                position("line_proposal", proposals, proposal_events),
            ],
        })
    }
}

/// Operators see pairs as soon as there are any; ministries and unions, once they went out: until then nothing is decided.
pub(super) fn may_see_pairs(principal: &Principal, round: &Round) -> bool {
    matches!(principal.reach(), Reach::All(_)) || round.went_out()
}

/// A pair as the caller may read it.
pub(super) fn decode(principal: &Principal, record: &[u8]) -> Result<wire::RoundPair, Error> {
    let mut pair = wire::RoundPair::decode(record).map_err(|error| Error::Internal(error.to_string()))?;
    if pair.reason() == wire::PairReason::First && !tells_first(principal) {
        pair.set_reason(wire::PairReason::Score);
    }
    Ok(pair)
}

/// Whether the caller may know that an employer took an offer to the person back.
fn tells_first(principal: &Principal) -> bool {
    !principal.is(Role::Union)
}

/// Cuts what was read beyond the page; returns the token of the next one.
fn next<T>(rows: &mut Vec<T>, size: i64, token: impl Fn(&T) -> String) -> String {
    let size = usize::try_from(size).expect("a page has a size");
    if rows.len() <= size {
        return String::new();
    }
    rows.truncate(size);
    rows.last().map(token).unwrap_or_default()
}
