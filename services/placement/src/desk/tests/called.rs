//! When somebody from the list is called for a seat that became free, and how long they have.

use super::{
    told::{Way, asked},
    *,
};

fn calls(mut way: Way, party: Party, asked: Move) -> usize {
    way.make(party, asked).unwrap_or_else(|refusal| panic!("{refusal:?}"));
    way.walk.desk.book.calls.len()
}

/// The work starts on the second of March: ten days before, names are final.
#[test]
fn nobody_is_called_once_names_are_final() {
    let reject = |on| Move { reason: "SKILLS_DIFFER".into(), ..asked("Reject", on) };
    for (on, called) in [("2026-02-20", 1), ("2026-02-21", 0)] {
        assert_eq!(calls(Way::new("Propose"), Party::Union, reject(on)), called, "Reject on {on}");
        assert_eq!(calls(Way::offered(), Party::Worker, asked("Decline", on)), called, "Decline on {on}");
        assert_eq!(calls(Way::offered(), Party::Ministry, asked("Withdraw", on)), called, "Withdraw on {on}");
    }
    let resign = calls(Way::working(), Party::Worker, asked("Resign", "2026-05-04"));
    assert_eq!(resign, 0, "who left work is replaced by the next round");
}
