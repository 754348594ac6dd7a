//! A ministry and a union see their own, in every list and every call.

use platform::testing::request_id;
use proto::placement::{
    BatchMovePlacementsRequest, GetLineRequest, ListLinesRequest, ListPlacementsRequest, Move, Stage,
};

use crate::house::{House, asked, for_worker};

#[tokio::test(flavor = "multi_thread")]
async fn two_ministries_and_two_unions_see_only_their_own() {
    let house = House::with_quota(10).await;
    let (mine, yours) = (house.line_of(house.pagesos, 2).await, house.line_of(house.ferme, 2).await);
    let (a, b) = (house.entry(house.sena, 0), house.entry(house.labour, 0));
    let ids: Vec<uuid::Uuid> = [&a, &b].iter().map(|entry| entry.placement_id.parse().unwrap()).collect();
    house.send(&house.proposal(mine, vec![a])).await;
    house.send(&house.proposal(yours, vec![b])).await;
    for id in &ids {
        platform::testing::eventually("it is placed", async || house.get(*id).await).await;
    }
    for (user, own, other) in [("sena", 0, 1), ("pagesos", 0, 1), ("labour", 1, 0), ("ferme", 1, 0)] {
        let seen = house.list(user, ListPlacementsRequest::default()).await;
        assert_eq!(seen.iter().map(|p| p.id.clone()).collect::<Vec<_>>(), [ids[own].to_string()], "{user}");
        assert!(house.view(user, ids[own]).await.is_ok(), "{user}");
        assert_eq!(house.view(user, ids[other]).await.unwrap_err().code(), tonic::Code::NotFound, "{user}");
        let refused = house.make(user, asked(ids[other], "Withdraw", "2026-01-12")).await.unwrap_err();
        assert_eq!(refused.reason, "NOT_FOUND", "{user}");
        // In one batch with their own it is not found either, whichever comes first.
        for order in [[own, other], [other, own]] {
            let moves = order.map(|at| Move { version: 9, ..asked(ids[at], "Withdraw", "2026-01-12") }).to_vec();
            let request = BatchMovePlacementsRequest { moves, request_id: request_id(), validate_only: false };
            let call = house.bench.call(user, request);
            let answer = house.client.clone().batch_move_placements(call).await.unwrap().into_inner();
            let unknown = answer.results.iter().map(|one| one.refusal.as_ref().unwrap().reason == "NOT_FOUND");
            assert!(unknown.eq(order.map(|at| at == other)), "{user}: {answer:?}");
        }
        let lines = [mine, yours];
        let request = ListLinesRequest::default();
        let listed = house.client.clone().list_lines(house.bench.call(user, request)).await.unwrap().into_inner().lines;
        assert_eq!(listed.iter().map(|l| l.id.clone()).collect::<Vec<_>>(), [lines[own].id.to_string()], "{user}");
        let request = GetLineRequest { line_id: lines[other].id.to_string() };
        let refused = house.client.clone().get_line(house.bench.call(user, request)).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::NotFound, "{user}");
        for filter in [
            ListPlacementsRequest { line_id: lines[other].id.to_string(), ..Default::default() },
            ListPlacementsRequest { order_id: lines[other].order.to_string(), ..Default::default() },
            ListPlacementsRequest { late: true, ..Default::default() },
        ] {
            assert!(house.list(user, filter).await.is_empty(), "{user}");
        }
        let tally = house.client.clone().tally(house.bench.call(user, proto::common::TallyRequest {})).await;
        assert_eq!(tally.unwrap_err().code(), tonic::Code::PermissionDenied, "{user}");
    }
    assert_eq!(house.list("court", ListPlacementsRequest::default()).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_the_ministrys_or_the_unions_is_no_single_workers_or_employers() {
    let house = House::with_quota(10).await;
    let line = house.line_of(house.pagesos, 1).await;
    let entry = house.entry(house.sena, 0);
    let id: uuid::Uuid = entry.placement_id.parse().unwrap();
    house.send(&house.proposal(line, vec![entry])).await;
    platform::testing::eventually("it is placed", async || house.get(id).await).await;
    for (user, command) in [("worker", "Withdraw"), ("farm", "Select")] {
        assert_eq!(house.view(user, id).await.unwrap_err().code(), tonic::Code::PermissionDenied, "{user}");
        let call = house.bench.call(user, ListPlacementsRequest::default());
        let refused = house.client.clone().list_placements(call).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::PermissionDenied, "{user}");
        let request = GetLineRequest { line_id: line.id.to_string() };
        let refused = house.client.clone().get_line(house.bench.call(user, request)).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::PermissionDenied, "{user}");
        let official = format!("{user}-and-official");
        for asked in [asked(id, command, "2026-01-12"), for_worker(asked(id, command, "2026-01-12"))] {
            assert_eq!(house.make(user, asked.clone()).await.unwrap_err().reason, "ROLE_NEEDED", "{user}");
            // Another role of the same token lets nobody act as the party behind it.
            assert_eq!(house.make(&official, asked).await.unwrap_err().reason, "ROLE_NEEDED", "{official}");
        }
    }
    let sena = house.must("sena", for_worker(asked(id, "Withdraw", "2026-01-12"))).await;
    assert_eq!(sena.stage(), Stage::Cancelled, "the ministry records what its worker decides");
}

/// Neither the page nor a list, and no filter of one, tells who has a case.
#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_shows_to_who_handles_it_and_to_nobody_else() {
    let house = House::with_quota(10).await;
    let line = house.line(2).await;
    let ids = house.propose(line, &[0, 0]).await;
    for id in &ids {
        house.accept(*id).await;
    }
    let complaint = Move { kind: "ABUSE".into(), ..asked(ids[0], "OpenCase", "2026-01-14") };
    house.must("sena", for_worker(complaint)).await;
    house.run_due("2026-01-16").await;
    let found = async |user: &str, filter| {
        let listed = house.list(user, filter).await;
        listed.into_iter().map(|placement| placement.id).collect::<Vec<_>>()
    };
    let by = |clock: &str, late| ListPlacementsRequest { clock: clock.into(), late, ..Default::default() };
    let cases = || ListPlacementsRequest { unpublished_case: true, ..Default::default() };
    let id = ids[0].to_string();
    for user in ["sena", "iom", "consulate"] {
        for filter in [by("C-HEARING", false), by("C-CONTACT", true), by("", true), cases()] {
            assert_eq!(found(user, filter.clone()).await, [id.as_str()], "{user}: {filter:?}");
        }
        let placement = house.view(user, ids[0]).await.unwrap().placement.unwrap();
        assert_eq!(placement.steps.last().unwrap().event, "CaseOpened", "{user}");
    }
    for user in ["pagesos", "court"] {
        for filter in [by("C-HEARING", false), by("C-CONTACT", false), by("C-CONTACT", true), by("", true), cases()] {
            assert_eq!(found(user, filter.clone()).await, Vec::<String>::new(), "{user}: {filter:?}");
        }
        assert_eq!(found(user, by("C-SIGN", false)).await.len(), 2, "{user}: what runs for everybody finds both");
        let view = house.view(user, ids[0]).await.unwrap();
        let listed = house.list(user, ListPlacementsRequest::default()).await;
        let listed = listed.iter().find(|placement| placement.id == id).unwrap();
        for told in [listed, view.placement.as_ref().unwrap()] {
            let said = format!("{:?} {:?}", told.steps, told.clocks);
            assert!(!said.contains("Case") && !said.contains("C-CONTACT") && !said.contains("C-HEARING"), "{said}");
        }
        let other = house.view(user, ids[1]).await.unwrap();
        let commands =
            |of: &[proto::placement::PossibleMove]| of.iter().map(|one| one.command.clone()).collect::<Vec<_>>();
        assert_eq!(commands(&view.possible), commands(&other.possible), "{user}");
        assert_eq!(commands(&view.waiting), commands(&other.waiting), "{user}");
    }
    let refused = house.make("pagesos", asked(ids[0], "StartWork", "2026-01-16")).await.unwrap_err();
    assert!(refused.arguments.iter().all(|(_, value)| !value.contains("DismissCase")), "{refused:?}");
    house.audit().await;
}
