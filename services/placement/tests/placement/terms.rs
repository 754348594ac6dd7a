//! What is offered: told to those who see the placement, and whole before anybody is asked to decide.

use proto::placement::{Move, Stage};
use sha2::{Digest, Sha256};

use crate::house::{House, asked};

fn in_spanish(id: uuid::Uuid) -> Move {
    Move { language: "es-CO".into(), ..asked(id, "Offer", "2026-01-13") }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_terms_are_told_and_an_offer_without_a_text_of_its_own_is_proved_by_theirs() {
    let house = House::with_quota(10).await;
    let line = house.line(2).await;
    let [id] = house.propose(line, &[0]).await[..] else { panic!("one placement") };
    let terms = house.view("sena", id).await.unwrap().terms.expect("the ministry reads what its person is offered");
    assert_eq!((terms.employer.as_str(), terms.hours_week, terms.housing_beds), ("Cooperativa d’Aitona", 40, 2));
    assert_eq!(terms.place.unwrap().city, "Aitona");
    assert_eq!((terms.pay.unwrap().amount.as_str(), terms.worker_fees.as_str()), ("9.40", "0"));
    assert_eq!(terms.deductions[0].code, "HOUSING");
    assert!(terms.missing.is_empty() && terms.text.starts_with("employer="), "{}", terms.text);

    house.must("pagesos", asked(id, "Select", "2026-01-12")).await;
    let offered = house.must("pagesos", in_spanish(id)).await;
    assert_eq!(offered.stage(), Stage::Offered);
    let terms = house.view("pagesos", id).await.unwrap().terms.expect("the terms");
    assert!(terms.text.contains("Gastos a cargo del trabajador: 0\n"), "in the language of the offer: {}", terms.text);
    let digest: String = Sha256::digest(&terms.text).iter().map(|byte| format!("{byte:02x}")).collect();
    let offer = offered.offer.expect("the offer");
    assert_eq!((offer.text_hash.as_str(), offer.language.as_str()), (digest.as_str(), "es-CO"));
    assert_eq!(terms.text_hash, digest);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_offered_work_without_its_terms() {
    let house = House::with_quota(10).await;
    let line = house.line(2).await;
    let [id] = house.propose(line, &[0]).await[..] else { panic!("one placement") };
    house.must("pagesos", asked(id, "Select", "2026-01-12")).await;
    let change = r#"UPDATE line_terms SET terms = terms || '{"hours_week": 0, "employer": ""}'"#;
    sqlx::query(change).execute(&house.pool).await.unwrap();
    let own = Move { evidence: "sha256:5f1e".into(), ..in_spanish(id) };
    let refused = house.make("pagesos", own.clone()).await.unwrap_err();
    assert_eq!(refused.reason, "TERMS_MISSING");
    assert!(refused.message.ends_with("employer, hours"), "{}", refused.message);
    let view = house.view("pagesos", id).await.unwrap();
    assert_eq!(view.terms.unwrap().missing, ["employer", "hours"]);
    let waiting = view.waiting.iter().find(|option| option.command == "Offer").expect("the offer waits");
    assert_eq!(waiting.refusal.as_ref().unwrap().reason, "TERMS_MISSING");

    // A feed says less; what it does not say is told as not known.
    let change = r#"UPDATE line_terms SET terms = terms || '{"employer": "Farm", "posted": false}'"#;
    sqlx::query(change).execute(&house.pool).await.unwrap();
    house.must("pagesos", in_spanish(id)).await;

    // A line told before terms were kept: the union's own text speaks for it, and silence does not.
    let [id] = house.propose(line, &[0]).await[..] else { panic!("one placement") };
    house.must("pagesos", asked(id, "Select", "2026-01-12")).await;
    sqlx::query("DELETE FROM line_terms").execute(&house.pool).await.unwrap();
    assert_eq!(house.make("pagesos", in_spanish(id)).await.unwrap_err().reason, "TERMS_MISSING");
    assert!(house.view("pagesos", id).await.unwrap().terms.is_none());
    house.must("pagesos", Move { placement_id: id.to_string(), ..own }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn place_and_hours_that_an_order_was_once_taken_without_the_unions_own_text_may_say() {
    let house = House::with_quota(10).await;
    let line = house.line(2).await;
    let [id] = house.propose(line, &[0]).await[..] else { panic!("one placement") };
    house.must("pagesos", asked(id, "Select", "2026-01-12")).await;
    let change = r#"UPDATE line_terms SET terms = terms || '{"hours_week": 0, "city": "", "region": ""}'"#;
    sqlx::query(change).execute(&house.pool).await.unwrap();
    let view = house.view("pagesos", id).await.unwrap();
    assert_eq!(view.terms.unwrap().missing, ["place", "hours"]);
    assert!(view.possible.iter().any(|option| option.command == "Offer"), "with a text of the union's own");
    let refused = house.make("pagesos", in_spanish(id)).await.unwrap_err();
    assert_eq!(refused.reason, "TERMS_MISSING");
    assert!(refused.mend.contains("evidence"), "{}", refused.mend);
    let offered = house.must("pagesos", Move { evidence: "sha256:5f1e".into(), ..in_spanish(id) }).await;
    assert_eq!(offered.offer.unwrap().text_hash, "5f1e");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ministry_reads_terms_only_of_a_line_that_kept_a_seat_for_its_person() {
    let house = House::with_quota(10).await;
    let line = house.line(1).await;
    let [kept, listed] = house.propose(line, &[0, 1]).await[..] else { panic!("two placements") };
    let told = async |user: &str, id| house.view(user, id).await.unwrap().terms.is_some();
    assert!(told("sena", kept).await && !told("sena", listed).await && told("pagesos", listed).await);
    house.must("sena", asked(listed, "Unlist", "2026-01-12")).await;
    assert!(!told("sena", listed).await, "no seat was ever kept for whoever was only on the list");
    house.must("sena", asked(kept, "Withdraw", "2026-01-12")).await;
    assert!(told("sena", kept).await, "what was kept and given up they have seen");
}
