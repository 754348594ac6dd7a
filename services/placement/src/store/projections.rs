//! What this service knows of the others' facts. Newer version wins; a row is named once per statement.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use proto::ids::{CandidateId, LineId, OrderId, OrganisationId, QuotaId};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use crate::{ledger::Quota, offer::Terms};

/// An origin with an open corridor to a destination, and its quota of a season.
#[derive(Debug, Clone)]
pub struct Corridor {
    pub code: String,
    pub origin: String,
    pub quota_id: QuotaId,
}

/// Takes a corridor's state.
///
/// # Errors
/// If the database is gone.
pub async fn put_corridor(
    tx: &mut PgConnection,
    corridor: &proto::programme::Corridor,
    open: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO corridor (code, origin, destination, open, version) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (code) DO UPDATE SET open = excluded.open, version = excluded.version
         WHERE corridor.version < excluded.version",
        corridor.code,
        corridor.origin,
        corridor.destination,
        open,
        corridor.version
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes a rule pack.
///
/// # Errors
/// If the database is gone.
pub async fn put_pack(
    tx: &mut PgConnection,
    pack: &proto::programme::RulePack,
    valid_from: NaiveDate,
) -> Result<(), sqlx::Error> {
    let rules: BTreeMap<&str, &str> = pack.rules.iter().map(|rule| (rule.key.as_str(), rule.value.as_str())).collect();
    sqlx::query!(
        "INSERT INTO rule_pack (code, valid_from, rules, version) VALUES ($1, $2, $3, $4)
         ON CONFLICT (code, valid_from) DO UPDATE SET rules = excluded.rules, version = excluded.version
         WHERE rule_pack.version < excluded.version",
        pack.code,
        valid_from,
        Json(&rules) as _,
        pack.version
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes a quota's limit. Answers with its use if that changed.
///
/// # Errors
/// If the database is gone.
pub async fn limit_quota(tx: &mut PgConnection, quota: &proto::programme::Quota) -> Result<Option<Quota>, sqlx::Error> {
    let Ok(id) = quota.id.parse::<QuotaId>() else { return Ok(None) };
    let row = sqlx::query!(
        "INSERT INTO quota (id, corridor_code, season_code, wanted, cap, programme_version, version)
         VALUES ($1, $2, $3, $4, $4, $5, 1)
         ON CONFLICT (id) DO UPDATE
         SET wanted = excluded.wanted, cap = greatest(excluded.wanted, quota.allotted),
             shortfall = greatest(quota.allotted - excluded.wanted, 0),
             programme_version = excluded.programme_version, version = quota.version + 1
         WHERE quota.programme_version < excluded.programme_version
         RETURNING id, corridor_code, season_code, wanted, allotted, version",
        id.0,
        quota.corridor_code,
        quota.season_code,
        quota.cap.max(0),
        quota.version
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| Quota {
        id: row.id.into(),
        corridor: row.corridor_code,
        season: row.season_code,
        wanted: row.wanted,
        allotted: row.allotted,
        version: row.version,
    }))
}

/// A person's roster and papers, as the candidate service states it.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: CandidateId,
    pub rostered: bool,
    pub until: Option<NaiveDate>,
    pub fit_until: Option<NaiveDate>,
    pub trained_until: Option<NaiveDate>,
    pub version: i64,
}

/// Takes the rosters of people.
///
/// # Errors
/// If the database is gone.
pub async fn put_people(tx: &mut PgConnection, people: &[Person]) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = people.iter().map(|person| person.id.0).collect();
    let rostered: Vec<bool> = people.iter().map(|person| person.rostered).collect();
    let dates = |of: fn(&Person) -> Option<NaiveDate>| people.iter().map(of).collect::<Vec<_>>();
    let versions: Vec<i64> = people.iter().map(|person| person.version).collect();
    sqlx::query!(
        "INSERT INTO candidate (id, rostered, rostered_until, version, fit_until, trained_until, papers)
         SELECT *, true FROM unnest($1::uuid[], $2::bool[], $3::date[], $4::bigint[], $5::date[], $6::date[])
         ON CONFLICT (id) DO UPDATE
         SET rostered = excluded.rostered, rostered_until = excluded.rostered_until, version = excluded.version,
             fit_until = excluded.fit_until, trained_until = excluded.trained_until, papers = true
         WHERE candidate.version < excluded.version",
        &ids,
        &rostered,
        &dates(|person| person.until) as &[Option<NaiveDate>],
        &versions,
        &dates(|person| person.fit_until) as &[Option<NaiveDate>],
        &dates(|person| person.trained_until) as &[Option<NaiveDate>]
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// An order's line, as far as its seats need it.
#[derive(Debug, Clone)]
pub struct OrderLine {
    pub id: LineId,
    pub order_id: OrderId,
    pub organisation_id: OrganisationId,
    pub season: String,
    pub destination: String,
    pub origins: String,
    pub substitutes: bool,
    pub filed_on: Option<NaiveDate>,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub isco_code: String,
    pub seats: i32,
    pub terms: Terms,
}

/// Takes orders' states; answers with those that were newer than what was known.
///
/// # Errors
/// If the database is gone.
pub async fn put_orders(tx: &mut PgConnection, orders: &[(OrderId, bool, i64)]) -> Result<Vec<OrderId>, sqlx::Error> {
    let ids: Vec<Uuid> = orders.iter().map(|(id, _, _)| id.0).collect();
    let open: Vec<bool> = orders.iter().map(|(_, open, _)| *open).collect();
    let versions: Vec<i64> = orders.iter().map(|(_, _, version)| *version).collect();
    let newer = sqlx::query_scalar!(
        "INSERT INTO job_order (id, open, version) SELECT * FROM unnest($1::uuid[], $2::bool[], $3::bigint[])
         ON CONFLICT (id) DO UPDATE SET open = excluded.open, version = excluded.version
         WHERE job_order.version < excluded.version
         RETURNING id",
        &ids,
        &open,
        &versions
    )
    .fetch_all(tx)
    .await?;
    Ok(newer.into_iter().map(OrderId).collect())
}

/// Takes the lines of open orders: new and pending ones as they are now. Answers with those that are open already and
/// stand at another number of seats.
///
/// # Errors
/// If the database is gone.
pub async fn put_lines(tx: &mut PgConnection, lines: &[OrderLine]) -> Result<Vec<(LineId, i32)>, sqlx::Error> {
    let ids = |of: fn(&OrderLine) -> Uuid| lines.iter().map(of).collect::<Vec<Uuid>>();
    let texts = |of: fn(&OrderLine) -> &String| lines.iter().map(|line| of(line).clone()).collect::<Vec<String>>();
    let dates = |of: fn(&OrderLine) -> NaiveDate| lines.iter().map(of).collect::<Vec<NaiveDate>>();
    let substitutes: Vec<bool> = lines.iter().map(|line| line.substitutes).collect();
    let seats: Vec<i32> = lines.iter().map(|line| line.seats).collect();
    let filed_on: Vec<Option<NaiveDate>> = lines.iter().map(|line| line.filed_on).collect();
    sqlx::query!(
        "INSERT INTO line (id, order_id, organisation_id, season_code, destination, origins, substitutes, starts_on,
                ends_on, isco_code, state, posted, filed_on)
         SELECT n.id, n.order_id, n.organisation_id, n.season_code, n.destination,
                coalesce(string_to_array(nullif(n.origins, ''), ' '), '{}'), n.substitutes, n.starts_on, n.ends_on,
                n.isco_code, 1, n.seats, n.filed_on
         FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::bool[], $8::date[],
                     $9::date[], $10::text[], $11::int[], $12::date[])
              AS n (id, order_id, organisation_id, season_code, destination, origins, substitutes, starts_on, ends_on,
                    isco_code, seats, filed_on)
         ON CONFLICT (id) DO UPDATE
         SET season_code = excluded.season_code, origins = excluded.origins, substitutes = excluded.substitutes,
             starts_on = excluded.starts_on, ends_on = excluded.ends_on, isco_code = excluded.isco_code,
             posted = excluded.posted, filed_on = excluded.filed_on
         WHERE line.state = 1",
        &ids(|line| line.id.0),
        &ids(|line| line.order_id.0),
        &ids(|line| line.organisation_id.0),
        &texts(|line| &line.season),
        &texts(|line| &line.destination),
        &texts(|line| &line.origins),
        &substitutes,
        &dates(|line| line.starts_on),
        &dates(|line| line.ends_on),
        &texts(|line| &line.isco_code),
        &seats,
        &filed_on as &[Option<NaiveDate>]
    )
    .execute(&mut *tx)
    .await?;
    let rows = sqlx::query!(
        r#"SELECT line.id, n.seats AS "seats!" FROM line JOIN unnest($1::uuid[], $2::int[]) AS n (id, seats) ON n.id = line.id
           WHERE line.state = 2 AND line.posted - line.shortfall <> n.seats"#,
        &ids(|line| line.id.0),
        &seats
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.seats)).collect())
}

/// Deletes the pending lines of orders that are not open, and answers with the open ones.
///
/// # Errors
/// If the database is gone.
pub async fn lines_withdrawn(tx: &mut PgConnection, orders: &[OrderId]) -> Result<Vec<LineId>, sqlx::Error> {
    sqlx::query!("DELETE FROM line WHERE order_id = ANY($1) AND state = 1", orders as &[OrderId])
        .execute(&mut *tx)
        .await?;
    let ids = sqlx::query_scalar!("SELECT id FROM line WHERE order_id = ANY($1) AND state = 2", orders as &[OrderId])
        .fetch_all(tx)
        .await?;
    Ok(ids.into_iter().map(LineId).collect())
}

/// Pending lines that some corridor with a quota of their season serves, with the origins they admit, in the order of request: ids
/// are UUIDs of version 7, made when the line was posted.
///
/// # Errors
/// If the database is gone.
pub async fn pending_lines(
    tx: &mut PgConnection,
    (season, destination): (&str, &str),
    most: i64,
) -> Result<Vec<(LineId, Vec<String>)>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT l.id, l.origins FROM line l
         WHERE l.state = 1 AND l.season_code = $1 AND l.destination = $2 AND EXISTS (
             SELECT FROM corridor c JOIN quota q ON q.corridor_code = c.code AND q.season_code = l.season_code
             WHERE c.destination = l.destination AND c.open
                 AND (cardinality(l.origins) = 0 OR c.origin = ANY(l.origins))
         ) ORDER BY l.id LIMIT $3",
        season,
        destination,
        most
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.origins)).collect())
}

/// Open corridors to a destination, with their quota of a season.
///
/// # Errors
/// If the database is gone.
pub async fn corridors_to(
    tx: &mut PgConnection,
    season: &str,
    destination: &str,
) -> Result<Vec<Corridor>, sqlx::Error> {
    sqlx::query_as!(
        Corridor,
        r#"SELECT DISTINCT ON (c.code) c.code, c.origin, q.id AS quota_id
           FROM corridor c JOIN quota q ON q.corridor_code = c.code AND q.season_code = $1
           WHERE c.destination = $2 AND c.open ORDER BY c.code, q.id"#,
        season,
        destination
    )
    .fetch_all(tx)
    .await
}

/// Open lines of one corridor with more open seats than units, whose quota has some left, in the order of request, as
/// in [`pending_lines`]. Since when a seat is open is not known of a line.
///
/// # Errors
/// If the database is gone.
pub async fn hungry_lines(tx: &mut PgConnection, most: i64) -> Result<Vec<LineId>, sqlx::Error> {
    let ids = sqlx::query_scalar!(
        "SELECT l.id FROM line l JOIN line_share s ON s.line_id = l.id JOIN quota q ON q.id = s.quota_id
         WHERE l.state = 2 AND NOT l.several AND l.units < l.posted - l.held - l.taken AND q.cap > q.allotted
         ORDER BY l.id LIMIT $1",
        most
    )
    .fetch_all(tx)
    .await?;
    Ok(ids.into_iter().map(LineId).collect())
}

/// Turns the calendar forward; nothing if it stands there already.
///
/// # Errors
/// If the database is gone.
pub async fn turn_calendar(
    tx: &mut PgConnection,
    id: Uuid,
    as_of: NaiveDate,
) -> Result<Option<(Uuid, i64)>, sqlx::Error> {
    let row = sqlx::query!(
        "INSERT INTO calendar (id, as_of, version) VALUES ($1, $2, 1)
         ON CONFLICT ((true)) DO UPDATE SET as_of = excluded.as_of, version = calendar.version + 1
         WHERE calendar.as_of < excluded.as_of
         RETURNING id, version",
        id,
        as_of
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| (row.id, row.version)))
}

/// Is a clock due, a seat promised and not yet served, or somebody still on the list of a line whose order is closed?
///
/// # Errors
/// If the database is gone.
pub async fn anything_due(tx: &mut PgConnection, as_of: NaiveDate) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM placement WHERE next_fire <= $1) OR EXISTS (SELECT FROM reserve_call)
               OR EXISTS (SELECT FROM placement p JOIN line l ON l.id = p.line_id WHERE l.withdrawn AND p.stage = 1)
               AS "due!""#,
        as_of
    )
    .fetch_one(tx)
    .await
}
