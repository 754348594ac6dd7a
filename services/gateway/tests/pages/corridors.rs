//! A corridor's rules, and the pages below it: two rule packs side by side, and units of the reserve.

use reqwest::StatusCode;

use super::{Browser, House, field, location};

const UNITS: &str = "/corridors/CO-ES/units";

/// What comes with the form that sends, which stands below the one that looks.
fn sends(html: &str) -> &str {
    html.split_once("id=\"effect\"").unwrap_or_else(|| panic!("it is told what it would do: {html}")).1
}

/// The row of a rule, from its key to its source.
fn rule<'h>(html: &'h str, key: &str) -> &'h str {
    let row = html.split_once(&format!("id=\"rule-{key}\"")).unwrap_or_else(|| panic!("{key} is there: {html}")).1;
    row.split("</tr>").next().unwrap()
}

#[tokio::test]
async fn the_rules_for_orders_stand_below_the_corridors_own_with_the_days_on_which_they_hold() {
    let house = House::open().await;
    let union = house.sign_in("union").await;
    let shown = async |query: &str| {
        let html = union.html(&format!("/corridors/CO-ES{query}")).await;
        let (own, orders) = html.split_once(" id=\"order-rules\"").expect("both are there");
        (own.to_owned(), orders.to_owned())
    };
    let (own, orders) = shown("").await;
    assert!(own.contains("CO-ES@2025-12-01, in force from 1\u{a0}December 2025."), "{own}");
    assert!(!own.contains("rule-order.") && orders.contains("Rules for orders: Spain"), "{orders}");
    let until = "ES@2026-01-01, in force from 1\u{a0}January 2026 to 31\u{a0}December 2026.";
    assert!(orders.contains(until), "until the later one: {orders}");
    let seats = rule(&orders, "order.seats_min");
    assert!(seats.contains("<td>10 seats</td>") && seats.contains("An order on orders"), "{seats}");

    let (_, orders) = shown("?on=2027-02-01").await;
    assert!(orders.contains("ES@2027-01-01, in force from 1\u{a0}January 2027."), "{orders}");
    assert!(rule(&orders, "order.seats_min").contains("<td>20 seats</td>"), "{orders}");
    let (own, orders) = shown("?on=2025-06-01").await;
    let earlier = "CO-ES@2025-01-01, in force from 1\u{a0}January 2025 to 30\u{a0}November 2025.";
    assert!(own.contains(earlier) && orders.contains("No rule is in force here yet."), "{own} {orders}");
}

#[tokio::test]
async fn a_rule_is_told_in_the_readers_words_and_an_assumed_one_with_its_source() {
    let house = House::open().await;
    let cookie = house.sign_in("operator").await.cookie;
    for (language, days, travel, yes, assumed) in [
        ("en", "365 days", "visa, fitness for work, quarantine", "yes", "Assumed"),
        ("fr", "365 jours", "visa, aptitude au travail, quarantine", "oui", "Hypothèse"),
        ("es", "365 días", "visado, aptitud para el trabajo, quarantine", "sí", "Hipótesis"),
    ] {
        let reader = Browser { house: &house, cookie: format!("{cookie}; circula-language={language}") };
        let html = reader.html("/corridors/CO-ES").await;
        for (key, told) in
            [("roster.validity_days", days), ("tracks.waits.travel", travel), ("order.housing_required", yes)]
        {
            let row = rule(&html, key);
            assert!(row.contains(&format!("<td>{told}</td>")), "{language}: {row}");
        }
        let roster = rule(&html, "roster.validity_days");
        assert!(roster.contains(assumed) && roster.contains("nobody has found one"), "{language}: {roster}");
        assert!(!rule(&html, "clock.arrival.days").contains(assumed), "{language}: {html}");
    }
}

#[tokio::test]
async fn two_packs_are_compared_rule_by_rule() {
    let house = House::open().await;
    let html = house.sign_in("union").await.html("/corridors/CO-ES/packs").await;
    assert!(
        html.contains("<b>3</b> rules differ between <b>CO-ES@2025-01-01</b> and <b>CO-ES@2025-12-01</b>"),
        "the latest two are compared, and the earlier one first: {html}"
    );
    let row = |key: &str| html.split("<tr>").find(|row| row.contains(&format!("<code>{key}</code>"))).unwrap();
    let arrival = row("clock.arrival.days");
    let (before, after) = (arrival.find("<code>5</code>").unwrap(), arrival.find("<code>3</code>").unwrap());
    assert!(before < after && arrival.contains("1\u{a0}December 2025"), "{arrival}");
    let roster = row("roster.validity_days");
    assert!(roster.contains("not set") && roster.contains("Assumed · nobody has found one"), "{roster}");
    let same = "/corridors/CO-ES/packs?from=CO-ES@2025-12-01&to=CO-ES@2025-12-01";
    let same = house.sign_in("union").await.html(same).await;
    assert!(same.contains("Both packs say the same") && !same.contains("<table"), "{same}");
}

#[tokio::test]
async fn units_are_asked_for_after_it_was_seen_what_it_would_do() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    assert!(operator.html("/corridors/CO-ES").await.contains("href=\"/corridors/CO-ES/units?season=2026\""));
    let html = operator.html(UNITS).await;
    assert!(html.contains("Somebody else asked for 40 units on"), "a colleague's request is seen: {html}");
    assert!(html.contains("/units?season=2026&#38;quota=q1&#38;units=40\""), "and leads to the same: {html}");
    let told = operator.html(&format!("{UNITS}?units=9999&done=released")).await;
    assert!(!told.contains("9,999") && !told.contains("9999 units"), "no figure is taken from the address: {told}");
    assert!(html.contains("<b>400</b> units are kept back") && !html.contains("Ask for 40 units"), "{html}");
    for wrong in ["0", "401", "-3", "many"] {
        let html = operator.html(&format!("{UNITS}?units={wrong}")).await;
        assert!(
            html.contains("Write a number from 1 to 400.") && !html.contains("name=\"version\""),
            "{wrong}: {html}"
        );
    }

    for (units, done, told) in [
        ("30", "asked", "Units are asked for.</strong> Nothing has moved yet"),
        ("40", "released", "Units are released."),
    ] {
        let html = operator.html(&format!("{UNITS}?season=2026&quota=q1&units={units}")).await;
        assert!(html.contains(&format!(">4,0{units}<")), "what may be used after: {html}");
        let keys = ["csrf", "request_id", "version", "season", "quota", "units"];
        let form = keys.map(|name| (name, field(sends(&html), UNITS, name)));
        let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
        let sent = operator.post(UNITS, &form).await;
        assert_eq!(sent.status(), StatusCode::SEE_OTHER);
        assert_eq!(location(&sent), format!("{UNITS}?season=2026&done={done}"));
        let html = operator.html(&location(&sent)).await;
        assert!(html.contains(told) && !html.contains("name=\"version\""), "{html}");
        let asked = house.said.releases().pop().unwrap();
        assert_eq!((asked.units.to_string().as_str(), asked.expected_version), (units, 3));
        assert_eq!(asked.request_id, form[1].1);
    }
}

#[tokio::test]
async fn units_that_are_refused_leave_what_was_typed_and_nobody_else_may_ask() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let csrf = field(&operator.html(UNITS).await, "/sign-out", "csrf");
    let form = |units, version| {
        [("csrf", csrf.as_str()), ("request_id", "r1"), ("version", version), ("quota", "q1"), ("units", units)]
    };
    for (units, version, status, why) in [
        ("50", "3", StatusCode::UNPROCESSABLE_ENTITY, "Who proposes cannot complete."),
        ("30", "2", StatusCode::CONFLICT, "The quota was changed."),
    ] {
        let refused = operator.post(UNITS, &form(units, version)).await;
        assert_eq!(refused.status(), status);
        let html = refused.text().await.unwrap();
        for part in [why, "Not done: Ask for units", &format!("value=\"{units}\"")] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert_eq!(field(sends(&html), UNITS, "version"), "3", "the next one is of the quota as it stands now");
    }
    assert_eq!(
        operator.post(UNITS, &form("30", "0")).await.status(),
        StatusCode::BAD_REQUEST,
        "0 would be any version"
    );
    let asked = house.said.releases().len();

    let union = house.sign_in("union").await;
    let html = union.html(UNITS).await;
    assert!(html.contains("Operators ask for units.") && !html.contains("name=\"units\""), "{html}");
    assert!(!union.html("/corridors/CO-ES").await.contains(UNITS), "no link to what they cannot do");
    let csrf = field(&html, "/sign-out", "csrf");
    let mut sent = form("30", "3");
    sent[0].1 = &csrf;
    assert_eq!(union.post(UNITS, &sent).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(house.said.releases().len(), asked);
}
