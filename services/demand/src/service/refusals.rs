//! What the service refuses, in words.

use platform::Refused;
use tonic::Code;

use crate::{
    order::{Misfit, Order},
    rules::Breach,
};

/// The first rule that is not kept, with the names of the others.
pub(super) fn breaches(breaches: Vec<Breach>) -> Result<(), Refused> {
    let others: Vec<String> =
        breaches.iter().skip(1).map(|breach| format!("{} {}", breach.reason, breach.place)).collect();
    let Some(first) = breaches.into_iter().next() else { return Ok(()) };
    let message = first.in_full();
    let message =
        if others.is_empty() { message } else { format!("{message}; not kept either: {}", others.join(", ")) };
    let refused = Refused::new(Code::InvalidArgument, first.reason, message)
        .at(format!("order.{}", first.place))
        .mend(first.mend)
        .with("rule", &first.rule.key)
        .with("rule_pack", &first.pack_id)
        .with("source", &first.rule.source)
        .with("value", &first.rule.value)
        .with("asked", &first.asked);
    Err(if others.is_empty() { refused } else { refused.with("also", others.join(", ")) })
}

pub(super) fn misfit(order: &Order, misfit: Misfit) -> Refused {
    match misfit {
        Misfit::State(state) => Refused::new(
            Code::FailedPrecondition,
            "ORDER_STATE",
            format!("the order {} is {}", order.reference, state.word()),
        )
        .at("state")
        .with("state", state.word())
        .with("reference", &order.reference)
        .mend("approve or deny what is SUBMITTED, withdraw what is SUBMITTED or OPEN; other orders stay as they are"),
        Misfit::BeforeFiled(filed_on) => Refused::field(
            "decided_on",
            "DECIDED_BEFORE_FILED",
            format!("the order {} was filed on {filed_on}", order.reference),
        )
        .with("filed_on", filed_on)
        .mend("give the day of the decision"),
    }
}

pub(super) fn employer_not_accredited(name: &str) -> Refused {
    Refused::new(Code::FailedPrecondition, "EMPLOYER_NOT_ACCREDITED", format!("{name} is not accredited"))
        .at("order.employer_id")
        .with("employer", name)
        .mend("have the accreditation restored, or post for another employer")
}

pub(super) fn reference_taken(reference: &str) -> Refused {
    let message = format!("an order with the reference {reference:?} is posted already");
    Refused::new(Code::AlreadyExists, "ORDER_REFERENCE_TAKEN", message)
        .at("order.reference")
        .with("reference", reference)
        .mend("use a new reference for a new order")
}

/// Also met when the season was only just planned: what the programme says arrives a moment later.
pub(crate) fn season_unknown(code: &str, place: &str) -> Refused {
    Refused::new(Code::FailedPrecondition, "SEASON_UNKNOWN", format!("no season {code:?} is planned"))
        .at(place)
        .with("season", code)
        .mend("name a season that is planned; if it was planned just now, send the same request again in a moment")
}

pub(super) fn outside_season(index: usize, code: &str) -> Refused {
    let message = format!("the work of line {} lies outside the season {code}", index + 1);
    Refused::field(&format!("order.lines[{index}].starts_on"), "LINE_OUTSIDE_SEASON", message)
        .with("season", code)
        .mend("name the season in which the work is")
}

pub(super) fn no_way_to(destination: &str) -> Refused {
    Refused::new(Code::FailedPrecondition, "NO_CORRIDOR", format!("no corridor to {destination} is open"))
        .at("order.destination")
        .with("corridor", format!("*-{destination}"))
        .mend(
            "have a corridor to that country opened; if it was opened just now, send the same request again in a moment",
        )
}

pub(super) fn no_corridor(origin: &str, destination: &str, place: &str) -> Refused {
    Refused::new(Code::FailedPrecondition, "NO_CORRIDOR", format!("no corridor {origin}-{destination} is open"))
        .at(place)
        .with("corridor", format!("{origin}-{destination}"))
        .mend("name origins with an open corridor; if it was opened just now, send the same request again in a moment")
}
