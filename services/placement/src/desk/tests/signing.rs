//! A contract is signed when all whom the pack asks for have signed.

use proto::placement::{self as wire, placement_envelope::Aggregate, placement_event::Change};

use super::{
    told::{Way, asked},
    *,
};
use crate::tracks::{Status, Track};

/// Accepted under a pack with these rules.
fn accepted(rules: &[(&str, &str)]) -> Way {
    let mut way = Way::offered();
    way.rules(rules);
    way.accept();
    way
}

fn told(way: &Way) -> (String, Vec<(String, String)>, bool) {
    let last = way.walk.desk.events.last().and_then(|envelope| envelope.aggregate.clone());
    let Some(Aggregate::Placement(event)) = last else { panic!("the last fact is a placement's") };
    let Some(Change::PreparationUpdated(updated)) = event.change else { panic!("a track moved") };
    let state = event.state.unwrap();
    let signers = state.contract_signers.iter().map(|one| (one.party.clone(), one.signed_on.clone())).collect();
    (updated.step.unwrap().event, signers, state.tracks_done.contains(&(wire::Track::Contract as i32)))
}

fn waits_for(way: &Way) -> Option<&str> {
    way.state().clock("C-SIGN").map(|clock| clock.waits_for.as_str())
}

#[test]
fn the_last_signature_signs_the_contract_and_each_is_shown() {
    let mut way = accepted(&[]);
    assert_eq!(waits_for(&way), Some("union"));
    way.must(Party::Union, "SignContract", "2026-01-15");
    let pair = |party: &str, on: &str| (party.to_owned(), on.to_owned());
    let one = vec![pair("union", "2026-01-15"), pair("worker", "")];
    assert_eq!(told(&way), ("SignatureRecorded".to_owned(), one, false));
    assert_eq!((way.state().tracks.get(Track::Contract), waits_for(&way)), (Status::Open, Some("worker")));
    // The same again is no second signature.
    let twice = way.make(Party::Union, asked("SignContract", "2026-01-16")).unwrap_err();
    assert_eq!((twice.guard.as_str(), twice.reason), ("SIGNS", "WRONG_STATUS"));
    assert!(twice.mend.contains("worker"), "{}", twice.mend);
    way.must(Party::Worker, "SignContract", "2026-01-17");
    let both = vec![pair("union", "2026-01-15"), pair("worker", "2026-01-17")];
    assert_eq!(told(&way), ("ContractSigned".to_owned(), both, true));
    assert_eq!(waits_for(&way), None, "the clock stops with the last signature");
    let late = way.make(Party::Worker, asked("SignContract", "2026-01-18")).unwrap_err();
    assert_eq!(late.reason, "WRONG_STATUS");
}

#[test]
fn what_waits_for_the_contract_says_whose_signature_is_missing() {
    let mut way = accepted(&[("tracks.waits.authorisation", "contract")]);
    way.must(Party::Worker, "SignContract", "2026-01-15");
    let early = way.make(Party::Authority, asked("Authorise", "2026-01-16")).unwrap_err();
    assert_eq!(early.reason, "TRACKS_OPEN");
    assert!(early.message.contains("contract (not signed by union)"), "{}", early.message);
    let mut depart = asked("Depart", "2026-02-28");
    depart.evidence = "EXIT_CLEARANCE".into();
    let departs = way.make(Party::Ministry, depart).unwrap_err();
    assert!(departs.message.contains("contract (not signed by union), "), "{}", departs.message);
}

#[test]
fn the_government_of_origin_signs_where_the_pack_asks_for_it_and_nowhere_else() {
    let mut sawp = accepted(&[("tracks.contract.signers", "union worker ministry")]);
    for (party, missing) in [(Party::Ministry, "union"), (Party::Union, "worker"), (Party::Worker, "")] {
        assert!(!sawp.state().tracks.is_done(Track::Contract));
        sawp.must(party, "SignContract", "2026-01-15");
        assert_eq!(waits_for(&sawp).unwrap_or_default(), missing);
    }
    assert!(sawp.state().tracks.is_done(Track::Contract));

    let mut here = accepted(&[]);
    let refused = here.make(Party::Ministry, asked("SignContract", "2026-01-15")).unwrap_err();
    assert_eq!((refused.kind, refused.reason), (Kind::Denied, "ROLE_NEEDED"));
    let ministry = here.walk.actor(Party::Ministry);
    let options = here.walk.desk.options(here.state(), day("2026-01-15"), Some(&ministry));
    let signs = options.iter().find(|(row, _)| row.command == "SignContract").expect("for the worker");
    assert_eq!(signs.1, Ok(()), "what it may do is record the worker's signature");
}

/// Stored before signers were kept: those of the pack stand.
#[test]
fn a_placement_of_an_older_build_is_signed_by_all_too() {
    let mut way = accepted(&[]);
    way.walk.desk.placements.get_mut(&way.id).unwrap().signers.clear();
    way.must(Party::Worker, "SignContract", "2026-01-15");
    assert!(!way.state().tracks.is_done(Track::Contract));
    way.must(Party::Union, "SignContract", "2026-01-15");
    assert!(way.state().tracks.is_done(Track::Contract));
}

#[test]
fn who_takes_back_what_union_and_worker_signed_compensates_whoever_else_has_to_sign() {
    let mut sawp = accepted(&[("tracks.contract.signers", "union worker ministry")]);
    let retract = |evidence: &str| Move {
        reason: "ORDER_REDUCED".into(),
        evidence: evidence.into(),
        ..asked("RetractOffer", "2026-01-20")
    };
    sawp.must(Party::Union, "SignContract", "2026-01-15");
    sawp.must(Party::Worker, "SignContract", "2026-01-16");
    assert!(!sawp.state().tracks.is_done(Track::Contract), "the ministry has not signed");
    let refused = sawp.make(Party::Union, retract("")).unwrap_err();
    assert_eq!((refused.guard.as_str(), refused.reason), ("COMPENSATION", "COMPENSATION"));
    sawp.make(Party::Union, retract("COMPENSATION_7")).unwrap();
    let mut one = accepted(&[]);
    one.must(Party::Union, "SignContract", "2026-01-15");
    one.make(Party::Union, retract("")).unwrap();
}
