//! Chains of changes against the plan from scratch, after each change.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::*;

/// A market as plain data: what a session should hold after the changes so far.
#[derive(Clone, Debug, Default)]
struct Model {
    /// Per candidate: line, score, tier, quotas as bits.
    candidates: Vec<Vec<Offer>>,
    seats: Vec<u32>,
    limits: Vec<u32>,
}

type Offer = (usize, i64, u8, usize);

/// A change as it is drawn; what its numbers mean depends on what there is.
#[derive(Clone, Debug)]
struct Draft {
    kind: u8,
    at: usize,
    number: u32,
    row: Vec<(i64, u8, usize)>,
}

fn drafts(quotas: usize) -> impl Strategy<Value = Draft> {
    // Scores tie often, and seldom pass what there was.
    let score = prop_oneof![8 => 0..=9_i64, 1 => 0..=40_i64];
    let tier = prop_oneof![1 => Just(0_u8), 1 => Just(1), 5 => Just(255)];
    let row = prop::collection::vec((score, tier, 0..1_usize << quotas), 8);
    (0..8_u8, 0..64_usize, 0..4_u32, row).prop_map(|(kind, at, number, row)| Draft { kind, at, number, row })
}

fn seeds() -> impl Strategy<Value = Policy> {
    any::<[u8; 4]>().prop_map(Policy::seeded)
}

impl Model {
    /// Returns a row as pairs of the lines there are.
    fn offers(&self, row: &[(i64, u8, usize)]) -> Vec<Offer> {
        let offers = row.iter().take(self.seats.len()).enumerate();
        offers.filter(|(_, offer)| offer.0 > 0).map(|(line, &(score, tier, bits))| (line, score, tier, bits)).collect()
    }

    /// Returns the market; sets of quotas are registered in one order, so that a number means the same set everywhere.
    fn market(&self) -> Market {
        let mut builder = MarketBuilder::default();
        let quotas: Vec<QuotaIx> = self.limits.iter().map(|&limit| builder.quota(limit)).collect();
        for bits in 0..1_usize << quotas.len() {
            let members: Vec<QuotaIx> = quotas.iter().copied().filter(|quota| bits >> quota.0 & 1 == 1).collect();
            assert_eq!(builder.quota_set(&members), QuotaSetIx(bits as u32));
        }
        for (at, &seats) in self.seats.iter().enumerate() {
            builder.line(format!("line {at}"), seats);
        }
        for (at, offers) in self.candidates.iter().enumerate() {
            let candidate = builder.candidate(format!("candidate {at}"), 1);
            offers.iter().for_each(|offer| builder.pair(candidate, pair(offer)));
        }
        builder.build().unwrap()
    }

    /// Makes a change here and in the session; returns whose seats it says are others.
    fn change(&mut self, session: &mut Session, draft: &Draft) -> Vec<Move> {
        let (candidate, line) = (draft.at % self.candidates.len(), draft.at % self.seats.len());
        let (candidate_ix, line_ix) = (CandidateIx(candidate as u32), LineIx(line as u32));
        match draft.kind {
            0 | 1 => {
                self.candidates[candidate].clear();
                session.withdraw(candidate_ix)
            }
            2 | 3 => {
                let offers = self.offers(&draft.row);
                let pairs: Vec<Pair> = offers.iter().map(pair).collect();
                let (admitted, moves) = session.admit(format!("candidate {}", self.candidates.len()), &pairs).unwrap();
                assert_eq!(admitted.at(), self.candidates.len());
                self.candidates.push(offers);
                moves
            }
            4 => {
                self.candidates[candidate] = self.offers(&draft.row);
                let pairs: Vec<Pair> = self.candidates[candidate].iter().map(pair).collect();
                session.set_pairs(candidate_ix, &pairs).unwrap()
            }
            5 => {
                self.seats[line] = draft.number;
                session.set_seats(line_ix, draft.number).unwrap()
            }
            6 if self.seats.len() < 8 => {
                let new = self.seats.len();
                let offers = (0..self.candidates.len()).zip(draft.row.iter().cycle().skip(draft.at % 8));
                let offers: Vec<(usize, Offer)> = offers
                    .filter(|(_, offer)| offer.0 > 0)
                    .map(|(candidate, &(score, tier, bits))| (candidate, (new, score, tier, bits)))
                    .collect();
                let pairs: Vec<(CandidateIx, Pair)> =
                    offers.iter().map(|(candidate, offer)| (CandidateIx(*candidate as u32), pair(offer))).collect();
                let (opened, moves) = session.open_line(format!("line {new}"), draft.number, &pairs).unwrap();
                assert_eq!(opened.at(), new);
                self.seats.push(draft.number);
                offers.into_iter().for_each(|(candidate, offer)| self.candidates[candidate].push(offer));
                moves
            }
            _ if !self.limits.is_empty() => {
                let quota = draft.at % self.limits.len();
                self.limits[quota] = draft.number;
                session.set_limit(QuotaIx(quota as u32), draft.number)
            }
            _ => session.refine(),
        }
    }
}

fn pair(&(line, score, tier, bits): &Offer) -> Pair {
    Pair { line: LineIx(line as u32), score, tier: Tier(tier), quotas: QuotaSetIx(bits as u32) }
}

/// Returns claims met by tier, the sum of scores, and who sits.
fn reached(market: &Market, plan: &Plan) -> (Vec<u64>, i128, Vec<bool>) {
    let certificate = verify(market, plan).unwrap();
    let tiers = [0, 1].map(|tier| certificate.tiers.get(&tier).copied().unwrap_or(0)).to_vec();
    (tiers, certificate.score, plan.assignments.iter().map(Option::is_some).collect())
}

/// Returns the same of a session's plan, whose weights have room, after its proof was checked.
fn held(session: &Session, model: &Model) -> (Vec<u64>, i128, Vec<bool>) {
    let (market, plan) = (session.market(), session.plan());
    let certificate = verify(&market, &plan).unwrap_or_else(|violations| panic!("{violations:?}"));
    assert_eq!((certificate.value, certificate.bound), (session.value(), session.bound()));
    let (mut tiers, mut score) = (vec![0, 0], 0);
    for (at, line) in plan.assignments.iter().enumerate() {
        assert_eq!(session.seat_of(CandidateIx(at as u32)), *line);
        let Some(line) = line else { continue };
        let offer = model.candidates[at].iter().find(|offer| offer.0 == line.at()).expect("a seat that is offered");
        score += i128::from(offer.1);
        if let Some(count) = tiers.get_mut(usize::from(offer.2)) {
            *count += 1;
        }
    }
    (tiers, score, plan.assignments.iter().map(Option::is_some).collect())
}

fn begin(model: &mut Model, rows: &[Vec<(i64, u8, usize)>], policy: &Policy) -> Session {
    model.candidates = rows.iter().map(|row| model.offers(row)).collect();
    Session::start(model.market(), policy).unwrap()
}

type Rows = Vec<Vec<(i64, u8, usize)>>;

fn beginnings(quotas: usize) -> impl Strategy<Value = (Model, Rows)> {
    let rows = prop::collection::vec(drafts(quotas).prop_map(|draft| draft.row), 1..=6);
    let (seats, limits) = (prop::collection::vec(0..=2_u32, 1..=4), prop::collection::vec(0..=4_u32, quotas));
    (rows, seats, limits).prop_map(|(rows, seats, limits)| (Model { seats, limits, ..Model::default() }, rows))
}

/// Applies the seats that moved; whoever is not named sits where it sat.
fn apply(seats: &mut BTreeMap<CandidateIx, LineIx>, moves: &[Move]) {
    for told in moves {
        let before = match told.to {
            Some(line) => seats.insert(told.candidate, line),
            None => seats.remove(&told.candidate),
        };
        assert_eq!(before, told.from);
        assert_ne!(told.from, told.to);
    }
}

fn seats(session: &Session, model: &Model) -> BTreeMap<CandidateIx, LineIx> {
    let all = (0..model.candidates.len() as u32).map(CandidateIx);
    all.filter_map(|candidate| Some((candidate, session.seat_of(candidate)?))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3000) })]

    #[test]
    fn after_each_change_the_plan_is_that_from_scratch(
        (mut model, rows) in beginnings(0), policy in seeds(), drafts in prop::collection::vec(drafts(0), 1..=12),
    ) {
        let mut session = begin(&mut model, &rows, &policy);
        let mut told = seats(&session, &model);
        for draft in &drafts {
            apply(&mut told, &model.change(&mut session, draft));
            let (market, plan) = (model.market(), solve(&model.market(), &policy));
            prop_assert_eq!(held(&session, &model), reached(&market, &plan), "after {:?}", draft);
            prop_assert_eq!(&told, &seats(&session, &model));
            prop_assert_eq!((session.gap(), session.plan().status), (0, Status::Optimal));
            let scratch = solve(&session.market(), &policy);
            prop_assert_eq!(scratch.value, session.value());
            prop_assert!(verify(&session.market(), &scratch).is_ok());
        }
    }

    #[test]
    fn within_quotas_the_plan_is_no_worse_than_its_gap_says(
        (mut model, rows) in beginnings(2), policy in seeds(), drafts in prop::collection::vec(drafts(2), 1..=8),
    ) {
        let mut session = begin(&mut model, &rows, &policy);
        let mut told = seats(&session, &model);
        for draft in &drafts {
            apply(&mut told, &model.change(&mut session, draft));
            held(&session, &model);
            prop_assert_eq!(&told, &seats(&session, &model));
            let scratch = solve(&session.market(), &policy);
            prop_assert!(scratch.value <= session.bound() && session.value() <= scratch.bound, "{:?}", draft);
        }
        let gap = session.gap();
        session.refine();
        held(&session, &model);
        prop_assert!(session.gap() <= gap);
    }
}

#[test]
fn draws_out_of_order_are_caught() {
    let mut model = Model { seats: vec![1], ..Model::default() };
    let row = || vec![(5, 255, 0)];
    let mut session = begin(&mut model, &[row(), row(), row()], &Policy::seeded("seed"));
    model.change(&mut session, &Draft { kind: 2, at: 0, number: 0, row: row() });
    let (market, plan) = (session.market(), session.plan());
    assert!(verify(&market, &plan).is_ok());
    let changed = |change: fn(&mut Vec<i128>)| {
        let mut plan = plan.clone();
        change(&mut plan.duals.draws);
        verify(&market, &plan).unwrap_err()
    };
    let swapped = changed(|draws| draws.swap(0, 1));
    assert!(matches!(swapped[..], [Violation::DrawsUnordered { .. }]), "{swapped:?}");
    let none = changed(|draws| draws.fill(0));
    assert!(matches!(none[..], [Violation::DrawsUnordered { draw: 0, .. }]), "{none:?}");
    let short = changed(|draws| _ = draws.pop());
    assert_eq!(short, [Violation::WrongLength { what: "draws", found: 3, expected: 4 }]);
}

#[test]
fn a_change_that_is_not_sound_changes_nothing() {
    let mut model = Model { seats: vec![1, 1], ..Model::default() };
    let mut session = begin(&mut model, &[vec![(5, 255, 0), (3, 255, 0)]], &Policy::seeded("seed"));
    let before = session.plan();
    let refused = |result: Result<Vec<Move>, BuildError>| result.unwrap_err().to_string();
    let first = CandidateIx(0);
    let twice = [Pair::scored(LineIx(0), 1), Pair::scored(LineIx(0), 2)];
    assert!(refused(session.set_pairs(first, &twice)).contains("two pairs"));
    assert!(refused(session.set_pairs(first, &[Pair::scored(LineIx(2), 1)])).contains("line 2 of 2"));
    assert!(refused(session.set_pairs(first, &[Pair::scored(LineIx(0), 0)])).contains("score 0"));
    let strange = Pair { quotas: QuotaSetIx(1), ..Pair::scored(LineIx(0), 1) };
    assert!(refused(session.set_pairs(first, &[strange])).contains("unregistered quota set 1"));
    assert!(session.admit("candidate 0", &[]).unwrap_err().to_string().contains("used twice"));
    let (late, _) = session.admit("late", &[]).unwrap();
    assert!(session.admit("late", &[]).unwrap_err().to_string().contains("used twice"));
    assert!(session.open_line("line 1", 1, &[]).unwrap_err().to_string().contains("used twice"));
    let pair = Pair::scored(LineIx(0), 1);
    assert!(
        session.open_line("line 2", 1, &[(first, pair), (first, pair)]).unwrap_err().to_string().contains("two pairs")
    );
    assert_eq!((session.value(), session.seat_of(late)), (before.value, None));
    assert_eq!(session.plan().assignments[..1], before.assignments);
}
