//! The outbox: an event is inserted in the transaction of its change, while the row of its aggregate is locked. Then ids
//! of one aggregate follow the order of commit, and the relay may publish by id. Who appends without holding that lock
//! breaks the order of that aggregate.

use chrono::{DateTime, Days, NaiveDate, Utc};
use opentelemetry::trace::TraceContextExt;
use proto::Event;
use sqlx::{AssertSqlSafe, Executor, PgConnection, Postgres, postgres::PgArguments, query::Query};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use uuid::Uuid;

use crate::{clock::Clock, refusal::Error};

/// Appends events in their order.
///
/// # Errors
/// If an envelope is not whole, or the database refuses.
pub async fn append<E: Event>(tx: &mut PgConnection, clock: &Clock, events: &[E]) -> Result<(), Error> {
    if events.is_empty() {
        return Ok(());
    }
    appending("", clock, events)?.execute(tx).await?;
    Ok(())
}

/// The statement that appends events in their order, for who sends another with it: `with` begins it, such as
/// `WITH done AS (UPDATE …)`, and counts its own values from $9 on.
///
/// # Errors
/// If an envelope is not whole.
pub fn appending<E: Event>(
    with: &str,
    clock: &Clock,
    events: &[E],
) -> Result<Query<'static, Postgres, PgArguments>, Error> {
    let mut rows = Rows::default();
    for event in events {
        let head = event.head().map_err(|error| Error::Internal(error.to_string()))?;
        rows.ids.push(clock.id());
        rows.types.push(head.aggregate);
        rows.keys.push(head.id);
        rows.names.push(format!("{}.{}", E::TOPIC, head.name));
        rows.versions.push(head.version);
        rows.payloads.push(event.encode_to_vec());
    }
    let sql = format!(
        "{with} INSERT INTO outbox (event_id, aggregatetype, aggregateid, type, version, payload, traceparent, recorded_at)
         SELECT e.event_id, e.aggregatetype, e.aggregateid, e.type, e.version, e.payload, $7, $8
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bytea[])
              WITH ORDINALITY AS e (event_id, aggregatetype, aggregateid, type, version, payload, place)
         ORDER BY e.place"
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(rows.ids).bind(rows.types).bind(rows.keys).bind(rows.names);
    Ok(query.bind(rows.versions).bind(rows.payloads).bind(traceparent()).bind(clock.now()))
}

#[derive(Default)]
struct Rows {
    ids: Vec<Uuid>,
    types: Vec<&'static str>,
    keys: Vec<String>,
    names: Vec<String>,
    versions: Vec<i64>,
    payloads: Vec<Vec<u8>>,
}

/// The current span in W3C form, if traces are on.
fn traceparent() -> Option<String> {
    let context = tracing::Span::current().context();
    let span = context.span().span_context().clone();
    span.is_valid().then(|| format!("00-{}-{}-{:02x}", span.trace_id(), span.span_id(), span.trace_flags().to_u8()))
}

/// Makes day partitions for today and the next two days. Rows outside fall into the default partition, so nothing
/// depends on this having run. No partition is dropped: a broker that lost everything is filled again from these rows.
pub(crate) async fn ensure_partitions(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let today: DateTime<Utc> = sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(&mut *connection).await?;
    for ahead in 0..3 {
        let Some(day) = today.date_naive().checked_add_days(Days::new(ahead)) else { continue };
        if !partition_exists(connection, day).await? && default_is_clear(connection, day).await? {
            let until = day.checked_add_days(Days::new(1)).unwrap_or(day);
            let name = partition(day);
            let sql = format!("CREATE TABLE {name} PARTITION OF outbox FOR VALUES FROM ('{day}') TO ('{until}')");
            connection.execute(AssertSqlSafe(sql)).await?;
            // Rows are reached through the parent only, whoever asks.
            let sql = format!(
                "ALTER TABLE {name} ENABLE ROW LEVEL SECURITY; ALTER TABLE {name} FORCE ROW LEVEL SECURITY;
                 CREATE POLICY make ON {name} TO CURRENT_USER USING (true)"
            );
            connection.execute(AssertSqlSafe(sql)).await?;
        }
    }
    Ok(())
}

fn partition(day: NaiveDate) -> String {
    format!("outbox_{}", day.format("%Y%m%d"))
}

async fn partition_exists(connection: &mut PgConnection, day: NaiveDate) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL").bind(partition(day)).fetch_one(connection).await
}

/// A partition cannot be made for rows that the default one already holds; they stay there.
async fn default_is_clear(connection: &mut PgConnection, day: NaiveDate) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT NOT EXISTS (SELECT FROM outbox_default WHERE recorded_at >= $1::date AND recorded_at < $1::date + 1)",
    )
    .bind(day)
    .fetch_one(connection)
    .await
}
