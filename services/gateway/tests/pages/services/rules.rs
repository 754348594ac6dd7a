//! Rule packs: two of the corridor, two of its destination.

use platform::Refused;
use proto::programme::{GetRulePackInForceRequest, ListRulePacksRequest, ListRulePacksResponse, Rule, RulePack};
use tonic::Request;

use super::{Answer, Said, answer};

fn pack(code: &str, valid_from: &str, rules: Vec<Rule>) -> RulePack {
    RulePack {
        id: format!("{code}@{valid_from}"),
        code: code.to_owned(),
        valid_from: valid_from.to_owned(),
        title: format!("Rules of {code}"),
        rules,
        version: 1,
    }
}

fn rule(key: &str, value: &str, source: &str) -> Rule {
    Rule {
        key: key.to_owned(),
        value: value.to_owned(),
        source: source.to_owned(),
        assumed: source == "nobody has found one",
    }
}

/// In the earlier one an arrival took longer, and no roster ran out.
fn of_the_corridor() -> [RulePack; 2] {
    let travel = rule("tracks.waits.travel", "visa fitness quarantine", "A law");
    let earlier = vec![rule("clock.arrival.days", "5", "A law"), travel.clone()];
    let later = vec![
        rule("clock.arrival.days", "3", "A law"),
        rule("roster.validity_days", "365", "nobody has found one"),
        rule("clock.answer.workdays", "5", "A law"),
        travel,
    ];
    [pack("CO-ES", "2025-12-01", later), pack("CO-ES", "2025-01-01", earlier)]
}

/// The day after the season a later one begins.
fn of_the_destination() -> [RulePack; 2] {
    let rules = vec![
        rule("order.seats_min", "10", "An order on orders"),
        rule("order.housing_required", "true", "An order on orders"),
    ];
    [pack("ES", "2026-01-01", rules), pack("ES", "2027-01-01", vec![rule("order.seats_min", "20", "A law")])]
}

pub(super) async fn in_force(_: &Said, request: Request<GetRulePackInForceRequest>) -> Answer<RulePack> {
    let request = request.into_inner();
    let packs = match request.code.as_str() {
        "CO-ES" => of_the_corridor(),
        "ES" => of_the_destination(),
        other => return Err(Refused::not_found("rule pack in force", other).into()),
    };
    let begun = packs.into_iter().filter(|pack| pack.valid_from <= request.on);
    let latest = begun.max_by(|one, other| one.valid_from.cmp(&other.valid_from));
    answer(latest.ok_or_else(|| Refused::not_found("rule pack in force", &request.code))?)
}

pub(super) async fn packs(_: &Said, request: Request<ListRulePacksRequest>) -> Answer<ListRulePacksResponse> {
    let packs: Vec<RulePack> = match request.get_ref().code.as_str() {
        "CO-ES" => of_the_corridor().into(),
        "ES" => of_the_destination().into(),
        _ => Vec::new(),
    };
    answer(ListRulePacksResponse { packs, ..Default::default() })
}
