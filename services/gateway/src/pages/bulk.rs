//! What a desk may do to many placements at once, and what each such action asks for.
//!
//! A reason is a code, never a text: it goes into the log and travels in events, which name nobody.

use super::{Params, forms, place};
use crate::console::{
    frame::Desk,
    placement::{Field, Input},
};

/// Grounds of what simply goes on.
const GENERAL: [&str; 4] = ["GROUP_LIST", "PAPERS_SEEN", "TOLD_BY_PARTY", "RECORDED_LATE"];
const UNLIST: [&str; 3] = ["ROSTER_OVER", "PLACED_ELSEWHERE", "WISH_OF_WORKER"];
/// Records that a whole group may have in common.
const RECORDS: [&str; 4] = ["CONTACT_ATTEMPT", "STATEMENT", "CONFIRMATION", "NOTICE"];
/// What a worker decides and another desk writes down before a witness.
const FOR_WORKER: [&str; 2] = ["Accept", "Decline"];
/// What a ministry records for its workers at once, though it is a move of other desks too.
const BY_MINISTRY: &str = "SignContract";

/// Moves that a desk may make for many at once, in the order of the ring. What names one person alone is not here.
pub(super) fn actions(desk: Desk) -> &'static [&'static str] {
    match desk {
        Desk::Union => &[
            "Select",
            "Offer",
            "SignContract",
            "ConfirmArrival",
            "StartWork",
            "CompleteWork",
            "DepartHome",
            "AddRecord",
            "Reject",
            "RetractOffer",
        ],
        Desk::Ministry => &[
            "Accept",
            "SignContract",
            "ApplyVisa",
            "ClearMedical",
            "CompleteTraining",
            "CompleteOrientation",
            "Depart",
            "VerifyReturn",
            "OpenReEntry",
            "AddRecord",
            "Decline",
            "Withdraw",
            "Unlist",
            "ClosePreparation",
        ],
        Desk::Operator => &[
            "ApplyVisa",
            "CompleteOrientation",
            "BookTravel",
            "ConfirmArrival",
            "CompleteWork",
            "DepartHome",
            "CloseHearing",
            "AddRecord",
            "UnbookTravel",
            "Unlist",
            "ClosePreparation",
        ],
        Desk::Authority => &[
            "Authorise",
            "GrantVisa",
            "ConfirmArrival",
            "VerifyReturn",
            "CloseHearing",
            "AddRecord",
            "RefuseAuthorisation",
            "RefuseVisa",
        ],
        Desk::Auditor => &[],
    }
}

/// The action of a move's code, `SIGN_CONTRACT`, if this desk may make it for many.
pub(super) fn action(desk: Desk, code: &str) -> Option<&'static str> {
    actions(desk).iter().copied().find(|action| place::code(action) == code)
}

/// The grounds that an action may be given.
pub(super) fn grounds(command: &str) -> Vec<&'static str> {
    match command {
        "Decline" => vec!["DECLINED"],
        "ClosePreparation" => vec!["NOT_READY"],
        "Unlist" => UNLIST.to_vec(),
        "AddRecord" => forms::CHANNELS.to_vec(),
        _ => forms::grounds(command).unwrap_or_else(|| GENERAL.to_vec()),
    }
}

/// All grounds of a desk, each once: which of them fits is known once the action is chosen.
pub(super) fn all_grounds(desk: Desk) -> Vec<&'static str> {
    let mut all = Vec::new();
    for ground in actions(desk).iter().flat_map(|command| grounds(command)) {
        if !all.contains(&ground) {
            all.push(ground);
        }
    }
    all
}

pub(super) fn for_worker(desk: Desk, command: &str) -> bool {
    FOR_WORKER.contains(&command) || (desk == Desk::Ministry && command == BY_MINISTRY)
}

/// The fields of an action, with what was typed. What was typed and cannot be chosen counts as not typed.
pub(super) fn fields(desk: Desk, command: &str, today: &str, typed: &Params) -> Vec<Field> {
    let mut fields = forms::fields(command, for_worker(desk, command), today, None);
    // One text proves nothing for many: each consent is given to the text of its own offer, which placement keeps.
    fields.retain(|field| field.name != "reason" && (command != "Accept" || field.name != "evidence"));
    let reason = Field {
        name: "reason",
        input: Input::Choice(grounds(command)),
        required: true,
        value: String::new(),
        wrong: String::new(),
    };
    fields.insert(1, reason);
    for field in &mut fields {
        if field.name == "kind" && command == "AddRecord" {
            field.input = Input::Choice(RECORDS.to_vec());
        }
        let typed = typed.get(field.name).map(|typed| typed.trim().to_owned());
        let fits = |typed: &String| match &field.input {
            Input::Choice(codes) => codes.contains(&typed.as_str()),
            Input::Day => super::day(typed).is_some(),
            Input::Text => true,
        };
        if let Some(typed) = typed.filter(fits) {
            field.value = typed;
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Command and roles of each row of placement's table.
    fn table() -> Vec<(&'static str, Vec<&'static str>)> {
        let value = |row: &'static str, name: &str| {
            row.split_once(&format!("{name} = \"")).and_then(|(_, rest)| rest.split('"').next())
        };
        let row = |row| Some((value(row, "command")?, value(row, "who")?.split(", ").collect()));
        include_str!("../../../placement/moves.toml").lines().filter_map(row).collect()
    }

    #[test]
    fn a_desk_is_offered_only_what_the_table_lets_it_do() {
        let table = table();
        for desk in [Desk::Union, Desk::Ministry, Desk::Operator, Desk::Authority] {
            let role = desk.code().to_lowercase();
            for command in actions(desk) {
                let who = if for_worker(desk, command) { "worker" } else { role.as_str() };
                let found = table.iter().any(|(known, whose)| known == command && whose.contains(&who));
                assert!(found, "{command} by {role}");
            }
        }
        assert!(actions(Desk::Auditor).is_empty());
    }

    #[test]
    fn many_consents_share_no_evidence() {
        let typed = Params::from([("evidence".to_owned(), "one for all".to_owned())]);
        let names: Vec<_> =
            fields(Desk::Ministry, "Accept", "2026-03-02", &typed).into_iter().map(|field| field.name).collect();
        assert_eq!(names, ["occurred_on", "reason", "language", "witness"]);
    }

    #[test]
    fn a_reason_that_does_not_fit_the_action_is_asked_for_again() {
        let typed = |reason: &str| Params::from([("reason".to_owned(), reason.to_owned())]);
        let value = |command, reason| {
            let fields = fields(Desk::Union, command, "2026-03-02", &typed(reason));
            fields.into_iter().find(|field| field.name == "reason").unwrap().value
        };
        assert_eq!(value("Reject", "SKILLS_DIFFER"), "SKILLS_DIFFER");
        assert_eq!(value("Reject", "GROUP_LIST"), "");
        assert_eq!(value("Select", "GROUP_LIST"), "GROUP_LIST");
    }
}
