//! A case: its master row and its farm rows, each with what is found in it.

use std::collections::{BTreeMap, HashMap};

use import::{Finding, Row};
use prost::Message;

use super::{
    columns::{Column, Said, Sheet, finding},
    farm, master,
    said::Reader,
};
use crate::{
    order::{ALLOCATIONS_MAX, Allocation, BYTES_MAX, Flag, Order},
    store::employer::EmployerRow,
};

/// What a row was read as, if nothing refuses it.
pub(super) struct Judged<T> {
    pub(super) row: i64,
    pub(super) findings: Vec<Finding>,
    pub(super) read: Option<T>,
}

/// What a master row becomes.
pub(super) struct Read {
    pub(super) order: Order,
    pub(super) employer: EmployerRow,
}

/// One case of a file.
pub(super) struct Case<'r> {
    pub(super) key: &'r str,
    pub(super) master: Option<Judged<Read>>,
    farms: Vec<Judged<Allocation>>,
    /// Rows that belong to no master: a second master, a row of unknown kind.
    stray: Vec<(i64, Finding)>,
}

/// Groups the rows of a file by case number, wherever they stand, and judges each case.
pub(super) fn cases<'r>(sheet: &Sheet, rows: &'r [Row]) -> Vec<Case<'r>> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut grouped: Vec<(&str, Vec<&Row>)> = Vec::new();
    for row in rows {
        let key = sheet.get(row, Column::Case);
        let place = *places.entry(key).or_insert_with(|| {
            grouped.push((key, Vec::new()));
            grouped.len() - 1
        });
        grouped[place].1.push(row);
    }
    grouped.into_iter().map(|(key, rows)| Case::read(sheet, key, rows)).collect()
}

impl<'r> Case<'r> {
    /// The case of rows that were accepted before.
    pub(super) fn of(sheet: &Sheet, key: &'r str, rows: &'r [Row]) -> Self {
        Self::read(sheet, key, rows.iter().collect())
    }

    fn read(sheet: &Sheet, key: &'r str, rows: Vec<&Row>) -> Self {
        let mut case = Self { key, master: None, farms: Vec::new(), stray: Vec::new() };
        if key.is_empty() {
            let words = ("the row names no case", "fill in the case number");
            case.stray = rows.iter().map(|row| (row.number, stray(Column::Case, "", "CASE-01", words))).collect();
            return case;
        }
        let mut farm_rows = Vec::new();
        for row in rows {
            match sheet.get(row, Column::Kind) {
                "PRI" if case.master.is_none() => case.master = Some(master::judge(Reader::new(sheet, row))),
                "PRI" => {
                    let words = ("the case has a second master row", "keep one PRI row for each case");
                    case.stray.push((row.number, stray(Column::Kind, "PRI", "CASE-03", words)));
                }
                "SUB" => farm_rows.push(row),
                other => {
                    let words = ("a row is either a master (PRI) or a farm (SUB)", "write PRI or SUB");
                    case.stray.push((row.number, stray(Column::Kind, other, "CASE-02", words)));
                }
            }
        }
        let dates = case.master.as_ref().and_then(|master| master.read.as_ref()).map(|read| {
            let line = &read.order.lines[0];
            (line.starts_on, line.ends_on)
        });
        case.farms = farm_rows.into_iter().map(|row| farm::judge(Reader::new(sheet, row), dates)).collect();
        case.join();
        case
    }

    /// Decides what the rows of the case mean for each other.
    fn join(&mut self) {
        let mut too_large = false;
        if let Some(Judged { read: Some(read), findings, .. }) = &mut self.master {
            let farms: Vec<Allocation> = self.farms.iter().filter_map(|farm| farm.read.clone()).collect();
            share(read, farms, findings);
            let message = read.order.message();
            // Others could not be told of an order that large.
            too_large = read.order.lines[0].allocations.len() > ALLOCATIONS_MAX || message.encoded_len() > BYTES_MAX;
            read.order.fingerprint = master::fingerprint(message);
        }
        if let Some(master) = self.master.as_mut().filter(|_| too_large) {
            let message = format!("the case has {} farm rows; this is more than one order can hold", self.farms.len());
            master.read = None;
            master.findings.push(finding(Column::Case, self.key, "FARM-03").says(message, "split the case").refuses());
        }
        match &mut self.master {
            Some(Judged { read: Some(_), .. }) => {}
            master => {
                let (code, message, mend) = match master {
                    Some(master) => (
                        "MASTER_REFUSED",
                        format!("the master of this farm, row {}, is refused; its seats are counted there", master.row),
                        format!("mend row {} and send both again", master.row),
                    ),
                    None => (
                        "CASE-04",
                        "the case has no master row in this file".to_owned(),
                        "send the PRI row of the case with it".to_owned(),
                    ),
                };
                for farm in &mut self.farms {
                    farm.read = None;
                    farm.findings.push(finding(Column::Case, self.key, code).says(&message, &mend).refuses());
                }
            }
        }
    }

    /// Every row of the case with what was found in it.
    pub(super) fn rows(self) -> impl Iterator<Item = (i64, Vec<Finding>)> {
        let mut rows: BTreeMap<i64, Vec<Finding>> = BTreeMap::new();
        rows.extend(self.master.map(|master| (master.row, master.findings)));
        rows.extend(self.farms.into_iter().map(|farm| (farm.row, farm.findings)));
        rows.extend(self.stray.into_iter().map(|(row, finding)| (row, vec![finding])));
        rows.into_iter()
    }

    /// The order that the case becomes; none if its master is refused.
    pub(super) fn into_order(self) -> Option<Read> {
        self.master?.read
    }
}

fn stray(column: Column, value: &str, code: &str, (message, mend): (&str, &str)) -> Finding {
    finding(column, value, code).says(message, mend).refuses()
}

/// Gives the master's one line its farms. The master's seats count; the farms' are how they are shared, and where both
/// disagree people are told.
fn share(read: &mut Read, farms: Vec<Allocation>, findings: &mut Vec<Finding>) {
    let order = &mut read.order;
    let line = &mut order.lines[0];
    let sum: i64 = farms.iter().map(|farm| i64::from(farm.seats)).sum();
    if !farms.is_empty() && sum != i64::from(line.seats) {
        let message = format!(
            "{} farms share {sum} seats, the master has {}; the master's seats are what counts",
            farms.len(),
            line.seats
        );
        order.flags.push(Flag::new("FARMS_DISAGREE", &message));
        let value = line.seats.to_string();
        let mend = "ask the union which is right; nothing is counted twice meanwhile";
        findings.push(finding(Column::Certified, &value, "FARMS_DISAGREE").says(message, mend));
    }
    order.union_order = !farms.is_empty();
    line.allocations = farms;
}
