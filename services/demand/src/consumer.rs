//! What demand keeps of the programme: rule packs, seasons, corridors. A projection: the newest state wins.

use async_trait::async_trait;
use chrono::NaiveDate;
use platform::{Fault, Handler, Received};
use proto::programme::{ProgrammeEvent, programme_event::Aggregate};
use sqlx::PgConnection;

use crate::store::programme::{self, Season};

/// Consumer of `circula.programme.v1`.
pub(crate) struct Programme;

#[async_trait]
impl Handler for Programme {
    type Event = ProgrammeEvent;
    const EFFECTS: bool = false;

    async fn apply(&self, tx: &mut PgConnection, events: &[Received<ProgrammeEvent>]) -> Result<(), Fault> {
        for received in events {
            apply(tx, &received.event).await?;
        }
        Ok(())
    }
}

async fn apply(tx: &mut PgConnection, event: &ProgrammeEvent) -> Result<(), Fault> {
    match event.aggregate.as_ref() {
        Some(Aggregate::RulePack(event)) => {
            let Some(pack) = &event.state else { return Ok(()) };
            programme::upsert_pack(tx, pack, date(&pack.valid_from)?).await?;
        }
        Some(Aggregate::Season(event)) => {
            let Some(season) = &event.state else { return Ok(()) };
            let dates = Season { starts_on: date(&season.starts_on)?, ends_on: date(&season.ends_on)? };
            programme::upsert_season(tx, season, dates).await?;
        }
        Some(Aggregate::Corridor(event)) => {
            let Some(corridor) = &event.state else { return Ok(()) };
            programme::upsert_corridor(tx, corridor).await?;
        }
        // Whether an employer is accredited is decided here; quotas are placement's.
        Some(Aggregate::Organisation(_) | Aggregate::Quota(_)) | None => {}
    }
    Ok(())
}

fn date(text: &str) -> Result<NaiveDate, Fault> {
    text.parse().map_err(|_| Fault::Permanent(format!("{text:?} is no ISO 8601 date")))
}
