use proto::matching::{ListRoundPairsRequest, ListRoundPairsResponse, PairReason};

use crate::{
    args::Pairs,
    client::{Session, refusal},
    commands::round,
    output::{Output, table, whole},
    words::Language,
};

/// Shows who would sit where, with the ids that `explain` and `what-if` ask for.
pub(crate) async fn run(session: &Session, output: &Output, wanted: Pairs) -> anyhow::Result<()> {
    let request = ListRoundPairsRequest {
        round_id: round::get(session, &wanted.round).await?.id,
        page_size: wanted.page.size,
        page_token: wanted.page.after,
        line_id: wanted.line,
        candidate_id: wanted.candidate,
        reserves: wanted.reserves,
        reason: reason(&wanted.reason),
    };
    let answer = session.matching().list_round_pairs(request).await.map_err(|status| refusal(&status))?.into_inner();
    if output.json {
        return output.json("circula.matching.v1.ListRoundPairsResponse", &answer);
    }
    println!("{}", in_words(output.language, &answer, wanted.reserves));
    Ok(())
}

/// The number of what decided about pairs, 0 for no word; for a word that is none, one that the service refuses.
fn reason(word: &str) -> i32 {
    let known = PairReason::from_str_name(&format!("PAIR_REASON_{}", word.to_uppercase()));
    let known = known.filter(|known| *known != PairReason::Unspecified);
    if word.is_empty() { 0 } else { known.map_or(-1, i32::from) }
}

fn in_words(language: Language, answer: &ListRoundPairsResponse, reserves: bool) -> String {
    if answer.pairs.is_empty() {
        let none = [
            "No pair to show: none fits, or the round is not published yet and only operators see its pairs.",
            "Aucune paire à montrer\u{a0}: aucune ne correspond, ou le tour n’est pas publié et seuls les opérateurs \
             voient ses paires.",
            "Ninguna pareja que mostrar: ninguna corresponde, o la ronda no está publicada y solo los operadores ven sus \
             parejas.",
        ];
        return language.of(none).to_owned();
    }
    let head = language.of([
        ["Candidate", "Line", "Line’s id", "Corridor", "Score", "Place on reserve"],
        ["Candidat", "Ligne", "Id de la ligne", "Corridor", "Score", "Rang de réserve"],
        ["Candidato", "Línea", "Id de la línea", "Corredor", "Puntuación", "Puesto de reserva"],
    ]);
    let columns = if reserves { 6 } else { 5 };
    let rows = answer.pairs.iter().map(|pair| {
        let mut row = vec![
            pair.candidate_id.clone(),
            format!("{}, {}", pair.line_number, pair.line_title),
            pair.line_id.clone(),
            pair.corridor_code.clone(),
            language.number(pair.score),
            pair.reserve_rank.to_string(),
        ];
        row.truncate(columns);
        row
    });
    let mut text = whole(table(&head[..columns], rows.collect(), false), &[0, 2]).to_string();
    let (shown, total) = (language.number(answer.pairs.len().try_into().unwrap_or(i64::MAX)), answer.total_size);
    let pairs = language.count(total, [("pair", "pairs"), ("paire", "paires"), ("pareja", "parejas")]);
    text.push_str(&language.of([
        format!("\n{shown} of {pairs}."),
        format!("\n{shown} sur {pairs}."),
        format!("\n{shown} de {pairs}."),
    ]));
    text.push_str(&language.more(&answer.next_page_token));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::matching::RoundPair;

    #[test]
    fn a_word_that_decides_nothing_is_left_to_the_service_to_refuse() {
        let numbers = ["", "draw", "SCORE", "luck", "unspecified"].map(reason);
        assert_eq!(numbers, [0, PairReason::Draw as i32, PairReason::Score as i32, -1, -1]);
    }

    #[test]
    fn pairs_name_candidate_and_line_whole_and_how_to_go_on() {
        let (candidate, line) = ("0197f3a0-0000-7000-8000-000000000003", "0197f3a0-0000-7000-8000-000000000004");
        let pair = RoundPair {
            candidate_id: candidate.to_owned(),
            line_id: line.to_owned(),
            line_number: 2,
            line_title: "Pruning".to_owned(),
            corridor_code: "CO-ES".to_owned(),
            score: 1330,
            reserve_rank: 77,
            ..RoundPair::default()
        };
        let answer = ListRoundPairsResponse { pairs: vec![pair], next_page_token: "t1".to_owned(), total_size: 1200 };
        let told = [Language::En, Language::Fr, Language::Es].map(|language| in_words(language, &answer, false));
        for text in &told {
            for wanted in [candidate, line, "2, Pruning", "CO-ES", "--page=t1"] {
                assert!(text.contains(wanted), "{wanted} is not in\n{text}");
            }
            assert!(!text.contains("77"), "a seat has no place on a reserve list:\n{text}");
        }
        assert!(told[0].contains("1 of 1,200\u{a0}pairs."), "{}", told[0]);
        assert!(told[1].contains("1\u{202f}330") && told[1].contains("1\u{202f}200\u{a0}paires"), "{}", told[1]);
        assert!(told[2].contains("1.330"), "{}", told[2]);
        let reserve = in_words(Language::En, &answer, true);
        assert!(reserve.contains("77") && reserve.contains("Place on reserve"), "{reserve}");
        assert!(in_words(Language::Fr, &ListRoundPairsResponse::default(), false).contains("montrer\u{a0}:"));
    }
}
