//! Who travels together: from the file to the event, and how large a group may be.

use platform::{
    Refused,
    testing::{map, request_id},
};
use proto::{
    candidate::{Candidate, CandidateRecord, CorrectCandidateRequest, ListCandidatesRequest, WithdrawCandidateRequest},
    common::{Import, ImportState, RegisterImportRequest},
};
use tonic::{Code, Status};

use crate::{HEAD, findings, get, row, world::World};

/// A file of these people: reference, family, crew.
fn people(rows: &[(&str, &str, &str)]) -> Vec<u8> {
    let mut text = format!("{HEAD};Family_Group;crew\r\n");
    for (at, (reference, family, crew)) in rows.iter().enumerate() {
        let row = row(reference, &format!("D{}{at:03}", reference.replace('-', "")));
        text.push_str(&format!("{row};{family};{crew}\r\n"));
    }
    text.into_bytes()
}

/// So many people of one crew.
fn crew(letter: &str, many: usize) -> Vec<u8> {
    let references: Vec<String> = (1..=many).map(|at| format!("{letter}-{at}")).collect();
    people(&references.iter().map(|reference| (reference.as_str(), "", "Crew 7")).collect::<Vec<_>>())
}

async fn correct(world: &World, reference: &str, fields: &[(&str, &str)]) -> Result<CandidateRecord, Status> {
    let candidate = get(world, "sena", reference).await.candidate.unwrap();
    let request = CorrectCandidateRequest {
        candidate_id: candidate.id,
        fields: map(fields),
        version: candidate.version,
        request_id: request_id(),
    };
    world.client().correct_candidate(world.bench.call("sena", request)).await.map(tonic::Response::into_inner)
}

async fn register_once(world: &World, import: &Import) -> Result<Import, Status> {
    let request = RegisterImportRequest { import_id: import.id.clone(), request_id: request_id() };
    world.client().register_import(world.bench.call("sena", request)).await.map(tonic::Response::into_inner)
}

fn reason<T: std::fmt::Debug>(outcome: Result<T, Status>) -> (Code, String, String) {
    let status = outcome.unwrap_err();
    let refused = Refused::from_status(&status);
    assert!(!refused.mend.is_empty(), "{status:?} says what would mend it");
    (status.code(), refused.reason, refused.place)
}

#[tokio::test]
async fn a_group_travels_as_a_digest_and_its_ministry_reads_its_own_words() {
    let world = World::start().await;
    let ours = people(&[("A-1", "Rojas", ""), ("A-2", "ROJAS", ""), ("A-3", "", "Rojas"), ("A-4", "", "")]);
    world.register("sena", &world.check("sena", &ours).await).await;
    world.register("ghana", &world.check("ghana", &people(&[("A-1", "Rojas", "")])).await).await;

    let facts =
        async |user: &str, reference: &str| -> Candidate { get(&world, user, reference).await.candidate.unwrap() };
    let first = facts("sena", "A-1").await;
    assert_eq!((first.family.len(), first.crew.as_str()), (32, ""));
    assert_eq!(facts("sena", "A-2").await.family, first.family, "a name is one in any letter case");
    let third = facts("sena", "A-3").await;
    assert_eq!((third.family.as_str(), third.crew.len()), ("", 32));
    assert_ne!(third.crew, first.family, "a crew is no family of the same name");
    assert_ne!(facts("ghana", "A-1").await.family, first.family, "nor is another ministry's");
    let alone = facts("sena", "A-4").await;
    assert_eq!((alone.family.as_str(), alone.crew.as_str()), ("", ""));

    for (reference, words) in [("A-1", ("Rojas", "")), ("A-2", ("ROJAS", "")), ("A-3", ("", "Rojas"))] {
        let person = get(&world, "sena", reference).await.person.unwrap();
        assert_eq!((person.family_group.as_str(), person.crew.as_str()), words);
    }
    let all = ListCandidatesRequest::default();
    let list = world.client().list_candidates(world.bench.call("operator", all)).await.unwrap().into_inner();
    assert!(list.candidates.contains(&first) && list.candidates.contains(&third));
    let payloads = world.payloads().await;
    assert_eq!(payloads.iter().filter(|payload| payload.contains(&first.family)).count(), 2);
    assert_eq!(payloads.iter().filter(|payload| payload.contains(&third.crew)).count(), 1);
    assert!(!payloads.iter().any(|payload| payload.to_lowercase().contains("rojas")), "a name is in an event");
}

#[tokio::test]
async fn what_can_be_no_group_is_refused_by_its_row() {
    let world = World::start().await;
    let long = "x".repeat(65);
    let rows = [("A-1", long.as_str(), ""), ("A-2", "F", "C"), ("A-3", "", "Peña"), ("A-4", &long[1..], "")];
    let checked = world.check("sena", &people(&rows)).await;
    let wanted = [(2, "GROUP-01", long.as_str(), true), (3, "GROUP-02", "C", true), (4, "GROUP-01", "Peña", true)];
    let wanted = wanted.map(|(row, code, value, refuses)| (row, code.to_owned(), value.to_owned(), refuses));
    assert_eq!(findings(&world, &checked).await, wanted);

    let too_large = |row: i64| (row, "GROUP-03".to_owned(), "Crew 7".to_owned(), true);
    let thirteen = world.check("sena", &crew("B", 13)).await;
    assert_eq!(findings(&world, &thirteen).await, [too_large(14)], "twelve are the most, in one file");
    world.register("sena", &thirteen).await;
    let again = world.check("sena", &crew("B", 13)).await;
    let refused: Vec<_> = findings(&world, &again).await.into_iter().filter(|found| found.3).collect();
    assert_eq!(refused, [too_large(14)], "who is registered already is not counted twice");
    let more = world.check("sena", &people(&[("C-1", "", "crew 7"), ("C-2", "Crew 7", "")])).await;
    let lower = (2, "GROUP-03".to_owned(), "crew 7".to_owned(), true);
    assert_eq!(findings(&world, &more).await, [lower], "nor over two files");
}

#[tokio::test]
async fn a_correction_leads_out_of_a_group_and_into_one_that_has_room() {
    let world = World::start().await;
    world.register("sena", &world.check("sena", &crew("A", 12)).await).await;
    world.register("sena", &world.check("sena", &people(&[("B-1", "Rojas", ""), ("B-2", "Rojas", "")])).await).await;
    let crew_7 = get(&world, "sena", "A-1").await.candidate.unwrap().crew;
    let joins = [("family_group", ""), ("crew", "Crew 7")];

    let both = correct(&world, "B-1", &joins[1..]).await;
    assert_eq!(reason(both), (Code::InvalidArgument, "GROUP-02".to_owned(), "crew".to_owned()));
    let full = correct(&world, "B-1", &joins).await;
    assert_eq!(reason(full), (Code::InvalidArgument, "GROUP-03".to_owned(), "crew".to_owned()));
    assert_eq!(
        get(&world, "sena", "B-1").await.person.unwrap().family_group,
        "Rojas",
        "what is refused changes nothing"
    );
    let other = correct(&world, "A-1", &[("phone", "+57 300 555 0199")]).await.unwrap();
    assert_eq!(other.candidate.unwrap().crew, crew_7, "a full crew hinders no correction elsewhere");

    let leaves = get(&world, "sena", "A-12").await.candidate.unwrap().id;
    let withdraw =
        WithdrawCandidateRequest { candidate_id: leaves, reason: "OWN_WISH".to_owned(), request_id: request_id() };
    world.client().withdraw_candidate(world.bench.call("sena", withdraw)).await.unwrap();
    let joined = correct(&world, "B-1", &joins).await.unwrap();
    let (candidate, person) = (joined.candidate.unwrap(), joined.person.unwrap());
    assert_eq!((candidate.family.as_str(), &candidate.crew), ("", &crew_7));
    assert_eq!((person.family_group.as_str(), person.crew.as_str()), ("", "Crew 7"));
    assert_eq!(joined.history[1].fields, ["family_group", "crew"]);
    assert_eq!(world.facts(&candidate.id).await, ["CandidateRegistered", "CandidateCorrected"]);
    let left = correct(&world, "B-1", &[("crew", "")]).await.unwrap();
    assert_eq!(left.candidate.unwrap().crew, "", "and travels alone again");
}

#[tokio::test]
async fn a_crew_that_another_file_has_filled_meanwhile_waits_until_there_is_room() {
    let world = World::start().await;
    let (first, second) = (world.check("sena", &crew("A", 8)).await, world.check("sena", &crew("B", 8)).await);
    assert_eq!((first.rows_refused, second.rows_refused), (0, 0));
    world.register("sena", &first).await;
    let full = register_once(&world, &second).await;
    assert_eq!(reason(full), (Code::FailedPrecondition, "GROUP_FULL".to_owned(), "crew".to_owned()));
    for at in 1..=4 {
        correct(&world, &format!("A-{at}"), &[("crew", "")]).await.unwrap();
    }
    let registered = register_once(&world, &second).await.unwrap();
    assert_eq!((registered.state(), registered.groups_registered), (ImportState::Registered, 8));
}
