//! The name of a candidate: for its ministry, for the union that has chosen it, for operators from then on. For everybody
//! else it is not there.

use std::collections::BTreeMap;

use platform::{Error, Principal, Reach};
use proto::{
    Role,
    candidate::{CandidateName, GetCandidateNameRequest},
    ids::{CandidateId, OrganisationId, PlacementId},
};
use sqlx::PgConnection;

use super::{Service, record::not_found};
use crate::store::name::{self as store, Look, Sight};

/// The roles that may ever see a name, and whose rows each reaches.
const SEE_NAMES: [Role; 3] = [Role::Operator, Role::Union, Role::Ministry];

impl Service {
    /// The name, and a line that says who has looked.
    pub(crate) async fn name(
        &self,
        principal: &Principal,
        request: &GetCandidateNameRequest,
    ) -> Result<CandidateName, Error> {
        let asked = request.candidate_id.as_str();
        let role = SEE_NAMES.into_iter().find(|role| principal.is(*role)).ok_or_else(|| not_found(asked))?;
        let candidate_id: CandidateId = asked.parse().map_err(|_| not_found(asked))?;
        let organisation_id = principal.organisation_id;
        let reach = if role == Role::Operator { Reach::All(organisation_id) } else { Reach::Own(organisation_id) };
        let mut tx = self.database.begin(reach).await?;
        let look = Look {
            id: self.clock.id(),
            candidate_id,
            organisation_id: OrganisationId(organisation_id),
            actor: &principal.subject,
            role: role.as_str(),
            at: self.clock.now(),
        };
        if !store::insert_look(&mut tx, &look).await? {
            return Err(not_found(asked).into());
        }
        let names = store::names(&mut tx, candidate_id).await?;
        let (family_name, given_names) = names.ok_or_else(|| not_found(asked))?;
        self.database.commit(tx).await?;
        Ok(CandidateName { candidate_id: candidate_id.to_string(), family_name, given_names })
    }

    /// Takes what placements tell of who may see whom, in the consumer's transaction. Of a placement that is told of more
    /// than once the newest counts.
    pub(crate) async fn placements_show(&self, tx: &mut PgConnection, sights: Vec<Sight>) -> Result<(), Error> {
        let mut newest: BTreeMap<PlacementId, Sight> = BTreeMap::new();
        for sight in sights {
            let known = newest.get(&sight.placement_id);
            if known.is_none_or(|known| known.version < sight.version) {
                newest.insert(sight.placement_id, sight);
            }
        }
        if newest.is_empty() {
            return Ok(());
        }
        store::save_sights(tx, &newest.into_values().collect::<Vec<_>>()).await
    }
}
