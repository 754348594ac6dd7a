//! What a placement holds, as its page tells it.

use proto::demand::{JobOrder, OrderLine};

use super::{Browser, House};

/// The line of the placement, as the order says its beds.
fn line(beds: i32, housing: &str) -> OrderLine {
    let id = "018f0000-0000-7000-8000-0000000000aa".to_owned();
    OrderLine { id, number: 1, beds, housing: housing.to_owned(), ..OrderLine::default() }
}

/// The rows, from the name of the ledger on.
async fn held(browser: &Browser<'_>) -> Vec<String> {
    let page = browser.html("/placements/p1").await;
    let table = page.split("id=\"holds-h\"").nth(1).unwrap().split("</table>").next().unwrap();
    table.split("<th scope=\"row\">").skip(1).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_bed_that_comes_with_the_seat_is_held_with_it_for_who_may_read_the_order() {
    let house = House::open().await;
    let union = house.sign_in("union").await;
    let ledgers =
        |rows: &[String]| rows.iter().map(|row| row.split(" <").next().unwrap().to_owned()).collect::<Vec<_>>();
    let without = ["Seat", "Quota unit", "Period"];
    assert_eq!(ledgers(&held(&union).await), without, "nobody tells the order");

    let tell = |lines: Vec<OrderLine>| house.said.tell_order(JobOrder { lines, ..JobOrder::default() });
    tell(vec![line(9, "")]);
    let rows = held(&union).await;
    assert_eq!(ledgers(&rows), ["Seat", "Quota unit", "Bed", "Period"]);
    assert!(rows[2].contains("9 beds for the seats of this line") && rows[2].contains(">Held<"), "{}", rows[2]);

    let other = OrderLine { id: "another".to_owned(), ..line(18, "The <old> school") };
    tell(vec![line(-1, "The <old> school"), other]);
    let rows = held(&union).await;
    assert!(rows[2].contains("school, 18 beds in the whole housing") && !rows[2].contains("<old>"), "{}", rows[2]);

    for beds in [0, -1] {
        tell(vec![line(beds, "")]);
        assert_eq!(ledgers(&held(&union).await), without, "{beds}: none come with the seats, or nothing is said");
    }
}
