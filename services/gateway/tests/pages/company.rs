//! With whom somebody travels, as a placement's page tells it.

use proto::placement::Stage;

use super::{Browser, House};

async fn told(browser: &Browser<'_>) -> String {
    let page = browser.html("/placements/p1").await;
    page.split("<dt>Travels with</dt>").nth(1).unwrap_or_default().split("</div>").next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_placement_says_that_it_is_one_of_a_crew_or_a_family_and_leads_to_the_others_that_are_told() {
    let house = House::open().await;
    let union = house.sign_in("union").await;
    let crew = told(&union).await;
    assert!(crew.contains("A crew of 4, which a round seats whole or not at all."), "{crew}");
    assert_eq!(crew.matches("<a href=\"/placements/").count(), 1, "{crew}");
    assert!(crew.contains("<a href=\"/placements/p2\"><code>") && crew.contains("2 of them are not shown"), "{crew}");
    house.said.stands(Stage::Arrived);
    assert!(told(&union).await.contains("A family of 4,"));
    house.said.stands(Stage::WorkEnded);
    assert_eq!(told(&union).await, "", "who goes alone");
}
