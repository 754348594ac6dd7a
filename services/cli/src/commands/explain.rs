use gateway::console::reason::Reason;
use proto::matching::{
    CandidateExplanation, ExplainCandidateRequest, ExplainLineRequest, LineExplanation, RoundPair, ScorePart,
};

use crate::{
    args::{ClientArgs, Explain},
    client::{Session, refusal},
    commands::{change::in_words, round},
    output::{Output, table, waiting},
    words::Language,
};

const LOOKING: [&str; 3] = ["looking for the reasons", "recherche des motifs", "se buscan los motivos"];

/// Says why.
pub(crate) async fn run(client: &ClientArgs, output: &Output, what: Explain) -> anyhow::Result<()> {
    let session = Session::open(client).await?;
    match what {
        Explain::Candidate { round, candidate, changes } => {
            let round_id = round::get(&session, &round).await?.id;
            let request = ExplainCandidateRequest { round_id, candidate_id: candidate, changes };
            let answer = waiting(output.language.of(LOOKING), session.matching().explain_candidate(request)).await;
            let answer = answer.map_err(|status| refusal(&status))?.into_inner();
            if output.json {
                return output.json("circula.matching.v1.CandidateExplanation", &answer);
            }
            println!("{}", candidate_in_words(output.language, &answer));
            if changes {
                println!("{}", in_words(output.language, &answer.changes, answer.changes_cut));
            }
        }
        Explain::Line { round, line, changes } => {
            let round_id = round::get(&session, &round).await?.id;
            let request = ExplainLineRequest { round_id, line_id: line, changes };
            let answer = waiting(output.language.of(LOOKING), session.matching().explain_line(request)).await;
            let answer = answer.map_err(|status| refusal(&status))?.into_inner();
            if output.json {
                return output.json("circula.matching.v1.LineExplanation", &answer);
            }
            println!("{}", line_in_words(output.language, &answer));
            if changes {
                println!("{}", in_words(output.language, &answer.changes, answer.changes_cut));
            }
        }
    }
    Ok(())
}

fn candidate_in_words(language: Language, answer: &CandidateExplanation) -> String {
    let mut text = language.reasons(&Reason::all(answer.reasons.clone(), &answer.summary));
    if let Some(pair) = &answer.pair {
        text.push_str(&format!("\n{}", score(language, pair)));
    }
    if !answer.near.is_empty() {
        let rows = answer.near.iter().map(|line| {
            let full = if line.full {
                language.of(["full", "complète", "completa"])
            } else {
                language.of(["has room", "a de la place", "tiene sitio"])
            };
            let why = language.reasons(&Reason::all(line.reason.clone(), &line.message));
            let (score, price) = (language.number(line.score), language.number(line.price));
            vec![line.line_title.clone(), score, price, full.to_owned(), why]
        });
        let head = language.of([
            ["Line", "Score", "Needed", "Line is", "Why"],
            ["Ligne", "Score", "Nécessaire", "La ligne est", "Pourquoi"],
            ["Línea", "Puntuación", "Necesaria", "La línea está", "Por qué"],
        ]);
        text.push_str(&format!("\n{}", table(&head, rows.collect(), false)));
    }
    for closed in &answer.closed {
        let lines = language.count(closed.lines, [("line", "lines"), ("ligne", "lignes"), ("línea", "líneas")]);
        let (rule, why) = (&closed.rule, rule(language, &closed.rule, &closed.message));
        text.push_str(&language.of([
            format!("\n  {lines} closed by {rule}: {why}"),
            format!("\n  {lines}, règle {rule}\u{a0}: {why}"),
            format!("\n  {lines}, regla {rule}: {why}"),
        ]));
    }
    text
}

fn line_in_words(language: Language, answer: &LineExplanation) -> String {
    let figures = [answer.seats_filled, answer.seats_open, answer.eligible, answer.lowest_score];
    let [filled, open, eligible, lowest] = figures.map(|number| language.number(number));
    let mut text = language.reasons(&Reason::all(answer.reasons.clone(), &answer.summary));
    text.push_str(&language.of([
        format!("\n{filled} of {open} open seats filled; {eligible} candidates fit; the lowest score with a seat is {lowest}."),
        format!(
            "\nPostes ouverts pourvus\u{a0}: {filled} sur {open}\u{202f}; candidats qui conviennent\u{a0}: {eligible}\u{202f}; le \
             plus bas score avec un poste est {lowest}."
        ),
        format!(
            "\nPuestos abiertos cubiertos: {filled} de {open}; candidatos que cumplen: {eligible}; la puntuación más baja con \
             puesto es {lowest}."
        ),
    ]));
    for closed in &answer.closed {
        let forms = [("candidate", "candidates"), ("candidat", "candidats"), ("candidato", "candidatos")];
        let people = language.count(closed.candidates, forms);
        let (rule, why) = (&closed.rule, rule(language, &closed.rule, &closed.message));
        text.push_str(&language.of([
            format!("\n  {people} closed out by {rule}: {why}"),
            format!("\n  {people}, règle {rule}\u{a0}: {why}"),
            format!("\n  {people}, regla {rule}: {why}"),
        ]));
    }
    for pair in &answer.reserves {
        let (rank, score) = (pair.reserve_rank, score(language, pair));
        text.push_str(&language.of([
            format!("\n  reserve {rank}: {score}"),
            format!("\n  réserve {rank}\u{a0}: {score}"),
            format!("\n  reserva {rank}: {score}"),
        ]));
    }
    text
}

/// What a rule says where it closes a line, or why it has no seat for people whom no rule shuts out.
fn rule(language: Language, key: &str, english: &str) -> String {
    let words = language.console();
    let said = Reason::bare(key, english).in_words(&words).or_else(|| words.known("refusal", key));
    said.unwrap_or_else(|| english.to_owned())
}

fn score(language: Language, pair: &RoundPair) -> String {
    let points = language.count(pair.score, [("point", "points"), ("point", "points"), ("punto", "puntos")]);
    let parts: Vec<String> = pair.parts.iter().map(|one| part(language, one)).collect();
    format!("{points} = {}", parts.join(" + "))
}

/// A summand, and how it came about where that is known.
fn part(language: Language, part: &ScorePart) -> String {
    let (words, name) = (language.console(), part.rule.strip_prefix("score.").unwrap_or(&part.rule));
    let numbers: Vec<(String, i64)> = part.counted.map(|counted| ("count".to_owned(), counted)).into_iter().collect();
    let how = words.filled_with(&format!("counted-{}", name.replace('_', "-")), &[], &numbers);
    // Of a pair of an earlier build only the English of it is known.
    let how = how.or_else(|| (language == Language::En).then(|| part.detail.clone())).filter(|how| !how.is_empty());
    let how = how.map(|how| format!(" ({how})")).unwrap_or_default();
    format!("{} {}{how}", language.number(part.points), words.code("part", name))
}

#[cfg(test)]
mod tests {
    use gateway::console::round::Check;
    use matching::{eligibility::Rule, reason::Code};
    use proto::matching::{ClosedCandidates, ClosedLines, NearLine};

    use super::*;

    const ALL: [Language; 3] = [Language::En, Language::Fr, Language::Es];

    /// A reason with some value for each of its names.
    fn filled(code: Code) -> Reason {
        let (texts, numbers) = code.arguments();
        Reason {
            texts: texts.iter().map(|name| ((*name).to_owned(), format!("the {name}"))).collect(),
            numbers: numbers.iter().map(|name| ((*name).to_owned(), 1234)).collect(),
            ..Reason::bare(code.word(), "")
        }
    }

    #[test]
    fn every_reason_of_the_service_has_words_in_every_language_and_uses_its_values() {
        assert!(Code::ALL.len() >= 22 && Rule::ALL.len() >= 21, "there are codes");
        for language in ALL {
            for code in Code::ALL {
                let said = filled(*code).in_words(&language.console());
                let said = said.unwrap_or_else(|| panic!("{language:?} lacks {}", code.word()));
                let (texts, numbers) = code.arguments();
                let there = texts.iter().all(|name| said.contains(&format!("the {name}")));
                let counted = said.matches(&language.number(1234)).count();
                assert!(there && counted == numbers.len(), "{language:?} {}: {said}", code.word());
            }
            for rule in Rule::ALL {
                let said = Reason::bare(rule.key(), "").in_words(&language.console());
                assert!(said.is_some(), "{language:?} lacks {}", rule.key());
            }
        }
    }

    #[test]
    fn every_code_of_a_round_has_words_in_every_language() {
        let round = [
            ("method", ["SHORTEST_PATHS", "QUOTA_PRICES", "CORE", "CORE_SEARCHED"].as_slice()),
            (
                "phase",
                &["waiting", "reading", "market", "pairs", "seats", "quotas", "checking", "storing", "publishing"],
            ),
            ("check", &["CAPACITY", "ONE_SEAT_EACH", "QUOTA", "BOUND", "LOTTERY", "RESERVE", "ELIGIBLE", "RULES"]),
            ("check", &["TOGETHER", "LEAST_CREW"]),
            ("goal", &["RECALLS", "FIRST", "PRIORITY", "SEATS", "SCORE"]),
            ("round-status", &["COMPUTING", "COMPUTED", "PUBLISHING", "PUBLISHED", "DISCARDED", "FAILED"]),
        ];
        for (language, (kind, codes)) in ALL.iter().flat_map(|language| round.iter().map(move |kind| (language, kind)))
        {
            let words = language.console();
            for code in *codes {
                assert!(words.known(kind, code).is_some(), "{language:?} lacks {kind} {code}");
                let check =
                    Check { code: (*code).to_owned(), passed: true, finding: String::new(), looked_at: Some(412) };
                assert!(*kind != "check" || check.seen(&words).is_some(), "{language:?}: how many {code} looked at");
            }
        }
    }

    #[test]
    fn an_explanation_is_in_the_readers_language_and_what_has_no_words_in_english() {
        let wire = |code: &str, numbers: &[(&str, i64)]| proto::matching::Reason {
            code: code.to_owned(),
            message: "Said in English.".to_owned(),
            numbers: numbers.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect(),
            ..proto::matching::Reason::default()
        };
        let near = NearLine {
            reason: Some(wire("FULL", &[("lowest", 1_300), ("needed", 1_301)])),
            full: true,
            ..NearLine::default()
        };
        let closed = |rule: &str| ClosedLines { rule: rule.to_owned(), message: "No words.".to_owned(), lines: 2 };
        let answer = CandidateExplanation {
            reasons: vec![wire("NO_LINE_OPEN", &[]), wire("FROM_TOMORROW", &[])],
            near: vec![near],
            closed: vec![closed("candidate.age_max"), closed("rule.of_tomorrow")],
            ..CandidateExplanation::default()
        };
        let said = ALL.map(|language| candidate_in_words(language, &answer));
        for text in &said {
            assert!(text.contains("Said in English.") && text.contains("No words."), "{text}");
        }
        assert!(
            said[1].starts_with("Pas de poste\u{a0}: aucune ligne") && said[1].contains("1\u{202f}301"),
            "{}",
            said[1]
        );
        assert!(said[1].contains("Âge dépassé") && !said[1].contains("full"), "{}", said[1]);
        assert!(said[2].contains("2\u{a0}líneas, regla candidate.age_max: Edad superada"), "{}", said[2]);
        assert!(said[0].contains("closed by candidate.age_max: Too old"), "{}", said[0]);
    }

    #[test]
    fn a_line_says_in_every_language_that_people_are_kept_back_by_others() {
        let closed = ClosedCandidates {
            rule: Code::TogetherNotWhole.word().to_owned(),
            message: "Said in English.".to_owned(),
            candidates: 2,
        };
        let answer = LineExplanation { closed: vec![closed], ..LineExplanation::default() };
        for (language, words) in ALL.into_iter().zip(["come together", "viennent ensemble", "vienen juntos"]) {
            let said = line_in_words(language, &answer);
            assert!(said.contains(words) && said.contains("TOGETHER_NOT_WHOLE"), "{said}");
        }
    }

    #[test]
    fn a_score_says_what_was_counted() {
        let part = |rule: &str, points, counted| ScorePart {
            rule: rule.to_owned(),
            points,
            detail: "in English".to_owned(),
            counted,
        };
        let parts = vec![part("score.base", 100, None), part("score.per_experience_month", 96, Some(12))];
        let pair = RoundPair { score: 196, parts, ..RoundPair::default() };
        assert_eq!(
            score(Language::Fr, &pair),
            "196\u{a0}points = 100 base (chaque personne) + 96 expérience (12 mois dans le métier)"
        );
        let earlier = RoundPair { parts: vec![part("score.per_certificate", 20, None)], ..pair };
        assert!(score(Language::En, &earlier).ends_with("(in English)"));
        assert!(!score(Language::Es, &earlier).contains('('));
    }
}
