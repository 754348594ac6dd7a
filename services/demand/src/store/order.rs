mod rows;

use proto::ids::{CandidateId, OrderId};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use self::rows::{AllocationRow, LineRow, OrderRow, allocation_rows, assemble, line_rows, order_row};
use crate::order::{Deduction, Flag, Order, Pay, Place};

/// Which orders a list asks for; empty fields ask nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) season_code: String,
    pub(crate) destination: String,
    pub(crate) state: String,
    pub(crate) flag: String,
    pub(crate) reference: String,
}

/// A feed's order that is there already.
pub(crate) struct Known {
    pub(crate) id: OrderId,
    pub(crate) reference: String,
    pub(crate) fingerprint: String,
}

/// Inserts the orders whose natural key is new, with their lines and farms, and answers their ids. The row is locked
/// from here to the commit.
pub(crate) async fn insert(tx: &mut PgConnection, orders: &[Order]) -> Result<Vec<OrderId>, sqlx::Error> {
    let rows: Vec<OrderRow> = orders.iter().map(order_row).collect();
    let lines: Vec<LineRow> = orders.iter().flat_map(line_rows).collect();
    let allocations: Vec<AllocationRow> = orders.iter().flat_map(allocation_rows).collect();
    sqlx::query!(
        r#"WITH fresh AS (
               INSERT INTO job_order SELECT * FROM jsonb_populate_recordset(NULL::job_order, $1)
               ON CONFLICT (organisation_id, source, reference) DO NOTHING RETURNING id
           ), line AS (
               INSERT INTO order_line SELECT new.* FROM jsonb_populate_recordset(NULL::order_line, $2) AS new
               WHERE new.order_id IN (SELECT id FROM fresh)
           ), farm AS (
               INSERT INTO farm_allocation SELECT new.* FROM jsonb_populate_recordset(NULL::farm_allocation, $3) AS new
               WHERE new.order_id IN (SELECT id FROM fresh)
           )
           SELECT id FROM fresh"#,
        Json(&rows) as _,
        Json(&lines) as _,
        Json(&allocations) as _
    )
    .map(|row| OrderId(row.id))
    .fetch_all(tx)
    .await
}

/// Orders of one source that an organisation has already, each looked up by itself: asked for as a list, and with a plan
/// made before the table had grown, every order would be compared with every reference.
pub(crate) async fn known(
    tx: &mut PgConnection,
    (organisation_id, source): (Uuid, &str),
    references: &[String],
) -> Result<Vec<Known>, sqlx::Error> {
    sqlx::query_as!(
        Known,
        r#"SELECT found.id AS "id!", wanted.reference AS "reference!", found.fingerprint AS "fingerprint!"
           FROM unnest($3::text[]) AS wanted (reference),
               LATERAL (SELECT id, fingerprint FROM job_order
                        WHERE organisation_id = $1 AND source = $2 AND reference = wanted.reference LIMIT 1) AS found"#,
        organisation_id,
        source,
        references
    )
    .fetch_all(tx)
    .await
}

/// Seats of the same employer for the same season and destination, in orders that wait or are open: of all of them, or of
/// those that came before one.
pub(crate) async fn seats_of_employer(
    tx: &mut PgConnection,
    order: &Order,
    before: Option<OrderId>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT coalesce(sum(line.seats), 0)::bigint AS "seats!"
           FROM job_order JOIN order_line AS line ON line.order_id = job_order.id
           WHERE employer_id = $1 AND season_code = $2 AND destination = $3 AND state IN ('SUBMITTED', 'OPEN')
             AND ($4::uuid IS NULL OR job_order.id < $4)"#,
        order.employer_id.0,
        order.season_code,
        order.destination,
        before.map(|order| order.0)
    )
    .fetch_one(tx)
    .await
}

/// Locks what is there and in reach of these orders and reads it.
pub(crate) async fn lock(tx: &mut PgConnection, ids: &[OrderId]) -> Result<Vec<Order>, sqlx::Error> {
    let locked = sqlx::query!("SELECT id FROM job_order WHERE id = ANY($1) ORDER BY id FOR UPDATE", ids as &[OrderId])
        .map(|row| OrderId(row.id))
        .fetch_all(&mut *tx)
        .await?;
    load(tx, &locked).await
}

/// Writes the decisions taken on orders that are locked.
pub(crate) async fn decide(tx: &mut PgConnection, orders: &[Order]) -> Result<(), sqlx::Error> {
    let rows: Vec<OrderRow> = orders.iter().map(order_row).collect();
    let done = sqlx::query!(
        "UPDATE job_order SET state = new.state, decided_on = new.decided_on, rule_pack_id = new.rule_pack_id,
             flags = new.flags, closing_reason = new.closing_reason, version = new.version
         FROM jsonb_populate_recordset(NULL::job_order, $1) AS new
         WHERE job_order.id = new.id AND job_order.version = new.version - 1",
        Json(&rows) as _
    )
    .execute(tx)
    .await?;
    if done.rows_affected() == orders.len() as u64 { Ok(()) } else { Err(sqlx::Error::RowNotFound) }
}

/// Ids of a page of orders, newest first.
pub(crate) async fn list(
    tx: &mut PgConnection,
    filter: &Filter,
    before: Option<OrderId>,
    limit: i64,
) -> Result<Vec<OrderId>, sqlx::Error> {
    sqlx::query!(
        "SELECT id FROM job_order
         WHERE ($1::uuid IS NULL OR id < $1) AND ($2 = '' OR season_code = $2) AND ($3 = '' OR destination = $3)
           AND ($4 = '' OR state = $4) AND ($5 = '' OR reference = $5)
           AND ($6 = '' OR flags @> jsonb_build_array(jsonb_build_object('code', $6)))
         ORDER BY id DESC LIMIT $7",
        before.map(|order| order.0),
        filter.season_code,
        filter.destination,
        filter.state,
        filter.reference,
        filter.flag,
        limit
    )
    .map(|row| OrderId(row.id))
    .fetch_all(tx)
    .await
}

/// Reads orders whole, in the order of `ids`; what is not there or out of reach is left out.
pub(crate) async fn load(tx: &mut PgConnection, ids: &[OrderId]) -> Result<Vec<Order>, sqlx::Error> {
    let orders = sqlx::query_as!(
        OrderRow,
        r#"SELECT id, organisation_id, source, reference, employer_id, employer_name, destination, season_code, filed_on,
                  decided_on, state, source_status, rule_pack_id, union_order, flags AS "flags: Json<Vec<Flag>>",
                  fingerprint, closing_reason, version
           FROM job_order WHERE id = ANY($1) ORDER BY array_position($1, id)"#,
        ids as &[OrderId]
    )
    .fetch_all(&mut *tx)
    .await?;
    let lines = sqlx::query_as!(
        LineRow,
        r#"SELECT id, order_id, organisation_id, number, title, source_occupation, isco_codes, seats_asked, seats,
                  starts_on, ends_on, workplace AS "workplace: Json<Place>", pay AS "pay: Json<Pay>", hours_week,
                  experience_months, languages, certificates,
                  named_candidate_ids AS "named_candidate_ids: Vec<CandidateId>", substitutes, origins, beds,
                  deductions AS "deductions: Json<Vec<Deduction>>", least_crew, housing
           FROM order_line WHERE order_id = ANY($1) ORDER BY order_id, number"#,
        ids as &[OrderId]
    )
    .fetch_all(&mut *tx)
    .await?;
    let allocations = sqlx::query_as!(
        AllocationRow,
        r#"SELECT id, line_id, order_id, organisation_id, number, farm_name, seats, starts_on, ends_on,
                  workplace AS "workplace: Json<Place>", flags AS "flags: Json<Vec<Flag>>"
           FROM farm_allocation WHERE order_id = ANY($1) ORDER BY line_id, number"#,
        ids as &[OrderId]
    )
    .fetch_all(tx)
    .await?;
    Ok(assemble(orders, lines, allocations))
}
