//! Verification: every owner counts its own tables, the fold counts itself, and both must say the same at the same event.

use std::time::Duration;

use futures::future::join_all;
use platform::{Begun, Error, Principal, Reach, Refused, command};
use prost::Message;
use proto::{
    Role,
    common::{Count, Position},
    monitoring::{Difference, GetVerificationRequest, Verification, VerifiedSource, VerifyRequest},
};
use tokio::time::Instant;
use tonic::metadata::AsciiMetadataValue;

use super::Service;
use crate::{
    reconcile::{self, Gap, OWNERS},
    store,
};

/// How long the fold may take to catch up. A call has 30 seconds in all, and an owner's answer comes on top.
const WAIT: Duration = Duration::from_secs(20);
/// Pause between two looks at the fold, if it does not tell that it has moved.
const LOOK: Duration = Duration::from_millis(100);

impl Service {
    /// Asks every owner for its own counts and compares them with the fold, figure by figure, both ways.
    pub(crate) async fn verify(
        &self,
        who: &Principal,
        token: Option<AsciiMetadataValue>,
        request: VerifyRequest,
    ) -> Result<Verification, Error> {
        who.needs(&[Role::Operator, Role::Auditor, Role::Service])?;
        // Answered before? Nothing is written yet, so this transaction goes before the wait.
        if let Begun::Answered(answer) = self.begin(who, &request).await? {
            return Ok(answer);
        }
        let compared = join_all(OWNERS.iter().map(|(owner, kinds)| self.compare(owner, kinds, token.as_ref()))).await;
        let mut verification = Verification::default();
        for (source, differences) in compared {
            verification.events += source.events;
            verification.figures += source.figures;
            verification.differences.extend(differences);
            verification.sources.push(source);
        }
        let mut command = match self.begin(who, &request).await? {
            Begun::Answered(answer) => return Ok(answer),
            Begun::New(command) => command,
        };
        let now = self.clock.now();
        verification.verified_at = now.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let differences = i64::try_from(verification.differences.len()).unwrap_or(i64::MAX);
        let body = verification.encode_to_vec();
        store::insert_verification(command.tx(), (self.clock.id(), now), differences, &body).await?;
        command.finish(verification).await
    }

    /// The last verification.
    pub(crate) async fn get_verification(
        &self,
        who: &Principal,
        _request: GetVerificationRequest,
    ) -> Result<Verification, Error> {
        who.needs(&[Role::Operator, Role::Auditor, Role::Authority, Role::Service])?;
        let mut tx = self.database.begin(who.reach()).await?;
        let body = store::last_verification(&mut tx).await?;
        let body = body.ok_or_else(|| Refused::not_found("verification", "yet").mend("verify first"))?;
        Verification::decode(body.as_slice()).map_err(|error| Error::Internal(error.to_string()))
    }

    async fn begin(&self, who: &Principal, request: &VerifyRequest) -> Result<Begun<Verification>, Error> {
        let reach = (who.reach(), who.organisation_id);
        command::begin(&self.database, reach, "Verify", &request.request_id, request).await
    }

    /// One owner: what was compared, or why nothing was.
    async fn compare(
        &self,
        owner: &str,
        kinds: &[&str],
        token: Option<&AsciiMetadataValue>,
    ) -> (VerifiedSource, Vec<Difference>) {
        let service = owner.to_owned();
        match self.meet(owner, kinds, token).await {
            Ok((theirs, ours, events)) => {
                let (figures, differences) = reconcile::compare(owner, &theirs, &ours);
                (VerifiedSource { service, figures, events, failure: String::new() }, differences)
            }
            Err(failure) => {
                tracing::warn!(owner, failure, "an owner's figures could not be compared");
                (VerifiedSource { service, failure, ..VerifiedSource::default() }, Vec::new())
            }
        }
    }

    /// Counts of the owner and of the fold that hold at the same events, and how many these are. The fold is waited for
    /// if it is behind; the owner is asked again if it has moved meanwhile.
    async fn meet(
        &self,
        owner: &str,
        kinds: &[&str],
        token: Option<&AsciiMetadataValue>,
    ) -> Result<(Vec<Count>, Vec<Count>, i64), String> {
        let until = Instant::now() + WAIT;
        loop {
            let theirs = self.owners.tally(owner, token).await?;
            let (ours, positions) = self.caught_up(owner, (kinds, &theirs.positions), until).await?;
            match reconcile::gap(kinds, &theirs.positions, &positions) {
                Gap::None => {
                    let events = theirs.positions.iter().map(|position| position.events).sum();
                    return Ok((theirs.counts, ours, events));
                }
                Gap::Behind(why) | Gap::Ahead(why) if Instant::now() >= until => {
                    return Err(format!("{why}, and in {} s they did not meet", WAIT.as_secs()));
                }
                Gap::Behind(_) | Gap::Ahead(_) => tokio::time::sleep(LOOK).await,
            }
        }
    }

    /// The fold, once it has come to where the owner was, in one snapshot.
    async fn caught_up(
        &self,
        owner: &str,
        (kinds, theirs): (&[&str], &[Position]),
        until: Instant,
    ) -> Result<(Vec<Count>, Vec<Position>), String> {
        let mut moved = self.moved.subscribe();
        loop {
            let (counts, positions) =
                self.folded(owner).await.map_err(|error| format!("the fold cannot be read: {error}"))?;
            match reconcile::gap(kinds, theirs, &positions) {
                Gap::Behind(why) if Instant::now() >= until => {
                    return Err(format!("{why}, and in {} s it did not catch up", WAIT.as_secs()));
                }
                Gap::Behind(_) => {}
                Gap::None | Gap::Ahead(_) => return Ok((counts, positions)),
            }
            // A batch that tells is not committed yet; the pause lets it be.
            let told = tokio::time::timeout(LOOK * 5, moved.changed());
            if told.await.is_ok() {
                tokio::time::sleep(LOOK).await;
            }
        }
    }

    async fn folded(&self, owner: &str) -> Result<(Vec<Count>, Vec<Position>), sqlx::Error> {
        let mut tx = self.database.begin_snapshot(Reach::System).await?;
        let positions = store::positions(&mut tx).await?;
        let counts = store::counts(&mut tx, owner).await?;
        Ok((counts, positions))
    }
}
