use super::*;

fn money(amount: &str, unit: &str) -> Money {
    Money { amount: amount.to_owned(), currency: "EUR".to_owned(), unit: unit.to_owned() }
}

fn terms() -> Terms {
    Terms {
        employer: "Cooperativa d’Aitona".to_owned(),
        city: "Aitona".to_owned(),
        region: "Lleida".to_owned(),
        country: "ES".to_owned(),
        starts_on: "2026-04-01".to_owned(),
        ends_on: "2026-09-30".to_owned(),
        pay: money("9.40", "hour"),
        hours_week: 40,
        beds: 9,
        shares_beds: false,
        deductions: vec![("HOUSING".to_owned(), money("45.50", "month")), ("GLOVES".to_owned(), money("2", "month"))],
        posted: true,
    }
}

#[test]
fn the_text_tells_every_term_in_the_language_asked_for() {
    let french = terms().text("fr-SN");
    assert!(french.starts_with("Employeur\u{a0}: Cooperativa d’Aitona\nLieu de travail\u{a0}: Aitona, Lleida, ES\n"));
    assert!(french.contains("Salaire\u{a0}: 9.40 EUR par heure\n"), "{french}");
    assert!(french.ends_with(
        "Retenues sur le salaire\u{a0}: logement 45.50 EUR par mois\u{202f}; GLOVES 2 EUR par mois\n\
         Frais payés par le travailleur\u{a0}: 0\n"
    ));
    let spanish = terms().text("es-CO");
    assert!(spanish.contains("Horas por semana: 40\nAlojamiento: 9 camas"), "{spanish}");
    let plain = terms().text("wo");
    assert_eq!(
        plain,
        "employer=Cooperativa d’Aitona\nplace=Aitona, Lleida, ES\nstarts_on=2026-04-01\nends_on=2026-09-30\n\
         pay=9.40 EUR/hour\nhours_week=40\nhousing_beds=9\ndeductions=HOUSING 45.50 EUR/month; GLOVES 2 EUR/month\n\
         worker_fees=0\n"
    );
    assert_eq!(terms().text_hash("en"), terms().text_hash("en-GB"));
    let hashes: std::collections::BTreeSet<String> = ["en", "fr", "es", "wo"].map(|tag| terms().text_hash(tag)).into();
    assert_eq!(hashes.len(), 4);
}

#[test]
fn another_term_is_another_text() {
    let mut other = terms();
    other.deductions.pop();
    assert_ne!(other.text_hash("en"), terms().text_hash("en"));
    other.deductions.clear();
    assert!(other.text("en").contains("Kept of the pay: none\n"));
}

#[test]
fn beds_of_a_housing_that_lines_share_are_told_as_those_of_the_whole_housing() {
    let line = |housing: &str, beds: i32| demand::OrderLine { housing: housing.to_owned(), beds, ..Default::default() };
    let order = demand::JobOrder {
        lines: vec![line("The old school", 18), line("The old school", -1), line("", -1), line("", 4)],
        ..Default::default()
    };
    let told = |at: usize| Terms::of(&order, &order.lines[at]);
    let housing = |at: usize| told(at).text("en").lines().find(|said| said.starts_with("Housing")).unwrap().to_owned();
    assert_eq!([0, 1].map(housing), ["Housing: 18 beds in the whole housing"; 2]);
    assert_eq!([2, 3].map(housing), ["Housing: not known", "Housing: 4 beds for the places of this order line"]);
    assert!(told(1).text("wo").contains("housing_beds=18 shared\n"), "{}", told(1).text("wo"));
    let kept = serde_json::to_string(&told(3)).unwrap();
    assert!(!kept.contains("shares_beds"), "{kept}");
    assert_eq!(serde_json::from_str::<Terms>(&kept).unwrap(), told(3), "terms that earlier builds kept");
}

#[test]
fn a_posted_order_says_all_and_what_a_feed_leaves_out_is_told_as_not_known() {
    assert!(terms().missing().is_empty());
    let bare = Terms {
        employer: String::new(),
        city: String::new(),
        region: String::new(),
        pay: Money::default(),
        hours_week: 0,
        ..terms()
    };
    assert_eq!(bare.missing(), ["employer", "place", "pay", "hours"]);
    let feed = Terms { hours_week: 0, beds: -1, pay: money("11.59", ""), posted: false, ..terms() };
    assert!(feed.missing().is_empty());
    let told = feed.text("en");
    assert!(
        told.contains("Pay: 11.59 EUR (per what is not said)\nHours a week: not known\nHousing: not known\n"),
        "{told}"
    );
    assert_eq!(Terms { pay: Money::default(), ..feed }.missing(), ["pay"], "an amount there has to be");
}

#[test]
fn an_offer_without_a_text_of_its_own_is_proved_by_this_one() {
    let asked = Move { command: OFFER.to_owned(), language: "es".to_owned(), ..Move::default() };
    let filled = with_text(&asked, Some(&terms()), None).into_owned();
    assert_eq!(filled.evidence, format!("sha256:{}", terms().text_hash("es")));
    let own = Move { evidence: "sha256:5f1e".to_owned(), ..asked.clone() };
    assert_eq!(with_text(&own, Some(&terms()), None).evidence, "sha256:5f1e");
    let other = Move { command: "Accept".to_owned(), ..asked };
    assert!(with_text(&other, Some(&terms()), None).evidence.is_empty(), "nothing was offered");
}
