use std::collections::HashMap;

use super::*;
use crate::grpc::read;

fn seats(order: &JobOrder) -> i32 {
    order.lines.iter().map(|line| line.seats).sum()
}

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
                    assert_eq!((line.beds, line.origins.len()), (line.seats, 1));
                }
            }
        }
    }
}
