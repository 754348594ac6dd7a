//! From the contracts to the domain: what a caller says, checked field by field before anything is asked of the database.

use chrono::NaiveDate;
use platform::Refused;
use prost::Message;
use proto::demand::{
    BatchApproveJobOrdersRequest, Deduction as SaidDeduction, FarmAllocation, JobOrder, JobOrderState,
    ListJobOrdersRequest, OrderLine, Pay as SaidPay, Place as SaidPlace, RegisterEmployerRequest,
};
use proto::ids::{CandidateId, LineId, OrderId};
use uuid::Uuid;

use super::{crew, text};
use crate::{
    order::{
        ALLOCATIONS_MAX, Allocation, BYTES_MAX, DEDUCTIONS_MAX, Deduction, LINES_MAX, Line, Order, POSTED, Pay, Place,
        State,
    },
    store::order::Filter,
};

/// Orders approved in one call at most.
const APPROVED_MAX: usize = 1000;
/// Seats of one line at most.
const SEATS_MAX: i32 = 10_000;
/// Codes of one kind a line lists at most.
const CODES_MAX: usize = 20;

/// An order as posted: its ids, state, version and rule pack are the service's, whatever the message says.
pub(crate) fn order(said: &JobOrder, organisation_id: Uuid) -> Result<Order, Refused> {
    if said.lines.is_empty() || said.lines.len() > LINES_MAX {
        let message = format!("an order has 1 to {LINES_MAX} lines; this one has {}", said.lines.len());
        return Err(Refused::field("order.lines", "ORDER_LINES", message)
            .with("lines", said.lines.len())
            .mend("say what is needed in at least one line; post a longer order as several"));
    }
    let destination = text::country(&said.destination, "order.destination")?;
    let lines = (1..)
        .zip(&said.lines)
        .map(|(number, said)| line(said, number, &destination))
        .collect::<Result<Vec<Line>, Refused>>()?;
    crew::shared_beds(&lines)?;
    let order = Order {
        id: OrderId::default(),
        organisation_id,
        reference: text::required(&said.reference, "order.reference")?,
        source: POSTED.to_owned(),
        employer_id: text::id(&said.employer_id, "order.employer_id")?,
        employer_name: String::new(),
        destination,
        season_code: text::required(&said.season_code, "order.season_code")?,
        filed_on: text::date(&said.filed_on, "order.filed_on")?,
        decided_on: None,
        state: State::Submitted,
        source_status: String::new(),
        rule_pack_id: String::new(),
        union_order: lines.iter().any(|line| !line.allocations.is_empty()),
        lines,
        flags: Vec::new(),
        fingerprint: String::new(),
        closing_reason: String::new(),
        version: 1,
    };
    let bytes = order.message().encoded_len();
    if bytes > BYTES_MAX {
        let message = format!("the order has {bytes} bytes; at most {BYTES_MAX} can be told to others");
        return Err(Refused::field("order", "ORDER_SIZE", message).mend("post it as several orders"));
    }
    Ok(order)
}

fn line(said: &OrderLine, number: i32, destination: &str) -> Result<Line, Refused> {
    let at = format!("order.lines[{}]", number - 1);
    let (starts_on, ends_on) = text::period((&said.starts_on, &said.ends_on), &at)?;
    let seats = text::number(said.seats, (1, SEATS_MAX), &format!("{at}.seats"))?;
    let asked = if said.seats_asked == 0 { seats } else { said.seats_asked };
    if said.isco_codes.is_empty() {
        let field = format!("{at}.isco_codes");
        return Err(
            Refused::field(&field, "FIELD_EMPTY", "the line names no occupation").mend("name ISCO-08 unit groups")
        );
    }
    let list = |codes: &[String], form, field: &str, fits: fn(&str) -> bool| {
        text::codes(codes, (CODES_MAX, form), &format!("{at}.{field}"), fits)
    };
    let workplace = place(said.workplace.as_ref(), destination, &format!("{at}.workplace"))?;
    if workplace.city.is_empty() && workplace.region.is_empty() {
        let message = "the line says neither city nor region of the work: nobody can be offered it";
        return Err(
            Refused::field(&format!("{at}.workplace"), "WORKPLACE", message).mend("name the city or the region")
        );
    }
    let allocations = allocations(said, (starts_on, ends_on), &workplace, &at)?;
    Ok(Line {
        id: LineId::default(),
        number,
        title: text::required(&said.title, &format!("{at}.title"))?,
        source_occupation: text::optional(&said.source_occupation, &format!("{at}.source_occupation"))?,
        isco_codes: list(&said.isco_codes, "9211", "isco_codes", isco)?,
        seats_asked: text::number(asked, (seats, SEATS_MAX), &format!("{at}.seats_asked"))?,
        seats,
        starts_on,
        ends_on,
        pay: pay(said.pay.as_ref(), &format!("{at}.pay"))?,
        hours_week: hours(said.hours_week, &format!("{at}.hours_week"))?,
        experience_months: text::number(said.experience_months, (0, 600), &format!("{at}.experience_months"))?,
        languages: list(&said.languages, "es:A2", "languages", language)?,
        certificates: list(&said.certificates, "a short code", "certificates", certificate)?,
        named_candidate_ids: named(said, &at)?,
        substitutes: said.substitutes,
        origins: list(&said.origins, "CO", "origins", |code| text::country(code, "").is_ok())?,
        beds: text::number(said.beds, (-1, SEATS_MAX), &format!("{at}.beds"))?,
        deductions: deductions(&said.deductions, &format!("{at}.deductions"))?,
        least_crew: crew::least(said, &format!("{at}.least_crew"))?,
        housing: crew::housing(&said.housing, &format!("{at}.housing"))?,
        workplace,
        allocations,
    })
}

fn allocations(
    said: &OrderLine,
    (starts_on, ends_on): (NaiveDate, NaiveDate),
    workplace: &Place,
    at: &str,
) -> Result<Vec<Allocation>, Refused> {
    let field = format!("{at}.allocations");
    if said.allocations.len() > ALLOCATIONS_MAX {
        let message = format!("a line is shared by at most {ALLOCATIONS_MAX} farms; here {}", said.allocations.len());
        return Err(Refused::field(&field, "LINE_ALLOCATIONS", message).mend("make two lines of it"));
    }
    let allocation = |(index, said): (usize, &FarmAllocation)| {
        let at = format!("{field}[{index}]");
        let (from, to) = match (said.starts_on.as_str(), said.ends_on.as_str()) {
            ("", "") => (starts_on, ends_on),
            dates => text::period(dates, &at)?,
        };
        if from < starts_on || to > ends_on {
            let message = format!("{from} to {to} is not within the line's {starts_on} to {ends_on}");
            return Err(Refused::field(&at, "ALLOCATION_DATES", message).mend("keep to the line's dates"));
        }
        let place = match &said.workplace {
            Some(place) => self::place(Some(place), &workplace.country, &format!("{at}.workplace"))?,
            None => workplace.clone(),
        };
        Ok(Allocation {
            id: Uuid::nil(),
            farm_name: text::required(&said.farm_name, &format!("{at}.farm_name"))?,
            seats: text::number(said.seats, (1, SEATS_MAX), &format!("{at}.seats"))?,
            starts_on: from,
            ends_on: to,
            workplace: place,
            flags: Vec::new(),
        })
    };
    let farms = said.allocations.iter().enumerate().map(allocation).collect::<Result<Vec<_>, _>>()?;
    let sum: i64 = farms.iter().map(|farm| i64::from(farm.seats)).sum();
    if !farms.is_empty() && sum != i64::from(said.seats) {
        let message = format!("the farms share {sum} seats, the line has {}", said.seats);
        return Err(Refused::field(&field, "ALLOCATIONS_DISAGREE", message)
            .with("farms", sum)
            .with("line", said.seats)
            .mend("let the farms' seats add up to the line's"));
    }
    Ok(farms)
}

fn named(said: &OrderLine, at: &str) -> Result<Vec<CandidateId>, Refused> {
    let field = format!("{at}.named_candidate_ids");
    if said.named_candidate_ids.len() > usize::try_from(said.seats).unwrap_or(0) {
        let message = format!("{} workers are named for {} seats", said.named_candidate_ids.len(), said.seats);
        return Err(Refused::field(&field, "NAMED_TOO_MANY", message).mend("name at most as many as there are seats"));
    }
    said.named_candidate_ids.iter().map(|id| text::id(id, &field)).collect()
}

fn place(said: Option<&SaidPlace>, country: &str, at: &str) -> Result<Place, Refused> {
    let said = said.cloned().unwrap_or_default();
    let country = if said.country.is_empty() { country } else { said.country.as_str() };
    Ok(Place {
        city: text::optional(&said.city, &format!("{at}.city"))?,
        region: text::optional(&said.region, &format!("{at}.region"))?,
        country: text::country(country, &format!("{at}.country"))?,
    })
}

/// Hours of a week, which nobody is asked to decide without.
fn hours(said: i32, at: &str) -> Result<i32, Refused> {
    match text::number(said, (1, 168), at) {
        Err(refused) if said == 0 => {
            Err(refused.mend("say how many hours a week are worked: an offer has to name them"))
        }
        read => read,
    }
}

fn pay(said: Option<&SaidPay>, at: &str) -> Result<Pay, Refused> {
    let Some(said) = said else {
        return Err(Refused::field(at, "PAY", "the line says nothing of pay").mend("give amount, currency and unit"));
    };
    let amount = decimal(&said.amount);
    let currency = said.currency.len() == 3 && said.currency.bytes().all(|letter| letter.is_ascii_uppercase());
    let unit = ["hour", "week", "fortnight", "month", "piece"].contains(&said.unit.as_str());
    if amount && currency && unit {
        return Ok(Pay { amount: said.amount.clone(), currency: said.currency.clone(), unit: said.unit.clone() });
    }
    let message = format!("{:?} {:?} per {:?} is no pay", said.amount, said.currency, said.unit);
    Err(Refused::field(at, "PAY", message).mend("write it as 11.59, EUR, hour (or week, fortnight, month, piece)"))
}

/// Words of a code that say that the worker is to pay for the work itself. The employer pays, whatever it is called.
const FEES: [&str; 8] = ["FEE", "FEES", "RECRUITMENT", "PLACEMENT", "AGENCY", "BROKER", "BROKERAGE", "COMMISSION"];

fn deductions(said: &[SaidDeduction], at: &str) -> Result<Vec<Deduction>, Refused> {
    if said.len() > DEDUCTIONS_MAX {
        let message = format!("{at} has {} entries; at most {DEDUCTIONS_MAX}", said.len());
        return Err(Refused::field(at, "LIST_LONG", message).mend("join those of one kind, or leave some out"));
    }
    let mut known: Vec<Deduction> = Vec::with_capacity(said.len());
    for (index, said) in said.iter().enumerate() {
        let at = format!("{at}[{index}]");
        let code = said.code.as_str();
        if code.split('_').any(|word| FEES.contains(&word.to_ascii_uppercase().as_str())) {
            let message =
                format!("{code} is a fee, and the worker pays none: the employer bears the cost of recruitment");
            return Err(Refused::field(&format!("{at}.code"), "WORKER_FEE", message)
                .with("value", code)
                .mend("leave the fee out"));
        }
        let capitals = code.bytes().all(|sign| sign.is_ascii_uppercase() || sign.is_ascii_digit() || sign == b'_');
        if !(1..=40).contains(&code.len()) || !capitals || known.iter().any(|other| other.code == code) {
            let message = format!("{code:?} is no code of a deduction, or stands there twice");
            return Err(Refused::field(&format!("{at}.code"), "CODE", message)
                .with("value", code)
                .mend("write HOUSING, TRANSPORT, MEALS or another code in capitals, each once"));
        }
        known.push(Deduction { code: code.to_owned(), amount: pay(said.amount.as_ref(), &format!("{at}.amount"))? });
    }
    Ok(known)
}

/// A positive decimal such as `11.59`.
pub(crate) fn decimal(text: &str) -> bool {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| (1..=9).contains(&text.len()) && text.bytes().all(|letter| letter.is_ascii_digit());
    digits(whole) && digits(part) && text.bytes().any(|letter| (b'1'..=b'9').contains(&letter))
}

fn isco(code: &str) -> bool {
    code.len() == 4 && code.bytes().all(|letter| letter.is_ascii_digit())
}

fn language(code: &str) -> bool {
    let levels = ["A1", "A2", "B1", "B2", "C1", "C2"];
    let small = |text: &str| text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_lowercase());
    code.split_once(':').is_some_and(|(language, level)| small(language) && levels.contains(&level))
}

fn certificate(code: &str) -> bool {
    (1..=40).contains(&code.len())
        && code.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"_-.".contains(&letter))
}

/// Checks what is said of an employer.
pub(crate) fn employer(said: &RegisterEmployerRequest) -> Result<(), Refused> {
    text::required(&said.name, "name")?;
    text::required(&said.reference, "reference")?;
    text::country(&said.country, "country")?;
    text::optional(&said.region, "region")?;
    text::optional(&said.city, "city")?;
    Ok(())
}

/// Ids of the orders to approve (none where the text is no id) and the day of the decision.
pub(crate) fn approval(said: &BatchApproveJobOrdersRequest) -> Result<(Vec<Option<OrderId>>, NaiveDate), Refused> {
    if said.order_ids.is_empty() || said.order_ids.len() > APPROVED_MAX {
        let message = format!("1 to {APPROVED_MAX} orders are approved in one call, not {}", said.order_ids.len());
        return Err(Refused::field("order_ids", "BATCH_SIZE", message).mend("send several calls"));
    }
    let on = text::date(&said.decided_on, "decided_on")?;
    Ok((said.order_ids.iter().map(|id| id.parse().ok()).collect(), on))
}

/// A reason that goes into the log.
pub(crate) fn reason(said: &str) -> Result<(), Refused> {
    text::required(said, "reason").map(drop)
}

/// What a list asks for.
pub(crate) fn filter(said: &ListJobOrdersRequest) -> Filter {
    let state = match said.state() {
        JobOrderState::Unspecified => "",
        JobOrderState::Submitted => State::Submitted.word(),
        JobOrderState::Open => State::Open.word(),
        JobOrderState::Denied => State::Denied.word(),
        JobOrderState::Withdrawn => State::Withdrawn.word(),
        JobOrderState::Closed => State::Closed.word(),
    };
    Filter {
        season_code: said.season_code.clone(),
        destination: said.destination.clone(),
        state: state.to_owned(),
        flag: said.flag.clone(),
        reference: said.reference.clone(),
    }
}
