//! The use cases: one function, one transaction.

mod employers;
mod orders;
mod refusals;

use import::Engine;
use platform::{Begun, Clock, Database, Error, Principal, Reach, command};
use prost::Message;
use proto::{Role, common};

use crate::{feed::H2a, store};

pub(crate) use orders::Posting;
pub(crate) use refusals::season_unknown;

/// Who may register employers and post, withdraw or import orders of their own organisation.
pub(crate) const POSTERS: [Role; 2] = [Role::Union, Role::Operator];
/// Who may read the service's own counts.
const COUNTERS: [Role; 3] = [Role::Operator, Role::Auditor, Role::Service];

/// The service's state: none but its database.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) database: Database,
    pub(crate) clock: Clock,
    pub(crate) imports: Engine,
}

impl Service {
    pub(crate) fn new(database: Database, clock: Clock) -> Self {
        let layout = std::sync::Arc::new(H2a::new(clock.clone()));
        Self { imports: Engine::new(database.clone(), clock.clone(), vec![layout]), database, clock }
    }

    /// Counts what demand owns, in one snapshot.
    pub(crate) async fn tally(&self, principal: &Principal) -> Result<common::TallyResponse, Error> {
        principal.needs(&COUNTERS)?;
        let mut tx = self.database.begin_snapshot(Reach::System).await?;
        let counts = store::tally::counts(&mut tx).await?;
        let positions = store::tally::positions(&mut tx).await?;
        Ok(common::TallyResponse { counts, positions })
    }

    async fn begin<Q: Message, R: Message + Default>(
        &self,
        principal: &Principal,
        (method, request_id): (&str, &str),
        request: &Q,
    ) -> Result<Begun<R>, Error> {
        let caller = (principal.reach(), principal.organisation_id);
        command::begin(&self.database, caller, method, request_id, request).await
    }
}
