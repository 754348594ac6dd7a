//! A destination's dated rules, and what they say of an order. Keys and meanings are those of `services/programme`.

use chrono::{Datelike, Days, Months, NaiveDate};
use proto::year_day::month_and_day;
use serde::{Deserialize, Serialize};

use crate::order::{Line, Order};

/// One rule of a pack; `source` names the law or agreement it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub key: String,
    pub value: String,
    pub source: String,
}

/// The rules of a destination from a date on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    pub id: String,
    pub valid_from: NaiveDate,
    pub rules: Vec<Rule>,
}

/// A rule that an order does not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The rule's key in capitals, such as `ORDER_SEATS_MIN`.
    pub reason: String,
    /// The field, such as `lines[0].hours_week`.
    pub place: String,
    pub message: String,
    pub mend: String,
    /// What the order says.
    pub asked: String,
    pub rule: Rule,
    pub pack_id: String,
}

/// The pack in force on a day: the latest that starts on or before it. `packs` are one destination's.
#[must_use]
pub fn in_force(packs: &[Pack], on: NaiveDate) -> Option<&Pack> {
    packs.iter().filter(|pack| pack.valid_from <= on).max_by_key(|pack| pack.valid_from)
}

/// The most seats of one employer in one season and destination.
const EMPLOYER_SEATS: &str = "order.employer_seats_max";

/// Does the pack limit the seats of one employer, so that those of its other orders have to be counted?
#[must_use]
pub fn caps_employers(pack: &Pack) -> bool {
    number(pack, EMPLOYER_SEATS).is_some()
}

/// Judges an order by a pack. A rule that is not in the pack, or whose value does not read, asks nothing. `elsewhere` are the
/// seats of the employer's earlier orders for the same season and destination.
#[must_use]
pub fn judge(order: &Order, pack: &Pack, elsewhere: i64) -> Vec<Breach> {
    let whole = [seats_min(order, pack), employer_seats_max(order, pack, elsewhere)];
    let mut breaches: Vec<Breach> = whole.into_iter().flatten().collect();
    for (index, line) in order.lines.iter().enumerate() {
        let beds = housing((order, line), pack);
        let period = [months_max(line, pack), months_min(line, pack), last_day(line, pack)];
        let on_line = period.into_iter().chain([hours_week_min(line, pack), beds]);
        breaches.extend(on_line.flatten().map(|mut breach| {
            breach.place = format!("lines[{index}].{}", breach.place);
            breach
        }));
    }
    breaches
}

fn seats_min(order: &Order, pack: &Pack) -> Option<Breach> {
    let (rule, least) = number(pack, "order.seats_min")?;
    let seats = order.seats();
    (seats < i64::from(least)).then(|| {
        let message = format!("{seats} seats asked; the least is {least} in one order");
        breach(pack, rule, ("lines", seats.to_string()), message).mend("add seats, or join this order to another")
    })
}

fn employer_seats_max(order: &Order, pack: &Pack, elsewhere: i64) -> Option<Breach> {
    let (rule, most) = number(pack, EMPLOYER_SEATS)?;
    let seats = order.seats();
    (seats + elsewhere > i64::from(most)).then(|| {
        let message =
            format!("{seats} seats asked, and {elsewhere} in earlier orders of the employer; the most is {most}");
        breach(pack, rule, ("lines", (seats + elsewhere).to_string()), message)
            .mend("ask for fewer seats, or withdraw an order of the employer that is not needed")
    })
}

fn months_max(line: &Line, pack: &Pack) -> Option<Breach> {
    let (rule, most) = number(pack, "order.months_max")?;
    let limit = line.starts_on.checked_add_months(Months::new(most))?;
    (line.ends_on >= limit).then(|| {
        let message = format!(
            "work from {} to {} is longer than {most} months; the last day may be {}",
            line.starts_on,
            line.ends_on,
            limit.checked_sub_days(Days::new(1)).unwrap_or(limit)
        );
        breach(pack, rule, ("ends_on", line.ends_on.to_string()), message).mend("let the work end earlier")
    })
}

fn months_min(line: &Line, pack: &Pack) -> Option<Breach> {
    let (rule, least) = number(pack, "order.months_min")?;
    let limit = line.starts_on.checked_add_months(Months::new(least))?.checked_sub_days(Days::new(1))?;
    (line.ends_on < limit).then(|| {
        let message = format!(
            "work from {} to {} is shorter than {least} months; the last day is {limit} at the earliest",
            line.starts_on, line.ends_on
        );
        breach(pack, rule, ("ends_on", line.ends_on.to_string()), message).mend("let the work end later")
    })
}

/// Work ends on that day of the year in which it starts, so it goes over no new year, and none starts between the two.
fn last_day(line: &Line, pack: &Pack) -> Option<Breach> {
    let rule = rule(pack, "order.last_day")?;
    let (month, day) = month_and_day(&rule.value)?;
    let last = NaiveDate::from_ymd_opt(line.starts_on.year(), month, day)?;
    (line.ends_on > last).then(|| {
        let message = format!(
            "work from {} to {} goes beyond {last}, the last day in the year in which it starts",
            line.starts_on, line.ends_on
        );
        let late = line.starts_on > last;
        breach(pack, rule, ("ends_on", line.ends_on.to_string()), message).mend(if late {
            "let the work start in the next year"
        } else {
            "let the work end by that day"
        })
    })
}

fn hours_week_min(line: &Line, pack: &Pack) -> Option<Breach> {
    let (rule, least) = number(pack, "order.hours_week_min")?;
    let hours = line.hours_week;
    (i64::from(hours) < i64::from(least)).then(|| {
        let message = format!("{hours} hours a week; the least is {least}");
        breach(pack, rule, ("hours_week", hours.to_string()), message).mend("promise more hours a week")
    })
}

/// A feed that says nothing of beds (-1) cannot be judged by this.
fn housing((order, line): (&Order, &Line), pack: &Pack) -> Option<Breach> {
    let rule = rule(pack, "order.housing_required")?;
    let judged = rule.value == "true" && line.beds >= 0;
    let seats = sleepers(order, line);
    (judged && i64::from(line.beds) < seats).then(|| {
        let message = format!("{} beds for {seats} seats; every seat comes with a bed", line.beds);
        breach(pack, rule, ("beds", line.beds.to_string()), message).mend("add beds, or ask for fewer seats")
    })
}

/// Seats whose beds are those of the line, on the fullest of its days: its own, and those of the order's lines that share its
/// housing then. More people sleep there only from a day on which some line begins.
fn sleepers(order: &Order, line: &Line) -> i64 {
    if line.housing.is_empty() {
        return i64::from(line.seats);
    }
    let shares = |other: &&Line| other.housing == line.housing;
    let sharing: Vec<&Line> = order.lines.iter().filter(shares).collect();
    let begins = sharing.iter().map(|other| other.starts_on.max(line.starts_on)).filter(|day| *day <= line.ends_on);
    let there = |day: NaiveDate| -> i64 {
        let works = |other: &&&Line| other.starts_on <= day && day <= other.ends_on;
        sharing.iter().filter(works).map(|other| i64::from(other.seats)).sum()
    };
    begins.map(there).max().unwrap_or_default()
}

fn rule<'p>(pack: &'p Pack, key: &str) -> Option<&'p Rule> {
    pack.rules.iter().find(|rule| rule.key == key)
}

fn number<'p>(pack: &'p Pack, key: &str) -> Option<(&'p Rule, u32)> {
    let rule = rule(pack, key)?;
    Some((rule, rule.value.parse().ok()?))
}

fn breach(pack: &Pack, rule: &Rule, (place, asked): (&str, String), message: String) -> Breach {
    let message = if rule.source.is_empty() { message } else { format!("{message} ({})", rule.source) };
    Breach {
        reason: rule.key.to_uppercase().replace('.', "_"),
        place: place.to_owned(),
        message,
        mend: String::new(),
        asked,
        rule: rule.clone(),
        pack_id: pack.id.clone(),
    }
}

impl Breach {
    /// What is not kept and by which rule of which pack.
    #[must_use]
    pub fn in_full(&self) -> String {
        format!("{} [{} of {}: {}]", self.message, self.rule.key, self.pack_id, self.rule.value)
    }

    fn mend(mut self, mend: &str) -> Self {
        mend.clone_into(&mut self.mend);
        self
    }
}

#[cfg(test)]
mod tests;
