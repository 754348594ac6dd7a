use std::{
    io::Read,
    path::{Path, PathBuf},
    process::ExitCode,
};

use door::{Failure, Finding, Market, Options, Phase, PlanFile, Status, Verified};

use crate::{
    args::{SolveArgs, SolvePolicy},
    output::{Output, spinner, table, to_stdout},
    words::{Language, findings},
};

/// Pairs that a summary shows.
const SHOWN: usize = 20;
/// No plan keeps the rules, or a plan that was checked is wrong.
const NO_PLAN: u8 = 1;
/// The market or the plan is not well formed, or cannot be read.
const INVALID: u8 = 2;
/// Nothing was decided: the output could not be written, or the checker refused what was found.
const NOT_DONE: u8 = 3;

/// Solves anyone's market, or checks anyone's plan of it.
pub(crate) fn run(output: &Output, options: &SolveArgs) -> ExitCode {
    let outcome = match &options.check {
        Some(plan) => check(output, &options.market, plan),
        None => solve(output, options),
    };
    ExitCode::from(outcome.unwrap_or_else(|(code, said)| {
        eprintln!("circula: {said}");
        code
    }))
}

/// What a command ends with: a status, or a status and a sentence.
type Outcome = Result<u8, (u8, String)>;

fn solve(output: &Output, options: &SolveArgs) -> Outcome {
    let market = match door::read::market(&read(output.language, &options.market)?) {
        Ok(market) => market,
        Err(findings) => return refused(output, &options.market, &findings),
    };
    let wanted = Options {
        policy: match options.policy {
            SolvePolicy::Optimal => door::Policy::Optimal,
            SolvePolicy::Stable => door::Policy::Stable,
            SolvePolicy::Lists => door::Policy::Lists,
        },
        seed: options.seed.clone(),
        seconds: options.seconds,
        nodes: options.nodes,
        folds: options.k,
    };
    let progress = spinner(output.language.of(["reading", "lecture", "lectura"]));
    let solved = door::solve(&market, &wanted, &|under_way| progress.set_message(phase(output.language, &under_way)));
    progress.finish_and_clear();
    let plan = match solved {
        Ok(plan) => plan,
        Err(Failure::Refused(findings)) => return refused(output, &options.market, &findings),
        Err(Failure::Defect(wrong)) => {
            let first = wrong.first().map(|wrong| findings::finding(output.language, wrong)).unwrap_or_default();
            let said = output.language.of([
                format!("a plan was found, and found wrong: {first} Please report it with the market."),
                format!("un plan a été trouvé, et trouvé faux\u{a0}: {first} Signalez-le avec le marché."),
                format!("se encontró un plan, y resultó falso: {first} Infórmelo con el mercado."),
            ]);
            return Err((NOT_DONE, said));
        }
    };
    let mut text = serde_json::to_string_pretty(&plan).map_err(|error| (NOT_DONE, error.to_string()))?;
    text.push('\n');
    match &options.out {
        Some(path) => {
            write(output.language, path, &text)?;
            if output.json {
                print!("{text}");
            } else {
                println!("{}", summary(output.language, &market, &plan));
            }
        }
        None => {
            let written = to_stdout(text.as_bytes());
            written.map_err(|error| {
                let what =
                    ["the plan cannot be written", "le plan ne peut pas être écrit", "el plan no puede escribirse"];
                (NOT_DONE, format!("{}: {error}", output.language.of(what)))
            })?;
            if plan.status == Status::Infeasible {
                eprintln!("{}", summary(output.language, &market, &plan));
            }
        }
    }
    Ok(if plan.status == Status::Infeasible { NO_PLAN } else { 0 })
}

fn check(output: &Output, market_path: &Path, plan_path: &Path) -> Outcome {
    let market = match door::read::market(&read(output.language, market_path)?) {
        Ok(market) => market,
        Err(findings) => return refused(output, market_path, &findings),
    };
    let plan = match door::read::plan(&read(output.language, plan_path)?) {
        Ok(plan) => plan,
        Err(findings) => return refused(output, plan_path, &findings),
    };
    match door::verify(&market, &plan) {
        Ok(verified) if output.json => {
            let said = serde_json::json!({
                "status": verified.status,
                "pairs": verified.pairs,
                "value": verified.value,
                "dual_bound": verified.dual_bound,
                "proved": verified.proved,
            });
            println!("{said:#}");
            Ok(0)
        }
        Ok(found) => {
            println!("{}", verified(output.language, plan.status, &found));
            Ok(0)
        }
        Err(findings) => {
            tell(output, plan_path, &findings)?;
            Ok(NO_PLAN)
        }
    }
}

fn read(language: Language, path: &Path) -> Result<Vec<u8>, (u8, String)> {
    let most = door::read::BYTES_MOST as u64 + 1;
    let mut bytes = Vec::new();
    let done = if path == Path::new("-") {
        std::io::stdin().take(most).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    done.map_err(|error| {
        let what = language.of(["cannot be read", "ne peut pas être lu", "no puede leerse"]);
        (INVALID, format!("{} {what}: {error}", path.display()))
    })?;
    Ok(bytes)
}

/// Writes beside the place and moves the file there, so that nobody reads half a plan.
fn write(language: Language, path: &PathBuf, text: &str) -> Result<(), (u8, String)> {
    let mut beside = path.clone().into_os_string();
    beside.push(format!(".{}", std::process::id()));
    let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|error| {
        std::fs::remove_file(&beside).ok();
        let what = language.of(["cannot be written", "ne peut pas être écrit", "no puede escribirse"]);
        (NOT_DONE, format!("{} {what}: {error}", path.display()))
    })
}

fn refused(output: &Output, path: &Path, findings: &[Finding]) -> Outcome {
    tell(output, path, findings)?;
    Ok(INVALID)
}

fn tell(output: &Output, path: &Path, findings: &[Finding]) -> Result<(), (u8, String)> {
    if output.json {
        let text = serde_json::to_string_pretty(findings).map_err(|error| (NOT_DONE, error.to_string()))?;
        println!("{text}");
        return Ok(());
    }
    for finding in findings {
        eprintln!("{}: {}", path.display(), findings::finding(output.language, finding));
    }
    Ok(())
}

/// What is under way.
fn phase(language: Language, phase: &Phase) -> String {
    let said = match phase {
        Phase::Prices => ["shortest paths and prices", "plus courts chemins et prix", "caminos más cortos y precios"],
        Phase::Relaxation => ["linear relaxation", "relaxation linéaire", "relajación lineal"],
        Phase::Branching { value, bound } => {
            return language.of([
                format!("branch and bound; between {value} and {bound}"),
                format!("séparation et évaluation\u{202f}; entre {value} et {bound}"),
                format!("ramificación y acotación; entre {value} y {bound}"),
            ]);
        }
        Phase::Exhaustion => ["search in whole numbers", "recherche en nombres entiers", "búsqueda en números enteros"],
        Phase::Lists => ["lists", "listes", "listas"],
        Phase::Checking => ["checking the plan", "contrôle du plan", "control del plan"],
    };
    language.of(said).to_owned()
}

/// The code that found a plan; one that is not known by its name.
fn method(language: Language, method: &str) -> String {
    let said = match method {
        "pins" => ["what pins force", "ce que forcent les paires fixées", "lo que fuerzan las parejas fijadas"],
        "greedy" => ["best places first", "les meilleures places d’abord", "las mejores plazas primero"],
        "solver" => ["auction and shortest paths", "enchères et plus courts chemins", "subasta y caminos más cortos"],
        "highs_lp" => ["HiGHS’s linear relaxation", "la relaxation linéaire de HiGHS", "la relajación lineal de HiGHS"],
        "highs_mip" => {
            ["HiGHS’s branch and bound", "la séparation et évaluation de HiGHS", "la ramificación y acotación de HiGHS"]
        }
        "exhaustion" => ["search in whole numbers", "recherche en nombres entiers", "búsqueda en números enteros"],
        "deferred_acceptance" => ["deferred acceptance", "acceptation différée", "aceptación diferida"],
        _ => return method.to_owned(),
    };
    language.of(said).to_owned()
}

fn status(language: Language, status: Status) -> &'static str {
    language.of(match status {
        Status::Optimal => ["optimal", "optimal", "óptimo"],
        Status::Feasible => ["feasible", "réalisable", "factible"],
        Status::Infeasible => ["infeasible", "infaisable", "infactible"],
    })
}

fn summary(language: Language, market: &Market, plan: &PlanFile) -> String {
    if plan.status == Status::Infeasible {
        let causes = plan.why.iter().map(|cause| format!("\n  {}", findings::cause(language, cause)));
        let none = [
            "No plan keeps all rules.",
            "Aucun plan ne respecte toutes les règles.",
            "Ningún plan cumple todas las reglas.",
        ];
        return format!("{}{}", language.of(none), causes.collect::<String>());
    }
    let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let rows = plan
        .pairs
        .iter()
        .take(SHOWN)
        .map(|pair| vec![pair.candidate.clone(), pair.line.clone(), pair.score.clone(), pair.seats.to_string()]);
    let head = language.of([
        ["Candidate", "Line", "Score", "Seats"],
        ["Candidat", "Ligne", "Score", "Postes"],
        ["Candidato", "Línea", "Puntuación", "Puestos"],
    ]);
    let mut text = table(&head, rows.collect(), false).to_string();
    if plan.pairs.len() > SHOWN {
        let more = pairs(language, plan.pairs.len() - SHOWN);
        text.push_str(&language.of([
            format!("\n… and {more} more."),
            format!("\n… et {more} de plus."),
            format!("\n… y {more} más."),
        ]));
    }
    let (placed, all, value) = (plan.pairs.len(), market.candidates.len(), said(&plan.value));
    text.push_str(&language.of([
        format!("\n{placed} of {all} candidates; value {value}"),
        format!("\nCandidats placés\u{a0}: {placed} sur {all}\u{202f}; valeur {value}"),
        format!("\nCandidatos colocados: {placed} de {all}; valor {value}"),
    ]));
    match &plan.blocking {
        Some(blocking) => {
            let count = blocking.len();
            text.push_str(&language.of([
                format!("; pairs that block: {count}"),
                format!("\u{202f}; paires qui bloquent\u{a0}: {count}"),
                format!("; parejas que bloquean: {count}"),
            ]));
        }
        None => {
            let (bound, gap) = (said(&plan.bound), said(&plan.gap));
            text.push_str(&language.of([
                format!(" of at most {bound} (gap {gap})"),
                format!(" sur au plus {bound} (écart {gap})"),
                format!(" de como máximo {bound} (diferencia {gap})"),
            ]));
        }
    }
    let (status, by, took) = (status(language, plan.status), method(language, &plan.method), &plan.seconds);
    text.push_str(&language.of([
        format!("; {status} by {by} in {took} s."),
        format!("\u{202f}; {status} par {by} en {took}\u{a0}s."),
        format!("; {status} por {by} en {took} s."),
    ]));
    text
}

fn pairs(language: Language, count: usize) -> String {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    language.count(count, [("pair", "pairs"), ("paire", "paires"), ("pareja", "parejas")])
}

/// What was found true of a plan.
fn verified(language: Language, claimed: Status, found: &Verified) -> String {
    let rests = language.of(match (claimed, found.proved) {
        (Status::Feasible, _) => [
            "every rule holds; it is not claimed that no better plan exists",
            "chaque règle tient\u{202f}; il n’est pas affirmé qu’aucun plan n’est meilleur",
            "cada regla se cumple; no se afirma que no exista un plan mejor",
        ],
        (_, true) => [
            "every rule holds, and the claim follows from what was recomputed here",
            "chaque règle tient, et l’affirmation découle de ce qui a été recalculé ici",
            "cada regla se cumple, y la afirmación se sigue de lo recalculado aquí",
        ],
        (_, false) => [
            "every rule holds; that no better plan exists is the word of the search that found it",
            "chaque règle tient\u{202f}; qu’aucun plan ne soit meilleur est la parole de la recherche qui l’a trouvé",
            "cada regla se cumple; que no exista un plan mejor es la palabra de la búsqueda que lo encontró",
        ],
    });
    let (status, pairs, value) = (status(language, found.status), pairs(language, found.pairs), &found.value);
    let mut text = language.of([
        format!("{status}, {pairs}, value {value}: {rests}."),
        format!("{status}, {pairs}, valeur {value}\u{a0}: {rests}."),
        format!("{status}, {pairs}, valor {value}: {rests}."),
    ]);
    if let Some(bound) = &found.dual_bound {
        text.push_str(&language.of([
            format!("\nThe prices alone prove that no plan is worth more than {bound}."),
            format!("\nLes prix prouvent à eux seuls qu’aucun plan ne vaut plus de {bound}."),
            format!("\nLos precios prueban por sí solos que ningún plan vale más de {bound}."),
        ]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Language; 3] = [Language::En, Language::Fr, Language::Es];

    fn solved(text: &str) -> (Market, PlanFile) {
        let market = door::read::market(text.as_bytes()).unwrap();
        let plan = door::solve(&market, &Options::default(), &|_| {}).unwrap();
        (market, plan)
    }

    #[test]
    fn every_method_and_phase_has_words_in_every_language() {
        for name in door::METHODS {
            let said = ALL.map(|language| method(language, name));
            assert!(said.iter().all(|said| said != name), "{name}: {said:?}");
        }
        let branching = Phase::Branching { value: "7".to_owned(), bound: "9".to_owned() };
        assert_eq!(phase(Language::Fr, &branching), "séparation et évaluation\u{202f}; entre 7 et 9");
    }

    #[test]
    fn a_plan_and_why_there_is_none_are_said_in_the_readers_language() {
        const START: &str = r#"{"candidates":[{"id":"a"},{"id":"b"}],"lines":[{"id":"l","seats":1}],
            "pairs":[{"candidate":"a","line":"l","score":2},{"candidate":"b","line":"l","score":1}]"#;
        let (market, plan) = solved(&format!("{START}}}"));
        let said = ALL.map(|language| summary(language, &market, &plan));
        assert!(said[0].contains("1 of 2 candidates; value 2 of at most 2 (gap 0); optimal by "), "{}", said[0]);
        assert!(
            said[1].contains("Candidats placés\u{a0}: 1 sur 2\u{202f}; valeur 2 sur au plus 2 (écart 0)"),
            "{}",
            said[1]
        );
        assert!(said[2].contains("óptimo por "), "{}", said[2]);
        let found = door::verify(&market, &plan).unwrap();
        assert!(verified(Language::Es, plan.status, &found).contains("ningún plan vale más de 2"));

        let both = r#""pinned":[{"candidate":"a","line":"l"},{"candidate":"b","line":"l"}]"#;
        let (market, plan) = solved(&format!("{START},{both}}}"));
        let said = ALL.map(|language| summary(language, &market, &plan));
        assert!(said[0].contains("SEATS_OVERRUN: pinned pairs"), "{}", said[0]);
        assert!(said[1].contains("prennent 2 postes sur la ligne \"l\", qui en a 1\u{a0}: 1 de trop"), "{}", said[1]);
        assert!(said[2].contains("añada los puestos") && !said[2].contains("pinned"), "{}", said[2]);
    }
}
