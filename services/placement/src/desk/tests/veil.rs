//! Cases of abuse and health: what others are told, what they may do, and what those who handle them see.

use proto::placement as wire;

use super::{
    told::{Way, asked},
    *,
};
use crate::{
    tracks::{Status, Track},
    veil::{self, Reader},
};

const HIDDEN: [&str; 2] = ["ABUSE", "HEALTH"];

fn opened(kind: &str, on: &str) -> Move {
    Move { kind: kind.into(), evidence: "CLINIC_17".into(), ..asked("OpenCase", on) }
}

/// Accepted, and the journey booked for a day.
fn booked(leaves: &str) -> Way {
    let mut way = Way::offered();
    way.accept();
    let placement = way.walk.desk.placements.get_mut(&way.id).unwrap();
    placement.tracks.set(Track::Travel, Status::Done);
    placement.travel_on = Some(day(leaves));
    way
}

fn clocks(state: &wire::Placement) -> Vec<(String, String)> {
    state.clocks.iter().map(|clock| (clock.name.clone(), clock.due_on.clone())).collect()
}

fn union(way: &Way) -> wire::Placement {
    view::whole(way.state(), Reader { organisation_id: way.state().union_id, knows: false })
}

/// A step as an ordinary record of somebody else's looks.
fn assert_plain(step: &wire::Step, what: &str) {
    let told = [&step.command, &step.event, &step.actor_role, &step.actor_organisation_id, &step.reason];
    assert_eq!(told.map(String::as_str), ["AddRecord", "RecordAdded", "", "", ""], "{what}");
    assert_eq!(step.evidence, "", "{what}");
}

/// Makes a move of which others learn that something was put on record, and nothing else.
fn plainly(way: &mut Way, party: Party, made: Move) {
    let what = format!("{} {} {}", made.command, made.kind, made.reason);
    let ((before, _), page) = (way.fact(), union(way));
    way.make(party, made).unwrap_or_else(|refusal| panic!("{what}: {refusal:?}"));
    let (state, moved) = way.fact();
    assert_eq!((moved.case, state.open_case.clone()), (None, None), "{what}");
    assert_plain(&moved.step.unwrap(), &what);
    assert_plain(state.steps.last().unwrap(), &what);
    let last = (state.version, state.steps.last().unwrap().version);
    assert_eq!(last, (before.version + 1, before.version + 1), "{what}: every version is told");
    assert_eq!(clocks(&state), clocks(&before), "{what}");
    assert_eq!(state.tracks_done, before.tracks_done, "{what}");
    let told = union(way);
    assert_plain(told.steps.last().unwrap(), &what);
    assert_eq!((clocks(&told), told.open_case), (clocks(&page), None), "{what}");
}

#[test]
fn no_fact_tells_of_abuse_or_health() {
    for kind in HIDDEN {
        let mut way = Way::working();
        let record = |kind: &str, reason: &str, on: &str| Move {
            kind: kind.into(),
            reason: reason.into(),
            ..asked("AddRecord", on)
        };
        // Beside any case: if this looked otherwise, its look would tell of one.
        plainly(&mut way, Party::Operator, record("STATEMENT", "SAID", "2026-05-04"));
        plainly(&mut way, Party::Worker, opened(kind, "2026-05-04"));
        for channel in ["PHONE", "PHONE", "VISIT"] {
            plainly(&mut way, Party::Operator, record("CONTACT_ATTEMPT", channel, "2026-05-05"));
        }
        plainly(&mut way, Party::Operator, record("STATEMENT", "SAID", "2026-05-05"));
        plainly(&mut way, Party::Worker, record("DENIAL", "SAID", "2026-05-05"));
        plainly(&mut way, Party::Ministry, record("STATEMENT", "SAID", "2026-05-05"));
        plainly(&mut way, Party::Operator, asked("CloseHearing", "2026-05-06"));
        let found = Move { reason: "TOLD_BY_PARTY".into(), ..asked("DismissCase", "2026-05-07") };
        plainly(&mut way, Party::Operator, found);
        plainly(&mut way, Party::Worker, opened(kind, "2026-05-08"));
        let clinic = Move { evidence: "CLINIC_17".into(), ..asked("RepatriateMedically", "2026-05-11") };
        way.make(Party::Operator, clinic).unwrap();
        let (state, moved) = way.fact();
        let step = moved.step.unwrap();
        assert_eq!((moved.case, step.reason.as_str(), step.evidence.as_str()), (None, "", ""), "{kind}");
        assert!(state.steps.iter().all(|step| !step.event.starts_with("Case")), "{kind}: {:?}", state.steps);
    }
}

#[test]
fn a_case_that_everybody_may_know_of_is_told_with_all_its_steps() {
    let mut way = Way::working();
    way.make(Party::Union, opened("ABANDONMENT", "2026-05-04")).unwrap();
    way.hear("2026-05-05");
    way.must(Party::Operator, "CloseHearing", "2026-05-06");
    let state = way.fact().0;
    let told = |step: &wire::Step| (step.event.clone(), step.actor_role.clone(), step.reason.clone());
    let last: Vec<_> = state.steps.iter().rev().take(6).rev().map(told).collect();
    let step = |event: &str, role: &str, reason: &str| (event.to_owned(), role.to_owned(), reason.to_owned());
    let sought = step("RecordAdded", "operator", "CONTACT_ATTEMPT");
    assert_eq!(last[..2], [sought.clone(), sought]);
    assert_eq!(last[4], step("RecordAdded", "ministry", "STATEMENT"));
    assert_eq!(last[5], step("CaseHeard", "operator", ""));
    assert!(state.clocks.iter().any(|clock| clock.name == "C-DECIDE"));
}

#[test]
fn who_handles_such_a_case_sees_its_steps_and_its_clocks() {
    for kind in HIDDEN {
        let mut way = Way::working();
        way.make(Party::Worker, opened(kind, "2026-05-04")).unwrap();
        let role = |role: Role| veil::knows(&[role]);
        assert!([Role::Ministry, Role::Operator, Role::Authority].into_iter().all(role));
        assert!(![Role::Union, Role::Employer, Role::Auditor, Role::Service].into_iter().any(role));
        assert!(!veil::knows(&[Role::Operator, Role::Union]), "nobody who is on the employer's side as well");
        let reader = Reader { organisation_id: way.state().ministry_id, knows: true };
        for told in [view::whole(way.state(), reader), view::seen(way.state(), true)] {
            let step = told.steps.last().unwrap();
            assert_eq!((step.event.as_str(), step.actor_role.as_str()), ("CaseOpened", "worker"));
            assert_eq!((step.reason.as_str(), &told.open_case), ("", &None), "not what it is about");
            let runs = |name: &str| told.clocks.iter().any(|clock| clock.name == name);
            assert!(runs("C-CONTACT") && runs("C-HEARING"), "{:?}", told.clocks);
        }
    }
}

#[test]
fn a_union_is_refused_without_a_word_of_the_case_and_is_offered_what_it_was_before() {
    for kind in HIDDEN {
        let mut way = Way::working();
        let on = day("2026-09-30");
        let possible = |way: &Way, knows| way.walk.desk.possible(&veil::shown(way.state(), knows), on);
        let before = possible(&way, false);
        way.make(Party::Worker, opened(kind, "2026-05-04")).unwrap();
        assert_eq!(possible(&way, false), before);
        assert!(possible(&way, true).iter().any(|command| command == "DismissCase"));
        let absent = Move { kind: "ABANDONMENT".into(), ..asked("OpenCase", "2026-09-30") };
        for wanted in [asked("CompleteWork", "2026-09-30"), absent] {
            let refused = way.make(Party::Union, wanted.clone()).unwrap_err();
            assert_eq!((refused.reason, refused.guard.as_str()), ("ASK_OPERATOR", ""), "{}", wanted.command);
            let said = format!("{} {}", refused.message, refused.mend);
            assert!(!said.to_lowercase().contains("case") && said.contains("operator"), "{said}");
        }
        assert_eq!(way.make(Party::Operator, opened(kind, "2026-05-05")).unwrap_err().reason, "CASE_OPEN");
        way.must(Party::Operator, "DismissCase", "2026-05-06");
        way.must(Party::Union, "CompleteWork", "2026-09-30");
    }
}

/// The next move may be that of whom the complaint is about.
#[test]
fn no_report_of_a_union_ends_a_complaint_that_nobody_has_decided() {
    for kind in HIDDEN {
        let mut way = Way::offered().departed();
        way.make(Party::Worker, opened(kind, "2026-02-28")).unwrap();
        let (case, due) = (way.state().case.clone(), way.due("C-HEARING"));
        assert!(case.is_some() && due.is_some(), "{kind}");
        way.must_with(Party::Union, "ConfirmArrival", "2026-03-01", |asked| asked.evidence = "GROUP_LIST".into());
        way.must(Party::Union, "StartWork", "2026-03-02");
        assert_eq!((way.state().case.clone(), way.due("C-HEARING")), (case, due), "{kind}");
        let (state, moved) = way.fact();
        assert_eq!((moved.case, state.open_case.clone()), (None, None), "{kind}");
        assert!(clocks(&state).iter().all(|(name, _)| name != "C-HEARING" && name != "C-CONTACT"), "{kind}");
        // Its steps look like any other record there too.
        let denial = Move { kind: "DENIAL".into(), reason: "SAID".into(), ..asked("AddRecord", "2026-03-03") };
        plainly(&mut way, Party::Worker, denial);
        plainly(&mut way, Party::Operator, asked("DismissCase", "2026-03-04"));
        assert_eq!(way.state().case, None, "{kind}");
    }
}

#[test]
fn nobody_is_barred_upon_their_own_complaint() {
    for kind in HIDDEN {
        let mut way = Way::home();
        way.make(Party::Worker, opened(kind, "2026-10-05")).unwrap();
        way.hear("2026-10-06");
        way.must(Party::Operator, "CloseHearing", "2026-10-07");
        way.record(Party::Ministry, "FIRST_OF_TWO", "BarReEntry", "2026-10-07").unwrap();
        let refused = way.make(Party::Authority, super::decided::bar("A_LAW", "2027-01-01")).unwrap_err();
        assert_eq!((refused.guard.as_str(), refused.reason), ("G6", "NOT_HEARD"), "{kind}");
    }
}

/// A case that stopped other clocks would be told of by their stopping. It does put off what they open.
#[test]
fn an_absence_beside_a_hidden_case_is_heard_only_after_it() {
    let mut way = Way::working();
    way.record(Party::Union, "STATEMENT", "ABSENT", "2026-05-04").unwrap();
    let absent = |way: &Way| way.fact().0.clocks.into_iter().find(|clock| clock.name == "C-ABSENT").unwrap().due_on;
    assert_eq!(absent(&way), "2026-05-11");
    way.make(Party::Worker, opened("ABUSE", "2026-05-05")).unwrap();
    assert_eq!(absent(&way), "2026-05-11");
    let opens = |on: &str| Move { kind: "ABANDONMENT".into(), ..asked("OpenCase", on) };
    assert_eq!(way.make(Party::Clock, opens("2026-05-11")).unwrap_err().reason, "CASE_OPEN");
    way.must(Party::Operator, "DismissCase", "2026-05-20");
    assert_eq!(absent(&way), "2026-05-20", "both sides have their whole time from then on");
    way.make(Party::Clock, opens("2026-05-20")).unwrap();
    assert_eq!(way.fact().0.open_case.unwrap().kind, "ABANDONMENT");
}

#[test]
fn who_complains_and_whose_day_of_departure_passes_meanwhile_is_not_missed_for_it() {
    let mut way = booked("2026-01-20");
    way.make(Party::Worker, opened("ABUSE", "2026-01-15")).unwrap();
    way.must(Party::Operator, "DismissCase", "2026-01-23");
    assert_eq!(way.state().travel_on, None);
    assert!(!way.state().tracks.is_done(Track::Travel), "the journey is planned anew");
    assert!(way.fact().0.clocks.iter().all(|clock| clock.name != "C-DEPART"), "{:?}", way.fact().0.clocks);
}

#[test]
fn a_unions_denial_does_not_ask_whether_there_is_such_a_case() {
    for kind in HIDDEN {
        let mut way = Way::working();
        way.make(Party::Worker, opened(kind, "2026-05-04")).unwrap();
        let denial = Move { kind: "DENIAL".into(), reason: "SAID".into(), ..asked("AddRecord", "2026-05-05") };
        let refused = way.make(Party::Union, denial.clone()).unwrap_err();
        assert_eq!(refused.reason, "ASK_OPERATOR", "{kind}");
        way.make(Party::Ministry, denial).unwrap();
    }
}

#[test]
fn who_complains_before_departure_keeps_the_booked_travel() {
    let mut way = booked("2026-02-28");
    way.make(Party::Worker, opened("ABUSE", "2026-01-15")).unwrap();
    assert!(way.fact().0.clocks.iter().any(|clock| clock.name == "C-DEPART"));
    way.must(Party::Operator, "DismissCase", "2026-01-16");
    assert!(way.state().tracks.is_done(Track::Travel));
    assert_eq!(way.state().travel_on, Some(day("2026-02-28")));
}
