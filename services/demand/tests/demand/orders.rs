use platform::{
    Refused,
    testing::{eventually, request_id},
};
use proto::{
    Event,
    common::TallyRequest,
    demand::{
        BatchApproveJobOrdersRequest, Deduction, DemandEvent, DenyJobOrderRequest, FarmAllocation, GetJobOrderRequest,
        JobOrder, JobOrderState, ListEmployersRequest, ListJobOrdersRequest, OrderLine, Pay, Place,
        PostJobOrderRequest, WithdrawJobOrderRequest, demand_event::Aggregate,
    },
};
use rdkafka::{
    ClientConfig, Message,
    consumer::{Consumer, StreamConsumer},
};
use sqlx::{Connection, PgConnection};

use crate::house::{House, corridor, pack, season, spain};

/// An order of nine seats over two farms, filed under the rules of 2024.
fn nine(employer_id: &str, reference: &str) -> JobOrder {
    let farm = |name: &str, seats| FarmAllocation { farm_name: name.to_owned(), seats, ..FarmAllocation::default() };
    JobOrder {
        reference: reference.to_owned(),
        employer_id: employer_id.to_owned(),
        destination: "ES".to_owned(),
        season_code: "2026".to_owned(),
        filed_on: "2025-12-31".to_owned(),
        lines: vec![OrderLine {
            title: "Peach picking".to_owned(),
            isco_codes: vec!["9211".to_owned()],
            seats: 9,
            starts_on: "2026-04-01".to_owned(),
            ends_on: "2026-09-30".to_owned(),
            workplace: Some(Place { city: "Aitona".to_owned(), region: "Lleida".to_owned(), country: "ES".to_owned() }),
            pay: Some(Pay { amount: "9.40".to_owned(), currency: "EUR".to_owned(), unit: "hour".to_owned() }),
            hours_week: 40,
            substitutes: true,
            origins: vec!["CO".to_owned()],
            allocations: vec![farm("Aitona, farm 1", 4), farm("Aitona, farm 2", 5)],
            beds: 9,
            ..OrderLine::default()
        }],
        ..JobOrder::default()
    }
}

fn deduction(code: &str, amount: &str) -> Deduction {
    let amount = Pay { amount: amount.to_owned(), currency: "EUR".to_owned(), unit: "month".to_owned() };
    Deduction { code: code.to_owned(), amount: Some(amount) }
}

fn refused(outcome: Result<JobOrder, tonic::Status>) -> Refused {
    Refused::from_status(&outcome.unwrap_err())
}

fn argument<'r>(refused: &'r Refused, name: &str) -> &'r str {
    refused.arguments.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

async fn approve(house: &House, order_ids: Vec<String>) -> Vec<String> {
    let request =
        BatchApproveJobOrdersRequest { order_ids, decided_on: "2026-01-20".to_owned(), request_id: request_id() };
    let call = house.bench.call("operator", request);
    let response = house.client.clone().batch_approve_job_orders(call).await.unwrap().into_inner();
    response.results.into_iter().map(|result| result.refusal.unwrap_or_default().reason).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nine_seats_are_lawful_under_the_older_pack_and_refused_under_the_newer() {
    let house = House::open(spain()).await;
    let employer = house.employer("union", "segria").await;
    let older = house.post("union", nine(&employer.id, "A-1")).await.unwrap();
    assert_eq!((older.rule_pack_id.as_str(), older.state()), ("ES@2024-01-01", JobOrderState::Submitted));
    assert!(older.union_order && older.flags.is_empty() && older.version == 1);

    let newer = JobOrder { filed_on: "2026-01-01".to_owned(), ..nine(&employer.id, "A-2") };
    let refused = refused(house.post("union", newer).await);
    assert_eq!(refused.reason, "ORDER_SEATS_MIN");
    for (name, value) in [
        ("rule", "order.seats_min"),
        ("rule_pack", "ES@2026-01-01"),
        ("source", "source of ES@2026-01-01"),
        ("value", "10"),
        ("asked", "9"),
    ] {
        assert_eq!(argument(&refused, name), value, "argument {name}");
    }
    assert!(refused.message.starts_with("9 seats asked; the least is 10"), "{}", refused.message);
    assert!(refused.message.contains("order.seats_min of ES@2026-01-01"), "{}", refused.message);
    assert!(!refused.mend.is_empty());
    assert_eq!(house.count("SELECT count(*) FROM job_order").await, 1, "what is refused leaves nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_order_says_is_checked_field_by_field() {
    let house = House::open(spain()).await;
    let employer = house.employer("union", "segria").await;
    let with = |change: fn(&mut JobOrder)| {
        let mut order = nine(&employer.id, "B-1");
        change(&mut order);
        order
    };
    for (order, reason, place) in [
        (with(|order| order.lines[0].seats = 10), "ALLOCATIONS_DISAGREE", "order.lines[0].allocations"),
        (with(|order| order.lines[0].beds = 8), "ORDER_HOUSING_REQUIRED", "order.lines[0].beds"),
        (with(|order| order.lines[0].ends_on = "2027-01-01".to_owned()), "ORDER_MONTHS_MAX", "order.lines[0].ends_on"),
        (with(|order| order.lines[0].ends_on = "2026-03-31".to_owned()), "DATES_REVERSED", "order.lines[0].ends_on"),
        (with(|order| order.lines[0].starts_on = "1 April".to_owned()), "DATE", "order.lines[0].starts_on"),
        (with(|order| order.lines[0].origins = vec!["MA".to_owned()]), "NO_CORRIDOR", "order.lines[0].origins"),
        (with(|order| order.lines[0].isco_codes.clear()), "FIELD_EMPTY", "order.lines[0].isco_codes"),
        (with(|order| order.lines[0].pay = None), "PAY", "order.lines[0].pay"),
        // Without them nobody could be offered the work.
        (with(|order| order.lines[0].hours_week = 0), "NUMBER_RANGE", "order.lines[0].hours_week"),
        (with(|order| order.lines[0].workplace = None), "WORKPLACE", "order.lines[0].workplace"),
        (
            with(|order| {
                order.lines[0].deductions = vec![deduction("MEALS", "30"), deduction("RECRUITMENT_FEE", "90")]
            }),
            "WORKER_FEE",
            "order.lines[0].deductions[1].code",
        ),
        (
            with(|order| order.lines[0].deductions = vec![deduction("HOUSING", "-1")]),
            "PAY",
            "order.lines[0].deductions[0].amount",
        ),
        (
            with(|order| order.lines[0].deductions = vec![deduction("HOUSING", "1"), deduction("HOUSING", "2")]),
            "CODE",
            "order.lines[0].deductions[1].code",
        ),
        (
            with(|order| order.lines[0].deductions = vec![deduction("MEALS", "1"); 11]),
            "LIST_LONG",
            "order.lines[0].deductions",
        ),
        (with(|order| order.destination = "FR".to_owned()), "NO_CORRIDOR", "order.destination"),
        (with(|order| order.season_code = "2031".to_owned()), "SEASON_UNKNOWN", "order.season_code"),
        (with(|order| order.employer_id = uuid::Uuid::nil().to_string()), "NOT_FOUND", "order.employer_id"),
        (with(|order| order.lines = vec![order.lines[0].clone(); 201]), "ORDER_LINES", "order.lines"),
        (
            with(|order| order.lines[0].allocations = vec![order.lines[0].allocations[0].clone(); 501]),
            "LINE_ALLOCATIONS",
            "order.lines[0].allocations",
        ),
    ] {
        let refused = refused(house.post("union", order).await);
        assert_eq!((refused.reason.as_str(), refused.place.as_str()), (reason, place), "{}", refused.message);
        assert!(!refused.mend.is_empty(), "{reason} says what would mend it");
    }
    let two_rules = with(|order| (order.lines[0].seats, order.lines[0].beds) = (4, 3));
    let two_rules =
        JobOrder { lines: vec![OrderLine { allocations: Vec::new(), ..two_rules.lines[0].clone() }], ..two_rules };
    let told = refused(house.post("union", two_rules).await);
    assert_eq!(
        (told.reason.as_str(), argument(&told, "also")),
        ("ORDER_SEATS_MIN", "ORDER_HOUSING_REQUIRED lines[0].beds")
    );
    assert!(told.message.ends_with("not kept either: ORDER_HOUSING_REQUIRED lines[0].beds"), "{}", told.message);
    house.force("UPDATE employer SET accreditation = 'SUSPENDED'").await;
    assert_eq!(refused(house.post("union", nine(&employer.id, "B-1")).await).reason, "EMPLOYER_NOT_ACCREDITED");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_the_pay_stands_in_the_order_and_in_its_event() {
    let house = House::open(spain()).await;
    let employer = house.employer("union", "segria").await;
    let mut order = nine(&employer.id, "D-1");
    order.lines[0].deductions = vec![deduction("HOUSING", "45.50"), deduction("MEALS", "60")];
    let wanted = order.lines[0].deductions.clone();
    let posted = house.post("union", order).await.unwrap();
    assert_eq!(posted.lines[0].deductions, wanted);
    let request = GetJobOrderRequest { order_id: posted.id.clone() };
    let read = house.client.clone().get_job_order(house.bench.call("union", request)).await.unwrap().into_inner();
    assert_eq!(read.lines[0].deductions, wanted);
    house.force("UPDATE order_line SET deductions = NULL").await;
    let request = GetJobOrderRequest { order_id: posted.id };
    let old = house.client.clone().get_job_order(house.bench.call("union", request)).await.unwrap().into_inner();
    assert!(old.lines[0].deductions.is_empty(), "a line of an earlier build");
}

/// An order of two lines over the same months in one housing.
fn housed(employer_id: &str, reference: &str) -> JobOrder {
    let mut order = nine(employer_id, reference);
    order.lines[0].allocations.clear();
    (order.lines[0].housing, order.lines[0].beds) = ("The old school".to_owned(), 18);
    order.lines.push(OrderLine { title: "Peach sorting".to_owned(), ..order.lines[0].clone() });
    order
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_order_says_of_its_crew_and_housing_is_kept_and_told() {
    let house = House::open(spain()).await;
    let employer = house.employer("union", "segria").await;
    let mut order = housed(&employer.id, "H-1");
    order.lines[0].least_crew = 9;
    order.lines[0].housing = " The old school ".to_owned();
    order.lines[1].beds = -1;
    let said = |order: &JobOrder| -> Vec<(i32, String, i32)> {
        order.lines.iter().map(|line| (line.least_crew, line.housing.clone(), line.beds)).collect()
    };
    let wanted = [(9, "The old school".to_owned(), 18), (0, "The old school".to_owned(), -1)];
    let posted = house.post("union", order).await.unwrap();
    assert_eq!(said(&posted), wanted);
    assert_eq!(said(&house.orders("union", ListJobOrdersRequest::default()).await[0]), wanted);
    assert_eq!(approve(&house, vec![posted.id.clone()]).await, [""]);
    let told = told(&house, &posted.id).await;
    assert_eq!(told.iter().map(said).collect::<Vec<_>>(), [wanted.to_vec(), wanted.to_vec()]);

    house.force("UPDATE order_line SET least_crew = NULL, housing = NULL").await;
    let old = house.orders("union", ListJobOrdersRequest::default()).await;
    assert_eq!((old[0].lines[0].least_crew, old[0].lines[0].housing.as_str()), (0, ""), "a line of an earlier build");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_order_says_of_its_crew_and_housing_must_be_possible() {
    let house = House::open(spain()).await;
    let employer = house.employer("union", "segria").await;
    let with = |change: fn(&mut JobOrder)| {
        let mut order = housed(&employer.id, "H-2");
        change(&mut order);
        order
    };
    for (order, reason, place) in [
        (with(|order| order.lines[1].least_crew = 10), "LEAST_CREW", "order.lines[1].least_crew"),
        (with(|order| order.lines[0].least_crew = -1), "LEAST_CREW", "order.lines[0].least_crew"),
        (with(|order| order.lines[0].housing = "é".repeat(101)), "FIELD_LONG", "order.lines[0].housing"),
        (with(|order| order.lines[1].beds = 20), "HOUSING_BEDS", "order.lines[1].beds"),
        (
            with(|order| order.lines.iter_mut().for_each(|line| line.beds = 17)),
            "ORDER_HOUSING_REQUIRED",
            "order.lines[0].beds",
        ),
    ] {
        let refused = refused(house.post("union", order).await);
        assert_eq!((refused.reason.as_str(), refused.place.as_str()), (reason, place), "{}", refused.message);
        assert!(!refused.mend.is_empty(), "{reason} says what would mend it");
    }
    assert_eq!(house.count("SELECT count(*) FROM job_order").await, 0, "what is refused leaves nothing");
    let apart = with(|order| {
        order.lines.iter_mut().for_each(|line| line.beds = 9);
        order.lines[0].ends_on = "2026-06-30".to_owned();
        order.lines[1].starts_on = "2026-07-01".to_owned();
        order.lines[0].housing = "é".repeat(100);
        order.lines[1].housing = "é".repeat(100);
    });
    let posted = house.post("union", apart).await.unwrap();
    assert_eq!(posted.lines[1].beds, 9, "one sleeps in the bed that the other has left");
}

/// The states of an order in the facts about it, in order.
async fn told(house: &House, order_id: &str) -> Vec<JobOrder> {
    let state = |payload: Vec<u8>| {
        let event: DemandEvent = prost::Message::decode(payload.as_slice()).unwrap();
        let Some(Aggregate::JobOrder(event)) = event.aggregate else { panic!("an order's fact has an order") };
        event.state.unwrap()
    };
    house.payloads(order_id).await.into_iter().map(state).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_sent_twice_is_posted_once() {
    let house = House::open(spain()).await;
    let employer = house.employer("union", "segria").await;
    let request = PostJobOrderRequest { order: Some(nine(&employer.id, "C-1")), request_id: request_id() };
    let mut client = house.client.clone();
    let first = client.post_job_order(house.bench.call("union", request.clone())).await.unwrap().into_inner();
    let second = client.post_job_order(house.bench.call("union", request.clone())).await.unwrap().into_inner();
    assert_eq!(first, second);
    assert_eq!(house.count("SELECT count(*) FROM job_order").await, 1);
    assert_eq!(house.count("SELECT count(*) FROM outbox WHERE aggregatetype = 'job_order'").await, 1);

    let other = PostJobOrderRequest { order: Some(nine(&employer.id, "C-2")), ..request };
    let reused = client.post_job_order(house.bench.call("union", other)).await;
    assert_eq!(refused(reused.map(tonic::Response::into_inner)).reason, "REQUEST_ID_REUSED");
    assert_eq!(refused(house.post("union", nine(&employer.id, "C-1")).await).reason, "ORDER_REFERENCE_TAKEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_union_sees_only_its_own() {
    let house = House::open(spain()).await;
    let employer = house.employer("union", "segria").await;
    let other = house.employer("other-union", "segria").await;
    assert_ne!(employer.id, other.id, "a reference is an organisation's own");
    let mine = house.post("union", nine(&employer.id, "D-1")).await.unwrap();
    let theirs = house.post("other-union", nine(&other.id, "D-1")).await.unwrap();

    for (user, seen) in [("union", vec![&mine]), ("other-union", vec![&theirs]), ("ministry", vec![])] {
        let orders = house.orders(user, ListJobOrdersRequest::default()).await;
        assert_eq!(orders.iter().collect::<Vec<_>>(), seen, "{user}");
        let call = house.bench.call(user, ListEmployersRequest::default());
        let employers = house.client.clone().list_employers(call).await.unwrap().into_inner().employers;
        assert_eq!(employers.len(), seen.len(), "{user}");
    }
    for user in ["operator", "auditor"] {
        assert_eq!(house.orders(user, ListJobOrdersRequest::default()).await, [theirs.clone(), mine.clone()]);
    }

    let mut client = house.client.clone();
    let get = GetJobOrderRequest { order_id: theirs.id.clone() };
    assert_eq!(client.get_job_order(house.bench.call("union", get)).await.unwrap_err().code(), tonic::Code::NotFound);
    let withdraw = |id: &str| WithdrawJobOrderRequest {
        order_id: id.to_owned(),
        reason: "not needed".to_owned(),
        request_id: request_id(),
    };
    let call = house.bench.call("union", withdraw(&theirs.id));
    assert_eq!(client.withdraw_job_order(call).await.unwrap_err().code(), tonic::Code::NotFound);
    assert_eq!(refused(house.post("union", nine(&other.id, "D-2")).await).reason, "NOT_FOUND");
    assert_eq!(refused(house.post("ministry", nine(&employer.id, "D-2")).await).reason, "ROLE_NEEDED");
    let approve = BatchApproveJobOrdersRequest {
        order_ids: vec![mine.id.clone()],
        decided_on: "2026-01-20".to_owned(),
        request_id: request_id(),
    };
    let status = client.batch_approve_job_orders(house.bench.call("union", approve)).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::PermissionDenied);
    let call = house.bench.call("union", withdraw(&mine.id));
    assert_eq!(client.withdraw_job_order(call).await.unwrap().into_inner().state(), JobOrderState::Withdrawn);
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_approved_denied_and_withdrawn_by_their_states() {
    let house = House::open(spain()).await;
    let employer = house.employer("union", "segria").await;
    let mut orders = Vec::new();
    for reference in ["E-1", "E-2", "E-3"] {
        orders.push(house.post("union", nine(&employer.id, reference)).await.unwrap());
    }
    let mut client = house.client.clone();
    let deny = DenyJobOrderRequest {
        order_id: orders[2].id.clone(),
        reason: "no housing seen".to_owned(),
        request_id: request_id(),
    };
    let denied = client.deny_job_order(house.bench.call("operator", deny)).await.unwrap().into_inner();
    assert_eq!((denied.state(), denied.version), (JobOrderState::Denied, 2));

    let ids: Vec<String> = orders.iter().map(|order| order.id.clone()).chain(["nothing".to_owned()]).collect();
    assert_eq!(approve(&house, ids.clone()).await, ["", "", "ORDER_STATE", "NOT_FOUND"]);
    assert_eq!(approve(&house, ids[..1].to_vec()).await, ["ORDER_STATE"]);
    let open = ListJobOrdersRequest { state: JobOrderState::Open as i32, ..ListJobOrdersRequest::default() };
    let opened = house.orders("union", open).await;
    assert_eq!(opened.iter().map(|order| order.version).collect::<Vec<_>>(), [2, 2]);
    assert_eq!(opened[0].decided_on, "2026-01-20");
    assert_eq!(opened[0].lines, orders[1].lines, "approval changes nothing else");

    let tally = client.tally(house.bench.call("auditor", TallyRequest {})).await.unwrap().into_inner();
    let count = |figure: &str, state: &str| {
        let fits = |count: &&proto::common::Count| count.figure == figure && count.state == state;
        tally.counts.iter().find(fits).map(|count| (count.value, count.corridor.as_str(), count.season.as_str()))
    };
    assert_eq!(count("orders", "OPEN"), Some((2, "*-ES", "2026")));
    assert_eq!(count("lines", "DENIED"), Some((1, "*-ES", "2026")));
    assert_eq!(count("seats_posted", ""), Some((18, "*-ES", "2026")));
    assert_eq!(count("seats_asked", ""), Some((27, "*-ES", "2026")));
    assert_eq!(count("employers", ""), Some((1, "", "")));
    let positions: Vec<_> =
        tally.positions.iter().map(|at| (at.aggregate.as_str(), at.aggregates, at.events)).collect();
    assert_eq!(positions, [("employer", 1, 1), ("job_order", 3, 6)]);
    assert_eq!(facts(&house, 7).await, 7, "one fact for each change");
}

/// Reads the service's topic until `wanted` facts are there; every version of an aggregate comes once, in order.
async fn facts(house: &House, wanted: usize) -> usize {
    let consumer: StreamConsumer = ClientConfig::new()
        .set("bootstrap.servers", house.bench.brokers())
        .set("group.id", format!("{}facts", house.bench.prefix))
        .set("auto.offset.reset", "earliest")
        .create()
        .unwrap();
    consumer.subscribe(&[&format!("{}{}", house.bench.prefix, DemandEvent::TOPIC)]).unwrap();
    let mut versions = std::collections::HashMap::new();
    let mut seen = 0;
    eventually("the facts are published", async || {
        while let Ok(Ok(message)) = tokio::time::timeout(std::time::Duration::from_millis(500), consumer.recv()).await {
            let event: DemandEvent = prost::Message::decode(message.payload().unwrap()).unwrap();
            assert!(matches!(event.aggregate, Some(Aggregate::Employer(_) | Aggregate::JobOrder(_))));
            let head = event.head().unwrap();
            let before = versions.insert(head.id, head.version).unwrap_or(0);
            assert_eq!(head.version, before + 1);
            seen += 1;
        }
        (seen >= wanted).then_some(seen)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_came_before_its_rules_is_judged_when_it_is_approved() {
    let house = House::open(spain()).await;
    house.force("UPDATE rule_pack SET valid_from = '2026-06-01'").await;
    let employer = house.employer("union", "segria").await;
    let lawful = house.post("union", nine(&employer.id, "F-1")).await.unwrap();
    let unlawful = JobOrder { filed_on: "2026-01-02".to_owned(), ..nine(&employer.id, "F-2") };
    let unlawful = house.post("union", unlawful).await.unwrap();
    assert_eq!((lawful.rule_pack_id.as_str(), lawful.flags[0].code.as_str()), ("", "NO_RULE_PACK"));
    house.force("UPDATE rule_pack SET valid_from = split_part(id, '@', 2)::date").await;
    assert_eq!(approve(&house, vec![lawful.id.clone(), unlawful.id]).await, ["", "ORDER_SEATS_MIN"]);
    let opened = house.orders("union", ListJobOrdersRequest { state: 2, ..ListJobOrdersRequest::default() }).await;
    assert_eq!((opened[0].rule_pack_id.as_str(), opened[0].flags.len()), ("ES@2024-01-01", 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_employer_asks_for_in_all_its_orders_stays_within_its_cap() {
    let rules = [("order.employer_seats_max", "20")];
    let house =
        House::open(vec![corridor("CO-ES"), season("2026", "2026-01-01", "2026-12-31"), pack("ES@2024-01-01", &rules)])
            .await;
    let (segria, other) = (house.employer("union", "segria").await, house.employer("union", "other").await);
    let first = house.post("union", nine(&segria.id, "G-1")).await.unwrap();
    // Two at once: the second counts the first.
    let (one, two) =
        tokio::join!(house.post("union", nine(&segria.id, "G-2")), house.post("union", nine(&segria.id, "G-3")));
    assert!(one.is_ok() != two.is_ok(), "{one:?} and {two:?}");
    let over = refused(one.and(two));
    assert_eq!((over.reason.as_str(), over.place.as_str()), ("ORDER_EMPLOYER_SEATS_MAX", "order.lines"));
    assert_eq!((argument(&over, "asked"), argument(&over, "value")), ("27", "20"));
    assert!(house.post("union", nine(&other.id, "G-4")).await.is_ok(), "another employer has a cap of its own");
    // What is withdrawn is free again.
    let withdraw =
        WithdrawJobOrderRequest { order_id: first.id, reason: "not needed".to_owned(), request_id: request_id() };
    house.client.clone().withdraw_job_order(house.bench.call("union", withdraw)).await.unwrap();
    assert!(house.post("union", nine(&segria.id, "G-5")).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_batches_that_name_the_same_employers_in_opposite_order_are_both_answered() {
    let rules = [("order.employer_seats_max", "20")];
    let house =
        House::open(vec![corridor("CO-ES"), season("2026", "2026-01-01", "2026-12-31"), pack("ES@2024-01-01", &rules)])
            .await;
    house.force("UPDATE rule_pack SET valid_from = '2026-06-01'").await;
    let (segria, other) = (house.employer("union", "segria").await, house.employer("union", "other").await);
    let mut ids = Vec::new();
    for (employer, reference) in
        [(&segria, "I-1"), (&other, "I-2"), (&segria, "I-3"), (&other, "I-4"), (&segria, "I-5")]
    {
        ids.push(house.post("union", nine(&employer.id, reference)).await.unwrap().id);
    }
    house.force("UPDATE rule_pack SET valid_from = split_part(id, '@', 2)::date").await;
    // Both batches stand before the employers until somebody else lets go of them: then each takes what it came for.
    let mut connection = PgConnection::connect(&house.bench.superuser_url(demand::NAME)).await.unwrap();
    let mut held = connection.begin().await.unwrap();
    sqlx::query("SELECT FROM employer FOR UPDATE").execute(&mut *held).await.unwrap();
    let batch = |orders: &[usize]| approve(&house, orders.iter().map(|order| ids[order - 1].clone()).collect());
    let let_go = async {
        let waiting =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        eventually("both batches wait", async || (house.count(waiting).await == 2).then_some(())).await;
        held.commit().await.unwrap();
    };
    let (one, two, ()) = tokio::join!(batch(&[4, 1]), batch(&[5, 3, 2]), let_go);
    assert_eq!(one, ["", ""]);
    assert_eq!(two, ["ORDER_EMPLOYER_SEATS_MAX", "", ""], "in the order of the request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generated_season_can_be_posted_whole() {
    let house = House::open(spain()).await;
    let mut seats = 0;
    for made in demand::generate::season(2026, 2026, 0.1).into_iter().filter(|made| made.destination == "ES") {
        let employer = house.employer("union", &made.employer.reference).await;
        for order in made.orders {
            let posted = house.post("union", JobOrder { employer_id: employer.id.clone(), ..order }).await.unwrap();
            seats += posted.lines.iter().map(|line| line.seats).sum::<i32>();
        }
    }
    assert_eq!(seats, 380);
}
