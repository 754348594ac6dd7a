//! Registering a candidate: a checked import of one row, registered. There is no shorter way in.

use candidate::generate::{Spec, batch};
use platform::testing::{map, request_id};
use proto::{
    candidate::candidate_service_client::CandidateServiceClient,
    common::{
        CheckImportRequest, CreateImportRequest, Import, ImportState, RegisterImportRequest, UploadImportRequest,
    },
};
use tonic::transport::Channel;
use uuid::Uuid;

use crate::{
    commands::{Peer, compare},
    load::{AsyncCaller, Serials},
    process::Process,
    stage::{MINISTRY, Signed, Stage, run},
    table::Table,
};

/// Checked imports of one row that wait to be registered.
const MANY: usize = 20_000;

/// Imports as the first one was when it was checked, each of another person.
const COPIES: &str = "
    INSERT INTO import SELECT (jsonb_populate_record(i, jsonb_build_object('id', lpad(to_hex(n), 32, '0')))).*
    FROM import AS i, generate_series(1, $MANY) AS n;
    INSERT INTO import_row
    SELECT lpad(to_hex(n), 32, '0')::uuid, row_number, array_replace(fields, group_key, group_key || '-' || n), accepted,
           findings, codes, group_key || '-' || n
    FROM import_row, generate_series(1, $MANY) AS n;
    ANALYZE import; ANALYZE import_row";

pub(crate) async fn measure(table: &mut Table) {
    let stage = Stage::new().await;
    let process = stage.start("candidate").await;
    stage.programme_known(&process).await;
    let mut client = CandidateServiceClient::new(process.channel().await);
    let signed = stage.signed("ministry");
    let import = check(&mut client, &signed, &people(1)).await;
    let mut database = stage.database("candidate").await;
    run(&mut database, COPIES.replace("$MANY", &MANY.to_string())).await;
    drop(database);
    register(&mut client, &signed, &import).await;
    stage.told("candidate").await;
    drop((client, process));
    let (candidate, person) = (columns("candidate", "id"), columns("person", "candidate_id,reference"));
    let fill = [
        ("organisation", "SELECT organisation_id::text FROM candidate LIMIT 1"),
        ("candidate", candidate.as_str()),
        ("person", person.as_str()),
        ("payload", "SELECT encode(payload, 'hex') FROM outbox WHERE aggregatetype = 'candidate' LIMIT 1"),
        ("answer", "SELECT encode(response, 'hex') FROM command WHERE method = 'RegisterImport' LIMIT 1"),
    ];
    let peer = Peer::new(&stage, "candidate", (include_str!("peer/candidate.sql"), &fill)).await;
    let process = stage.start("candidate").await;
    let callers = async |many: usize| {
        let channels = stage.channels(&process, many).await;
        let caller = |channel| Caller { client: CandidateServiceClient::new(channel), signed: signed.clone() };
        channels.into_iter().map(caller).collect()
    };
    compare(table, "register a candidate", (&process, &peer), (callers, &Serials::new(MANY))).await;
}

/// Asks for the one row of a table as the service sends it: an array a column, a list as one text with its items. Columns
/// that differ from one row to the next are left out.
fn columns(table: &str, without: &str) -> String {
    format!(
        r"SELECT string_agg(concat('ARRAY[', written, ']::', kind, '[]'), ', ' ORDER BY attnum)
          FROM {table} AS t, pg_attribute, to_jsonb(t) AS fields,
              LATERAL (SELECT fields -> attname AS value, replace(format_type(atttypid, NULL), '[]', '') AS kind) AS v,
              LATERAL (SELECT CASE jsonb_typeof(value)
                  WHEN 'array' THEN (SELECT coalesce(string_agg(item, '|'), '') FROM jsonb_array_elements_text(value) AS item)
                  ELSE value #>> '{{}}' END AS plain) AS p,
              LATERAL (SELECT replace(replace(plain, '\', '\\'), '''', '''''') AS escaped) AS e,
              LATERAL (SELECT coalesce('E''' || escaped || '''', 'NULL') AS written) AS w
          WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> ALL('{{{without}}}')"
    )
}

struct Caller {
    client: CandidateServiceClient<Channel>,
    signed: Signed,
}

impl AsyncCaller for Caller {
    async fn call(&mut self, serial: usize) {
        let import_id = Uuid::from_u128(serial as u128 + 1).to_string();
        let request = RegisterImportRequest { import_id, request_id: request_id() };
        let import = self.client.register_import(self.signed.call(request)).await.unwrap().into_inner();
        assert_eq!(import.state(), ImportState::Registered);
    }
}

/// A file of so many drawn people.
pub(crate) fn people(count: usize) -> Vec<u8> {
    let filing_date = "2026-01-10".parse().unwrap();
    batch(&Spec { seed: 7, origin: "CO".to_owned(), count, filing_date, dirt: false }).unwrap()
}

/// A file uploaded and checked.
pub(crate) async fn check(client: &mut CandidateServiceClient<Channel>, signed: &Signed, file: &[u8]) -> Import {
    let create = CreateImportRequest {
        layout: "candidates-v1".to_owned(),
        file_name: "people.csv".to_owned(),
        parameters: map(&[("as_of", "2026-01-10")]),
        request_id: request_id(),
    };
    let import_id = client.create_import(signed.call(create)).await.unwrap().into_inner().id;
    client.upload_import(signed.call(futures::stream::iter(pieces(&import_id, file)))).await.unwrap();
    let check = CheckImportRequest { import_id, request_id: request_id() };
    client.check_import(signed.call(check)).await.unwrap().into_inner()
}

/// A file in pieces, as it is uploaded.
pub(crate) fn pieces(import_id: &str, file: &[u8]) -> Vec<UploadImportRequest> {
    const PIECE: usize = 64 << 10;
    let piece = |(number, data): (usize, &[u8])| UploadImportRequest {
        import_id: import_id.to_owned(),
        offset: i64::try_from(number * PIECE).unwrap(),
        data: data.to_vec(),
    };
    file.chunks(PIECE).enumerate().map(piece).collect()
}

/// Registers a checked import to its end.
pub(crate) async fn register(client: &mut CandidateServiceClient<Channel>, signed: &Signed, import: &Import) -> Import {
    loop {
        let request = RegisterImportRequest { import_id: import.id.clone(), request_id: request_id() };
        let import = client.register_import(signed.call(request)).await.unwrap().into_inner();
        if import.state() == ImportState::Registered {
            assert_eq!(import.organisation_id, MINISTRY.to_string());
            return import;
        }
    }
}

/// A ministry's file, brought in.
pub(crate) async fn bring_in(process: &Process, signed: &Signed, file: &[u8]) -> Import {
    let mut client = CandidateServiceClient::new(process.channel().await);
    let import = check(&mut client, signed, file).await;
    register(&mut client, signed, &import).await
}
