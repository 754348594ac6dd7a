//! A master row (`PRI`): the order, its one line, its employer.

use chrono::NaiveDate;
use prost::Message;
use proto::{
    demand::JobOrder,
    ids::{EmployerId, LineId, OrderId},
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    DESTINATION, NAME,
    case::{Judged, Read},
    columns::Column,
    said::Reader,
};
use crate::{
    grpc::read::decimal,
    occupation,
    order::{Flag, Line, Order, Pay, Place, State},
    store::employer::{ACCREDITED, EmployerRow},
};

/// Days of work after which a seasonal order is looked at: one year and a day.
const DAYS_MAX: i64 = 366;
/// Hours in a week.
const HOURS_MAX: i32 = 168;

/// Judges a master row. Its farms are joined later.
pub(super) fn judge(mut reader: Reader<'_>) -> Judged<Read> {
    let seats = reader.number(Column::Certified).unwrap_or(0);
    let asked = reader.number(Column::Requested).unwrap_or(seats).max(seats);
    let filed_on = reader.date(Column::Received);
    if filed_on.is_none() && !reader.refused() {
        reader.refuse(Column::Received, "DATE-02", ("the day the case was received is not there", "fill in the date"));
    }
    let decided_on = reader.date(Column::Decided).filter(|decided| filed_on.is_none_or(|filed| *decided >= filed));
    let period = period(&mut reader, seats);
    if reader.get(Column::Employer).is_empty() {
        reader.refuse(Column::Employer, "EMP-01", ("the row names no employer", "fill in the employer's name"));
    }
    let state = state(&mut reader, seats);
    let terms = terms(&mut reader);
    let (Some(filed_on), Some((starts_on, ends_on)), false) = (filed_on, period, reader.refused()) else {
        return Judged { row: reader.row.number, findings: reader.findings, read: None };
    };
    let line = Line { seats, seats_asked: asked, starts_on, ends_on, ..terms };
    let read = Read { order: order(&reader, (filed_on, decided_on), (state, line)), employer: employer(&reader) };
    Judged { row: reader.row.number, findings: reader.findings, read: Some(read) }
}

/// The requested dates of need. An order that gives seats needs both, in order; one without seats is history, and the
/// date it does have stands for both.
fn period(reader: &mut Reader<'_>, seats: i32) -> Option<(NaiveDate, NaiveDate)> {
    let (start, end) = (reader.date(Column::Start), reader.date(Column::End));
    match (start, end) {
        (Some(start), Some(end)) if end < start => {
            let message = format!("the work ends before it starts on {start}");
            reader.refuse(Column::End, "DATE-03", (&message, "write the end after the start, and send the case again"));
            None
        }
        (Some(start), Some(end)) => {
            if (end - start).num_days() > DAYS_MAX {
                let words = ("the work is longer than a year", "compare the year with the source");
                reader.flag(Column::End, "DATE-05", words);
            }
            Some((start, end))
        }
        (start, end) => {
            let lacking = if start.is_none() { Column::Start } else { Column::End };
            if seats > 0 || (start.is_none() && end.is_none()) {
                reader.refuse(lacking, "DATE-02", ("this date of need is not there", "fill in the date"));
                return None;
            }
            let words =
                ("this date is not there; the other stands for both, as no seat hangs on it", "fill in the date");
            reader.flag(lacking, "DATE-04", words);
            start.or(end).map(|day| (day, day))
        }
    }
}

/// The feed's word for where the case stands. `EXPIRED` is said of a certification whose work was over when the file was
/// written: as of its filing, its seats were there to be filled.
fn state(reader: &mut Reader<'_>, seats: i32) -> State {
    let status = reader.get(Column::Status);
    match status.trim_start_matches("DETERMINATION ISSUED - ") {
        "CERTIFICATION" | "CERTIFICATION EXPIRED" | "PARTIAL CERTIFICATION" | "PARTIAL CERTIFICATION EXPIRED"
            if seats > 0 =>
        {
            State::Open
        }
        "WITHDRAWN" => State::Withdrawn,
        "DENIED" => State::Denied,
        word if word.contains("CERTIFICATION") => State::Closed,
        _ => {
            let words = ("this status is not known; the order is kept closed", "tell the programme operator");
            reader.flag(Column::Status, "STA-01", words);
            State::Closed
        }
    }
}

/// What the line says beside seats and dates.
fn terms(reader: &mut Reader<'_>) -> Line {
    let soc = reader.get(Column::Soc);
    let isco_codes = occupation::isco(soc).to_vec();
    if isco_codes.is_empty() {
        let words = ("the crosswalk knows no ISCO-08 group for this code", "fill in the SOC 2010 code");
        reader.flag(Column::Soc, "SOC-01", words);
    }
    let hours = reader.number(Column::Hours).unwrap_or(0);
    if !(1..=HOURS_MAX).contains(&hours) {
        let words = ("this is no number of hours in a week; none is kept", "fill in the hours");
        reader.flag(Column::Hours, "HRS-01", words);
    }
    let workplace = Place {
        city: reader.get(Column::City).to_owned(),
        region: reader.get(Column::State).to_owned(),
        country: DESTINATION.to_owned(),
    };
    if workplace.city.is_empty() || workplace.region.is_empty() {
        let lacking = if workplace.city.is_empty() { Column::City } else { Column::State };
        reader.flag(lacking, "PLC-01", ("the place of work is not whole", "fill in city and state"));
    }
    let required = reader.get(Column::Experience) == "Y";
    let experience = reader.number(Column::ExperienceMonths).filter(|_| required).unwrap_or(0);
    Line {
        id: LineId::default(),
        number: 1,
        title: title(reader),
        source_occupation: soc.to_owned(),
        isco_codes,
        seats_asked: 0,
        seats: 0,
        starts_on: NaiveDate::default(),
        ends_on: NaiveDate::default(),
        workplace,
        pay: pay(reader),
        hours_week: if hours <= HOURS_MAX { hours } else { 0 },
        experience_months: experience,
        languages: Vec::new(),
        certificates: Vec::new(),
        named_candidate_ids: Vec::new(),
        substitutes: true,
        origins: Vec::new(),
        allocations: Vec::new(),
        beds: -1,
        deductions: Vec::new(),
        least_crew: 0,
        housing: String::new(),
    }
}

fn title(reader: &Reader<'_>) -> String {
    let titles = [reader.get(Column::Title), reader.get(Column::SocTitle), "Farm work"];
    titles.into_iter().find(|title| !title.is_empty()).unwrap_or_default().to_owned()
}

fn pay(reader: &mut Reader<'_>) -> Pay {
    let unit = match reader.get(Column::PayUnit) {
        "Hour" => "hour",
        "Week" => "week",
        "Bi-Weekly" => "fortnight",
        "Month" => "month",
        _ => {
            let words = ("the rate is paid per what? The unit is not there", "fill in the unit of pay");
            reader.flag(Column::PayUnit, "PAY-01", words);
            ""
        }
    };
    let amount = reader.get(Column::Pay);
    if !decimal(amount) {
        reader.flag(Column::Pay, "PAY-02", ("this is no amount of money", "fill in the rate of pay"));
        return Pay::default();
    }
    Pay { amount: amount.to_owned(), currency: "USD".to_owned(), unit: unit.to_owned() }
}

fn order(
    reader: &Reader<'_>,
    (filed_on, decided_on): (NaiveDate, Option<NaiveDate>),
    (state, line): (State, Line),
) -> Order {
    Order {
        id: OrderId::default(),
        organisation_id: Uuid::nil(),
        reference: reader.get(Column::Case).to_owned(),
        source: NAME.to_owned(),
        employer_id: EmployerId::default(),
        employer_name: reader.get(Column::Employer).to_owned(),
        destination: DESTINATION.to_owned(),
        season_code: String::new(),
        filed_on,
        decided_on,
        state,
        source_status: reader.get(Column::Status).to_owned(),
        rule_pack_id: String::new(),
        union_order: false,
        lines: vec![line],
        flags: reader.findings.iter().map(|finding| Flag::new(&finding.code, &finding.message)).collect(),
        fingerprint: String::new(),
        closing_reason: String::new(),
        version: 1,
    }
}

/// One employer per normalised name, state and postal code: the feed gives them no number of their own.
fn employer(reader: &Reader<'_>) -> EmployerRow {
    let (name, state) = (reader.get(Column::Employer), reader.get(Column::EmployerState));
    let country = match reader.get(Column::EmployerCountry) {
        "CANADA" => "CA",
        "MEXICO" => "MX",
        _ => DESTINATION,
    };
    let reference = format!("{}|{}|{}", plain(name), plain(state), postal(reader.get(Column::EmployerPostal)));
    EmployerRow {
        id: EmployerId::default(),
        organisation_id: Uuid::nil(),
        name: name.to_owned(),
        country: country.to_owned(),
        region: state.to_owned(),
        city: reader.get(Column::EmployerCity).to_owned(),
        reference,
        accreditation: ACCREDITED.to_owned(),
        version: 1,
    }
}

/// Capitals and digits, one space between words: `G & G Farm & Ranch, Inc.` is `G G FARM RANCH INC`.
fn plain(text: &str) -> String {
    let capitals = text.to_uppercase();
    let words = capitals.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// A ZIP code without its last four digits, which are the letter box; others as they are, without spaces.
fn postal(text: &str) -> String {
    let signs: String = text.to_uppercase().chars().filter(|sign| sign.is_alphanumeric()).collect();
    let zip = signs.len() == 9 && signs.bytes().all(|sign| sign.is_ascii_digit());
    if zip { signs[..5].to_owned() } else { signs }
}

/// A digest of what the feed says of a case: not of ids, season, rules or flags, nor of the order of its farm rows.
pub(super) fn fingerprint(mut said: JobOrder) -> String {
    said.flags.clear();
    said.rule_pack_id.clear();
    for line in &mut said.lines {
        line.allocations.iter_mut().for_each(|farm| farm.flags.clear());
        // Dates of ISO 8601 sort as text.
        line.allocations
            .sort_by(|a, b| (&a.farm_name, a.seats, &a.starts_on).cmp(&(&b.farm_name, b.seats, &b.starts_on)));
    }
    hex::encode(Sha256::digest(said.encode_to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_employer_is_one_however_its_name_is_punctuated() {
        assert_eq!(plain("G & G Farm & Ranch, Inc."), plain("G&G FARM  & RANCH INC"));
        assert_eq!(postal("27883-1234"), postal("27883"));
        assert_eq!(postal("T1H 5J8"), "T1H5J8");
    }
}
