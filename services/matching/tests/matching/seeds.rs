//! Seeds that are committed before the round that they decide.

use platform::{
    Refused,
    testing::{eventually, request_id},
};
use proto::matching as wire;
use sha2::{Digest, Sha256};
use sqlx::Connection;
use tokio::task::JoinSet;

use crate::{
    market,
    rounds::{asked, compute, reason},
    world::{Client, World},
};

fn digest(seed: &str) -> String {
    hex::encode(Sha256::digest(seed))
}

fn wanted(seed: &str, reason: &str) -> wire::CommitSeedRequest {
    wire::CommitSeedRequest {
        season_code: "2026".to_owned(),
        destination: "ES".to_owned(),
        seed_sha256: digest(seed),
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

/// What came of a call, and of a commitment with its seed.
type Outcome<T> = Result<T, tonic::Status>;
type Committed = (String, Outcome<wire::SeedCommitment>);

/// For each two seeds one commits to the first and another computes with the second, all at once.
async fn at_once(
    world: &World,
    client: &Client,
    (seeds, why): (&[(String, String)], &str),
) -> (Vec<Committed>, Vec<Outcome<wire::Round>>) {
    let (mut commits, mut computes) = (JoinSet::new(), JoinSet::new());
    for (promised, drawn) in seeds {
        let (mut one, mut other) = (client.clone(), client.clone());
        let (seed, request) = (promised.clone(), world.bench.call("operator", wanted(promised, why)));
        commits.spawn(async move { (seed, one.commit_seed(request).await.map(tonic::Response::into_inner)) });
        let request = world.bench.call("operator", asked(drawn));
        computes.spawn(async move { other.compute_round(request).await.map(tonic::Response::into_inner) });
    }
    let commits = commits.join_all().await;
    let rounds = computes.join_all().await;
    for round in rounds.iter().flatten() {
        world.ended(client, &round.id).await;
    }
    (commits, rounds)
}

/// Of rounds that were asked for while somebody committed, those after it are drawn by its seed and say so, and none before it
/// is. Numbers tell which came first.
fn is_kept(commitment: &wire::SeedCommitment, rounds: &[Outcome<wire::Round>]) {
    for refused in rounds.iter().filter_map(|round| round.as_ref().err()) {
        assert!(["ROUND_BUSY", "SEED_NOT_COMMITTED"].contains(&reason(refused).as_str()), "{refused}");
    }
    let mut begun: Vec<&wire::Round> = rounds.iter().flatten().collect();
    begun.sort_by_key(|round| round.number);
    let before = begun.iter().take_while(|round| told(round) == ("", "")).count();
    for round in &begun[..before] {
        assert_ne!(digest(&round.seed), commitment.seed_sha256, "how round {} comes out is known", round.number);
    }
    for round in &begun[before..] {
        assert_eq!(told(round), (commitment.seed_sha256.as_str(), commitment.committed_at.as_str()));
        assert_eq!(digest(&round.seed), commitment.seed_sha256, "round {}", round.number);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_thirty_two_seeds_that_are_committed_at_once_one_stands_and_draws_the_rounds_after_it() {
    let (world, mut client) = World::start().await;
    market::tell(&world).await;
    for wave in 0..3 {
        // Half of them are drawn by no round: one of these can always be committed.
        let seed = |at: usize| format!("{wave}/{at}");
        let seeds: Vec<(String, String)> = (0..32).map(|at| (seed(at), seed(at % 16))).collect();
        let (commits, rounds) = at_once(&world, &client, (&seeds, "")).await;
        let drawn: Vec<&str> = rounds.iter().flatten().map(|round| round.seed.as_str()).collect();
        let mut standing = Vec::new();
        for (seed, outcome) in &commits {
            match outcome {
                Ok(commitment) => standing.push((seed, commitment)),
                Err(refused) if drawn.contains(&seed.as_str()) => {
                    assert!(["SEED_COMMITTED", "SEED_USED"].contains(&reason(refused).as_str()), "{refused}");
                }
                Err(refused) => assert_eq!(reason(refused), "SEED_COMMITTED", "{seed}"),
            }
        }
        assert_eq!(standing.len(), 1, "{standing:?}");
        let (seed, commitment) = standing[0];
        assert_eq!(digest(seed), commitment.seed_sha256);
        is_kept(commitment, &rounds);

        let other = compute(&world, &mut client, "another").await.unwrap_err();
        assert_eq!(reason(&other), "SEED_NOT_COMMITTED");
        let round = world.computed(&mut client, seed).await;
        assert_eq!(told(&round), (commitment.seed_sha256.as_str(), commitment.committed_at.as_str()));
        world.published(&mut client, &round.id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_is_committed_before_its_first_round_or_not_at_all() {
    let (world, mut client) = World::start().await;
    market::tell(&world).await;
    for wave in 0..4 {
        let seed = format!("wave {wave}");
        let seeds = vec![(seed.clone(), seed.clone()); 32];
        let (commits, rounds) = at_once(&world, &client, (&seeds, "")).await;
        assert!(rounds.iter().any(Result::is_ok), "nobody was in the way of the first: {rounds:?}");
        let reasons: Vec<String> =
            commits.iter().filter_map(|(_, outcome)| outcome.as_ref().err()).map(reason).collect();
        let Some(commitment) = commits.iter().find_map(|(_, outcome)| outcome.as_ref().ok()) else {
            // A round was first: it is known how the seed comes out.
            assert!(reasons.iter().all(|reason| reason == "SEED_USED"), "{reasons:?}");
            assert!(rounds.iter().flatten().all(|round| told(round) == ("", "")), "{rounds:?}");
            continue;
        };
        assert_eq!(reasons.len(), 31, "one stands");
        assert!(reasons.iter().all(|reason| reason == "SEED_COMMITTED"), "{reasons:?}");
        is_kept(commitment, &rounds);
        let round = world.computed(&mut client, &seed).await;
        world.published(&mut client, &round.id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_commitments_that_take_each_others_place_the_last_stands_and_no_other_draws() {
    let (world, mut client) = World::start().await;
    market::tell(&world).await;
    commit(&world, &client, ("operator", &wanted("first", ""))).await.expect("it is committed");
    let seeds: Vec<(String, String)> = (0..32).map(|at| (at.to_string(), "first".to_owned())).collect();
    let (commits, rounds) = at_once(&world, &client, (&seeds, "the safe burnt")).await;
    for (seed, outcome) in &commits {
        assert!(outcome.is_ok(), "{seed}: {outcome:?}");
    }
    for round in rounds.iter().flatten() {
        assert_eq!(round.seed_sha256, digest("first"), "it began while the first stood");
    }
    let mut standing = Vec::new();
    for seed in seeds.iter().map(|(seed, _)| seed.as_str()).chain(["first"]) {
        match compute(&world, &mut client, seed).await {
            Ok(round) => {
                assert_eq!(round.seed_sha256, digest(seed));
                world.ended(&client, &round.id).await;
                standing.push(seed);
            }
            Err(refused) => assert_eq!(reason(&refused), "SEED_NOT_COMMITTED", "{seed}"),
        }
    }
    assert_eq!(standing.len(), 1, "{standing:?}");
    assert_ne!(standing, ["first"]);
    let kept = "SELECT count(*) FROM seed_commitment WHERE replaced_because = 'the safe burnt' AND NOT spent";
    assert_eq!(world.number(kept).await, 32, "what was replaced stays, with the reason");
}

/// Who waits for another in the database of this test.
const WAITING: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// A round that goes out tells its seed. One that has found the commitment open and is not there yet comes before it.
#[tokio::test(flavor = "multi_thread")]
async fn a_seed_that_is_told_promises_no_round_that_begins_later() {
    let (world, mut client) = World::start().await;
    market::tell(&world).await;
    let winter = commit(&world, &client, ("operator", &wanted("winter", ""))).await.expect("it is committed");
    let first = world.computed(&mut client, "winter").await;
    // The next one stands still between its look at the commitment and its number.
    let mut number = world.superuser().await;
    let held = sqlx::query("SELECT pg_advisory_lock(hashtext('round.number'))").execute(&mut number).await;
    held.expect("numbers are held");
    let (mut one, mut other) = (client.clone(), client.clone());
    let next = compute(&world, &mut one, "winter");
    let goes_out = async {
        let waits = async || (world.number(WAITING).await == 1).then_some(());
        eventually("the next one waits for its number", waits).await;
        let request =
            wire::PublishRoundRequest { round_id: first.id.clone(), request_id: request_id(), expected_version: 0 };
        other.publish_round(world.bench.call("operator", request)).await.map(tonic::Response::into_inner)
    };
    let let_go = async {
        let out = eventually("the first is out, or waits as well", async || {
            let out = world.round(&mut client.clone(), &first.id).await.state() == wire::RoundState::Published;
            (out || world.number(WAITING).await == 2).then_some(out)
        });
        let out = out.await;
        number.close().await.expect("numbers are let go");
        out
    };
    let (next, published, out) = tokio::join!(next, goes_out, let_go);
    let next = next.expect("the commitment was open when it was asked for");
    let promised = (winter.seed_sha256.as_str(), winter.committed_at.as_str());
    assert_eq!(told(&next), if out { ("", "") } else { promised });
    if let Err(busy) = published {
        assert_eq!(reason(&busy), "ROUND_BUSY");
    }
    world.ended(&client, &next.id).await;
    world.published(&mut client, &first.id).await;
    assert_eq!(told(&world.computed(&mut client, "winter").await), ("", ""), "now everybody knows it");
}
