//! What is offered, as a placement's page tells it.

use crate::House;

#[tokio::test]
async fn a_placement_tells_what_is_offered_in_the_reader_s_words() {
    let house = House::open().await;
    let union = house.sign_in("union").await;
    let html = union.html("/placements/p1").await;
    let terms = html.split("id=\"terms-h\"").nth(1).expect("the terms are there").split("</section>").next().unwrap();
    assert!(terms.contains("<dt>Employeur</dt>") && terms.contains("<dd>9.40 EUR par heure</dd>"), "{terms}");
    assert!(!terms.contains("<Aitona>") && terms.contains("An offer cannot be made yet"), "{terms}");
    let offer = html.split("<form").find(|form| form.contains("/moves/offer")).expect("the form is there");
    let evidence = offer.split("name=\"evidence\"").nth(1).expect("the field is there").split('>').next().unwrap();
    assert!(!evidence.contains("required"), "the terms prove an offer without a text of its own: {evidence}");
}
