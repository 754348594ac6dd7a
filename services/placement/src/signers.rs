//! Who signs the contract: the parties that the corridor's pack asks for, each for itself. The track is done with the last
//! of them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    decide::{Kind, Refusal},
    guards::{Scene, holds},
    moves::{Party, Row, TABLE},
    pack::Pack,
    placement::Placement,
    tracks::{Status, Track},
};

/// A party whose signature the contract needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// The word of the table, such as `union`.
    pub party: String,
    /// The day on which it signed; none while its signature is missing.
    pub on: Option<NaiveDate>,
}

/// All whom a pack asks for; nobody has signed.
pub(crate) fn asked_for(pack: &Pack) -> Vec<Signer> {
    pack.signers().into_iter().map(|party| Signer { party: party.as_str().to_owned(), on: None }).collect()
}

/// Those of a placement: as they were asked for when the person accepted. Before that, and of a placement that was stored
/// before it kept them, as the pack asks now.
fn of(placement: &Placement, pack: &Pack) -> Vec<Signer> {
    if placement.signers.is_empty() { asked_for(pack) } else { placement.signers.clone() }
}

/// Whose signature is missing; nobody's once the track is done.
pub(crate) fn missing(placement: &Placement, pack: &Pack) -> Vec<String> {
    if placement.tracks.is_done(Track::Contract) {
        return Vec::new();
    }
    of(placement, pack).into_iter().filter(|signer| signer.on.is_none()).map(|signer| signer.party).collect()
}

/// The roles that may make a row's move on this placement: of the signature, those who have not signed.
pub(crate) fn who(row: &Row, placement: &Placement, pack: &Pack) -> Vec<String> {
    let missing = if signs(row) { missing(placement, pack) } else { Vec::new() };
    if missing.is_empty() { row.who_words() } else { missing }
}

fn signs(row: &Row) -> bool {
    row.guards.iter().any(|guard| guard == "SIGNS")
}

/// A party signs once, and only one whom the pack asks for.
pub(crate) fn check(scene: &Scene<'_>) -> Result<(), Refusal> {
    let (party, signers) = (scene.party.as_str(), of(scene.placement, scene.view.pack));
    let missing = missing(scene.placement, scene.view.pack);
    let Some(signer) = signers.iter().find(|signer| signer.party == party) else {
        let asked: Vec<&str> = signers.iter().map(|signer| signer.party.as_str()).collect();
        let message = format!("this contract is signed by {}, and by no {party}", asked.join(", "));
        let refusal = Refusal::of(Kind::Denied, "ROLE_NEEDED", message);
        return Err(refusal
            .mend(format!("ask somebody who acts as {}", asked.join(" or ")))
            .with("who", asked.join(" ")));
    };
    holds(signer.on.is_none(), || {
        let message = format!("the {party} has signed this contract already");
        let refusal = Refusal::guard("SIGNS", "WRONG_STATUS", message).with("signed", party);
        match missing.as_slice() {
            [] => refusal,
            missing => refusal
                .mend(format!("what is missing is that of {}", missing.join(" and ")))
                .with("signers", missing.join(" ")),
        }
    })
}

/// Are union and worker bound to each other, whoever has to sign beside them?
pub(crate) fn bound(placement: &Placement) -> bool {
    let signed = |party: Party| placement.signers.iter().any(|one| one.party == party.as_str() && one.on.is_some());
    placement.tracks.is_done(Track::Contract) || (signed(Party::Union) && signed(Party::Worker))
}

/// Signs for the party, and answers with where the track stands then.
pub(crate) fn sign(next: &mut Placement, scene: &Scene<'_>) -> Status {
    next.signers = of(scene.placement, scene.view.pack);
    let party = scene.party.as_str();
    for signer in next.signers.iter_mut().filter(|signer| signer.party == party) {
        signer.on = Some(scene.asked.occurred_on);
    }
    if next.signers.iter().all(|signer| signer.on.is_some()) { Status::Done } else { Status::Open }
}

/// Tracks by name; of the contract also whose signature it waits for.
pub(crate) fn named(tracks: &[Track], placement: &Placement, pack: &Pack) -> Vec<String> {
    let name = |track: &Track| match track {
        Track::Contract => format!("contract (not signed by {})", missing(placement, pack).join(" and ")),
        track => track.as_str().to_owned(),
    };
    tracks.iter().map(name).collect()
}

/// Who takes an open track on, by the table: of the contract, whose signature is missing. A refusal is no other state here:
/// that of a person's fitness is told to nobody.
pub(crate) fn takers(track: Track, placement: &Placement, pack: &Pack) -> Vec<String> {
    if track == Track::Contract {
        return missing(placement, pack);
    }
    let stands = match placement.tracks.get(track) {
        Status::Refused => Status::Open,
        status => status,
    };
    let goes_on = |row: &&Row| {
        let step = row.track.as_ref().filter(|(of, from, _)| *of == track && from.contains(&stands));
        step.is_some_and(|(_, _, to)| matches!(to, Status::Applied | Status::Done))
    };
    TABLE.from(placement.stage).find(goes_on).map(Row::who_words).unwrap_or_default()
}

/// The parties that a pack may name.
pub(crate) const SIGNERS: [Party; 3] = [Party::Union, Party::Worker, Party::Ministry];
