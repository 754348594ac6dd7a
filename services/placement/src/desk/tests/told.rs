//! What a fact tells of a move: to the roster, of the offer, of a case; and what no fact tells.

use proto::placement::{self as wire, RosterEffect, placement_envelope::Aggregate, placement_event::Change};

use super::*;
use crate::veil::Reader;

/// One person on the way through a season.
pub(super) struct Way {
    pub(super) walk: Walk,
    pub(super) id: PlacementId,
}

impl Way {
    /// Proposed for a line, or listed for it.
    pub(super) fn new(command: &str) -> Self {
        let mut walk = Walk::new(7);
        let line = walk.desk.book.lines[&id::<LineId>(1, 0)].clone();
        let placement = Placement {
            id: id(5, 0),
            candidate_id: id(6, 0),
            ministry_id: id(7, 0),
            union_id: id(3, 0),
            line_id: line.id,
            order_id: line.order_id,
            quota_id: id(4, 0),
            corridor: "CO-ES".into(),
            starts_on: line.starts_on,
            ends_on: line.ends_on,
            rostered_until: Some(day("2026-12-31")),
            fit_until: Some(day("2027-01-01")),
            trained_until: Some(day("2027-01-01")),
            ..Placement::empty()
        };
        let pack = lawful("CO-ES@2025-01-01");
        let packs = Packs([(day("2025-01-01"), Arc::new(pack))].into());
        walk.desk.around.packs.insert("CO-ES".into(), packs);
        walk.desk.placements.insert(placement.id, placement);
        let mut way = Self { walk, id: id(5, 0) };
        way.must(Party::Clock, command, "2026-01-10");
        way
    }

    pub(super) fn state(&self) -> &Placement {
        &self.walk.desk.placements[&self.id]
    }

    pub(super) fn make(&mut self, party: Party, asked: Move) -> Result<(), Refusal> {
        let actor = match party {
            Party::Authority => Actor { organisation_id: id(8, 1), ..self.walk.actor(party) },
            party => self.walk.actor(party),
        };
        let asked = match party {
            Party::Worker => Move { for_worker: true, witness: "W-17".into(), ..asked },
            _ => asked,
        };
        self.make_as(&actor, asked)
    }

    pub(super) fn make_as(&mut self, actor: &Actor, asked: Move) -> Result<(), Refusal> {
        let ids = &self.walk.ids;
        let fresh = || {
            ids.set(ids.get() + 1);
            name(ids.get())
        };
        self.walk.desk.make(&Move { placement_id: self.id, ..asked }, actor, &Called::default(), &fresh)
    }

    pub(super) fn must(&mut self, party: Party, command: &str, on: &str) {
        self.must_with(party, command, on, |_| {});
    }

    /// A move that has to be made, with what it carries.
    pub(super) fn must_with(&mut self, party: Party, command: &str, on: &str, carry: impl Fn(&mut Move)) {
        let mut asked = asked(command, on);
        carry(&mut asked);
        self.make(party, asked).unwrap_or_else(|refusal| panic!("{command}: {refusal:?}"));
    }

    pub(super) fn record(&mut self, party: Party, kind: &str, reason: &str, on: &str) -> Result<(), Refusal> {
        self.make(party, Move { kind: kind.into(), reason: reason.into(), ..asked("AddRecord", on) })
    }

    /// The last fact: the state after the move, and what it says of the move.
    pub(super) fn fact(&self) -> (wire::Placement, wire::PlacementMoved) {
        let last = self.walk.desk.events.last().and_then(|envelope| envelope.aggregate.clone());
        let Some(Aggregate::Placement(event)) = last else { panic!("the last fact is a placement's") };
        let Some(Change::Moved(moved)) = event.change else { panic!("a stage, a case or a record moved") };
        (event.state.unwrap(), moved)
    }

    /// The day on which a clock is due, if it runs.
    pub(super) fn due(&self, name: &str) -> Option<String> {
        self.state().clock(name).map(|clock| clock.due_on.to_string())
    }

    /// From now on the pack of the corridor has these rules and no others.
    pub(super) fn rules(&mut self, rules: &[(&str, &str)]) {
        let rules = rules.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let packs = Packs([(day("2025-01-01"), Arc::new(Pack { rules, ..Pack::default() }))].into());
        self.walk.desk.around.packs.insert("CO-ES".into(), packs);
    }

    pub(super) fn offer(&mut self, on: &str) {
        self.must_with(Party::Union, "Offer", on, |asked| {
            (asked.evidence, asked.language) = ("sha256:5f1e".into(), "es".into());
        });
    }

    /// The worker accepts what was offered.
    pub(super) fn accept(&mut self) {
        self.must_with(Party::Worker, "Accept", "2026-01-14", |asked| asked.language = "es".into());
    }

    pub(super) fn open_case(&mut self, party: Party, kind: &str, on: &str) {
        self.must_with(party, "OpenCase", on, |asked| asked.kind = kind.into());
    }

    pub(super) fn offered() -> Self {
        let mut way = Self::new("Propose");
        way.must(Party::Union, "Select", "2026-01-12");
        way.offer("2026-01-13");
        way
    }

    /// At work since the second of March.
    pub(super) fn working() -> Self {
        Self::offered().at_work()
    }

    pub(super) fn at_work(self) -> Self {
        let mut way = self.departed();
        way.must_with(Party::Union, "ConfirmArrival", "2026-03-01", |asked| asked.evidence = "GROUP_LIST".into());
        way.must(Party::Union, "StartWork", "2026-03-02");
        way
    }

    /// On the way since the last of February.
    pub(super) fn departed(self) -> Self {
        let mut way = self;
        way.accept();
        let steps: [(Party, &str, &str); 8] = [
            (Party::Union, "SignContract", "2026-01-15"),
            (Party::Worker, "SignContract", "2026-01-15"),
            (Party::Authority, "Authorise", "2026-01-20"),
            (Party::Ministry, "ApplyVisa", "2026-01-21"),
            (Party::Authority, "GrantVisa", "2026-02-01"),
            (Party::Ministry, "CompleteOrientation", "2026-02-02"),
            (Party::Operator, "BookTravel", "2026-02-03"),
            (Party::Ministry, "Depart", "2026-02-28"),
        ];
        for (party, command, on) in steps {
            way.must_with(party, command, on, |asked| {
                asked.evidence = "EXIT_CLEARANCE".into();
                asked.date = Some(day("2026-02-28"));
            });
        }
        way
    }

    /// Home since the third of October.
    pub(super) fn home() -> Self {
        let mut way = Self::working();
        way.must(Party::Union, "CompleteWork", "2026-09-30");
        way.must_with(Party::Ministry, "VerifyReturn", "2026-10-03", |asked| asked.evidence = "CONSULATE_VISIT".into());
        way
    }

    /// Home, accused of something by the union, and heard.
    pub(super) fn accused() -> Self {
        let mut way = Self::home();
        way.open_case(Party::Union, "DISAGREEMENT", "2026-10-05");
        way.hear("2026-10-06");
        way.must(Party::Operator, "CloseHearing", "2026-10-07");
        way
    }

    /// Said not to have returned, and heard.
    pub(super) fn not_returned() -> Self {
        let mut way = Self::working();
        way.must(Party::Union, "CompleteWork", "2026-09-30");
        way.must(Party::Clock, "MarkUnverified", "2026-10-30");
        way.open_case(Party::Operator, "NON_RETURN", "2026-11-02");
        way.hear("2026-11-02");
        way.must(Party::Operator, "CloseHearing", "2026-11-03");
        way
    }

    /// Three attempts on two channels, and what both sides say.
    pub(super) fn hear(&mut self, on: &str) {
        for channel in ["PHONE", "PHONE", "VISIT"] {
            self.record(Party::Operator, "CONTACT_ATTEMPT", channel, on).unwrap();
        }
        self.record(Party::Operator, "STATEMENT", "SAID", on).unwrap();
        self.record(Party::Ministry, "STATEMENT", "SAID", on).unwrap();
    }
}

pub(super) fn asked(command: &str, on: &str) -> Move {
    Move { command: command.into(), occurred_on: day(on), ..Move::default() }
}

#[test]
fn a_cancellation_tells_what_becomes_of_the_place_on_the_roster() {
    use RosterEffect::{End, Keep, Renew};
    let ends = [
        (Way::new("Propose"), Party::Union, "Reject", "SKILLS_DIFFER", (Renew, false)),
        (Way::new("Propose"), Party::Clock, "ExpireProposal", "", (Renew, false)),
        (Way::offered(), Party::Union, "RetractOffer", "ORDER_REDUCED", (Renew, true)),
        (Way::offered(), Party::Worker, "Decline", "", (Keep, false)),
        (Way::offered(), Party::Ministry, "Withdraw", "UNREACHABLE", (Keep, false)),
        (Way::offered(), Party::Ministry, "Withdraw", "BARRED", (End, false)),
        // Whoever goes leaves this placement; the roster is left elsewhere.
        (Way::offered(), Party::Worker, "Withdraw", "BARRED", (Keep, false)),
        (Way::new("Recommend"), Party::Worker, "Unlist", "WISH_OF_WORKER", (Keep, false)),
        // Whatever the ground is called: it is no penalty.
        (Way::new("Recommend"), Party::Operator, "Unlist", "ROSTER_OVER", (Keep, false)),
        (Way::new("Recommend"), Party::Ministry, "Unlist", "PLACED_ELSEWHERE", (Keep, false)),
    ];
    for (mut way, party, command, reason, wanted) in ends {
        way.must_with(party, command, "2026-01-25", |asked| asked.reason = reason.into());
        let (state, _) = way.fact();
        assert_eq!(state.stage(), Stage::Cancelled);
        assert_eq!((state.roster_effect(), state.next_round_first), wanted, "{command} {reason}");
    }
}

#[test]
fn a_list_that_ends_says_whether_the_roster_did_and_costs_nobody_the_place_on_it() {
    let mut over = Way::new("Recommend");
    // As it was when the proposal came; what is known of the person since then stands above it.
    let renewed = Roster { rostered: true, until: Some(day("2027-06-30")), version: 9, papers: None };
    let mut listed = Way::new("Recommend");
    listed.walk.desk.around.rosters.insert(id(6, 0), renewed);
    over.must(Party::Clock, "Unlist", "2027-01-10");
    listed.must(Party::Clock, "Unlist", "2027-01-10");
    let told = |way: &Way| {
        let (state, _) = way.fact();
        (state.reason.clone(), state.roster_effect())
    };
    assert_eq!(told(&over), ("ROSTER_OVER".to_owned(), RosterEffect::Keep));
    assert_eq!(told(&listed), ("LIST_OVER".to_owned(), RosterEffect::Keep));
}

#[test]
fn an_offer_has_one_name_and_stays_the_text_that_was_offered() {
    let offered = Way::offered().fact().0.offer.expect("an offer lies before the worker");
    assert_eq!((offered.text_hash.as_str(), offered.language.as_str()), ("5f1e", "es"));
    let working = Way::working();
    let agreed = working.fact().0.offer.expect("it was accepted");
    assert_eq!((agreed.text_hash.as_str(), agreed.language.as_str()), ("5f1e", "es"));
    assert_eq!(agreed.id, offered.id, "it follows from the placement and the step that made it");
}

#[test]
fn a_worker_agrees_to_what_was_offered_and_in_another_language_to_a_text_that_is_named() {
    let yes = |evidence: &str, language: &str| Move {
        evidence: evidence.into(),
        language: language.into(),
        ..asked("Accept", "2026-01-14")
    };
    let mut way = Way::offered();
    for (other, language) in [("sha256:9c0a", "es"), ("9c0a", "es-CO"), ("", "fr")] {
        let refused = way.make(Party::Worker, yes(other, language)).unwrap_err();
        assert_eq!((refused.guard.as_str(), refused.reason), ("G7", "OTHER_TEXT"), "{other} {language}");
        assert!(refused.mend.contains("evidence"), "{}", refused.mend);
    }
    for (digest, language, agreed) in
        [("", "es-CO", "sha256:5f1e"), ("sha256:5f1e", "es", "sha256:5f1e"), ("sha256:9c0a", "fr", "sha256:9c0a")]
    {
        let mut way = Way::offered();
        way.make(Party::Worker, yes(digest, language)).unwrap();
        let (state, moved) = way.fact();
        assert_eq!(state.offer.unwrap().text_hash, "5f1e", "what was offered is not written over");
        assert_eq!(moved.step.unwrap().evidence, agreed);
        let record = way.state().records_since("CONSENT", 0).next().expect("it is on record");
        assert_eq!((record.evidence.as_str(), record.language.as_str()), (agreed, language));
    }
}

#[test]
fn a_fact_says_who_made_it_by_which_proof_and_the_history_says_it_in_short() {
    let (state, moved) = Way::offered().fact();
    let step = moved.step.unwrap();
    assert_eq!(step.actor_organisation_id, id::<OrganisationId>(3, 0).to_string());
    assert_eq!((step.evidence.as_str(), step.recorded_at.as_str()), ("sha256:5f1e", "1970-01-01T00:00:00.000Z"));
    let last = state.steps.last().unwrap();
    assert_eq!((last.command.as_str(), last.evidence.as_str(), last.recorded_at.as_str()), ("Offer", "", ""));
    assert_eq!(view::whole(Way::offered().state(), Reader::default()).steps.last().unwrap().evidence, "sha256:5f1e");
    // A clock is no organisation.
    assert_eq!(Way::new("Propose").fact().1.step.unwrap().actor_organisation_id, "");
}

#[test]
fn a_text_about_a_person_is_no_reason_and_no_proof() {
    let mut way = Way::offered();
    let wish = Move { reason: "her mother is ill".into(), ..asked("Decline", "2026-01-14") };
    assert_eq!(way.make(Party::Worker, wish).unwrap_err().reason, "NOT_A_CODE");
    let note = Move { evidence: "letter of Dr. X".into(), ..asked("Decline", "2026-01-14") };
    assert_eq!(way.make(Party::Worker, note).unwrap_err().reason, "NOT_A_CODE");
}

#[test]
fn the_language_of_an_offer_is_a_tag_and_no_text() {
    for text in ["her mother speaks Wolof", "es_CO", &"a".repeat(36)] {
        let mut way = Way::new("Propose");
        way.must(Party::Union, "Select", "2026-01-12");
        let offer = Move { evidence: "5f1e".into(), language: text.into(), ..asked("Offer", "2026-01-13") };
        assert_eq!(way.make(Party::Union, offer).unwrap_err().reason, "NOT_A_LANGUAGE", "{text}");
    }
}

#[test]
fn evidence_is_published_of_some_moves_and_of_no_other() {
    let clinic = |asked: &mut Move| asked.evidence = "CLINIC_17".into();
    let told = |way: &Way| way.fact().1.step.unwrap().evidence;
    let mut way = Way::working();
    way.must_with(Party::Worker, "Resign", "2026-05-04", clinic);
    assert_eq!(told(&way), "", "why somebody resigns is theirs");
    way.must_with(Party::Ministry, "VerifyReturn", "2026-05-08", |asked| asked.evidence = "CONSULATE_VISIT".into());
    assert_eq!(told(&way), "CONSULATE_VISIT");
    let mut left = Way::working();
    left.must_with(Party::Authority, "RecordStatusChange", "2026-05-04", clinic);
    assert_eq!(told(&left), "");
    assert_eq!(
        view::whole(left.state(), Reader::default()).steps.last().unwrap().evidence,
        "",
        "nor in what is answered"
    );
    let mut dead = Way::working();
    dead.record(Party::Ministry, "FIRST_OF_TWO", "RecordDeath", "2026-05-04").unwrap();
    dead.must_with(Party::Authority, "RecordDeath", "2026-05-05", clinic);
    assert_eq!(told(&dead), "");
}

#[test]
fn an_offer_is_taken_back_for_no_protected_ground() {
    for ground in ["PREGNANCY", "HEALTH", "UNION_MEMBERSHIP"] {
        let retract = Move { reason: ground.into(), ..asked("RetractOffer", "2026-01-14") };
        let refused = Way::offered().make(Party::Union, retract).unwrap_err();
        assert_eq!((refused.guard.as_str(), refused.reason), ("GROUND", "PROTECTED_GROUND"));
    }
}

#[test]
fn a_case_is_told_when_it_is_opened_heard_and_closed() {
    let mut way = Way::working();
    let told = |way: &Way| {
        let case = way.fact().1.case.expect("the fact is about a case");
        (case.kind, case.outcome, case.contact_attempts)
    };
    let abandonment = |outcome: &str, attempts: i32| ("ABANDONMENT".to_owned(), outcome.to_owned(), attempts);
    let open = |way: &mut Way, on| way.open_case(Party::Union, "ABANDONMENT", on);
    open(&mut way, "2026-05-04");
    assert_eq!(told(&way), abandonment("", 0));
    way.must(Party::Operator, "DismissCase", "2026-05-05");
    assert_eq!(told(&way), abandonment("DISMISSED", 0));
    open(&mut way, "2026-05-06");
    way.hear("2026-05-07");
    assert_eq!(way.fact().1.case, None, "a record is no turn of the case");
    way.must(Party::Operator, "CloseHearing", "2026-05-08");
    assert_eq!(told(&way), abandonment("HEARD", 3));
    assert_eq!(way.fact().0.open_case.unwrap().outcome, "HEARD");
    way.must(Party::Authority, "DecideAbandonment", "2026-05-11");
    assert_eq!(told(&way), abandonment("DECIDED", 3));
    // Two working days after the decision the authority has to be told.
    assert_eq!(way.fact().0.notice_due, "2026-05-13");
    // Whoever sends the person home owes it all the same.
    way.must(Party::Union, "DepartHome", "2026-05-12");
    assert_eq!(way.fact().0.notice_due, "2026-05-13");
    way.must_with(Party::Union, "AddRecord", "2026-05-12", |asked| asked.kind = "NOTICE".into());
    assert_eq!(way.fact().0.notice_due, "");

    let mut other = Way::working();
    open(&mut other, "2026-05-04");
    other.must(Party::Worker, "Resign", "2026-05-05");
    assert_eq!(told(&other), abandonment("OVERTAKEN", 0));
}

#[test]
fn a_person_is_sought_three_times_on_two_channels_before_anything_is_decided() {
    let mut way = Way::offered();
    let expire = |way: &mut Way| way.make(Party::Clock, asked("ExpireOffer", "2026-01-25"));
    let seek = |way: &mut Way, channel: &str| way.record(Party::Ministry, "CONTACT_ATTEMPT", channel, "2026-01-16");
    let refused = expire(&mut way).unwrap_err();
    assert_eq!((refused.guard.as_str(), refused.reason), ("CONTACTED", "NOT_CONTACTED"));
    assert!(refused.message.starts_with("0 of 3 attempts") && refused.message.ends_with("0 of 2 channels"));
    assert_eq!(
        refused.mend,
        "record 3 more CONTACT_ATTEMPT, 2 of them on a channel that was not tried: PHONE, MESSAGE, EMAIL, LETTER, \
         VISIT, FAMILY"
    );
    for none in ["", "SMOKE"] {
        let refused = seek(&mut way, none).unwrap_err();
        assert_eq!(refused.reason, "CHANNEL_NEEDED");
        assert!(refused.mend.contains("PHONE"), "{refused:?}");
    }
    for _ in 0..3 {
        seek(&mut way, "PHONE").unwrap();
    }
    let refused = expire(&mut way).unwrap_err();
    assert_eq!(refused.message, "3 of 3 attempts to contact the person are on record, on 1 of 2 channels");
    assert!(refused.mend.starts_with("record 1 more CONTACT_ATTEMPT, 1 of them on a channel"), "{}", refused.mend);
    seek(&mut way, "FAMILY").unwrap();
    expire(&mut way).unwrap();
    assert_eq!(way.fact().0.reason, "UNREACHABLE");
}

#[test]
fn a_pack_may_ask_for_less() {
    let mut way = Way::offered();
    way.rules(&[("contact.attempts", "1"), ("contact.channels", "1")]);
    way.record(Party::Ministry, "CONTACT_ATTEMPT", "LETTER", "2026-01-16").unwrap();
    way.must(Party::Clock, "ExpireOffer", "2026-01-25");
}

#[test]
fn a_case_waits_for_a_first_attempt_and_then_for_enough_of_them() {
    let mut way = Way::working();
    way.open_case(Party::Union, "ABANDONMENT", "2026-05-04");
    let waits = |way: &Way| -> Vec<String> {
        let clocks = way.state().clocks.iter().filter(|clock| clock.name == "C-CONTACT");
        clocks.map(|clock| clock.due_on.to_string()).collect()
    };
    assert_eq!(waits(&way), ["2026-05-05"]);
    way.record(Party::Operator, "CONTACT_ATTEMPT", "PHONE", "2026-05-05").unwrap();
    assert_eq!(waits(&way), ["2026-05-11"], "the others within five working days of the report");
    way.record(Party::Operator, "CONTACT_ATTEMPT", "PHONE", "2026-05-06").unwrap();
    way.record(Party::Operator, "CONTACT_ATTEMPT", "VISIT", "2026-05-07").unwrap();
    assert!(waits(&way).is_empty());
}

#[test]
fn a_bar_names_its_rule_and_a_decision_of_non_return_until_when_it_can_be_reviewed() {
    let mut way = Way::not_returned();
    way.record(Party::Ministry, "FIRST_OF_TWO", "DecideNonReturn", "2026-11-03").unwrap();
    way.must_with(Party::Authority, "DecideNonReturn", "2026-11-04", |asked| {
        asked.appeal_told_on = Some(asked.occurred_on)
    });
    let (decided, moved) = way.fact();
    assert_eq!((decided.review_until.as_str(), decided.rule_id.as_str()), ("2026-12-04", ""));
    assert!(moved.second_person);
    way.must(Party::Clock, "CloseReview", "2026-12-04");
    let (barred, moved) = way.fact();
    assert_eq!(barred.stage(), Stage::ReEntryBarred);
    assert_eq!(barred.rule_id, "CO-ES@2025-01-01/reentry.bar.days");
    assert_eq!((barred.barred_until.as_str(), barred.review_until.as_str()), ("2028-12-03", "2026-12-04"));
    assert!(!moved.second_person);
}

#[test]
fn a_recall_says_its_day() {
    let mut way = Way::home();
    way.must(Party::Ministry, "OpenReEntry", "2026-10-05");
    assert_eq!(way.fact().0.recalled_on, "");
    way.must(Party::Union, "Recall", "2026-11-02");
    assert_eq!(way.fact().0.recalled_on, "2026-11-02");
}

#[test]
fn the_season_record_tells_the_wish_to_recall_and_what_the_worker_answered() {
    use wire::RecallReply::{Accepted, Declined, Unspecified};
    let mut way = Way::home();
    let reply = |way: &mut Way, party, reason: &str, on: &str| {
        way.record(party, "STATEMENT", reason, on).map_err(|refusal| refusal.reason)
    };
    way.must(Party::Ministry, "OpenReEntry", "2026-10-05");
    assert_eq!(reply(&mut way, Party::Worker, "RECALL_ACCEPTED", "2026-10-06"), Err("NOTHING_TO_ANSWER"));
    way.must(Party::Union, "Recall", "2026-11-02");
    assert_eq!(
        reply(&mut way, Party::Ministry, "RECALL_DECLINED", "2026-11-03"),
        Err("RECORD_KIND"),
        "a wish of the worker's"
    );
    reply(&mut way, Party::Worker, "RECALL_ACCEPTED", "2026-11-03").unwrap();
    reply(&mut way, Party::Worker, "SAID", "2026-11-04").unwrap();
    assert_eq!(way.fact().0.recall_reply(), Accepted, "another statement is no answer");
    reply(&mut way, Party::Worker, "RECALL_DECLINED", "2026-11-05").unwrap();
    let (state, moved) = way.fact();
    assert_eq!((state.recall_reply(), state.stage()), (Declined, Stage::ReEntryEligible));
    assert_eq!(moved.step.unwrap().reason, "STATEMENT");

    let records = &way.walk.desk.records;
    let told: Vec<_> =
        records.iter().map(|record| (record.version, record.recalled_on.as_str(), record.recall_reply())).collect();
    let on = "2026-11-02";
    assert_eq!(told, [(1, "", Unspecified), (2, on, Unspecified), (3, on, Accepted), (4, on, Declined)]);
    let one = |record: &wire::SeasonRecord| (record.id.clone(), record.days, record.r#return.clone(), record.re_entry);
    assert!(records.iter().all(|record| one(record) == one(&records[0])), "one season, told anew: {records:?}");
}
