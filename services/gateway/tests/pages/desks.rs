//! What the homes and the page of a corridor tell beside their flows.

use super::House;

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
    assert_eq!(row("<small>Worker · C-ANSWER"), ["1,900", "3", "5", "–", "0", "0", "–"], "none of these runs");
    assert_eq!(row("<small>Authority · C-VISA")[..3], ["0", "–", "–"], "none of these has ended");
    for (part, units) in [
        ("quota-used", "3,100"),
        ("quota-held", "700"),
        ("quota-open", "60"),
        ("quota-free", "140"),
        ("quota-kept", "400"),
    ] {
        let words = gateway::console::words::Words { language: gateway::console::words::Language::English };
        assert_eq!(row(&format!("{}</th>", words.t(part))), [units], "{part}");
    }
}

#[tokio::test]
async fn the_operators_home_names_stuck_groups_with_the_move_that_mends_them() {
    let house = House::open().await;
    let html = house.sign_in("operator").await.html("/").await;
    assert!(html.contains("<b>3</b> groups are stuck"), "arrivals, visas and returns: {html}");
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
    let marked = "/placements?state=DEPARTED&#38;late=yes&#38;season=2026&#38;pick=all&#38;action=ConfirmArrival";
    assert!(html.contains(marked), "{html}");
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
