//! The pages below a corridor: two rule packs side by side, and units of the reserve.

use reqwest::StatusCode;

use super::{House, field, location};

const UNITS: &str = "/corridors/CO-ES/units";

/// What comes with the form that sends, which stands below the one that looks.
fn sends(html: &str) -> &str {
    html.split_once("id=\"effect\"").unwrap_or_else(|| panic!("it is told what it would do: {html}")).1
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
    assert!(roster.contains("not set") && roster.contains("Assumed"), "{roster}");
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
