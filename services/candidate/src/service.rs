//! The use cases: one function, one transaction.

mod batch;
pub(crate) mod due;
mod name;
mod record;
mod season;

use std::{sync::Arc, time::Duration};

use import::Engine;
use platform::{Clock, Database, Error, Principal, Reach, Refused, page};
use proto::{
    Role,
    candidate::{ListCandidatesRequest, ListCandidatesResponse},
    common::TallyResponse,
    ids::OrganisationId,
};
use tonic::Code;

use crate::{message, person::LotteryKey, store};

pub(crate) use season::{Credit, Departure, Effect, Renewal};

/// How long a check waits for the programme to tell about a ministry that was registered a moment ago.
const PROGRAMME_WAIT: Duration = Duration::from_secs(10);

/// Candidates and their persons.
#[derive(Clone)]
pub(crate) struct Service {
    database: Database,
    clock: Clock,
    imports: Engine,
    key: LotteryKey,
    /// Places end by the wall. Else the season is played on dates of its own, and what day it is nobody says.
    by_wall: bool,
}

impl Service {
    pub(crate) fn new(database: Database, clock: Clock, key: LotteryKey, by_wall: bool) -> Self {
        let layout = Arc::new(batch::Candidates::new(clock.clone(), key.clone()));
        let imports = Engine::new(database.clone(), clock.clone(), vec![layout]);
        Self { database, clock, imports, key, by_wall }
    }

    /// The import engine, for a caller who may register candidates.
    pub(crate) fn imports(&self, principal: &Principal) -> Result<&Engine, Error> {
        principal.needs(&[Role::Ministry])?;
        Ok(&self.imports)
    }

    /// Waits until the country of the caller's organisation is known, for a bounded time.
    pub(crate) async fn origin_known(&self, principal: &Principal) -> Result<(), Error> {
        let started = tokio::time::Instant::now();
        loop {
            let mut tx = self.database.begin(Reach::Own(principal.organisation_id)).await?;
            if store::programme::country(&mut tx, OrganisationId(principal.organisation_id)).await?.is_some() {
                return Ok(());
            }
            drop(tx);
            if started.elapsed() >= PROGRAMME_WAIT {
                return Err(batch::origin_unknown().into());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Coded facts of what the caller may see: a ministry its own, operators all.
    pub(crate) async fn list(
        &self,
        principal: &Principal,
        request: &ListCandidatesRequest,
    ) -> Result<ListCandidatesResponse, Error> {
        principal.needs(&[Role::Ministry, Role::Operator, Role::Authority, Role::Auditor, Role::Service])?;
        let scope = format!("candidates {} {} {}", request.state, request.origin, request.reference);
        let (size, after) = (page::size(request.page_size)?, page::after(&scope, &request.page_token)?);
        let filter = store::Filter {
            state: message::state_word(request.state),
            origin: &request.origin,
            reference: &request.reference,
            after: after.parse().ok(),
        };
        let mut tx = self.database.begin(principal.reach()).await?;
        let mut found = store::list(&mut tx, &filter, size + 1).await?;
        let more = i64::try_from(found.len()).unwrap_or(i64::MAX) > size;
        found.truncate(usize::try_from(size).unwrap_or(usize::MAX));
        let last = found.last().filter(|_| more);
        Ok(ListCandidatesResponse {
            next_page_token: last.map(|last| page::token(&scope, &last.id.to_string())).unwrap_or_default(),
            candidates: found.iter().map(message::candidate).collect(),
        })
    }

    /// Counts of everything, in one snapshot.
    pub(crate) async fn tally(&self, principal: &Principal) -> Result<TallyResponse, Error> {
        principal.needs(&[Role::Operator, Role::Auditor, Role::Service])?;
        let mut tx = self.database.begin_snapshot(Reach::System).await?;
        store::tally::tally(&mut tx).await
    }
}

/// The record's state does not allow the call.
fn closed(state: crate::candidate::State) -> Refused {
    Refused::new(Code::FailedPrecondition, "CANDIDATE_STATE", format!("the record is {}", state.as_str()))
        .at("state")
        .with("state", state.as_str())
        .mend("register the person anew under another reference if they come back")
}
