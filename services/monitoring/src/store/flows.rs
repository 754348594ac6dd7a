//! Figures of flows, steps and clocks. Filters: an empty code means every one.

use chrono::NaiveDate;
use proto::ids::PlacementId;
use sqlx::PgConnection;

/// The date up to which the clocks have been run.
pub(crate) async fn as_of(tx: &mut PgConnection) -> Result<Option<NaiveDate>, sqlx::Error> {
    sqlx::query_scalar!("SELECT max(as_of) FROM calendar").fetch_one(tx).await
}

/// Events folded, of those that the transaction may see.
pub(crate) async fn events(tx: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT sum(events)::bigint AS "events!" FROM position"#).fetch_one(tx).await
}

pub(crate) async fn season_codes(tx: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT DISTINCT season_code AS "code!" FROM (
               SELECT season_code FROM placement UNION ALL SELECT season_code FROM line
               UNION ALL SELECT season_code FROM quota UNION ALL SELECT season_code FROM job_order
           ) AS anything ORDER BY 1"#
    )
    .fetch_all(tx)
    .await
}

/// Placements that stand at one step of one corridor and season.
pub(crate) struct People {
    pub(crate) corridor_code: String,
    pub(crate) season_code: String,
    pub(crate) step: Option<i16>,
    pub(crate) dropped: bool,
    pub(crate) people: i64,
    pub(crate) reserve_calls: i64,
    pub(crate) late: i64,
    pub(crate) one_sided: i64,
}

/// `codes` = corridor and season.
pub(crate) async fn people(
    tx: &mut PgConnection,
    codes: (&str, &str),
    as_of: Option<NaiveDate>,
) -> Result<Vec<People>, sqlx::Error> {
    sqlx::query_as!(
        People,
        r#"SELECT corridor_code, season_code, step, dropped, count(*) AS "people!",
                  count(*) FILTER (WHERE source = 'RESERVE' AND step IS NOT NULL) AS "reserve_calls!",
                  count(*) FILTER (WHERE due_on < $3) AS "late!",
                  count(*) FILTER (WHERE one_sided) AS "one_sided!"
           FROM placement WHERE ($1 = '' OR corridor_code = $1) AND ($2 = '' OR season_code = $2)
           GROUP BY corridor_code, season_code, step, dropped"#,
        codes.0,
        codes.1,
        as_of,
    )
    .fetch_all(tx)
    .await
}

/// Seats of one corridor and season.
pub(crate) struct Seats {
    pub(crate) corridor_code: String,
    pub(crate) season_code: String,
    pub(crate) ordered: i64,
    pub(crate) open: i64,
}

pub(crate) async fn seats(tx: &mut PgConnection, codes: (&str, &str)) -> Result<Vec<Seats>, sqlx::Error> {
    sqlx::query_as!(
        Seats,
        r#"SELECT corridor_code, season_code, sum(posted)::bigint AS "ordered!",
                  coalesce(sum(greatest(posted - held - taken, 0)) FILTER (WHERE state = 'OPEN'), 0)::bigint AS "open!"
           FROM line
           WHERE state <> 'PENDING' AND ($1 = '' OR corridor_code = $1) AND ($2 = '' OR season_code = $2)
           GROUP BY corridor_code, season_code"#,
        codes.0,
        codes.1,
    )
    .fetch_all(tx)
    .await
}

/// Corridors and seasons that have a quota: shown even where nothing has happened yet. A tenant gets those of its corridors.
pub(crate) async fn planned(tx: &mut PgConnection, codes: (&str, &str)) -> Result<Vec<(String, String)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT DISTINCT q.corridor_code, q.season_code FROM quota q LEFT JOIN corridor c ON c.code = q.corridor_code
           WHERE ($1 = '' OR q.corridor_code = $1) AND ($2 = '' OR q.season_code = $2)
             AND (current_setting('circula.reach', true) IN ('all', 'system')
                  OR c.ministry_id = nullif(current_setting('circula.organisation', true), '')::uuid)"#,
        codes.0,
        codes.1,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.corridor_code, row.season_code)).collect())
}

/// Candidates on the roster who are willing to go by each corridor.
pub(crate) async fn rostered(tx: &mut PgConnection) -> Result<Vec<(String, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT c.code, sum(k.people)::bigint AS "people!"
           FROM corridor c JOIN (
               SELECT origin, destinations, count(*) AS people FROM candidate WHERE state = 'ROSTERED' GROUP BY 1, 2
           ) AS k ON k.origin = split_part(c.code, '-', 1)
                 AND (k.destinations = '' OR split_part(c.code, '-', 2) = ANY (string_to_array(k.destinations, ' ')))
           GROUP BY c.code"#
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.code, row.people)).collect())
}

/// How many stand at a step of one corridor, and how long those who are here have been here, in days.
pub(crate) struct StepRow {
    pub(crate) step: i16,
    pub(crate) dropped: bool,
    pub(crate) people: i64,
    pub(crate) days_median: Option<i32>,
    pub(crate) days_longest: Option<i32>,
    pub(crate) one_sided: i64,
}

pub(crate) async fn steps(
    tx: &mut PgConnection,
    codes: (&str, &str),
    as_of: Option<NaiveDate>,
) -> Result<Vec<StepRow>, sqlx::Error> {
    sqlx::query_as!(
        StepRow,
        r#"SELECT step AS "step!", dropped, count(*) AS "people!",
                  percentile_disc(0.5) WITHIN GROUP (ORDER BY greatest($3::date - since, 0)) AS days_median,
                  max(greatest($3::date - since, 0)) AS days_longest,
                  count(*) FILTER (WHERE one_sided) AS "one_sided!"
           FROM placement WHERE corridor_code = $1 AND ($2 = '' OR season_code = $2) AND step IS NOT NULL
           GROUP BY step, dropped"#,
        codes.0,
        codes.1,
        as_of,
    )
    .fetch_all(tx)
    .await
}

/// Why people dropped out at a step.
pub(crate) struct Reason {
    pub(crate) step: i16,
    pub(crate) reason: String,
    pub(crate) people: i64,
}

pub(crate) async fn reasons(tx: &mut PgConnection, codes: (&str, &str)) -> Result<Vec<Reason>, sqlx::Error> {
    sqlx::query_as!(
        Reason,
        r#"SELECT step AS "step!", reason, count(*) AS "people!" FROM placement
           WHERE corridor_code = $1 AND ($2 = '' OR season_code = $2) AND dropped AND step IS NOT NULL
           GROUP BY step, reason ORDER BY 3 DESC, reason"#,
        codes.0,
        codes.1,
    )
    .fetch_all(tx)
    .await
}

/// Clocks of one kind in one corridor that wait for one party.
pub(crate) struct Clock {
    pub(crate) corridor_code: String,
    pub(crate) name: String,
    pub(crate) waits_for: String,
    pub(crate) running: i64,
    pub(crate) late: i64,
    pub(crate) oldest_due_on: NaiveDate,
    pub(crate) oldest_placement_id: PlacementId,
}

pub(crate) async fn clocks(
    tx: &mut PgConnection,
    codes: (&str, &str),
    (as_of, late_only): (Option<NaiveDate>, bool),
) -> Result<Vec<Clock>, sqlx::Error> {
    sqlx::query_as!(
        Clock,
        r#"SELECT p.corridor_code, c.name AS "name!", c.waits_for AS "waits_for!", count(*) AS "running!",
                  count(*) FILTER (WHERE c.due_on < $3) AS "late!", min(c.due_on) AS "oldest_due_on!",
                  (array_agg(p.id ORDER BY c.due_on, p.id))[1] AS "oldest_placement_id!"
           FROM placement p, jsonb_to_recordset(p.clocks) AS c (name text, due_on date, waits_for text)
           WHERE p.due_on IS NOT NULL AND c.due_on IS NOT NULL AND ($1 = '' OR p.corridor_code = $1)
             AND ($2 = '' OR p.season_code = $2) AND (NOT $4 OR c.due_on < $3)
           GROUP BY p.corridor_code, c.name, c.waits_for ORDER BY 5 DESC, 6, 1, 2, 3"#,
        codes.0,
        codes.1,
        as_of,
        late_only,
    )
    .fetch_all(tx)
    .await
}

/// How long clocks of one kind ran that have ended, in days.
pub(crate) struct ClockTime {
    pub(crate) name: String,
    pub(crate) ended: i64,
    pub(crate) half: i32,
    pub(crate) nine_of_ten: i32,
    pub(crate) longest: i32,
}

/// Of one corridor, from the counts that are kept with the fold: a row for each number of days that a clock ever took, not
/// for each placement.
pub(crate) async fn clock_times(tx: &mut PgConnection, codes: (&str, &str)) -> Result<Vec<ClockTime>, sqlx::Error> {
    sqlx::query_as!(
        ClockTime,
        r#"SELECT clock AS "name!", sum(ended)::bigint AS "ended!",
                  min(days) FILTER (WHERE upto * 2 >= every) AS "half!",
                  min(days) FILTER (WHERE upto * 10 >= every * 9) AS "nine_of_ten!", max(days) AS "longest!"
           FROM (
               SELECT clock, days, ended, sum(ended) OVER (PARTITION BY clock ORDER BY days) AS upto,
                      sum(ended) OVER (PARTITION BY clock) AS every
               FROM (
                   SELECT clock, days, sum(ended) AS ended FROM clock_time
                   WHERE corridor_code = $1 AND ($2 = '' OR season_code = $2)
                   GROUP BY clock, days HAVING sum(ended) > 0
               ) AS of_days
           ) AS in_order GROUP BY clock ORDER BY clock"#,
        codes.0,
        codes.1,
    )
    .fetch_all(tx)
    .await
}

/// Units of one corridor's quotas at the lines that the transaction may see, and what is allotted of them.
pub(crate) struct QuotaParts {
    pub(crate) corridor_code: String,
    pub(crate) season_code: String,
    pub(crate) allotted: i64,
    pub(crate) units: i64,
    pub(crate) held: i64,
    pub(crate) used: i64,
}

pub(crate) async fn quota_parts(tx: &mut PgConnection, codes: (&str, &str)) -> Result<Vec<QuotaParts>, sqlx::Error> {
    sqlx::query_as!(
        QuotaParts,
        r#"SELECT q.corridor_code AS "corridor_code!", q.season_code AS "season_code!", q.allotted AS "allotted!",
                  coalesce(l.units, 0) AS "units!", coalesce(l.held, 0) AS "held!", coalesce(l.used, 0) AS "used!"
           FROM (SELECT corridor_code, season_code, sum(allotted)::bigint AS allotted FROM quota_use GROUP BY 1, 2) AS q
           LEFT JOIN (
               SELECT s.corridor AS corridor_code, line.season_code, sum(s.units)::bigint AS units,
                      sum(s.held)::bigint AS held, sum(s.used)::bigint AS used
               FROM line, jsonb_to_recordset(line.shares) AS s (corridor text, units int, held int, used int)
               WHERE $2 = '' OR line.season_code = $2
               GROUP BY 1, 2
           ) AS l USING (corridor_code, season_code)
           WHERE ($1 = '' OR q.corridor_code = $1) AND ($2 = '' OR q.season_code = $2)"#,
        codes.0,
        codes.1,
    )
    .fetch_all(tx)
    .await
}
