//! What this service owns, counted from its own tables.

use platform::{Error, Principal, Reach};
use proto::{
    Role,
    common::{TallyRequest, TallyResponse},
};

use super::Service;
use crate::store;

impl Service {
    /// Counts and positions of one moment.
    pub(crate) async fn tally(&self, who: &Principal, _request: TallyRequest) -> Result<TallyResponse, Error> {
        who.needs(&[Role::Operator, Role::Auditor, Role::Service])?;
        let mut tx = self.database.begin_snapshot(Reach::System).await?;
        let counts = store::counts(&mut tx).await?;
        let positions = store::positions(&mut tx).await?;
        Ok(TallyResponse { counts, positions })
    }
}
