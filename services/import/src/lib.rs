#![doc = include_str!("../README.md")]

mod decode;
mod store;
mod width;

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use futures::{Stream, TryStreamExt};
use platform::{Begun, Clock, Database, Error, Principal, Reach, Refused, command, page};
use proto::common;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use tonic::{Code, Status};
use uuid::Uuid;

pub use decode::Row;

/// Bytes a file may have.
pub const FILE_BYTES_MAX: usize = 64 << 20;
/// Bytes one piece may have.
pub const PIECE_BYTES_MAX: usize = 64 << 10;
/// Bytes that are stored together.
const CHUNK_BYTES: usize = 1 << 20;
/// Rows of the file whose groups are registered in one call; the caller calls again until the state is REGISTERED.
const ROWS_A_CALL: i64 = 1000;

/// A file that was uploaded whole.
pub struct File<'a> {
    pub import_id: Uuid,
    pub organisation_id: Uuid,
    pub parameters: &'a HashMap<String, String>,
    pub head: &'a [String],
    pub rows: &'a [Row],
}

impl File<'_> {
    /// The value of a column in a row; empty if the file has no such column.
    #[must_use]
    pub fn get<'r>(&self, row: &'r Row, column: &str) -> &'r str {
        self.head.iter().position(|name| name.eq_ignore_ascii_case(column)).map_or("", |at| row.fields[at].as_str())
    }
}

/// One thing to say about a row.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Finding {
    pub column: String,
    pub value: String,
    /// Stable code, such as `DATE-01`.
    pub code: String,
    pub message: String,
    pub mend: String,
    /// Refuses the row, or only flags it.
    pub refuses: bool,
}

/// What is thought of a row.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    pub findings: Vec<Finding>,
    /// Rows of one key are registered together: an order with its farms, a person.
    pub group: String,
}

impl Verdict {
    /// True if nothing refuses the row.
    #[must_use]
    pub fn accepted(&self) -> bool {
        !self.findings.iter().any(|finding| finding.refuses)
    }
}

/// Accepted rows that are registered together.
#[derive(Debug)]
pub struct Group {
    pub key: String,
    pub rows: Vec<Row>,
}

/// What a service knows of the rows of one layout.
#[async_trait]
pub trait Layout: Send + Sync + 'static {
    /// Name of the layout, such as `candidates-v1`.
    fn name(&self) -> &'static str;

    /// Columns a file must have; letter case does not matter.
    fn columns(&self) -> &'static [&'static str];

    /// Judges all rows of a file: one verdict a row, in order.
    async fn judge(&self, tx: &mut PgConnection, file: &File<'_>) -> Result<Vec<Verdict>, Error>;

    /// Registers groups in the caller's transaction and answers the id of each group's record, in order. A group that is
    /// there already, by its natural key, is answered with the id it has.
    async fn register(&self, tx: &mut PgConnection, file: &File<'_>, groups: &[Group]) -> Result<Vec<String>, Error>;
}

impl store::Record {
    fn must_be(&self, state: common::ImportState) -> Result<(), Refused> {
        if self.state == state as i32 { Ok(()) } else { Err(self.wrong_state()) }
    }

    fn wrong_state(&self) -> Refused {
        let state = common::ImportState::try_from(self.state).unwrap_or_default().as_str_name();
        Refused::new(Code::FailedPrecondition, "IMPORT_STATE", format!("the import is {state}"))
            .at("state")
            .with("state", state)
            .mend("start a new import if the file is to come in again")
    }
}

/// The engine with the layouts of one service.
#[derive(Clone)]
pub struct Engine {
    database: Database,
    clock: Clock,
    layouts: Vec<Arc<dyn Layout>>,
}

impl Engine {
    /// An engine for these layouts.
    #[must_use]
    pub fn new(database: Database, clock: Clock, layouts: Vec<Arc<dyn Layout>>) -> Self {
        Self { database, clock, layouts }
    }

    fn layout(&self, name: &str) -> Result<&dyn Layout, Refused> {
        self.layouts.iter().find(|layout| layout.name() == name).map(AsRef::as_ref).ok_or_else(|| {
            let known: Vec<&str> = self.layouts.iter().map(|layout| layout.name()).collect();
            Refused::field("layout", "LAYOUT", format!("no layout is called {name:?}"))
                .mend(format!("use one of: {}", known.join(", ")))
        })
    }

    /// Opens an import of the caller's organisation.
    ///
    /// # Errors
    /// `LAYOUT` if the layout is unknown; those of [`command::begin`].
    pub async fn create(
        &self,
        principal: &Principal,
        request: &common::CreateImportRequest,
    ) -> Result<common::Import, Error> {
        self.layout(&request.layout)?;
        let plain = common::CreateImportRequest { parameters: HashMap::new(), ..request.clone() };
        let ordered = command::Ordered::new(&plain, &request.parameters);
        let mut command = match begin(self, principal, "CreateImport", &request.request_id, &ordered).await? {
            Begun::Answered(import) => return Ok(import),
            Begun::New(command) => command,
        };
        let id = self.clock.id();
        store::insert(command.tx(), (id, principal.organisation_id), request, self.clock.now()).await?;
        let import = store::get(command.tx(), id).await?;
        command.finish(import.message()).await
    }

    /// Takes the pieces of a file as they come. If the stream breaks, what came is kept, and the next upload goes on there.
    ///
    /// # Errors
    /// `UPLOAD_EMPTY`, `PIECE_SIZE`, `FILE_SIZE`, `OFFSET` if a piece before it is missing, `IMPORT_STATE` if the upload is
    /// over.
    pub async fn upload(
        &self,
        principal: &Principal,
        mut pieces: impl Stream<Item = Result<common::UploadImportRequest, Status>> + Unpin,
    ) -> Result<common::Import, Status> {
        let mut import = None;
        let mut chunk = common::UploadImportRequest::default();
        loop {
            let piece = pieces.try_next().await.and_then(|piece| piece.map(sized).transpose().map_err(Status::from));
            let goes_on = piece.as_ref().ok().and_then(Option::as_ref).is_some_and(|piece| {
                let after = piece.offset.checked_sub(chunk.offset).and_then(|bytes| usize::try_from(bytes).ok());
                piece.import_id == chunk.import_id && after == Some(chunk.data.len()) && chunk.data.len() < CHUNK_BYTES
            });
            if !goes_on && !chunk.data.is_empty() {
                import = Some(self.append(principal, &std::mem::take(&mut chunk)).await?);
            }
            match piece? {
                Some(piece) if goes_on => chunk.data.extend(piece.data),
                Some(piece) => chunk = piece,
                None => break,
            }
        }
        let nothing = || Refused::field("data", "UPLOAD_EMPTY", "nothing was uploaded").mend("send the file in pieces");
        Ok(import.ok_or_else(nothing)?)
    }

    /// Takes a chunk, or what of it was not received before.
    async fn append(
        &self,
        principal: &Principal,
        chunk: &common::UploadImportRequest,
    ) -> Result<common::Import, Error> {
        let mut tx = self.database.begin(own(principal)).await?;
        let import = store::lock(&mut tx, id(&chunk.import_id)?).await?;
        import.must_be(common::ImportState::Uploading)?;
        let offset = usize::try_from(chunk.offset).map_err(|_| {
            Refused::field("offset", "OFFSET", "it is negative").mend("begin at bytes_received of the import")
        })?;
        let (received, end) =
            (usize::try_from(import.bytes_received).unwrap_or(usize::MAX), offset.saturating_add(chunk.data.len()));
        if end <= received {
            return Ok(import.message());
        }
        let Some(new) = received.checked_sub(offset).and_then(|known| chunk.data.get(known..)) else {
            let message = format!("the next piece begins at byte {}", import.bytes_received);
            return Err(Refused::field("offset", "OFFSET", message)
                .with("offset", import.bytes_received)
                .mend("send on from that byte")
                .into());
        };
        if end > FILE_BYTES_MAX {
            return Err(Refused::field("data", "FILE_SIZE", format!("a file has at most {FILE_BYTES_MAX} bytes"))
                .mend("send it in parts")
                .into());
        }
        store::append(&mut tx, import.id, import.bytes_received, new).await?;
        let import = store::get(&mut tx, import.id).await?;
        self.database.commit(tx).await?;
        Ok(import.message())
    }

    /// Reads the file that was uploaded and judges every row. Nothing is registered yet.
    ///
    /// # Errors
    /// `COLUMN_MISSING`, what reading the file refuses, `IMPORT_STATE`.
    pub async fn check(
        &self,
        principal: &Principal,
        request: &common::CheckImportRequest,
    ) -> Result<common::Import, Error> {
        let mut command = match begin(self, principal, "CheckImport", &request.request_id, request).await? {
            Begun::Answered(import) => return Ok(import),
            Begun::New(command) => command,
        };
        let import = store::lock(command.tx(), id(&request.import_id)?).await?;
        import.must_be(common::ImportState::Uploading)?;
        let layout = self.layout(&import.layout)?;
        let decoded = decode::decode(&store::bytes(command.tx(), import.id).await?)?;
        columns_present(layout.columns(), &decoded.head)?;
        let file = File {
            import_id: import.id,
            organisation_id: import.organisation_id,
            parameters: &import.parameters,
            head: &decoded.head,
            rows: &decoded.rows,
        };
        let mut verdicts = layout.judge(command.tx(), &file).await?;
        if verdicts.len() != decoded.rows.len() {
            return Err(Error::Internal(format!(
                "{} judged {} of {} rows",
                layout.name(),
                verdicts.len(),
                decoded.rows.len()
            )));
        }
        width::refuse_overlong(&decoded, &mut verdicts);
        store::checked(command.tx(), import.id, &decoded, &verdicts).await?;
        let import = store::get(command.tx(), import.id).await?;
        metrics::counter!("circula_import_rows_total", "layout" => layout.name(), "result" => "accepted")
            .increment(import.rows_accepted.unsigned_abs());
        metrics::counter!("circula_import_rows_total", "layout" => layout.name(), "result" => "refused")
            .increment(import.rows_refused.unsigned_abs());
        command.finish(import.message()).await
    }

    /// Registers the next groups. The import is whole once its state is REGISTERED; until then, call again.
    ///
    /// # Errors
    /// `IMPORT_STATE`, and what the service refuses.
    pub async fn register(
        &self,
        principal: &Principal,
        request: &common::RegisterImportRequest,
    ) -> Result<common::Import, Error> {
        let mut command = match begin(self, principal, "RegisterImport", &request.request_id, request).await? {
            Begun::Answered(import) => return Ok(import),
            Begun::New(command) => command,
        };
        let import = store::lock(command.tx(), id(&request.import_id)?).await?;
        if import.state == common::ImportState::Registered as i32 {
            return command.finish(import.message()).await;
        }
        import.must_be(common::ImportState::Checked)?;
        let layout = self.layout(&import.layout)?;
        let (groups, to) = store::next_groups(command.tx(), import.id, ROWS_A_CALL).await?;
        let file = File {
            import_id: import.id,
            organisation_id: import.organisation_id,
            parameters: &import.parameters,
            head: &import.head,
            rows: &[],
        };
        let records = layout.register(command.tx(), &file, &groups).await?;
        let import = store::registered(command.tx(), (import.id, to), &groups, &records).await?;
        command.finish(import.message()).await
    }

    /// Gives an import up: nothing of it will be registered.
    ///
    /// # Errors
    /// `IMPORT_STATE` if anything is registered already.
    pub async fn discard(
        &self,
        principal: &Principal,
        request: &common::DiscardImportRequest,
    ) -> Result<common::Import, Error> {
        let mut command = match begin(self, principal, "DiscardImport", &request.request_id, request).await? {
            Begun::Answered(import) => return Ok(import),
            Begun::New(command) => command,
        };
        let import = store::lock(command.tx(), id(&request.import_id)?).await?;
        if import.groups_registered > 0 {
            return Err(import.wrong_state().into());
        }
        store::discard(command.tx(), import.id).await?;
        let import = store::get(command.tx(), import.id).await?;
        command.finish(import.message()).await
    }

    /// One import.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn get(&self, principal: &Principal, import_id: &str) -> Result<common::Import, Error> {
        let mut tx = self.database.begin(own(principal)).await?;
        Ok(store::get(&mut tx, id(import_id)?).await?.message())
    }

    /// The organisation's imports, newest first.
    ///
    /// # Errors
    /// `PAGE_TOKEN`, `PAGE_SIZE`.
    pub async fn list(
        &self,
        principal: &Principal,
        request: &common::ListImportsRequest,
    ) -> Result<common::ListImportsResponse, Error> {
        let (size, after) = (page::size(request.page_size)?, page::after("imports", &request.page_token)?);
        let mut tx = self.database.begin(own(principal)).await?;
        let mut imports = store::list(&mut tx, after.parse().ok(), size + 1).await?;
        let next_page_token = next(&mut imports, size, |import| page::token("imports", &import.id.to_string()));
        Ok(common::ListImportsResponse {
            imports: imports.iter().map(store::Record::message).collect(),
            next_page_token,
        })
    }

    /// What became of the rows.
    ///
    /// # Errors
    /// `NOT_FOUND`, `PAGE_TOKEN`, `PAGE_SIZE`.
    pub async fn rows(
        &self,
        principal: &Principal,
        request: &common::ListImportRowsRequest,
    ) -> Result<common::ListImportRowsResponse, Error> {
        let filter =
            format!("rows {} {} {} {}", request.import_id, request.code, request.refused_only, request.flagged_only);
        let (size, after) = (page::size(request.page_size)?, page::after(&filter, &request.page_token)?);
        let mut tx = self.database.begin(own(principal)).await?;
        let import = store::get(&mut tx, id(&request.import_id)?).await?;
        let mut rows = store::rows(&mut tx, request, (import.id, after.parse().unwrap_or(0)), size + 1).await?;
        let next_page_token = next(&mut rows, size, |row| page::token(&filter, &row.row.to_string()));
        Ok(common::ListImportRowsResponse { columns: import.head, rows, next_page_token })
    }
}

async fn begin<Q: prost::Message>(
    engine: &Engine,
    principal: &Principal,
    method: &str,
    request_id: &str,
    request: &Q,
) -> Result<Begun<common::Import>, Error> {
    command::begin(&engine.database, (own(principal), principal.organisation_id), method, request_id, request).await
}

fn sized(piece: common::UploadImportRequest) -> Result<common::UploadImportRequest, Refused> {
    if piece.data.is_empty() || piece.data.len() > PIECE_BYTES_MAX {
        return Err(Refused::field("data", "PIECE_SIZE", format!("a piece has 1 to {PIECE_BYTES_MAX} bytes"))
            .mend("cut the file into pieces of that size"));
    }
    Ok(piece)
}

/// Imports are an organisation's own, whatever else the caller may see.
fn own(principal: &Principal) -> Reach {
    Reach::Own(principal.organisation_id)
}

fn id(text: &str) -> Result<Uuid, Refused> {
    Uuid::parse_str(text).map_err(|_| Refused::not_found("import", text))
}

/// Cuts the one row too many and answers the token that goes on after the last.
fn next<T>(rows: &mut Vec<T>, size: i64, token: impl Fn(&T) -> String) -> String {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if rows.len() <= size {
        return String::new();
    }
    rows.truncate(size);
    rows.last().map(token).unwrap_or_default()
}

fn columns_present(wanted: &[&str], head: &[String]) -> Result<(), Refused> {
    let missing: Vec<&str> =
        wanted.iter().copied().filter(|column| !head.iter().any(|name| name.eq_ignore_ascii_case(column))).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(", ");
    Err(Refused::new(Code::InvalidArgument, "COLUMN_MISSING", format!("the head row lacks: {names}"))
        .at("row 1")
        .with("columns", &names)
        .mend("add the columns, or start from the template"))
}
