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
