//! A figure that is not its owner's is found, whichever it is: one false figure of each kind is planted in the fold.

mod lies;

use std::collections::{BTreeMap, BTreeSet};

use cli::{demo::play, house::House};
use platform::testing::{Bench, request_id};
use proto::{
    common::{TallyRequest, TallyResponse},
    monitoring::{Verification, VerifyRequest},
};
use sqlx::{AssertSqlSafe, Executor, PgConnection};

use super::database;
use crate::{invariants::times_that_differ, season};
use lies::LIES;

/// Tables and columns of monitoring of which no false figure is planted, and why.
const NO_FOLD: &[(&str, &str)] = &[
    ("_chassis_migrations", CHASSIS),
    ("_sqlx_migrations", CHASSIS),
    ("command", CHASSIS),
    ("discarded", CHASSIS),
    ("import", CHASSIS),
    ("import_chunk", CHASSIS),
    ("import_row", CHASSIS),
    ("inbox", CHASSIS),
    ("life", CHASSIS),
    ("outbox", CHASSIS),
    ("parked", CHASSIS),
    ("relay_state", CHASSIS),
    ("schema_floor", CHASSIS),
    ("verification", "what was answered"),
    ("passed_over", "it is in facts alone: no owner keeps it, so none could count it"),
    ("clock_time", DAYS),
    ("placement.spans", DAYS),
    ("employer.organisation_id", WHOSE),
    ("job_order.organisation_id", WHOSE),
    ("line_proposal.organisation_id", WHOSE),
    ("season_record.ministry_id", WHOSE),
];
const CHASSIS: &str = "the chassis keeps it";
const DAYS: &str = "days of clocks that ended, which no owner counts: they are compared with its histories instead";
const WHOSE: &str = "it says who sees the row, and no figure that a tenant is shown is counted from its table";

#[tokio::test(flavor = "multi_thread")]
async fn a_false_figure_of_any_kind_is_found_and_named() {
    let bench = Bench::new(Vec::new()).await;
    let directory = tempfile::tempdir().unwrap();
    let house = season::house(&bench, directory.path()).await;
    play(&house, &season::script(directory.path())).await.expect("the season is played");
    house.settle().await.unwrap();
    is_clean(&verify(&house).await);
    let owners = tallies(&house).await;
    nothing_is_left_out(&owners, &mut database(&bench, "monitoring").await).await;

    let mut fold = database(&bench, "monitoring").await;
    for (owner, figure, table, columns, lie) in LIES {
        let at = format!("{owner}.{figure} by {columns} in {table}");
        keep(&mut fold, table).await;
        let told: Vec<(String, String, String)> = sqlx::query_as(*lie).fetch_all(&mut fold).await.unwrap();
        let [(corridor, season, state)] = told.as_slice() else { panic!("{at}: one row is made false, not {told:?}") };
        let verification = verify(&house).await;
        for difference in &verification.differences {
            let named = difference.owner.as_ref().unwrap();
            assert_eq!(difference.service, *owner, "{at}: the others' figures are true: {difference:?}");
            assert_ne!(named.value, difference.folded, "{at}");
        }
        let found = verification.differences.iter().filter_map(|difference| difference.owner.as_ref()).any(|named| {
            named.figure == *figure && named.corridor == *corridor && named.season == *season && named.state == *state
        });
        let differences = &verification.differences;
        assert!(found, "{at}: nothing names {corridor} {season} {state}: {differences:?}");
        assert!(verification.sources.iter().all(|source| source.failure.is_empty()), "{at}: {verification:?}");
        restore(&mut fold, table).await;
    }
    is_clean(&verify(&house).await);
    false_times_are_found(&bench, &mut fold).await;
    lost_rows_are_found(&house, &mut fold, &owners).await;
    is_clean(&verify(&house).await);
    house.stop().await;
}

/// Days of clocks are no figure of an owner's: what is asked of any house at rest compares them with its histories.
async fn false_times_are_found(bench: &Bench, fold: &mut PgConnection) {
    assert_eq!(times_that_differ(bench).await, Vec::<String>::new());
    for (table, lie) in FALSE_TIMES {
        keep(fold, table).await;
        assert_eq!(fold.execute(lie).await.unwrap().rows_affected(), 1, "{lie}");
        assert!(!times_that_differ(bench).await.is_empty(), "nobody sees {lie}");
        restore(fold, table).await;
    }
    assert_eq!(times_that_differ(bench).await, Vec::<String>::new());
}

/// One that is kept, and one of a placement, which is kept as it is told.
const FALSE_TIMES: [(&str, &str); 2] = [
    ("clock_time", "UPDATE clock_time SET ended = ended + 1 WHERE ctid = (SELECT min(ctid) FROM clock_time)"),
    (
        "placement",
        "UPDATE placement SET spans = spans - 0
         WHERE id = (SELECT min(id::text)::uuid FROM placement WHERE spans -> 0 ->> 'clock' = 'C-SELECT')",
    ),
];

/// A row that is gone is no figure that differs: the fold has not seen all events, and says of which kind.
async fn lost_rows_are_found(house: &House, fold: &mut PgConnection, owners: &BTreeMap<&str, TallyResponse>) {
    let mut lost = Vec::new();
    for table in projections(fold).await {
        keep(fold, &table).await;
        let sql = format!("DELETE FROM {table} WHERE ctid = (SELECT min(ctid) FROM {table})");
        if fold.execute(AssertSqlSafe(sql)).await.unwrap().rows_affected() == 1 {
            lost.push(table);
        }
    }
    assert!(lost.len() > 13, "the season fills only {lost:?}");
    let verification = verify(house).await;
    for kind in &lost {
        let owns = |tally: &TallyResponse| tally.positions.iter().any(|position| position.aggregate == *kind);
        let owner = owners.iter().find(|(_, tally)| owns(tally)).map(|(owner, _)| *owner);
        let owner = owner.unwrap_or_else(|| panic!("nobody says how many events of kind {kind} there are"));
        let source = verification.sources.iter().find(|source| source.service == owner).unwrap();
        assert!(source.failure.contains(&format!("events of kind {kind} are folded")), "{kind}: {source:?}");
    }
    for table in projections(fold).await {
        restore(fold, &table).await;
    }
}

pub(super) async fn verify(house: &House) -> Verification {
    let request = VerifyRequest { request_id: request_id() };
    season::session(house, "auditor").monitoring().verify(request).await.unwrap().into_inner()
}

pub(super) fn is_clean(verification: &Verification) {
    assert_eq!(verification.differences, Vec::new());
    assert!(verification.sources.iter().all(|source| source.failure.is_empty()), "{:?}", verification.sources);
    assert_eq!(verification.sources.len(), 5);
}

async fn tallies(house: &House) -> BTreeMap<&'static str, TallyResponse> {
    let auditor = season::session(house, "auditor");
    let asked = TallyRequest {};
    BTreeMap::from([
        ("programme", auditor.programme().tally(asked).await.unwrap().into_inner()),
        ("demand", auditor.demand().tally(asked).await.unwrap().into_inner()),
        ("candidate", auditor.candidate().tally(asked).await.unwrap().into_inner()),
        ("matching", auditor.matching().tally(asked).await.unwrap().into_inner()),
        ("placement", auditor.placement().tally(asked).await.unwrap().into_inner()),
    ])
}

/// Every figure that an owner counts, and every figure, table and column of the fold, has its lie.
async fn nothing_is_left_out(owners: &BTreeMap<&str, TallyResponse>, fold: &mut PgConnection) {
    let counts = owners.iter().flat_map(|(owner, tally)| tally.counts.iter().map(move |count| (*owner, count)));
    let mut figures: BTreeSet<(String, String)> =
        counts.map(|(owner, count)| (owner.to_owned(), count.figure.clone())).collect();
    let folded: Vec<(String, String)> =
        sqlx::query_as("SELECT DISTINCT owner, figure FROM figure").fetch_all(&mut *fold).await.unwrap();
    figures.extend(folded);
    assert!(figures.len() > 20, "{figures:?}");
    let lies: BTreeSet<(String, String)> =
        LIES.iter().map(|(owner, figure, ..)| ((*owner).to_owned(), (*figure).to_owned())).collect();
    let missing: Vec<_> = figures.difference(&lies).collect();
    assert!(missing.is_empty(), "no lie is told of {missing:?}");
    let tables: BTreeSet<String> = projections(fold).await.into_iter().collect();
    let lied: BTreeSet<String> = LIES.iter().map(|(_, _, table, ..)| (*table).to_owned()).collect();
    assert_eq!(tables, lied, "every table of the fold has a lie");
    let of_lies = LIES.iter().flat_map(|(_, _, table, columns, _)| {
        columns.split_whitespace().map(move |column| format!("{table}.{column}"))
    });
    let excused = NO_FOLD.iter().filter(|(name, _)| name.contains('.')).map(|(name, _)| (*name).to_owned());
    let named: BTreeSet<String> = of_lies.chain(excused).collect();
    assert_eq!(columns(fold, &tables).await, named, "every column of the fold has a lie");
}

/// Columns of these tables, but for keys and versions: those say which events were folded, and are told apart before any figure.
async fn columns(fold: &mut PgConnection, tables: &BTreeSet<String>) -> BTreeSet<String> {
    let sql =
        "SELECT c.relname::text || '.' || a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
               WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY ($1)
                   AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'version' AND NOT EXISTS (
                       SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)
                   )";
    let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
    let columns: Vec<String> = sqlx::query_scalar(sql).bind(tables).fetch_all(fold).await.unwrap();
    columns.into_iter().collect()
}

async fn projections(fold: &mut PgConnection) -> Vec<String> {
    let sql = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
               AND NOT relispartition AND NOT relname = ANY ($1) ORDER BY 1";
    let others: Vec<&str> = NO_FOLD.iter().map(|(name, _)| *name).collect();
    sqlx::query_scalar(sql).bind(others).fetch_all(fold).await.unwrap()
}

async fn keep(fold: &mut PgConnection, table: &str) {
    let sql = format!("CREATE TEMPORARY TABLE kept_{table} AS SELECT * FROM {table}");
    fold.execute(AssertSqlSafe(sql)).await.unwrap();
}

async fn restore(fold: &mut PgConnection, table: &str) {
    let sql = format!(
        "BEGIN; DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}; DROP TABLE kept_{table}; COMMIT"
    );
    fold.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.unwrap();
}
