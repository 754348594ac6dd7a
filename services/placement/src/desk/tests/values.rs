//! The values that a refusal names beside its sentences: which tracks, whose turn, which day.

use super::{
    decided::bar,
    told::{Way, asked},
    *,
};

fn accepted(carry: impl Fn(&mut Placement)) -> Way {
    let mut way = Way::offered();
    carry(way.walk.desk.placements.get_mut(&id::<PlacementId>(5, 0)).unwrap());
    way.accept();
    way
}

fn depart() -> Move {
    Move { evidence: "EXIT_CLEARANCE".into(), ..asked("Depart", "2026-02-28") }
}

/// Those of these names that the refusal has, in its order.
fn values(refusal: &Refusal, names: &[&str]) -> Vec<String> {
    let named = refusal.values.iter().filter(|(name, _)| names.contains(name));
    named.map(|(_, value)| value.clone()).collect()
}

#[test]
fn a_departure_that_waits_names_the_tracks_who_takes_each_on_and_the_day() {
    let mut way = accepted(|_| {});
    way.must(Party::Union, "SignContract", "2026-01-15");
    way.must(Party::Authority, "Authorise", "2026-01-16");
    way.must(Party::Ministry, "ApplyVisa", "2026-01-17");
    let refused = way.make(Party::Ministry, depart()).unwrap_err();
    assert_eq!(
        values(&refused, &["tracks", "tracks_by", "due"]),
        ["contract visa orientation travel", "worker authority ministry+operator operator", "2026-03-15"],
        "the last signature, the visa once it is applied for, and C-READY, sixty days after the yes"
    );
    let explained = crate::service::moves::explain(&refused, &depart(), way.state(), &[]);
    assert!(explained.arguments.contains(&("due".to_owned(), "2026-03-15".to_owned())), "{explained:?}");
    assert!(explained.arguments.contains(&("guard".to_owned(), "G8".to_owned())), "{explained:?}");
}

#[test]
fn whose_turn_it_is_does_not_tell_that_a_person_is_not_fit() {
    let mut way = accepted(|placement| placement.fit_until = Some(day("2026-02-01")));
    let names = ["tracks", "tracks_by"];
    let before = values(&way.make(Party::Ministry, depart()).unwrap_err(), &names);
    assert!(before[0].contains("fitness"), "{before:?}");
    way.must(Party::Ministry, "FailMedical", "2026-01-16");
    assert_eq!(values(&way.make(Party::Ministry, depart()).unwrap_err(), &names), before);
}

#[test]
fn a_signature_too_many_names_whose_is_missing() {
    let mut way = accepted(|_| {});
    way.must(Party::Union, "SignContract", "2026-01-15");
    let twice = way.make(Party::Union, asked("SignContract", "2026-01-16")).unwrap_err();
    assert_eq!(values(&twice, &["signed", "signers"]), ["union", "worker"]);
}

#[test]
fn what_comes_too_early_names_its_clock_and_the_day() {
    let mut way = Way::working();
    let early = way.make(Party::Operator, asked("CompleteWork", "2026-10-01")).unwrap_err();
    assert_eq!(early.reason, "TOO_EARLY");
    assert_eq!(values(&early, &["clock", "until"]), ["C-END", "2026-10-14"]);
}

#[test]
fn a_stage_that_is_not_the_move_s_comes_with_those_that_are() {
    let refused = accepted(|_| {}).make(Party::Union, asked("StartWork", "2026-01-15")).unwrap_err();
    assert_eq!((refused.reason, values(&refused, &["from"])), ("WRONG_STAGE", vec!["ARRIVED".to_owned()]));
}

#[test]
fn who_was_sought_too_little_is_counted_by_the_pack() {
    let mut way = Way::working();
    way.rules(&[("contact.attempts", "4")]);
    way.open_case(Party::Union, "ABANDONMENT", "2026-05-04");
    way.record(Party::Operator, "CONTACT_ATTEMPT", "PHONE", "2026-05-05").unwrap();
    let refused = way.make(Party::Operator, asked("CloseHearing", "2026-05-06")).unwrap_err();
    assert_eq!(refused.reason, "NOT_CONTACTED");
    let names = ["attempts", "attempts_needed", "channels", "channels_needed", "more", "other", "untried"];
    assert_eq!(values(&refused, &names), ["1", "4", "1", "2", "3", "1", "MESSAGE EMAIL LETTER VISIT FAMILY"]);
}

#[test]
fn one_of_two_people_is_told_who_spoke_first() {
    let mut way = Way::accused();
    let bar = || bar("A_LAW", "2027-01-01");
    let alone = way.make(Party::Authority, bar()).unwrap_err();
    assert_eq!((alone.reason, values(&alone, &["first", "first_on"])), ("SECOND_PERSON", Vec::new()));
    way.record(Party::Authority, "FIRST_OF_TWO", "BarReEntry", "2026-10-07").unwrap();
    let twice = way.make(Party::Authority, bar()).unwrap_err();
    assert_eq!(values(&twice, &["working_days", "first", "first_on"]), ["5", "authority", "2026-10-07"]);
}
