//! The list of pairs: what decided about each, and how pairs are found by it.

use platform::{Refused, testing::request_id};
use proto::matching::{self as wire, OverrideKind, PairReason};
use tonic::Code;

use crate::{
    market::{self, line_id, person_id},
    world::{Client, World},
};

type Listed = Result<wire::ListRoundPairsResponse, tonic::Status>;

async fn list(world: &World, client: &Client, user: &str, request: wire::ListRoundPairsRequest) -> Listed {
    client.clone().list_round_pairs(world.bench.call(user, request)).await.map(tonic::Response::into_inner)
}

/// People of the pairs about which `reason` decided, by number; that the answer counts as many and all say so is looked at.
async fn found(
    world: &World,
    client: &Client,
    (user, round_id): (&str, &str),
    (reason, reserves): (PairReason, bool),
) -> Vec<u128> {
    let request = wire::ListRoundPairsRequest {
        round_id: round_id.to_owned(),
        reason: reason.into(),
        reserves,
        ..Default::default()
    };
    let listed = list(world, client, user, request).await.expect("pairs");
    assert_eq!(listed.total_size, i64::try_from(listed.pairs.len()).expect("few"), "{reason:?}");
    assert!(listed.pairs.iter().all(|pair| pair.reason() == reason), "{reason:?}: {:?}", listed.pairs);
    let number = |pair: &wire::RoundPair| (1..=8).find(|number| person_id(*number).to_string() == pair.candidate_id);
    listed.pairs.iter().map(|pair| number(pair).expect("one of the market")).collect()
}

/// The market of [`market::tell`]: line 1 seats person 1, who is named, and person 4, the best, before 3; line 2 one of 6 and 7,
/// who are equal.
#[tokio::test(flavor = "multi_thread")]
async fn pairs_tell_their_days_and_are_found_by_what_decided_and_by_nothing_else() {
    let (world, mut client) = World::start().await;
    market::tell(&world).await;
    let round = world.computed(&mut client, "spring").await;
    let of = ("operator", round.id.as_str());
    let pairs = world.pairs(&mut client, ("operator", &round.id, false)).await;
    assert!(
        pairs.iter().all(|pair| (pair.starts_on.as_str(), pair.ends_on.as_str()) == ("2026-03-01", "2026-08-31")),
        "{pairs:?}"
    );
    assert_eq!(found(&world, &client, of, (PairReason::Named, false)).await, [1]);
    assert_eq!(found(&world, &client, of, (PairReason::Score, false)).await, [4]);
    let drawn = found(&world, &client, of, (PairReason::Draw, false)).await;
    assert!(drawn == [6] || drawn == [7], "{drawn:?}");
    for none in [PairReason::Pinned, PairReason::First, PairReason::Crew, PairReason::Family] {
        assert!(found(&world, &client, of, (none, false)).await.is_empty(), "{none:?}");
    }
    assert!(found(&world, &client, of, (PairReason::Named, true)).await.is_empty());
    assert_eq!(found(&world, &client, of, (PairReason::Score, true)).await, [3, 13 - drawn[0]]);

    // A page of one leads to the rest of the same filter, and to no other.
    let request = wire::ListRoundPairsRequest {
        round_id: round.id.clone(),
        page_size: 1,
        reserves: true,
        reason: PairReason::Score.into(),
        ..Default::default()
    };
    let first = list(&world, &client, "operator", request.clone()).await.expect("a page");
    let next = wire::ListRoundPairsRequest { page_token: first.next_page_token, ..request };
    let rest = list(&world, &client, "operator", next.clone()).await.expect("the next page");
    assert_eq!((rest.pairs.len(), rest.total_size, rest.next_page_token.as_str()), (1, 2, ""));
    let turned = wire::ListRoundPairsRequest { reason: PairReason::Named.into(), ..next.clone() };
    for (wrong, why) in [(turned, "PAGE_TOKEN"), (wire::ListRoundPairsRequest { reason: 99, ..next }, "PAIR_REASON")] {
        let refused = list(&world, &client, "operator", wrong).await.expect_err("refused");
        assert_eq!((refused.code(), Refused::from_status(&refused).reason.as_str()), (Code::InvalidArgument, why));
    }

    let pin = wire::OverrideRoundRequest {
        round_id: round.id.clone(),
        candidate_id: person_id(2).to_string(),
        line_id: line_id(1).to_string(),
        kind: OverrideKind::Pin.into(),
        reason: "the farm asked".to_owned(),
        request_id: request_id(),
        expected_version: 0,
    };
    client.override_round(world.bench.call("operator", pin)).await.expect("it is laid down");
    assert_eq!(found(&world, &client, of, (PairReason::Pinned, false)).await, [2]);
    assert!(found(&world, &client, of, (PairReason::Score, false)).await.is_empty(), "4 lost the seat");
    assert!(found(&world, &client, ("gt", &round.id), (PairReason::Draw, false)).await.is_empty(), "a preview");
    world.published(&mut client, &round.id).await;
    assert_eq!(found(&world, &client, ("gt", &round.id), (PairReason::Draw, false)).await.len(), 1);
    assert!(found(&world, &client, ("co", &round.id), (PairReason::Draw, false)).await.is_empty(), "not theirs");
}
