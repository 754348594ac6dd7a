//! A ministry and a union see their own, in every list and every call.

use proto::placement::{GetLineRequest, ListLinesRequest, ListPlacementsRequest, Stage};

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
