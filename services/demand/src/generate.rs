//! A season of the founding corridors' orders, made up for the demo: Colombia to Spain (Unió de Pagesos), Guatemala and
//! Colombia to Quebec (FERME), and the pilots from Ghana, Nigeria and Senegal to Italy. Places, crops and months are
//! those of the field; the farms are made up and named by place and number, pay and hours are for show. The same seed,
//! year and scale give the same orders, byte for byte.

mod campaigns;

use chrono::{Days, Months, NaiveDate};
use proto::demand::{FarmAllocation, JobOrder, OrderLine, Pay, Place, RegisterEmployerRequest};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use self::campaigns::{Campaign, PROGRAMMES, Programme, Task};

/// Seats a generated order has at least: what the strictest founding destination asks.
pub const ORDER_SEATS_MIN: u32 = 10;
/// Seats a generated order has at most, about.
const ORDER_SEATS_MAX: u32 = 60;
/// Seats one farm takes at most.
const FARM_SEATS_MAX: u32 = 9;
/// Orders in 100 whose lines share a housing, where there are several.
const HOUSING_IN_HUNDRED: u32 = 25;
/// Lines in 100 that have a least crew, of those with six seats and more.
const LEAST_CREW_IN_HUNDRED: u32 = 20;
/// Of the seats of the smaller of two orders with one housing, one in so many has no bed.
const NO_BED_ONE_IN: i32 = 4;
/// Farms a place has.
const FARMS: u32 = 60;

/// What one union posts for one group of farms: register the employer, write its id into the orders, post them.
#[derive(Debug, Clone, PartialEq)]
pub struct Postings {
    /// Code of the organisation that posts, such as `unio-de-pagesos`.
    pub union: &'static str,
    /// ISO 3166-1 alpha-2.
    pub destination: &'static str,
    /// Without a `request_id`.
    pub employer: RegisterEmployerRequest,
    /// Without an `employer_id`.
    pub orders: Vec<JobOrder>,
}

/// The orders of a season. `scale` 1 gives 3,800 seats in Spain, 2,846 in Canada and 270 in Italy; 0.1 a tenth of each.
#[must_use]
pub fn season(seed: u64, year: u16, scale: f64) -> Vec<Postings> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut postings: Vec<Postings> = Vec::new();
    for programme in PROGRAMMES {
        for (campaign, seats) in shares(programme, scale) {
            let orders = orders(&mut rng, (programme, campaign), (year, seats));
            match postings.iter_mut().find(|made| made.employer.reference == campaign.district_code) {
                Some(made) => made.orders.extend(orders),
                None => postings.push(Postings {
                    union: programme.union,
                    destination: programme.destination,
                    employer: employer(programme, campaign),
                    orders,
                }),
            }
        }
    }
    number(&mut postings, year);
    together(&mut postings, seed);
    crowd(&mut postings);
    postings
}

/// Splits the programme's seats over its campaigns by weight. What is too little for an order goes to the next campaign.
fn shares(programme: &'static Programme, scale: f64) -> Vec<(&'static Campaign, u32)> {
    let total = (f64::from(programme.seats) * scale).round().max(f64::from(ORDER_SEATS_MIN)) as u32;
    let weights: u32 = programme.campaigns.iter().map(|campaign| campaign.weight).sum();
    let (mut weight, mut given) = (0, 0);
    let mut shares: Vec<(&Campaign, u32)> = Vec::new();
    for campaign in programme.campaigns {
        weight += campaign.weight;
        let until = (u64::from(total) * u64::from(weight) / u64::from(weights)) as u32;
        if until - given >= ORDER_SEATS_MIN {
            shares.push((campaign, until - given));
            given = until;
        }
    }
    match shares.last_mut() {
        Some(last) => last.1 += total - given,
        None => shares.push((&programme.campaigns[0], total)),
    }
    shares
}

fn employer(programme: &Programme, campaign: &Campaign) -> RegisterEmployerRequest {
    RegisterEmployerRequest {
        name: format!("{} {}", programme.farms_of, campaign.district),
        country: programme.destination.to_owned(),
        region: campaign.region.to_owned(),
        city: campaign.city.to_owned(),
        reference: campaign.district_code.to_owned(),
        request_id: String::new(),
    }
}

/// As many orders as the campaign's seats fill, none below the least.
fn orders(
    rng: &mut ChaCha8Rng,
    (programme, campaign): (&Programme, &Campaign),
    (year, seats): (u16, u32),
) -> Vec<JobOrder> {
    let count = seats.div_ceil(ORDER_SEATS_MAX).min((seats / ORDER_SEATS_MIN).max(1));
    let mut left = seats;
    (0..count)
        .map(|made| {
            let orders_left = count - made;
            let even = left / orders_left;
            let spare = even.saturating_sub(ORDER_SEATS_MIN).min(even / 4);
            let taken = if orders_left == 1 { left } else { even - rng.random_range(0..=spare) };
            left -= taken;
            order(rng, (programme, campaign), (year, taken))
        })
        .collect()
}

fn order(rng: &mut ChaCha8Rng, (programme, campaign): (&Programme, &Campaign), (year, seats): (u16, u32)) -> JobOrder {
    let day = |month: u32, day: u32| {
        NaiveDate::from_ymd_opt(i32::from(year), month, day).expect("the campaigns name days that every year has")
    };
    // Three months and more ahead, as the seasonal programmes ask: in October of the year before.
    let filed_on = day(1, 1) - Months::new(3) + Days::new(rng.random_range(0..28));
    let starts_on = day(campaign.starts.0, campaign.starts.1) + Days::new(7 * rng.random_range(0..4));
    let weeks_less = rng.random_range(0..3);
    let ends_on = starts_on + Months::new(campaign.months) - Days::new(1 + 7 * weeks_less);
    let lines = (1..)
        .zip(split(campaign.tasks, seats))
        .map(|(number, (task, seats))| OrderLine {
            number,
            starts_on: starts_on.to_string(),
            ends_on: ends_on.to_string(),
            ..line(rng, (programme, campaign), (task, seats))
        })
        .collect();
    JobOrder {
        destination: programme.destination.to_owned(),
        season_code: year.to_string(),
        filed_on: filed_on.to_string(),
        lines,
        ..JobOrder::default()
    }
}

/// Seats for each task by its share; the first task takes what is left.
fn split(tasks: &'static [Task], seats: u32) -> Vec<(&'static Task, u32)> {
    let others: Vec<(&Task, u32)> = tasks[1..].iter().map(|task| (task, seats * task.share / 100)).collect();
    let rest = seats - others.iter().map(|(_, seats)| seats).sum::<u32>();
    let all = std::iter::once((&tasks[0], rest)).chain(others);
    all.filter(|(_, seats)| *seats > 0).collect()
}

fn line(
    rng: &mut ChaCha8Rng,
    (programme, campaign): (&Programme, &Campaign),
    (task, seats): (&Task, u32),
) -> OrderLine {
    let place = Place {
        city: campaign.city.to_owned(),
        region: campaign.region.to_owned(),
        country: programme.destination.to_owned(),
    };
    let seats_all = seats.cast_signed();
    OrderLine {
        title: format!("{}: {}", campaign.crop, task.title),
        isco_codes: task.isco.iter().map(|code| (*code).to_owned()).collect(),
        seats_asked: seats_all,
        seats: seats_all,
        workplace: Some(place.clone()),
        pay: Some(Pay {
            amount: if task.skilled { programme.pay_skilled } else { programme.pay }.to_owned(),
            currency: programme.currency.to_owned(),
            unit: "hour".to_owned(),
        }),
        hours_week: 40,
        experience_months: task.experience_months,
        languages: programme.languages.iter().map(|language| (*language).to_owned()).collect(),
        substitutes: true,
        origins: vec![campaign.origin.to_owned()],
        allocations: farms(rng, &place, seats),
        beds: seats_all,
        ..OrderLine::default()
    }
}

/// Shares seats over neighbouring farms of a place, each farm once.
fn farms(rng: &mut ChaCha8Rng, place: &Place, seats: u32) -> Vec<FarmAllocation> {
    let first = rng.random_range(0..FARMS);
    let mut left = seats;
    let mut farms = Vec::new();
    for farm in 0..FARMS {
        let taken = rng.random_range(1..=FARM_SEATS_MAX).min(left);
        left -= taken;
        farms.push(FarmAllocation {
            farm_name: format!("{}, farm {}", place.city, (first + farm) % FARMS + 1),
            seats: taken.cast_signed(),
            workplace: Some(place.clone()),
            ..FarmAllocation::default()
        });
        if left == 0 {
            break;
        }
    }
    if let Some(last) = farms.last_mut() {
        last.seats += left.cast_signed();
    }
    farms
}

/// References in the order of the list, such as `ES-2026-007`.
fn number(postings: &mut [Postings], year: u16) {
    for destination in PROGRAMMES.iter().map(|programme| programme.destination) {
        let orders =
            postings.iter_mut().filter(|made| made.destination == destination).flat_map(|made| &mut made.orders);
        for (number, order) in (1..).zip(orders) {
            order.reference = format!("{destination}-{year}-{number:03}");
        }
    }
}

/// Gives a few lines a least crew, and lets the lines of a few orders share a housing with a bed for every seat. Drawn from a
/// stream of its own, so that it changes nothing else.
fn together(postings: &mut [Postings], seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(1);
    for order in postings.iter_mut().flat_map(|made| &mut made.orders) {
        let beds = seats(order);
        let shared = rng.random_range(0..100) < HOUSING_IN_HUNDRED && order.lines.len() > 1;
        for line in &mut order.lines {
            if shared {
                let city = line.workplace.as_ref().map_or("", |place| place.city.as_str());
                (line.housing, line.beds) = (format!("{city}, house {}", order.reference), beds);
            }
            if rng.random_range(0..100) < LEAST_CREW_IN_HUNDRED && line.seats >= 6 {
                line.least_crew = rng.random_range(2..=line.seats / 3);
            }
        }
    }
}

/// Lets two orders of one place, once for each union, share a housing that has a bed for every seat of either, as the law asks of
/// an order, and fewer than both have seats: there beds are short before seats are. Nothing is drawn for it.
fn crowd(postings: &mut [Postings]) {
    for programme in PROGRAMMES {
        let made = postings.iter_mut().filter(|made| made.destination == programme.destination);
        let mut places = made.flat_map(|made| made.orders.chunk_by_mut(|one, next| city(one) == city(next)));
        let Some([one, other, ..]) = places.rfind(|orders| orders.len() > 1) else { continue };
        let (first, second) = (seats(one), seats(other));
        let beds = first + second - first.min(second) / NO_BED_ONE_IN;
        let housing = format!("{}, house {}", city(one), one.reference);
        for line in one.lines.iter_mut().chain(&mut other.lines) {
            (line.housing, line.beds) = (housing.clone(), beds);
        }
    }
}

fn seats(order: &JobOrder) -> i32 {
    order.lines.iter().map(|line| line.seats).sum()
}

/// Where an order's work is; all of its lines are of one place.
fn city(order: &JobOrder) -> &str {
    let place = order.lines.first().and_then(|line| line.workplace.as_ref());
    place.map_or("", |place| place.city.as_str())
}

#[cfg(test)]
mod tests;
