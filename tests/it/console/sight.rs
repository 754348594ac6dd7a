//! The table of who sees what is what the services do.

use cli::{cast, house::House};
use proto::placement::{ListPlacementsRequest, Placement, Stage};
use reqwest::StatusCode;

use crate::{
    browser::Browser,
    season::{placements, session},
};

/// Stages in which nobody has chosen the person, or somebody gave the choice up.
const UNCHOSEN: [Stage; 3] = [Stage::Recommended, Stage::Proposed, Stage::Cancelled];

/// Columns of the table, and who sits there for this placement.
fn users(placement: &Placement) -> [(usize, &'static str); 5] {
    let (origin, destination) = placement.corridor_code.split_once('-').unwrap();
    let (ministry, union) = (cast::ministry(origin).user, cast::union(destination).user);
    [(1, ministry), (2, union), (3, "operator"), (4, "authority"), (5, "auditor")]
}

/// What a desk is told when it asks.
async fn is_given(house: &House, user: &str, path: &str) -> bool {
    let request = reqwest::Client::new().get(format!("{}{path}", house.addresses.gateway));
    let answer = request.bearer_auth(house.issuer.token(user).unwrap()).send().await.unwrap();
    match answer.status() {
        StatusCode::OK => true,
        StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => false,
        other => panic!("{user} at {path}: {other}"),
    }
}

/// Somebody whom no union has chosen on any line.
async fn unchosen(house: &House) -> Placement {
    let operator = session(house, "operator");
    for stage in UNCHOSEN {
        for placement in placements(&operator, stage).await.into_iter().take(100) {
            let request = ListPlacementsRequest {
                candidate_id: placement.candidate_id.clone(),
                ..ListPlacementsRequest::default()
            };
            let all = operator.placement().list_placements(request).await.unwrap().into_inner().placements;
            if all.iter().all(|each| UNCHOSEN.contains(&each.stage())) {
                return placement;
            }
        }
    }
    panic!("a season leaves somebody on a list");
}

pub(super) async fn the_table_says_what_the_services_give(house: &House) {
    let browser = Browser::without_scripts(&house.addresses.gateway).await;
    browser.sign_in("auditor").await;
    browser.goto("/who-sees-what").await;
    let home = placements(&session(house, "operator"), Stage::ReEntryEligible).await.swap_remove(0);
    let unchosen = unchosen(house).await;
    for (row, path) in [("name", "/name"), ("documents", "")] {
        for (placement, chosen) in [(&home, true), (&unchosen, false)] {
            for (column, user) in users(placement) {
                let told = browser.text(&format!("#sight-{row} td:nth-of-type({column})")).await;
                let expected = told == "always" || (chosen && told == "from Selected");
                let path = format!("/v1/candidates/{}{path}", placement.candidate_id);
                let given = is_given(house, user, &path).await;
                assert_eq!(given, expected, "{row} to {user}, chosen: {chosen}; the table says {told:?}");
            }
        }
    }
    // Rank and score stand in what every party of the placement gets.
    for (column, user) in users(&home) {
        assert_eq!(browser.text(&format!("#sight-rank td:nth-of-type({column})")).await, "always");
        assert!(is_given(house, user, &format!("/v1/placements/{}", home.id)).await, "{user}");
    }
    browser.close().await;
}
