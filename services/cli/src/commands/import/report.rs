//! What became of every row, as a file for those who mend it.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::Context;
use proto::common::{ListImportRowsResponse, RowFinding, RowReport};

use crate::output::word;

const HEAD: [&str; 9] = ["row", "outcome", "record_id", "effect", "column", "value", "code", "message", "mend"];

/// A file that takes the report on every row.
pub(crate) struct Report {
    path: PathBuf,
    file: File,
}

impl Report {
    /// Makes the file before anything is sent: a place that cannot be written to is known at once.
    ///
    /// # Errors
    /// If it cannot be made.
    pub(crate) fn create(path: PathBuf) -> anyhow::Result<Self> {
        // It holds what the rows hold: for its owner's eyes alone.
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let file = options.open(&path).with_context(|| {
            format!(
                "{} cannot be written; nothing was sent\n  What mends it: name a file in a folder that is there and \
                 yours",
                path.display()
            )
        })?;
        Ok(Self { path, file })
    }

    /// The same, beside a file that is about to be sent and must not be replaced by its report.
    ///
    /// # Errors
    /// If both are one file, or it cannot be made.
    pub(super) fn create_beside(path: PathBuf, sent: &Path) -> anyhow::Result<Self> {
        if is_same_file(&path, sent)? {
            anyhow::bail!(
                "{} is the file that is to be sent; nothing was sent\n  What mends it: give the report another name",
                path.display()
            );
        }
        Self::create(path)
    }

    /// Writes it, and says where it is.
    ///
    /// # Errors
    /// If the disk does not take it.
    pub(super) fn write(self, reports: &ListImportRowsResponse) -> anyhow::Result<PathBuf> {
        write(self.file, reports).with_context(|| format!("{} cannot be written", self.path.display()))?;
        Ok(self.path)
    }
}

/// Also by another name: a hard link is the same file.
fn is_same_file(one: &Path, other: &Path) -> std::io::Result<bool> {
    if !one.exists() {
        return Ok(false);
    }
    let [one, other] = [one.metadata()?, other.metadata()?].map(|file| (file.dev(), file.ino()));
    Ok(one == other)
}

/// A cell as a spreadsheet shows it and never computes it: what would begin a formula gets an apostrophe before it, as
/// OWASP advises, also after `;`, tab and line break: a spreadsheet that separates by these begins a cell there, and quotes
/// within a line do not keep it from that. Import takes these apostrophes away again, so one that stood there already
/// gets another.
fn neutral(cell: &str) -> String {
    let formula = |part: &str| part.trim_start_matches(['\'', '"', ' ']).starts_with(['=', '+', '-', '@', '\t', '\r']);
    let mut shown = String::with_capacity(cell.len() + 1);
    for part in cell.split_inclusive([';', '\t', '\r', '\n']) {
        if formula(part) {
            shown.push('\'');
        }
        shown.push_str(part);
    }
    shown
}

/// Writes one line per finding, and one for each row without any, under a head. `row` is the number that a spreadsheet
/// shows beside the row of the file that was sent; `effect` says whether the finding refuses the row or flags it.
fn write(file: impl Write, reports: &ListImportRowsResponse) -> anyhow::Result<()> {
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
    let line =
        [row.row.to_string(), outcome, row.record_id.clone(), effect.to_owned(), column, value, code, message, mend];
    line.map(|cell| neutral(&cell))
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
    fn no_cell_is_a_formula() {
        for (cell, written) in [
            ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
            ("+57 300 555 0123", "'+57 300 555 0123"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t'=1"),
            ("\r=1", "'\r'=1"),
            ("x;=cmd|' /C calc'!A0", "x;'=cmd|' /C calc'!A0"),
            ("x;\"=1+1\"", "x;'\"=1+1\""),
            ("x; =1+1", "x;' =1+1"),
            ("x\t@SUM(A1)\n-1", "x\t'@SUM(A1)\n'-1"),
            ("x;'=1", "x;''=1"),
            ("a;b, c-d", "a;b, c-d"),
            ("'=1", "''=1"),
            ("'t Hooft", "'t Hooft"),
            ("Muñoz-Díaz", "Muñoz-Díaz"),
            ("", ""),
        ] {
            assert_eq!(neutral(cell), written);
        }
        let finding = RowFinding {
            column: "-c".to_owned(),
            value: "=1+1".to_owned(),
            message: "@m".to_owned(),
            ..RowFinding::default()
        };
        let rows = vec![RowReport { row: 2, findings: vec![finding], ..RowReport::default() }];
        let mut text = Vec::new();
        write(&mut text, &ListImportRowsResponse { rows, ..ListImportRowsResponse::default() }).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.ends_with(",flags,'-c,'=1+1,,'@m,\n"), "{text}");
    }

    #[test]
    fn whatever_separates_the_cells_none_is_a_formula() {
        let values = ["x;=1+1", "\";\"=1+1\"", "a\t=1+1", "a\r\n=1+1", "a,=1+1", "\t;\t=1+1", "';=1+1"];
        let finding = |value: &&str| RowFinding { value: (*value).to_owned(), ..RowFinding::default() };
        let rows = vec![RowReport { row: 2, findings: values.iter().map(finding).collect(), ..RowReport::default() }];
        let mut text = Vec::new();
        write(&mut text, &ListImportRowsResponse { rows, ..ListImportRowsResponse::default() }).unwrap();
        for separator in [b',', b';', b'\t'] {
            for quoting in [true, false] {
                let mut reader = csv::ReaderBuilder::new();
                reader.delimiter(separator).quoting(quoting).has_headers(false).flexible(true);
                for record in reader.from_reader(text.as_slice()).byte_records() {
                    for cell in &record.unwrap() {
                        // Without quoting, `,` within quotes is a separator to nobody: every spreadsheet reads its own.
                        let ours = separator == b',' && !quoting;
                        assert!(ours || !cell.starts_with(b"="), "{:?}", String::from_utf8_lossy(cell));
                    }
                }
            }
        }
    }

    #[test]
    fn a_place_that_cannot_be_written_to_is_named_and_the_batch_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let refused = Report::create(folder.path().join("none/report.csv")).err().unwrap().to_string();
        assert!(refused.contains("none/report.csv") && refused.contains("What mends it"), "{refused}");

        let batch = folder.path().join("batch.csv");
        std::fs::write(&batch, "reference\n").unwrap();
        std::fs::hard_link(&batch, folder.path().join("linked.csv")).unwrap();
        for name in ["./batch.csv", "linked.csv"] {
            let refused = Report::create_beside(folder.path().join(name), &batch).err().unwrap().to_string();
            assert!(refused.contains("is the file that is to be sent"), "{refused}");
        }
        assert_eq!(std::fs::read_to_string(&batch).unwrap(), "reference\n");
        Report::create_beside(folder.path().join("report.csv"), &batch).unwrap();
    }
}
