//! The service as ministries, operators and other services meet it: by gRPC and by topics, on a real PostgreSQL and a
//! real broker.

#![expect(clippy::unwrap_used, reason = "a test may stop where its helpers stop")]

mod groups;
mod placements;
mod validity;
mod world;

use candidate::generate::{self, Spec};
use platform::{
    Refused,
    testing::{eventually, map, request_id},
};
use proto::{
    candidate::{
        CandidateRecord, CandidateState, CorrectCandidateRequest, GetCandidateRecordRequest, ListCandidatesRequest,
        WithdrawCandidateRequest,
    },
    common::{
        DiscardImportRequest, GetImportRequest, Import, ImportState, ListImportRowsRequest, ListImportsRequest,
        RegisterImportRequest, RowOutcome, TallyRequest,
    },
};
use sqlx::Connection;
use tonic::Code;

use world::World;

const HEAD: &str = "Reference;family_name;given_names;birth_date;sex;document_number;document_expiry;mrz;occupations;languages;phone;fit_until";

/// A good row of the small layout above.
fn row(reference: &str, document: &str) -> String {
    format!(
        "{reference};Muñoz;Luz {reference};28/02/1994;F;{document};01/01/2031;;9211:24;es:C2;+573005550123;01/01/2030"
    )
}

fn file(rows: &[String]) -> Vec<u8> {
    format!("{HEAD}\r\n{}\r\n", rows.join("\r\n")).into_bytes()
}

async fn get(world: &World, user: &str, reference: &str) -> CandidateRecord {
    let request = GetCandidateRecordRequest { reference: reference.to_owned(), ..Default::default() };
    world.client().get_candidate_record(world.bench.call(user, request)).await.unwrap().into_inner()
}

async fn ids(world: &World, user: &str, request: ListCandidatesRequest) -> Vec<String> {
    let list = world.client().list_candidates(world.bench.call(user, request)).await.unwrap().into_inner();
    list.candidates.into_iter().map(|candidate| candidate.id).collect()
}

#[tokio::test]
async fn a_dirty_batch_is_read_to_its_last_row_and_a_second_upload_registers_nothing_new() {
    let world = World::start().await;
    let mut text = format!("{HEAD}\r\n");
    for line in [
        row("A-1", "AB100001"),
        row("A-2", "ab 100.002"),
        row("A-1", "AB100003"),
        row("A-4", "AB100001"),
        row("", "AB100005"),
        row("A-6", "AB100006").replace("28/02/1994", "30/02/1994"),
        row("A-7", "AB100007").replace("01/01/2031", "01/01/2020").replace("Muñoz", r#""Say ""a\b"", {NULL}""#),
        row("A-8", "AB100008").replace("28/02/1994", "01/01/2015"),
        row("A-9", "AB100009").replace("9211:24", "9999:1"),
        row("A-10", "AB100010").replace("es:C2", "es:D1"),
        row("A-11", "L898902C3").replace(";;9211", ";L8989O2C36UTO7408122F1204159ZE184226B<<<<<10;9211"),
        row("A-12", "=1+1"),
        row("A-13", "AB100013").replace("Muñoz", "'=HYPERLINK(1)").replace("+57", "'+57"),
        ";;;;;;;;;;;".to_owned(),
        ";;;;;;;;;;;".to_owned(),
    ] {
        text.push_str(&line);
        text.push_str("\r\n");
    }
    let western: Vec<u8> = text.chars().map(|sign| u8::try_from(u32::from(sign)).unwrap()).collect();
    let checked = world.check("sena", &western).await;
    assert_eq!((checked.encoding.as_str(), checked.separator.as_str()), ("windows-1252", ";"));
    assert_eq!((checked.rows_read, checked.rows_accepted, checked.rows_refused), (13, 5, 8));
    assert_eq!((checked.rows_flagged, checked.rows_blank, checked.groups_accepted), (2, 2, 5));
    assert_eq!(
        findings(&world, &checked).await,
        [
            (4, "DUP-01", "A-1", true),
            (5, "DUP-02", "AB100001", false),
            (6, "REF-01", "", true),
            (7, "DATE-01", "30/02/1994", true),
            (8, "DOC-01", "01/01/2020", false),
            (9, "AGE-01", "01/01/2015", true),
            (10, "ISCO-01", "9999:1", true),
            (11, "CEFR-01", "es:D1", true),
            (12, "MRZ-03", "L8989O2C36UTO7408122F1204159ZE184226B<<<<<10", true),
            (13, "DOC-03", "=1+1", true),
        ]
        .map(|(row, code, value, refuses)| (row, code.to_owned(), value.to_owned(), refuses))
    );
    let registered = world.register("sena", &checked).await;
    assert_eq!(registered.state(), ImportState::Registered);
    let before = records(&world, &registered).await;
    assert_eq!(before.len(), 5);
    let record = get(&world, "sena", "A-1").await;
    let (candidate, person) = (record.candidate.unwrap(), record.person.unwrap());
    assert_eq!((candidate.state(), candidate.rostered_until.as_str()), (CandidateState::Rostered, "2027-01-10"));
    assert_eq!((candidate.origin.as_str(), candidate.birth_year, candidate.version), ("CO", 1994, 1));
    assert_eq!((person.family_name.as_str(), person.born_on.as_str()), ("Muñoz", "1994-02-28"));
    let expired = get(&world, "sena", "A-7").await;
    assert_eq!(expired.person.unwrap().family_name, r#"Say "a\b", {NULL}"#, "signs that arrays are written with");
    assert_eq!(
        (expired.candidate.unwrap().state(), expired.missing),
        (CandidateState::Registered, vec!["DOCUMENT".to_owned()])
    );
    let neutral = get(&world, "sena", "A-13").await.person.unwrap();
    assert_eq!((neutral.family_name.as_str(), neutral.phone.as_str()), ("=HYPERLINK(1)", "+573005550123"));

    counts_that_an_older_build_did_not_keep_are_made_again(&world, &registered).await;
    nothing_new_comes_of_a_second_upload(&world, &western, &before).await;
}

async fn counts_that_an_older_build_did_not_keep_are_made_again(world: &World, import: &Import) {
    world.run("UPDATE import SET code_counts = NULL").await;
    let request = GetImportRequest { import_id: import.id.clone() };
    let read = world.client().get_import(world.bench.call("sena", request)).await.unwrap().into_inner();
    assert!(!read.codes.is_empty());
    assert_eq!(read.codes, import.codes);
}

async fn nothing_new_comes_of_a_second_upload(world: &World, file: &[u8], before: &[String]) {
    let again = world.register("sena", &world.check("sena", file).await).await;
    assert_eq!(records(world, &again).await, before, "the ids that the first upload made");
    let known = again.codes.iter().find(|count| count.code == "KNOWN-01").unwrap();
    assert_eq!((known.rows, known.refused), (5, false));
    let tally = world.client().tally(world.bench.call("operator", TallyRequest {})).await.unwrap().into_inner();
    assert_eq!((tally.positions[0].aggregates, tally.positions[0].events), (5, 5), "nothing new was registered");
    let ministry = get(world, "sena", "A-1").await.candidate.unwrap().organisation_id;
    let counts: Vec<(&str, &str, &str, i64)> = tally
        .counts
        .iter()
        .map(|count| (count.figure.as_str(), count.corridor.as_str(), count.state.as_str(), count.value))
        .collect();
    assert_eq!(
        counts,
        [
            ("candidates", "CO-*", "REGISTERED", 1),
            ("candidates", "CO-*", "ROSTERED", 4),
            ("seasons_returned", "CO-*", "", 0),
            ("candidates_by_ministry", "CO-*", ministry.as_str(), 5),
            ("rostered", "CO-*", "", 4),
        ]
    );
}

async fn findings(world: &World, import: &Import) -> Vec<(i64, String, String, bool)> {
    let request = ListImportRowsRequest { import_id: import.id.clone(), page_size: 1000, ..Default::default() };
    let rows = world.client().list_import_rows(world.bench.call("sena", request)).await.unwrap().into_inner().rows;
    let mut found = Vec::new();
    for row in rows {
        let refused = row.findings.iter().any(|finding| finding.refuses);
        assert_eq!(row.outcome() == RowOutcome::Refused, refused);
        for finding in row.findings {
            assert!(!finding.message.is_empty() && !finding.mend.is_empty() && !finding.column.is_empty());
            found.push((row.row, finding.code, finding.value, finding.refuses));
        }
    }
    found
}

async fn records(world: &World, import: &Import) -> Vec<String> {
    let request = ListImportRowsRequest { import_id: import.id.clone(), page_size: 1000, ..Default::default() };
    let rows = world.client().list_import_rows(world.bench.call("sena", request)).await.unwrap().into_inner().rows;
    rows.into_iter().map(|row| row.record_id).filter(|id| !id.is_empty()).collect()
}

#[tokio::test]
async fn a_row_with_a_cell_too_many_is_refused_and_nobody_whose_reference_is_its_number() {
    let world = World::start().await;
    let torn = row("A-1", "AB100001").replace("Muñoz", "Muñoz;Rojas");
    let checked = world.check("sena", &file(&[torn, row("2", "AB100002")])).await;
    let found = findings(&world, &checked).await;
    assert_eq!((checked.rows_accepted, checked.rows_refused), (1, 1), "{found:?}");
    let of_row = found.iter().find(|(_, code, _, _)| code == "ROW-01").unwrap();
    assert_eq!((of_row.0, of_row.2.as_str(), of_row.3), (2, "01/01/2030", true));
    let registered = world.register("sena", &checked).await;
    assert_eq!(records(&world, &registered).await.len(), 1);
}

#[tokio::test]
async fn two_ministries_see_only_their_own_and_an_operator_never_a_person() {
    let world = World::start().await;
    let ours = world
        .register("sena", &world.check("sena", &file(&[row("A-1", "AB100001"), row("A-2", "AB100002")])).await)
        .await;
    // The same reference and the same passport at another ministry: no refusal may tell that the person is known.
    let theirs = world.check("ghana", &file(&[row("A-1", "AB100001")])).await;
    assert_eq!(theirs.codes, [], "one ministry never learns from another's records");
    world.register("ghana", &theirs).await;

    let all = ListCandidatesRequest::default;
    let (sena, ghana) = (ids(&world, "sena", all()).await, ids(&world, "ghana", all()).await);
    assert_eq!((sena.len(), ghana.len()), (2, 1));
    assert!(!sena.contains(&ghana[0]));
    assert_eq!(ids(&world, "operator", all()).await.len(), 3);
    let by_reference = || ListCandidatesRequest { reference: "A-1".to_owned(), ..all() };
    assert_eq!(ids(&world, "ghana", by_reference()).await, ghana);
    assert_eq!(
        ids(&world, "operator", by_reference()).await,
        Vec::<String>::new(),
        "a reference is the ministry's own"
    );
    let by_origin = ListCandidatesRequest { origin: "GH".to_owned(), state: CandidateState::Rostered as i32, ..all() };
    assert_eq!(ids(&world, "operator", by_origin).await, ghana);
    let page = ListCandidatesRequest { page_size: 1, ..all() };
    let first = world.client().list_candidates(world.bench.call("sena", page.clone())).await.unwrap().into_inner();
    let page = ListCandidatesRequest { page_token: first.next_page_token, ..page };
    let second = world.client().list_candidates(world.bench.call("sena", page)).await.unwrap().into_inner();
    assert_eq!([first.candidates[0].id.clone(), second.candidates[0].id.clone()], *sena);
    assert_eq!(second.next_page_token, "");

    for user in ["ghana", "operator", "auditor", "union"] {
        let by_id = GetCandidateRecordRequest { candidate_id: sena[0].clone(), ..Default::default() };
        let refused = world.client().get_candidate_record(world.bench.call(user, by_id)).await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound, "{user} finds no record");
        let by_reference = GetCandidateRecordRequest { reference: "A-2".to_owned(), ..Default::default() };
        let refused = world.client().get_candidate_record(world.bench.call(user, by_reference)).await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound, "{user} finds no reference");
    }
    no_stranger_reaches_in(&world, &sena[0], &ours.id).await;
    no_reach_but_ones_own_shows_a_person(&world).await;
}

/// Every call on somebody else's record or import.
async fn no_stranger_reaches_in(world: &World, candidate: &str, import: &str) {
    let correct = || CorrectCandidateRequest {
        candidate_id: candidate.to_owned(),
        fields: map(&[("phone", "+573005550199")]),
        version: 1,
        request_id: request_id(),
    };
    let withdraw = || WithdrawCandidateRequest {
        candidate_id: candidate.to_owned(),
        reason: "OWN_WISH".to_owned(),
        request_id: request_id(),
    };
    for (user, code) in
        [("ghana", Code::NotFound), ("operator", Code::PermissionDenied), ("union", Code::PermissionDenied)]
    {
        let mut client = world.client();
        let call = &world.bench;
        assert_eq!(client.correct_candidate(call.call(user, correct())).await.unwrap_err().code(), code);
        assert_eq!(client.withdraw_candidate(call.call(user, withdraw())).await.unwrap_err().code(), code);
        let import_id = import.to_owned();
        let asked = call.call(user, GetImportRequest { import_id: import_id.clone() });
        assert_eq!(client.get_import(asked).await.unwrap_err().code(), code);
        let rows = ListImportRowsRequest { import_id: import_id.clone(), ..Default::default() };
        assert_eq!(client.list_import_rows(call.call(user, rows)).await.unwrap_err().code(), code);
        let register = RegisterImportRequest { import_id: import_id.clone(), request_id: request_id() };
        assert_eq!(client.register_import(call.call(user, register)).await.unwrap_err().code(), code);
        let discard = DiscardImportRequest { import_id, request_id: request_id() };
        assert_eq!(client.discard_import(call.call(user, discard)).await.unwrap_err().code(), code);
    }
    let listed = world.client().list_imports(world.bench.call("ghana", ListImportsRequest::default())).await.unwrap();
    assert!(listed.into_inner().imports.iter().all(|listed| listed.id != import));
    let asked = world.client().list_candidates(world.bench.call("union", ListCandidatesRequest::default())).await;
    assert_eq!(asked.unwrap_err().code(), Code::PermissionDenied);
    let asked = world.client().tally(world.bench.call("sena", TallyRequest {})).await;
    assert_eq!(asked.unwrap_err().code(), Code::PermissionDenied);
}

/// Below the service: the table itself shows nothing under any other reach.
async fn no_reach_but_ones_own_shows_a_person(world: &World) {
    let mut connection = sqlx::PgConnection::connect(&world.bench.superuser_url(candidate::NAME)).await.unwrap();
    for (reach, organisation, seen) in
        [("own", world::SENA, 2), ("all", world::SENA, 0), ("system", world::SENA, 0), ("own", world::OPERATOR, 0)]
    {
        let mut tx = connection.begin().await.unwrap();
        sqlx::query("SELECT set_config('role', 'candidate_app', true), set_config('circula.reach', $1, true), set_config('circula.organisation', $2, true)")
            .bind(reach)
            .bind(organisation.to_string())
            .execute(&mut *tx)
            .await
            .unwrap();
        let found: i64 = sqlx::query_scalar("SELECT count(*) FROM person").fetch_one(&mut *tx).await.unwrap();
        assert_eq!(found, seen, "reach {reach}");
    }
    let open: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
         AND NOT (relrowsecurity AND relforcerowsecurity)
         AND relname NOT LIKE 'outbox%' AND relname NOT LIKE '%migrations' AND relname NOT IN ('inbox', 'parked', 'relay_state')",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert_eq!(open, Vec::<String>::new(), "every table of ours forces row-level security");
}

#[tokio::test]
async fn a_record_is_corrected_and_withdrawn_with_its_history() {
    let world = World::start().await;
    let good = row("A-1", "AB100001").replace("01/01/2030", "");
    world.register("sena", &world.check("sena", &file(&[good])).await).await;
    let record = get(&world, "sena", "A-1").await;
    assert_eq!(record.missing, ["FITNESS"]);
    let id = record.candidate.unwrap().id;
    let correct = |version: i64, fields: &[(&str, &str)]| CorrectCandidateRequest {
        candidate_id: id.clone(),
        fields: map(fields),
        version,
        request_id: request_id(),
    };
    for (fields, reason) in [
        (&[("birth_date", "30/02/1994")][..], "DATE-01"),
        (&[("occupations", "9999:1")], "ISCO-01"),
        (&[("reference", "A-2")], "REFERENCE_FIXED"),
        (&[("shoe_size", "40")], "COLUMN_UNKNOWN"),
    ] {
        let refused = world.client().correct_candidate(world.bench.call("sena", correct(1, fields))).await.unwrap_err();
        assert_eq!((refused.code(), Refused::from_status(&refused).reason.as_str()), (Code::InvalidArgument, reason));
    }
    let change = correct(1, &[("fit_until", "01/06/2026"), ("phone", "+57 300 555 0199"), ("sex", "f")]);
    let corrected =
        world.client().correct_candidate(world.bench.call("sena", change.clone())).await.unwrap().into_inner();
    let candidate = corrected.candidate.clone().unwrap();
    assert_eq!((candidate.state(), candidate.rostered_until.as_str()), (CandidateState::Rostered, "2026-06-01"));
    assert_eq!((candidate.version, corrected.person.as_ref().unwrap().phone.as_str()), (2, "+57 300 555 0199"));
    let again = world.client().correct_candidate(world.bench.call("sena", change)).await.unwrap().into_inner();
    assert_eq!(again, corrected, "the same request has one effect");
    let late = world.client().correct_candidate(world.bench.call("sena", correct(1, &[("region", "CO-VAC")]))).await;
    assert_eq!(late.unwrap_err().code(), Code::Aborted);
    let nothing =
        world.client().correct_candidate(world.bench.call("sena", correct(2, &[("sex", "F")]))).await.unwrap();
    assert_eq!(nothing.into_inner().candidate.unwrap().version, 2, "what says the same changes nothing");

    let withdraw = |reason: &str| WithdrawCandidateRequest {
        candidate_id: id.clone(),
        reason: reason.to_owned(),
        request_id: request_id(),
    };
    let unsaid = world.client().withdraw_candidate(world.bench.call("sena", withdraw(" "))).await.unwrap_err();
    assert_eq!(unsaid.code(), Code::InvalidArgument);
    let withdrawn =
        world.client().withdraw_candidate(world.bench.call("sena", withdraw("OWN_WISH"))).await.unwrap().into_inner();
    let candidate = withdrawn.candidate.unwrap();
    assert_eq!((candidate.state(), candidate.rostered_until.as_str()), (CandidateState::Withdrawn, ""));
    let history: Vec<(i64, &str, Vec<&str>)> = withdrawn
        .history
        .iter()
        .map(|line| (line.version, line.what.as_str(), line.fields.iter().map(String::as_str).collect()))
        .collect();
    assert_eq!(
        history,
        [(1, "registered", vec![]), (2, "corrected", vec!["phone", "fit_until"]), (3, "withdrawn: OWN_WISH", vec![])]
    );
    assert!(withdrawn.history[0].actor.starts_with("import ") && withdrawn.history[1].actor == "sena");
    let after = world.client().correct_candidate(world.bench.call("sena", correct(3, &[("region", "CO-VAC")]))).await;
    assert_eq!(after.unwrap_err().code(), Code::FailedPrecondition);
    let after = world.client().withdraw_candidate(world.bench.call("sena", withdraw("AGAIN"))).await;
    assert_eq!(after.unwrap_err().code(), Code::FailedPrecondition);
}

#[tokio::test]
async fn a_verified_season_is_credited_once_and_who_is_barred_leaves_the_roster() {
    let world = World::start().await;
    world.register("sena", &world.check("sena", &file(&[row("A-1", "AB100001"), row("A-2", "AB100002")])).await).await;
    let (first, second) = (get(&world, "sena", "A-1").await, get(&world, "sena", "A-2").await);
    let (first, second) = (first.candidate.unwrap().id, second.candidate.unwrap().id);

    let (event, record) = (request_id(), request_id());
    let season =
        |record: &str, code: &str, ending: &str| world::season_record(record, &first, (code, ending, "VERIFIED"));
    world.publish(&event, &season(&record, "2026", "2026-10-31")).await;
    // The same event, the same record under another event, a season without a verified return, then a season more.
    world.publish(&event, &season(&record, "2026", "2026-10-31")).await;
    world.publish(&request_id(), &season(&record, "2026", "2026-10-31")).await;
    let unverified = world::season_record(&request_id(), &first, ("2026", "2026-10-31", "UNVERIFIED"));
    world.publish(&request_id(), &unverified).await;
    world.publish(&request_id(), &season(&request_id(), "2027", "2027-09-30")).await;
    world.publish(&request_id(), &world::barred(&second)).await;

    let credited = eventually("the second season is credited", async || {
        let record = get(&world, "sena", "A-1").await;
        record.history.iter().any(|line| line.what.contains("2027")).then_some(record)
    })
    .await;
    let candidate = credited.candidate.unwrap();
    assert_eq!((candidate.seasons_returned, candidate.version), (2, 3), "each season counts once");
    assert_eq!((candidate.state(), candidate.rostered_until.as_str()), (CandidateState::Rostered, "2028-09-29"));
    let barred = eventually("the second person is barred", async || {
        let record = get(&world, "sena", "A-2").await;
        (record.candidate.as_ref()?.state() == CandidateState::Barred).then_some(record)
    })
    .await;
    assert_eq!(barred.history[1].what, "left the roster: RE_ENTRY_BARRED");
    let facts = world.facts(&first).await;
    assert_eq!(facts, ["CandidateRegistered", "SeasonCredited", "SeasonCredited"]);
    assert_eq!(world.facts(&second).await, ["CandidateRegistered", "CandidateLeftRoster"]);
    assert_eq!(world.parked().await, 0);
}

#[tokio::test]
async fn no_event_holds_personal_data() {
    let world = World::start().await;
    let planted =
        "R-PLANTED;Plantada;Marcadora;23/11/1987;F;PLNT98765;13/09/2031;;9211:24;es:C2;+573009998877;01/01/2030";
    world.register("sena", &world.check("sena", &file(&[planted.to_owned()])).await).await;
    let id = get(&world, "sena", "R-PLANTED").await.candidate.unwrap().id;
    let correct = CorrectCandidateRequest {
        candidate_id: id.clone(),
        fields: map(&[("family_name", "Plantada Dos"), ("birth_date", "24/11/1987"), ("document_number", "PLNT11111")]),
        version: 1,
        request_id: request_id(),
    };
    world.client().correct_candidate(world.bench.call("sena", correct)).await.unwrap();
    let withdraw = WithdrawCandidateRequest {
        candidate_id: id,
        reason: "Marcadora moved to her mother".to_owned(),
        request_id: request_id(),
    };
    world.client().withdraw_candidate(world.bench.call("sena", withdraw)).await.unwrap();
    let payloads = world.payloads().await;
    assert_eq!(payloads.len(), 3);
    for payload in payloads {
        assert!(payload.contains("CO"), "the coded facts are there");
        for marker in [
            "PLANTED",
            "Plantada",
            "Marcadora",
            "PLNT",
            "1987-11",
            "23/11",
            "24/11",
            "2031-09",
            "573009998877",
            "mother",
        ] {
            assert!(!payload.contains(marker), "{marker} is in an event");
        }
    }
}

#[tokio::test]
async fn five_thousand_rows_are_registered_in_seconds() {
    let world = World::start().await;
    let spec =
        Spec { seed: 1, origin: "CO".to_owned(), count: 5000, filing_date: "2026-01-10".parse().unwrap(), dirt: true };
    let file = generate::batch(&spec).unwrap();
    let started = std::time::Instant::now();
    let checked = world.check("sena", &file).await;
    let judged = started.elapsed();
    assert_eq!((checked.rows_read, checked.rows_read - checked.rows_accepted), (5000, checked.rows_refused));
    assert!(checked.rows_refused + checked.rows_flagged <= 250, "95 rows in 100 are clean: {checked:?}");
    let started = std::time::Instant::now();
    let registered = world.register("sena", &checked).await;
    let took = started.elapsed();
    println!("5000 rows: uploaded and judged in {judged:?}, registered in {took:?}");
    assert_eq!(registered.groups_registered, registered.groups_accepted);
    assert!(took.as_secs() < 20, "registered in {took:?}");
    let tally = world.client().tally(world.bench.call("operator", TallyRequest {})).await.unwrap().into_inner();
    assert_eq!(tally.positions[0].aggregates, registered.groups_accepted);
}
