//! A farm row (`SUB`): the share of one farm in its master's seats.

use chrono::NaiveDate;
use uuid::Uuid;

use super::{DESTINATION, case::Judged, columns::Column, said::Reader};
use crate::order::{Allocation, Flag, Place};

/// Judges a farm row; `dates` are its master's, none if the master is refused or not there.
pub(super) fn judge(mut reader: Reader<'_>, dates: Option<(NaiveDate, NaiveDate)>) -> Judged<Allocation> {
    let own = own_dates(&mut reader);
    let seats = reader.number(Column::Certified).unwrap_or(0);
    if seats == 0 {
        let words = ("no seat is certified for this farm", "nothing has to be done: the farm is kept with no seat");
        reader.flag(Column::Certified, "FARM-04", words);
    }
    if reader.get(Column::Employer).is_empty() {
        reader.refuse(Column::Employer, "EMP-01", ("the row names no farm", "fill in the farm's name"));
    }
    let read = own.or(dates).filter(|_| !reader.refused()).map(|(starts_on, ends_on)| Allocation {
        id: Uuid::nil(),
        farm_name: reader.get(Column::Employer).to_owned(),
        seats,
        starts_on,
        ends_on,
        workplace: Place {
            city: reader.get(Column::EmployerCity).to_owned(),
            region: reader.get(Column::EmployerState).to_owned(),
            country: DESTINATION.to_owned(),
        },
        flags: reader.findings.iter().map(|finding| Flag::new(&finding.code, &finding.message)).collect(),
    });
    Judged { row: reader.row.number, findings: reader.findings, read }
}

/// The farm's own dates, if it has both and they are in order; else the master's are taken and the row says so.
fn own_dates(reader: &mut Reader<'_>) -> Option<(NaiveDate, NaiveDate)> {
    let (start, end) = (reader.date(Column::Start), reader.date(Column::End));
    match (start, end) {
        (Some(start), Some(end)) if start <= end => Some((start, end)),
        (Some(_), Some(_)) => {
            let words = ("the end is before the start; the master's dates are taken", "write the farm's own dates");
            reader.flag(Column::End, "FARM-02", words);
            None
        }
        (start, _) => {
            let lacking = if start.is_none() { Column::Start } else { Column::End };
            let words = ("the farm has no dates of its own; the master's are taken", "write the farm's own dates");
            reader.flag(lacking, "FARM-01", words);
            None
        }
    }
}
