//! Reasons, and the changes that would have given a seat.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use platform::{Error, Principal, Reach, Refused, page};
use proto::{
    ids::{CandidateId, LineId, OrganisationId},
    matching as wire,
};
use tonic::Code;

use super::{
    Service, find,
    read::{decode, may_see_pairs},
};
use crate::{
    change::{Found, Search},
    explain::{self, Basis},
    message,
    replay::Replay,
    round::Round,
    store::{
        basis as kept, overrule,
        pair::{self, Filter},
    },
    together::{self, Group},
    whatif::{self, Wish},
};

/// A search ends after this time: below the deadline of a call.
pub(super) const SEARCH: Duration = Duration::from_secs(20);

/// Markets of more people are not solved again while somebody waits: it would take longer than a call may, and, twice at
/// once, more memory than a large round.
const REPLAYED: i64 = 200_000;

impl Service {
    /// Why a candidate has, or has not, a seat. The caller must be allowed to see the candidate; lines are named by title
    /// and price, which are the round's own publication.
    pub(crate) async fn explain_candidate(
        &self,
        principal: &Principal,
        (round_id, candidate_id): (&str, CandidateId),
        changes: bool,
    ) -> Result<wire::CandidateExplanation, Error> {
        let round = self.round_with_pairs(principal, round_id).await?;
        let mut tx = self.database.begin(principal.reach()).await?;
        let people = kept::candidates(&mut tx, round.id, Some(candidate_id)).await?;
        let person = people.first().ok_or_else(|| Refused::not_found("candidate", candidate_id))?;
        drop(tx);
        let mut tx = self.database.begin(Reach::System).await?;
        let basis = kept::basis(&mut tx, round.id).await?.ok_or_else(|| no_plan(&round))?;
        let lines = kept::lines(&mut tx, round.id, None).await?;
        let pair = pair::best(&mut tx, round.id, candidate_id).await?;
        let members = kept::together(&mut tx, (round.id, candidate_id)).await?;
        let unions: Vec<OrganisationId> = person.recalled.keys().copied().collect();
        let unions = if unions.is_empty() { HashMap::new() } else { kept::names(&mut tx, &unions).await? };
        drop(tx);
        let pair = pair.as_deref().map(|record| decode(principal, record)).transpose()?;
        let seated = pair.as_ref().is_some_and(|pair| pair.reserve_rank == 0);
        let mut told = basis.candidate(person, &lines, pair);
        explain::add_claims(&mut told, (&basis.terms, person, &lines), &unions);
        explain::add_together(&mut told, (&basis.terms, &members), &lines);
        // Where somebody of those who go together is missing, nothing that this person could change gives a seat.
        let whole = together::groups(&members).iter().all(Group::is_whole);
        if changes && !seated && whole {
            let search = move |search: &Search<'_>| {
                let place = search.replay.snapshot.candidates.iter().position(|person| person.id == candidate_id);
                place.map(|place| search.candidate(place)).unwrap_or_default()
            };
            (told.changes, told.changes_cut) = self.changes(&round, basis, search).await?;
            prove(&mut told);
        }
        Ok(told)
    }

    /// What decided about a line. The caller must be allowed to see the line; people are counted, those on its reserve
    /// list are shown by number.
    pub(crate) async fn explain_line(
        &self,
        principal: &Principal,
        (round_id, line_id): (&str, LineId),
        changes: bool,
    ) -> Result<wire::LineExplanation, Error> {
        let round = self.round_with_pairs(principal, round_id).await?;
        let mut tx = self.database.begin(principal.reach()).await?;
        let lines = kept::lines(&mut tx, round.id, Some(line_id)).await?;
        let line = lines.first().ok_or_else(|| Refused::not_found("line", line_id))?;
        let filter =
            Filter { round_id: round.id, line_id: Some(line_id), candidate_id: None, reserves: true, why: &[] };
        let reserves = pair::list(&mut tx, filter, (-1, page::PAGE_MAX)).await?;
        let reserves: Vec<wire::RoundPair> =
            reserves.iter().map(|(_, record)| decode(principal, record)).collect::<Result<_, _>>()?;
        drop(tx);
        let mut tx = self.database.begin(Reach::System).await?;
        let basis = kept::basis(&mut tx, round.id).await?.ok_or_else(|| no_plan(&round))?;
        let people = kept::candidates(&mut tx, round.id, None).await?;
        let seated: HashSet<CandidateId> = pair::seated(&mut tx, round.id).await?.into_keys().collect();
        drop(tx);
        let next: Vec<CandidateId> = reserves.iter().filter_map(|pair| pair.candidate_id.parse().ok()).collect();
        let mut told = basis.line(line, &people, reserves);
        if changes {
            let search = move |search: &Search<'_>| {
                let snapshot = &search.replay.snapshot;
                let place = |id: &CandidateId| snapshot.candidates.iter().position(|person| person.id == *id);
                let next: Vec<usize> = next.iter().filter(|id| !seated.contains(id)).filter_map(place).collect();
                let line = snapshot.lines.iter().position(|line| line.id == line_id);
                line.map(|line| search.line(line, &next, &seated)).unwrap_or_default()
            };
            (told.changes, told.changes_cut) = self.changes(&round, basis, search).await?;
        }
        Ok(told)
    }

    /// Searches the round's market on a thread of its own.
    async fn changes(
        &self,
        round: &Round,
        basis: Basis,
        search: impl FnOnce(&Search<'_>) -> Found + Send + 'static,
    ) -> Result<(Vec<wire::Change>, bool), Error> {
        let permit = self.may_solve()?;
        let until = Instant::now() + SEARCH;
        let (replay, _) = self.replay(round, &basis).await?;
        let searched = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let found = search(&Search { basis: &basis, replay: &replay, until });
            message::changes(&replay.snapshot, found)
        });
        searched.await.map_err(|error| Error::Internal(error.to_string()))
    }

    /// The round's market, found to be the one that was solved, and what was laid down in it.
    pub(super) async fn replay(&self, round: &Round, basis: &Basis) -> Result<(Replay, Vec<Wish>), Error> {
        if round.report.candidates > REPLAYED {
            return Err(too_large(round).into());
        }
        let mut tx = self.database.begin_snapshot(Reach::System).await?;
        let replay = kept::replay(&mut tx, round, basis.terms.clone()).await?;
        let mut replay = replay.ok_or_else(|| no_basis(round))?;
        let wrong = || Error::Internal(format!("what round {} kept is not its market", round.number));
        if replay.snapshot.hash() != round.report.snapshot_hash {
            return Err(wrong());
        }
        let wishes = overrule::wishes(&mut tx, round.id).await?;
        replay.laid_down = whatif::trial(&replay.snapshot, &wishes).map_err(|_| wrong())?;
        Ok((replay, wishes))
    }

    pub(super) async fn round_with_pairs(&self, principal: &Principal, round_id: &str) -> Result<Round, Error> {
        let mut tx = self.database.begin(principal.reach()).await?;
        let round = find(&mut tx, round_id).await?;
        if may_see_pairs(principal, &round) { Ok(round) } else { Err(no_plan(&round).into()) }
    }
}

/// Prices say the least that a line could have needed; where more was found out, the nearest line says that.
fn prove(told: &mut wire::CandidateExplanation) {
    for change in &told.changes {
        let Some(wire::change::What::Points(points)) = &change.what else { continue };
        for near in told.near.iter_mut().filter(|near| near.line_id == change.line_id) {
            near.price = near.score + points.more;
        }
    }
}

fn too_large(round: &Round) -> Refused {
    let message =
        format!("round {} has {} candidates; up to {REPLAYED} are solved again", round.number, round.report.candidates);
    Refused::new(Code::FailedPrecondition, "ROUND_LARGE", message)
        .mend("explain without changes, or compute a round of fewer people to try things out")
}

/// A round of an earlier release.
pub(super) fn no_basis(round: &Round) -> Refused {
    let message = format!("round {} did not keep its market", round.number);
    Refused::new(Code::FailedPrecondition, "ROUND_BASIS", message).mend("compute a new round")
}

pub(super) fn no_plan(round: &Round) -> Refused {
    let message = format!("round {} has no result that you may see yet", round.number);
    Refused::new(Code::FailedPrecondition, "ROUND_NOT_OUT", message).with("state", round.state.word())
}
