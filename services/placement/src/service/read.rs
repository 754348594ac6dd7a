//! What callers may see, under their own reach. Nothing is written, so nothing is committed: that would be one more way to the
//! database, and would wake the relay.

use platform::{Error, Principal, Reach, Refused};
use proto::{
    common::TallyResponse,
    ids::{LineId, OrderId, PlacementId},
    placement::{Line, ListQuotaUseResponse, PlacementView, PossibleMove, Stage},
};

use super::{Service, moves};
use crate::{
    decide::Move,
    desk::Desk,
    moves::TABLE,
    placement::Step,
    signers,
    store::{self, lists::Filter},
    veil::{self, Reader},
    view,
};

impl Service {
    /// A placement with the moves the caller could make now, and those that wait for something.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn placement(
        &self,
        principal: &Principal,
        (id, language): (PlacementId, &str),
    ) -> Result<PlacementView, Error> {
        let mut tx = self.database.begin(principal.reach()).await?;
        let found = store::lists::placement(&mut tx, id).await?;
        let placement = found.ok_or_else(|| Refused::not_found("placement", id))?;
        // Before the reach is given up: nobody learns of placements that are not theirs.
        let together = match &placement.together {
            Some(group) => Some(view::together(group, &store::load::visible(&mut tx, &group.others).await?)),
            None => None,
        };
        store::act_as_service(&mut tx).await?;
        let mut desk = Desk::new(&TABLE, self.clock.now());
        let around = store::load::Wanted {
            candidates: vec![placement.candidate_id],
            corridors: [placement.corridor.clone()].into(),
            lines: [placement.line_id].into(),
            holds: true,
            terms: true,
            ..Default::default()
        };
        store::load::look(&mut tx, &mut desk, &around).await?;
        let calendar = store::lists::calendar(&mut tx).await?;
        drop(tx);
        let last = placement.steps.last().map(|step| step.on);
        let on = calendar.max(last).unwrap_or(placement.starts_on);
        let pack = desk.pack(&placement.corridor, on);
        let (mut possible, mut waiting) = (Vec::new(), Vec::new());
        let reader = Reader::of(principal);
        let shown = veil::shown(&placement, reader.knows);
        for (row, outcome) in desk.options(&shown, on, Some(&self.actor(principal))) {
            let mut option = PossibleMove {
                id: row.id.clone(),
                command: row.command.clone(),
                to: row.to.unwrap_or(placement.stage).into(),
                who: signers::who(row, &placement, &pack),
                refusal: None,
            };
            match outcome {
                Ok(()) => possible.push(option),
                Err(refusal) => {
                    let asked = Move { command: row.command.clone(), ..Move::default() };
                    option.refusal = Some(moves::explain(&refusal, &asked, &placement, &[]).into_proto());
                    waiting.push(option);
                }
            }
        }
        let holdings = view::holdings(&placement);
        let told = view::whole(&placement, reader);
        let offered = told.offer.as_ref().map(|offer| offer.language.as_str());
        let language = if language.is_empty() { offered.unwrap_or_default() } else { language };
        // A ministry learns place and pay once a seat is kept for its person.
        let kept = |step: &Step| !matches!(step.stage, Stage::Recommended | Stage::Cancelled | Stage::Deceased);
        let open = principal.organisation_id != placement.ministry_id.0 || placement.steps.iter().any(kept);
        let terms = desk.around.terms.get(&placement.line_id).filter(|_| open).map(|terms| terms.told(language));
        Ok(PlacementView { placement: Some(told), possible, waiting, holdings, terms, together })
    }

    /// A page of placements by id, and whether there are more.
    ///
    /// # Errors
    /// If the database is gone.
    pub async fn placements(
        &self,
        reach: Reach,
        filter: &Filter,
        page: (Option<PlacementId>, i64),
    ) -> Result<(Vec<proto::placement::Placement>, Option<PlacementId>), Error> {
        let mut tx = self.database.begin(reach).await?;
        let mut found = store::lists::placements(&mut tx, filter, (page.0, page.1 + 1)).await?;
        drop(tx);
        let size = usize::try_from(page.1).unwrap_or(usize::MAX);
        let more = found.len() > size;
        found.truncate(size);
        let last = found.last().map(|placement| placement.id).filter(|_| more);
        Ok((found.iter().map(|one| view::seen(one, filter.knows)).collect(), last))
    }

    /// One line.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn line(&self, reach: Reach, id: LineId) -> Result<Line, Error> {
        let mut tx = self.database.begin(reach).await?;
        let found = store::load::lines(&mut tx, &[id]).await?.remove(&id);
        drop(tx);
        Ok(view::line(&found.ok_or_else(|| Refused::not_found("line", id))?))
    }

    /// A page of lines by id, and whether there are more.
    ///
    /// # Errors
    /// If the database is gone.
    pub async fn lines(
        &self,
        reach: Reach,
        filter: (&str, &str, Option<OrderId>),
        (after, size): (Option<LineId>, i64),
    ) -> Result<(Vec<Line>, Option<LineId>), Error> {
        let mut tx = self.database.begin(reach).await?;
        let mut ids = store::lists::line_ids(&mut tx, filter, (after, size + 1)).await?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let more = ids.len() > size;
        ids.truncate(size);
        let lines = store::load::lines(&mut tx, &ids).await?;
        drop(tx);
        Ok((lines.values().map(view::line).collect(), ids.last().copied().filter(|_| more)))
    }

    /// Use of the quotas.
    ///
    /// # Errors
    /// If the database is gone.
    pub async fn quota_use(&self, reach: Reach, corridor: &str, season: &str) -> Result<ListQuotaUseResponse, Error> {
        let mut tx = self.database.begin(reach).await?;
        let quotas = store::lists::quotas(&mut tx, corridor, season).await?;
        drop(tx);
        Ok(ListQuotaUseResponse { quotas: quotas.iter().map(view::quota).collect() })
    }

    /// This service's own counts and the position of its log, in one snapshot.
    ///
    /// # Errors
    /// If the database is gone.
    pub async fn tally(&self) -> Result<TallyResponse, Error> {
        let mut tx = self.database.begin_snapshot(Reach::System).await?;
        let counts = store::tally::counts(&mut tx).await?;
        let positions = store::tally::positions(&mut tx).await?;
        tx.rollback().await?;
        Ok(TallyResponse { counts, positions })
    }
}
