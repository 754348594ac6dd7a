//! Pages of long lists, beside the service's own SQL on a bare connection.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use proto::{
    candidate::{ListCandidatesRequest, candidate_service_client::CandidateServiceClient},
    demand::{ListJobOrdersRequest, demand_service_client::DemandServiceClient},
    placement::{ListPlacementsRequest, placement_service_client::PlacementServiceClient},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, postgres::PgConnectOptions};
use tonic::transport::Channel;
use uuid::Uuid;

use crate::{
    load::Run,
    orders, people, placements,
    process::Process,
    stage::{MINISTRY, OPERATOR, Signed, Stage, UNION, run},
    table::{Aim, Table},
};

/// Rows on a page, and which page is the far one.
const SIZE: i32 = 50;
const FAR: usize = 1000;
/// Calls of a page.
const CALLS: usize = 300;

/// What is listed.
#[derive(Debug, Clone, Copy)]
enum List {
    Orders,
    Candidates,
    Placements,
}

pub(crate) async fn measure(table: &mut Table, many: usize) {
    for list in [List::Orders, List::Candidates, List::Placements] {
        let stage = Stage::new().await;
        let process = stage.start(list.service()).await;
        list.fill(&stage, &process, many).await;
        let mut reader = Reader { channel: process.channel().await, signed: stage.signed(list.user()), list };
        let far = reader.token_of(FAR).await;
        let mut bare = Bare::open(&stage, list).await;
        for (name, token, page) in [("first", String::new(), 0), ("thousandth", far, FAR - 1)] {
            let after = bare.after(page).await;
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for _ in 0..CALLS {
                let began = Instant::now();
                reader.page((SIZE, token.clone())).await;
                ours.push(began.elapsed().as_secs_f64());
                let began = Instant::now();
                bare.page(after).await;
                theirs.push(began.elapsed().as_secs_f64());
            }
            let (ours, theirs) = (Run::new(ours, Duration::from_secs(1)), Run::new(theirs, Duration::from_secs(1)));
            let note = format!("p50 {:.1}, bare {:.1} ms; {many} rows", ours.within(0.5), theirs.within(0.5));
            let what = format!("{}, {name} page of {SIZE}, p99", list.words());
            table.add((what, "ms"), (ours.within(0.99), Some(theirs.within(0.99))), Aim::Both(2.0, 20.0), note);
        }
    }
}

impl List {
    const fn service(self) -> &'static str {
        match self {
            Self::Orders => "demand",
            Self::Candidates => "candidate",
            Self::Placements => "placement",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Orders => "list orders",
            Self::Candidates => "list candidates",
            Self::Placements => "list placements",
        }
    }

    /// Who asks: a union and a ministry their own, an operator all.
    const fn user(self) -> &'static str {
        match self {
            Self::Orders => "union",
            Self::Candidates => "ministry",
            Self::Placements => "operator",
        }
    }

    const fn reach(self) -> (&'static str, Uuid) {
        match self {
            Self::Orders => ("own", UNION),
            Self::Candidates => ("own", MINISTRY),
            Self::Placements => ("all", OPERATOR),
        }
    }

    /// One row made by the service, and many like it.
    async fn fill(self, stage: &Stage, process: &Process, many: usize) {
        let id = "lpad(to_hex(9000000000 + n), 32, '0')";
        let sql = match self {
            Self::Orders => {
                stage.programme_known(process).await;
                let employer_id = orders::employer(stage, process).await;
                orders::post(stage, process, &employer_id, "the first").await;
                format!(
                    "INSERT INTO job_order
                     SELECT (jsonb_populate_record(o, jsonb_build_object('id', {id}, 'reference', n))).*
                     FROM job_order AS o, generate_series(1, {many}) AS n;
                     INSERT INTO order_line
                     SELECT (jsonb_populate_record(l, jsonb_build_object('id', {id}, 'order_id', {id}))).*
                     FROM order_line AS l, generate_series(1, {many}) AS n"
                )
            }
            Self::Candidates => {
                stage.programme_known(process).await;
                people::bring_in(process, &stage.signed("ministry"), &people::people(1)).await;
                format!(
                    "INSERT INTO candidate SELECT (jsonb_populate_record(c, jsonb_build_object('id', {id}))).*
                     FROM candidate AS c, generate_series(1, {many}) AS n"
                )
            }
            Self::Placements => {
                placements::propose(stage, process, (1, 1)).await;
                format!(
                    "INSERT INTO placement
                     SELECT (jsonb_populate_record(p, jsonb_build_object('id', {id}, 'candidate_id', {id},
                         'facts', p.facts::jsonb || jsonb_build_object('id', {id}, 'candidate_id', {id})))).*
                     FROM placement AS p, generate_series(1, {many}) AS n"
                )
            }
        };
        let mut database = stage.database(self.service()).await;
        run(&mut database, sql).await;
        // What filling leaves to be done later is no part of a list's time.
        for after in ["VACUUM ANALYZE", "CHECKPOINT"] {
            run(&mut database, after).await;
        }
    }
}

struct Reader {
    channel: Channel,
    signed: Signed,
    list: List,
}

impl Reader {
    /// A page, and the token of the next.
    async fn page(&mut self, (page_size, page_token): (i32, String)) -> String {
        let (channel, signed) = (self.channel.clone(), &self.signed);
        let (rows, next) = match self.list {
            List::Orders => {
                let request = ListJobOrdersRequest { page_size, page_token, ..Default::default() };
                let call = signed.call(request);
                let page = DemandServiceClient::new(channel).list_job_orders(call).await.unwrap().into_inner();
                (page.orders.len(), page.next_page_token)
            }
            List::Candidates => {
                let request = ListCandidatesRequest { page_size, page_token, ..Default::default() };
                let call = signed.call(request);
                let page = CandidateServiceClient::new(channel).list_candidates(call).await.unwrap().into_inner();
                (page.candidates.len(), page.next_page_token)
            }
            List::Placements => {
                let request = ListPlacementsRequest { page_size, page_token, ..Default::default() };
                let call = signed.call(request);
                let page = PlacementServiceClient::new(channel).list_placements(call).await.unwrap().into_inner();
                (page.placements.len(), page.next_page_token)
            }
        };
        assert_eq!(rows, usize::try_from(page_size).unwrap());
        next
    }

    async fn token_of(&mut self, page: usize) -> String {
        let mut token = String::new();
        for _ in 1..page {
            token = self.page((SIZE, token)).await;
        }
        token
    }
}

/// The same statements on one connection of the same settings; nothing is made of the rows.
struct Bare {
    database: PgConnection,
    list: List,
    /// The list, then what is read for the ids in it.
    queries: Vec<String>,
}

impl Bare {
    async fn open(stage: &Stage, list: List) -> Self {
        let options: PgConnectOptions = stage.bench.superuser_url(list.service()).parse().unwrap();
        let options = options.username(list.service()).options([("statement_timeout", "60s"), ("jit", "off")]);
        let starts: &[&str] = match list {
            List::Orders => &[
                "SELECT id FROM job_order\n         WHERE ($1::uuid IS NULL OR id < $1)",
                "SELECT id, organisation_id, source, reference, employer_id",
                "SELECT id, order_id, organisation_id, number, title",
                "SELECT id, line_id, order_id, organisation_id, number, farm_name",
            ],
            List::Candidates => {
                &["SELECT to_jsonb(c) AS \"record!: Json<Candidate>\" FROM candidate AS c\n           WHERE ($1::uuid"]
            }
            List::Placements => &["SELECT facts FROM placement\n           WHERE ($1::uuid"],
        };
        let queries = starts.iter().map(|start| query(list.service(), start)).collect();
        Self { database: PgConnection::connect_with(&options).await.unwrap(), list, queries }
    }

    /// The last id before a page.
    async fn after(&mut self, page: usize) -> Option<Uuid> {
        let offset = i64::try_from(page).unwrap() * i64::from(SIZE) - 1;
        if offset < 0 {
            return None;
        }
        let (table, order) = match self.list {
            List::Orders => ("job_order", "DESC"),
            List::Candidates => ("candidate", "ASC"),
            List::Placements => ("placement", "ASC"),
        };
        let sql = format!("SELECT id FROM {table} ORDER BY id {order} OFFSET {offset} LIMIT 1");
        let mut tx = self.database.begin().await.unwrap();
        enter(&mut tx, self.list).await;
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *tx).await.unwrap()
    }

    async fn page(&mut self, after: Option<Uuid>) {
        let mut tx = self.database.begin().await.unwrap();
        enter(&mut tx, self.list).await;
        let limit = i64::from(SIZE) + 1;
        let first = sqlx::query(AssertSqlSafe(self.queries[0].clone())).bind(after);
        let first = match self.list {
            List::Orders => first.bind("").bind("").bind("").bind("").bind("").bind(limit),
            List::Candidates => first.bind(None::<String>).bind("").bind("").bind(limit),
            List::Placements => {
                let nobody = None::<Uuid>;
                let first = first.bind(limit).bind("").bind("").bind(0_i16).bind(nobody).bind(nobody).bind(nobody);
                // Of no stages and no clock, be they late or not; an operator knows of every case.
                first.bind(false).bind(Vec::<i16>::new()).bind("").bind(false).bind(true)
            }
        };
        let rows = first.fetch_all(&mut *tx).await.unwrap();
        assert_eq!(rows.len(), SIZE as usize + 1);
        if self.queries.len() > 1 {
            let ids: Vec<Uuid> = rows.iter().take(SIZE as usize).map(|row| row.get("id")).collect();
            for sql in &self.queries[1..] {
                sqlx::query(AssertSqlSafe(sql.clone())).bind(&ids).fetch_all(&mut *tx).await.unwrap();
            }
        }
        tx.commit().await.unwrap();
    }
}

async fn enter(tx: &mut PgConnection, list: List) {
    let (reach, organisation) = list.reach();
    sqlx::query("SELECT set_config('role', $1, true), set_config('circula.organisation', $2, true), set_config('circula.reach', $3, true)")
        .bind(format!("{}_app", list.service()))
        .bind(organisation.to_string())
        .bind(reach)
        .execute(tx)
        .await
        .unwrap();
}

/// The service's query that begins like this, from its cache of queries: the peer cannot fall behind the service.
fn query(service: &str, start: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../services").join(service).join(".sqlx");
    let queries = std::fs::read_dir(folder).unwrap().map(|file| {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let cached: serde_json::Value = serde_json::from_str(&text).unwrap();
        cached["query"].as_str().unwrap().to_owned()
    });
    let mut found: Vec<String> = queries.filter(|query| query.starts_with(start)).collect();
    assert_eq!(found.len(), 1, "one query of {service} begins with {start:?}");
    found.remove(0)
}
