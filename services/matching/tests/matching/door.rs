//! Markets that belong to no round.

use platform::{Refused, testing::eventually};
use proto::matching as wire;
use tonic::Code;

use crate::world::{Client, World};

const SMALL: &str = r#"{"candidates":[{"id":"family","size":3},{"id":"amina"}],"lines":[{"id":"farm","seats":3}],
    "pairs":[{"candidate":"family","line":"farm","score":"9.5"},{"candidate":"amina","line":"farm","score":4}]}"#;

async fn solve(world: &World, client: &mut Client, who: &str, market: &str) -> Result<String, Refused> {
    let request = wire::SolveMarketRequest { market: market.to_owned(), seconds: 3, ..Default::default() };
    let answer = client.solve_market(world.bench.call(who, request)).await;
    answer.map(|plan| plan.into_inner().plan).map_err(|status| Refused::from_status(&status))
}

/// A generalised assignment problem whose optimum is not proved in seconds: what is worth much takes many seats.
fn hard() -> String {
    let mut state = 7_u64;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let pair = |at: u64| {
        let seats = 1 + random(100);
        let score = 30 + seats + random(21);
        format!(r#"{{"candidate":"c{}","line":"l{}","score":{score},"seats":{seats}}}"#, at / 20, at % 20)
    };
    let pairs: Vec<String> = (0..2000).map(pair).collect();
    let candidates: Vec<String> = (0..100).map(|at| format!(r#"{{"id":"c{at}"}}"#)).collect();
    let lines: Vec<String> = (0..20).map(|at| format!(r#"{{"id":"l{at}","seats":200}}"#)).collect();
    format!(
        r#"{{"candidates":[{}],"lines":[{}],"pairs":[{}]}}"#,
        candidates.join(","),
        lines.join(","),
        pairs.join(",")
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_market_is_solved_or_refused_with_its_reason() {
    let (mut world, mut client) = World::start().await;
    let plan = solve(&world, &mut client, "operator", SMALL).await.unwrap();
    assert!(plan.starts_with(r#"{"status":"optimal""#) && plan.contains(r#""value":"9.5","bound":"9.5""#), "{plan}");
    let market = door::read::market(SMALL.as_bytes()).unwrap();
    assert!(door::verify(&market, &door::read::plan(plan.as_bytes()).unwrap()).is_ok());

    let refused = solve(&world, &mut client, "operator", &SMALL.replace("\"9.5\"", "1e3")).await.unwrap_err();
    assert_eq!(
        (refused.code, refused.reason.as_str(), refused.place.as_str()),
        (Code::InvalidArgument, "NUMBER", "market")
    );
    assert!(refused.arguments.contains(&("path".to_owned(), "$.pairs[0].score".to_owned())), "{refused:?}");
    for who in ["co", "union", "auditor"] {
        assert_eq!(solve(&world, &mut client, who, SMALL).await.unwrap_err().reason, "ROLE_NEEDED");
    }
    let spaces = format!("{SMALL}{}", " ".repeat(1_000_000));
    assert_eq!(solve(&world, &mut client, "operator", &spaces).await.unwrap_err().reason, "MARKET_TOO_LARGE");
    for (seconds, policy, reason) in [(21, "", "SECONDS"), (-1, "", "SECONDS"), (0, "best", "POLICY")] {
        let market = SMALL.to_owned();
        let request = wire::SolveMarketRequest { market, policy: policy.to_owned(), seconds, ..Default::default() };
        let status = client.solve_market(world.bench.call("operator", request)).await.unwrap_err();
        assert_eq!(Refused::from_status(&status).reason, reason);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_markets_are_solved_at_once_and_a_third_is_turned_away() {
    let (mut world, client) = World::start().await;
    let market = hard();
    // The third asks all the time, so a long one may find the room taken by it and asks again.
    let let_in = async |client: Client| {
        let again = async || match solve(&world, &mut client.clone(), "operator", &market).await {
            Err(refused) if refused.reason == "SOLVER_BUSY" => None,
            answer => Some(answer.expect("a plan")),
        };
        eventually("a long one is let in", again).await
    };
    let third = &mut client.clone();
    let full = eventually("the third is turned away", async || {
        let refused = solve(&world, &mut third.clone(), "operator", SMALL).await.err()?;
        (refused.code == Code::ResourceExhausted && refused.reason == "SOLVER_BUSY").then_some(())
    });
    let (one, two, ()) = tokio::join!(let_in(client.clone()), let_in(client.clone()), full);
    for plan in [one, two] {
        assert!(plan.starts_with(r#"{"status":"feasible""#), "the market is too hard for three seconds");
    }
    assert!(solve(&world, third, "operator", SMALL).await.is_ok(), "there is room again");
    world.stop().await;
}
