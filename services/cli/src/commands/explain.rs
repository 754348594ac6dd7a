use proto::matching::{CandidateExplanation, ExplainCandidateRequest, ExplainLineRequest, LineExplanation, RoundPair};

use crate::{
    args::{ClientArgs, Explain},
    client::{Session, refusal},
    commands::{change::in_words, round},
    output::{Output, number, table, waiting},
};

const LOOKING: &str = "looking for the reasons";

/// Says why.
pub(crate) async fn run(client: &ClientArgs, output: &Output, what: Explain) -> anyhow::Result<()> {
    let session = Session::open(client).await?;
    match what {
        Explain::Candidate { round, candidate, changes } => {
            let round_id = round::get(&session, &round).await?.id;
            let request = ExplainCandidateRequest { round_id, candidate_id: candidate, changes };
            let answer = waiting(LOOKING, session.matching().explain_candidate(request)).await;
            let answer = answer.map_err(|status| refusal(&status))?.into_inner();
            if output.json {
                return output.json("circula.matching.v1.CandidateExplanation", &answer);
            }
            println!("{}", candidate_in_words(&answer));
            if changes {
                println!("{}", in_words(output.language, &answer.changes, answer.changes_cut));
            }
        }
        Explain::Line { round, line, changes } => {
            let round_id = round::get(&session, &round).await?.id;
            let request = ExplainLineRequest { round_id, line_id: line, changes };
            let answer = waiting(LOOKING, session.matching().explain_line(request)).await;
            let answer = answer.map_err(|status| refusal(&status))?.into_inner();
            if output.json {
                return output.json("circula.matching.v1.LineExplanation", &answer);
            }
            println!("{}", line_in_words(&answer));
            if changes {
                println!("{}", in_words(output.language, &answer.changes, answer.changes_cut));
            }
        }
    }
    Ok(())
}

fn candidate_in_words(answer: &CandidateExplanation) -> String {
    let mut text = answer.summary.clone();
    if let Some(pair) = &answer.pair {
        text.push_str(&format!("\n{}", score(pair)));
    }
    if !answer.near.is_empty() {
        let rows = answer.near.iter().map(|line| {
            let full = if line.full { "full" } else { "has room" };
            vec![line.line_title.clone(), number(line.score), number(line.price), full.to_owned(), line.message.clone()]
        });
        text.push_str(&format!("\n{}", table(&["Line", "Score", "Needed", "Line is", "Why"], rows.collect(), false)));
    }
    for closed in &answer.closed {
        text.push_str(&format!("\n  {} lines closed by {}: {}", number(closed.lines), closed.rule, closed.message));
    }
    text
}

fn line_in_words(answer: &LineExplanation) -> String {
    let mut text = format!(
        "{}\n{} of {} open seats filled; {} candidates fit; the lowest score with a seat is {}.",
        answer.summary,
        number(answer.seats_filled),
        number(answer.seats_open),
        number(answer.eligible),
        number(answer.lowest_score)
    );
    for closed in &answer.closed {
        text.push_str(&format!(
            "\n  {} candidates closed out by {}: {}",
            number(closed.candidates),
            closed.rule,
            closed.message
        ));
    }
    for pair in &answer.reserves {
        text.push_str(&format!("\n  reserve {}: {}", pair.reserve_rank, score(pair)));
    }
    text
}

fn score(pair: &RoundPair) -> String {
    let parts: Vec<String> =
        pair.parts.iter().map(|part| format!("{} {} ({})", number(part.points), part.rule, part.detail)).collect();
    format!("{} points = {}", number(pair.score), parts.join(" + "))
}
