//! Files on their way in, beside COPY of the rows that they leave.

use std::{io::Read, time::Instant};

use futures::TryStreamExt;
use platform::testing::{map, request_id};
use proto::{
    common::{CheckImportRequest, CreateImportRequest, Import, ImportState, RegisterImportRequest},
    demand::demand_service_client::DemandServiceClient,
};
use sqlx::PgConnection;

use crate::{
    people,
    process::Process,
    stage::{Signed, Stage, run},
    table::{Aim, Table, median},
};

/// Tables that an import of orders leaves rows in, and one of candidates.
const ORDERS: [&str; 6] = ["import_row", "employer", "job_order", "order_line", "farm_allocation", "outbox"];
const PEOPLE: [&str; 5] = ["import_row", "person", "candidate", "candidate_change", "outbox"];
const COUNT: usize = 20_000;
const RUNS: usize = 3;

pub(crate) async fn measure(table: &mut Table) {
    let stage = Stage::new().await;
    let process = stage.start("demand").await;
    stage.programme_known(&process).await;
    let (file, signed) = (feed(), stage.signed("importer"));
    let began = Instant::now();
    let import = orders(&process, &signed, &file).await;
    let ours = import.rows_read as f64 / began.elapsed().as_secs_f64();
    stage.told("demand").await;
    copied(table, (&stage, "demand", &ORDERS), ("import of the H-2A file", ours, import.rows_read)).await;
    memory(table, "demand", &process);
    drop(process);

    let process = stage.start("candidate").await;
    stage.programme_known(&process).await;
    let (file, signed) = (people::people(COUNT), stage.signed("ministry"));
    let began = Instant::now();
    let import = people::bring_in(&process, &signed, &file).await;
    let ours = import.rows_read as f64 / began.elapsed().as_secs_f64();
    stage.told("candidate").await;
    copied(table, (&stage, "candidate", &PEOPLE), ("import of a candidate batch", ours, import.rows_read)).await;
    memory(table, "candidate", &process);
}

fn memory(table: &mut Table, service: &str, process: &Process) {
    let memory = process.memory() as f64 / 1024.0;
    table.add((format!("memory of {service} after it"), "MiB"), (memory, None), Aim::None, "");
}

fn feed() -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/data/h2a_fy2017.csv.gz");
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

/// The feed of one year, created, uploaded, checked and registered.
async fn orders(process: &Process, signed: &Signed, file: &[u8]) -> Import {
    let mut client = DemandServiceClient::new(process.channel().await);
    let create = CreateImportRequest {
        layout: "oflc-h2a-fy2017".to_owned(),
        file_name: "h2a_fy2017.csv".to_owned(),
        parameters: map(&[("season", "2017")]),
        request_id: request_id(),
    };
    let import_id = client.create_import(signed.call(create)).await.unwrap().into_inner().id;
    client.upload_import(signed.call(futures::stream::iter(people::pieces(&import_id, file)))).await.unwrap();
    let check = CheckImportRequest { import_id: import_id.clone(), request_id: request_id() };
    client.check_import(signed.call(check)).await.unwrap();
    loop {
        let register = RegisterImportRequest { import_id: import_id.clone(), request_id: request_id() };
        let import = client.register_import(signed.call(register)).await.unwrap().into_inner();
        if import.state() == ImportState::Registered {
            return import;
        }
    }
}

/// Copies what the import left into empty tables of the same columns, checks and indexes.
async fn copied(
    table: &mut Table,
    (stage, service, tables): (&Stage, &str, &[&str]),
    (what, ours, rows): (&str, f64, i64),
) {
    let mut database = stage.database(service).await;
    let mut files = Vec::new();
    for name in tables {
        let sql = format!("COPY (SELECT * FROM {name}) TO STDOUT");
        let pieces = database.copy_out_raw(&sql).await.unwrap();
        let pieces: Vec<_> = pieces.try_collect().await.unwrap();
        files.push(pieces.concat());
        run(&mut database, format!("CREATE TABLE peer_{name} (LIKE {name} INCLUDING ALL)")).await;
    }
    let mut rates = Vec::new();
    for _ in 0..RUNS {
        let mut took = 0.0;
        for (name, file) in tables.iter().zip(&files) {
            run(&mut database, format!("TRUNCATE peer_{name}")).await;
            let began = Instant::now();
            copy_in(&mut database, name, file).await;
            took += began.elapsed().as_secs_f64();
        }
        rates.push(rows as f64 / took);
    }
    let note = format!("{rows} rows of the file; COPY of all {} tables that it fills", tables.len());
    table.add((what, "rows/s"), (ours, Some(median(rates))), Aim::Share(0.25), note);
}

async fn copy_in(database: &mut PgConnection, name: &str, file: &[u8]) {
    let mut copy = database.copy_in_raw(&format!("COPY peer_{name} FROM STDIN")).await.unwrap();
    copy.send(file).await.unwrap();
    copy.finish().await.unwrap();
}
