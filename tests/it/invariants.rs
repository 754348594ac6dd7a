//! What must hold of a house at rest, asked of its databases and doors from outside: invariants of the design
//! (`reliability.md` §3.1) that no owner's own count shows. Each part says what differs; nothing said = it holds.
//!
//! Legal moves (6): every placement's history is a path of the table. History (11): a record of a person has a line for each
//! of its versions. Tenants (12): a list gives nobody a row of another. Personal data (13): none is in any event, and none in a
//! log for who has the logs. Rounds (15): each that went out passed its checks, adds up, and was answered. Times (9): days of
//! clocks, which no owner counts, are what the histories of placements tell. Not here: a chained audit log (11) and erasure (14),
//! of which there are none.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use ::placement::{
    moves::{Row, TABLE, word},
    placement::Step,
    tracks::Track,
};
use cli::{cast, client::Session, house::SERVICES};
use platform::testing::Bench;
use proto::{
    Role,
    matching::{ListRoundPairsRequest, ListRoundsRequest, Round, RoundPair, RoundState},
    placement::{ListPlacementsRequest, Placement, Stage},
};
use uuid::Uuid;

use crate::fire::database;

/// All of them, in a house in which nothing is under way.
pub(crate) async fn hold(bench: &Bench, session: impl Fn(&str) -> Session) {
    let mut differences = moves_off_the_table(bench).await;
    differences.extend(versions_not_written_down(bench).await);
    differences.extend(rows_of_others(&session).await);
    differences.extend(personal_data_in_events(bench).await);
    differences.extend(rounds_that_do_not_add_up(&session("operator")).await);
    differences.extend(proposals_nobody_answered(bench).await);
    differences.extend(times_that_differ(bench).await);
    assert_eq!(differences, Vec::<String>::new());
}

/// Placements whose history is no path of the table of moves. May be asked at any moment: a history is written whole.
pub(crate) async fn moves_off_the_table(bench: &Bench) -> Vec<String> {
    let sql = "SELECT id::text, stage::int, version, facts::json ->> 'steps' FROM placement";
    let histories: Vec<(String, i32, i64, String)> =
        sqlx::query_as(sql).fetch_all(&mut database(bench, "placement").await).await.unwrap();
    let differs = |(id, stage, version, steps): (String, i32, i64, String)| {
        let steps: Vec<Step> = serde_json::from_str(&steps).unwrap();
        let difference = off_the_table(Stage::try_from(stage).unwrap(), version, &steps)?;
        Some(format!("placement {id}: {difference}"))
    };
    histories.into_iter().filter_map(differs).collect()
}

/// The first thing in a history that is no move, if there is one.
fn off_the_table(stage: Stage, version: i64, steps: &[Step]) -> Option<String> {
    let mut before = Stage::Unspecified;
    for (step, number) in steps.iter().zip(1..) {
        if step.version != number {
            return Some(format!("step {number} has version {}", step.version));
        }
        if !is_a_move(before, step) {
            let (from, to) = (word(before), word(step.stage));
            let Step { command, event, role, .. } = step;
            return Some(format!("no row {command} / {event} of {role} leads from {from} to {to}, step {number}"));
        }
        before = step.stage;
    }
    let last = steps.last().map_or(0, |step| step.version);
    let wrong = before != stage || last != version;
    wrong.then(|| format!("{} at {version} after {} at {last}", word(stage), word(before)))
}

/// True if a row of the table leads from this stage to that of the step. What becomes of a person's fitness is kept as a change
/// of the preparation, whichever it was, and a signature that is not the last one is no contract yet.
fn is_a_move(from: Stage, step: &Step) -> bool {
    let leads = |row: &Row| {
        let party = row.who.iter().any(|party| party.as_str() == step.role);
        party && row.to.unwrap_or(from) == step.stage
    };
    if step.command == "UpdatePreparation" {
        let veiled = |row: &Row| row.silent && row.track.is_some();
        return step.event == "PreparationUpdated" && TABLE.from(from).any(|row| veiled(row) && leads(row));
    }
    let event = |row: &Row| {
        let contract = row.track.as_ref().is_some_and(|(track, ..)| *track == Track::Contract);
        row.event == step.event || contract && step.event == "SignatureRecorded"
    };
    TABLE.row(&step.command, from).is_some_and(|row| leads(row) && event(row))
}

/// Records of people of which a change has no line in their history.
async fn versions_not_written_down(bench: &Bench) -> Vec<String> {
    let sql = "SELECT format('candidate %s at version %s has %s lines', c.id, c.version, count(l.version))
        FROM candidate c LEFT JOIN candidate_change l ON l.candidate_id = c.id AND l.version BETWEEN 1 AND c.version
        GROUP BY c.id, c.version HAVING count(l.version) <> c.version";
    sqlx::query_scalar(sql).fetch_all(&mut database(bench, "candidate").await).await.unwrap()
}

/// Placements that a list gives to a ministry or a union that they do not belong to.
async fn rows_of_others(session: &impl Fn(&str) -> Session) -> Vec<String> {
    let mut found = Vec::new();
    for organisation in cast::ORGANISATIONS {
        let owner: fn(&Placement) -> &str = match organisation.role {
            Role::Ministry => |placement| placement.ministry_id.as_str(),
            Role::Union => |placement| placement.union_id.as_str(),
            _ => continue,
        };
        let (own, user) = (organisation.id().to_string(), organisation.user);
        let asker = session(user);
        let mut request = ListPlacementsRequest { page_size: 1000, ..ListPlacementsRequest::default() };
        loop {
            let page = asker.placement().list_placements(request.clone()).await.unwrap().into_inner();
            let foreign = page.placements.iter().filter(|placement| owner(placement) != own);
            found.extend(foreign.map(|placement| format!("{user} is given placement {}", placement.id)));
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
    }
    found
}

/// Events that hold a number of somebody's document, a phone or a ministry's reference. What is told to others is what is in
/// the outboxes.
async fn personal_data_in_events(bench: &Bench) -> Vec<String> {
    let markers = Markers::of_people(bench).await;
    let mut found = Vec::new();
    for service in SERVICES {
        let sql = "SELECT event_id::text, payload FROM outbox";
        let events: Vec<(String, Vec<u8>)> =
            sqlx::query_as(sql).fetch_all(&mut database(bench, service).await).await.unwrap();
        let holds = events.iter().filter(|(_, payload)| markers.are_in(payload));
        found.extend(holds.map(|(id, _)| format!("event {id} of {service} holds personal data")));
    }
    found
}

/// Names of those of these texts, which are logs of services, that hold any of the same.
pub(crate) async fn personal_data_in_logs(bench: &Bench, logs: &[(&str, String)]) -> Vec<String> {
    let markers = Markers::of_people(bench).await;
    let holds = logs.iter().filter(|(_, log)| markers.are_in(log.as_bytes()));
    holds.map(|(service, _)| format!("the log of {service} holds personal data")).collect()
}

/// Texts that are looked for all at once.
struct Markers {
    by_length: BTreeMap<usize, HashSet<Vec<u8>>>,
    /// Two signs with which one of them begins: almost everywhere none does.
    begins: HashSet<[u8; 2]>,
}

impl Markers {
    /// Those of everybody who is registered.
    async fn of_people(bench: &Bench) -> Self {
        let sql =
            "SELECT document_number FROM person UNION SELECT phone FROM person UNION SELECT reference FROM person";
        Self::new(sqlx::query_scalar(sql).fetch_all(&mut database(bench, "candidate").await).await.unwrap())
    }

    /// Short ones are left out, and those that may as well be a part of an id.
    fn new(texts: Vec<String>) -> Self {
        let of_an_id = |sign: u8| matches!(sign, b'0'..=b'9' | b'a'..=b'f' | b'-');
        let tells = |text: &String| text.len() >= 10 || text.len() >= 6 && !text.bytes().all(of_an_id);
        let mut markers = Self { by_length: BTreeMap::new(), begins: HashSet::new() };
        for text in texts.into_iter().filter(tells).map(String::into_bytes) {
            markers.begins.insert([text[0], text[1]]);
            markers.by_length.entry(text.len()).or_default().insert(text);
        }
        markers
    }

    fn are_in(&self, payload: &[u8]) -> bool {
        payload.windows(2).enumerate().filter(|(_, two)| self.begins.contains(*two)).any(|(at, _)| {
            let mut texts = self.by_length.iter();
            texts.any(|(length, texts)| payload.get(at..at + length).is_some_and(|text| texts.contains(text)))
        })
    }
}

/// Rounds that are looked at or went out and whose figures are not those of their pairs, or whose checks did not pass.
async fn rounds_that_do_not_add_up(operator: &Session) -> Vec<String> {
    let request = ListRoundsRequest { page_size: 1000, ..ListRoundsRequest::default() };
    let rounds = operator.matching().list_rounds(request).await.unwrap().into_inner().rounds;
    let mut found = Vec::new();
    for round in rounds {
        if matches!(round.state(), RoundState::Preview | RoundState::Published) {
            let (seats, reserves) = tokio::join!(pairs(operator, &round, false), pairs(operator, &round, true));
            let differences = round_differs(&round, &seats, &reserves);
            found.extend(differences.into_iter().map(|what| format!("round {}: {what}", round.number)));
        }
    }
    found
}

async fn pairs(operator: &Session, round: &Round, reserves: bool) -> Vec<RoundPair> {
    let mut found = Vec::new();
    let mut request =
        ListRoundPairsRequest { round_id: round.id.clone(), page_size: 1000, reserves, ..Default::default() };
    loop {
        let page = operator.matching().list_round_pairs(request.clone()).await.unwrap().into_inner();
        found.extend(page.pairs);
        if page.next_page_token.is_empty() {
            return found;
        }
        request.page_token = page.next_page_token;
    }
}

fn round_differs(round: &Round, seats: &[RoundPair], reserves: &[RoundPair]) -> Vec<String> {
    let mut found = Vec::new();
    let mut same = |what: &str, said: i64, counted: i64| {
        if said != counted {
            found.push(format!("{what} {said}, by its pairs {counted}"));
        }
    };
    let count = |number: usize| i64::try_from(number).unwrap();
    let people: BTreeSet<&str> = seats.iter().map(|pair| pair.candidate_id.as_str()).collect();
    same("seats filled", round.seats_filled, count(seats.len()));
    same("reserves", round.reserves, count(reserves.len()));
    same("people seated", round.seats_filled, count(people.len()));
    same("value", round.value, seats.iter().map(|pair| pair.score).sum());
    if round.value > round.bound || round.seats_filled > round.seats_open {
        found.push(format!("it is more than it may be: {round:?}"));
    }
    if round.checks.is_empty() {
        found.push("nobody checked it".to_owned());
    }
    let failed = round.checks.iter().filter(|check| !check.passed);
    found.extend(failed.map(|check| format!("{}: {}", check.name, check.finding)));
    found
}

/// Pairs of rounds that went out, of which placement made neither a placement nor a refusal.
async fn proposals_nobody_answered(bench: &Bench) -> Vec<String> {
    let sql = "SELECT placement_id FROM round_pair JOIN round ON round.id = round_id WHERE round.state = $1";
    let sent: Vec<Uuid> = sqlx::query_scalar(sql)
        .bind(i16::try_from(RoundState::Published as i32).unwrap())
        .fetch_all(&mut database(bench, "matching").await)
        .await
        .unwrap();
    let sql = "SELECT format('proposal %s was not answered', id) FROM unnest($1::uuid[]) AS sent (id)
        WHERE NOT EXISTS (SELECT FROM placement WHERE placement.id = sent.id)
          AND NOT EXISTS (SELECT FROM proposal_refusal WHERE placement_id = sent.id)
          AND NOT EXISTS (SELECT FROM waiting_proposal WHERE placement_id = sent.id)";
    sqlx::query_scalar(sql).bind(&sent).fetch_all(&mut database(bench, "placement").await).await.unwrap()
}

/// Stages whose clock runs for as long as they last. How the others begin and end `services/monitoring/tests/times.rs` holds.
const LASTING: [(Stage, &str); 7] = [
    (Stage::Proposed, "C-SELECT"),
    (Stage::Selected, "C-OFFER"),
    (Stage::Offered, "C-ANSWER"),
    (Stage::Departed, "C-ARRIVAL"),
    (Stage::Unverified, "C-UNVERIFIED"),
    (Stage::NonReturn, "C-REVIEW"),
    (Stage::ReturnedVerified, "C-REENTRY"),
];

/// Counts of days that are not those of the fold's own placements.
const NOT_KEPT: &str = "
    SELECT format('%s of %s days in %s %s: %s too many are kept', clock, days, corridor_code, season_code, sum(ended))
    FROM (
        SELECT corridor_code, season_code, clock, days, ministry_id, union_id, ended FROM clock_time
        UNION ALL
        SELECT p.corridor_code, p.season_code, s.clock, s.days, coalesce(p.ministry_id, '00000000-0000-0000-0000-000000000000'),
               coalesce(p.union_id, '00000000-0000-0000-0000-000000000000'), -1
        FROM placement p, jsonb_to_recordset(p.spans) AS s (clock text, days int)
    ) AS side
    GROUP BY corridor_code, season_code, clock, days, ministry_id, union_id HAVING sum(ended) <> 0";

/// Corridor, season, clock, days.
type Time = (String, String, String, i32);

/// Times of monitoring that its placements do not tell, or the histories of their owner do not.
pub(crate) async fn times_that_differ(bench: &Bench) -> Vec<String> {
    let mut fold = database(bench, "monitoring").await;
    let mut found: Vec<String> = sqlx::query_scalar(NOT_KEPT).fetch_all(&mut fold).await.unwrap();
    let sql = "SELECT corridor_code, season_code, clock, days, sum(ended)::bigint FROM clock_time
        WHERE clock = ANY ($1) GROUP BY 1, 2, 3, 4";
    let clocks = LASTING.map(|(_, clock)| clock);
    let kept: Vec<(String, String, String, i32, i64)> =
        sqlx::query_as(sql).bind(clocks).fetch_all(&mut fold).await.unwrap();
    // What is kept, less what is told.
    let mut times: BTreeMap<Time, i64> = BTreeMap::new();
    for (corridor, season, clock, days, ended) in kept {
        times.insert((corridor, season, clock, days), ended);
    }
    let sql = "SELECT corridor_code, season_code, facts::json ->> 'steps' FROM placement";
    let histories: Vec<(String, String, String)> =
        sqlx::query_as(sql).fetch_all(&mut database(bench, "placement").await).await.unwrap();
    for (corridor, season, steps) in histories {
        for (clock, days) in lasted(&serde_json::from_str::<Vec<Step>>(&steps).unwrap()) {
            *times.entry((corridor.clone(), season.clone(), clock.to_owned(), days)).or_default() -= 1;
        }
    }
    let differ = times.iter().filter(|(_, more)| **more != 0);
    found.extend(differ.map(|(time, more)| format!("{time:?}: {more} more than the histories of placements tell")));
    found
}

/// Clocks of stages that were left again, and their days.
fn lasted(steps: &[Step]) -> Vec<(&'static str, i32)> {
    let mut stages: Vec<&Step> = steps.iter().collect();
    stages.dedup_by_key(|step| step.stage);
    let ended = stages.windows(2).filter_map(|pair| {
        let (_, clock) = LASTING.iter().find(|(stage, _)| *stage == pair[0].stage)?;
        let days = (pair[1].on - pair[0].on).num_days().max(0);
        Some((*clock, i32::try_from(days).unwrap()))
    });
    ended.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn steps(all: &[(&str, &str, &str, Stage)]) -> Vec<Step> {
        let step = |(number, (command, event, role, stage)): (usize, &(&str, &str, &str, Stage))| -> Value {
            json!({ "version": number + 1, "command": command, "event": event, "role": role, "stage": *stage as i32,
                "on": "2026-01-12", "organisation_id": Uuid::nil(), "reason": "", "evidence": "" })
        };
        let all: Vec<Value> = all.iter().enumerate().map(step).collect();
        serde_json::from_value(Value::from(all)).unwrap()
    }

    #[test]
    fn a_history_that_is_no_path_of_the_table_is_found() {
        let proposed = ("Propose", "CandidateProposed", "clock", Stage::Proposed);
        let selected = ("Select", "CandidateSelected", "union", Stage::Selected);
        let path = steps(&[proposed, selected]);
        assert_eq!(off_the_table(Stage::Selected, 2, &path), None);
        let differs =
            |stage, version, steps: &[Step]| assert!(off_the_table(stage, version, steps).is_some(), "{steps:?}");
        differs(Stage::Proposed, 2, &path);
        differs(Stage::Selected, 3, &path);
        differs(Stage::Selected, 1, &steps(&[selected]));
        differs(Stage::Offered, 2, &steps(&[proposed, ("Select", "CandidateSelected", "union", Stage::Offered)]));
        differs(Stage::Selected, 2, &steps(&[proposed, ("Select", "CandidateSelected", "worker", Stage::Selected)]));
        differs(Stage::Selected, 2, &steps(&[proposed, ("Select", "OfferMade", "union", Stage::Selected)]));
        let mut skipped = path;
        skipped.remove(0);
        differs(Stage::Selected, 2, &skipped);
    }

    #[test]
    fn a_stage_lasts_from_the_step_that_began_it_to_the_one_that_left_it() {
        let proposed = ("Propose", "CandidateProposed", "clock", Stage::Proposed);
        let noted = ("AddRecord", "RecordAdded", "union", Stage::Proposed);
        let selected = ("Select", "CandidateSelected", "union", Stage::Selected);
        let mut way = steps(&[proposed, noted, selected]);
        way[1].on = way[0].on + chrono::Days::new(1);
        way[2].on = way[0].on + chrono::Days::new(3);
        assert_eq!(lasted(&way), [("C-SELECT", 3)], "and who is selected still waits for an offer");
        assert!(lasted(&way[..2]).is_empty(), "nor has anything ended before");
    }

    #[test]
    fn personal_data_is_found_among_ids_and_lengths() {
        let markers = Markers::new(["+573009998877", "12345", "0123456789", "deadbe"].map(str::to_owned).to_vec());
        assert!(markers.are_in(b"\x0a\x0d+573009998877B"), "whatever stands beside it");
        assert!(markers.are_in(b"x0123456789"));
        assert!(!markers.are_in(b"12345 deadbe +57300999887"), "too short, or as well an id's, or another's");
        assert!(!markers.are_in(b""));
    }

    #[test]
    fn a_round_whose_figures_are_not_those_of_its_pairs_is_found() {
        let pair = |person: &str| RoundPair { candidate_id: person.to_owned(), score: 100, ..RoundPair::default() };
        let check = proto::matching::Check { passed: true, ..Default::default() };
        let round = Round {
            seats_open: 3,
            seats_filled: 2,
            reserves: 1,
            value: 200,
            bound: 210,
            checks: vec![check],
            ..Round::default()
        };
        let reserves = [pair("c")];
        assert_eq!(round_differs(&round, &[pair("a"), pair("b")], &reserves), Vec::<String>::new());
        assert!(!round_differs(&round, &[pair("a"), pair("a")], &reserves).is_empty(), "one person twice");
        assert!(!round_differs(&round, &[pair("a")], &reserves).is_empty(), "a seat less");
        assert!(!round_differs(&Round { bound: 199, ..round.clone() }, &[pair("a"), pair("b")], &reserves).is_empty());
        assert!(!round_differs(&Round { checks: Vec::new(), ..round }, &[pair("a"), pair("b")], &reserves).is_empty());
    }
}
