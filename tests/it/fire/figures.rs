//! A figure that is not its owner's is found, whichever it is: one false figure of each kind is planted in the fold.

use std::collections::{BTreeMap, BTreeSet};

use cli::{demo::play, house::House};
use platform::testing::{Bench, request_id};
use proto::{
    common::{TallyRequest, TallyResponse},
    monitoring::{Verification, VerifyRequest},
};
use sqlx::{AssertSqlSafe, Executor, PgConnection};

use super::database;
use crate::season;

/// Owner, figure, table of the fold, and what makes it false; it returns corridor, season and state of the figure. No
/// lie changes how many events the fold claims to have seen: those are told apart by `verify` before any figure.
const LIES: &[(&str, &str, &str, &str)] = &[
    (
        "programme",
        "organisations",
        "organisation",
        "UPDATE organisation SET kind = 'UNION' WHERE id = (SELECT min(id::text)::uuid FROM organisation WHERE kind = 'MINISTRY')
         RETURNING '', '', 'MINISTRY'",
    ),
    (
        "programme",
        "corridors",
        "corridor",
        "UPDATE corridor SET state = 'CLOSED' WHERE code = 'CO-ES' RETURNING code, '', 'OPEN'",
    ),
    ("programme", "rule_packs", "rule_pack", "INSERT INTO rule_pack VALUES ('ZZ@2026-01-01', 0) RETURNING '', '', ''"),
    ("programme", "seasons", "season", "INSERT INTO season VALUES ('2099', 0) RETURNING '', '', ''"),
    (
        "programme",
        "quota_cap",
        "quota",
        "UPDATE quota SET cap = cap + 1 WHERE corridor_code = 'CO-ES' RETURNING corridor_code, season_code, ''",
    ),
    (
        "demand",
        "employers",
        "employer",
        "INSERT INTO employer VALUES (gen_random_uuid(), 0, NULL) RETURNING '', '', ''",
    ),
    (
        "demand",
        "orders",
        "job_order",
        "UPDATE job_order SET state = 'WITHDRAWN' WHERE id = (SELECT min(id::text)::uuid FROM job_order WHERE state = 'OPEN')
         RETURNING '*-' || destination, season_code, 'OPEN'",
    ),
    (
        "demand",
        "lines",
        "job_order",
        "UPDATE job_order SET lines = lines + 1 WHERE id = (SELECT min(id::text)::uuid FROM job_order)
         RETURNING '*-' || destination, season_code, state",
    ),
    (
        "demand",
        "seats_posted",
        "job_order",
        "UPDATE job_order SET seats = seats - 1 WHERE id = (SELECT min(id::text)::uuid FROM job_order WHERE state = 'OPEN')
         RETURNING '*-' || destination, season_code, ''",
    ),
    (
        "demand",
        "seats_asked",
        "job_order",
        "UPDATE job_order SET season_code = '2099' WHERE id = (SELECT min(id::text)::uuid FROM job_order WHERE seats_asked > 0)
         RETURNING '*-' || destination, '2099', ''",
    ),
    (
        "candidate",
        "candidates",
        "candidate",
        "UPDATE candidate SET state = 'BARRED' WHERE id = (SELECT min(id::text)::uuid FROM candidate WHERE state = 'ROSTERED')
         RETURNING origin || '-*', '', 'ROSTERED'",
    ),
    (
        "candidate",
        "seasons_returned",
        "candidate",
        "UPDATE candidate SET seasons_returned = seasons_returned + 1 WHERE id = (SELECT min(id::text)::uuid FROM candidate)
         RETURNING origin || '-*', '', ''",
    ),
    (
        "matching",
        "rounds",
        "round",
        "UPDATE round SET state = 'DISCARDED' WHERE id = (SELECT min(id::text)::uuid FROM round WHERE state = 'PUBLISHED')
         RETURNING '*-' || destination, season_code, 'PUBLISHED'",
    ),
    (
        "matching",
        "proposals",
        "line_proposal",
        "UPDATE line_proposal SET shares = jsonb_set(shares, '{0,proposals}', to_jsonb((shares #>> '{0,proposals}')::int + 1))
         WHERE id = (SELECT min(id) FROM line_proposal WHERE shares <> '[]')
         RETURNING shares #>> '{0,corridor}', season_code, ''",
    ),
    (
        "matching",
        "reserves",
        "line_proposal",
        "UPDATE line_proposal SET shares = jsonb_set(shares, '{0,reserves}', to_jsonb((shares #>> '{0,reserves}')::int + 1))
         WHERE id = (SELECT max(id) FROM line_proposal WHERE shares <> '[]')
         RETURNING shares #>> '{0,corridor}', season_code, ''",
    ),
    (
        "placement",
        "placements",
        "placement",
        "UPDATE placement SET corridor_code = 'ZZ-ES' WHERE id = (SELECT min(id::text)::uuid FROM placement)
         RETURNING corridor_code, season_code, stage",
    ),
    (
        "placement",
        "placements",
        "placement",
        "UPDATE placement SET stage = 'PROPOSED' WHERE id = (SELECT min(id::text)::uuid FROM placement WHERE stage = 'CANCELLED')
         RETURNING corridor_code, season_code, 'CANCELLED'",
    ),
    (
        "placement",
        "one_sided",
        "placement",
        "UPDATE placement SET one_sided = NOT one_sided WHERE id = (SELECT min(id::text)::uuid FROM placement)
         RETURNING corridor_code, season_code, stage",
    ),
    (
        "placement",
        "seats_posted",
        "line",
        "UPDATE line SET posted = posted + 1 WHERE id = (SELECT min(id::text)::uuid FROM line WHERE state <> 'PENDING')
         RETURNING corridor_code, season_code, ''",
    ),
    (
        "placement",
        "seats_held",
        "line",
        "UPDATE line SET held = held + 1 WHERE id = (SELECT min(id::text)::uuid FROM line WHERE state <> 'PENDING')
         RETURNING corridor_code, season_code, ''",
    ),
    (
        "placement",
        "seats_taken",
        "line",
        "UPDATE line SET taken = taken + 1 WHERE id = (SELECT min(id::text)::uuid FROM line WHERE state <> 'PENDING')
         RETURNING corridor_code, season_code, ''",
    ),
    (
        "placement",
        "seats_promised",
        "line",
        "UPDATE line SET promised = promised + 1 WHERE id = (SELECT min(id::text)::uuid FROM line WHERE state <> 'PENDING')
         RETURNING corridor_code, season_code, ''",
    ),
    (
        "placement",
        "units",
        "line",
        "UPDATE line SET shares = jsonb_set(shares, '{0,units}', to_jsonb((shares #>> '{0,units}')::int + 1))
         WHERE id = (SELECT min(id::text)::uuid FROM line WHERE shares <> '[]')
         RETURNING shares #>> '{0,corridor}', season_code, ''",
    ),
    (
        "placement",
        "units_held",
        "line",
        "UPDATE line SET shares = jsonb_set(shares, '{0,held}', to_jsonb((shares #>> '{0,held}')::int + 1))
         WHERE id = (SELECT min(id::text)::uuid FROM line WHERE shares <> '[]')
         RETURNING shares #>> '{0,corridor}', season_code, ''",
    ),
    (
        "placement",
        "units_used",
        "line",
        "UPDATE line SET shares = jsonb_set(shares, '{0,used}', to_jsonb((shares #>> '{0,used}')::int + 1))
         WHERE id = (SELECT min(id::text)::uuid FROM line WHERE shares <> '[]')
         RETURNING shares #>> '{0,corridor}', season_code, ''",
    ),
    (
        "placement",
        "quota_cap",
        "quota_use",
        "UPDATE quota_use SET cap = cap - 1 WHERE corridor_code = 'CO-ES' RETURNING corridor_code, season_code, ''",
    ),
    (
        "placement",
        "quota_allotted",
        "quota_use",
        "UPDATE quota_use SET allotted = allotted + 1 WHERE corridor_code = 'GT-CA' RETURNING corridor_code, season_code, ''",
    ),
    (
        "placement",
        "season_records",
        "season_record",
        "INSERT INTO season_record VALUES ('false', 0, NULL, 'CO-ES', '2026', 'VERIFIED') RETURNING corridor_code, season_code, return",
    ),
    (
        "placement",
        "proposal_refusals",
        "proposal_refusal",
        "INSERT INTO proposal_refusal VALUES ('false', 0, 'CO-ES', '2026', 'NO_ROOM') RETURNING corridor_code, season_code, reason",
    ),
];

/// Tables of monitoring that are no fold: the chassis', what was answered, and counts of days of clocks, which no owner counts:
/// services/monitoring/tests/times.rs holds them to the placements they are counted from. Who was passed over is in facts alone:
/// no owner keeps it, so none could count it.
const NO_FOLD: &[&str] = &[
    "_chassis_migrations",
    "_sqlx_migrations",
    "clock_time",
    "command",
    "discarded",
    "import",
    "import_chunk",
    "import_row",
    "inbox",
    "life",
    "outbox",
    "parked",
    "passed_over",
    "relay_state",
    "schema_floor",
    "verification",
];

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
    for (owner, figure, table, lie) in LIES {
        let at = format!("{owner}.{figure} in {table}");
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
    lost_rows_are_found(&house, &mut fold, &owners).await;
    is_clean(&verify(&house).await);
    house.stop().await;
}

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

/// Every figure that an owner counts, and every figure and table of the fold, has its lie.
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
    // No figure counts the days of the calendar: that a turn of it was lost is found by its events.
    let lied: BTreeSet<String> =
        LIES.iter().map(|(_, _, table, _)| *table).chain(["calendar"]).map(str::to_owned).collect();
    assert_eq!(tables, lied, "every table of the fold has a lie");
}

async fn projections(fold: &mut PgConnection) -> Vec<String> {
    let sql = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
               AND NOT relispartition AND NOT relname = ANY ($1) ORDER BY 1";
    sqlx::query_scalar(sql).bind(NO_FOLD).fetch_all(fold).await.unwrap()
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
