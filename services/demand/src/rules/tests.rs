use super::*;
use crate::{generate, grpc::read};

fn order() -> Order {
    let mut order = generate::season(1, 2026, 0.1).remove(0).orders.remove(0);
    order.employer_id = uuid::Uuid::nil().to_string();
    read::order(&order, uuid::Uuid::nil()).unwrap()
}

fn pack(key: &str, value: &str) -> Pack {
    let rule = Rule { key: key.to_owned(), value: value.to_owned(), source: "the law".to_owned() };
    Pack { id: "ES@2025-12-01".to_owned(), valid_from: day("2025-12-01"), rules: vec![rule] }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn reasons(order: &Order, pack: &Pack) -> Vec<String> {
    judge(order, pack, 0).into_iter().map(|breach| breach.reason).collect()
}

#[test]
fn nine_months_end_on_the_day_before() {
    let mut order = order();
    order.lines.truncate(1);
    order.lines[0].starts_on = day("2026-03-01");
    order.lines[0].ends_on = day("2026-11-30");
    assert_eq!(reasons(&order, &pack("order.months_max", "9")), Vec::<String>::new());
    order.lines[0].ends_on = day("2026-12-01");
    assert_eq!(reasons(&order, &pack("order.months_max", "9")), ["ORDER_MONTHS_MAX"]);
    assert_eq!(reasons(&order, &pack("order.months_min", "9")), Vec::<String>::new());
    assert_eq!(reasons(&order, &pack("order.months_min", "10")), ["ORDER_MONTHS_MIN"]);
}

#[test]
fn work_ends_by_the_last_day_of_the_year_in_which_it_starts() {
    let mut order = order();
    order.lines.truncate(1);
    let mut breach = |starts_on: &str, ends_on: &str| {
        (order.lines[0].starts_on, order.lines[0].ends_on) = (day(starts_on), day(ends_on));
        judge(&order, &pack("order.last_day", "12-15"), 0).pop()
    };
    assert_eq!(breach("2026-05-01", "2026-12-15"), None, "the day itself");
    let after = breach("2026-05-01", "2026-12-16").unwrap();
    assert_eq!((after.reason.as_str(), after.place.as_str()), ("ORDER_LAST_DAY", "lines[0].ends_on"));
    assert_eq!((after.asked.as_str(), after.mend.as_str()), ("2026-12-16", "let the work end by that day"));
    assert!(after.message.contains("2026-12-15") && after.message.ends_with("(the law)"), "{}", after.message);
    let over = breach("2026-11-01", "2027-03-31").unwrap();
    assert_eq!((over.reason.as_str(), over.asked.as_str()), ("ORDER_LAST_DAY", "2027-03-31"));
    let between = breach("2026-12-20", "2026-12-30").unwrap();
    assert_eq!(between.mend, "let the work start in the next year");
    assert_eq!(breach("2027-01-01", "2027-08-31"), None);
}

#[test]
fn beds_and_hours_are_judged_line_by_line() {
    let mut order = order();
    let last = order.lines.len() - 1;
    order.lines[last].beds = order.lines[last].seats - 1;
    let breaches = judge(&order, &pack("order.housing_required", "true"), 0);
    assert_eq!((breaches.len(), breaches[0].place.as_str()), (1, format!("lines[{last}].beds").as_str()));
    assert!(judge(&order, &pack("order.housing_required", "false"), 0).is_empty());
    order.lines[last].beds = -1;
    assert!(judge(&order, &pack("order.housing_required", "true"), 0).is_empty(), "what is not said is not judged");
    assert_eq!(judge(&order, &pack("order.hours_week_min", "41"), 0).len(), order.lines.len());
}

#[test]
fn an_employer_is_capped_over_all_its_orders() {
    let order = order();
    let cap = |most: i64| pack("order.employer_seats_max", &most.to_string());
    assert!(judge(&order, &cap(order.seats() + 4), 4).is_empty());
    let breaches = judge(&order, &cap(order.seats() + 4), 5);
    assert_eq!((breaches.len(), breaches[0].reason.as_str()), (1, "ORDER_EMPLOYER_SEATS_MAX"));
    assert_eq!(breaches[0].asked, (order.seats() + 5).to_string());
    assert!(caps_employers(&cap(1)) && !caps_employers(&pack("order.seats_min", "5")));
}

#[test]
fn lines_that_share_a_housing_need_a_bed_for_each_who_sleeps_there_on_one_day() {
    let mut order = order();
    order.lines = vec![order.lines[0].clone(), order.lines[0].clone(), order.lines[0].clone()];
    for (line, (from, to)) in order.lines.iter_mut().zip([("03-01", "05-31"), ("05-31", "08-31"), ("09-01", "10-31")]) {
        line.housing = "The old school".to_owned();
        (line.seats, line.beds) = (10, 19);
        (line.starts_on, line.ends_on) = (day(&format!("2026-{from}")), day(&format!("2026-{to}")));
    }
    let required = pack("order.housing_required", "true");
    let places = |order: &Order| judge(order, &required, 0).into_iter().map(|breach| breach.place).collect::<Vec<_>>();
    assert_eq!(places(&order), ["lines[0].beds", "lines[1].beds"], "twenty sleep there on 31 May");
    order.lines[0].ends_on = day("2026-05-30");
    assert!(places(&order).is_empty(), "each leaves before the next comes");
    order.lines[0].ends_on = day("2026-05-31");
    order.lines[0].housing = "A house of its own".to_owned();
    assert!(places(&order).is_empty());
}

#[test]
fn the_pack_in_force_is_the_latest_that_has_begun() {
    let packs = [pack("order.seats_min", "10"), Pack { valid_from: day("2024-01-01"), ..pack("order.seats_min", "5") }];
    assert_eq!(in_force(&packs, day("2025-11-30")).unwrap().rules[0].value, "5");
    assert_eq!(in_force(&packs, day("2025-12-01")).unwrap().rules[0].value, "10");
    assert!(in_force(&packs, day("2023-12-31")).is_none());
}
