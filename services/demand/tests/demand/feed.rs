//! The golden numbers of the real feed, and what becomes of its dirty rows.

use std::{
    collections::{HashMap, HashSet},
    io::Read,
    time::Instant,
};

use platform::{
    Refused,
    testing::{eventually, map, request_id},
};
use proto::{
    common::{
        CheckImportRequest, CreateImportRequest, GetImportRequest, Import, ImportState, ListImportRowsRequest,
        ListImportRowsResponse, ListImportsRequest, RegisterImportRequest, RowOutcome, RowReport, TallyRequest,
        UploadImportRequest,
    },
    demand::{BatchApproveJobOrdersRequest, JobOrder, JobOrderState, ListJobOrdersRequest},
};
use sqlx::{Connection, PgConnection};

use crate::house::{House, corridor, pack, season};

const VAGA: &str = "H-300-17047-939280";
const NCGA: &str = "H-300-17046-700629";

fn file() -> Vec<u8> {
    let house = std::path::PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap());
    let path = house.join("../../deploy/data/h2a_fy2017.csv.gz");
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

/// A feed of the real head and some of its rows.
fn part(wanted: impl Fn(&str) -> bool) -> Vec<u8> {
    let text = String::from_utf8(file()).unwrap();
    let mut lines = text.split_inclusive('\n');
    let head = lines.next().unwrap();
    let rows: String = lines.filter(|line| wanted(line)).collect();
    format!("{head}{rows}").into_bytes()
}

async fn house() -> House {
    House::open(vec![
        season("2017", "2016-05-01", "2018-12-31"),
        corridor("MX-US"),
        pack("US@2015-10-01", &[("order.hours_week_min", "35"), ("order.housing_required", "true")]),
    ])
    .await
}

impl House {
    async fn create(&self, parameters: &[(&str, &str)]) -> Import {
        let request = CreateImportRequest {
            layout: demand::feed::NAME.to_owned(),
            file_name: "h2a_fy2017.csv".to_owned(),
            parameters: map(parameters),
            request_id: request_id(),
        };
        self.client.clone().create_import(self.bench.call("importer", request)).await.unwrap().into_inner()
    }

    async fn check(&self, import_id: &str) -> Result<Import, tonic::Status> {
        let request = CheckImportRequest { import_id: import_id.to_owned(), request_id: request_id() };
        self.client.clone().check_import(self.bench.call("importer", request)).await.map(tonic::Response::into_inner)
    }

    async fn checked(&self, bytes: &[u8]) -> Import {
        let import = self.create(&[("season", "2017")]).await;
        self.upload(&import.id, (bytes, 0)).await.unwrap();
        self.check(&import.id).await.unwrap()
    }

    /// Registers until nothing is left.
    async fn register(&self, import: Import) -> Import {
        let mut import = import;
        while import.state() == ImportState::Checked {
            let request = RegisterImportRequest { import_id: import.id.clone(), request_id: request_id() };
            let call = self.bench.call("importer", request);
            import = self.client.clone().register_import(call).await.unwrap().into_inner();
        }
        import
    }

    /// All rows that a filter asks for.
    async fn rows(&self, import: &Import, filter: ListImportRowsRequest) -> Vec<RowReport> {
        let mut request = ListImportRowsRequest { import_id: import.id.clone(), page_size: 1000, ..filter };
        let mut rows = Vec::new();
        loop {
            let call = self.bench.call("importer", request.clone());
            let page: ListImportRowsResponse = self.client.clone().list_import_rows(call).await.unwrap().into_inner();
            rows.extend(page.rows);
            if page.next_page_token.is_empty() {
                return rows;
            }
            request.page_token = page.next_page_token;
        }
    }

    async fn refused_rows(&self, import: &Import) -> Vec<RowReport> {
        self.rows(import, ListImportRowsRequest { refused_only: true, ..ListImportRowsRequest::default() }).await
    }
}

fn tallied(import: &Import) -> HashMap<&str, i64> {
    import.codes.iter().map(|count| (count.code.as_str(), count.rows)).collect()
}

fn seats(orders: &[JobOrder], of: impl Fn(&JobOrder) -> bool) -> i64 {
    let lines = orders.iter().filter(|order| of(order)).flat_map(|order| &order.lines);
    lines.map(|line| i64::from(line.seats)).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_feed_comes_in_with_its_golden_numbers() {
    let house = house().await;
    let bytes = file();
    let started = Instant::now();
    let import = house.checked(&bytes).await;
    let checked = started.elapsed();
    assert_eq!((import.rows_read, import.rows_accepted, import.rows_refused), (12_930, 12_922, 8));
    assert_eq!((import.encoding.as_str(), import.separator.as_str(), import.rows_blank), ("utf-8", ",", 0));
    assert_eq!(import.groups_accepted, 10_092);
    assert_eq!(house.count("SELECT count(*) FROM job_order").await, 0, "a check registers nothing");
    codes(&import);
    every_row(&house, &import, &bytes).await;
    let registering = Instant::now();
    let import = house.register(import).await;
    println!("checked in {checked:?} (upload included), registered in {:?}", registering.elapsed());
    assert_eq!((import.state(), import.groups_registered), (ImportState::Registered, 10_092));
    orders(&house).await;
    tally(&house).await;
    again(&house, &bytes).await;
}

/// How many rows bear which code.
fn codes(import: &Import) {
    let codes = tallied(import);
    for (code, rows) in [
        ("DATE-03", 5),
        ("DATE-04", 1),
        ("MASTER_REFUSED", 3),
        ("FARMS_DISAGREE", 52),
        ("FARM-01", 32),
        ("FARM-02", 2),
        ("FARM-04", 123),
        ("SOC-01", 5),
        ("DATE-05", 4),
    ] {
        assert_eq!(codes.get(code), Some(&rows), "rows with {code}: {codes:?}");
    }
    for code in ["CASE-01", "CASE-02", "CASE-03", "CASE-04"] {
        assert_eq!(codes.get(code), None, "each farm has its master, wherever it stands, and each case one");
    }
}

/// The report on every row says what the file says. Masters and farms added up would count the seats of unions twice.
async fn every_row(house: &House, import: &Import, bytes: &[u8]) {
    let rows = house.rows(import, ListImportRowsRequest::default()).await;
    let head = String::from_utf8_lossy(bytes.split(|byte| *byte == b'\n').next().unwrap()).into_owned();
    let at = |name: &str| head.trim_end().split(',').position(|column| column == name).unwrap();
    let (kind, status, certified) = (at("PRIMARY/SUB"), at("CASE_STATUS"), at("NBR_WORKERS_CERTIFIED"));
    let of = |column: usize, value: &str| rows.iter().filter(|row| row.fields[column] == value).count();
    assert_eq!((rows.len(), of(kind, "PRI"), of(kind, "SUB")), (12_930, 10_097, 2_833));
    for (word, count) in [
        ("CERTIFICATION", 10_812),
        ("CERTIFICATION EXPIRED", 1_670),
        ("WITHDRAWN", 164),
        ("DENIED", 144),
        ("PARTIAL CERTIFICATION", 103),
        ("PARTIAL CERTIFICATION EXPIRED", 37),
    ] {
        assert_eq!(of(status, &format!("DETERMINATION ISSUED - {word}")), count, "{word}");
    }
    for row in &rows {
        let refused = row.findings.iter().any(|finding| finding.refuses);
        assert_eq!(row.outcome() == RowOutcome::Refused, refused, "{row:?}");
        for finding in &row.findings {
            let said = [&finding.column, &finding.code, &finding.message, &finding.mend];
            assert!(said.iter().all(|text| !text.is_empty()), "row {}: {finding:?}", row.row);
        }
    }
    let seats = |kinds: &[&str]| {
        let counted = rows.iter().filter(|row| kinds.contains(&row.fields[kind].as_str()));
        counted.map(|row| row.fields[certified].parse::<i64>().unwrap_or(0)).sum::<i64>()
    };
    assert_eq!((seats(&["PRI"]), seats(&["PRI", "SUB"])), (200_049, 224_975));
    let at = (at("CASE_NUMBER"), kind, at("ORGANIZATION_FLAG"));
    filed_by(&rows, at);
}

/// What the file says of who filed, beside who has farms: the table in the README. A union order is one with farms.
fn filed_by(rows: &[RowReport], (case, kind, flag): (usize, usize, usize)) {
    let farms = rows.iter().filter(|row| row.fields[kind] == "SUB");
    let shared: HashSet<&str> = farms.map(|row| row.fields[case].as_str()).collect();
    let mut counts: HashMap<&str, (i32, i32)> = HashMap::new();
    for master in rows.iter().filter(|row| row.fields[kind] == "PRI") {
        let count = counts.entry(master.fields[flag].as_str()).or_default();
        if shared.contains(master.fields[case].as_str()) { count.0 += 1 } else { count.1 += 1 }
    }
    let wanted = HashMap::from([
        ("Association - Joint Employer (H-2A Only)", (762, 4)),
        ("Association - Filing as Agent (H-2A Only)", (4, 1_688)),
        ("Association - Sole Employer (H-2A Only)", (0, 15)),
        ("Individual Employer", (11, 6_200)),
        ("H-2A Labor Contractor or Job Contractor", (0, 1_410)),
        ("", (0, 3)),
    ]);
    assert_eq!(counts, wanted, "masters with farms and without");
}

/// What the orders say, as anybody reads them.
async fn orders(house: &House) {
    let orders = house.orders("operator", ListJobOrdersRequest::default()).await;
    assert_eq!(orders.len(), 10_092);
    let open = |order: &JobOrder| order.state() == JobOrderState::Open;
    assert_eq!(seats(&orders, open), 199_985);
    assert_eq!(seats(&orders, |_| true) + 64, 200_049);
    let asked = orders.iter().flat_map(|order| &order.lines).map(|line| i64::from(line.seats_asked)).sum::<i64>();
    assert_eq!(asked + 64, 206_156);
    let farms = orders.iter().flat_map(|order| &order.lines).flat_map(|line| &line.allocations);
    let farms = farms.map(|farm| i64::from(farm.seats)).sum::<i64>();
    assert_eq!(farms + 26, 224_975 - 200_049, "farms share their master's seats; those of a refused master have 26");
    let closed: Vec<&JobOrder> =
        orders.iter().filter(|order| seats(std::slice::from_ref(*order), |_| true) == 0).collect();
    let of = |state| closed.iter().filter(|order| order.state() == state).count();
    assert_eq!((closed.len(), of(JobOrderState::Denied), of(JobOrderState::Withdrawn)), (300, 144, 156));
    let unions: Vec<&JobOrder> = orders.iter().filter(|order| order.union_order).collect();
    assert_eq!(unions.len(), 776, "777 masters have farm rows; one of them ends before it starts and is refused");
    let disagree = ListJobOrdersRequest { flag: "FARMS_DISAGREE".to_owned(), ..ListJobOrdersRequest::default() };
    assert_eq!(house.orders("importer", disagree).await.len(), 52);
    unions_of_note(&orders);

    let first = orders.iter().find(|order| order.reference == "H-300-17097-485527").unwrap();
    let line = &first.lines[0];
    assert_eq!((first.filed_on.as_str(), first.decided_on.as_str()), ("2017-04-12", "2017-06-08"));
    assert_eq!((line.starts_on.as_str(), line.ends_on.as_str()), ("2017-05-01", "2018-02-01"));
    assert_eq!(line.isco_codes, ["6320", "6330", "9212", "9213", "9216"]);
    let pay = line.pay.as_ref().unwrap();
    assert_eq!((pay.amount.as_str(), pay.currency.as_str(), pay.unit.as_str()), ("11.59", "USD", "hour"));
    assert_eq!((line.hours_week, line.experience_months, line.beds, line.seats), (40, 3, -1, 15));
    assert_eq!((line.workplace.as_ref().unwrap().city.as_str(), line.origins.len()), ("Palacios", 0));
    assert_eq!(
        (first.source_status.as_str(), first.season_code.as_str()),
        ("DETERMINATION ISSUED - CERTIFICATION", "2017")
    );
    assert_eq!((first.destination.as_str(), first.rule_pack_id.as_str()), ("US", "US@2015-10-01"));
}

fn unions_of_note(orders: &[JobOrder]) {
    let find = |case: &str| orders.iter().find(|order| order.reference == case).unwrap();
    let vaga = &find(VAGA).lines[0];
    let names: HashSet<&str> = vaga.allocations.iter().map(|farm| farm.farm_name.as_str()).collect();
    let sum = |line: &proto::demand::OrderLine| line.allocations.iter().map(|farm| farm.seats).sum::<i32>();
    assert_eq!((vaga.seats, vaga.allocations.len(), names.len(), sum(vaga)), (715, 194, 192, 713));
    assert!(find(VAGA).flags.iter().any(|flag| flag.code == "FARMS_DISAGREE" && flag.message.contains("713")));
    let ncga = &find(NCGA).lines[0];
    assert_eq!((ncga.seats, ncga.allocations.len(), sum(ncga)), (965, 157, 965));
    assert!(find(NCGA).flags.iter().all(|flag| flag.code != "FARMS_DISAGREE"));
}

async fn tally(house: &House) {
    let call = house.bench.call("operator", TallyRequest {});
    let tally = house.client.clone().tally(call).await.unwrap().into_inner();
    let sum =
        |figure: &str| tally.counts.iter().filter(|count| count.figure == figure).map(|count| count.value).sum::<i64>();
    assert_eq!((sum("orders"), sum("lines"), sum("seats_posted")), (10_092, 10_092, 199_985));
    let events = house.count("SELECT count(*) FROM outbox").await;
    assert_eq!(tally.positions.iter().map(|at| at.events).sum::<i64>(), events);
    println!("{} employers, {events} events", sum("employers"));
}

/// The same file once more: nothing new, and every row is answered with the record that is there.
async fn again(house: &House, bytes: &[u8]) {
    let events = house.count("SELECT count(*) FROM outbox").await;
    let started = Instant::now();
    let import = house.checked(bytes).await;
    assert_eq!(tallied(&import).get("KNO-01"), Some(&10_092));
    assert_eq!(tallied(&import).get("KNO-02"), None);
    let import = house.register(import).await;
    println!("checked and registered again in {:?}", started.elapsed());
    assert_eq!(import.groups_registered, 10_092);
    assert_eq!(house.count("SELECT count(*) FROM outbox").await, events);
    assert_eq!(house.count("SELECT count(DISTINCT record_id) FROM import_row WHERE accepted").await, 10_092);
    assert_eq!(house.count("SELECT count(*) FROM import_row WHERE accepted AND record_id = ''").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_row_says_where_what_why_and_what_mends_it() {
    let house = house().await;
    let import = house.checked(&part(|line| line.starts_with("H-300-17006-899106"))).await;
    assert_eq!((import.rows_read, import.rows_accepted, import.rows_refused), (4, 0, 4));
    let rows = house.refused_rows(&import).await;
    let head = 1;
    let master = rows.iter().find(|row| row.findings.iter().any(|finding| finding.code == "DATE-03")).unwrap();
    let finding = master.findings.iter().find(|finding| finding.refuses).unwrap();
    assert_eq!(finding.column, "REQUESTED_END_DATE_OF_NEED");
    assert_eq!(finding.value, "2016-12-10T00:00:00");
    assert!(finding.message.contains("2017-03-03") && !finding.mend.is_empty());
    assert!(master.row > head && master.outcome() == RowOutcome::Refused && master.fields.len() == 59);
    let farms: Vec<&RowReport> = rows.iter().filter(|row| row.row != master.row).collect();
    assert_eq!(farms.len(), 3);
    for farm in farms {
        let finding = farm.findings.iter().find(|finding| finding.code == "MASTER_REFUSED").unwrap();
        assert!(finding.refuses && finding.message.contains(&format!("row {}", master.row)), "{}", finding.message);
    }
    let registered = house.register(import).await;
    assert_eq!((registered.state(), registered.groups_registered), (ImportState::Registered, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_a_case_does_not_keep_are_flagged_as_of_its_filing() {
    let house = house().await;
    let few_hours = part(|line| line.starts_with("H-300-17097-485527")).to_vec();
    let few_hours = String::from_utf8(few_hours).unwrap().replace(",Seasonal,40,", ",Seasonal,20,").into_bytes();
    let import = house.register(house.checked(&few_hours).await).await;
    assert_eq!(tallied(&import).get("ORDER_HOURS_WEEK_MIN"), Some(&1));
    let orders = house.orders("importer", ListJobOrdersRequest::default()).await;
    assert_eq!((orders.len(), orders[0].rule_pack_id.as_str()), (1, "US@2015-10-01"));
    assert!(orders[0].flags.iter().any(|flag| flag.code == "ORDER_HOURS_WEEK_MIN"));

    let other = house.checked(&part(|line| line.starts_with("H-300-17097-485527"))).await;
    assert_eq!(tallied(&other).get("KNO-02"), Some(&1), "the case is known with other content");
    house.register(other).await;
    assert_eq!(house.orders("importer", ListJobOrdersRequest::default()).await, orders, "and stays as it is");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_upload_goes_on_where_it_stopped() {
    let house = house().await;
    let bytes = part(|line| line.contains("NC Dept of Commerce"));
    assert!(bytes.len() > 200_000);
    let import = house.create(&[("season", "2017")]).await;
    // A stream that ends badly: a piece, and one that is refused.
    let piece = |offset: i64, data: &[u8]| {
        let (import_id, data) = (import.id.clone(), data.to_vec());
        UploadImportRequest { import_id, offset, data }
    };
    let pieces = tokio_stream::iter([piece(0, &bytes[..50_000]), piece(50_000, &[])]);
    let broken = house.client.clone().upload_import(house.bench.call("importer", pieces)).await.unwrap_err();
    assert_eq!(Refused::from_status(&broken).reason, "PIECE_SIZE");
    let first = house.upload(&import.id, (&bytes[..100_000], 50_000)).await.unwrap();
    assert_eq!(first.bytes_received, 100_000, "what came before the bad piece was kept");
    let hole = house.upload(&import.id, (&bytes, 150_000)).await.unwrap_err();
    let refused = Refused::from_status(&hole);
    assert_eq!((refused.reason.as_str(), refused.arguments[0].1.as_str()), ("OFFSET", "100000"));
    let overlap = house.upload(&import.id, (&bytes[..150_000], 50_000)).await.unwrap();
    assert_eq!(overlap.bytes_received, 150_000, "of a piece that is known in part the rest is taken");
    let get = GetImportRequest { import_id: import.id.clone() };
    let found = house.client.clone().get_import(house.bench.call("importer", get)).await.unwrap().into_inner();
    let from = usize::try_from(found.bytes_received).unwrap();
    let whole = house.upload(&import.id, (&bytes, from)).await.unwrap();
    assert_eq!(whole.bytes_received, i64::try_from(bytes.len()).unwrap());
    house.upload(&import.id, (&bytes[..64 << 10], 0)).await.unwrap();
    let checked = house.check(&import.id).await.unwrap();
    let rows = bytes.iter().filter(|byte| **byte == b'\n').count() - 1;
    assert_eq!(checked.rows_read, i64::try_from(rows).unwrap());
    assert_eq!(checked.rows_read, checked.rows_accepted + checked.rows_refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_needs_a_season_that_is_planned_and_is_its_organisations_own() {
    let house = house().await;
    let bytes = part(|line| line.starts_with(NCGA));
    for (parameters, reason) in [(vec![], "PARAMETER_MISSING"), (vec![("season", "2071")], "SEASON_UNKNOWN")] {
        let import = house.create(&parameters).await;
        house.upload(&import.id, (&bytes, 0)).await.unwrap();
        assert_eq!(Refused::from_status(&house.check(&import.id).await.unwrap_err()).reason, reason);
        let get = GetImportRequest { import_id: import.id };
        let status = house.client.clone().get_import(house.bench.call("union", get)).await.unwrap_err();
        assert_eq!(status.code(), tonic::Code::NotFound);
    }
    for (user, imports) in [("importer", 2), ("union", 0), ("operator", 0)] {
        let call = house.bench.call(user, ListImportsRequest::default());
        let page = house.client.clone().list_imports(call).await.unwrap().into_inner();
        assert_eq!(page.imports.len(), imports, "an import is seen by {user}");
    }
    let import = house.register(house.checked(&bytes).await).await;
    assert_eq!((import.groups_registered, import.rows_read), (1, 158));
    assert!(house.orders("union", ListJobOrdersRequest::default()).await.is_empty());
    assert_eq!(house.orders("importer", ListJobOrdersRequest::default()).await[0].lines[0].allocations.len(), 157);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_and_a_batch_that_name_the_same_employers_in_opposite_order_are_both_answered() {
    let cap = pack("US@2015-10-01", &[("order.employer_seats_max", "5000")]);
    let house = House::open(vec![season("2017", "2016-05-01", "2018-12-31"), corridor("MX-US"), cap]).await;
    // The cap comes after the orders: whoever decides about them locks their employers.
    house.force("UPDATE rule_pack SET valid_from = '2026-06-01'").await;
    let cases = ["H-300-17097-485527", "H-300-17095-190940"];
    house.register(house.checked(&part(|line| cases.iter().any(|case| line.starts_with(case)))).await).await;
    house.force("UPDATE rule_pack SET valid_from = split_part(id, '@', 2)::date").await;
    let mut orders = house.orders("importer", ListJobOrdersRequest::default()).await;
    orders.sort_by(|one, other| other.employer_id.cmp(&one.employer_id));
    assert!(orders.len() == 2 && orders[0].employer_id != orders[1].employer_id);
    // Further cases of both: in the file the employer is last whom the batch takes first.
    let text = |order: &JobOrder| String::from_utf8(part(|line| line.starts_with(&order.reference))).unwrap();
    let (one, other) = (text(&orders[0]), text(&orders[1]));
    let further = format!("{one}{}", other.split_once('\n').unwrap().1).replace("H-300-", "H-301-");
    let import = house.checked(further.as_bytes()).await;

    let mut connection = PgConnection::connect(&house.bench.superuser_url(demand::NAME)).await.unwrap();
    let mut held = connection.begin().await.unwrap();
    sqlx::query("SELECT FROM employer ORDER BY id LIMIT 1 FOR UPDATE").execute(&mut *held).await.unwrap();
    let wait = async |many: i64| {
        let waiting =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        eventually("they wait", async || (house.count(waiting).await == many).then_some(())).await;
    };
    let request = BatchApproveJobOrdersRequest {
        order_ids: orders.iter().map(|order| order.id.clone()).collect(),
        decided_on: "2017-06-20".to_owned(),
        request_id: request_id(),
    };
    let mut client = house.client.clone();
    let batch = client.batch_approve_job_orders(house.bench.call("operator", request));
    let after_it = async {
        wait(1).await;
        house.register(import).await
    };
    let let_go = async {
        wait(2).await;
        held.commit().await.unwrap();
    };
    let (batch, import, ()) = tokio::join!(batch, after_it, let_go);
    let results = batch.unwrap().into_inner().results;
    let told: Vec<_> = results.iter().map(|result| result.refusal.as_ref().unwrap().reason.as_str()).collect();
    assert_eq!(told, ["ORDER_STATE", "ORDER_STATE"], "they are open already");
    assert_eq!((import.state(), import.groups_registered), (ImportState::Registered, 2));
}
