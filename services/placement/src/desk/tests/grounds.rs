//! Which grounds a move takes, and who may read them.

use super::{
    told::{Way, asked},
    *,
};
use crate::veil::Reader;

fn give(command: &str, on: &str, reason: &str) -> Move {
    Move { reason: reason.into(), ..asked(command, on) }
}

#[test]
fn a_ground_that_the_row_does_not_know_is_refused_with_those_it_knows() {
    let refused = Way::new("Propose").make(Party::Union, give("Reject", "2026-01-12", "PREGNANT")).unwrap_err();
    assert_eq!((refused.guard.as_str(), refused.reason, refused.kind), ("GROUND", "UNKNOWN_GROUND", Kind::Input));
    assert_eq!(refused.mend, "give one of SKILLS_DIFFER, PERIOD_DIFFERS, ORDER_REDUCED, OTHER");
    let refused = Way::working().make(Party::Worker, give("Resign", "2026-05-04", "SEXUAL_HARASSMENT")).unwrap_err();
    assert_eq!(refused.reason, "UNKNOWN_GROUND");
    assert!(refused.mend.contains("a case ABUSE"), "{}", refused.mend);
    // Rows without grounds of their own take those of what simply goes on.
    let end = |reason| Way::working().make(Party::Union, give("CompleteWork", "2026-09-30", reason));
    assert_eq!(end("PREGNANT").unwrap_err().reason, "UNKNOWN_GROUND");
    end("GROUP_LIST").unwrap();
}

#[test]
fn what_a_worker_wishes_is_read_by_the_worker_and_the_ministry_only() {
    let resigned = |way: &mut Way| way.make(Party::Worker, give("Resign", "2026-05-04", "OTHER"));
    let withdrawn = |way: &mut Way| way.make(Party::Worker, give("Withdraw", "2026-01-14", "OTHER"));
    let wished = |way: &mut Way| way.make(Party::Ministry, give("Withdraw", "2026-01-14", "WISH_OF_WORKER"));
    type Made<'a> = &'a dyn Fn(&mut Way) -> Result<(), Refusal>;
    let all: [(Way, Made<'_>, &str, &str); 3] = [
        (Way::working(), &resigned, "", "OTHER"),
        (Way::offered(), &withdrawn, "WITHDRAWN", "OTHER"),
        (Way::offered(), &wished, "WITHDRAWN", "WISH_OF_WORKER"),
    ];
    for (mut way, make, published, own) in all {
        make(&mut way).unwrap();
        let (state, moved) = way.fact();
        assert_eq!(moved.step.unwrap().reason, published);
        assert_eq!(state.steps.last().unwrap().reason, published);
        assert_ne!(state.reason, own);
        let read = |reader: OrganisationId| {
            view::whole(way.state(), Reader { organisation_id: reader, ..Reader::default() })
                .steps
                .pop()
                .unwrap()
                .reason
        };
        assert_eq!(read(way.state().ministry_id), own);
        assert_eq!(read(way.state().union_id), published, "the union reads what everybody does");
    }
}

#[test]
fn what_a_ministry_says_is_published() {
    let mut way = Way::offered();
    way.make(Party::Ministry, give("Withdraw", "2026-01-14", "UNREACHABLE")).unwrap();
    assert_eq!(way.fact().0.reason, "UNREACHABLE");
}
