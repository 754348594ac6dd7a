//! The fairness report of a round.

use proto::matching::{FairnessAttribute, FairnessGroup, FairnessReport, GetRoundFairnessRequest};
use tonic::{Code, Status};

use crate::{
    console::round::fairness::{Fairness, Group, Kind, Told},
    pages::{count, visitor::Visitor},
};

/// The report; none where there is none yet, or none for this visitor: the rest of the page is whole without it.
pub(super) async fn ask(visitor: &Visitor, id: &str) -> Result<Option<FairnessReport>, Status> {
    let mut service = visitor.app.upstream.matching(&visitor.session);
    match service.get_round_fairness(GetRoundFairnessRequest { round_id: id.to_owned() }).await {
        Ok(report) => Ok(Some(report.into_inner())),
        Err(status) if matches!(status.code(), Code::FailedPrecondition | Code::PermissionDenied) => Ok(None),
        Err(status) => Err(status),
    }
}

/// None if nobody was eligible: a round without a plan, or without people.
pub(super) fn view(report: &FairnessReport) -> Option<Fairness> {
    let kinds = [
        ("SEX", FairnessAttribute::Sex),
        ("REGION", FairnessAttribute::Region),
        ("FIRST_TIMER", FairnessAttribute::FirstTimer),
        ("AGE_BAND", FairnessAttribute::AgeBand),
    ];
    let kind = |(code, attribute)| {
        let of = report.groups.iter().filter(|group| group.attribute() == attribute);
        Kind { code, groups: of.map(group).collect() }
    };
    (report.eligible > 0).then(|| Fairness {
        eligible: count(report.eligible),
        seated: count(report.seated),
        least: count(report.least),
        kinds: kinds.into_iter().map(kind).filter(|kind| !kind.groups.is_empty()).collect(),
    })
}

fn group(group: &FairnessGroup) -> Group {
    let share = |ppm: i64| ppm as f64 / 1e6;
    let told = Told {
        eligible: count(group.eligible),
        seated: count(group.seated),
        rate: share(group.rate_ppm),
        low: share(group.low_ppm),
        high: share(group.high_ppm),
    };
    Group { name: group.name.clone(), told: (!group.suppressed).then_some(told) }
}
