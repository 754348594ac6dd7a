mod report;

use std::{collections::HashMap, io::Read, path::Path};

use anyhow::Context;
use futures::{StreamExt, stream};
use indicatif::ProgressBar;
use proto::common::{
    CheckImportRequest, CreateImportRequest, GetImportRequest, Import as Imported, ImportState, ListImportRowsRequest,
    ListImportRowsResponse, RegisterImportRequest, UploadImportRequest,
};

pub(crate) use report::Report;

use crate::{
    args::{ClientArgs, Import},
    client::{Session, refusal, request_id},
    output::{self, Output, bar, number, table},
};

/// Bytes of one piece of an upload.
const PIECE: usize = 64 << 10;
/// Refused rows shown.
const SHOWN: i32 = 10;
/// Row reports asked for at once, as many as a page may hold.
const PAGE: i32 = 1000;

/// Brings a file in and says what became of its rows.
pub(crate) async fn run(client: &ClientArgs, output: &Output, what: Import) -> anyhow::Result<()> {
    let session = Session::open(client).await?;
    let (door, file, parameters, end) = match what {
        Import::Orders { file, layout, season, end } => {
            (Door { session, room: Room::Demand, layout }, file, HashMap::from([("season".to_owned(), season)]), end)
        }
        Import::Candidates { file, filed_on, end } => {
            let parameters = filed_on.map(|date| ("as_of".to_owned(), date.to_string())).into_iter().collect();
            (Door { session, room: Room::Candidate, layout: "candidates-v1".to_owned() }, file, parameters, end)
        }
    };
    let bytes = read(&file)?;
    let report = end.report.map(|path| Report::create_beside(path, &file)).transpose()?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let progress = bar("");
    let checked = door.upload_and_check((&name, bytes), parameters, &progress).await?;
    let import = if end.check_only { checked } else { door.register(checked, &progress).await? };
    progress.finish_and_clear();
    tell(&door, output, &import, report).await
}

/// Says what became of a file and its rows, and writes the report if there is to be one.
pub(crate) async fn tell(
    door: &Door,
    output: &Output,
    import: &Imported,
    report: Option<Report>,
) -> anyhow::Result<()> {
    if output.json {
        let reports = door.every_row(&import.id).await?;
        if let Some(report) = report {
            report.write(&reports)?;
        }
        return print_json(import, &reports);
    }
    // First, so that it is known also if the reports on the rows cannot be had.
    println!("{}", summary(import));
    if import.rows_refused > 0 {
        let refused = door.rows(&import.id, (SHOWN, String::new()), true).await?;
        println!("The first refused rows:\n{}", refused_rows(&refused));
    }
    match report {
        Some(report) => {
            let path = report.write(&door.every_row(&import.id).await?)?;
            println!("{} holds a report on every row.", path.display());
        }
        None if import.rows_refused > i64::from(SHOWN) => {
            println!("--report FILE writes what was found in every row to a file.");
        }
        None => {}
    }
    Ok(())
}

/// Writes the import with the reports on all its rows: the fields of `circula.type.v1.Import`, and beside them `columns` and
/// `rows` as in `ListImportRowsResponse`.
fn print_json(import: &Imported, reports: &ListImportRowsResponse) -> anyhow::Result<()> {
    println!("{:#}", with_rows(import, reports)?);
    Ok(())
}

fn with_rows(import: &Imported, reports: &ListImportRowsResponse) -> anyhow::Result<serde_json::Value> {
    let mut whole = output::value("circula.type.v1.Import", import)?;
    let mut reports = output::value("circula.type.v1.ListImportRowsResponse", reports)?;
    for name in ["columns", "rows"] {
        whole[name] = reports[name].take();
    }
    Ok(whole)
}

/// Reads a file, unpacking a `.gz`.
pub(crate) fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let bytes = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    if file.extension().is_some_and(|extension| extension == "gz") {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(bytes.as_slice())
            .read_to_end(&mut plain)
            .with_context(|| format!("{} does not unpack", file.display()))?;
        return Ok(plain);
    }
    Ok(bytes)
}

#[derive(Clone, Copy)]
pub(crate) enum Room {
    Demand,
    Candidate,
}

/// The import calls of one of the two services that have them.
pub(crate) struct Door {
    pub(crate) session: Session,
    pub(crate) room: Room,
    pub(crate) layout: String,
}

macro_rules! call {
    ($door:expr, $method:ident, $request:expr) => {
        match $door.room {
            Room::Demand => $door.session.demand().$method($request).await,
            Room::Candidate => $door.session.candidate().$method($request).await,
        }
        .map(tonic::Response::into_inner)
        .map_err(|status| refusal(&status))
    };
}

impl Door {
    /// Uploads a file, by name and content, in pieces and has every row judged.
    pub(crate) async fn upload_and_check(
        &self,
        (file_name, bytes): (&str, Vec<u8>),
        parameters: HashMap<String, String>,
        progress: &ProgressBar,
    ) -> anyhow::Result<Imported> {
        let import = self.create((file_name, request_id()), parameters).await?;
        self.fill(import.id, (file_name, bytes), progress).await
    }

    /// The same under the id of a request that may have been made before: goes on with what became of it.
    pub(crate) async fn go_on(
        &self,
        request_id: String,
        (file_name, bytes): (&str, Vec<u8>),
        parameters: HashMap<String, String>,
        progress: &ProgressBar,
    ) -> anyhow::Result<Imported> {
        let made = self.create((file_name, request_id), parameters).await?;
        let import = call!(self, get_import, GetImportRequest { import_id: made.id })?;
        if import.state() != ImportState::Uploading {
            return Ok(import);
        }
        self.fill(import.id, (file_name, bytes), progress).await
    }

    async fn create(
        &self,
        (file_name, request_id): (&str, String),
        parameters: HashMap<String, String>,
    ) -> anyhow::Result<Imported> {
        let (layout, file_name) = (self.layout.clone(), file_name.to_owned());
        call!(self, create_import, CreateImportRequest { layout, file_name, parameters, request_id })
    }

    /// Uploads, what is there already being passed over, and has the rows judged.
    async fn fill(
        &self,
        import_id: String,
        (file_name, bytes): (&str, Vec<u8>),
        progress: &ProgressBar,
    ) -> anyhow::Result<Imported> {
        let pieces: Vec<UploadImportRequest> = bytes
            .chunks(PIECE)
            .enumerate()
            .map(|(index, data)| UploadImportRequest {
                import_id: import_id.clone(),
                offset: i64::try_from(index * PIECE).unwrap_or(i64::MAX),
                data: data.to_vec(),
            })
            .collect();
        // The message last, so that its name does not stand beside the counts of what was before.
        progress.set_position(0);
        progress.set_length(bytes.len() as u64);
        progress.set_message(format!("uploading bytes of {file_name}"));
        let told = progress.clone();
        let pieces = stream::iter(pieces).inspect(move |piece| told.inc(piece.data.len() as u64));
        call!(self, upload_import, pieces)?;
        // One call judges all rows: how many there are is known here, how many are done is not.
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
        progress.set_position(0);
        progress.set_length(lines as u64);
        progress.set_message(format!("checking lines of {file_name}"));
        let checked = call!(self, check_import, CheckImportRequest { import_id, request_id: request_id() })?;
        progress.set_position(lines as u64);
        Ok(checked)
    }

    /// Registers group by group until the import is whole.
    pub(crate) async fn register(&self, import: Imported, progress: &ProgressBar) -> anyhow::Result<Imported> {
        let mut import = import;
        progress.set_position(0);
        progress.set_length(import.groups_accepted.unsigned_abs());
        progress.set_message(format!("registering {}", import.file_name));
        while import.state != ImportState::Registered as i32 {
            let request = RegisterImportRequest { import_id: import.id.clone(), request_id: request_id() };
            import = call!(self, register_import, request)?;
            progress.set_position(import.groups_registered.unsigned_abs());
        }
        Ok(import)
    }

    /// A page of reports: how many rows, and after which token.
    async fn rows(
        &self,
        import_id: &str,
        (page_size, page_token): (i32, String),
        refused_only: bool,
    ) -> anyhow::Result<ListImportRowsResponse> {
        let request = ListImportRowsRequest {
            import_id: import_id.to_owned(),
            page_size,
            page_token,
            refused_only,
            ..ListImportRowsRequest::default()
        };
        call!(self, list_import_rows, request)
    }

    /// The reports on all rows.
    async fn every_row(&self, import_id: &str) -> anyhow::Result<ListImportRowsResponse> {
        let mut all = ListImportRowsResponse::default();
        loop {
            let after = std::mem::take(&mut all.next_page_token);
            let page = self.rows(import_id, (PAGE, after), false).await?;
            all.rows.extend(page.rows);
            (all.columns, all.next_page_token) = (page.columns, page.next_page_token);
            if all.next_page_token.is_empty() {
                return Ok(all);
            }
        }
    }
}

/// The counts of an import in words, and its codes as a table.
pub(crate) fn summary(import: &Imported) -> String {
    let mut text = format!(
        "{}: {} rows read = {} accepted + {} refused ({}, separator {:?}, {} blank rows left out, {} flagged); {} of {} records registered.",
        import.file_name,
        number(import.rows_read),
        number(import.rows_accepted),
        number(import.rows_refused),
        import.encoding,
        import.separator,
        number(import.rows_blank),
        number(import.rows_flagged),
        number(import.groups_registered),
        number(import.groups_accepted),
    );
    if !import.codes.is_empty() {
        let outcome = |refused| if refused { "refused" } else { "flagged" };
        let rows = import
            .codes
            .iter()
            .map(|code| vec![code.code.clone(), outcome(code.refused).to_owned(), number(code.rows)])
            .collect();
        text.push_str(&format!("\n{}", table(&["Code", "Rows are", "Rows"], rows, false)));
    }
    text
}

fn refused_rows(response: &ListImportRowsResponse) -> String {
    let mut rows = Vec::new();
    for row in &response.rows {
        for finding in row.findings.iter().filter(|finding| finding.refuses) {
            rows.push(vec![
                row.row.to_string(),
                finding.column.clone(),
                finding.value.clone(),
                finding.code.clone(),
                format!("{} {}", finding.message, finding.mend),
            ]);
        }
    }
    table(&["Row", "Column", "Value", "Code", "What, and what mends it"], rows, false).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::common::{RowFinding, RowReport};

    #[test]
    fn json_has_the_import_and_the_report_on_every_row() {
        let import = Imported { id: "i1".to_owned(), rows_read: 2, rows_refused: 1, ..Imported::default() };
        let finding = RowFinding { code: "DATE".to_owned(), mend: "write a date".to_owned(), ..RowFinding::default() };
        let row = |row, findings| RowReport { row, findings, ..RowReport::default() };
        let reports = ListImportRowsResponse {
            columns: vec!["reference".to_owned()],
            rows: vec![row(2, Vec::new()), row(3, vec![finding])],
            next_page_token: String::new(),
        };
        let told = with_rows(&import, &reports).unwrap();
        assert_eq!((&told["id"], &told["rowsRefused"]), (&"i1".into(), &1.into()));
        assert_eq!((&told["columns"][0], &told["rows"][1]["row"]), (&"reference".into(), &3.into()));
        assert_eq!(told["rows"][1]["findings"][0]["mend"], "write a date");
        assert_eq!(told["rows"].as_array().unwrap().len(), 2);
    }
}
