mod moves;
mod view;

use std::process::ExitCode;

use proto::placement::{
    Clock, GetPlacementRequest, ListPlacementsRequest, ListPlacementsResponse, Placement as Placed, Stage,
};

use crate::{
    args::{ClientArgs, Placement, Placements, placement::stage_word},
    client::{Session, refusal},
    output::{Output, spinner, table, whole},
    words::Language,
};

/// Placements asked for at once.
const SIZE: usize = 1000;

/// Shows placements, or moves them. Fails if any move was refused.
pub(crate) async fn run(client: &ClientArgs, output: &Output, what: Placement) -> anyhow::Result<ExitCode> {
    match what {
        Placement::List(wanted) => list(&Session::open(client).await?, output, wanted).await?,
        Placement::Show { placement } => {
            let request = GetPlacementRequest { placement_id: placement, language: String::new() };
            let session = Session::open(client).await?;
            let found = session.placement().get_placement(request).await.map_err(|status| refusal(&status))?;
            let found = found.into_inner();
            if output.json {
                output.json("circula.placement.v1.PlacementView", &found)?;
            } else {
                println!("{}", view::in_words(output.language, &found));
            }
        }
        // What is wrong with the words is said before anybody signs in.
        Placement::Move(wanted) => {
            let asked = moves::read(&wanted)?;
            return moves::run(&Session::open(client).await?, output, (asked, &wanted)).await;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(session: &Session, output: &Output, wanted: Placements) -> anyhow::Result<()> {
    let ids = wanted.ids;
    let found = find(session, output.language, wanted).await?;
    if output.json {
        return output.json("circula.placement.v1.ListPlacementsResponse", &found);
    }
    if ids {
        for placement in &found.placements {
            println!("{}", placement.id);
        }
        // Not among the ids, which another command reads.
        let more = output.language.more(&found.next_page_token);
        if !more.is_empty() {
            eprintln!("{}", more.trim_start());
        }
    } else {
        println!("{}", in_words(output.language, &found));
    }
    Ok(())
}

/// One page, or page after page up to as many as are wanted.
async fn find(session: &Session, language: Language, wanted: Placements) -> anyhow::Result<ListPlacementsResponse> {
    let most = wanted.up_to.map(|most| usize::try_from(most).unwrap_or(usize::MAX));
    let mut request = request(wanted);
    let mut service = session.placement();
    let mut all = ListPlacementsResponse::default();
    let progress = spinner(language.of(["listing placements", "liste des placements", "lista de colocaciones"]));
    loop {
        if let Some(most) = most {
            let left = (most - all.placements.len()).min(SIZE);
            request.page_size = i32::try_from(left)?;
        }
        let page = service.list_placements(request.clone()).await.map_err(|status| refusal(&status))?.into_inner();
        all.placements.extend(page.placements);
        all.next_page_token = page.next_page_token;
        let enough = most.is_none_or(|most| all.placements.len() >= most);
        if enough || all.next_page_token.is_empty() {
            progress.finish_and_clear();
            return Ok(all);
        }
        request.page_token.clone_from(&all.next_page_token);
    }
}

fn request(wanted: Placements) -> ListPlacementsRequest {
    ListPlacementsRequest {
        page_size: wanted.page.size,
        page_token: wanted.page.after,
        corridor_code: wanted.corridor,
        season_code: wanted.season,
        stage: Stage::Unspecified.into(),
        line_id: wanted.line,
        candidate_id: wanted.candidate,
        late: wanted.late,
        order_id: wanted.order,
        clock: wanted.clock,
        stages: wanted.stages.into_iter().map(i32::from).collect(),
        unpublished_case: wanted.unpublished_case,
    }
}

/// A page of placements, and how to go on.
fn in_words(language: Language, found: &ListPlacementsResponse) -> String {
    if found.placements.is_empty() {
        let none = ["No placement fits.", "Aucun placement ne correspond.", "Ninguna colocación corresponde."];
        return language.of(none).to_owned();
    }
    let head = language.of([
        ["Placement", "Stage", "Corridor", "Season", "Candidate", "Work", "Next clock"],
        ["Placement", "Étape", "Corridor", "Saison", "Candidat", "Travail", "Prochain délai"],
        ["Colocación", "Etapa", "Corredor", "Temporada", "Candidato", "Trabajo", "Próximo plazo"],
    ]);
    let row = |placement: &Placed| {
        let next = placement.clocks.iter().min_by(|one, other| one.due_on.cmp(&other.due_on));
        vec![
            placement.id.clone(),
            stage(language, placement.stage()),
            placement.corridor_code.clone(),
            placement.season_code.clone(),
            placement.candidate_id.clone(),
            span(&placement.starts_on, &placement.ends_on),
            next.map_or_else(|| said(""), due),
        ]
    };
    let rows = found.placements.iter().map(row).collect();
    let mut text = whole(table(&head, rows, false), &[0, 4]).to_string();
    text.push_str(&language.more(&found.next_page_token));
    text
}

fn due(clock: &Clock) -> String {
    format!("{} {}", clock.name, clock.due_on)
}

/// The word that `--stage` takes in English, and what the console says for it in the others.
fn stage(language: Language, stage: Stage) -> String {
    if stage == Stage::Unspecified {
        return said("");
    }
    if language == Language::En {
        return stage_word(stage);
    }
    let (code, words) = (stage.as_str_name().trim_start_matches("STAGE_"), language.console());
    words.known("step", code).unwrap_or_else(|| words.code("ending", code))
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
    use crate::args::Page;

    const ID: &str = "0197f3a0-0000-7000-8000-000000000005";
    const WHO: &str = "0197f3a0-0000-7000-8000-000000000001";

    #[test]
    fn a_page_names_placement_and_candidate_whole_with_the_clock_that_is_due_first() {
        let clock =
            |name: &str, due_on: &str| Clock { name: name.to_owned(), due_on: due_on.to_owned(), ..Clock::default() };
        let placement = Placed {
            id: ID.to_owned(),
            candidate_id: WHO.to_owned(),
            stage: Stage::WorkEnded.into(),
            corridor_code: "CO-ES".to_owned(),
            starts_on: "2026-03-01".to_owned(),
            ends_on: "2026-09-01".to_owned(),
            clocks: vec![clock("C-UNVERIFIED", "2026-12-01"), clock("C-RETURN", "2026-10-01")],
            ..Placed::default()
        };
        let found = ListPlacementsResponse { placements: vec![placement], next_page_token: "-a1".to_owned() };
        let told = [Language::En, Language::Fr, Language::Es].map(|language| in_words(language, &found));
        for text in &told {
            for wanted in [ID, WHO, "CO-ES", "2026-03-01 – 2026-09-01", "C-RETURN 2026-10-01", "--page=-a1"] {
                assert!(text.contains(wanted), "{wanted} is not in\n{text}");
            }
            assert!(!text.contains("C-UNVERIFIED"), "{text}");
        }
        assert!(told[0].contains("work-ended"), "{}", told[0]);
        assert_eq!(in_words(Language::Es, &ListPlacementsResponse::default()), "Ninguna colocación corresponde.");
    }

    #[test]
    fn every_stage_has_words_in_each_language() {
        for known in Stage::all() {
            let code = known.as_str_name().trim_start_matches("STAGE_");
            for language in [Language::Fr, Language::Es] {
                let words = language.console();
                let has = ["step", "ending"].iter().any(|kind| words.known(kind, code).is_some());
                assert!(has, "{code} has no words in {language:?}");
            }
        }
    }

    #[test]
    fn a_filter_asks_for_what_was_said() {
        let wanted = Placements {
            corridor: "CO-ES".to_owned(),
            season: String::new(),
            stages: vec![Stage::Proposed, Stage::Selected],
            line: String::new(),
            order: String::new(),
            candidate: WHO.to_owned(),
            late: true,
            unpublished_case: false,
            clock: "C-SELECT".to_owned(),
            page: Page { size: 7, after: "t1".to_owned() },
            up_to: None,
            ids: false,
        };
        let asked = request(wanted);
        assert_eq!(asked.stages, [Stage::Proposed as i32, Stage::Selected as i32]);
        assert_eq!((asked.corridor_code.as_str(), asked.candidate_id.as_str()), ("CO-ES", WHO));
        assert_eq!((asked.clock.as_str(), asked.late, asked.page_size), ("C-SELECT", true, 7));
    }
}
