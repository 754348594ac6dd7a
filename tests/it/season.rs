//! A season played through the front doors of a whole house on real servers: then every figure is recounted, tenants look
//! at each other, and people work at the console in real browsers.

use std::{collections::BTreeMap, sync::OnceLock};

use cli::{
    cast,
    client::Session,
    demo::{Progress, Script, Size, play, play_on},
    found::Found,
    house::{House, Plan, SERVICES},
};
use platform::{
    Shutdown,
    issuer::User,
    testing::{Bench, user},
};
use proto::{
    Role,
    demand::ListJobOrdersRequest,
    matching::{ListRoundsRequest, RoundState},
    monitoring::{Flow, FlowStep, GetFlowsRequest, VerifyRequest},
    placement::{Ending, GetPlacementRequest, ListPlacementsRequest, Placement, Stage},
};
use sqlx::{ConnectOptions, Connection, postgres::PgConnectOptions};

/// The cast, and those whom the console offers to nobody: a worker and an employer, each with the organisation behind them.
pub(crate) fn users() -> Vec<User> {
    let of = |name, code, role| user(name, cast::organisation(code).id(), &[role]);
    let mut users = cast::users();
    users.extend([of("worker-co", "sena", Role::Worker), of("employer-es", "unio-de-pagesos", Role::Employer)]);
    users
}

/// A small house: its services in this process, databases and topics of its own on the servers of the tests.
pub(crate) async fn house(bench: &Bench, directory: &std::path::Path) -> House {
    let plan = Plan {
        directory: directory.to_owned(),
        postgres: Some(bench.postgres().to_owned()),
        brokers: Some(bench.brokers().to_owned()),
        kafka: cli::args::Broker::Apache,
        prefix: bench.prefix.clone(),
        listen: ([127, 0, 0, 1], 0).into(),
        users: users(),
    };
    House::start(plan, Shutdown::new()).await.expect("the house starts")
}

pub(crate) fn script(directory: &std::path::Path) -> Script {
    Script {
        seed: 11,
        orders: crate::shape::repository().join("deploy/data/h2a_fy2017.csv.gz"),
        batches: directory.join("batches"),
        size: Size { order_rows: Some(150), candidates: 400, founding_scale: 0.03 },
    }
}

pub(crate) fn session(house: &House, user: &str) -> Session {
    Session::with_token(&house.addresses, &house.issuer.token(user).unwrap()).unwrap()
}

pub(crate) async fn placements(session: &Session, stage: Stage) -> Vec<Placement> {
    let request = ListPlacementsRequest { page_size: 1000, stage: stage as i32, ..ListPlacementsRequest::default() };
    session.placement().list_placements(request).await.unwrap().into_inner().placements
}

#[tokio::test(flavor = "multi_thread")]
async fn a_season_ends_with_figures_that_are_true_and_a_console_that_shows_them() {
    let bench = Bench::new(Vec::new()).await;
    let directory = tempfile::tempdir().unwrap();
    let house = house(&bench, directory.path()).await;
    play(&house, &script(directory.path())).await.expect("the season is played");

    people_came_home(&house).await;
    every_figure_is_true(&house).await;
    crate::invariants::hold(&bench, |user| session(&house, user)).await;
    tenants_see_their_own(&house).await;
    crate::console::shows_it(&house).await;
    crate::command_line::works(&house, directory.path()).await;
    house.stop().await;
}

/// Rounds leave lists where more people wait than there are seats: here twice as many wait. So a seat that is given up calls
/// somebody, and by the rates of the demo about every sixth of them is given up before the journey.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_called_from_a_reserve_list_is_answered_before_the_clocks_run() {
    let bench = Bench::new(Vec::new()).await;
    let directory = tempfile::tempdir().unwrap();
    let house = house(&bench, directory.path()).await;
    let size = Size { candidates: 600, founding_scale: 0.02, ..script(directory.path()).size };
    let mut progress = founding_alone(Script { size, ..script(directory.path()) }, directory.path());
    play_on(&house, &mut progress).await.expect("the season is played");
    who_is_called_is_answered(&house).await;
    house.stop().await;
}

/// A demo that begins with the season of the founding corridors: that before it is said to be over.
fn founding_alone(script: Script, directory: &std::path::Path) -> Progress {
    Progress::begin(script, directory).unwrap();
    let mut kept = kept(directory);
    kept["done"].as_array_mut().unwrap().push("2017".into());
    std::fs::write(directory.join("demo.json"), kept.to_string()).unwrap();
    Progress::find(directory).unwrap().expect("it was begun")
}

/// Ctrl-C drops what is under way, wherever it is: so does this. A further house on the same data goes on to the end.
#[tokio::test(flavor = "multi_thread")]
async fn a_demo_that_was_stopped_goes_on_to_figures_that_are_true() {
    let bench = Bench::new(Vec::new()).await;
    let directory = tempfile::tempdir().unwrap();
    assert!(Found::look(bench.postgres(), &bench.prefix).await.unwrap().is_nothing());
    let mut progress = Progress::begin(script(directory.path()), directory.path()).unwrap();
    // While orders come in; in the middle of a month, with contracts that one side has signed; in either season.
    stopped(&bench, (directory.path(), "stopped before all orders"), &mut progress, async |house| {
        house.found().await.unwrap().orders > 3
    })
    .await;
    let half_signed = stopped_between_signatures(&bench, directory.path(), &mut progress).await;
    answers_grow_old(&bench).await;
    for (day, say) in [("2017-02-14", "season 2017 played for"), ("2026-04-14", "season 2026 played for")] {
        stopped(&bench, (directory.path(), say), &mut progress, async |_| reached(directory.path()).as_str() >= day)
            .await;
    }
    let house = house(&bench, directory.path()).await;
    play_on(&house, &mut progress).await.expect("it goes on");
    assert!(progress.is_over() && Progress::find(directory.path()).unwrap().unwrap().is_over());
    play_on(&house, &mut progress).await.expect("nothing is left to play");

    let found = house.found().await.unwrap();
    assert_eq!(found.organisations, cli::cast::ORGANISATIONS.len() as i64, "none was registered twice");
    assert_eq!(found.reached.unwrap().to_string(), "2026-11-14", "the clocks were run to the end");
    let home = placements(&session(&house, "operator"), Stage::ReEntryEligible).await.len() as i64;
    assert!(found.placements.contains(&(Stage::ReEntryEligible, home)), "{found:?} and {home}");
    people_came_home(&house).await;
    every_figure_is_true(&house).await;
    no_order_came_twice(&house, &found).await;
    no_round_came_twice(&house).await;
    all_have_signed(&house, &half_signed).await;
    house.stop().await;
}

/// Plays on until something has come true, and drops everything then.
async fn stopped(
    bench: &Bench,
    (directory, say): (&std::path::Path, &str),
    progress: &mut Progress,
    mut has_come: impl AsyncFnMut(&House) -> bool,
) {
    let house = house(bench, directory).await;
    let mut looks = tokio::time::interval(std::time::Duration::from_millis(10));
    let comes = async {
        looks.tick().await;
        while !has_come(&house).await {
            looks.tick().await;
        }
    };
    tokio::select! {
        played = play_on(&house, progress) => panic!("nothing stopped it: {played:?}"),
        () = comes => {}
    }
    house.stop().await;
    *progress = Progress::find(directory).unwrap().expect("it was begun");
    assert!(progress.in_words().contains(say), "{}", progress.in_words());
}

/// Stops while somebody has signed and another has not. Both sign under the same day: so that is in the middle of a month.
/// Answers who they are. What was under way at the stop may still come to its end, so it may take more than one.
async fn stopped_between_signatures(
    bench: &Bench,
    directory: &std::path::Path,
    progress: &mut Progress,
) -> Vec<String> {
    for _ in 0..10 {
        stopped(bench, (directory, "season 2017 played for"), progress, async |house| {
            !half_signed(house).await.is_empty()
        })
        .await;
        let house = house(bench, directory).await;
        let half_signed = half_signed(&house).await;
        house.stop().await;
        if !half_signed.is_empty() {
            return half_signed;
        }
    }
    panic!("whoever signs, the other has signed too by the time the house stands");
}

/// Whose contract waits for a signature and has another.
async fn half_signed(house: &House) -> Vec<String> {
    let accepted = placements(&session(house, "operator"), Stage::Accepted).await;
    accepted.into_iter().filter(is_half_signed).map(|placement| placement.id).collect()
}

fn is_half_signed(placement: &Placement) -> bool {
    let signed = placement.contract_signers.iter().filter(|signer| !signer.signed_on.is_empty()).count();
    signed > 0 && signed < placement.contract_signers.len()
}

/// Whoever had signed alone at the stop was joined by the others, and nobody else was left waiting for them.
async fn all_have_signed(house: &House, half_signed: &[String]) {
    let operator = session(house, "operator");
    for id in half_signed {
        let request = GetPlacementRequest { placement_id: id.clone(), ..Default::default() };
        let details = operator.placement().get_placement(request).await.unwrap().into_inner();
        let placement = details.placement.unwrap();
        assert!(!is_half_signed(&placement), "{:?} after {:?}", placement.contract_signers, placement.steps);
    }
    for stage in [Stage::Accepted, Stage::Cancelled] {
        let left: Vec<Placement> = placements(&operator, stage).await.into_iter().filter(is_half_signed).collect();
        assert_eq!(left, Vec::new());
    }
}

/// As if the house had stood still for two months.
async fn answers_grow_old(bench: &Bench) {
    let server: PgConnectOptions = bench.postgres().parse().unwrap();
    for service in SERVICES {
        let mut database = server.clone().database(&format!("{}{service}", bench.prefix)).connect().await.unwrap();
        sqlx::query("UPDATE command SET recorded_at = recorded_at - interval '60 days'")
            .execute(&mut database)
            .await
            .unwrap();
        database.close().await.unwrap();
    }
}

/// Two rounds of the season of the United States, two of each of the three founding destinations.
async fn no_round_came_twice(house: &House) {
    let request = ListRoundsRequest { page_size: 100, ..Default::default() };
    let rounds = session(house, "operator").matching().list_rounds(request).await.unwrap().into_inner().rounds;
    let published: Vec<(&str, &str)> = rounds
        .iter()
        .filter(|round| round.state() == RoundState::Published)
        .map(|round| (round.destination.as_str(), round.as_of.as_str()))
        .collect();
    let once: std::collections::BTreeSet<_> = published.iter().collect();
    assert!(published.len() == 8 && once.len() == 8, "{published:?}");
}

/// The last day of the last month that is done.
fn reached(directory: &std::path::Path) -> String {
    kept(directory)["reached"].as_str().unwrap().to_owned()
}

/// How far the demo of this folder has come, as it is kept.
fn kept(directory: &std::path::Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(directory.join("demo.json")).unwrap()).unwrap()
}

async fn no_order_came_twice(house: &House, found: &Found) {
    let request = ListJobOrdersRequest { page_size: 1000, ..Default::default() };
    let orders = session(house, "operator").demand().list_job_orders(request).await.unwrap().into_inner().orders;
    assert_eq!(orders.len() as i64, found.orders);
    let names: std::collections::BTreeSet<(&str, &str)> =
        orders.iter().map(|order| (order.organisation_id.as_str(), order.reference.as_str())).collect();
    assert_eq!(names.len(), orders.len(), "each is its union's by a reference of its own");
}

async fn people_came_home(house: &House) {
    let home = placements(&session(house, "operator"), Stage::ReEntryEligible).await;
    assert!(home.len() > 20, "{} people are home again and may be named", home.len());
    for placement in home.iter().filter(|placement| placement.ending() == Ending::Completed) {
        let events: Vec<&str> = placement.steps.iter().map(|step| step.event.as_str()).collect();
        for wanted in [
            "CandidateSelected",
            "OfferAccepted",
            "ContractSigned",
            "VisaGranted",
            "DepartureRecorded",
            "WorkStarted",
            "ReturnVerified",
        ] {
            assert!(events.contains(&wanted), "{}: {events:?} lacks {wanted}", placement.id);
        }
        let versions: Vec<i64> = placement.steps.iter().map(|step| step.version).collect();
        assert_eq!(versions, (1..=placement.version).collect::<Vec<_>>(), "one step a version");
    }
}

/// Whoever is called from a reserve list has a union that answers in two days: hardly anybody's clock may come to its end before.
async fn who_is_called_is_answered(house: &House) {
    let operator = session(house, "operator");
    let has = |placement: &Placement, command: &str| placement.steps.iter().any(|step| step.command == command);
    let (mut called, mut chosen, mut unanswered) = (0, 0, Vec::new());
    for stage in Stage::all() {
        for placement in placements(&operator, stage).await {
            if has(&placement, "CallReserve") {
                called += 1;
                chosen += usize::from(has(&placement, "Select"));
            }
            if has(&placement, "CallReserve") && has(&placement, "ExpireProposal") {
                unanswered.push(placement.steps);
            }
        }
    }
    assert!(called > 0, "seats are given up, and nobody is called for one");
    assert!(chosen > 0, "{called} are called, and a union chooses none of them");
    // A seat that a clock alone gave up calls under a date that may be over by then.
    assert!(unanswered.len() * 5 <= called, "{} of {called}: {unanswered:?}", unanswered.len());
}

async fn every_figure_is_true(house: &House) {
    let request = VerifyRequest { request_id: platform::testing::request_id() };
    let verification = session(house, "auditor").monitoring().verify(request).await.unwrap().into_inner();
    assert_eq!(verification.differences, Vec::new());
    assert_eq!(verification.sources.len(), 5);
    assert!(
        verification.sources.iter().all(|source| source.failure.is_empty() && source.figures > 0),
        "{verification:?}"
    );
    let flows =
        session(house, "operator").monitoring().get_flows(GetFlowsRequest::default()).await.unwrap().into_inner();
    for step in flows.flows.iter().flat_map(|flow| &flow.steps) {
        assert_eq!(step.reached, step.went_on + step.here_now + step.dropped_out, "{}", step.step);
    }
    ends_as_ever(&flows.flows);
}

/// Both tests play the same script, one without a stop: of the two in one process, whichever ends later compares. How many of each
/// corridor and season reached each step, went on, stayed or dropped out must not differ.
fn ends_as_ever(flows: &[Flow]) {
    static FIRST: OnceLock<BTreeMap<(String, String), Vec<FlowStep>>> = OnceLock::new();
    let key = |flow: &Flow| (flow.season_code.clone(), flow.corridor_code.clone());
    let end: BTreeMap<_, _> = flows.iter().map(|flow| (key(flow), flow.steps.clone())).collect();
    assert!(end.values().flatten().any(|step| step.step == "RETURNED_VERIFIED" && step.reached > 0), "{end:?}");
    assert_eq!(*FIRST.get_or_init(|| end.clone()), end, "a stop changes nobody's fate");
}

async fn tenants_see_their_own(house: &House) {
    let (colombia, guatemala) = (session(house, "ministry-co"), session(house, "ministry-gt"));
    let theirs = placements(&guatemala, Stage::ReEntryEligible).await;
    assert!(!theirs.is_empty() && theirs.iter().all(|placement| placement.corridor_code.starts_with("GT-")));
    let request = GetPlacementRequest { placement_id: theirs[0].id.clone(), ..Default::default() };
    let foreign = colombia.placement().get_placement(request).await.unwrap_err();
    let request =
        GetPlacementRequest { placement_id: "00000000-0000-7000-8000-000000000000".to_owned(), ..Default::default() };
    let absent = colombia.placement().get_placement(request).await.unwrap_err();
    assert_eq!(foreign.code(), absent.code(), "not yours and not there are the same answer");

    let (spain, canada) = (session(house, "union-es"), session(house, "union-ca"));
    for (union, destination) in [(&spain, "ES"), (&canada, "CA")] {
        let orders = union
            .demand()
            .list_job_orders(ListJobOrdersRequest { page_size: 1000, ..Default::default() })
            .await
            .unwrap();
        let orders = orders.into_inner().orders;
        assert!(!orders.is_empty() && orders.iter().all(|order| order.destination == destination));
        let flows = union.monitoring().get_flows(GetFlowsRequest::default()).await.unwrap().into_inner().flows;
        assert!(flows.iter().all(|flow| flow.corridor_code.ends_with(destination)), "{flows:?}");
    }
}
