//! Publishing a round in chunks, and throwing one away.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use platform::{Begun, Error, Principal, Reach, Refused, command, outbox};
use prost::Message;
use proto::{
    ids::{LineId, OrganisationId},
    matching::{self as wire, round_event::Change},
};
use tonic::Code;
use uuid::Uuid;

use super::{Service, find, find_locked, wrong_state};
use crate::{
    facts::Line,
    message,
    round::{ENTRIES_MAX, Round, State, proposal_id},
    store::{
        commitment, overrule, pair,
        round::{self as store, Found},
    },
    whatif::Kind,
};

/// Lines proposed in one transaction.
const LINES: i64 = 200;
/// Between two tries, and how often it is tried again: long enough for a database to start.
const PAUSE: Duration = Duration::from_secs(1);
const RETRIES: u32 = 30;

/// What of a round went out: so many of its lines, in the order of their ids, up to `after`.
struct Gone {
    after: Option<LineId>,
    done: i64,
    of: i64,
}

impl Gone {
    fn percent(&self) -> i32 {
        i32::try_from((100 * self.done).checked_div(self.of).unwrap_or(0)).unwrap_or(100)
    }
}

impl Service {
    /// Sends the proposals of a round out. A second call, or one after an interruption, goes on where the first stopped.
    pub(crate) async fn publish_round(
        &self,
        principal: &Principal,
        request: &wire::PublishRoundRequest,
    ) -> Result<wire::Round, Error> {
        let who = (principal.reach(), principal.organisation_id);
        let begun = command::begin(&self.database, who, "PublishRound", &request.request_id, request).await?;
        let round_id = match begun {
            Begun::Answered(wire::Round { id, .. }) => id,
            Begun::New(mut command) => {
                let round = find_locked(command.tx(), &request.round_id).await?;
                if round.may_publish().map_err(|state| wrong_state(state, "published"))? {
                    super::as_looked_at(&round, request.expected_version)?;
                    begin_publishing(command.tx(), &round).await?;
                }
                command.finish(wire::Round::from(&round)).await?.id
            }
        };
        // In a task of its own: a caller who does not wait for the end does not interrupt it.
        let (service, id) = (self.clone(), round_id.clone());
        let publishing = tokio::spawn(async move { service.publish_to_the_end(&id).await });
        publishing.await.map_err(|error| Error::Internal(error.to_string()))??;
        let mut tx = self.database.begin(Reach::System).await?;
        let round = find(&mut tx, &round_id).await?;
        Ok(wire::Round::from(&round))
    }

    /// Sends all lines that are left. A chunk that fails for want of the database is tried again; the log tells, for nobody
    /// may be waiting.
    async fn publish_to_the_end(&self, round_id: &str) -> Result<(), Error> {
        let (mut pause, mut failures) = (tokio::time::interval(PAUSE), 0);
        loop {
            pause.tick().await;
            let sent = async {
                let mut gone = self.gone_out(round_id).await?;
                while self.publish_chunk(round_id, &mut gone).await? {}
                Ok(())
            };
            let sent: Result<(), Error> = sent.await;
            let Err(error) = sent else { return Ok(()) };
            failures += 1;
            if failures > RETRIES || !error.is_transient() {
                tracing::error!(round = round_id, %error, "a round stopped going out; it goes on when it is published again");
                return Err(error);
            }
            tracing::warn!(round = round_id, %error, failures, "a round stopped going out; it is tried again");
        }
    }

    /// What was sent so far, counted once: a count for each chunk would grow with the round and be made more often.
    async fn gone_out(&self, round_id: &str) -> Result<Gone, Error> {
        let mut tx = self.database.begin(Reach::System).await?;
        let round = find(&mut tx, round_id).await?;
        let (done, of) = pair::published(&mut tx, round.id).await?;
        Ok(Gone { after: None, done, of })
    }

    /// Sends the next lines of a round, or ends it; false once nothing is left to do.
    async fn publish_chunk(&self, round_id: &str, gone: &mut Gone) -> Result<bool, Error> {
        let mut tx = self.database.begin(Reach::System).await?;
        let mut round = find_locked(&mut tx, round_id).await?;
        if round.state != State::Publishing {
            return Ok(false);
        }
        let lines = pair::next_lines(&mut tx, round.id, (gone.after, LINES)).await?;
        if lines.is_empty() {
            round.version = store::end(&mut tx, round.id, State::Published, "").await?;
            (round.state, round.percent) = (State::Published, 100);
            round.phase.clear();
            let event = message::round_event(&round, Change::Published(wire::RoundPublished {}));
            outbox::append(&mut tx, &self.clock, &[event]).await?;
            self.database.commit(tx).await?;
            tracing::info!(round = round.number, "a round was published");
            return Ok(false);
        }
        let ids: Vec<LineId> = lines.iter().map(|(id, _)| *id).collect();
        let mut entries: HashMap<LineId, Vec<wire::ProposedCandidate>> = HashMap::new();
        let pins: HashSet<(LineId, String)> = overrule::wishes(&mut tx, round.id)
            .await?
            .into_iter()
            .filter(|wish| wish.kind == Kind::Pin)
            .map(|wish| (wish.line_id, wish.candidate_id.to_string()))
            .collect();
        for (line, bytes) in pair::entries(&mut tx, round.id, &ids).await? {
            let entry = wire::ProposedCandidate::decode(bytes.as_slice());
            let mut entry = entry.map_err(|error| Error::Internal(error.to_string()))?;
            entry.pinned = entry.reserve_rank == 0 && pins.contains(&(line, entry.candidate_id.clone()));
            entries.entry(line).or_default().push(entry);
        }
        let mut proposals = Vec::new();
        for (id, facts) in lines {
            let line: Line = serde_json::from_value(facts).map_err(|error| Error::Internal(error.to_string()))?;
            proposals.extend(parts(&round, &line, entries.remove(&id).unwrap_or_default()));
        }
        let rows: Vec<(Uuid, LineId, OrganisationId)> = proposals.iter().map(|(row, _)| *row).collect();
        pair::insert_proposals(&mut tx, round.id, &rows).await?;
        let events: Vec<wire::MatchingEvent> =
            proposals.into_iter().map(|(_, proposal)| message::proposal_event(proposal)).collect();
        outbox::append(&mut tx, &self.clock, &events).await?;
        let reached =
            Gone { after: ids.last().copied(), done: gone.done + i64::try_from(ids.len()).unwrap_or(0), of: gone.of };
        store::progress(&mut tx, round.id, ("publishing", reached.percent()), Found::default()).await?;
        self.database.commit(tx).await?;
        *gone = reached;
        Ok(true)
    }

    /// Throws a round away before anything went out. One that is still being computed ends at once and leaves nothing but
    /// this: its search sees that by its row (`course.rs`), and cannot store a plan any more.
    pub(crate) async fn discard_round(
        &self,
        principal: &Principal,
        request: &wire::DiscardRoundRequest,
    ) -> Result<wire::Round, Error> {
        let who = (principal.reach(), principal.organisation_id);
        let begun = command::begin(&self.database, who, "DiscardRound", &request.request_id, request).await?;
        let mut command = match begun {
            Begun::Answered(round) => return Ok(round),
            Begun::New(command) => command,
        };
        let mut round = find_locked(command.tx(), &request.round_id).await?;
        if round.may_discard().map_err(|state| wrong_state(state, "discarded"))? {
            store::cancel(command.tx(), round.id, &request.reason).await?;
            let ended = find(command.tx(), &request.round_id).await?;
            return command.finish(wire::Round::from(&ended)).await;
        }
        round.version = store::end(command.tx(), round.id, State::Discarded, &request.reason).await?;
        round.state = State::Discarded;
        let event = message::round_event(&round, Change::Discarded(wire::RoundDiscarded {}));
        outbox::append(command.tx(), &self.clock, &[event]).await?;
        command.finish(wire::Round::from(&round)).await
    }
}

/// A preview becomes stale when another round goes out that gives away its seats or its people.
async fn begin_publishing(tx: &mut sqlx::PgConnection, round: &Round) -> Result<(), Error> {
    if let Some(other) = store::overtaken_by(tx, round.id).await? {
        let message = format!("round {other} went out after round {} was computed", round.number);
        return Err(Refused::new(Code::FailedPrecondition, "ROUND_OVERTAKEN", message)
            .with("round", other)
            .mend("discard this round and compute a new one")
            .into());
    }
    if let Some((number, _)) = store::working(tx, &round.season_code, &round.destination).await? {
        return Err(busy(&format!("round {number}")).into());
    }
    if let Some(opened) = &round.commitment {
        commitment::spend(tx, (&round.season_code, &round.destination), opened).await?;
    }
    store::begin_publishing(tx, round.id).await.map_err(|error| match &error {
        // It began after this one looked.
        sqlx::Error::Database(fault) if fault.is_unique_violation() => busy("another round").into(),
        _ => Error::from(error),
    })
}

fn busy(who: &str) -> Refused {
    let message = format!("{who} of this season and destination works now");
    Refused::new(Code::FailedPrecondition, "ROUND_BUSY", message).mend("wait until it has ended")
}

/// The proposals of one line, with the rows that note them.
fn parts(
    round: &Round,
    line: &Line,
    entries: Vec<wire::ProposedCandidate>,
) -> Vec<((Uuid, LineId, OrganisationId), wire::LineProposal)> {
    let part = |(part, entries): (usize, &[wire::ProposedCandidate])| {
        let id = proposal_id(round.id, line.id, part);
        let proposal = wire::LineProposal {
            id: id.to_string(),
            round_id: round.id.to_string(),
            line_id: line.id.to_string(),
            order_id: line.order_id.to_string(),
            organisation_id: line.organisation_id.to_string(),
            season_code: round.season_code.clone(),
            destination: round.destination.clone(),
            line_version: line.version,
            starts_on: line.starts_on.to_string(),
            ends_on: line.ends_on.to_string(),
            substitutes: line.substitutes,
            entries: entries.to_vec(),
            as_of: round.as_of.to_string(),
            version: 1,
        };
        ((id, line.id, line.organisation_id), proposal)
    };
    portions(entries).iter().map(Vec::as_slice).enumerate().map(part).collect()
}

/// Entries in proposals of at most [`ENTRIES_MAX`], those who go together in one of them: all of them or none are placed.
/// Everybody else stays in order.
fn portions(entries: Vec<wire::ProposedCandidate>) -> Vec<Vec<wire::ProposedCandidate>> {
    let mut first: HashMap<String, usize> = HashMap::new();
    let mut placed: Vec<(usize, wire::ProposedCandidate)> = Vec::with_capacity(entries.len());
    for (at, entry) in entries.into_iter().enumerate() {
        let place = if entry.together.is_empty() { at } else { *first.entry(entry.together.clone()).or_insert(at) };
        placed.push((place, entry));
    }
    placed.sort_by_key(|(place, _)| *place);
    let mut portions: Vec<Vec<wire::ProposedCandidate>> = Vec::new();
    for group in placed.chunk_by(|(one, _), (next, _)| one == next) {
        let group = group.iter().map(|(_, entry)| entry.clone());
        match portions.last_mut().filter(|last| last.len() + group.len() <= ENTRIES_MAX) {
            Some(last) => last.extend(group),
            None => portions.push(group.collect()),
        }
    }
    portions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: usize, together: &str) -> wire::ProposedCandidate {
        let (candidate_id, together) = (number.to_string(), together.to_owned());
        wire::ProposedCandidate { candidate_id, together, ..Default::default() }
    }

    fn people(portion: &[wire::ProposedCandidate]) -> Vec<&str> {
        portion.iter().map(|entry| entry.candidate_id.as_str()).collect()
    }

    #[test]
    fn those_who_go_together_are_in_one_proposal() {
        let crowd = (0..=ENTRIES_MAX).map(|number| entry(number, if number % 250 == 10 { "crew" } else { "" }));
        let all = portions(crowd.collect());
        assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [ENTRIES_MAX, 1]);
        assert_eq!(people(&all[0])[9..13], ["9", "10", "260", "11"], "the others stay in order");
        // A crew that does not fit any more begins a proposal.
        let crowd = (0..=ENTRIES_MAX).map(|number| entry(number, if number + 2 > ENTRIES_MAX { "crew" } else { "" }));
        let all = portions(crowd.collect());
        assert_eq!(people(&all[1]), ["499", "500"]);
        assert_eq!(all[0].len(), ENTRIES_MAX - 1);
    }
}
