//! Seeds that are committed before the round that they decide.

use platform::{Refused, testing::request_id};
use proto::matching as wire;
use sha2::{Digest, Sha256};

use crate::{
    market,
    rounds::{compute, reason},
    world::{Client, World},
};

fn wanted(seed: &str, reason: &str) -> wire::CommitSeedRequest {
    wire::CommitSeedRequest {
        season_code: "2026".to_owned(),
        destination: "ES".to_owned(),
        seed_sha256: hex::encode(Sha256::digest(seed)),
        reason: reason.to_owned(),
        request_id: request_id(),
    }
}

async fn commit(
    world: &World,
    client: &Client,
    (user, request): (&str, &wire::CommitSeedRequest),
) -> Result<wire::SeedCommitment, tonic::Status> {
    client.clone().commit_seed(world.bench.call(user, request.clone())).await.map(tonic::Response::into_inner)
}

fn told(round: &wire::Round) -> (&str, &str) {
    (&round.seed_sha256, &round.seed_committed_at)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_is_drawn_by_the_seed_that_was_committed_before_and_by_no_other() {
    let (world, mut client) = World::start().await;
    market::tell(&world).await;
    let free = world.computed(&mut client, "early").await;
    assert_eq!(told(&free), ("", ""), "nothing was committed");
    let drawn = commit(&world, &client, ("operator", &wanted("early", ""))).await.unwrap_err();
    assert_eq!(reason(&drawn), "SEED_USED", "how it comes out is known");

    let winter = wanted("winter", "");
    let committed = commit(&world, &client, ("operator", &winter)).await.expect("it is committed");
    assert_eq!((&committed.seed_sha256, committed.actor.as_str()), (&winter.seed_sha256, "operator"));
    let again = commit(&world, &client, ("operator", &winter)).await.expect("the same answer");
    assert_eq!(again, committed);
    let second = commit(&world, &client, ("operator", &wanted("summer", " "))).await.unwrap_err();
    assert_eq!(reason(&second), "SEED_COMMITTED");
    let stranger = commit(&world, &client, ("co", &wanted("summer", ""))).await.unwrap_err();
    assert_eq!(stranger.code(), tonic::Code::PermissionDenied);

    let other = compute(&world, &mut client, "spring").await.unwrap_err();
    let refused = Refused::from_status(&other);
    assert_eq!((refused.reason.as_str(), refused.place.as_str()), ("SEED_NOT_COMMITTED", "seed"));
    assert!(refused.mend.contains("the seed that was committed"), "{refused:?}");
    assert!(refused.arguments.contains(&("seed_sha256".to_owned(), winter.seed_sha256.clone())), "{refused:?}");

    // A round that is thrown away frees nobody.
    let first = world.computed(&mut client, "winter").await;
    let request = wire::DiscardRoundRequest { round_id: first.id, reason: "luck".into(), request_id: request_id() };
    client.discard_round(world.bench.call("operator", request)).await.expect("it is thrown away");
    assert_eq!(reason(&compute(&world, &mut client, "spring").await.unwrap_err()), "SEED_NOT_COMMITTED");

    let round = world.computed(&mut client, "winter").await;
    world.published(&mut client, &round.id).await;
    let request = wire::GetRoundRequest { round_id: round.id };
    let seen = client.get_round(world.bench.call("co", request)).await.expect("a ministry reads it").into_inner();
    assert_eq!(told(&seen), (winter.seed_sha256.as_str(), committed.committed_at.as_str()));
    assert_eq!(seen.seed, "winter", "and repeats the digest");
    let known = commit(&world, &client, ("operator", &wanted("winter", ""))).await.unwrap_err();
    assert_eq!(reason(&known), "SEED_USED");
    assert_eq!(told(&world.computed(&mut client, "spring").await), ("", ""), "it bound rounds until one went out");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_lost_a_seed_commits_another_and_says_why() {
    let (world, mut client) = World::start().await;
    market::tell(&world).await;
    let naked = wire::CommitSeedRequest { seed_sha256: "winter".to_owned(), ..wanted("winter", "") };
    assert_eq!(reason(&commit(&world, &client, ("operator", &naked)).await.unwrap_err()), "SHA256");
    let unknown = wire::CommitSeedRequest { season_code: "1999".to_owned(), ..wanted("winter", "") };
    assert_eq!(reason(&commit(&world, &client, ("operator", &unknown)).await.unwrap_err()), "SEASON_UNKNOWN");

    commit(&world, &client, ("operator", &wanted("lost", ""))).await.expect("it is committed");
    let loud = wanted("found", "the safe burnt");
    let loud = wire::CommitSeedRequest { seed_sha256: loud.seed_sha256.to_uppercase(), ..loud };
    let found = commit(&world, &client, ("operator", &loud)).await.expect("it takes the place of the other");
    assert_eq!(reason(&compute(&world, &mut client, "lost").await.unwrap_err()), "SEED_NOT_COMMITTED");
    let round = world.computed(&mut client, " found ").await;
    assert_eq!(told(&round), (found.seed_sha256.as_str(), found.committed_at.as_str()));
    let kept = "SELECT count(*) FROM seed_commitment WHERE replaced_because = 'the safe burnt' AND NOT spent";
    assert_eq!(world.number(kept).await, 1, "what was replaced stays, with the reason");
}
