use proto::common::{GetImportRequest, ImportState, ListImportsRequest, ListImportsResponse};

use crate::{
    args::{Batch, ClientArgs},
    client::{Session, refusal},
    commands::import::{self, Door, Report, Room},
    output::{Output, table, whole},
    words::Language,
};

/// Shows the batches that a ministry has sent, and what became of their rows.
pub(crate) async fn run(client: &ClientArgs, output: &Output, what: Batch) -> anyhow::Result<()> {
    let session = Session::open(client).await?;
    match what {
        Batch::List { page } => {
            let request = ListImportsRequest { page_size: page.size, page_token: page.after };
            let found = session.candidate().list_imports(request).await.map_err(|status| refusal(&status))?;
            let found = found.into_inner();
            if output.json {
                return output.json("circula.type.v1.ListImportsResponse", &found);
            }
            println!("{}", list(output.language, &found));
            Ok(())
        }
        Batch::Show { batch, report } => {
            let report = report.map(Report::create).transpose()?;
            let request = GetImportRequest { import_id: batch };
            let found = session.candidate().get_import(request).await.map_err(|status| refusal(&status))?;
            let door = Door { session, room: Room::Candidate, layout: String::new() };
            import::tell(&door, output, &found.into_inner(), report).await
        }
    }
}

/// A page of batches, newest first, and how to go on.
fn list(language: Language, found: &ListImportsResponse) -> String {
    if found.imports.is_empty() {
        let none = ["No batch was sent.", "Aucun lot n’a été envoyé.", "No se ha enviado ningún lote."];
        return language.of(none).to_owned();
    }
    let head = language.of([
        ["Batch", "File", "State", "Rows", "Accepted", "Refused", "Flagged", "Registered"],
        ["Lot", "Fichier", "État", "Lignes", "Acceptées", "Refusées", "Signalées", "Enregistrés"],
        ["Lote", "Archivo", "Estado", "Filas", "Aceptadas", "Rechazadas", "Señaladas", "Registrados"],
    ]);
    let rows = found.imports.iter().map(|import| {
        vec![
            import.id.clone(),
            import.file_name.clone(),
            state(language, import.state()).to_owned(),
            language.number(import.rows_read),
            language.number(import.rows_accepted),
            language.number(import.rows_refused),
            language.number(import.rows_flagged),
            language.number(import.groups_registered),
        ]
    });
    let mut text = whole(table(&head, rows.collect(), true), &[0]).to_string();
    text.push_str(&language.more(&found.next_page_token));
    text
}

fn state(language: Language, state: ImportState) -> &'static str {
    language.of(match state {
        ImportState::Unspecified => ["–", "–", "–"],
        ImportState::Uploading => ["uploading", "en cours d’envoi", "en envío"],
        ImportState::Checked => ["checked", "vérifié", "comprobado"],
        ImportState::Registered => ["registered", "enregistré", "registrado"],
        ImportState::Discarded => ["discarded", "écarté", "descartado"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::common::Import;

    #[test]
    fn a_page_tells_each_batch_in_each_language_and_how_to_go_on() {
        let id = "0197f3a0-0000-7000-8000-000000000002";
        let import = Import {
            id: id.to_owned(),
            file_name: "march.csv".to_owned(),
            state: ImportState::Checked.into(),
            rows_read: 1200,
            ..Import::default()
        };
        let found = ListImportsResponse { imports: vec![import], next_page_token: "t1".to_owned() };
        let told = [Language::En, Language::Fr, Language::Es].map(|language| list(language, &found));
        for (text, [state, rows]) in
            told.iter().zip([["checked", "1,200"], ["vérifié", "1\u{202f}200"], ["comprobado", "1.200"]])
        {
            for wanted in [id, "march.csv", state, rows, "--page=t1"] {
                assert!(text.contains(wanted), "{wanted} is not in\n{text}");
            }
        }
        assert_eq!(list(Language::Es, &ListImportsResponse::default()), "No se ha enviado ningún lote.");
    }
}
