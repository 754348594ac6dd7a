//! `/corridors/{code}`: rules, 17 steps, clocks, quota.

pub(super) mod packs;
pub(super) mod units;

use std::{collections::BTreeMap, time::Duration};

use axum::{
    extract::{Path, Query},
    response::Response,
};
use chrono::NaiveDate;
use proto::{
    monitoring::{
        ClockTime, CorridorStep, GetClockTimesRequest, GetCorridorStepsRequest, ListClocksResponse, QuotaParts as Parts,
    },
    placement::{ListQuotaUseRequest, QuotaUse as Use},
    programme::{
        self as p, CorridorState, GetCorridorRequest, GetRulePackInForceRequest, ListQuotasRequest,
        ListRulePacksRequest, Quota, RulePack,
    },
};
use tonic::{Code, Status};

use super::{
    Params, count, day, fingerprint, home, live, param,
    season::{self, Season},
    visitor::{Trouble, Visitor},
};
use crate::console::{
    code::Corridor,
    corridor::{ClockRow, CorridorPage, Ended, Pack, QuotaParts, QuotaUse, Rule},
    flow::{Flow, Ground, StepFlow},
    frame::Section,
    step::Step,
};

/// How long the page waits for times of clocks that have ended.
const TIMES_WAIT: Duration = Duration::from_secs(2);

pub(super) async fn page(visitor: Visitor, Path(code): Path<String>, Query(params): Query<Params>) -> Response {
    let page = draw(&visitor, &code, &params).await;
    visitor.answer(page)
}

async fn draw(visitor: &Visitor, code: &str, params: &Params) -> Result<String, Trouble> {
    let corridor = known(visitor, code).await?;
    let season = season_of(visitor, code, param(params, "season")).await?;
    let on = day(param(params, "on")).or(season.as_of).unwrap_or_else(|| visitor.app.clock.now().date_naive());
    let mut monitoring = visitor.app.upstream.monitoring(&visitor.session);
    let request = GetCorridorStepsRequest { corridor_code: code.to_owned(), season_code: season.code.clone() };
    let steps = async { Ok(monitoring.get_corridor_steps(request).await?.into_inner()) };
    let parts = season.flows.iter().find(|flow| flow.corridor_code == code).and_then(|flow| flow.quota);
    let (steps, times, clocks, (pack, packs), (orders, destination), quota) = tokio::try_join!(
        steps,
        async { Ok(times(visitor, code, &season.code).await) },
        season.clocks(visitor, code),
        packs(visitor, code, on),
        packs(visitor, &corridor.destination, on),
        quota(visitor, (code, &season.code), parts)
    )?;
    let page = CorridorPage {
        corridor: Corridor::new(&corridor.code),
        agreement: corridor.agreement.clone(),
        closed: corridor.state() == CorridorState::Closed,
        steps: steps.steps.iter().filter_map(step).collect(),
        times_away: times.is_none(),
        clocks: clock_rows((&clocks, times.as_deref().unwrap_or_default()), pack.as_ref(), season.as_of),
        pack: pack.map(|pack| view(pack, &packs)),
        packs: packs.iter().filter_map(|pack| Some((pack.id.clone(), day(&pack.valid_from)?))).collect(),
        orders: orders.map(|pack| view(pack, &destination)),
        quota,
        season: season.code.clone(),
    };
    let live = live::key(&["corridor", code, &season.code], &fingerprint([&steps]));
    Ok(page.render(&visitor.frame(Section::Home, season.as_of, Some(live)))?)
}

/// The corridor that an address names.
async fn known(visitor: &Visitor, code: &str) -> Result<p::Corridor, Status> {
    let request = GetCorridorRequest { code: code.to_owned() };
    Ok(visitor.app.upstream.programme(&visitor.session).get_corridor(request).await?.into_inner())
}

/// The season asked for, else the latest in which this corridor has anything.
async fn season_of(visitor: &Visitor, code: &str, asked: &str) -> Result<Season, Status> {
    let latest = season::read(visitor, asked).await?;
    if !asked.is_empty() {
        return Ok(latest);
    }
    let own = latest.told.flows.iter().filter(|flow| flow.corridor_code == code);
    let used = own.clone().filter(|flow| season::has_anything(flow)).map(|flow| &flow.season_code).max();
    match used.or_else(|| own.map(|flow| &flow.season_code).max()) {
        Some(season) if *season != latest.code => {
            let season = season.clone();
            season::read(visitor, &season).await
        }
        _ => Ok(latest),
    }
}

fn step(step: &CorridorStep) -> Option<StepFlow> {
    Some(StepFlow {
        step: Step::from_code(&step.step)?,
        flow: Flow { reached: count(step.reached), here: count(step.here_now), dropped: count(step.dropped_out) },
        grounds: step
            .reasons
            .iter()
            .map(|reason| Ground { code: reason.reason.clone(), count: count(reason.count) })
            .collect(),
        days_here: [count(step.days_median), count(step.days_longest)],
        one_sided: count(step.one_sided),
    })
}

/// The pack in force on a day, if there is one, and all packs of this code, of the corridor or of its destination.
async fn packs(visitor: &Visitor, code: &str, on: NaiveDate) -> Result<(Option<RulePack>, Vec<RulePack>), Status> {
    let mut programme = visitor.app.upstream.programme(&visitor.session);
    let mut other = programme.clone();
    let in_force =
        programme.get_rule_pack_in_force(GetRulePackInForceRequest { code: code.to_owned(), on: on.to_string() });
    let all = other.list_rule_packs(ListRulePacksRequest { code: code.to_owned(), ..Default::default() });
    let (in_force, all) = tokio::join!(in_force, all);
    let pack = match in_force {
        Ok(pack) => Some(pack.into_inner()),
        Err(status) if status.code() == Code::NotFound => None,
        Err(status) => return Err(status),
    };
    Ok((pack, all?.into_inner().packs))
}

/// A pack as it is shown; it holds until the day before the next one of its code begins.
fn view(pack: RulePack, all: &[RulePack]) -> Pack {
    let from = day(&pack.valid_from).unwrap_or_default();
    let next = all.iter().filter_map(|other| day(&other.valid_from)).filter(|other| *other > from).min();
    Pack {
        name: pack.title,
        version: pack.id,
        in_force_from: from,
        in_force_until: next.and_then(|next| next.pred_opt()),
        rules: pack.rules.into_iter().map(rule).collect(),
    }
}

fn rule(rule: p::Rule) -> Rule {
    let href = if rule.source.starts_with("https://") { rule.source.clone() } else { String::new() };
    Rule { key: rule.key, value: rule.value, source: rule.source, href, assumed: rule.assumed }
}

/// How long the clocks ran that have ended; `None` where it is not told in time. The page stands without.
async fn times(visitor: &Visitor, code: &str, season: &str) -> Option<Vec<ClockTime>> {
    let mut monitoring = visitor.app.upstream.monitoring(&visitor.session);
    let request = GetClockTimesRequest { corridor_code: code.to_owned(), season_code: season.to_owned() };
    let told = tokio::time::timeout(TIMES_WAIT, monitoring.get_clock_times(request)).await.ok()?.ok()?;
    Some(told.into_inner().clocks)
}

/// A row for each clock that runs or has ended.
fn clock_rows(
    (clocks, times): (&ListClocksResponse, &[ClockTime]),
    pack: Option<&RulePack>,
    as_of: Option<NaiveDate>,
) -> Vec<ClockRow> {
    let mut rows: BTreeMap<(&str, &str), ClockRow> = BTreeMap::new();
    let none = |clock: &str, party: &str| ClockRow {
        clock: clock.to_owned(),
        party: party.to_uppercase(),
        running: 0,
        late: 0,
        ended: None,
        limit: limit(clock, pack, "days"),
        workdays: limit(clock, pack, "workdays"),
        oldest: None,
    };
    for time in times {
        let party = season::waits_for(&time.clock);
        let row = rows.entry((&time.clock, party)).or_insert_with(|| none(&time.clock, party));
        row.ended =
            Some(Ended { count: count(time.ended), half: count(time.days_half), nine: count(time.days_nine_of_ten) });
    }
    for clock in &clocks.clocks {
        let row = rows.entry((&clock.clock, &clock.waits_for)).or_insert_with(|| none(&clock.clock, &clock.waits_for));
        row.running += count(clock.running);
        row.late += count(clock.late);
        if clock.late > 0 {
            row.oldest = row.oldest.max(Some(home::days_late(&clock.oldest_due_on, as_of)));
        }
    }
    rows.into_values().collect()
}

/// What the pack says about a clock in `days` or `workdays`. Clocks that count from a date are other rules' matter.
fn limit(clock: &str, pack: Option<&RulePack>, unit: &str) -> Option<u64> {
    let key = format!("clock.{}.{unit}", clock.strip_prefix("C-")?.to_lowercase());
    pack?.rules.iter().find(|rule| rule.key == key)?.value.parse().ok()
}

/// The quota and its use; none where the programme set none.
async fn quota(
    visitor: &Visitor,
    (code, season): (&str, &str),
    parts: Option<Parts>,
) -> Result<Option<QuotaUse>, Status> {
    let mut programme = visitor.app.upstream.programme(&visitor.session);
    let mut placement = visitor.app.upstream.placement(&visitor.session);
    let (corridor_code, season_code) = (code.to_owned(), season.to_owned());
    let limits = programme.list_quotas(ListQuotasRequest {
        corridor_code: corridor_code.clone(),
        season_code: season_code.clone(),
        ..Default::default()
    });
    let uses = placement.list_quota_use(ListQuotaUseRequest { corridor_code, season_code });
    let (limits, uses) = tokio::try_join!(limits, uses)?;
    let (limits, uses) = (limits.into_inner().quotas, uses.into_inner().quotas);
    let used = |pick: fn(&Use) -> i32| uses.iter().map(|quota| count(pick(quota))).sum::<u64>();
    let planned = |pick: fn(&Quota) -> i32| limits.iter().map(|quota| count(pick(quota))).sum::<u64>();
    let allotted = used(|quota| quota.allotted);
    // The fold may be a moment behind: then the sum stands alone.
    let parts = parts.filter(|parts| count(parts.allotted) == allotted);
    Ok((!limits.is_empty()).then(|| QuotaUse {
        // Until placement has heard of a quota nothing of it is allotted.
        cap: if uses.is_empty() { planned(|quota| quota.cap) } else { used(|quota| quota.cap) },
        allotted,
        shortfall: used(|quota| quota.shortfall),
        reserve: planned(|quota| quota.flexible_reserve),
        parts: parts.map(|parts| QuotaParts {
            open: count(parts.open),
            held: count(parts.held),
            used: count(parts.used),
        }),
    }))
}
