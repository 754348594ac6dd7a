use std::time::{Duration, Instant};

use proto::matching::{
    ComputeRoundRequest, DiscardRoundRequest, GetRoundRequest, ListRoundsRequest, PublishRoundRequest,
    Round as Computed, RoundState,
};
use tonic::{Code, Response, Status};

use crate::{
    args::{ClientArgs, Pair, Round},
    client::{Session, refusal, request_id},
    commands::{fairness, overrule, pairs},
    output::{Output, bar, number, table},
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
            let computed = compute(&session, request, |round| {
                progress.set_message(so_far(round));
                progress.set_position(round.percent.unsigned_abs().into());
            })
            .await?;
            progress.finish_and_clear();
            computed
        }
        Round::Pairs(wanted) => return pairs::run(&session, output, wanted).await,
        Round::Show { round } => get(&session, &round).await?,
        Round::Publish { round } => {
            let progress = bar("publishing");
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
    println!("{}", describe(&round));
    Ok(())
}

/// Starts a round and waits until it can be looked at.
pub(crate) async fn compute(
    session: &Session,
    request: ComputeRoundRequest,
    progress: impl Fn(&Computed),
) -> anyhow::Result<Computed> {
    let started = session.matching().compute_round(request).await.map_err(|status| refusal(&status))?.into_inner();
    loop {
        let round = get(session, &started.id).await?;
        progress(&round);
        match round.state() {
            RoundState::Computing => tokio::time::sleep(BEAT).await,
            RoundState::Failed => anyhow::bail!("round {} was not computed: {}", round.number, round.failure),
            RoundState::Discarded => anyhow::bail!("round {} was discarded before it was computed", round.number),
            _ => return Ok(round),
        }
    }
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
pub(crate) fn so_far(round: &Computed) -> String {
    match (round.value, round.bound) {
        (0, 0) => round.phase.clone(),
        (0, bound) => format!("{}: at most {}", round.phase, number(bound)),
        (value, bound) => {
            format!("{}: {} of at most {}, gap {}", round.phase, number(value), number(bound), gap(round))
        }
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
    let rows = response.rounds.iter().map(|round| {
        vec![
            round.number.to_string(),
            round.season_code.clone(),
            round.destination.clone(),
            state(round).to_owned(),
            number(round.candidates),
            number(round.seats_open),
            number(round.seats_filled),
            number(round.value),
            gap(round),
        ]
    });
    let head = ["Round", "Season", "To", "State", "Candidates", "Seats open", "Filled", "Value", "Gap"];
    println!("{}", table(&head, rows.collect(), true));
    Ok(())
}

fn state(round: &Computed) -> &'static str {
    round.state().as_str_name().trim_start_matches("ROUND_STATE_")
}

fn gap(round: &Computed) -> String {
    format!("{}.{:04} %", round.gap_ppm / 10_000, round.gap_ppm % 10_000)
}

/// A round in sentences.
fn describe(round: &Computed) -> String {
    let mut text = format!(
        "Round {} ({}), season {}, to {}, as of {}: {}.\n{} candidates, {} lines with {} open seats: {} seats filled, {} on reserve lists.\nValue {} of at most {} (gap {}), by {} in {} ms.\nSnapshot {}\nPlan     {}",
        round.number,
        round.id,
        round.season_code,
        round.destination,
        round.as_of,
        state(round),
        number(round.candidates),
        number(round.lines),
        number(round.seats_open),
        number(round.seats_filled),
        number(round.reserves),
        number(round.value),
        number(round.bound),
        gap(round),
        round.method,
        number(round.milliseconds),
        round.snapshot_hash,
        round.plan_hash,
    );
    for goal in &round.goals {
        text.push_str(&format!("\n  goal   {}: {} of {}", goal.name, number(goal.reached), number(goal.of)));
    }
    for check in &round.checks {
        let mark = if check.passed { "holds" } else { "BROKEN" };
        text.push_str(&format!("\n  check  {}: {mark}. {}", check.name, check.finding));
    }
    text
}
