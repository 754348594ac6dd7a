//! Batches of people whom a ministry registers, some of them twice.

use std::collections::HashMap;

use ::candidate::generate::{Spec, batch};
use cli::client::Session;
use futures::stream;
use platform::testing::request_id;
use proto::common::{
    CheckImportRequest, CreateImportRequest, Import, ImportState, RegisterImportRequest, UploadImportRequest,
};

use super::World;

/// People of a batch, and how many of them stand in it a second time; so many of the batch before are in it as well.
const PEOPLE: usize = 16;
const TWICE: usize = 2;
/// The day on which a batch is filed.
const FILED_ON: &str = "2025-11-03";

/// A ministry's files so far.
pub(super) struct Files {
    ministry: Session,
    /// Rows of the last batch that stand in the next one too.
    known: Vec<String>,
    /// How many people there are in all of them.
    pub(super) people: usize,
}

impl Files {
    pub(super) fn of(ministry: Session) -> Self {
        Self { ministry, known: Vec::new(), people: 0 }
    }

    /// The next file and how many rows it has. The first rows are new; then come rows of its own and of the last one again.
    fn draw(&mut self, seed: u64) -> (Vec<u8>, usize) {
        let filing_date = FILED_ON.parse().unwrap();
        let spec = Spec { seed, origin: "CO".to_owned(), count: PEOPLE, filing_date, dirt: false };
        let text = String::from_utf8(batch(&spec).unwrap()).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 1 + PEOPLE, "a head and a line for each of them");
        let again = lines[1..=TWICE].to_vec();
        lines.extend(again.iter().cloned());
        lines.append(&mut self.known);
        self.known = again;
        self.people += PEOPLE;
        let rows = lines.len() - 1;
        (lines.join("\n").into_bytes(), rows)
    }
}

impl World {
    /// Registers the next batch. Who stands in it twice is refused the second time; of who is registered already comes
    /// nothing new.
    pub(super) async fn register(&self, files: &mut Files, seed: u64) {
        let (bytes, rows) = files.draw(seed);
        let ministry = &files.ministry;
        let import_id = self.upload(ministry, &format!("{seed}.csv"), bytes).await;
        let request = CheckImportRequest { import_id: import_id.clone(), request_id: request_id() };
        let mut import: Import =
            self.sent("a batch is checked", async || ministry.candidate().check_import(request.clone()).await).await;
        let counts = [import.rows_read, import.rows_refused].map(|count| usize::try_from(count).unwrap());
        assert_eq!(counts, [rows, TWICE], "{import:?}");
        while import.state() != ImportState::Registered {
            let request = RegisterImportRequest { import_id: import_id.clone(), request_id: request_id() };
            import = self
                .sent("a batch is registered", async || ministry.candidate().register_import(request.clone()).await)
                .await;
        }
    }

    /// A new import with this file in it; its id.
    async fn upload(&self, ministry: &Session, file_name: &str, data: Vec<u8>) -> String {
        let request = CreateImportRequest {
            layout: "candidates-v1".to_owned(),
            file_name: file_name.to_owned(),
            parameters: HashMap::from([("as_of".to_owned(), FILED_ON.to_owned())]),
            request_id: request_id(),
        };
        let import: Import =
            self.sent("an import is begun", async || ministry.candidate().create_import(request.clone()).await).await;
        let piece = UploadImportRequest { import_id: import.id.clone(), offset: 0, data };
        self.sent("a file is uploaded", async || {
            ministry.candidate().upload_import(stream::iter([piece.clone()])).await
        })
        .await;
        import.id
    }
}
