//! What one side alone has reported, as pages say it.

use proto::placement::Stage;

use super::House;

const SENTENCE: &str = "Reported by one side only";

#[tokio::test]
async fn a_report_that_nobody_confirmed_is_shown_as_one() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let home = operator.html("/").await;
    assert!(home.contains("<th scope=\"col\">One side only</th>"), "{home}");
    let corridor = operator.html("/corridors/CO-ES").await;
    let steps = corridor.split("id=\"steps-h\"").nth(1).unwrap().split("</table>").next().unwrap();
    assert!(steps.contains("of these 2 by one side only"), "{steps}");
    assert!(!operator.html("/placements/p1").await.contains(SENTENCE), "a proposal is no report");
    house.said.stands(Stage::Arrived);
    assert!(operator.html("/placements/p1").await.contains(SENTENCE));
    house.said.stands(Stage::WorkEnded);
    assert!(!operator.html("/placements/p1").await.contains(SENTENCE), "it was confirmed");
}

#[tokio::test]
async fn an_end_by_the_employer_says_when_the_worker_was_told_how_to_appeal() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let told = "<dt>Told of the appeal on</dt>";
    assert!(!operator.html("/placements/p1").await.contains(told));
    house.said.stands(Stage::WorkEnded);
    assert!(operator.html("/placements/p1").await.contains(told));
}

#[tokio::test]
async fn a_recall_is_shown_with_what_the_worker_answered() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let recall = "<dt>Asked for again</dt>";
    assert!(!operator.html("/placements/p1").await.contains(recall));
    house.said.stands(Stage::ReEntryEligible);
    let page = operator.html("/placements/p1").await;
    let told = page.split(recall).nth(1).unwrap_or_default().split("</div>").next().unwrap_or_default();
    assert!(told.contains("2026") && told.contains("the worker declines"), "{told}");
}
