//! Promising a seed before the round that it decides, and holding the round to it.

use chrono::SubsecRound;
use platform::{Begun, Error, Principal, Refused, command};
use proto::matching as wire;
use sqlx::PgConnection;
use tonic::Code;

use super::{Service, compute::known};
use crate::{
    message,
    round::Commitment,
    store::commitment::{self as store, Group},
};

/// What is promised, for which rounds.
pub(crate) struct CommitSeed {
    pub(crate) season_code: String,
    pub(crate) destination: String,
    /// Of the seed's UTF-8 bytes, hexadecimal in lower case.
    pub(crate) seed_sha256: String,
    /// Why it takes the place of the one that is open; empty = it is to take none.
    pub(crate) reason: String,
}

impl Service {
    /// Binds the rounds of a group to a seed that nobody is told yet.
    pub(crate) async fn commit_seed(
        &self,
        principal: &Principal,
        wanted: CommitSeed,
        request: &wire::CommitSeedRequest,
    ) -> Result<wire::SeedCommitment, Error> {
        let who = (principal.reach(), principal.organisation_id);
        let begun = command::begin(&self.database, who, "CommitSeed", &request.request_id, request).await?;
        let mut command = match begun {
            Begun::Answered(committed) => return Ok(committed),
            Begun::New(command) => command,
        };
        let group = (wanted.season_code.as_str(), wanted.destination.as_str());
        known(command.tx(), group).await?;
        if let Some(open) = store::open(command.tx(), group).await? {
            if wanted.reason.is_empty() {
                return Err(taken(&open).into());
            }
            store::replace(command.tx(), group, &wanted.reason).await?;
        }
        if store::drawn_by(command.tx(), group, &wanted.seed_sha256).await?.is_some() {
            return Err(used(&wanted.seed_sha256).into());
        }
        // As whole seconds, for that is how it is told.
        let committed_at = self.clock.now().trunc_subsecs(0);
        let commitment = Commitment { seed_sha256: wanted.seed_sha256, committed_at };
        let inserted = store::insert(command.tx(), group, (&commitment, &principal.subject)).await;
        inserted.map_err(|error| match &error {
            sqlx::Error::Database(fault) if fault.is_unique_violation() => used(&commitment.seed_sha256).into(),
            _ => Error::from(error),
        })?;
        let answer = wire::SeedCommitment {
            season_code: wanted.season_code,
            destination: wanted.destination,
            committed_at: message::second(commitment.committed_at),
            seed_sha256: commitment.seed_sha256,
            actor: principal.subject.clone(),
        };
        command.finish(answer).await
    }
}

/// The commitment that the seed opens; none if none is open for the group.
pub(super) async fn opened(tx: &mut PgConnection, group: Group<'_>, seed: &str) -> Result<Option<Commitment>, Error> {
    let open = store::open(tx, group).await?;
    match open {
        Some(commitment) if !commitment.is_of(seed) => Err(not_committed(&commitment).into()),
        open => Ok(open),
    }
}

/// A refusal that tells which commitment is in the way.
fn bound(reason: &str, message: String, commitment: &Commitment) -> Refused {
    Refused::new(Code::FailedPrecondition, reason, message)
        .with("seed_sha256", &commitment.seed_sha256)
        .with("committed_at", message::second(commitment.committed_at))
}

fn not_committed(commitment: &Commitment) -> Refused {
    let message = format!("this is not the seed whose SHA-256, {}, was committed", commitment.seed_sha256);
    bound("SEED_NOT_COMMITTED", message, commitment)
        .at("seed")
        .mend("give the seed that was committed, to the letter; if it is lost, commit another and say why")
}

fn taken(commitment: &Commitment) -> Refused {
    let message = format!("a seed is committed for this season and destination: SHA-256 {}", commitment.seed_sha256);
    bound("SEED_COMMITTED", message, commitment)
        .at("seed_sha256")
        .mend("compute the round with that seed and publish it, or say why another takes its place")
}

fn used(seed_sha256: &str) -> Refused {
    let message = "a round of this season and destination was drawn by this seed, or it was committed for them before";
    Refused::field("seed_sha256", "SEED_USED", message).with("seed_sha256", seed_sha256).mend("draw another seed")
}
