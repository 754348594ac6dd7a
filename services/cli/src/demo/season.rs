//! A season, month by month: rounds, then what everybody does, then the clocks.

mod restored;

use std::collections::{BTreeMap, HashMap};

use anyhow::Context;
use chrono::{Days, Months, NaiveDate};
use indicatif::ProgressBar;
use proto::{
    candidate::ListCandidatesRequest,
    matching::{ComputeRoundRequest, RoundState},
    placement::{BatchMovePlacementsRequest, ListPlacementsRequest, Move, MoveResult, Placement, RunDueRequest, Stage},
};

use super::{
    Cast, fate,
    person::{Act, Person},
    progress::Progress,
};
use crate::{
    cast,
    client::{Session, refusal, request_id},
    commands::round,
    output::{bar, number, part_is_done, spinner},
    words::Language,
};

/// A season of the demo: rounds are computed on the first of some months, everything else follows month by month.
pub(crate) struct Season {
    pub(crate) code: &'static str,
    destinations: &'static [&'static str],
    /// First of the first month.
    from: &'static str,
    pub(crate) months: u32,
    /// Months, from the first, that begin with a round.
    rounds: &'static [u32],
}

/// The real feed's season, then that of the founding corridors.
pub(crate) const SEASONS: &[Season] = &[
    Season { code: "2017", destinations: &["US"], from: "2016-08-15", months: 30, rounds: &[0, 6] },
    Season { code: "2026", destinations: &["ES", "CA", "IT"], from: "2025-11-15", months: 12, rounds: &[0, 2] },
];
/// Moves in one call.
const BATCH: usize = 1000;
/// Rounds begun anew for one that was interrupted, at most.
const ATTEMPTS: u32 = 5;
/// Times that what the clocks bring about in a month is followed up within it.
const FOLLOW_UPS: usize = 3;

/// People, and why moves were refused.
struct World<'a> {
    cast: &'a Cast<'a>,
    season: &'static str,
    seed: u64,
    people: HashMap<String, Person>,
    /// Lottery keys by candidate.
    keys: HashMap<String, String>,
    /// Placements so far, by candidate.
    placements: HashMap<String, u32>,
    /// Refused moves by command and reason: how many, and what was said of the first.
    refused: BTreeMap<(String, String), (u64, String)>,
    sessions: HashMap<&'static str, Session>,
    moves: u64,
}

/// Plays a season to its end, from the month where an earlier run stopped.
pub(crate) async fn play(cast: &Cast<'_>, season: &Season, kept: &mut Progress) -> anyhow::Result<()> {
    let seed = kept.script.seed;
    let mut world = World {
        cast,
        season: season.code,
        seed,
        people: HashMap::new(),
        keys: lottery_keys(cast).await?,
        placements: HashMap::new(),
        refused: BTreeMap::new(),
        sessions: HashMap::new(),
        moves: 0,
    };
    let from: NaiveDate = season.from.parse()?;
    let progress = bar(&format!("season {}", season.code));
    progress.set_length(u64::from(season.months));
    progress.set_position(kept.months().into());
    let mut knows_all = !kept.goes_on();
    for month in kept.months()..season.months {
        let begins = from.checked_add_months(Months::new(month)).unwrap_or(from);
        let ends = begins
            .checked_add_months(Months::new(1))
            .and_then(|next| next.checked_sub_days(Days::new(1)))
            .unwrap_or(begins);
        if season.rounds.contains(&month) {
            world.rounds(season.destinations, begins, (kept, &progress)).await?;
        }
        // Once all rounds of the month are out: their seats count in the same order as without a stop.
        if !std::mem::replace(&mut knows_all, true) {
            world.restore(&progress).await?;
        }
        world.month(ends, &progress).await?;
        kept.month_is_done(ends)?;
        progress.set_position(u64::from(month + 1));
        part_is_done(&progress, &month_in_words(season, month, (ends, world.moves)));
    }
    if !knows_all {
        world.restore(&progress).await?;
    }
    progress.set_message(format!("season {}: who is named again", season.code));
    world.recalls().await?;
    kept.part_is_done(season.code)?;
    progress.finish_and_clear();
    eprintln!(
        "  season {}: {} placements, {} moves{}",
        season.code,
        number(world.people.len() as i64),
        number(i64::try_from(world.moves)?),
        if kept.goes_on() { " since it goes on" } else { "" }
    );
    for ((command, reason), (count, first)) in &world.refused {
        eprintln!("    refused: {command} {} times, {reason}, first {first}", number(i64::try_from(*count)?));
    }
    Ok(())
}

/// A month that was played, counted from 0, with its last day and the moves made so far in this run.
fn month_in_words(season: &Season, month: u32, (ends, moves): (NaiveDate, u64)) -> String {
    let moves = number(i64::try_from(moves).unwrap_or(i64::MAX));
    format!("  season {}: month {} of {}, up to {ends}: {moves} moves so far", season.code, month + 1, season.months)
}

/// What decides whom of those with a seat the demo meets first: when they got it, then what it is.
fn met(placement: &Placement) -> [&str; 4] {
    let proposed = placement.steps.iter().find(|step| step.stage() == Stage::Proposed);
    let on = proposed.map(|step| step.occurred_on.as_str()).unwrap_or_default();
    [on, &placement.starts_on, &placement.ends_on, &placement.corridor_code]
}

/// What every candidate's lots are drawn from: ids differ from run to run.
async fn lottery_keys(cast: &Cast<'_>) -> anyhow::Result<HashMap<String, String>> {
    let mut candidate = cast.sign_in("operator")?.candidate();
    let (mut keys, mut page_token) = (HashMap::new(), String::new());
    let progress = spinner("lottery keys");
    loop {
        let request = ListCandidatesRequest { page_size: 1000, page_token, ..ListCandidatesRequest::default() };
        let page = candidate.list_candidates(request).await.map_err(|status| refusal(&status))?.into_inner();
        keys.extend(page.candidates.into_iter().map(|one| (one.id, one.lottery_key)));
        if page.next_page_token.is_empty() {
            progress.finish_and_clear();
            return Ok(keys);
        }
        progress.set_message(format!("lottery keys: {}", number(i64::try_from(keys.len())?)));
        page_token = page.next_page_token;
    }
}

impl World<'_> {
    async fn rounds(
        &mut self,
        destinations: &[&str],
        as_of: NaiveDate,
        (kept, progress): (&Progress, &ProgressBar),
    ) -> anyhow::Result<()> {
        let operator = self.session("operator")?;
        self.cast.house.settle_telling(|what| progress.set_message(what)).await?;
        for destination in destinations {
            let request = |attempt: u32| ComputeRoundRequest {
                season_code: self.season.to_owned(),
                destination: (*destination).to_owned(),
                as_of: as_of.to_string(),
                seed: self.seed.to_string(),
                request_id: kept.request_id(&format!("round/{}/{destination}/{as_of}/{attempt}", self.season)),
            };
            let tell = |round: &proto::matching::Round| {
                progress.set_message(format!(
                    "round to {destination}: {} %, {}",
                    round.percent,
                    round::so_far(Language::En, round)
                ));
            };
            let mut computed = round::compute((&operator, Language::En), request(0), tell).await;
            // A round that an earlier run began ended with it: then there is another.
            for attempt in 1..=ATTEMPTS {
                if computed.is_err() && kept.goes_on() {
                    computed = round::compute((&operator, Language::En), request(attempt), tell).await;
                }
            }
            let computed = computed?;
            if computed.state() == RoundState::Published {
                continue;
            }
            let published = round::publish(&operator, &computed.id, |round| {
                progress.set_message(format!("round to {destination} goes out: {} %", round.percent));
            })
            .await?;
            let line = format!(
                "  round {} to {destination}, as of {as_of}: {} of {} open seats filled from {} candidates, {} on reserve lists, gap {} ppm, {} ms",
                published.number,
                number(published.seats_filled),
                number(published.seats_open),
                number(published.candidates),
                number(published.reserves),
                published.gap_ppm,
                number(published.milliseconds),
            );
            progress.suspend(|| eprintln!("{line}"));
        }
        self.cast.house.settle_telling(|what| progress.set_message(what)).await?;
        progress.set_message(format!("season {}", self.season));
        Ok(())
    }

    /// What falls into this month, then the clocks, then what the clocks brought about; then places on the roster end.
    async fn month(&mut self, until: NaiveDate, progress: &ProgressBar) -> anyhow::Result<()> {
        self.meet_proposed().await?;
        for _ in 0..FOLLOW_UPS {
            let before = self.moves;
            while self.pass(until).await? > 0 {
                // Who was called from a list by these moves answers before the clocks are run past the time for it.
                self.meet_proposed().await?;
                progress.set_message(format!("season {}: {} moves", self.season, number(i64::try_from(self.moves)?)));
            }
            self.run_clocks(until).await?;
            if self.moves == before || self.meet_proposed().await? == 0 {
                break;
            }
        }
        self.end_rosters(until).await
    }

    /// Who has a seat and is not known yet: from a round, or called from a reserve list.
    async fn meet_proposed(&mut self) -> anyhow::Result<usize> {
        let mut new = self.list(Stage::Proposed).await?;
        new.retain(|placement| !self.people.contains_key(&placement.id));
        // Whoever has two new ones gets their lots in an order that does not hang on ids, and is the same after a stop. What
        // one round or call gives somebody at the same dates is of two corridors.
        new.sort_by(|one, other| met(one).cmp(&met(other)));
        for placement in &new {
            let lot = self.lot(&placement.candidate_id)?;
            self.people.insert(placement.id.clone(), Person::new(placement, lot, self.seed)?);
        }
        Ok(new.len())
    }

    /// The person's lottery key and how many placements they had before in this season.
    fn lot(&mut self, candidate_id: &str) -> anyhow::Result<String> {
        let key = self.keys.get(candidate_id).context("a placement is of a candidate")?;
        let before = self.placements.entry(candidate_id.to_owned()).or_default();
        *before += 1;
        Ok(format!("{}/{key}/{before}", self.season))
    }

    async fn list(&mut self, stage: Stage) -> anyhow::Result<Vec<Placement>> {
        let mut placement = self.session("operator")?.placement();
        let (mut found, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListPlacementsRequest {
                page_size: 1000,
                page_token,
                season_code: self.season.to_owned(),
                stage: stage as i32,
                ..ListPlacementsRequest::default()
            };
            let page = placement.list_placements(request).await.map_err(|status| refusal(&status))?.into_inner();
            found.extend(page.placements);
            if page.next_page_token.is_empty() {
                return Ok(found);
            }
            page_token = page.next_page_token;
        }
    }

    /// The next act of everybody who has one by then, in batches as people make them. Answers how many moves were made.
    async fn pass(&mut self, until: NaiveDate) -> anyhow::Result<usize> {
        let mut by_user: BTreeMap<&'static str, BTreeMap<(String, &str), Move>> = BTreeMap::new();
        for person in self.people.values_mut() {
            if let Some(Act { user, made }) = person.next(until) {
                by_user.entry(user).or_default().insert((made.occurred_on.clone(), &person.lot), made);
            }
        }
        let by_user: Vec<(&'static str, Vec<Move>)> =
            by_user.into_iter().map(|(user, moves)| (user, moves.into_values().collect())).collect();
        let mut done = 0;
        for (user, moves) in by_user {
            done += self.send(user, &moves).await?;
        }
        Ok(done)
    }

    /// Makes moves as a user, in batches, and takes note of what became of each. Answers how many were made.
    async fn send(&mut self, user: &'static str, moves: &[Move]) -> anyhow::Result<usize> {
        let mut placement = self.session(user)?.placement();
        let mut done = 0;
        for batch in moves.chunks(BATCH) {
            let request =
                BatchMovePlacementsRequest { moves: batch.to_vec(), request_id: request_id(), ..Default::default() };
            let answer =
                placement.batch_move_placements(request).await.map_err(|status| refusal(&status))?.into_inner();
            done += batch.iter().zip(&answer.results).map(|(made, result)| self.note(made, result)).sum::<usize>();
        }
        self.moves += done as u64;
        Ok(done)
    }

    fn note(&mut self, made: &Move, result: &MoveResult) -> usize {
        let Some(person) = self.people.get_mut(&made.placement_id) else { return 0 };
        match &result.refusal {
            None => {
                person.made(made, result);
                1
            }
            Some(refusal) => {
                person.refused(made);
                let first = || (0, format!("of {} on {}: {}", made.placement_id, made.occurred_on, refusal.message));
                let key = (made.command.clone(), refusal.reason.clone());
                self.refused.entry(key).or_insert_with(first).0 += 1;
                0
            }
        }
    }

    async fn run_clocks(&mut self, as_of: NaiveDate) -> anyhow::Result<()> {
        let mut placement = self.session("scheduler")?.placement();
        loop {
            let request = RunDueRequest { as_of: as_of.to_string(), limit: 1000, request_id: request_id() };
            let answer = placement.run_due(request).await.map_err(|status| refusal(&status))?.into_inner();
            self.moves += answer.moved.values().map(|count| u64::try_from(*count).unwrap_or_default()).sum::<u64>();
            if !answer.more {
                return Ok(());
            }
        }
    }

    async fn end_rosters(&mut self, as_of: NaiveDate) -> anyhow::Result<()> {
        let mut roster = self.session("scheduler")?.candidate();
        loop {
            let request =
                proto::candidate::RunDueRequest { as_of: as_of.to_string(), limit: 1000, request_id: request_id() };
            if !roster.run_due(request).await.map_err(|status| refusal(&status))?.into_inner().more {
                return Ok(());
            }
        }
    }

    /// Unions name who came back for the next season.
    async fn recalls(&mut self) -> anyhow::Result<()> {
        let mut by_union: BTreeMap<&'static str, Vec<Move>> = BTreeMap::new();
        for placement in self.list(Stage::ReEntryEligible).await? {
            let corridor = &placement.corridor_code;
            let Some(person) = self.people.get(&placement.id).filter(|_| placement.recalled_on.is_empty()) else {
                continue;
            };
            if !fate::falls(self.seed, &person.lot, "recall", fate::rates(corridor).recall) {
                continue;
            }
            let last = placement.steps.last().map(|step| step.occurred_on.clone()).unwrap_or_default();
            let made =
                Move { placement_id: placement.id, command: "Recall".to_owned(), occurred_on: last, ..Move::default() };
            by_union
                .entry(cast::union(corridor.split('-').next_back().unwrap_or_default()).user)
                .or_default()
                .push(made);
        }
        for (user, moves) in by_union {
            self.send(user, &moves).await?;
        }
        Ok(())
    }

    fn session(&mut self, user: &'static str) -> anyhow::Result<Session> {
        if let Some(session) = self.sessions.get(user) {
            return Ok(session.clone());
        }
        let session = self.cast.sign_in(user)?;
        self.sessions.insert(user, session.clone());
        Ok(session)
    }
}

#[cfg(test)]
mod tests {
    use proto::placement::Step;

    use super::*;

    #[test]
    fn a_month_is_told_with_its_place_in_the_season() {
        let ends = NaiveDate::from_ymd_opt(2016, 10, 14).unwrap();
        let told = month_in_words(&SEASONS[0], 1, (ends, 12_345));
        assert_eq!(told, "  season 2017: month 2 of 30, up to 2016-10-14: 12,345 moves so far");
    }

    #[test]
    fn who_has_two_seats_of_one_day_has_them_in_an_order_that_does_not_hang_on_ids() {
        let seat = |id: &str, corridor: &str, on: &str| Placement {
            id: id.to_owned(),
            corridor_code: corridor.to_owned(),
            starts_on: "2026-03-01".to_owned(),
            ends_on: "2026-09-01".to_owned(),
            steps: vec![Step { stage: Stage::Proposed as i32, occurred_on: on.to_owned(), ..Step::default() }],
            ..Placement::default()
        };
        let order = |ids: [&str; 3]| {
            let mut seats = [
                seat(ids[0], "CO-ES", "2025-11-15"),
                seat(ids[1], "CO-CA", "2025-11-15"),
                seat(ids[2], "CO-CA", "2025-11-14"),
            ];
            seats.sort_by(|one, other| one.id.cmp(&other.id));
            seats.sort_by(|one, other| met(one).cmp(&met(other)));
            seats.map(|seat| format!("{} {}", seat.corridor_code, seat.steps[0].occurred_on))
        };
        let wanted = ["CO-CA 2025-11-14", "CO-CA 2025-11-15", "CO-ES 2025-11-15"];
        assert_eq!(order(["1", "2", "3"]), wanted);
        assert_eq!(order(["3", "1", "2"]), wanted);
    }
}
