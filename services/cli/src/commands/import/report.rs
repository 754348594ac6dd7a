//! What became of every row, as a file for those who mend it.

use std::{fs::File, io::Write};

use anyhow::Context;
use proto::common::{ListImportRowsResponse, RowFinding, RowReport};

use crate::output::word;

const HEAD: [&str; 9] = ["row", "outcome", "record_id", "effect", "column", "value", "code", "message", "mend"];

/// Writes one line per finding, and one for each row without any, under a head. `row` is the number that a spreadsheet
/// shows beside the row of the file that was sent; `effect` says whether the finding refuses the row or flags it.
pub(super) fn write(file: impl Write, reports: &ListImportRowsResponse) -> anyhow::Result<()> {
    let mut table = csv::Writer::from_writer(file);
    table.write_record(HEAD)?;
    for row in &reports.rows {
        if row.findings.is_empty() {
            table.write_record(line(row, None))?;
        }
        for finding in &row.findings {
            table.write_record(line(row, Some(finding)))?;
        }
    }
    table.flush()?;
    Ok(())
}

fn line(row: &RowReport, finding: Option<&RowFinding>) -> [String; 9] {
    let RowFinding { column, value, code, message, mend, refuses } = finding.cloned().unwrap_or_default();
    let effect = match finding {
        None => "",
        Some(_) if refuses => "refuses",
        Some(_) => "flags",
    };
    let outcome = word(row.outcome().as_str_name(), "ROW_OUTCOME_");
    [row.row.to_string(), outcome, row.record_id.clone(), effect.to_owned(), column, value, code, message, mend]
}

/// The file of a report, made before anything is sent: a place that cannot be written to is known at once.
pub(super) fn create(path: &std::path::Path) -> anyhow::Result<File> {
    let refused = || {
        format!(
            "{} cannot be written; nothing was sent\n  What mends it: name a file in a folder that is there and yours",
            path.display()
        )
    };
    File::create(path).with_context(refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::common::RowOutcome;

    #[test]
    fn every_row_and_every_finding_has_a_line() {
        let finding = |column: &str, value: &str, refuses| RowFinding {
            column: column.to_owned(),
            value: value.to_owned(),
            code: "DATE".to_owned(),
            message: "this is no date".to_owned(),
            mend: "write 2026-03-01".to_owned(),
            refuses,
        };
        let row = |row, outcome: RowOutcome, findings| RowReport {
            row,
            outcome: outcome.into(),
            findings,
            ..RowReport::default()
        };
        let refused = vec![finding("born_on", "1, \"may\"", true), finding("region", "", false)];
        let reports = ListImportRowsResponse {
            rows: vec![row(2, RowOutcome::Accepted, Vec::new()), row(3, RowOutcome::Refused, refused)],
            ..ListImportRowsResponse::default()
        };
        let mut text = Vec::new();
        write(&mut text, &reports).unwrap();
        let lines = [
            "row,outcome,record_id,effect,column,value,code,message,mend",
            "2,accepted,,,,,,,",
            "3,refused,,refuses,born_on,\"1, \"\"may\"\"\",DATE,this is no date,write 2026-03-01",
            "3,refused,,flags,region,,DATE,this is no date,write 2026-03-01",
        ];
        assert_eq!(String::from_utf8(text).unwrap().lines().collect::<Vec<_>>(), lines);
    }

    #[test]
    fn a_place_that_cannot_be_written_to_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let refused = create(&folder.path().join("none/report.csv")).unwrap_err().to_string();
        assert!(refused.contains("none/report.csv") && refused.contains("What mends it"), "{refused}");
    }
}
