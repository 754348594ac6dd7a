//! Quotas: a first cap by one person, units of the flexible reserve by two.

use platform::{Begun, Error, Principal, Refused};
use proto::{
    Role,
    ids::QuotaId,
    programme::{
        Quota, QuotaEvent, QuotaReserveReleased, QuotaSet, ReleaseReserveRequest, SetQuotaRequest,
        programme_event::Aggregate, quota_event,
    },
};

use super::Service;
use crate::{
    check,
    quota::{self, Proposal, Release},
    refusal, store,
};

impl Service {
    /// Sets the first cap of a corridor, season and sector.
    pub(crate) async fn set_quota(&self, who: &Principal, request: SetQuotaRequest) -> Result<Quota, Error> {
        who.needs(&[Role::Operator])?;
        let asked = quota::read(&request, QuotaId(self.clock.id()))?;
        let mut command = match self.begin(who, "SetQuota", &request.request_id, &request).await? {
            Begun::Answered(answer) => return Ok(answer),
            Begun::New(command) => command,
        };
        if store::corridor(command.tx(), &asked.corridor_code).await?.is_none() {
            return Err(Refused::not_found("corridor", &asked.corridor_code).at("corridor_code").into());
        }
        if store::season(command.tx(), &asked.season_code).await?.is_none() {
            return Err(Refused::not_found("season", &asked.season_code).at("season_code").into());
        }
        if !store::insert_quota(command.tx(), check::id("id", &asked.id)?, &asked).await? {
            let there = store::quota_of(command.tx(), &asked).await?;
            let same = Quota { id: there.id.clone(), version: there.version, ..asked } == there;
            let refused = if same { refusal::exists("quota", &there.id, true) } else { refusal::quota_set(&there) };
            return Err(refused.into());
        }
        let change = quota_event::Change::Set(QuotaSet {});
        self.finish(command, event(&asked, change), asked).await
    }

    /// Proposes a release of reserve, or completes the one that another operator proposed.
    pub(crate) async fn release_reserve(
        &self,
        who: &Principal,
        request: ReleaseReserveRequest,
    ) -> Result<Quota, Error> {
        who.needs(&[Role::Operator])?;
        let id = check::id("quota_id", &request.quota_id)?;
        check::units("units", request.units, (1, i32::MAX))?;
        let mut command = match self.begin(who, "ReleaseReserve", &request.request_id, &request).await? {
            Begun::Answered(answer) => return Ok(answer),
            Begun::New(command) => command,
        };
        let there = store::lock_quota(command.tx(), id).await?;
        let there = there.ok_or_else(|| Refused::not_found("quota", id))?;
        if ![0, there.version].contains(&request.expected_version) {
            return Err(refusal::quota_changed(&there).into());
        }
        let mut open = store::open_release(command.tx(), id).await?;
        if let Some(lapsed) = open.take_if(|open| open.has_lapsed(self.clock.now())) {
            store::lapse_release(command.tx(), lapsed.id).await?;
        }
        let decision = quota::release(there.flexible_reserve, open.as_ref(), &who.subject, request.units)
            .map_err(|why| refusal::not_released(&there.id, &why))?;
        match (decision, open) {
            (Release::Complete, Some(open)) => {
                store::complete_release(command.tx(), open.id, &who.subject).await?;
                let released = store::release_units(command.tx(), id, open.units).await?;
                let change = quota_event::Change::ReserveReleased(QuotaReserveReleased { units: open.units });
                self.finish(command, event(&released, change), released).await
            }
            _ => {
                let proposal = Proposal {
                    id: self.clock.id(),
                    units: request.units,
                    by: who.subject.clone(),
                    at: self.clock.now(),
                };
                store::propose_release(command.tx(), id, &proposal).await?;
                command.finish(there).await
            }
        }
    }
}

fn event(state: &Quota, change: quota_event::Change) -> Aggregate {
    Aggregate::Quota(QuotaEvent { state: Some(state.clone()), change: Some(change) })
}
