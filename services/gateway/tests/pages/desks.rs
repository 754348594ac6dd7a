//! What the homes and the page of a corridor tell beside their flows.

use platform::testing::eventually;
use proto::{matching::RoundState, placement::Stage};

use super::{Browser, House, field, location};

#[tokio::test]
async fn a_corridor_says_how_long_its_clocks_took_and_what_became_of_its_units() {
    let house = House::open().await;
    let html = house.sign_in("operator").await.html("/corridors/CO-ES").await;
    let row = |name: &str| {
        let row = html.split("<tr").find(|row| row.contains(name)).unwrap_or_else(|| panic!("{name}: {html}"));
        let cells =
            row.split("class=\"num").skip(1).map(|cell| cell.split_once('>').unwrap().1.split("</td>").next().unwrap());
        cells
            .map(|cell| {
                cell.split('>').nth(usize::from(cell.contains("<a "))).unwrap().split('<').next().unwrap().to_owned()
            })
            .collect::<Vec<_>>()
    };
    // Ended, half, nine of ten, limit, running, late, oldest.
    assert_eq!(row("<small>Employers’ union · C-ARRIVAL"), ["1,900", "2", "4", "3", "12", "4", "10"]);
    assert_eq!(
        row("<small>Worker · C-ANSWER"),
        ["1,900", "3", "5", "5 working days", "0", "0", "–"],
        "none of these runs"
    );
    assert_eq!(row("<small>Authority · C-VISA")[..3], ["0", "–", "–"], "none of these has ended");
    for (part, units) in [
        ("quota-used", "3,100"),
        ("quota-held", "700"),
        ("quota-open", "60"),
        ("quota-free", "140"),
        // Who dropped out after the departure used the unit for good.
        ("quota-released", "2"),
        ("quota-kept", "400"),
    ] {
        let words = gateway::console::words::Words { language: gateway::console::words::Language::English };
        assert_eq!(row(&format!("{}</th>", words.t(part))), [units], "{part}");
    }
}

#[tokio::test]
async fn the_table_of_the_home_is_a_file_too() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let link = "href=\"/flows.csv?season=2026&#38;corridor=CO-ES\">Download (CSV)</a>";
    assert!(operator.html("/?season=2026&corridor=CO-ES").await.contains(link));
    let file = operator.get("/flows.csv?season=2026&corridor=CO-ES").send().await.unwrap();
    assert_eq!(file.headers()["content-type"], "text/csv; charset=utf-8");
    assert_eq!(file.headers()["content-disposition"], "attachment; filename=\"flows.csv\"");
    let text = file.text().await.unwrap();
    let [head, line]: [&str; 2] = text.lines().collect::<Vec<_>>().try_into().unwrap();
    let cells: Vec<(&str, &str)> = head.split(',').zip(line.split(',')).collect();
    assert_eq!(head.split(',').count(), line.split(',').count());
    for cell in [
        ("season", "2026"),
        ("corridor", "CO-ES"),
        ("seats_ordered", "3860"),
        ("seats_open", "60"),
        ("proposed", "4149"),
        ("proposed_here", "200"),
        ("proposed_dropped_out", "449"),
        ("returned_verified", "1900"),
        ("replaced", "211"),
        ("dropped_out", "569"),
        ("late", "19"),
        ("one_sided", "41"),
    ] {
        assert!(cells.contains(&cell), "{cell:?}: {text}");
    }
    let all = operator.get("/flows.csv?season=2026").send().await.unwrap().text().await.unwrap();
    assert_eq!(all.lines().count(), 3, "a line for each corridor: {all}");
}

/// The count beside an entry of the navigation; none where nothing waits.
fn badge(html: &str, href: &str) -> Option<String> {
    let entry = html.split(&format!("<li><a href=\"{href}\"")).nth(1).expect("the entry is there");
    let entry = entry.split("</li>").next().unwrap();
    entry.split("<span class=\"badge\">").nth(1).map(|count| count.split('<').next().unwrap().to_owned())
}

/// Waits until a page has the counts: the first one connects to all services, and stands without them if that takes long.
async fn counted(operator: &Browser<'_>) {
    eventually("the services are counted", async || badge(&operator.html("/rounds").await, "/parked")).await;
}

#[tokio::test]
async fn the_navigation_counts_what_waits_for_the_operator_on_every_page() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    counted(&operator).await;
    for path in ["/", "/placements/p1", "/rounds"] {
        let html = operator.html(path).await;
        assert_eq!(badge(&html, "/rounds").as_deref(), Some("1"), "one of the rounds is to be published: {path}");
        assert_eq!(badge(&html, "/parked").as_deref(), Some("3"), "{path}");
        assert_eq!(badge(&html, "/placements"), None, "{path}");
    }
    let html = house.sign_in("union").await.html("/").await;
    assert_eq!(badge(&html, "/rounds"), None, "it waits for the operator");
}

#[tokio::test]
async fn a_round_that_went_out_waits_no_more_on_the_next_page() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    house.said.publishing_takes_long(RoundState::Publishing);
    counted(&operator).await;
    let (action, html) = ("/rounds/7/publish", operator.html("/rounds/7").await);
    assert_eq!(badge(&html, "/rounds").as_deref(), Some("1"));
    let [csrf, request_id, version] = ["csrf", "request_id", "version"].map(|name| field(&html, action, name));
    let sent = operator.post(action, &[("csrf", &csrf), ("request_id", &request_id), ("version", &version)]).await;
    assert_eq!(location(&sent), "/rounds/7?done=publish");
    let html = operator.html("/rounds/7?done=publish").await;
    assert_eq!(badge(&html, "/rounds"), None);
    assert_eq!(badge(&html, "/parked").as_deref(), Some("3"), "the services answered");
}

#[tokio::test]
async fn only_who_may_ask_why_is_led_to_the_rounds_answer() {
    let house = House::open().await;
    let way = "<a href=\"/rounds/7?explain=c1#explain\"";
    for (desk, leads) in [("operator", true), ("ministry", true), ("union", false)] {
        let browser = house.sign_in(desk).await;
        let history = browser.html("/placements/p1").await;
        let history = history.split("class=\"timeline\"").nth(1).unwrap().to_owned();
        let first = history.split("</li>").next().unwrap();
        assert_eq!(first.contains(&format!("{way}>Why the round decided so</a>")), leads, "{desk}: {first}");
        assert_eq!(history.matches(way).count(), usize::from(leads), "{desk}: at the proposal only");
        assert_eq!(browser.html("/rounds/7").await.contains(way), leads, "{desk}: of a pair");
    }
}

#[tokio::test]
async fn the_operators_home_names_stuck_groups_with_the_move_that_mends_them() {
    let house = House::open().await;
    let html = house.sign_in("operator").await.html("/").await;
    assert!(html.contains("<b>3</b> groups are stuck"), "arrivals, visas and returns, no mere alarm: {html}");
    let stuck = html.split("id=\"stuck\"").nth(1).unwrap();
    let groups: Vec<&str> = stuck.split("<li>").skip(1).collect();
    assert!(groups[0].contains(">5<") && groups[0].contains("The ministry of origin must <strong>verify the return"));
    assert!(groups[0].contains("10 days late"), "{}", groups[0]);
    let list = "/placements?corridor=CO-ES&#38;late=yes&#38;clock=C-RETURN&#38;season=2026";
    assert!(groups[0].contains(list), "its list: {}", groups[0]);
    assert!(!stuck.contains("pick=all"), "none of these is the operator's to mend");
    assert!(html.contains("What was compared") && html.contains("could not be compared"), "{html}");
}

#[tokio::test]
async fn a_list_is_narrowed_to_those_whose_clock_is_over() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let there = "href=\"/placements/p1\"";
    assert!(operator.html("/placements?clock=C-SELECT&late=yes").await.contains(there), "due on 20 February");
    assert!(!operator.html("/placements?clock=C-VISA").await.contains(there), "this clock does not run");
    let html = operator.html("/placements?clock=C-SELECT&season=2026").await;
    assert!(html.contains("<option value=\"C-SELECT\" selected>") && html.contains("name=\"season\" value=\"2026\""));
}

#[tokio::test]
async fn a_queue_leads_to_its_list_with_all_rows_marked() {
    let house = House::open().await;
    let html = house.sign_in("union").await.html("/").await;
    let marked = "/placements?clock=C-ARRIVAL&#38;season=2026&#38;pick=all&#38;action=ConfirmArrival";
    assert!(html.contains(marked), "those whom the number counts, whatever their step: {html}");
    assert!(html.contains("href=\"/placements?clock=C-ARRIVAL&#38;season=2026\""), "{html}");
}

#[tokio::test]
async fn a_placement_tells_what_is_hidden_and_who_sees_it() {
    let house = House::open().await;
    let html = house.sign_in("union").await.html("/placements/p1").await;
    let hidden = html.split("class=\"hiddens\"").nth(1).unwrap().split("</dl>").next().unwrap();
    let name = hidden.split("<div>").find(|field| field.contains("Name")).expect("nobody was selected yet");
    for told in ["Hidden from you.", "Ministry of origin: always", "Employers’ union: from Selected"] {
        assert!(name.contains(told), "{told}: {name}");
    }
    assert!(!hidden.contains("Rank and score") && html.contains("href=\"/who-sees-what\""), "{hidden}");
    let ministry = house.sign_in("ministry").await.html("/placements/p1").await;
    let hidden = ministry.split("class=\"hiddens\"").nth(1).unwrap().split("</dl>").next().unwrap();
    assert!(!hidden.contains("Name"), "{hidden}");
}

#[tokio::test]
async fn a_list_is_asked_for_as_its_number_counts() {
    let house = House::open().await;
    let ministry = house.sign_in("ministry").await;
    let home = ministry.html("/").await;
    let asked = async |state: &str| {
        let path = format!("/placements?state={state}&season=2026");
        assert!(home.contains(&path.replace('&', "&amp;")) || state == "WORK_ENDED", "{state}: {home}");
        ministry.html(&path).await;
        house.said.listed().stages().collect::<Vec<_>>()
    };
    assert_eq!(asked("RETURNED_VERIFIED").await[..2], [Stage::ReturnedVerified, Stage::ReEntryEligible]);
    assert_eq!(asked("ABROAD").await[..3], [Stage::Departed, Stage::Arrived, Stage::Working]);
    let ended = [Stage::WorkEnded, Stage::ReturnTravel, Stage::Unverified, Stage::NonReturn];
    assert_eq!(asked("WORK_ENDED").await, ended);
    ministry.html("/placements?clock=C-RETURN&late=yes").await;
    let listed = house.said.listed();
    assert_eq!((listed.clock.as_str(), listed.late), ("C-RETURN", true), "the service looks through all of them");
}

#[tokio::test]
async fn a_page_of_a_list_that_holds_nothing_yet_leads_on() {
    let house = House::open().await;
    let html = house.sign_in("operator").await.html("/placements?clock=C-REVIEW&season=2026").await;
    assert!(html.contains("rel=\"next\"") && html.contains("There are more."), "{html}");
    assert!(!html.contains("No placement fits this filter."), "nobody knows that yet: {html}");
}

#[tokio::test]
async fn links_of_the_operators_home_keep_season_and_corridor() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let html = operator.html("/?corridor=CO-ES").await;
    let marked = "corridor=CO-ES&#38;clock=C-HEARING&#38;season=2026&#38;pick=all&#38;action=CloseHearing";
    assert!(html.contains(marked), "{html}");
    let late = html.split("id=\"late-h\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(late.contains("corridor=CO-ES&#38;late=yes&#38;clock=C-VISA&#38;season=2026"), "{late}");
}

#[tokio::test]
async fn all_stuck_groups_are_counted_and_the_largest_shown() {
    let house = House::open().await;
    house.said.more_are_stuck(20);
    let html = house.sign_in("operator").await.html("/").await;
    assert!(html.contains("<b>23</b> groups are stuck"), "{html}");
    assert!(html.contains("The 12 largest of 23 are shown."), "{html}");
}

#[tokio::test]
async fn a_corridor_stands_without_the_times_of_its_clocks() {
    let house = House::open().await;
    house.said.times_go_away();
    let html = house.sign_in("operator").await.html("/corridors/CO-ES").await;
    assert!(html.contains("is not told just now") && html.contains("C-ARRIVAL"), "{html}");
}

#[tokio::test]
async fn a_name_is_asked_for_once_the_union_has_selected() {
    let house = House::open().await;
    let union = house.sign_in("union").await;
    for stage in [Stage::Recommended, Stage::Proposed, Stage::Cancelled] {
        house.said.stands(stage);
        assert!(!union.html("/placements/p1").await.contains("Restrepo"), "{stage:?}");
    }
    assert!(house.said.names().is_empty(), "a look is written down: none is made");
    house.said.stands(Stage::Selected);
    assert!(union.html("/placements/p1").await.contains("Ana Restrepo"));
    assert_eq!(house.said.names(), ["c1"]);
}

#[tokio::test]
async fn what_is_hidden_is_what_the_calls_hide() {
    let house = House::open().await;
    let ministry = house.sign_in("ministry").await;
    for (stage, hides) in [(Stage::Recommended, true), (Stage::Proposed, false), (Stage::Cancelled, false)] {
        house.said.stands(stage);
        let html = ministry.html("/placements/p1").await;
        let hidden = html.split("class=\"hiddens\"").nth(1).unwrap().split("</dl>").next().unwrap();
        assert_eq!(hidden.contains("Farm, place and pay"), hides, "{stage:?}: {hidden}");
    }
}

#[tokio::test]
async fn the_history_says_why_somebody_on_the_list_was_passed_over() {
    let house = House::open().await;
    let html = house.sign_in("union").await.html("/placements/p1").await;
    let history = html.split("class=\"timeline\"").nth(1).unwrap().split("</ol>").next().unwrap();
    let told = [
        "On the reserve list",
        "Number 2 on the list; nobody was called, and the seat was open again. Too few days of the work would be left.",
        "Number 2 on the list; number 4 was called. The person is taken in these days.",
        "Proposed",
    ];
    let at = told.map(|words| history.find(words).unwrap_or_else(|| panic!("{words}: {history}")));
    assert!(at.is_sorted(), "in the order in which it happened: {history}");
    assert_eq!(history.matches("Passed over for a seat").count(), 2);
}
