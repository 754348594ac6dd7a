//! Fills a desk: locks rows in the one order, and reads what stands around them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use proto::{
    ids::{CandidateId, LineId, OrderId, OrganisationId, PlacementId, QuotaId},
    placement::LineState,
};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use crate::{
    decide::{Papers, Roster},
    desk::{Around, Desk},
    ledger::{Line, Quota, Share},
    pack::{Pack, Packs},
    placement::Placement,
};

/// The placements among these that the transaction may see, with their lines.
///
/// # Errors
/// If the database is gone.
pub async fn visible(tx: &mut PgConnection, ids: &[PlacementId]) -> Result<Vec<(PlacementId, LineId)>, sqlx::Error> {
    let rows = sqlx::query!("SELECT id, line_id FROM placement WHERE id = ANY($1)", ids as &[PlacementId])
        .fetch_all(tx)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.line_id.into())).collect())
}

/// As [`visible`]; from here on the transaction acts for the service, see [`super::act_as_service`]. The reach is given up on the
/// one row that gathers the others, so it is after each of them was looked for under it.
///
/// `alone`: the transaction is about one placement, and all the statements that follow in it keep their plans, by index. Left to
/// itself PostgreSQL counts the ids of each `ANY($1)`, finds that a plan for any number of them costs more than one for these, and
/// plans anew every time: with the policies of these tables 0.2 to 1.4 ms each, where to carry it out takes 0.1.
///
/// # Errors
/// If the database is gone.
pub async fn visible_then_all(
    tx: &mut PgConnection,
    ids: &[PlacementId],
    alone: bool,
) -> Result<HashMap<PlacementId, LineId>, sqlx::Error> {
    let found = sqlx::query!(
        "SELECT array_agg(id) AS ids, array_agg(line_id) AS lines, set_config('circula.reach', 'system', true),
                CASE WHEN $2 THEN set_config('plan_cache_mode', 'force_generic_plan', true) END AS plans,
                CASE WHEN $2 THEN set_config('enable_seqscan', 'off', true) END AS scans
         FROM placement WHERE id = ANY($1)",
        ids as &[PlacementId],
        alone
    )
    .fetch_one(tx)
    .await?;
    let ids = found.ids.into_iter().flatten().map(PlacementId);
    Ok(ids.zip(found.lines.into_iter().flatten().map(LineId)).collect())
}

/// What a desk is filled for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub lines: BTreeSet<LineId>,
    pub placements: Vec<PlacementId>,
    /// People and corridors of placements that are still to come.
    pub candidates: Vec<CandidateId>,
    pub corridors: BTreeSet<String>,
    /// Ledgers may change: lines are locked for it, otherwise only against it.
    pub ledgers: bool,
    /// New holds may be taken, or the roster is asked: the person's periods and roster are read.
    pub holds: bool,
    /// An offer is made or looked at: the terms of the lines are read.
    pub terms: bool,
}

/// Locks and reads all that is wanted.
///
/// # Errors
/// If the database is gone.
pub async fn fill(tx: &mut PgConnection, desk: &mut Desk<'_>, wanted: &Wanted) -> Result<(), sqlx::Error> {
    lock(tx, desk, wanted).await?;
    read_around(tx, desk, wanted).await
}

/// Locks and reads lines, quotas and placements, in this order.
///
/// # Errors
/// If the database is gone.
pub async fn lock(tx: &mut PgConnection, desk: &mut Desk<'_>, wanted: &Wanted) -> Result<(), sqlx::Error> {
    let ids: Vec<LineId> = wanted.lines.iter().copied().collect();
    desk.book.lines = lock_lines(tx, &ids, wanted.ledgers).await?;
    let from_quota = desk.book.lines.values().any(|line| line.several || line.withdrawn);
    if wanted.ledgers && from_quota {
        let quotas: BTreeSet<QuotaId> =
            desk.book.lines.values().flat_map(|line| line.shares.iter().map(|share| share.quota_id)).collect();
        desk.book.quotas = lock_quotas(tx, &quotas.into_iter().collect::<Vec<_>>()).await?;
    }
    desk.placements = lock_placements(tx, &wanted.placements).await?;
    Ok(())
}

/// Reads what stands around the placements of the desk.
///
/// # Errors
/// If the database is gone.
pub async fn read_around(tx: &mut PgConnection, desk: &mut Desk<'_>, wanted: &Wanted) -> Result<(), sqlx::Error> {
    desk.around = around(tx, desk, wanted).await?;
    Ok(())
}

/// Reads without a lock, for those who only look.
///
/// # Errors
/// If the database is gone.
pub async fn look(tx: &mut PgConnection, desk: &mut Desk<'_>, wanted: &Wanted) -> Result<(), sqlx::Error> {
    let ids: Vec<LineId> = wanted.lines.iter().copied().collect();
    desk.book.lines = lines(tx, &ids).await?;
    for quota in super::lists::quotas(tx, "", "").await? {
        desk.book.quotas.insert(quota.id, quota);
    }
    desk.around = around(tx, desk, wanted).await?;
    Ok(())
}

/// A line with one of its shares.
struct LineRow {
    id: LineId,
    order_id: OrderId,
    organisation_id: OrganisationId,
    season_code: String,
    destination: String,
    substitutes: bool,
    filed_on: Option<NaiveDate>,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    isco_code: String,
    state: i16,
    suspended: bool,
    withdrawn: bool,
    several: bool,
    posted: i32,
    held: i32,
    taken: i32,
    promised: i32,
    shortfall: i32,
    version: i64,
    listed: bool,
    quota_id: Option<Uuid>,
    corridor_code: Option<String>,
    units: Option<i32>,
    units_held: Option<i32>,
    units_used: Option<i32>,
}

/// Locks lines, for their ledgers or only against changes of them.
///
/// # Errors
/// If the database is gone.
pub async fn lock_lines(
    tx: &mut PgConnection,
    ids: &[LineId],
    exclusive: bool,
) -> Result<BTreeMap<LineId, Line>, sqlx::Error> {
    if platform::fault::planted("lines_not_locked") {
        return lines(tx, ids).await;
    }
    let seen = if platform::fault::planted("seats_seen_before_lock") { Some(lines(tx, ids).await?) } else { None };
    if exclusive {
        sqlx::query!("SELECT id FROM line WHERE id = ANY($1) ORDER BY id FOR UPDATE", ids as &[LineId])
            .fetch_all(&mut *tx)
            .await?;
    } else {
        sqlx::query!("SELECT id FROM line WHERE id = ANY($1) ORDER BY id FOR SHARE", ids as &[LineId])
            .fetch_all(&mut *tx)
            .await?;
    }
    match seen {
        Some(seen) => Ok(seen),
        None => lines(tx, ids).await,
    }
}

/// Locks those of the lines that nobody else works on just now.
///
/// # Errors
/// If the database is gone.
pub async fn lock_free_lines(tx: &mut PgConnection, ids: &[LineId]) -> Result<BTreeMap<LineId, Line>, sqlx::Error> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM line WHERE id = ANY($1) ORDER BY id FOR UPDATE SKIP LOCKED",
        ids as &[LineId]
    )
    .fetch_all(&mut *tx)
    .await?;
    let ids: Vec<LineId> = ids.into_iter().map(LineId).collect();
    lines(tx, &ids).await
}

/// Reads lines with their shares.
///
/// # Errors
/// If the database is gone.
pub async fn lines(tx: &mut PgConnection, ids: &[LineId]) -> Result<BTreeMap<LineId, Line>, sqlx::Error> {
    let rows = sqlx::query_as!(
        LineRow,
        r#"SELECT line.id, order_id, organisation_id, season_code, destination, substitutes, filed_on, starts_on, ends_on, isco_code,
                  state, suspended, withdrawn, several, posted, held, taken, promised, shortfall, version,
                  EXISTS (SELECT FROM placement p WHERE p.line_id = line.id AND p.stage = 1) AS "listed!",
                  s.quota_id AS "quota_id?", s.corridor_code AS "corridor_code?", s.units AS "units?",
                  s.units_held AS "units_held?", s.units_used AS "units_used?"
           FROM line LEFT JOIN line_share s ON s.line_id = line.id
           WHERE line.id = ANY($1) ORDER BY line.id, s.corridor_code, s.quota_id"#,
        ids as &[LineId]
    )
    .fetch_all(tx)
    .await?;
    let mut lines: BTreeMap<LineId, Line> = BTreeMap::new();
    for mut row in rows {
        let share = row.share();
        lines.entry(row.id).or_insert_with(|| row.into()).shares.extend(share);
    }
    Ok(lines)
}

impl LineRow {
    /// The share of this row; a line without any has one row without.
    fn share(&mut self) -> Option<Share> {
        Some(Share {
            quota_id: self.quota_id?.into(),
            corridor: self.corridor_code.take()?,
            units: self.units?,
            units_held: self.units_held?,
            units_used: self.units_used?,
        })
    }
}

impl From<LineRow> for Line {
    fn from(row: LineRow) -> Self {
        Self {
            id: row.id,
            order_id: row.order_id,
            organisation_id: row.organisation_id,
            season: row.season_code,
            destination: row.destination,
            state: LineState::try_from(i32::from(row.state)).unwrap_or(LineState::Unspecified),
            suspended: row.suspended,
            withdrawn: row.withdrawn,
            several: row.several,
            substitutes: row.substitutes,
            filed_on: row.filed_on,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            isco_code: row.isco_code,
            posted: row.posted,
            held: row.held,
            taken: row.taken,
            promised: row.promised,
            shortfall: row.shortfall,
            shares: Vec::new(),
            version: row.version,
            listed: row.listed,
        }
    }
}

/// Locks quotas.
///
/// # Errors
/// If the database is gone.
pub async fn lock_quotas(tx: &mut PgConnection, ids: &[QuotaId]) -> Result<BTreeMap<QuotaId, Quota>, sqlx::Error> {
    if platform::fault::planted("quotas_not_locked") {
        let seen = "SELECT id, corridor_code, season_code, wanted, allotted, version FROM quota WHERE id = ANY($1)";
        let rows: Vec<(QuotaId, String, String, i32, i32, i64)> = sqlx::query_as(seen).bind(ids).fetch_all(tx).await?;
        let quota = |(id, corridor, season, wanted, allotted, version)| {
            (id, Quota { id, corridor, season, wanted, allotted, version })
        };
        return Ok(rows.into_iter().map(quota).collect());
    }
    let rows = sqlx::query!(
        "SELECT id, corridor_code, season_code, wanted, allotted, version FROM quota
         WHERE id = ANY($1) ORDER BY id FOR UPDATE",
        ids as &[QuotaId]
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (corridor, season) = (row.corridor_code, row.season_code);
            let quota = Quota {
                id: row.id.into(),
                corridor,
                season,
                wanted: row.wanted,
                allotted: row.allotted,
                version: row.version,
            };
            (quota.id, quota)
        })
        .collect())
}

/// Locks placements.
///
/// # Errors
/// If the database is gone.
pub async fn lock_placements(
    tx: &mut PgConnection,
    ids: &[PlacementId],
) -> Result<BTreeMap<PlacementId, Placement>, sqlx::Error> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = sqlx::query!(
        "SELECT id, facts FROM placement WHERE id = ANY($1) ORDER BY id FOR UPDATE",
        ids as &[PlacementId]
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(|row| Ok((row.id.into(), super::read(&row.facts)?))).collect()
}

async fn around(tx: &mut PgConnection, desk: &Desk<'_>, wanted: &Wanted) -> Result<Around, sqlx::Error> {
    let mut around = Around::default();
    let mut candidates: BTreeSet<CandidateId> = wanted.candidates.iter().copied().collect();
    let mut corridors = wanted.corridors.clone();
    for placement in desk.placements.values() {
        candidates.insert(placement.candidate_id);
        corridors.insert(placement.corridor.clone());
    }
    let corridors: Vec<String> = corridors.into_iter().collect();
    read_packs(tx, &corridors, &mut around).await?;
    if wanted.terms {
        let lines: Vec<LineId> = wanted.lines.iter().copied().collect();
        around.terms = super::terms::of_lines(tx, &lines).await?;
    }
    if wanted.holds {
        let candidates: Vec<CandidateId> = candidates.into_iter().collect();
        read_people(tx, &candidates, &mut around).await?;
        let lines: Vec<LineId> = wanted.lines.iter().copied().collect();
        let rows = sqlx::query!(
            "SELECT id, line_id, candidate_id FROM placement
             WHERE line_id = ANY($1) AND candidate_id = ANY($2) AND stage < 15",
            &lines as &[LineId],
            &candidates as &[CandidateId]
        )
        .fetch_all(tx)
        .await?;
        around.live =
            rows.into_iter().map(|row| ((row.line_id.into(), row.candidate_id.into()), row.id.into())).collect();
    }
    Ok(around)
}

async fn read_packs(tx: &mut PgConnection, corridors: &[String], around: &mut Around) -> Result<(), sqlx::Error> {
    // A pack may be known before its corridor is.
    let rows = sqlx::query!(
        r#"SELECT asked.code AS "code!", corridor.open AS "open?", rule_pack.valid_from AS "valid_from?",
                  rule_pack.rules AS "rules?: Json<BTreeMap<String, String>>"
           FROM unnest($1::text[]) AS asked (code)
                LEFT JOIN corridor ON corridor.code = asked.code LEFT JOIN rule_pack ON rule_pack.code = asked.code"#,
        corridors
    )
    .fetch_all(tx)
    .await?;
    for row in rows {
        if let Some(open) = row.open {
            around.corridors.insert(row.code.clone(), open);
        }
        if let (Some(valid_from), Some(rules)) = (row.valid_from, row.rules) {
            let id = format!("{}@{valid_from}", row.code);
            let packs: &mut Packs = around.packs.entry(row.code).or_default();
            packs.0.insert(valid_from, Pack { id, rules: rules.0 }.into());
        }
    }
    Ok(())
}

async fn read_people(
    tx: &mut PgConnection,
    candidates: &[CandidateId],
    around: &mut Around,
) -> Result<(), sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT placement_id, candidate_id, lower(during) AS "from!", upper(during) AS "until!"
           FROM occupancy WHERE candidate_id = ANY($1) AND status <> 'RELEASED'"#,
        candidates as &[CandidateId]
    )
    .fetch_all(&mut *tx)
    .await?;
    for row in rows {
        around.periods.entry(row.candidate_id.into()).or_default().push((row.placement_id.into(), row.from, row.until));
    }
    let rows =
        sqlx::query!(
            "SELECT id, rostered, rostered_until, version, fit_until, trained_until, papers FROM candidate WHERE id = ANY($1)",
            candidates as &[CandidateId]
        )
        .fetch_all(tx)
        .await?;
    around.rosters = rows
        .into_iter()
        .map(|row| {
            let papers = Papers { fit_until: row.fit_until, trained_until: row.trained_until };
            let papers = row.papers.then_some(papers);
            (row.id.into(), Roster { rostered: row.rostered, until: row.rostered_until, version: row.version, papers })
        })
        .collect::<HashMap<_, _>>();
    Ok(())
}
