use std::{collections::HashMap, io::Read, path::Path};

use anyhow::Context;
use futures::{StreamExt, stream};
use indicatif::ProgressBar;
use proto::common::{
    CheckImportRequest, CreateImportRequest, Import as Imported, ImportState, ListImportRowsRequest,
    ListImportRowsResponse, RegisterImportRequest, UploadImportRequest,
};

use crate::{
    args::{ClientArgs, Import},
    client::{Session, refusal, request_id},
    output::{Output, bar, number, table},
};

/// Bytes of one piece of an upload.
const PIECE: usize = 64 << 10;
/// Refused rows shown.
const SHOWN: i32 = 10;

/// Brings a file in and says what became of its rows.
pub(crate) async fn run(client: &ClientArgs, output: &Output, what: Import) -> anyhow::Result<()> {
    let session = Session::open(client).await?;
    let (door, file, parameters, check_only) = match what {
        Import::Orders { file, layout, season, check_only } => (
            Door { session, room: Room::Demand, layout },
            file,
            HashMap::from([("season".to_owned(), season)]),
            check_only,
        ),
        Import::Candidates { file, filed_on, check_only } => {
            let parameters = filed_on.map(|date| ("as_of".to_owned(), date.to_string())).into_iter().collect();
            (Door { session, room: Room::Candidate, layout: "candidates-v1".to_owned() }, file, parameters, check_only)
        }
    };
    let bytes = read(&file)?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let progress = bar("");
    let checked = door.upload_and_check((&name, bytes), parameters, &progress).await?;
    let import = if check_only { checked } else { door.register(checked, &progress).await? };
    progress.finish_and_clear();
    if output.json {
        return output.json("circula.type.v1.Import", &import);
    }
    println!("{}", summary(&import));
    if import.rows_refused > 0 {
        let refused = door.rows(&import.id).await?;
        println!("The first refused rows:\n{}", refused_rows(&refused));
    }
    Ok(())
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
        let request = CreateImportRequest {
            layout: self.layout.clone(),
            file_name: file_name.to_owned(),
            parameters,
            request_id: request_id(),
        };
        let import = call!(self, create_import, request)?;
        let pieces: Vec<UploadImportRequest> = bytes
            .chunks(PIECE)
            .enumerate()
            .map(|(index, data)| UploadImportRequest {
                import_id: import.id.clone(),
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
        let checked = call!(self, check_import, CheckImportRequest { import_id: import.id, request_id: request_id() })?;
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

    async fn rows(&self, import_id: &str) -> anyhow::Result<ListImportRowsResponse> {
        let request = ListImportRowsRequest {
            import_id: import_id.to_owned(),
            page_size: SHOWN,
            refused_only: true,
            ..ListImportRowsRequest::default()
        };
        call!(self, list_import_rows, request)
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
