//! Claims that a placement leaves behind for the rounds after it: its union asked for the person by name again (E9), or an
//! employer took an offer back (P14). Pure: rows in, claims of people out.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use proto::ids::{CandidateId, OrganisationId, PlacementId};

use crate::{
    assemble::{PendingRow, PlacementRow},
    facts::Candidate,
};

/// A placement that gives its person a claim.
#[derive(Debug, Clone)]
pub struct ClaimRow {
    pub id: PlacementId,
    pub candidate_id: CandidateId,
    pub union_id: Option<OrganisationId>,
    pub season_code: String,
    pub starts_on: Option<NaiveDate>,
    pub ended_on: Option<NaiveDate>,
    /// The union asked for the person again.
    pub recalled: bool,
    /// The next round puts the person first.
    pub first: bool,
}

/// What is known of one claimant beside the claims.
#[derive(Default)]
struct Since<'a> {
    placements: Vec<&'a PlacementRow>,
    /// Seats on their way.
    pending: Vec<&'a PendingRow>,
}

impl Since<'_> {
    /// A recall is answered by a seat of a later season, whoever's it is, and by a later one of the same union that came to
    /// an end which speaks against proposing the pair again. A second seat of the season that earned it is no answer.
    fn answers_recall(&self, claim: &ClaimRow) -> bool {
        // What was told before placements told their season has none: then the start alone decides.
        let later = |starts_on: Option<NaiveDate>, season: &str| {
            starts_on > claim.starts_on && (season.is_empty() || season != claim.season_code)
        };
        let seat = |row: &&PlacementRow| row.taken_from.is_some() || (row.ended_here && row.union_id == claim.union_id);
        self.placements.iter().any(|row| later(row.starts_on, &row.season_code) && seat(row))
            || self.pending.iter().any(|row| later(Some(row.starts_on), &row.season_code))
    }

    /// Who held a seat again since had their turn. What only lapsed was none.
    fn answers_first(&self, claim: &ClaimRow) -> bool {
        let again = |row: &&PlacementRow| {
            row.id != claim.id && (row.taken_from.is_some() || row.ended_here) && row.held_since >= claim.ended_on
        };
        self.placements.iter().any(again) || !self.pending.is_empty()
    }
}

/// Gives people the claims that stand in a round of `season_code`. `people` are sorted by id, `claims` by start.
pub fn give(
    people: &mut [Candidate],
    season_code: &str,
    claims: &[ClaimRow],
    (placements, pending): (&[PlacementRow], &[PendingRow]),
) {
    let claimants: BTreeSet<CandidateId> = claims.iter().map(|claim| claim.candidate_id).collect();
    let mut since: HashMap<CandidateId, Since<'_>> = HashMap::new();
    for row in placements.iter().filter(|row| claimants.contains(&row.candidate_id)) {
        since.entry(row.candidate_id).or_default().placements.push(row);
    }
    for row in pending.iter().filter(|row| row.reserve_rank == 0 && claimants.contains(&row.candidate_id)) {
        since.entry(row.candidate_id).or_default().pending.push(row);
    }
    let nothing = Since::default();
    for claim in claims {
        let Ok(at) = people.binary_search_by_key(&claim.candidate_id, |person| person.id) else { continue };
        let since = since.get(&claim.candidate_id).unwrap_or(&nothing);
        if claim.recalled
            && claim.season_code != season_code
            && let Some(union) = claim.union_id
            && !since.answers_recall(claim)
        {
            people[at].recalled.insert(union, claim.season_code.clone());
        }
        people[at].first |= claim.first && !since.answers_first(claim);
    }
}

#[cfg(test)]
mod tests {
    use proto::ids::{LineId, QuotaId};
    use uuid::Uuid;

    use super::*;
    use crate::testing::{candidate, date};

    const UNION: OrganisationId = OrganisationId(Uuid::from_u128(901));

    /// Worked from March 2025, recalled; or, with `first`, cancelled on 1 February 2026.
    fn claim(first: bool) -> ClaimRow {
        ClaimRow {
            id: PlacementId(Uuid::from_u128(1)),
            candidate_id: candidate(1).id,
            union_id: Some(UNION),
            season_code: if first { "2026" } else { "2025" }.to_owned(),
            starts_on: date(if first { "2026-03-01" } else { "2025-03-01" }),
            ended_on: date(if first { "2026-02-01" } else { "2025-08-31" }),
            recalled: !first,
            first,
        }
    }

    /// Another placement of the same person, from March 2026.
    fn later(taken: bool, ended_here: bool, held_since: &str) -> PlacementRow {
        PlacementRow {
            id: PlacementId(Uuid::from_u128(2)),
            candidate_id: candidate(1).id,
            union_id: Some(OrganisationId(Uuid::from_u128(902))),
            line_id: LineId(Uuid::from_u128(1001)),
            season_code: "2026".to_owned(),
            listed: false,
            ended_here,
            starts_on: date("2026-03-01"),
            held_since: date(held_since),
            taken_from: date("2026-03-01").filter(|_| taken),
            taken_until: date("2026-09-30").filter(|_| taken),
        }
    }

    fn given(season: &str, claim: &ClaimRow, placements: &[PlacementRow], pending: &[PendingRow]) -> Candidate {
        let mut people = vec![candidate(1), candidate(2)];
        give(&mut people, season, std::slice::from_ref(claim), (placements, pending));
        assert!(people[1].recalled.is_empty() && !people[1].first, "nobody else has a claim");
        people.swap_remove(0)
    }

    fn on_its_way(reserve_rank: i32) -> PendingRow {
        PendingRow {
            line_id: LineId(Uuid::from_u128(1001)),
            candidate_id: candidate(1).id,
            quota_id: QuotaId(Uuid::from_u128(3000)),
            reserve_rank,
            season_code: "2026".to_owned(),
            starts_on: date("2026-03-01").unwrap(),
            taken_until: date("2026-09-30").unwrap(),
        }
    }

    #[test]
    fn a_recall_names_the_person_in_another_season_until_there_is_a_seat_of_one() {
        let recall = claim(false);
        assert_eq!(given("2026", &recall, &[], &[]).recalled, [(UNION, "2025".to_owned())].into());
        assert!(given("2025", &recall, &[], &[]).recalled.is_empty(), "the season itself is over");
        assert!(given("2026", &recall, &[later(true, false, "2026-01-10")], &[]).recalled.is_empty(), "placed");
        assert!(given("2026", &recall, &[], &[on_its_way(0)]).recalled.is_empty(), "a seat is on its way");
        assert_eq!(given("2026", &recall, &[], &[on_its_way(1)]).recalled.len(), 1, "a reserve list is no seat");
        let mut own = later(true, false, "2025-01-10");
        (own.id, own.starts_on) = (recall.id, recall.starts_on);
        assert_eq!(given("2026", &recall, &[own], &[]).recalled.len(), 1, "the season that earned it");
    }

    #[test]
    fn a_second_seat_of_the_same_season_is_no_answer_to_a_recall() {
        let recall = claim(false);
        let mut second = later(true, false, "2025-06-01");
        (second.starts_on, second.season_code) = (date("2025-07-01"), "2025".to_owned());
        assert_eq!(given("2026", &recall, &[second.clone()], &[]).recalled.len(), 1, "worked elsewhere from July on");
        let mut proposed = on_its_way(0);
        (proposed.starts_on, proposed.season_code) = (date("2025-07-01").unwrap(), "2025".to_owned());
        assert_eq!(given("2026", &recall, &[], &[proposed]).recalled.len(), 1);
        second.season_code.clear();
        assert!(given("2026", &recall, &[second], &[]).recalled.is_empty(), "of no known season: the start decides");
    }

    #[test]
    fn a_no_elsewhere_leaves_a_recall_and_a_no_at_the_same_union_ends_it() {
        let mut refused = later(false, true, "2026-01-10");
        assert_eq!(given("2026", &claim(false), &[refused.clone()], &[]).recalled.len(), 1);
        refused.union_id = Some(UNION);
        assert!(given("2026", &claim(false), &[refused], &[]).recalled.is_empty());
        assert_eq!(given("2026", &claim(false), &[later(false, false, "")], &[]).recalled.len(), 1, "it lapsed");
    }

    #[test]
    fn whose_offer_was_taken_back_comes_first_until_they_hold_a_seat_again() {
        let first = claim(true);
        assert!(given("2026", &first, &[], &[]).first, "in the same season");
        assert!(given("2027", &first, &[], &[]).first, "and in the next");
        let mut own = later(false, true, "2026-02-01");
        own.id = first.id;
        assert!(given("2026", &first, &[own], &[]).first, "the offer itself, chosen and taken back in one day");
        assert!(given("2026", &first, &[later(true, false, "2025-01-10")], &[]).first, "a former season");
        assert!(!given("2026", &first, &[later(true, false, "2026-02-10")], &[]).first, "holds a seat");
        assert!(!given("2026", &first, &[later(false, true, "2026-02-10")], &[]).first, "held one and declined");
        assert!(given("2026", &first, &[later(false, false, "2026-02-10")], &[]).first, "nobody looked at it");
        assert!(!given("2026", &first, &[], &[on_its_way(0)]).first);
    }
}
