//! A season played through the front doors of a whole house on real servers: then every figure is recounted, tenants look
//! at each other, and people work at the console in real browsers.

use cli::{
    client::Session,
    demo::{Progress, Script, Size, play, play_on},
    found::Found,
    house::{House, Plan},
};
use platform::{Shutdown, testing::Bench};
use proto::{
    demand::ListJobOrdersRequest,
    monitoring::{GetFlowsRequest, VerifyRequest},
    placement::{Ending, GetPlacementRequest, ListPlacementsRequest, Placement, Stage},
};

/// A small house: its services in this process, databases and topics of its own on the servers of the tests.
pub(crate) async fn house(bench: &Bench, directory: &std::path::Path) -> House {
    let plan = Plan {
        directory: directory.to_owned(),
        postgres: Some(bench.postgres().to_owned()),
        brokers: Some(bench.brokers().to_owned()),
        kafka: cli::args::Broker::Apache,
        prefix: bench.prefix.clone(),
        listen: ([127, 0, 0, 1], 0).into(),
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
    tenants_see_their_own(&house).await;
    crate::console::shows_it(&house).await;
    crate::command_line::works(directory.path()).await;
    house.stop().await;
}

/// Ctrl-C drops what is under way, wherever it is: so does this. A further house on the same data goes on to the end.
#[tokio::test(flavor = "multi_thread")]
async fn a_demo_that_was_stopped_goes_on_to_figures_that_are_true() {
    let bench = Bench::new(Vec::new()).await;
    let directory = tempfile::tempdir().unwrap();
    assert!(Found::look(bench.postgres(), &bench.prefix).await.unwrap().is_nothing());
    let mut progress = Progress::begin(script(directory.path()), directory.path()).unwrap();
    // While orders come in, then in the middle of either season.
    for (day, say) in [
        ("", "stopped before all orders"),
        ("2017-02-14", "season 2017 played for"),
        ("2026-04-14", "season 2026 played for"),
    ] {
        let house = house(&bench, directory.path()).await;
        tokio::select! {
            played = play_on(&house, &mut progress) => panic!("nothing stopped it: {played:?}"),
            () = comes_to(&house, directory.path(), day) => {}
        }
        house.stop().await;
        progress = Progress::find(directory.path()).unwrap().expect("it was begun");
        assert!(progress.in_words().contains(say), "{}", progress.in_words());
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
    house.stop().await;
}

/// Waits until a month is done that ends on that day or later; without a day, until orders are there.
async fn comes_to(house: &House, directory: &std::path::Path, day: &str) {
    let mut looks = tokio::time::interval(std::time::Duration::from_millis(20));
    loop {
        looks.tick().await;
        let come = if day.is_empty() {
            house.found().await.unwrap().orders > 3
        } else {
            let kept = std::fs::read(directory.join("demo.json")).unwrap();
            let kept: serde_json::Value = serde_json::from_slice(&kept).unwrap();
            kept["reached"].as_str().unwrap() >= day
        };
        if come {
            return;
        }
    }
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
