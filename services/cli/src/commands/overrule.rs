use proto::matching::{
    ListRoundOverridesRequest, OverrideKind, OverrideRoundRequest, PlanFigures, RoundOverride, RoundSeat, SeatMove,
    WhatIfRequest, WhatIfResponse,
};

use crate::{
    args::Laid,
    client::{Session, refusal, request_id},
    commands::round,
    output::{Output, table, waiting},
    words::Language,
};

const BOTH_WAYS: [&str; 3] = [
    "solving the market with and without it",
    "calcul du marché avec et sans la paire",
    "cálculo del mercado con y sin la pareja",
];
const WITH_IT: [&str; 3] =
    ["solving the market with it", "calcul du marché avec la paire", "cálculo del mercado con la pareja"];

fn wire(kind: Laid) -> OverrideKind {
    match kind {
        Laid::Pin => OverrideKind::Pin,
        Laid::Forbid => OverrideKind::Forbid,
    }
}

/// Shows what it would cost to lay a pair down.
pub(crate) async fn what_if(
    session: &Session,
    output: &Output,
    (round, kind): (&str, Laid),
    (candidate_id, line_id): (String, String),
) -> anyhow::Result<()> {
    let round_id = round::get(session, round).await?.id;
    let request = WhatIfRequest { round_id, candidate_id, line_id, kind: wire(kind).into() };
    let answer = waiting(output.language.of(BOTH_WAYS), session.matching().what_if(request)).await;
    let answer = answer.map_err(|status| refusal(&status))?.into_inner();
    if output.json {
        return output.json("circula.matching.v1.WhatIfResponse", &answer);
    }
    println!("{}", in_words(output.language, &answer));
    Ok(())
}

/// Lays a pair down.
pub(crate) async fn lay_down(
    session: &Session,
    output: &Output,
    (round, kind): (&str, Laid),
    (candidate_id, line_id): (String, String),
    reason: String,
) -> anyhow::Result<()> {
    let round = round::get(session, round).await?;
    let request = OverrideRoundRequest {
        round_id: round.id,
        candidate_id,
        line_id,
        kind: wire(kind).into(),
        reason,
        request_id: request_id(),
        expected_version: round.version,
    };
    let done = waiting(output.language.of(WITH_IT), session.matching().override_round(request)).await;
    let done = done.map_err(|status| refusal(&status))?.into_inner();
    if output.json {
        return output.json("circula.matching.v1.RoundOverride", &done);
    }
    println!("{}", record(output.language, &done));
    println!("{}", figures(output.language, done.before.as_ref(), done.after.as_ref()));
    Ok(())
}

/// Shows what was laid down in a round.
pub(crate) async fn list(session: &Session, output: &Output, round: &str) -> anyhow::Result<()> {
    let request = ListRoundOverridesRequest { round_id: round::get(session, round).await?.id };
    let answer =
        session.matching().list_round_overrides(request).await.map_err(|status| refusal(&status))?.into_inner();
    if output.json {
        return output.json("circula.matching.v1.ListRoundOverridesResponse", &answer);
    }
    if answer.overrides.is_empty() {
        let none = [
            "The plan stands as it was computed.",
            "Le plan est tel que calculé.",
            "El plan está tal como se calculó.",
        ];
        println!("{}", output.language.of(none));
    }
    for done in &answer.overrides {
        println!("{}", record(output.language, done));
        println!("{}", figures(output.language, done.before.as_ref(), done.after.as_ref()));
    }
    Ok(())
}

/// Who laid what down, and why.
fn record(language: Language, done: &RoundOverride) -> String {
    let RoundOverride { candidate_id, line_id, reason, actor, recorded_at, .. } = done;
    let verb = match done.kind() {
        OverrideKind::Forbid => language.of(["forbidden on", "interdit sur", "excluido de"]),
        _ => language.of(["pinned to", "fixé sur", "fijado en"]),
    };
    language.of([
        format!("{candidate_id} {verb} line {line_id}, by {actor} at {recorded_at}: {reason}"),
        format!("{candidate_id} {verb} la ligne {line_id}, par {actor} le {recorded_at}\u{a0}: {reason}"),
        format!("{candidate_id} {verb} la línea {line_id}, por {actor} el {recorded_at}: {reason}"),
    ])
}

fn in_words(language: Language, answer: &WhatIfResponse) -> String {
    let mut text = figures(language, answer.before.as_ref(), answer.after.as_ref());
    if answer.moves.is_empty() {
        let none = ["Nobody’s seat would change.", "Aucun poste ne changerait.", "Ningún puesto cambiaría."];
        return format!("{text}\n{}", language.of(none));
    }
    let head = language.of([["Candidate", "From", "To"], ["Candidat", "De", "Vers"], ["Candidato", "De", "A"]]);
    let rows = answer.moves.iter().map(|step| moved(language, step));
    text.push_str(&format!("\n{}", table(&head, rows.collect(), false)));
    let left = answer.moves_total - i64::try_from(answer.moves.len()).unwrap_or(0);
    if left > 0 {
        let people = language.count(left, [("person", "people"), ("personne", "personnes"), ("persona", "personas")]);
        text.push_str(&language.of([
            format!("\n… and {people} more."),
            format!("\n… et {people} de plus."),
            format!("\n… y {people} más."),
        ]));
    }
    text
}

fn moved(language: Language, step: &SeatMove) -> Vec<String> {
    let seat = |seat: &Option<RoundSeat>| match seat {
        Some(seat) => format!("{}, {}", seat.line_number, seat.line_title),
        None => language.of(["no seat", "aucun poste", "ningún puesto"]).to_owned(),
    };
    vec![step.candidate_id.clone(), seat(&step.from), seat(&step.to)]
}

/// What the plan reaches before and after, goal by goal.
fn figures(language: Language, before: Option<&PlanFigures>, after: Option<&PlanFigures>) -> String {
    let none = PlanFigures::default();
    let (before, after) = (before.unwrap_or(&none), after.unwrap_or(&none));
    let goals = language.of([
        ["Named recalls", "Seats", "Score", "At most"],
        ["Rappels nominatifs", "Postes", "Score", "Au plus"],
        ["Llamadas nominativas", "Puestos", "Puntuación", "Como máximo"],
    ]);
    let of = |figures: &PlanFigures| [figures.recalls, figures.seats, figures.score, figures.bound];
    let rows = goals.iter().zip(of(before)).zip(of(after)).map(|((goal, before), after)| {
        let change = match after - before {
            0 => "0".to_owned(),
            more if more > 0 => format!("+{}", language.number(more)),
            less => language.number(less),
        };
        vec![(*goal).to_owned(), language.number(before), language.number(after), change]
    });
    let head = language.of([
        ["Goal", "Before", "After", "Change"],
        ["Objectif", "Avant", "Après", "Écart"],
        ["Objetivo", "Antes", "Después", "Diferencia"],
    ]);
    table(&head, rows.collect(), true).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_is_told_goal_by_goal_and_those_who_pay_by_line() {
        let figures = |recalls, score| PlanFigures { recalls, seats: 3, score, bound: score, ..PlanFigures::default() };
        let from = RoundSeat { line_number: 2, line_title: "Pruning".to_owned(), ..RoundSeat::default() };
        let answer = WhatIfResponse {
            before: Some(figures(1, 1330)),
            after: Some(figures(0, 1300)),
            moves: vec![SeatMove { candidate_id: "c1".to_owned(), from: Some(from), to: None }],
            moves_total: 3,
        };
        let said = [Language::En, Language::Fr, Language::Es].map(|language| in_words(language, &answer));
        assert!(
            said[0].contains("-30") && said[0].contains("no seat") && said[0].contains("2, Pruning"),
            "{}",
            said[0]
        );
        assert!(said[1].contains("1\u{202f}330") && said[1].contains("2\u{a0}personnes de plus"), "{}", said[1]);
        assert!(said[2].contains("1.330") && said[2].contains("ningún puesto"), "{}", said[2]);
    }
}
