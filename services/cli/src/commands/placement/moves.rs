//! One move of one placement or of many, in batches that a request sent twice does not make twice.

use std::{
    collections::{BTreeMap, HashSet},
    io::BufRead,
    process::ExitCode,
};

use anyhow::Context;
use proto::placement::{BatchMovePlacementsRequest, BatchMovePlacementsResponse, Move, MoveResult, Stage};
use tonic::{Code, Response, Status};
use uuid::Uuid;

use super::stage;
use crate::{
    args::Moves,
    client::{Session, refusal, today},
    output::{Output, bar, table, whole},
    words::Language,
};

/// Moves in one call.
const BATCH: usize = 1000;

/// What is asked for: the moves in their order.
///
/// # Errors
/// If there is none, if a placement is named twice, or if a version is said of several.
pub(super) fn read(wanted: &Moves) -> anyhow::Result<Vec<Move>> {
    let ids = ids(&wanted.placements, std::io::stdin().lock())?;
    anyhow::ensure!(
        wanted.seen.is_none() || ids.len() == 1,
        "--seen is the version of one placement, and {} are named; nothing was changed\n  What mends it: leave it out, or \
         move them one by one",
        ids.len()
    );
    let on = wanted.on.unwrap_or_else(today);
    Ok(ids.into_iter().map(|id| one(wanted, id, on)).collect())
}

/// The ids as they were given, `-` being those of `input`. Each once: of two moves of one the second was not meant.
fn ids(words: &[String], input: impl BufRead) -> anyhow::Result<Vec<String>> {
    let mut ids = Vec::new();
    if words.iter().any(|word| word == "-") {
        anyhow::ensure!(
            words.len() == 1,
            "`-` stands for all placements, and others are named beside it; nothing was changed\n  What mends it: name them \
             all on standard input, or all as arguments"
        );
        for line in input.lines() {
            let line = line.context("standard input is no text")?;
            let id = line.trim_start_matches('\u{feff}').trim();
            if !id.is_empty() {
                ids.push(id.to_owned());
            }
        }
    } else {
        ids.extend_from_slice(words);
    }
    anyhow::ensure!(!ids.is_empty(), "no placement is named: standard input has none");
    let mut seen = HashSet::new();
    if let Some(twice) = ids.iter().find(|id| !seen.insert(id.to_lowercase())) {
        anyhow::bail!("{twice} is named twice; nothing was changed\n  What mends it: name each placement once");
    }
    Ok(ids)
}

fn one(wanted: &Moves, placement_id: String, on: chrono::NaiveDate) -> Move {
    let date = |date: Option<chrono::NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
    Move {
        placement_id,
        command: wanted.command.clone(),
        occurred_on: on.to_string(),
        version: wanted.seen.unwrap_or_default(),
        reason: wanted.reason.clone(),
        evidence: wanted.evidence.clone(),
        language: wanted.text_language.clone(),
        witness: wanted.witness.clone(),
        for_worker: wanted.for_worker,
        kind: wanted.kind.clone(),
        date: date(wanted.date),
        rule_id: wanted.rule.clone(),
        appeal_told_on: date(wanted.appeal_told_on),
        valid_until: date(wanted.valid_until),
    }
}

/// Sends the moves and tells what became of each. Fails if any was refused, or has no answer.
pub(super) async fn run(
    session: &Session,
    output: &Output,
    (asked, wanted): (Vec<Move>, &Moves),
) -> anyhow::Result<ExitCode> {
    let request_id = wanted.request_id.unwrap_or_else(|| platform::Clock::wall().id());
    if !wanted.dry_run && wanted.request_id.is_none() {
        // Before the first call: whoever is cut off hears of nothing afterwards.
        eprintln!("{}", to_go_on(&asked, request_id));
    }
    let mut service = session.placement();
    let call =
        async |batch: BatchMovePlacementsRequest| service.batch_move_placements(batch).await.map(Response::into_inner);
    let (results, broken) = send(call, output.language, (&asked, request_id, wanted.dry_run)).await;
    let answered = results.len();
    let all_made = results.iter().all(|result| result.refusal.is_none());
    // What was done is told also if the rest has no answer.
    if broken.is_none() || answered > 0 {
        if output.json {
            let told = BatchMovePlacementsResponse { results };
            output.json("circula.placement.v1.BatchMovePlacementsResponse", &told)?;
        } else {
            println!("{}", in_words(output.language, &results, wanted.dry_run));
        }
    }
    match broken {
        None if all_made => Ok(ExitCode::SUCCESS),
        None => Ok(ExitCode::FAILURE),
        Some(status) if answered == 0 && is_decided(&status) => Err(refusal(&status)),
        Some(status) => {
            let told = unanswered(&asked[answered..], asked.len(), (request_id, wanted));
            Err(refusal(&status).context(told))
        }
    }
}

/// The results so far, in order, and what kept the rest from an answer. `call` sends a batch.
async fn send(
    mut call: impl AsyncFnMut(BatchMovePlacementsRequest) -> Result<BatchMovePlacementsResponse, Status>,
    language: Language,
    (asked, request_id, validate_only): (&[Move], Uuid, bool),
) -> (Vec<MoveResult>, Option<Status>) {
    let progress = bar(language.of(["moving placements", "mouvement des placements", "mover colocaciones"]));
    progress.set_length(asked.len() as u64);
    let (mut results, mut broken) = (Vec::with_capacity(asked.len()), None);
    for (number, moves) in asked.chunks(BATCH).enumerate() {
        let request_id = if validate_only { String::new() } else { of_batch(request_id, number).to_string() };
        let request = BatchMovePlacementsRequest { moves: moves.to_vec(), request_id, validate_only };
        match call(request).await {
            Ok(answer) if answer.results.len() == moves.len() => results.extend(answer.results),
            Ok(_) => broken = Some(Status::internal("a batch has another number of results")),
            Err(status) => broken = Some(status),
        }
        if broken.is_some() {
            break;
        }
        progress.set_position(results.len() as u64);
    }
    progress.finish_and_clear();
    (results, broken)
}

/// Whether the service refused the request as a whole; else nobody knows here whether it was carried out.
fn is_decided(status: &Status) -> bool {
    use Code::{Cancelled, DeadlineExceeded, Internal, Unavailable, Unknown};
    !matches!(status.code(), Cancelled | DeadlineExceeded | Internal | Unavailable | Unknown)
}

/// The request id of a batch: the one that was given, and what follows from it.
fn of_batch(request_id: Uuid, number: usize) -> Uuid {
    if number == 0 { request_id } else { Uuid::new_v5(&request_id, number.to_string().as_bytes()) }
}

/// How many have no answer, and how to go on without a move made twice.
fn unanswered(left: &[Move], all: usize, (request_id, wanted): (Uuid, &Moves)) -> String {
    let again = if wanted.dry_run { "nothing was changed".to_owned() } else { to_go_on(left, request_id) };
    format!("{} of {all} moves have no answer; {again}", left.len())
}

/// What to do if the command is cut off.
fn to_go_on(moves: &[Move], request_id: Uuid) -> String {
    let on = moves.first().map(|first| first.occurred_on.as_str()).unwrap_or_default();
    format!(
        "to go on after a break give the same command, for the same placements in the same order, with --on {on} \
         --request-id {request_id}: nothing is made twice"
    )
}

/// A row for each that was refused, where those stand now that were moved, and the count.
fn in_words(language: Language, results: &[MoveResult], dry_run: bool) -> String {
    let refused: Vec<&MoveResult> = results.iter().filter(|result| result.refusal.is_some()).collect();
    let mut parts = Vec::new();
    if !refused.is_empty() {
        let head = language.of([
            ["Placement", "Stage", "Refused", "Why", "What mends it", "Possible moves"],
            ["Placement", "Étape", "Refusé", "Pourquoi", "Remède", "Mouvements possibles"],
            ["Colocación", "Etapa", "Rechazado", "Por qué", "Remedio", "Movimientos posibles"],
        ]);
        let rows = refused.iter().map(|result| row(language, result));
        parts.push(whole(table(&head, rows.collect(), false), &[0]).to_string());
    }
    let mut stages: BTreeMap<i32, i64> = BTreeMap::new();
    for result in results.iter().filter(|result| result.refusal.is_none()) {
        *stages.entry(result.stage).or_default() += 1;
    }
    parts.push(counted(language, results.len(), refused.len(), dry_run));
    for (known, number) in stages {
        let known = stage(language, Stage::try_from(known).unwrap_or_default());
        parts.push(format!("  {} {known}", language.number(number)));
    }
    parts.join("\n")
}

/// How many were read, made and refused.
fn counted(language: Language, read: usize, refused: usize, dry_run: bool) -> String {
    let (made, not) = if dry_run {
        let made = [("would be made", "would be made"), ("serait fait", "seraient faits"), ("se haría", "se harían")];
        let not = [
            ("would be refused", "would be refused"),
            ("serait refusé", "seraient refusés"),
            ("se rechazaría", "se rechazarían"),
        ];
        (made, not)
    } else {
        let made = [("made", "made"), ("fait", "faits"), ("hecho", "hechos")];
        (made, [("refused", "refused"), ("refusé", "refusés"), ("rechazado", "rechazados")])
    };
    let count = |number: usize, forms| language.count(i64::try_from(number).unwrap_or(i64::MAX), forms);
    let all = count(read, [("read", "read"), ("lu", "lus"), ("leído", "leídos")]);
    let mut text = format!("{all} = {} + {}.", count(read - refused, made), count(refused, not));
    if dry_run {
        text.push_str(language.of([" Nothing was changed.", " Rien n’a été changé.", " No se ha cambiado nada."]));
    }
    text
}

/// What was refused, why, and what would mend it.
fn row(language: Language, result: &MoveResult) -> Vec<String> {
    let refusal = result.refusal.clone().unwrap_or_default();
    let stands = stage(language, result.stage());
    vec![
        result.placement_id.clone(),
        stands,
        refusal.reason,
        refusal.message,
        super::said(&refusal.mend),
        super::said(&result.possible.join(", ")),
    ]
}

#[cfg(test)]
mod tests {
    use proto::common::Refusal;

    use super::*;

    const ONE: &str = "0197f3a0-0000-7000-8000-000000000005";
    const OTHER: &str = "0197f3a0-0000-7000-8000-000000000006";

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn ids_are_arguments_or_lines_of_a_file_as_people_save_them() {
        let given = ids(&words(&[ONE, OTHER]), "not read".as_bytes()).unwrap();
        assert_eq!(given, [ONE, OTHER]);
        let file = format!("\u{feff}{ONE}\r\n\n  {OTHER} \n\n");
        assert_eq!(ids(&words(&["-"]), file.as_bytes()).unwrap(), [ONE, OTHER]);
    }

    #[test]
    fn what_is_not_meant_moves_nothing() {
        let upper = ONE.to_uppercase();
        for (given, input, why) in [
            (vec!["-"], "\n \n", "standard input has none"),
            (vec!["-", ONE], "", "others are named beside it"),
            (vec![ONE, OTHER, upper.as_str()], "", "named twice"),
        ] {
            let refused = ids(&words(&given), input.as_bytes()).unwrap_err().to_string();
            assert!(refused.contains(why), "{refused}");
        }
    }

    #[test]
    fn the_same_request_has_the_same_batches_and_no_two_share_an_id() {
        let request_id = ONE.parse().unwrap();
        let batches: Vec<Uuid> = (0..5).map(|number| of_batch(request_id, number)).collect();
        assert_eq!(batches[0], request_id);
        assert_eq!(batches, (0..5).map(|number| of_batch(request_id, number)).collect::<Vec<_>>());
        assert_eq!(batches.iter().collect::<HashSet<_>>().len(), 5);
    }

    /// What becomes of so many moves, of which the service refuses one; and the batches that it was sent.
    async fn sent(count: u128, refused: u128) -> (Vec<Move>, Vec<MoveResult>, Vec<BatchMovePlacementsRequest>) {
        let id = |number: u128| Uuid::from_u128(number).to_string();
        let asked: Vec<Move> = (0..count).map(|number| Move { placement_id: id(number), ..Move::default() }).collect();
        let result = |made: &Move| {
            let refusal = Refusal { reason: "WRONG_STAGE".to_owned(), ..Refusal::default() };
            let refusal = (made.placement_id == id(refused)).then_some(refusal);
            let stage = if refusal.is_some() { Stage::Departed } else { Stage::Selected };
            let placement_id = made.placement_id.clone();
            MoveResult { placement_id, stage: stage.into(), refusal, ..MoveResult::default() }
        };
        let mut batches = Vec::new();
        let call = async |batch: BatchMovePlacementsRequest| {
            let results = batch.moves.iter().map(&result).collect();
            batches.push(batch);
            Ok::<_, Status>(BatchMovePlacementsResponse { results })
        };
        let (results, broken) = send(call, Language::En, (&asked, ONE.parse().unwrap(), false)).await;
        assert!(broken.is_none(), "{broken:?}");
        (asked, results, batches)
    }

    #[tokio::test]
    async fn over_several_batches_each_has_its_own_result_and_one_refused_in_the_second_has_its_row() {
        let (asked, results, batches) = sent(2_500, 1_700).await;
        let sizes: Vec<usize> = batches.iter().map(|batch| batch.moves.len()).collect();
        assert_eq!(sizes, [1_000, 1_000, 500]);
        let ids: HashSet<&str> = batches.iter().map(|batch| batch.request_id.as_str()).collect();
        assert!(ids.len() == 3 && ids.contains(ONE), "{ids:?}");
        assert_eq!(results.len(), asked.len());
        for (number, (asked, result)) in asked.iter().zip(&results).enumerate() {
            let (stage, made) = if number == 1_700 { (Stage::Departed, false) } else { (Stage::Selected, true) };
            let found = (result.placement_id.as_str(), result.stage(), result.refusal.is_none());
            assert_eq!(found, (asked.placement_id.as_str(), stage, made), "move {number}");
        }
        let told = in_words(Language::En, &results, false);
        let row = told.lines().find(|line| line.contains(&asked[1_700].placement_id)).unwrap();
        assert!(row.contains("departed") && row.contains("WRONG_STAGE"), "{row}");
        let rest = "2,500\u{a0}read = 2,499\u{a0}made + 1\u{a0}refused.\n  2,499 selected";
        assert!(told.ends_with(rest), "{told}");
    }

    #[test]
    fn what_is_refused_has_a_row_and_the_rest_is_counted() {
        let made = |stage: Stage| MoveResult { stage: stage.into(), ..MoveResult::default() };
        let refusal = Refusal {
            reason: "UNKNOWN_GROUND".to_owned(),
            message: "Reject knows no such ground".to_owned(),
            mend: "give SKILLS_DIFFER".to_owned(),
            ..Refusal::default()
        };
        let refused = MoveResult {
            placement_id: ONE.to_owned(),
            stage: Stage::Proposed.into(),
            refusal: Some(refusal),
            possible: words(&["Select", "Reject"]),
            ..MoveResult::default()
        };
        let results = [made(Stage::Selected), refused, made(Stage::Selected), made(Stage::Offered)];
        let told = [Language::En, Language::Fr, Language::Es].map(|language| in_words(language, &results, false));
        for text in &told {
            for wanted in [ONE, "UNKNOWN_GROUND", "no such ground", "give SKILLS_DIFFER", "Select, Reject"] {
                assert!(text.contains(wanted), "{wanted} is not in\n{text}");
            }
        }
        for wanted in ["proposed", "4\u{a0}read = 3\u{a0}made + 1\u{a0}refused.", "\n  2 selected\n  1 offered"] {
            assert!(told[0].contains(wanted), "{wanted} is not in\n{}", told[0]);
        }
        assert!(told[1].contains("4\u{a0}lus = 3\u{a0}faits + 1\u{a0}refusé."), "{}", told[1]);
        let tried = in_words(Language::En, &results[..1], true);
        let wanted = "1\u{a0}read = 1\u{a0}would be made + 0\u{a0}would be refused. Nothing was changed.";
        assert_eq!(tried, format!("{wanted}\n  1 selected"));
    }

    #[test]
    fn what_has_no_answer_is_told_with_the_request_that_goes_on() {
        use clap::Parser;

        use crate::args::{Circula, Command, Placement};
        let parsed = ["circula", "placement", "move", ONE, OTHER, "--command", "Select", "--on", "2026-02-03"];
        let Command::Placement(Placement::Move(wanted)) = Circula::try_parse_from(parsed).unwrap().command else {
            panic!("this moves placements");
        };
        let moves = read(&wanted).unwrap();
        assert_eq!((moves.len(), moves[1].placement_id.as_str(), moves[0].command.as_str()), (2, OTHER, "Select"));
        assert!(!is_decided(&Status::unavailable("gone")) && is_decided(&Status::permission_denied("no")));
        let told = unanswered(&moves[1..], 2, (ONE.parse().unwrap(), &wanted));
        assert!(told.starts_with("1 of 2 moves have no answer"), "{told}");
        assert!(told.contains(&format!("--on 2026-02-03 --request-id {ONE}")), "{told}");
        let of_one = Moves { seen: Some(3), ..wanted };
        assert!(read(&of_one).unwrap_err().to_string().contains("--seen"));
    }
}
