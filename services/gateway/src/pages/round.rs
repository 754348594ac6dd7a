//! `/rounds/{id}`: what a round reached, who goes where and why; and its publication.

mod explanation;
mod fairness;
pub(super) mod overrule;

use std::collections::BTreeMap;

use axum::{
    Form,
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use chrono::DateTime;
use http::StatusCode;
use proto::matching::{
    GetRoundRequest, ListRoundPairsRequest, ListRoundPairsResponse, PairReason, PublishRoundRequest, Round, RoundPair,
    RoundState,
};
use tonic::{Code, Status};

use super::{
    Params, count, day, fingerprint, live, moves, param, refusal,
    rounds::{paging, scope, status},
    short,
    visitor::{Trouble, Visitor},
};
use crate::console::{
    code::{Choice, FormKeys},
    frame::{Banner, Desk, Section, Tone},
    problem::Kind,
    reason::Reason,
    refusal::Refusal,
    round::{Certificate, Check, Commitment, Goal, Market, Pair, Part, Progress, RoundFilter, RoundPage},
    url,
};

/// Pairs of a page.
const SIZE: i32 = 50;

/// What the contract puts before the names of reasons.
const REASON: &str = "PAIR_REASON_";

/// What a page that is drawn again has to say.
#[derive(Default)]
struct Again<'a> {
    refusal: Option<Refusal>,
    /// The form of an override that stays as it was sent, unless its cost is told anew.
    form: Option<&'a Params>,
    /// The reason in it is what was refused.
    reason: bool,
}

pub(super) async fn page(visitor: Visitor, Path(id): Path<String>, Query(params): Query<Params>) -> Response {
    let page = draw(&visitor, &id, &params, Again::default()).await;
    visitor.answer(page)
}

async fn draw(visitor: &Visitor, id: &str, params: &Params, again: Again<'_>) -> Result<String, Trouble> {
    let filter = RoundFilter {
        line: param(params, "line").to_owned(),
        reason: param(params, "reason").to_owned(),
        candidate: param(params, "candidate").to_owned(),
        reserves: !param(params, "reserves").is_empty(),
    };
    let (from, token) = param(params, "after").split_once('.').unwrap_or(("1", ""));
    let (round, pairs, explained, fairness, what_if, overrides) = tokio::try_join!(
        read(visitor, id),
        pairs(visitor, id, &filter, token),
        explanation::ask(visitor, id, params),
        fairness::ask(visitor, id),
        overrule::ask(visitor, id, params),
        overrule::list(visitor, id)
    )?;
    let (what_if, no_cost) = what_if.map_or((None, None), |outcome| (outcome.as_ref().ok().cloned(), outcome.err()));
    let (mut explanation, not_explained) = explanation::view(&round, params, explained);
    explanation::follow(visitor, &round, explanation.as_mut()).await;
    let mut what_if = overrule::view(visitor, &round, (params, again.form), what_if.as_ref());
    let mut refusal = again.refusal.or(not_explained).or(no_cost);
    if again.reason {
        overrule::mark(visitor.words(), what_if.as_mut(), refusal.as_mut());
    }
    let from = from.parse().unwrap_or(1_u64).max(1);
    let shown = count(pairs.pairs.len());
    let page = RoundPage {
        number: count(round.number),
        status: status(round.state()),
        scope: scope(&round),
        as_of: day(&round.as_of),
        computed_on: day(&round.computed_on),
        failure: Reason::all(round.failed_because.clone(), &round.failure).pop(),
        progress: progress(&round),
        market: market(&round),
        certificate: certificate(&round),
        goals: round.goals.iter().map(goal).collect(),
        checks: round.checks.iter().map(check).collect(),
        lines: lines(&pairs.pairs, &filter.line),
        pairs: pairs.pairs.iter().map(pair).collect(),
        paging: paging((from, shown), count(SIZE), &pairs.next_page_token, Some(count(pairs.total_size))),
        explanation,
        fairness: fairness.as_ref().and_then(fairness::view),
        overruling: overrule::may(visitor, &round),
        what_if,
        overrides,
        publish: (visitor.desk == Desk::Operator && may_go_out(&round))
            .then(|| FormKeys { request_id: visitor.app.clock.id().to_string(), version: round.version.to_string() }),
        filter,
        refusal,
        id: round.id.clone(),
    };
    let banner = match param(params, "done") {
        "publish" => published(visitor, &round),
        "override" => Some(laid_down(visitor)),
        _ => None,
    };
    let live = live::key(&["round", id], &fingerprint([&round]));
    let mut frame = visitor.frame(Section::Rounds, None, Some(live));
    if page.refusal.is_some() {
        // The form's own address cannot be opened.
        frame.here = format!("/rounds/{}", url::encode(id));
    }
    Ok(page.render(&Visitor::with_banner(frame, banner))?)
}

pub(super) async fn read(visitor: &Visitor, id: &str) -> Result<Round, Status> {
    let mut service = visitor.app.upstream.matching(&visitor.session);
    Ok(service.get_round(GetRoundRequest { round_id: id.to_owned() }).await?.into_inner())
}

async fn pairs(
    visitor: &Visitor,
    id: &str,
    filter: &RoundFilter,
    token: &str,
) -> Result<ListRoundPairsResponse, Status> {
    let mut service = visitor.app.upstream.matching(&visitor.session);
    let request = ListRoundPairsRequest {
        round_id: id.to_owned(),
        page_size: SIZE,
        page_token: token.to_owned(),
        line_id: filter.line.clone(),
        candidate_id: filter.candidate.clone(),
        reserves: filter.reserves,
        reason: reason(&filter.reason),
    };
    Ok(service.list_round_pairs(request).await?.into_inner())
}

/// The number of what decided about pairs; for a word that is none, one that the service refuses.
fn reason(word: &str) -> i32 {
    let known = PairReason::from_str_name(&format!("{REASON}{word}")).filter(|known| *known != PairReason::Unspecified);
    if word.is_empty() { 0 } else { known.map_or(-1, i32::from) }
}

/// True if publishing it can begin, or go on.
fn may_go_out(round: &Round) -> bool {
    matches!(round.state(), RoundState::Preview | RoundState::Publishing)
}

fn goes_out(round: &Round) -> bool {
    matches!(round.state(), RoundState::Publishing | RoundState::Published)
}

/// Says that the round goes out, if it does.
fn published(visitor: &Visitor, round: &Round) -> Option<Banner> {
    let words = visitor.words();
    goes_out(round).then(|| Banner {
        tone: Tone::Ok,
        sentence: words.t("published"),
        more: words.t("published-more"),
        link: None,
    })
}

/// Says that a pair is laid down.
fn laid_down(visitor: &Visitor) -> Banner {
    let words = visitor.words();
    Banner { tone: Tone::Ok, sentence: words.t("laid-down"), more: words.t("laid-down-more"), link: None }
}

fn progress(round: &Round) -> Option<Progress> {
    let works = matches!(round.state(), RoundState::Computing | RoundState::Publishing) && !round.phase.is_empty();
    works.then(|| Progress { phase: round.phase.clone(), percent: count(round.percent) })
}

fn market(round: &Round) -> Market {
    Market {
        candidates: count(round.candidates),
        lines: count(round.lines),
        seats: count(round.seats_open),
        pairs: count(round.seats_filled),
        reserves: count(round.reserves),
    }
}

fn certificate(round: &Round) -> Certificate {
    let at = DateTime::parse_from_rfc3339(&round.seed_committed_at);
    Certificate {
        value: count(round.value),
        bound: count(round.bound),
        seed: round.seed.clone(),
        commitment: at.ok().map(|at| Commitment { at: at.naive_utc(), digest: round.seed_sha256.clone() }),
        method: round.method.clone(),
        snapshot_hash: round.snapshot_hash.clone(),
        plan_hash: round.plan_hash.clone(),
    }
}

fn goal(goal: &proto::matching::Goal) -> Goal {
    Goal { code: goal.name.clone(), reached: count(goal.reached), possible: count(goal.of) }
}

fn check(check: &proto::matching::Check) -> Check {
    Check {
        code: check.name.clone(),
        passed: check.passed,
        finding: check.finding.clone(),
        looked_at: check.looked_at.map(count),
    }
}

fn pair(pair: &RoundPair) -> Pair {
    let reason = Some(pair.reason()).filter(|reason| *reason != PairReason::Unspecified);
    Pair {
        candidate_id: pair.candidate_id.clone(),
        candidate: short(&pair.candidate_id),
        line: pair.line_number.to_string(),
        title: pair.line_title.clone(),
        period: day(&pair.starts_on).zip(day(&pair.ends_on)).map(|(from, until)| [from, until]),
        corridor: pair.corridor_code.clone(),
        reason: reason.map_or("", |reason| reason.as_str_name().trim_start_matches(REASON)).to_owned(),
        rank: count(pair.reserve_rank),
        score: count(pair.score),
        parts: pair
            .parts
            .iter()
            .map(|part| Part {
                rule: part.rule.strip_prefix("score.").unwrap_or(&part.rule).to_owned(),
                points: part.points,
            })
            .collect(),
    }
}

/// The lines of the pairs shown, to narrow to; the chosen one stays among them.
fn lines(pairs: &[RoundPair], chosen: &str) -> Vec<Choice> {
    let label = |pair: &RoundPair| format!("{}, {} · {}", pair.line_number, pair.line_title, short(&pair.line_id));
    let mut lines: BTreeMap<&str, String> = pairs.iter().map(|pair| (pair.line_id.as_str(), label(pair))).collect();
    if !chosen.is_empty() {
        lines.entry(chosen).or_insert_with(|| short(chosen));
    }
    lines.into_iter().map(|(value, label)| Choice { value: value.to_owned(), label }).collect()
}

/// Publishes the round that the form was drawn from.
pub(super) async fn publish(visitor: Visitor, Path(id): Path<String>, Form(typed): Form<Params>) -> Response {
    if !visitor.session.admits(param(&typed, "csrf")) {
        return visitor.stale_form();
    }
    let request_id = param(&typed, "request_id").to_owned();
    if request_id.is_empty() {
        return visitor.problem(Kind::BadRequest, None);
    }
    let mut sent = send(&visitor, &id, request_id, param(&typed, "version")).await;
    // Publishing goes on behind a call that nobody waits for any more; then the round itself says that it was heard.
    if sent.as_ref().is_err_and(overdue) && read(&visitor, &id).await.is_ok_and(|round| goes_out(&round)) {
        sent = Ok(());
    }
    match sent {
        Ok(()) => {
            visitor.app.pages.waiting.forget();
            let path = format!("/rounds/{}", url::encode(&id));
            Redirect::to(&url::with_query(&path, &[("done", "publish")])).into_response()
        }
        Err(status) => refused(&visitor, &id, &status).await,
    }
}

async fn send(visitor: &Visitor, id: &str, request_id: String, version: &str) -> Result<(), Status> {
    let mut service = visitor.app.upstream.matching(&visitor.session);
    // To the service 0 is any version; a form without one was not drawn by the page, and names a version that no round has.
    let expected_version = version.parse().ok().filter(|version: &i64| *version > 0).unwrap_or(-1);
    let request = PublishRoundRequest { round_id: id.to_owned(), request_id, expected_version };
    service.publish_round(request).await.map(drop)
}

/// True if the time of a call was over, so that what became of it is not known. Where the client is the first to give up,
/// the call is cancelled.
fn overdue(status: &Status) -> bool {
    matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled)
}

/// True if the rest of the page is whole without what was refused.
fn aside(status: &Status) -> bool {
    moves::page_status(status.code()).is_some() || status.code() == Code::ResourceExhausted || overdue(status)
}

async fn refused(visitor: &Visitor, id: &str, status: &Status) -> Response {
    let Some(answer) = moves::page_status(status.code()) else { return visitor.refused(status) };
    let words = visitor.words();
    let why = refusal::view(words, &words.t("decision-publish-round"), status);
    let again = Again { refusal: Some(why), ..Again::default() };
    let mut response = visitor.answer(draw(visitor, id, &Params::new(), again).await);
    if response.status() == StatusCode::OK {
        *response.status_mut() = answer;
    }
    response
}
