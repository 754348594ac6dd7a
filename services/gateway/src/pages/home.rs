//! `/`: the season, as each desk needs it.

use std::collections::BTreeMap;

use axum::{extract::Query, response::Response};
use chrono::{DateTime, NaiveDate};
use proto::{
    clocks::makes_late,
    matching::{ListRoundsRequest, Round, RoundState},
    monitoring::{ClockCount, Difference, GetVerificationRequest, ListClocksResponse, Verification, VerifiedSource},
    programme::{ListQuotasRequest, OpenRelease},
};
use tonic::{Code, Status};

use super::{
    Params, bulk, count, day, desk, fingerprint, live, param,
    season::{self, Season},
    untold,
    visitor::{Trouble, Visitor},
};
use crate::console::{
    code::Corridor,
    frame::{Desk, Section},
    home::{Decision, LateGroup, OperatorHome, Seal, Source, StuckGroup},
    url,
};

/// Figures that differ, of which the seal tells.
const DIFFERING: usize = 10;
/// Stuck groups that are shown; the number of all is told beside.
const STUCK: usize = 12;
/// Rounds looked through for those that wait.
const ROUNDS: i32 = 50;

/// The home of whoever is signed in.
pub(super) async fn page(visitor: Visitor, Query(params): Query<Params>) -> Response {
    let page = match visitor.desk {
        Desk::Operator | Desk::Authority | Desk::Auditor => operator(&visitor, &params).await,
        Desk::Union | Desk::Ministry => desk::page(&visitor, &params).await,
    };
    visitor.answer(page)
}

async fn operator(visitor: &Visitor, params: &Params) -> Result<String, Trouble> {
    let season = season::read(visitor, param(params, "season")).await?;
    let corridor = param(params, "corridor");
    let (clocks, untold, verification, rounds, releases) = tokio::join!(
        season.clocks(visitor, corridor),
        untold::placements(visitor, (corridor, &season.code)),
        verification(visitor),
        waiting_rounds(visitor, &season.code),
        waiting_releases(visitor, &season),
    );
    let (mut clocks, verification) = (clocks?, verification?);
    if let Some(untold) = &untold {
        untold::add(&mut clocks, untold, season.as_of);
    }
    let asked = rounds.zip(releases).filter(|_| untold.is_some());
    let mut groups = stuck(visitor.desk, &clocks, &season);
    let stuck_groups = count(groups.len());
    groups.truncate(STUCK);
    let page = OperatorHome {
        days: season.days,
        seasons: season.codes.clone(),
        corridor: corridor.to_owned(),
        corridors: season.flows.iter().map(|flow| Corridor::new(&flow.corridor_code)).collect(),
        flows: season.rivers(corridor),
        seal: seal(verification),
        decisions: decisions(visitor.desk, &clocks, asked, &season),
        late: late(&clocks, corridor, &season),
        stuck_groups,
        stuck: groups,
        season: season.code.clone(),
    };
    let live = live::key(&["home", &season.code, corridor], &fingerprint(&season.flows));
    Ok(page.render(&visitor.frame(Section::Home, season.as_of, Some(live)))?)
}

/// The last verification; none if nobody has asked for one yet.
async fn verification(visitor: &Visitor) -> Result<Option<Verification>, Status> {
    let mut monitoring = visitor.app.upstream.monitoring(&visitor.session);
    match monitoring.get_verification(GetVerificationRequest {}).await {
        Ok(told) => Ok(Some(told.into_inner())),
        Err(status) if matches!(status.code(), Code::NotFound | Code::PermissionDenied) => Ok(None),
        Err(status) => Err(status),
    }
}

fn seal(verification: Option<Verification>) -> Seal {
    let Some(told) = verification else { return Seal::default() };
    let failed = told.sources.iter().filter(|source| !source.failure.is_empty()).count();
    Seal {
        verified_at: DateTime::parse_from_rfc3339(&told.verified_at).ok().map(|at| at.naive_utc()),
        events: count(told.events),
        // A source that could not be asked verifies nothing.
        differences: count(told.differences.len() + failed),
        sources: told.sources.iter().map(source).collect(),
        differing: told.differences.iter().take(DIFFERING).map(difference).collect(),
    }
}

fn source(source: &VerifiedSource) -> Source {
    Source {
        service: source.service.clone(),
        figures: count(source.figures),
        events: count(source.events),
        failed: !source.failure.is_empty(),
    }
}

/// `placement placements CO-ES 2026 WORKING: 12 ≠ 11`: codes and numbers, which no language changes.
fn difference(told: &Difference) -> String {
    let owner = told.owner.clone().unwrap_or_default();
    let parts = [&told.service, &owner.figure, &owner.corridor, &owner.season, &owner.state];
    let named: Vec<&str> = parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    format!("{}: {} ≠ {}", named.join(" "), owner.value, told.folded)
}

/// Rounds that wait to be published; `None` where matching does not answer.
async fn waiting_rounds(visitor: &Visitor, season: &str) -> Option<Vec<Round>> {
    if visitor.desk != Desk::Operator {
        return Some(Vec::new());
    }
    let mut matching = visitor.app.upstream.matching(&visitor.session);
    let request = ListRoundsRequest { page_size: ROUNDS, season_code: season.to_owned(), ..Default::default() };
    let rounds = matching.list_rounds(request).await.ok()?.into_inner().rounds;
    Some(rounds.into_iter().filter(|round| round.state() == RoundState::Preview).collect())
}

/// Units of a reserve that another operator has asked for; `None` where programme does not answer.
async fn waiting_releases(visitor: &Visitor, season: &Season) -> Option<Vec<Decision>> {
    if visitor.desk != Desk::Operator {
        return Some(Vec::new());
    }
    let mut programme = visitor.app.upstream.programme(&visitor.session);
    let request = ListQuotasRequest { season_code: season.code.clone(), page_size: 1000, ..Default::default() };
    let told = programme.list_quotas(request).await.ok()?.into_inner();
    let others = told.open_releases.iter().filter(|open| open.asked_by != visitor.session.principal.subject);
    let decision = |open: &OpenRelease| {
        let quota = told.quotas.iter().find(|quota| quota.id == open.quota_id)?;
        let (path, units) = (format!("/corridors/{}/units", url::encode(&quota.corridor_code)), open.units.to_string());
        let same = [("season", quota.season_code.as_str()), ("quota", quota.id.as_str()), ("units", units.as_str())];
        Some(Decision {
            code: "CONFIRM_RELEASE".to_owned(),
            count: 1,
            about: format!("{} · {} · {units}", quota.corridor_code, quota.sector),
            due: day(&open.lapses_on),
            days_late: 0,
            href: url::with_query(&path, &same),
            marked: String::new(),
        })
    };
    Some(others.filter_map(decision).collect())
}

/// What only this desk can decide: rounds, units of a reserve, and the clocks that wait for it and are no errand.
fn decisions(
    desk: Desk,
    clocks: &ListClocksResponse,
    asked: Option<(Vec<Round>, Vec<Decision>)>,
    season: &Season,
) -> Option<Vec<Decision>> {
    let (rounds, releases) = asked?;
    let party = desk.code().to_lowercase();
    let theirs = |clock: &&ClockCount| clock.waits_for == party && clock.running > 0;
    let mut waiting: Vec<Decision> = clocks
        .clocks
        .iter()
        .filter(theirs)
        .filter_map(|clock| Some((clock, decision_code(&clock.clock)?)))
        .map(|(clock, code)| Decision {
            code: code.to_owned(),
            count: count(clock.running),
            about: clock.corridor_code.clone(),
            due: day(&clock.oldest_due_on),
            days_late: days_late(&clock.oldest_due_on, season.as_of),
            href: format!("/placements/{}", url::encode(&clock.oldest_placement_id)),
            marked: marked(desk, &clock.clock, (&clock.corridor_code, &season.code)),
        })
        .collect();
    waiting.extend(releases);
    waiting.extend(rounds.into_iter().map(|round| Decision {
        code: "PUBLISH_ROUND".to_owned(),
        count: 1,
        about: format!("{} · {}", round.number, round.corridor_codes.join(", ")),
        due: None,
        days_late: 0,
        href: format!("/rounds/{}", url::encode(&round.id)),
        marked: String::new(),
    }));
    waiting.sort_by_key(|decision| (decision.due.is_none(), decision.due));
    Some(waiting)
}

/// The list of those whose move ends a clock, all marked; empty where this desk does not make it for many.
fn marked(desk: Desk, clock: &str, (corridor, season): (&str, &str)) -> String {
    let action = season::due(clock).and_then(|(command, _)| bulk::action(desk, command));
    let Some(action) = action else { return String::new() };
    let list = [("corridor", corridor), ("clock", clock), ("season", season), ("pick", "all"), ("action", action)];
    url::with_query("/placements", &list)
}

fn decision_code(clock: &str) -> Option<&'static str> {
    Some(match clock {
        "C-HEARING" => "HEAR_CASE",
        "C-DECIDE" => "DECIDE_CASE",
        "C-AUTHORISE" => "AUTHORISE",
        "C-VISA" => "GRANT_VISA",
        "C-UNVERIFIED" => "CLEAR_UP_RETURN",
        "C-REVIEW" => "REVIEW",
        _ => return None,
    })
}

pub(super) fn days_late(due: &str, as_of: Option<NaiveDate>) -> u64 {
    day(due).zip(as_of).map_or(0, |(due, as_of)| count((as_of - due).num_days()))
}

/// Late clocks by kind and party, the largest group first.
fn late(clocks: &ListClocksResponse, corridor: &str, season: &Season) -> Vec<LateGroup> {
    let mut groups: BTreeMap<(&str, &str), (u64, &str)> = BTreeMap::new();
    for clock in clocks.clocks.iter().filter(|clock| clock.late > 0) {
        let group = groups.entry((&clock.clock, &clock.waits_for)).or_insert((0, &clock.oldest_due_on));
        group.0 += count(clock.late);
        group.1 = group.1.min(&clock.oldest_due_on);
    }
    let group = |((clock, party), (late, oldest)): ((&str, &str), (u64, &str))| LateGroup {
        clock: clock.to_owned(),
        party: party.to_uppercase(),
        organisation: String::new(),
        count: late,
        oldest_days: days_late(oldest, season.as_of),
        href: late_list(corridor, clock, &season.code),
    };
    let mut groups: Vec<LateGroup> = groups.into_iter().map(group).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.count));
    groups
}

/// Two or more that wait for the same thing at the same party past its deadline, by corridor; the largest group first.
fn stuck(desk: Desk, clocks: &ListClocksResponse, season: &Season) -> Vec<StuckGroup> {
    let late = clocks.clocks.iter().filter(|clock| clock.late > 1 && makes_late(&clock.clock));
    let group = |clock: &ClockCount| {
        let (command, _) = season::due(&clock.clock)?;
        let href = late_list(&clock.corridor_code, &clock.clock, &season.code);
        // Who could make it beside the party that must is asked only in need.
        let own = clock.waits_for == desk.code().to_lowercase();
        let action = bulk::action(desk, command).filter(|_| own);
        Some(StuckGroup {
            corridor: Corridor::new(&clock.corridor_code),
            clock: clock.clock.clone(),
            party: clock.waits_for.to_uppercase(),
            command: command.to_owned(),
            count: count(clock.late),
            oldest_days: days_late(&clock.oldest_due_on, season.as_of),
            marked: action.map(|action| format!("{href}&pick=all&action={action}")).unwrap_or_default(),
            href,
        })
    };
    let mut groups: Vec<StuckGroup> = late.filter_map(group).collect();
    groups.sort_by_key(|group| std::cmp::Reverse((group.count, group.oldest_days)));
    groups
}

/// Placements whose clock of this kind is over.
fn late_list(corridor: &str, clock: &str, season: &str) -> String {
    let parameters = [("corridor", corridor), ("late", "yes"), ("clock", clock), ("season", season)];
    url::with_query("/placements", &parameters)
}

/// The live totals of the home: as the page writes them.
pub(super) fn totals(season: &Season, corridor: &str, words: crate::console::words::Words) -> serde_json::Value {
    use crate::console::{flow, step::Column};
    let flows = season.rivers(corridor);
    let total = flow::total(&flows);
    let mut told = serde_json::Map::new();
    for column in Column::ALL {
        told.insert(column.code().to_owned(), words.n(total[column as usize].reached).into());
    }
    let late: u64 = flows.iter().map(|flow| flow.late).sum();
    told.insert("late".to_owned(), words.n(late).into());
    told.into()
}
