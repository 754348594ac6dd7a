//! Which services the gateway says that it waits for.

use std::{net::TcpListener, time::Duration};

use reqwest::StatusCode;

use crate::House;

/// Whom `/readyz` names, in its order. The gateway itself is ready whoever is away.
async fn waited_for(house: &House) -> Vec<String> {
    let answer = house.http.get(format!("http://{}/readyz", house.admin)).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let text = answer.text().await.unwrap();
    let name = |line: &str| {
        let (name, why) = line.strip_prefix("waiting for ")?.split_once(": ")?;
        why.contains("http://").then(|| name.to_owned())
    };
    text.lines().map(|line| name(line).unwrap_or_else(|| panic!("{line} names nobody"))).collect()
}

#[tokio::test]
async fn who_is_away_is_named_and_who_answers_is_not() {
    let house = House::start().await;
    assert_eq!(waited_for(&house).await, ["candidate", "matching", "monitoring", "placement"]);
}

#[tokio::test]
async fn services_that_hang_are_named_beside_those_that_are_away_within_the_time_of_one() {
    // Takes connections and never says anything.
    let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", hanging.local_addr().unwrap());
    let house = House::start_with(|config| {
        for service in ["programme", "candidate", "matching", "placement"] {
            config.services.insert(service.to_owned(), url.clone());
        }
    })
    .await;
    // Each is given two seconds: one after the other, the four that hang would take eight.
    let named = tokio::time::timeout(Duration::from_secs(6), waited_for(&house)).await.expect("all are asked at once");
    assert_eq!(named, ["candidate", "matching", "monitoring", "placement", "programme"], "all but demand");
}
