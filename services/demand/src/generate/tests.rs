use std::collections::HashMap;

use chrono::Datelike;

use super::*;
use crate::grpc::read;

fn by_destination(postings: &[Postings]) -> HashMap<&'static str, i32> {
    let mut sums = HashMap::new();
    for made in postings {
        *sums.entry(made.destination).or_default() += made.orders.iter().map(seats).sum::<i32>();
    }
    sums
}

#[test]
fn a_whole_season_has_the_founding_numbers() {
    let sums = by_destination(&season(7, 2026, 1.0));
    assert_eq!((sums["ES"], sums["CA"], sums["IT"]), (3_800, 2_846, 270));
    let tenth = by_destination(&season(7, 2026, 0.1));
    assert_eq!((tenth["ES"], tenth["CA"], tenth["IT"]), (380, 285, 27));
}

#[test]
fn the_same_seed_gives_the_same_season() {
    assert_eq!(season(7, 2026, 0.1), season(7, 2026, 0.1));
    assert_ne!(season(7, 2026, 0.1), season(8, 2026, 0.1));
}

#[test]
fn every_order_can_be_posted_and_lasts_four_to_eight_months() {
    for scale in [0.1, 1.0] {
        for made in season(2026, 2026, scale) {
            for order in made.orders {
                let order = JobOrder { employer_id: uuid::Uuid::nil().to_string(), ..order };
                let read = read::order(&order, uuid::Uuid::nil()).unwrap();
                assert!(seats(&order) >= ORDER_SEATS_MIN.cast_signed(), "{} seats", seats(&order));
                assert!(read.union_order);
                for line in read.lines {
                    let last = line.ends_on + Days::new(1);
                    assert!(line.starts_on + Months::new(4) <= last && last <= line.starts_on + Months::new(8));
                    let past = made.destination == "CA" && (line.ends_on.month(), line.ends_on.day()) > (12, 15);
                    assert!(!past && line.starts_on.year() == line.ends_on.year(), "beyond SAWP's last day: {line:?}");
                    let least = if line.housing.is_empty() { line.seats } else { seats(&order) };
                    assert!(line.beds >= least && line.origins.len() == 1, "{line:?}");
                }
            }
        }
    }
}

#[test]
fn a_few_lines_have_a_least_crew_and_a_few_orders_a_housing_of_their_own() {
    let made = season(2026, 2026, 1.0);
    let orders: Vec<&JobOrder> = made.iter().flat_map(|made| &made.orders).collect();
    let lines: Vec<&OrderLine> = orders.iter().flat_map(|order| &order.lines).collect();
    let crews: Vec<_> = lines.iter().filter(|line| line.least_crew > 0).collect();
    assert!((lines.len() / 20..lines.len() / 3).contains(&crews.len()), "{} of {} lines", crews.len(), lines.len());
    assert!(crews.iter().all(|line| (2..=line.seats / 3).contains(&line.least_crew)));
    let shared: Vec<_> = orders.iter().copied().filter(|order| !order.lines[0].housing.is_empty()).collect();
    assert!(
        (orders.len() / 20..orders.len() / 2).contains(&shared.len()),
        "{} of {} orders",
        shared.len(),
        orders.len()
    );
    let mut crowded = Vec::new();
    for house in houses(&shared).into_values() {
        let (first, all) = (house[0], house.iter().map(|order| seats(order)).sum::<i32>());
        let beds = first.lines[0].beds;
        let mut lines = house.iter().flat_map(|order| &order.lines);
        assert!(lines.all(|line| line.beds == beds && line.housing == first.lines[0].housing));
        match house.as_slice() {
            [only] => assert!(only.lines.len() > 1 && beds == all, "a bed for every seat"),
            [one, other] => {
                assert!(beds < all && beds >= seats(one).max(seats(other)), "{beds} beds for {all} seats");
                assert!(one.lines[0].starts_on <= other.lines[0].ends_on);
                assert!(other.lines[0].starts_on <= one.lines[0].ends_on, "they sleep there at one time");
                crowded.push(one.destination.as_str());
            }
            more => panic!("{} orders have one housing", more.len()),
        }
    }
    crowded.sort_unstable();
    assert_eq!(crowded, ["CA", "ES", "IT"], "one housing of each union has too few beds");
}

/// Orders by the housing of their lines.
fn houses<'a>(orders: &[&'a JobOrder]) -> HashMap<&'a str, Vec<&'a JobOrder>> {
    let mut houses: HashMap<&str, Vec<&JobOrder>> = HashMap::new();
    for order in orders {
        houses.entry(&order.lines[0].housing).or_default().push(order);
    }
    houses
}
