use std::time::{Duration, Instant};

use gateway::console::{reason::Reason, round::Check};
use proto::matching::{
    ComputeRoundRequest, DiscardRoundRequest, GetRoundRequest, ListRoundsRequest, PublishRoundRequest,
    Round as Computed, RoundState,
};
use tonic::{Code, Response, Status};

use crate::{
    args::{ClientArgs, Pair, Round},
    client::{Session, refusal, request_id},
    commands::{fairness, overrule, pairs, seed},
    output::{Output, bar, table},
    words::Language,
};

/// How often a round is looked at.
const BEAT: Duration = Duration::from_millis(200);
/// After this time without a change a round that goes out stands still, and so often it is published again.
const STILL: Duration = Duration::from_secs(30);
const TRIES: u32 = 5;

const MESSAGE: &str = "circula.matching.v1.Round";

/// Computes, shows or publishes rounds.
pub(crate) async fn run(client: &ClientArgs, output: &Output, what: Round) -> anyhow::Result<()> {
    let session = Session::open(client).await?;
    let round = match what {
        Round::List => return list(&session, output).await,
        Round::Commit { season, destination, seed, reason } => {
            return seed::commit(&session, output, (season, destination), (&seed, reason)).await;
        }
        Round::Compute { season, destination, as_of, seed } => {
            let request = ComputeRoundRequest {
                season_code: season,
                destination,
                as_of: as_of.to_string(),
                seed,
                request_id: request_id(),
            };
            let progress = bar("");
            progress.set_length(100);
            let computed = compute((&session, output.language), request, |round| {
                progress.set_message(so_far(output.language, round));
                progress.set_position(round.percent.unsigned_abs().into());
            })
            .await?;
            progress.finish_and_clear();
            computed
        }
        Round::Pairs(wanted) => return pairs::run(&session, output, wanted).await,
        Round::Show { round } => get(&session, &round).await?,
        Round::Publish { round } => {
            let progress = bar(output.language.of(["publishing", "publication", "publicación"]));
            progress.set_length(100);
            let published = publish(&session, &round, |round| {
                progress.set_position(round.percent.unsigned_abs().into());
            })
            .await?;
            progress.finish_and_clear();
            published
        }
        Round::Discard { round, reason } => discard(&session, round, reason).await?,
        Round::WhatIf(Pair { round, kind, candidate, line }) => {
            return overrule::what_if(&session, output, (&round, kind), (candidate, line)).await;
        }
        Round::Override { pair: Pair { round, kind, candidate, line }, reason } => {
            return overrule::lay_down(&session, output, (&round, kind), (candidate, line), reason).await;
        }
        Round::Overrides { round } => return overrule::list(&session, output, &round).await,
        Round::Fairness { round } => return fairness::run(&session, output, &round).await,
    };
    if output.json {
        return output.json(MESSAGE, &round);
    }
    println!("{}", describe(output.language, &round));
    Ok(())
}

/// Starts a round and waits until it can be looked at.
pub(crate) async fn compute(
    (session, language): (&Session, Language),
    request: ComputeRoundRequest,
    progress: impl Fn(&Computed),
) -> anyhow::Result<Computed> {
    let started = session.matching().compute_round(request).await.map_err(|status| refusal(&status))?.into_inner();
    loop {
        let round = get(session, &started.id).await?;
        progress(&round);
        match round.state() {
            RoundState::Computing => tokio::time::sleep(BEAT).await,
            RoundState::Failed => anyhow::bail!(not_computed(language, &round)),
            RoundState::Discarded => anyhow::bail!("round {} was discarded before it was computed", round.number),
            _ => return Ok(round),
        }
    }
}

/// That a round failed, and why.
fn not_computed(language: Language, round: &Computed) -> String {
    let why = language.reasons(&Reason::all(round.failed_because.clone(), &round.failure));
    let number = round.number;
    language.of([
        format!("round {number} was not computed: {why}"),
        format!("le tour {number} n’a pas été calculé\u{a0}: {why}"),
        format!("la ronda {number} no fue calculada: {why}"),
    ])
}

/// Publishes a round and waits until it is out. One that takes longer than a call may goes out behind it, so it is published
/// again only if it stands still.
pub(crate) async fn publish(
    session: &Session,
    round_id: &str,
    progress: impl Fn(&Computed),
) -> anyhow::Result<Computed> {
    for _ in 0..TRIES {
        let request =
            PublishRoundRequest { round_id: round_id.to_owned(), request_id: request_id(), expected_version: 0 };
        let mut service = session.matching();
        let sent = tokio::select! {
            sent = service.publish_round(request) => sent.map(Response::into_inner),
            gone = goes_out(session, round_id, &progress) => gone?.ok_or_else(|| Status::cancelled("it stood still")),
        };
        match sent {
            Ok(round) => return Ok(round),
            Err(status) if passing(&status) => {}
            Err(status) => return Err(refusal(&status)),
        }
        if let Some(round) = goes_out(session, round_id, &progress).await? {
            return Ok(round);
        }
    }
    anyhow::bail!("the round does not go on going out; publish it again later, nothing is sent twice")
}

/// True if it is not said what became of a call, or the same may be asked again in a moment.
fn passing(status: &Status) -> bool {
    matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled | Code::Unavailable | Code::ResourceExhausted)
}

/// Tells how far a round is until it is out; none if it stands still, or nothing is heard of it.
async fn goes_out(session: &Session, round_id: &str, progress: impl Fn(&Computed)) -> anyhow::Result<Option<Computed>> {
    let (mut moved, mut percent) = (Instant::now(), -1);
    while moved.elapsed() < STILL {
        tokio::time::sleep(BEAT).await;
        let round = match session.matching().get_round(GetRoundRequest { round_id: round_id.to_owned() }).await {
            Ok(round) => round.into_inner(),
            Err(status) if passing(&status) => continue,
            Err(status) => return Err(refusal(&status)),
        };
        match round.state() {
            RoundState::Published => return Ok(Some(round)),
            RoundState::Publishing => progress(&round),
            _ => {}
        }
        if round.percent != percent {
            (moved, percent) = (Instant::now(), round.percent);
        }
    }
    Ok(None)
}

/// What a round that is being computed is at, and what its search has found so far.
pub(crate) fn so_far(language: Language, round: &Computed) -> String {
    let phase = language.console().code("phase", &round.phase);
    let colon = language.of([":", "\u{a0}:", ":"]);
    let (value, bound, gap) = (language.number(round.value), language.number(round.bound), gap(language, round));
    match (round.value, round.bound) {
        (0, 0) => phase,
        (0, _) => {
            let most = language.of(["at most", "au plus", "como máximo"]);
            format!("{phase}{colon} {most} {bound}")
        }
        _ => language.of([
            format!("{phase}{colon} {value} of at most {bound}, gap {gap}"),
            format!("{phase}{colon} {value} sur au plus {bound}, écart {gap}"),
            format!("{phase}{colon} {value} de como máximo {bound}, diferencia {gap}"),
        ]),
    }
}

/// Throws a round away; one that is being computed ends.
async fn discard(session: &Session, round_id: String, reason: String) -> anyhow::Result<Computed> {
    let request = DiscardRoundRequest { round_id, reason, request_id: request_id() };
    Ok(session.matching().discard_round(request).await.map_err(|status| refusal(&status))?.into_inner())
}

/// A round by id or by number.
pub(crate) async fn get(session: &Session, round_id: &str) -> anyhow::Result<Computed> {
    let request = GetRoundRequest { round_id: round_id.to_owned() };
    Ok(session.matching().get_round(request).await.map_err(|status| refusal(&status))?.into_inner())
}

async fn list(session: &Session, output: &Output) -> anyhow::Result<()> {
    let request = ListRoundsRequest { page_size: 50, ..ListRoundsRequest::default() };
    let response = session.matching().list_rounds(request).await.map_err(|status| refusal(&status))?.into_inner();
    if output.json {
        return output.json("circula.matching.v1.ListRoundsResponse", &response);
    }
    let language = output.language;
    let rows = response.rounds.iter().map(|round| {
        vec![
            round.number.to_string(),
            round.season_code.clone(),
            round.destination.clone(),
            state(language, round),
            language.number(round.candidates),
            language.number(round.seats_open),
            language.number(round.seats_filled),
            language.number(round.value),
            gap(language, round),
        ]
    });
    let head = language.of([
        ["Round", "Season", "To", "State", "Candidates", "Seats open", "Filled", "Value", "Gap"],
        ["Tour", "Saison", "Vers", "État", "Candidats", "Postes ouverts", "Pourvus", "Valeur", "Écart"],
        ["Ronda", "Temporada", "A", "Estado", "Candidatos", "Puestos abiertos", "Cubiertos", "Valor", "Diferencia"],
    ]);
    println!("{}", table(&head, rows.collect(), true));
    Ok(())
}

/// The state's word; in English the contracts' own.
fn state(language: Language, round: &Computed) -> String {
    let word = round.state().as_str_name().trim_start_matches("ROUND_STATE_");
    let code = if round.state() == RoundState::Preview { "COMPUTED" } else { word };
    if language == Language::En { word.to_owned() } else { language.console().code("round-status", code) }
}

fn gap(language: Language, round: &Computed) -> String {
    let point = language.of([".", ",", ","]);
    format!("{}{point}{:04}\u{a0}%", round.gap_ppm / 10_000, round.gap_ppm % 10_000)
}

/// A round in sentences.
fn describe(language: Language, round: &Computed) -> String {
    let (state, gap, words) = (state(language, round), gap(language, round), language.console());
    let Computed { number, id, season_code: season, destination, as_of, snapshot_hash, plan_hash, .. } = round;
    let figures = [
        round.candidates,
        round.lines,
        round.seats_open,
        round.seats_filled,
        round.reserves,
        round.value,
        round.bound,
        round.milliseconds,
    ];
    let [people, lines, open, filled, reserves, value, bound, took] = figures.map(|figure| language.number(figure));
    let method = words.known("method", &round.method).unwrap_or_else(|| round.method.clone());
    let mut text = language.of([
        format!(
            "Round {number} ({id}), season {season}, to {destination}, as of {as_of}: {state}.\n{people} candidates, {lines} \
             lines with {open} open seats: {filled} seats filled, {reserves} on reserve lists.\nValue {value} of at most \
             {bound} (gap {gap}), in {took} ms.\nMethod: {method}\nSnapshot {snapshot_hash}\nPlan     {plan_hash}"
        ),
        format!(
            "Tour {number} ({id}), saison {season}, vers {destination}, au {as_of}\u{a0}: {state}.\nCandidats\u{a0}: {people}\u{202f}; \
             lignes\u{a0}: {lines}\u{202f}; postes ouverts\u{a0}: {open}, pourvus\u{a0}: {filled}\u{202f}; sur les listes de \
             réserve\u{a0}: {reserves}.\nValeur {value} sur au plus {bound} (écart {gap}), en {took}\u{a0}ms.\nMéthode\u{a0}: \
             {method}\nMarché {snapshot_hash}\nPlan   {plan_hash}"
        ),
        format!(
            "Ronda {number} ({id}), temporada {season}, a {destination}, al {as_of}: {state}.\nCandidatos: {people}; líneas: \
             {lines}; puestos abiertos: {open}, cubiertos: {filled}; en las listas de reserva: {reserves}.\nValor {value} de \
             como máximo {bound} (diferencia {gap}), en {took} ms.\nMétodo: {method}\nMercado {snapshot_hash}\nPlan    \
             {plan_hash}"
        ),
    ]);
    text.push('\n');
    text.push_str(&seed::drawn_by(language, round));
    for goal in &round.goals {
        let (name, reached) = (words.code("goal", &goal.name), language.number(goal.reached));
        let of = language.number(goal.of);
        text.push_str(&language.of([
            format!("\n  goal   {name}: {reached} of {of}"),
            format!("\n  objectif  {name}\u{a0}: {reached} sur {of}"),
            format!("\n  objetivo  {name}: {reached} de {of}"),
        ]));
    }
    for check in &round.checks {
        text.push_str(&checked(language, check));
    }
    if round.state() == RoundState::Failed {
        text.push('\n');
        text.push_str(&not_computed(language, round));
    }
    text
}

/// A check of the verifier, and how many it looked at.
fn checked(language: Language, check: &proto::matching::Check) -> String {
    let (words, name) = (language.console(), language.console().code("check", &check.name));
    let mark = if check.passed {
        language.of(["holds", "tient", "se cumple"])
    } else {
        language.of(["BROKEN", "NE TIENT PAS", "NO SE CUMPLE"])
    };
    let seen = Check {
        code: check.name.clone(),
        passed: check.passed,
        finding: check.finding.clone(),
        looked_at: check.looked_at.and_then(|count| u64::try_from(count).ok()),
    };
    let seen = seen.seen(&words).map_or_else(|| check.finding.clone(), |seen| seen.to_string());
    language.of([
        format!("\n  check  {name}: {mark}. {seen}"),
        format!("\n  contrôle  {name}\u{a0}: {mark}. {seen}"),
        format!("\n  control   {name}: {mark}. {seen}"),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_a_round_failed_is_said_in_each_language_and_in_english_where_an_earlier_build_told_no_code() {
        let old = Computed {
            failure: "the disk is full".to_owned(),
            state: RoundState::Failed.into(),
            ..Computed::default()
        };
        let why = proto::matching::Reason {
            code: "NOT_COMPUTED".to_owned(),
            message: old.failure.clone(),
            arguments: [("detail".to_owned(), old.failure.clone())].into(),
            ..Default::default()
        };
        let coded = Computed { failed_because: Some(why), ..old.clone() };
        for (language, wanted) in [
            (Language::En, "Something broke while it was computed: “the disk is full”."),
            (Language::Fr, "a cédé pendant le calcul\u{a0}: «\u{a0}the disk is full\u{a0}»."),
            (Language::Es, "falló durante el cálculo: «the disk is full»."),
        ] {
            let said = [&coded, &old].map(|round| describe(language, round));
            assert!(said[0].ends_with(wanted), "{}", said[0]);
            assert!(said[1].ends_with(": the disk is full"), "{}", said[1]);
        }
    }

    #[test]
    fn a_round_its_method_its_goals_and_its_checks_are_said_in_each_language() {
        let round = Computed {
            number: 7,
            method: "QUOTA_PRICES".to_owned(),
            value: 38_000,
            bound: 38_412,
            gap_ppm: 10_726,
            phase: "quotas".to_owned(),
            state: RoundState::Preview.into(),
            goals: vec![proto::matching::Goal { name: "SEATS".to_owned(), reached: 412, of: 430 }],
            checks: vec![proto::matching::Check {
                name: "ELIGIBLE".to_owned(),
                passed: true,
                finding: "1412 pairs".to_owned(),
                looked_at: Some(1412),
            }],
            ..Computed::default()
        };
        let said = [Language::En, Language::Fr, Language::Es].map(|language| describe(language, &round));
        for (text, wanted) in said.iter().zip([
            [
                "PREVIEW",
                "By prices on quotas",
                "Seats filled: 412 of 430",
                "Every pair keeps every rule: holds. 1,412 pairs",
            ],
            ["Calculé", "Par les prix des quotas", "412 sur 430", "1\u{202f}412 paires"],
            ["de como máximo 38.412 (diferencia 1,0726", "412 de 430", "se cumple. 1.412 ", "Método: Por"],
        ]) {
            for wanted in wanted {
                assert!(text.contains(wanted), "{wanted} is not in\n{text}");
            }
        }
        assert!(!said[1].contains("1412 pairs") && !said[1].contains("QUOTA_PRICES"), "{}", said[1]);
        let far = so_far(Language::Fr, &round);
        assert!(
            far.starts_with("Recherche du meilleur plan dans les quotas\u{a0}: 38\u{202f}000 sur au plus"),
            "{far}"
        );
    }
}
