//! Fields of a row as the feed writes them.

use chrono::NaiveDate;
use import::{Finding, Row};

use super::columns::{Column, Said, Sheet, finding};

/// One row being read, and what is found on the way.
pub(super) struct Reader<'r> {
    pub(super) sheet: &'r Sheet,
    pub(super) row: &'r Row,
    pub(super) findings: Vec<Finding>,
}

impl<'r> Reader<'r> {
    pub(super) fn new(sheet: &'r Sheet, row: &'r Row) -> Self {
        Self { sheet, row, findings: Vec::new() }
    }

    pub(super) fn get(&self, column: Column) -> &'r str {
        self.sheet.get(self.row, column)
    }

    /// Notes something to look at.
    pub(super) fn flag(&mut self, column: Column, code: &str, (message, mend): (&str, &str)) {
        let value = self.get(column);
        self.findings.push(finding(column, value, code).says(message, mend));
    }

    /// Refuses the row.
    pub(super) fn refuse(&mut self, column: Column, code: &str, (message, mend): (&str, &str)) {
        let value = self.get(column);
        self.findings.push(finding(column, value, code).says(message, mend).refuses());
    }

    pub(super) fn refused(&self) -> bool {
        self.findings.iter().any(|finding| finding.refuses)
    }

    /// A date, written as `2017-05-01T00:00:00` or `2017-05-01`. One that cannot be read refuses the row.
    pub(super) fn date(&mut self, column: Column) -> Option<NaiveDate> {
        let text = self.get(column);
        if text.is_empty() {
            return None;
        }
        let day = text.split_once('T').map_or(text, |(day, _)| day);
        let date = day.parse().ok();
        if date.is_none() {
            let words = ("this is no date", "write it as 2017-05-01");
            self.refuse(column, "DATE-01", words);
        }
        date
    }

    /// A whole number of at least 0; none if nothing is said. One that cannot be read refuses the row.
    pub(super) fn number(&mut self, column: Column) -> Option<i32> {
        let text = self.get(column);
        if text.is_empty() {
            return None;
        }
        let number = text.parse().ok().filter(|number| (0..=1_000_000).contains(number));
        if number.is_none() {
            let words = ("this is no whole number from 0 to 1,000,000", "write the number in digits");
            self.refuse(column, "NUM-01", words);
        }
        number
    }
}
