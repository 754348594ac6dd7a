use std::collections::HashMap;

use proto::candidate::{
    Candidate as Facts, CandidateRecord, CandidateState, CorrectCandidateRequest, GetCandidateRecordRequest,
    ListCandidatesRequest, ListCandidatesResponse, RecordChange, WithdrawCandidateRequest,
};

use crate::{
    args::{Candidate, CandidateIs, ClientArgs},
    client::{Session, refusal, request_id},
    output::{Output, table, whole},
    words::Language,
};

/// Shows candidates and their records, corrects one, takes one off the roster.
pub(crate) async fn run(client: &ClientArgs, output: &Output, what: Candidate) -> anyhow::Result<()> {
    let session = Session::open(client).await?;
    let mut service = session.candidate();
    let answer = match what {
        Candidate::List { state, origin, page } => {
            let request = ListCandidatesRequest {
                page_size: page.size,
                page_token: page.after,
                state: state.map_or(CandidateState::Unspecified, wire).into(),
                origin,
                reference: String::new(),
            };
            let found = service.list_candidates(request).await.map_err(|status| refusal(&status))?.into_inner();
            if output.json {
                return output.json("circula.candidate.v1.ListCandidatesResponse", &found);
            }
            println!("{}", list(output.language, &found));
            return Ok(());
        }
        Candidate::Find { reference } => {
            let request = GetCandidateRecordRequest { candidate_id: String::new(), reference };
            service.get_candidate_record(request).await
        }
        Candidate::Show { candidate } => {
            let request = GetCandidateRecordRequest { candidate_id: candidate, reference: String::new() };
            service.get_candidate_record(request).await
        }
        Candidate::Correct { candidate, fields, seen } => {
            let request = CorrectCandidateRequest {
                candidate_id: candidate,
                fields: by_column(fields)?,
                version: seen,
                request_id: request_id(),
            };
            service.correct_candidate(request).await
        }
        Candidate::Withdraw { candidate, reason } => {
            let request = WithdrawCandidateRequest { candidate_id: candidate, reason, request_id: request_id() };
            service.withdraw_candidate(request).await
        }
    };
    let record = answer.map_err(|status| refusal(&status))?.into_inner();
    if output.json {
        return output.json("circula.candidate.v1.CandidateRecord", &record);
    }
    println!("{}", in_words(output.language, &record));
    Ok(())
}

/// New values by column; each column once, for only one of two could be kept.
fn by_column(fields: Vec<(String, String)>) -> anyhow::Result<HashMap<String, String>> {
    let mut values = HashMap::new();
    for (column, value) in fields {
        if values.insert(column.clone(), value).is_some() {
            anyhow::bail!("{column} is given twice; nothing was changed\n  What mends it: give each column one value");
        }
    }
    Ok(values)
}

fn wire(state: CandidateIs) -> CandidateState {
    match state {
        CandidateIs::Registered => CandidateState::Registered,
        CandidateIs::Rostered => CandidateState::Rostered,
        CandidateIs::Expired => CandidateState::Expired,
        CandidateIs::Withdrawn => CandidateState::Withdrawn,
        CandidateIs::Barred => CandidateState::Barred,
    }
}

/// The word that `--state` takes in English, and what the others say for it.
fn state(language: Language, state: CandidateState) -> &'static str {
    language.of(match state {
        CandidateState::Unspecified => ["–", "–", "–"],
        CandidateState::Registered => ["registered", "enregistré", "registrado"],
        CandidateState::Rostered => ["rostered", "inscrit", "en la bolsa"],
        CandidateState::Expired => ["expired", "échu", "vencido"],
        CandidateState::Withdrawn => ["withdrawn", "désisté", "desistido"],
        CandidateState::Barred => ["barred", "exclu", "excluido"],
    })
}

/// A page of coded facts, and how to go on.
fn list(language: Language, found: &ListCandidatesResponse) -> String {
    if found.candidates.is_empty() {
        let none = ["No candidate fits.", "Aucun candidat ne correspond.", "Ningún candidato corresponde."];
        return language.of(none).to_owned();
    }
    let head = language.of([
        ["Candidate", "From", "State", "Born in", "Occupations", "Languages", "Available", "On the roster until"],
        ["Candidat", "De", "État", "Né en", "Métiers", "Langues", "Disponible", "Inscrit jusqu’au"],
        ["Candidato", "De", "Estado", "Nacido en", "Ocupaciones", "Idiomas", "Disponible", "En la bolsa hasta"],
    ]);
    let rows = found.candidates.iter().map(|facts| {
        vec![
            facts.id.clone(),
            facts.origin.clone(),
            state(language, facts.state()).to_owned(),
            facts.birth_year.to_string(),
            facts.experience.iter().map(|one| one.isco_code.as_str()).collect::<Vec<_>>().join(" "),
            facts.languages.join(" "),
            span(&facts.available_from, &facts.available_until),
            said(&facts.rostered_until),
        ]
    });
    let mut text = whole(table(&head, rows.collect(), false), &[0]).to_string();
    text.push_str(&language.more(&found.next_page_token));
    text
}

/// The whole record: the person, the facts, what is missing, what was done to it.
fn in_words(language: Language, record: &CandidateRecord) -> String {
    let head = language.of([["Field", "Value"], ["Champ", "Valeur"], ["Campo", "Valor"]]);
    let mut rows = person(language, record);
    rows.extend(facts(language, &record.candidate.clone().unwrap_or_default(), &record.missing));
    let rows = rows.into_iter().map(|(field, value)| vec![language.of(field).to_owned(), said(&value)]);
    let mut text = table(&head, rows.collect(), false).to_string();
    if !record.history.is_empty() {
        text.push_str(&format!("\n{}", history(language, &record.history)));
    }
    text
}

type Row = ([&'static str; 3], String);

fn person(language: Language, record: &CandidateRecord) -> Vec<Row> {
    let person = record.person.clone().unwrap_or_default();
    let (number, expires) = (&person.document_number, &person.document_expires_on);
    let document = language.of([
        format!("{number}, until {expires}"),
        format!("{number}, jusqu’au {expires}"),
        format!("{number}, hasta {expires}"),
    ]);
    vec![
        (["Reference", "Référence", "Referencia"], person.reference),
        (["Name", "Nom", "Nombre"], format!("{}, {}", person.family_name, person.given_names)),
        (["Born on", "Date de naissance", "Fecha de nacimiento"], person.born_on),
        (["Document", "Document", "Documento"], document),
        (["Phone", "Téléphone", "Teléfono"], person.phone),
        (["Family", "Famille", "Familia"], person.family_group),
        (["Crew", "Équipe", "Cuadrilla"], person.crew),
    ]
}

fn facts(language: Language, facts: &Facts, missing: &[String]) -> Vec<Row> {
    let months = |months| language.count(i64::from(months), [("month", "months"), ("mois", "mois"), ("mes", "meses")]);
    let worked = facts.experience.iter().map(|one| format!("{} ({})", one.isco_code, months(one.months)));
    vec![
        (["Candidate", "Candidat", "Candidato"], facts.id.clone()),
        (["State", "État", "Estado"], state(language, facts.state()).to_owned()),
        (["Missing for the roster", "Manque pour l’inscription", "Falta para la bolsa"], missing.join(", ")),
        (["On the roster until", "Inscrit jusqu’au", "En la bolsa hasta"], facts.rostered_until.clone()),
        (["From", "De", "De"], [facts.origin.as_str(), &facts.region].join(" ").trim().to_owned()),
        (["Occupations", "Métiers", "Ocupaciones"], worked.collect::<Vec<_>>().join(", ")),
        (["Languages", "Langues", "Idiomas"], facts.languages.join(", ")),
        (["Certificates", "Certificats", "Certificados"], facts.certificates.join(", ")),
        (["Willing to go to", "Prêt à aller en", "Dispuesto a ir a"], facts.destinations.join(", ")),
        (["Available", "Disponible", "Disponible"], span(&facts.available_from, &facts.available_until)),
        (["Fit until", "Apte jusqu’au", "Apto hasta"], facts.fit_until.clone()),
        (["Trained until", "Formé jusqu’au", "Formado hasta"], facts.trained_until.clone()),
        (["Seasons returned", "Saisons avec retour", "Temporadas con retorno"], facts.seasons_returned.to_string()),
        (["Version", "Version", "Versión"], facts.version.to_string()),
    ]
}

fn history(language: Language, changes: &[RecordChange]) -> String {
    let head = language.of([
        ["Version", "When", "What", "Who", "Fields"],
        ["Version", "Quand", "Quoi", "Qui", "Champs"],
        ["Versión", "Cuándo", "Qué", "Quién", "Campos"],
    ]);
    let rows = changes.iter().map(|change| {
        vec![
            change.version.to_string(),
            change.recorded_at.clone(),
            change.what.clone(),
            change.actor.clone(),
            said(&change.fields.join(", ")),
        ]
    });
    table(&head, rows.collect(), false).to_string()
}

fn span(from: &str, until: &str) -> String {
    format!("{} – {}", said(from), said(until))
}

/// A dash for nothing.
fn said(value: &str) -> String {
    if value.is_empty() { "–".to_owned() } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::candidate::{Experience, Person};

    const ID: &str = "0197f3a0-0000-7000-8000-000000000001";

    fn facts() -> Facts {
        Facts {
            id: ID.to_owned(),
            origin: "CO".to_owned(),
            state: CandidateState::Rostered.into(),
            birth_year: 1990,
            experience: vec![Experience { isco_code: "9211".to_owned(), months: 1 }],
            languages: vec!["es:C1".to_owned()],
            available_from: "2026-03-01".to_owned(),
            version: 4,
            ..Facts::default()
        }
    }

    #[test]
    fn a_page_names_each_candidate_whole_and_how_to_go_on() {
        let found = ListCandidatesResponse { candidates: vec![facts()], next_page_token: "-a1".to_owned() };
        let pages = [Language::En, Language::Fr, Language::Es].map(|language| list(language, &found));
        for (page, state) in pages.iter().zip(["rostered", "inscrit", "en la bolsa"]) {
            assert!(page.contains(ID) && page.contains(state) && page.contains("--page=-a1"), "{page}");
            assert!(page.contains("2026-03-01 – –"), "{page}");
        }
        assert_eq!(list(Language::Fr, &ListCandidatesResponse::default()), "Aucun candidat ne correspond.");
    }

    #[test]
    fn a_record_shows_the_person_what_is_missing_and_the_history() {
        let person = Person {
            reference: "R-7".to_owned(),
            family_name: "Núñez".to_owned(),
            given_names: "Ana".to_owned(),
            document_number: "CC1".to_owned(),
            document_expires_on: "2027-01-31".to_owned(),
            crew: "Crew 7".to_owned(),
            ..Person::default()
        };
        let change = RecordChange { version: 4, what: "withdrawn: OWN_WISH".to_owned(), ..RecordChange::default() };
        let record = CandidateRecord {
            candidate: Some(facts()),
            person: Some(person),
            missing: vec!["FITNESS".to_owned()],
            history: vec![change],
        };
        let told = [Language::En, Language::Fr, Language::Es].map(|language| in_words(language, &record));
        for text in &told {
            for wanted in [ID, "R-7", "Crew 7", "Núñez, Ana", "FITNESS", "withdrawn: OWN_WISH", "9211"] {
                assert!(text.contains(wanted), "{wanted} is not in\n{text}");
            }
        }
        assert!(told[0].contains("CC1, until 2027-01-31") && told[0].contains("1\u{a0}month"), "{}", told[0]);
        assert!(told[1].contains("CC1, jusqu’au 2027-01-31"), "{}", told[1]);
        assert!(told[2].contains("Fecha de nacimiento"), "{}", told[2]);
    }

    #[test]
    fn a_column_that_is_given_twice_is_refused() {
        let field = |column: &str, value: &str| (column.to_owned(), value.to_owned());
        assert_eq!(by_column(vec![field("phone", "1"), field("region", "")]).unwrap().len(), 2);
        let refused = by_column(vec![field("phone", "1"), field("phone", "2")]).unwrap_err().to_string();
        assert!(refused.contains("phone is given twice"), "{refused}");
    }
}
