//! The two files as they are written: `market.json` and `plan.json`. `schema/` says the same as JSON Schema.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::decimal::Numeral;
use crate::object::{given, objects};

objects! {
    MarketFile CandidateEntry LineEntry PairEntry QuotaEntry QuotaPair PairName PreferenceEntry
    PlanFile PlanPair ListEntry Listed Cause Duals LinePrice QuotaPrice ApartPrice
}

/// `market.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct MarketFile {
    /// For editors; not read.
    #[serde(rename = "$schema", default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Those who seek seats.
    pub candidates: Vec<CandidateEntry>,
    /// Where the seats are.
    pub lines: Vec<LineEntry>,
    /// Who may go where. What is not listed is not permitted.
    pub pairs: Vec<PairEntry>,
    /// Ceilings on groups of pairs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quotas: Vec<QuotaEntry>,
    /// Groups whose members all get seats on one line, or none of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub together: Vec<Vec<String>>,
    /// Groups no two members of which get seats on one line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub apart: Vec<Vec<String>>,
    /// Pairs that must be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pinned: Vec<PairName>,
    /// Pairs that must not be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forbidden: Vec<PairName>,
    /// What candidates want, for the policy `stable`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub preferences: Vec<PreferenceEntry>,
}

/// One who seeks seats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct CandidateEntry {
    /// Unique among candidates; the lottery is drawn on it.
    pub id: String,
    /// Seats taken as one, 1 if not said.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub size: Option<Numeral>,
}

/// One line with its seats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct LineEntry {
    /// Unique among lines.
    pub id: String,
    /// Seats to fill.
    pub seats: Numeral,
}

/// A permitted pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct PairEntry {
    /// Who.
    pub candidate: String,
    /// Where.
    pub line: String,
    /// Points, with up to nine places; a number or a string.
    pub score: Numeral,
    /// Seats this pair takes, the candidate's size if not said.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub seats: Option<Numeral>,
}

/// A ceiling on a group of pairs: those listed, or all between the candidates and the lines named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct QuotaEntry {
    /// Unique among quotas.
    pub id: String,
    /// The weights of chosen pairs of the group may not add up to more.
    pub limit: Numeral,
    /// All candidates if not said; not beside `pairs`.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub candidates: Option<Vec<String>>,
    /// All lines if not said; not beside `pairs`.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<String>>,
    /// The pairs, listed.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub pairs: Option<Vec<QuotaPair>>,
    /// What each pair weighs; its candidate's size if not said.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub weight: Option<Numeral>,
}

/// A pair that a quota lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct QuotaPair {
    /// Who.
    pub candidate: String,
    /// Where.
    pub line: String,
    /// What this pair weighs, the quota's `weight` if not said.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub weight: Option<Numeral>,
}

/// Names a listed pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct PairName {
    /// Who.
    pub candidate: String,
    /// Where.
    pub line: String,
}

/// What a candidate wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct PreferenceEntry {
    /// Who.
    pub candidate: String,
    /// Best first. A list within stands for lines wanted equally. What is not listed is not wanted.
    pub lines: Vec<Rank>,
}

/// One rank of a preference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Rank {
    /// One line.
    One(String),
    /// Lines wanted equally.
    Equal(Vec<String>),
}

/// `plan.json`. Decimals are strings; prices and values have up to nine places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct PlanFile {
    /// What is claimed.
    pub status: Status,
    /// Why there is no plan; empty unless `infeasible`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<Cause>,
    /// By which rules.
    pub policy: Policy,
    /// The lottery's seed.
    pub seed: String,
    /// SHA-256 of the market file, hexadecimal.
    pub market: String,
    /// The chosen pairs by candidate id, in the order of their bytes.
    pub pairs: Vec<PlanPair>,
    /// The chosen pairs' scores, added up.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What no plan can exceed. By `optimal` and `lists`, as are gap, proof and duals.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub bound: Option<String>,
    /// Bound less value.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub gap: Option<String>,
    /// What the bound rests on.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// Prices, and the bound that they alone prove.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub duals: Option<Duals>,
    /// Policy `stable` only: pairs that would rather have each other, and are permitted to.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub blocking: Option<Vec<PairName>>,
    /// Policy `lists` only: how many candidates a seat has on its list, if there are enough.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub folds: Option<u32>,
    /// Policy `lists` only: from whom employers pick.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub lists: Option<Vec<ListEntry>>,
    /// Which code found it.
    pub method: String,
    /// Time it took; all else is the same for the same input, policy and seed.
    pub seconds: String,
}

/// What is claimed of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// No plan is worth more (`optimal`), or nothing blocks (`stable`).
    Optimal,
    /// All rules hold; a better plan may exist, by no more than the gap.
    Feasible,
    /// No plan keeps all rules.
    Infeasible,
}

/// What a plan is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// The greatest total score.
    Optimal,
    /// No candidate and line would rather have each other.
    Stable,
    /// The greatest total score, and for each of its seats several candidates to pick from.
    Lists,
}

/// What a bound rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The published prices: anyone can recompute it in whole numbers.
    Duals,
    /// A search in whole numbers that tried everything the prices leave open.
    Exhaustion,
    /// A branch-and-bound search in floating point: its bound with a margin, or that it ended and found nothing better.
    Search,
}

/// A chosen pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct PlanPair {
    /// Who.
    pub candidate: String,
    /// Where.
    pub line: String,
    /// Points.
    pub score: String,
    /// Seats taken.
    pub seats: u64,
}

/// From whom a line picks for those of its seats that count against the same quotas: as many as there are seats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct ListEntry {
    /// Which line.
    pub line: String,
    /// The quotas, by id.
    pub quotas: Vec<String>,
    /// How many may be picked.
    pub seats: u64,
    /// Best score first, then the better draw.
    pub candidates: Vec<Listed>,
}

/// Somebody on a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Listed {
    /// Who.
    pub candidate: String,
    /// Points.
    pub score: String,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Cause {
    /// Stable.
    pub code: String,
    /// Which rules contradict each other, with names and numbers.
    pub what: String,
    /// What would mend it.
    pub mend: String,
    /// Which sentence `what` is; stable, translations hang on it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub said: String,
    /// The named values of `what`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub arguments: BTreeMap<String, String>,
}

/// Prices per seat and per unit of quota; what is not listed costs nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Duals {
    /// What one seat of a line is worth.
    pub lines: Vec<LinePrice>,
    /// What one unit of a quota is worth.
    pub quotas: Vec<QuotaPrice>,
    /// What it costs a group of `apart`, by its position from 0, to have one of its members on a line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub apart: Vec<ApartPrice>,
    /// The bound that these prices prove.
    pub bound: String,
}

/// A line's price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct LinePrice {
    /// Which.
    pub line: String,
    /// Points per seat.
    pub price: String,
}

/// A quota's price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct QuotaPrice {
    /// Which.
    pub quota: String,
    /// Points per unit.
    pub price: String,
}

/// A price for a group that stays apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct ApartPrice {
    /// Position in `apart`, from 0.
    pub group: usize,
    /// On which line.
    pub line: String,
    /// Points.
    pub price: String,
}
