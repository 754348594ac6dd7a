//! The end of a place on the roster, and the way back to it.

use platform::{
    Refused,
    testing::{eventually, map, request_id},
};
use proto::{
    candidate::{CandidateState, CorrectCandidateRequest, RunDueRequest, RunDueResponse},
    common::TallyRequest,
};
use tonic::{Code, Status};

use crate::{file, findings, get, records, row, world::World};

async fn run_due(world: &World, user: &str, request: RunDueRequest) -> Result<RunDueResponse, Status> {
    world.client().run_due(world.bench.call(user, request)).await.map(tonic::Response::into_inner)
}

fn up_to(as_of: &str, limit: i32) -> RunDueRequest {
    RunDueRequest { as_of: as_of.to_owned(), limit, request_id: request_id() }
}

/// State, last day on the roster, version.
async fn standing(world: &World, reference: &str) -> (CandidateState, String, i64) {
    let candidate = get(world, "sena", reference).await.candidate.unwrap();
    (candidate.state(), candidate.rostered_until, candidate.version)
}

fn is(state: CandidateState, until: &str, version: i64) -> (CandidateState, String, i64) {
    (state, until.to_owned(), version)
}

/// Counts of a figure by state.
async fn counted(world: &World, figure: &str) -> Vec<(String, i64)> {
    let tally = world.client().tally(world.bench.call("operator", TallyRequest {})).await.unwrap().into_inner();
    tally.counts.into_iter().filter(|count| count.figure == figure).map(|count| (count.state, count.value)).collect()
}

#[tokio::test]
async fn a_place_on_the_roster_ends_once_its_last_day_is_over() {
    let world = World::start().await;
    let short = |reference: &str, document: &str, day: &str| row(reference, document).replace("01/01/2030", day);
    let rows = [
        short("A-1", "AB100001", "01/03/2026"),
        short("A-2", "AB100002", "02/03/2026"),
        short("A-3", "AB100003", "03/03/2026"),
        row("A-4", "AB100004"),
    ];
    world.register("sena", &world.check("sena", &file(&rows)).await).await;
    assert_eq!(run_due(&world, "operator", up_to("2026-03-01", 0)).await.unwrap(), RunDueResponse::default());

    let asked = up_to("2026-03-03", 1);
    let first = run_due(&world, "operator", asked.clone()).await.unwrap();
    assert_eq!(first, RunDueResponse { expired: 1, more: true }, "a call ends as many as it was asked to");
    assert_eq!(run_due(&world, "operator", asked).await.unwrap(), first, "the same request has one effect");
    assert_eq!(standing(&world, "A-1").await, is(CandidateState::Expired, "2026-03-01", 2), "the longest over first");
    assert_eq!(standing(&world, "A-2").await, is(CandidateState::Rostered, "2026-03-02", 1));
    let second = run_due(&world, "operator", up_to("2026-03-03", 0)).await.unwrap();
    assert_eq!(second, RunDueResponse { expired: 1, more: false });
    assert_eq!(standing(&world, "A-3").await, is(CandidateState::Rostered, "2026-03-03", 1), "the last day counts");
    assert_eq!(run_due(&world, "operator", up_to("2026-03-03", 0)).await.unwrap(), RunDueResponse::default());

    let counts =
        |pairs: &[(&str, i64)]| pairs.iter().map(|(state, value)| ((*state).to_owned(), *value)).collect::<Vec<_>>();
    assert_eq!(counted(&world, "candidates").await, counts(&[("EXPIRED", 2), ("ROSTERED", 2)]));
    assert_eq!(counted(&world, "rostered").await, counts(&[("", 2)]));
    let record = get(&world, "sena", "A-1").await;
    assert_eq!(
        (record.history[1].what.as_str(), record.history[1].actor.as_str()),
        ("left the roster: EXPIRED", "operator")
    );
    assert_eq!(world.facts(&record.candidate.unwrap().id).await, ["CandidateRegistered", "CandidateLeftRoster"]);

    for user in ["sena", "union", "auditor"] {
        let refused = run_due(&world, user, up_to("2027-03-01", 0)).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{user}");
    }
    assert_eq!(run_due(&world, "operator", up_to("soon", 0)).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_ministry_registers_again_whose_place_is_over_by_a_later_file() {
    let world = World::start().await;
    let rows = [row("A-1", "AB100001"), row("A-2", "AB100002").replace("01/01/2030", "01/03/2026")];
    let registered = world.register("sena", &world.check("sena", &file(&rows)).await).await;
    let ids = records(&world, &registered).await;
    run_due(&world, "operator", up_to("2027-01-10", 0)).await.unwrap();
    let later = [row("A-1", "AB100001"), row("A-2", "AB200002").replace("Muñoz", "Muñoz Rojas")];

    // Filed while the second was on the roster: what is old renews nobody.
    let old = world.check_filed("2026-03-01", "sena", &file(&later)).await;
    assert!(findings(&world, &old).await.iter().all(|(_, code, ..)| code == "KNOWN-01"));
    world.register("sena", &old).await;
    assert_eq!(standing(&world, "A-2").await, is(CandidateState::Expired, "2026-03-01", 2));

    let new = world.check_filed("2027-01-05", "sena", &file(&later)).await;
    let said: Vec<(i64, String, bool)> =
        findings(&world, &new).await.into_iter().map(|(row, code, _, refuses)| (row, code, refuses)).collect();
    assert_eq!(said, [(2, "KNOWN-01".to_owned(), false), (3, "KNOWN-02".to_owned(), false)]);
    let again = world.register("sena", &new).await;
    assert_eq!(records(&world, &again).await, ids, "the records that there are");
    assert_eq!(standing(&world, "A-1").await, is(CandidateState::Rostered, "2027-01-10", 1), "is on the roster still");
    assert_eq!(standing(&world, "A-2").await, is(CandidateState::Rostered, "2028-01-05", 3));
    let record = get(&world, "sena", "A-2").await;
    let person = record.person.unwrap();
    assert_eq!((person.family_name.as_str(), person.document_number.as_str()), ("Muñoz Rojas", "AB200002"));
    assert_eq!(record.history[2].what, "registered again");
    let facts = world.facts(&ids[1]).await;
    assert_eq!(facts, ["CandidateRegistered", "CandidateLeftRoster", "CandidateRegistered"]);

    let once_more = world.check_filed("2027-01-05", "sena", &file(&later)).await;
    world.register("sena", &once_more).await;
    assert_eq!(standing(&world, "A-2").await.2, 3, "once");
}

#[tokio::test]
async fn a_correction_brings_a_place_back_only_if_it_makes_it_longer() {
    let world = World::start().await;
    let short = row("A-1", "AB100001").replace("01/01/2030", "01/03/2026");
    world.register("sena", &world.check("sena", &file(&[short])).await).await;
    run_due(&world, "operator", up_to("2026-03-02", 0)).await.unwrap();
    let id = get(&world, "sena", "A-1").await.candidate.unwrap().id;
    let correct = async |version: i64, field: (&str, &str)| {
        let (candidate_id, fields) = (id.clone(), map(&[field]));
        let request = CorrectCandidateRequest { candidate_id, fields, version, request_id: request_id() };
        world.client().correct_candidate(world.bench.call("sena", request)).await.unwrap();
        standing(&world, "A-1").await
    };
    let phone = correct(2, ("phone", "+573005550199")).await;
    assert_eq!(phone, is(CandidateState::Expired, "2026-03-01", 3));
    let fit = correct(3, ("fit_until", "01/01/2030")).await;
    assert_eq!(fit, is(CandidateState::Rostered, "2027-01-10", 4), "counted from the day of before");
}

/// The last day lies before today.
#[tokio::test]
async fn a_service_that_is_told_to_ends_places_by_the_wall() {
    let world = World::running_clocks(1).await;
    let short = row("A-1", "AB100001").replace("01/01/2030", "01/03/2020");
    world.register("sena", &world.check_filed("2020-01-10", "sena", &file(&[short])).await).await;
    let expired = is(CandidateState::Expired, "2020-03-01", 2);
    eventually("the place is over", async || (standing(&world, "A-1").await == expired).then_some(())).await;
    assert_eq!(get(&world, "sena", "A-1").await.history[1].actor, "scheduler");
}

/// A day too far would end every place on the roster at once.
#[tokio::test]
async fn a_service_that_ends_places_by_the_wall_takes_no_day_that_has_not_come() {
    let world = World::running_clocks(3600).await;
    world.register("sena", &world.check("sena", &file(&[row("A-1", "AB100001")])).await).await;
    let refused = Refused::from_status(&run_due(&world, "operator", up_to("2999-01-01", 0)).await.unwrap_err());
    assert_eq!((refused.reason.as_str(), refused.place.as_str()), ("DATE_AHEAD", "as_of"));
    assert_eq!(standing(&world, "A-1").await.0, CandidateState::Rostered);
    assert_eq!(run_due(&world, "operator", up_to("2026-01-10", 0)).await.unwrap(), RunDueResponse::default());
}
