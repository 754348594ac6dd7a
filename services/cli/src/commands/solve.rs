use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use door::{Failure, Finding, Market, Options, PlanFile, Status};

use crate::{
    args::{SolveArgs, SolvePolicy},
    output::{Output, spinner, table},
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
    let market = match door::read::market(&read(&options.market)?) {
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
    let progress = spinner("reading");
    let solved = door::solve(&market, &wanted, &|phase| progress.set_message(phase.to_owned()));
    progress.finish_and_clear();
    let plan = match solved {
        Ok(plan) => plan,
        Err(Failure::Refused(findings)) => return refused(output, &options.market, &findings),
        Err(defect @ Failure::Defect(_)) => {
            return Err((NOT_DONE, format!("{defect}; please report it with the market")));
        }
    };
    let mut text = serde_json::to_string_pretty(&plan).map_err(|error| (NOT_DONE, error.to_string()))?;
    text.push('\n');
    match &options.out {
        Some(path) => {
            write(path, &text)?;
            if output.json {
                print!("{text}");
            } else {
                println!("{}", summary(&market, &plan));
            }
        }
        None => {
            let written = std::io::stdout().write_all(text.as_bytes());
            written.map_err(|error| (NOT_DONE, format!("the plan could not be written: {error}")))?;
            if plan.status == Status::Infeasible {
                eprintln!("{}", summary(&market, &plan));
            }
        }
    }
    Ok(if plan.status == Status::Infeasible { NO_PLAN } else { 0 })
}

fn check(output: &Output, market_path: &Path, plan_path: &Path) -> Outcome {
    let market = match door::read::market(&read(market_path)?) {
        Ok(market) => market,
        Err(findings) => return refused(output, market_path, &findings),
    };
    let plan = match door::read::plan(&read(plan_path)?) {
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
        Ok(verified) => {
            let rests = match (plan.status, verified.proved) {
                (Status::Feasible, _) => "every rule holds; it is not claimed that no better plan exists",
                (_, true) => "every rule holds, and the claim follows from what was recomputed here",
                (_, false) => "every rule holds; that no better plan exists is the word of the search that found it",
            };
            println!("{:?}, {} pairs, value {}: {rests}.", verified.status, verified.pairs, verified.value);
            if let Some(bound) = verified.dual_bound {
                println!("The prices alone prove that no plan is worth more than {bound}.");
            }
            Ok(0)
        }
        Err(findings) => {
            tell(output, plan_path, &findings)?;
            Ok(NO_PLAN)
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, (u8, String)> {
    let most = door::read::BYTES_MOST as u64 + 1;
    let mut bytes = Vec::new();
    let done = if path == Path::new("-") {
        std::io::stdin().take(most).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    done.map_err(|error| (INVALID, format!("{} cannot be read: {error}", path.display())))?;
    Ok(bytes)
}

/// Writes beside the place and moves the file there, so that nobody reads half a plan.
fn write(path: &PathBuf, text: &str) -> Result<(), (u8, String)> {
    let mut beside = path.clone().into_os_string();
    beside.push(format!(".{}", std::process::id()));
    let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|error| (NOT_DONE, format!("{} cannot be written: {error}", path.display())))
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
        eprintln!("{}: {finding}", path.display());
    }
    Ok(())
}

fn summary(market: &Market, plan: &PlanFile) -> String {
    if plan.status == Status::Infeasible {
        let causes =
            plan.why.iter().map(|cause| format!("\n  {}: {}. To mend it: {}.", cause.code, cause.what, cause.mend));
        return format!("No plan keeps all rules.{}", causes.collect::<String>());
    }
    let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let rows = plan
        .pairs
        .iter()
        .take(SHOWN)
        .map(|pair| vec![pair.candidate.clone(), pair.line.clone(), pair.score.clone(), pair.seats.to_string()]);
    let mut text = table(&["Candidate", "Line", "Score", "Seats"], rows.collect(), false).to_string();
    if plan.pairs.len() > SHOWN {
        text.push_str(&format!("\n… and {} pairs more.", plan.pairs.len() - SHOWN));
    }
    text.push_str(&format!(
        "\n{} of {} candidates; value {}",
        plan.pairs.len(),
        market.candidates.len(),
        said(&plan.value)
    ));
    match &plan.blocking {
        Some(blocking) => text.push_str(&format!("; {} pairs block", blocking.len())),
        None => text.push_str(&format!(" of at most {} (gap {})", said(&plan.bound), said(&plan.gap))),
    }
    text.push_str(&format!("; {:?} by {} in {} s.", plan.status, plan.method, plan.seconds).to_lowercase());
    text
}
