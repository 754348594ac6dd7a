//! Who stands twice: in one file, or in a file and among the records of the same ministry. Only a reference decides by
//! itself; a document or a name is a suspicion, and a human looks.

use std::collections::{HashMap, HashSet};

use import::Finding;

use crate::entry::{Entry, Judged};

/// What the ministry has on record already.
#[derive(Default)]
pub(crate) struct OnRecord {
    /// References of this file that are registered.
    pub(crate) references: HashSet<String>,
    /// Those of them whose place on the roster was over before the filing date.
    pub(crate) expired: HashSet<String>,
    /// Document numbers of this file that are registered, with the reference of one record that has them.
    pub(crate) documents: HashMap<String, String>,
}

/// Adds findings to the rows, which come with their numbers in the order of the file.
pub(crate) fn mark(rows: &mut [(i64, Judged)], on_record: &OnRecord) {
    let mut seen = Seen::default();
    for (number, judged) in rows {
        let Some(entry) = &judged.entry else { continue };
        if let Some(finding) = seen.reference(*number, entry) {
            judged.findings.push(finding);
            continue;
        }
        judged.findings.extend(known(entry, on_record));
        judged.findings.extend(seen.document(*number, entry).or_else(|| document_on_record(entry, on_record)));
        judged.findings.extend(seen.name(*number, entry));
    }
}

/// First rows of what was met so far.
#[derive(Default)]
struct Seen {
    references: HashMap<String, i64>,
    documents: HashMap<(String, String), i64>,
    names: HashMap<String, i64>,
}

impl Seen {
    fn reference(&mut self, number: i64, entry: &Entry) -> Option<Finding> {
        let reference = &entry.person.reference;
        if reference.is_empty() {
            return None;
        }
        let first = *self.references.entry(reference.clone()).or_insert(number);
        (first != number).then(|| Finding {
            refuses: true,
            ..flag(
                ("reference", reference),
                "DUP-01",
                format!("Row {first} has the same reference."),
                "Keep one of the two rows, or give the other person a reference of their own.",
            )
        })
    }

    fn document(&mut self, number: i64, entry: &Entry) -> Option<Finding> {
        let person = &entry.person;
        if person.document_number.is_empty() {
            return None;
        }
        let key = (person.document_country.clone(), person.document_number.clone());
        let first = *self.documents.entry(key).or_insert(number);
        (first != number).then(|| same_document(entry, &format!("Row {first}")))
    }

    fn name(&mut self, number: i64, entry: &Entry) -> Option<Finding> {
        let person = &entry.person;
        let key = format!("{} {} {}", person.family_name, person.given_names, person.born_on).to_lowercase();
        let first = *self.names.entry(key).or_insert(number);
        (first != number).then(|| {
            flag(
                ("family_name", &person.family_name),
                "DUP-03",
                format!("Row {first} has the same names and date of birth."),
                "Look whether this is one person with two references; then withdraw one of the records.",
            )
        })
    }
}

fn known(entry: &Entry, on_record: &OnRecord) -> Option<Finding> {
    let reference = &entry.person.reference;
    if on_record.expired.contains(reference) {
        return Some(flag(
            ("reference", reference),
            "KNOWN-02",
            "The place of this person on the roster is over; this row registers them again.".to_owned(),
            "Look whether it is the same person; if not, give the other one a reference of their own.",
        ));
    }
    on_record.references.contains(reference).then(|| {
        flag(
            ("reference", reference),
            "KNOWN-01",
            "This person is registered already; nothing new is registered.".to_owned(),
            "To change the record, correct it.",
        )
    })
}

fn document_on_record(entry: &Entry, on_record: &OnRecord) -> Option<Finding> {
    let other = on_record.documents.get(&entry.person.document_number)?;
    (*other != entry.person.reference).then(|| same_document(entry, &format!("Record {other}")))
}

fn same_document(entry: &Entry, who: &str) -> Finding {
    flag(
        ("document_number", &entry.person.document_number),
        "DUP-02",
        format!("{who} has the same document number."),
        "Compare the two passports; if this is one person, withdraw one of the records.",
    )
}

fn flag((column, value): (&str, &str), code: &str, message: String, mend: &str) -> Finding {
    let (column, value, code, mend) = (column.to_owned(), value.to_owned(), code.to_owned(), mend.to_owned());
    Finding { column, value, code, message, mend, refuses: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::tests::entry;

    fn row(number: i64, reference: &str, change: impl Fn(&mut Entry)) -> (i64, Judged) {
        let mut entry = entry();
        entry.person.reference = reference.to_owned();
        entry.person.family_name = format!("Family {number}");
        entry.person.document_number = format!("D{number}00");
        change(&mut entry);
        (number, Judged { entry: Some(entry), findings: Vec::new() })
    }

    fn codes(rows: &[(i64, Judged)]) -> Vec<Vec<(&str, bool)>> {
        let of = |judged: &(i64, Judged)| -> Vec<(&str, bool)> {
            // The findings live as long as the rows that are looked at.
            judged.1.findings.iter().map(|finding| (leak(&finding.code), finding.refuses)).collect()
        };
        rows.iter().map(of).collect()
    }

    fn leak(code: &str) -> &'static str {
        ["DUP-01", "DUP-02", "DUP-03", "KNOWN-01", "KNOWN-02"].into_iter().find(|known| *known == code).unwrap()
    }

    #[test]
    fn the_same_reference_refuses_the_later_row_and_the_same_document_asks_a_human() {
        let mut rows = [
            row(2, "A", |_| {}),
            row(3, "A", |_| {}),
            row(4, "B", |entry| entry.person.document_number = "D200".to_owned()),
            row(5, "C", |entry| entry.person.family_name = "FAMILY 2".to_owned()),
            row(6, "D", |_| {}),
        ];
        mark(&mut rows, &OnRecord::default());
        assert_eq!(
            codes(&rows),
            [vec![], vec![("DUP-01", true)], vec![("DUP-02", false)], vec![("DUP-03", false)], vec![]]
        );
        assert_eq!(rows[1].1.findings[0].message, "Row 2 has the same reference.");
    }

    #[test]
    fn what_is_on_record_is_said_and_ones_own_document_is_no_suspicion() {
        let mut rows = [row(2, "A", |_| {}), row(3, "B", |_| {}), row(4, "C", |_| {})];
        let on_record = OnRecord {
            references: ["A".to_owned(), "C".to_owned()].into(),
            expired: ["C".to_owned()].into(),
            documents: [("D200".to_owned(), "A".to_owned()), ("D300".to_owned(), "Z".to_owned())].into(),
        };
        mark(&mut rows, &on_record);
        assert_eq!(codes(&rows), [vec![("KNOWN-01", false)], vec![("DUP-02", false)], vec![("KNOWN-02", false)]]);
    }
}
