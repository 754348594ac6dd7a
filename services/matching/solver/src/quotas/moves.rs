//! How the prices of quotas move.

use super::losses::Losses;
use crate::amount::Amount;
use crate::engine::Engine;

/// A full move, in parts.
const WHOLE: i128 = 256;

/// For so many passes much more must have been passed than not reached, or the reverse, before all prices move.
const LONG: u32 = 3;
/// After so many passes it moves them however little is on that side.
const LONGEST: u32 = 40;

/// The price of a quota and how it came about.
#[derive(Clone, Copy, Default)]
struct Track {
    /// The last move.
    step: i128,
    /// By how much the quota was passed before it.
    excess: i64,
    /// How often the side changed; or, of all together, for how many passes it did not.
    turns: u32,
}

pub(super) struct Multipliers<N> {
    pub(super) price: Vec<N>,
    tracks: Vec<Track>,
    /// The same for all quotas that have a price, as one: each alone would see but a small loss, for its people would go
    /// to the next, until all have risen.
    together: Track,
    /// Parts of a full move that are made.
    share: i128,
    /// No price is greater.
    most: i128,
}

impl<N: Amount> Multipliers<N> {
    pub(super) fn new(count: usize, most: i128) -> Self {
        Self {
            price: vec![N::ZERO; count],
            tracks: vec![Track::default(); count],
            together: Track::default(),
            share: WHOLE,
            most,
        }
    }

    /// True if no quota has a price.
    pub(super) fn free(&self) -> bool {
        self.price.iter().all(|&price| price == N::ZERO)
    }

    /// True if no quota asks for a move: it is kept, and has no price if there is room.
    pub(super) fn settled(&self, excess: &[i64]) -> bool {
        !self.wanted(excess).contains(&true)
    }

    /// Returns by how many units quotas that have a price are not reached.
    pub(super) fn unused(&self, excess: &[i64]) -> i64 {
        excess.iter().zip(&self.price).filter(|(_, price)| **price > N::ZERO).map(|(excess, _)| (-excess).max(0)).sum()
    }

    /// Makes all moves smaller from now on.
    pub(super) fn damp(&mut self) {
        self.share = (self.share * 15 / 16).max(WHOLE / 3);
    }

    /// Forgets how quotas answered to former moves: the next moves are by `step`.
    pub(super) fn restart(&mut self, excess: &[i64], step: i128) {
        for (track, &now) in self.tracks.iter_mut().zip(excess) {
            *track = Track { step: i128::from(now.signum()) * step, excess: 2 * now, turns: 0 };
        }
        self.together = Track::default();
        self.share = WHOLE;
    }

    /// True if in the last move all prices moved together.
    pub(super) fn moves_together(&self) -> bool {
        self.together.step != 0
    }

    fn wanted(&self, excess: &[i64]) -> Vec<bool> {
        let moves = |(&excess, &price): (&i64, &N)| excess > 0 || (excess < 0 && price > N::ZERO);
        excess.iter().zip(&self.price).map(moves).collect()
    }

    /// Moves the prices.
    pub(super) fn advance(&mut self, engine: &Engine<N>, excess: &[i64]) {
        let wanted = self.wanted(excess);
        let mut losses = Losses::of(engine, &wanted, excess);
        let mut least = i128::MAX;
        for quota in (0..excess.len()).filter(|&quota| wanted[quota]) {
            self.move_price(quota, excess[quota], &mut losses.of_quota[quota]);
            least = least.min(self.tracks[quota].step.abs());
        }
        let common = self.common(excess, &wanted, least);
        for quota in (0..excess.len()).filter(|&quota| wanted[quota]) {
            // Beyond the greatest weight a price changes nothing.
            self.price[quota] = N::of((self.price[quota].wide() + common).clamp(0, self.most));
        }
    }

    fn move_price(&mut self, quota: usize, now: i64, losses: &mut [N]) {
        let nth = usize::try_from(now.unsigned_abs()).expect("a count fits a position");
        // Where fewer could come or go than should, the price has to go all the way.
        let loss = if nth > losses.len() { self.price[quota] } else { *losses.select_nth_unstable(nth - 1).1 };
        let (loss, track) = (loss.wide() + 1, &mut self.tracks[quota]);
        let turned = track.step != 0 && now.signum() != track.excess.signum();
        track.turns += u32::from(turned);
        let least = if track.turns > 4 { loss / 2 + 1 } else { loss };
        let step = if track.step == 0 {
            loss
        } else if turned {
            secant(track, now)
        } else {
            secant(track, now).max(least)
        };
        let step = (step / WHOLE * self.share + step % WHOLE * self.share / WHOLE).clamp(1, self.most);
        *track = Track { step: i128::from(now.signum()) * step, excess: now, turns: track.turns };
        self.price[quota] = N::of((self.price[quota].wide() + track.step).clamp(0, self.most));
    }

    /// Returns by how much all prices move together: if nearly all want to go one way, or on the whole have wanted to for
    /// many passes, and do not come nearer.
    fn common(&mut self, excess: &[i64], wanted: &[bool], least: i128) -> i128 {
        let moving = || excess.iter().zip(wanted).filter(|(_, wanted)| **wanted).map(|(excess, _)| *excess);
        let (sum, all): (i64, i64) = (moving().sum(), moving().map(i64::abs).sum());
        let track = &mut self.together;
        let same = sum != 0 && sum.signum() == track.excess.signum();
        let slow = same && sum.abs() * 4 > track.excess.abs() * 3;
        track.turns = if same { track.turns + 1 } else { 0 };
        track.excess = sum;
        let leans = sum.abs() * 7 > all * 2;
        let one_way = sum.abs() * 2 > all && moving().count() > 1;
        let go = slow && (one_way || (track.turns > LONG && leans) || track.turns > LONGEST);
        let step = if go { (track.step.abs() * 2).max(least).min(self.most) } else { 0 };
        track.step = i128::from(sum.signum()) * step;
        track.step
    }
}

/// Returns the move that would bring the excess to 0 if it went on answering as to the last move.
fn secant(track: &Track, now: i64) -> i128 {
    let (last, now, before) = (track.step.abs(), i128::from(now), i128::from(track.excess));
    if now.signum() != before.signum() {
        return (last / (now.abs() + before.abs()) * now.abs()).max(1);
    }
    let answer = before.abs() - now.abs();
    // Divided first: a move may be as great as a weight.
    if answer <= 0 { last * 2 } else { (last / answer * now.abs()).min(last * 3).max(last / 4) }
}
