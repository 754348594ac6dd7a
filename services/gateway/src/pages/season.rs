//! Seasons and the flows of one of them.

use chrono::NaiveDate;
use proto::{
    clocks,
    monitoring::{Flow, GetFlowsRequest, GetFlowsResponse, ListClocksRequest, ListClocksResponse},
    placement::Clock,
    programme::ListSeasonsRequest,
};
use tonic::Status;

use super::{count, day, visitor::Visitor};
use crate::console::{
    code::Corridor,
    flow::{self, CorridorFlow},
    step::{Column, Step},
};

/// Columns of the rivers by the step's name in a flow.
const COLUMNS: [(&str, Column); 7] = [
    ("PROPOSED", Column::Proposed),
    ("CONTRACT_SIGNED", Column::Signed),
    ("VISA_GRANTED", Column::Visa),
    ("DEPARTED", Column::Departed),
    ("WORKING", Column::Working),
    ("COMPLETED", Column::Completed),
    ("RETURNED_VERIFIED", Column::Returned),
];

/// One season as the visitor may see it.
pub(super) struct Season {
    pub(super) code: String,
    /// First and last day, if the season is planned.
    pub(super) days: Option<(NaiveDate, NaiveDate)>,
    /// All seasons that have anything, the latest first.
    pub(super) codes: Vec<String>,
    /// Flows of the season, one per corridor.
    pub(super) flows: Vec<Flow>,
    pub(super) as_of: Option<NaiveDate>,
    /// What monitoring said, for the fingerprint.
    pub(super) told: GetFlowsResponse,
}

/// Reads a season; empty = the latest that has anything.
pub(super) async fn read(visitor: &Visitor, asked: &str) -> Result<Season, Status> {
    let (mut monitoring, mut programme) =
        (visitor.app.upstream.monitoring(&visitor.session), visitor.app.upstream.programme(&visitor.session));
    let flows = monitoring.get_flows(GetFlowsRequest { season_code: asked.to_owned(), ..Default::default() });
    let seasons = programme.list_seasons(ListSeasonsRequest { page_size: 1000, ..Default::default() });
    let (told, planned) = tokio::try_join!(flows, seasons)?;
    let (told, planned) = (told.into_inner(), planned.into_inner().seasons);
    let mut codes = told.season_codes.clone();
    codes.extend((!asked.is_empty()).then(|| asked.to_owned()));
    if codes.is_empty() {
        codes.extend(planned.iter().map(|season| season.code.clone()));
    }
    codes.sort_unstable_by(|one, other| other.cmp(one));
    codes.dedup();
    // A desk begins where its own latest people or seats are, not where somebody else's are.
    let own = told.flows.iter().filter(|flow| has_anything(flow)).map(|flow| flow.season_code.clone()).max();
    let code =
        if asked.is_empty() { own.or_else(|| codes.first().cloned()).unwrap_or_default() } else { asked.to_owned() };
    let days = planned.iter().find(|season| season.code == code);
    let days = days.and_then(|season| day(&season.starts_on).zip(day(&season.ends_on)));
    let flows = told.flows.iter().filter(|flow| flow.season_code == code).cloned().collect();
    Ok(Season { code, days, codes, flows, as_of: day(&told.as_of), told })
}

impl Season {
    /// The clocks of the season, of one corridor or of all.
    pub(super) async fn clocks(&self, visitor: &Visitor, corridor: &str) -> Result<ListClocksResponse, Status> {
        let mut monitoring = visitor.app.upstream.monitoring(&visitor.session);
        let request =
            ListClocksRequest { season_code: self.code.clone(), corridor_code: corridor.to_owned(), late_only: false };
        Ok(monitoring.list_clocks(request).await?.into_inner())
    }

    /// The flows of one corridor or of all, as the rivers draw them.
    pub(super) fn rivers(&self, corridor: &str) -> Vec<CorridorFlow> {
        let shown = self.flows.iter().filter(|flow| corridor.is_empty() || flow.corridor_code == corridor);
        shown.map(river).collect()
    }
}

/// A flow as the rivers draw it.
pub(super) fn river(flow: &Flow) -> CorridorFlow {
    let mut columns = [flow::Flow::default(); 8];
    columns[Column::Ordered as usize] =
        flow::Flow { reached: count(flow.seats_ordered), here: count(flow.seats_open), dropped: 0 };
    for (name, column) in COLUMNS {
        if let Some(step) = flow.steps.iter().find(|step| step.step == name) {
            columns[column as usize] = flow::Flow {
                reached: count(step.reached),
                here: count(step.here_now),
                dropped: count(step.dropped_out),
            };
        }
    }
    CorridorFlow {
        corridor: Corridor::new(&flow.corridor_code),
        columns,
        replaced: count(flow.reserve_calls),
        late: count(flow.late),
        one_sided: count(flow.one_sided),
    }
}

/// True if the flow has anything but a plan.
pub(super) fn has_anything(flow: &Flow) -> bool {
    flow.seats_ordered > 0 || flow.steps.iter().any(|step| step.reached > 0)
}

/// The party that a clock waits for, where none runs that would say so.
pub(super) fn waits_for(clock: &str) -> &'static str {
    match clocks::deadline(clock) {
        "C-SELECT" | "C-OFFER" | "C-SIGN" | "C-ARRIVAL" | "C-START" | "C-END" | "C-NOTICE" => "union",
        "C-ANSWER" | "C-ABSENT" => "worker",
        "C-AUTHORISE" | "C-VISA" | "C-UNVERIFIED" | "C-REVIEW" => "authority",
        "C-RETURN" | "C-REENTRY" | "C-DEPART" | "C-FITNESS" => "ministry",
        _ => "operator",
    }
}

/// The first deadline of a placement.
pub(super) fn deadline(clocks: &[Clock]) -> Option<&Clock> {
    clocks.iter().filter(|clock| clocks::makes_late(&clock.name)).min_by_key(|clock| &clock.due_on)
}

/// The step that is reached by the move that ends a clock; of those that run until a preparation is whole, its last one.
fn reached(clock: &str) -> Option<Step> {
    Some(match clock {
        "C-SELECT" => Step::Selected,
        "C-OFFER" => Step::Offered,
        "C-ANSWER" => Step::Accepted,
        "C-SIGN" => Step::ContractSigned,
        "C-AUTHORISE" => Step::Authorised,
        "C-VISA" => Step::VisaGranted,
        "C-READY" | "C-LAST" | "C-NAMES" => Step::TravelBooked,
        "C-DEPART" => Step::Departed,
        "C-ARRIVAL" => Step::Arrived,
        "C-START" => Step::Working,
        "C-END" => Step::WorkEnded,
        "C-RETURN" => Step::ReturnedVerified,
        _ => return None,
    })
}

/// The day by which a step is to be reached, as far as a clock runs for it.
pub(super) fn due_by(step: Step, clocks: &[Clock]) -> Option<NaiveDate> {
    let running = clocks.iter().filter(|clock| reached(&clock.name) == Some(step));
    running.filter_map(|clock| day(&clock.due_on)).min()
}

/// The move that ends a clock, and the step it is due at.
pub(super) fn due(clock: &str) -> Option<(&'static str, Step)> {
    Some(match clocks::deadline(clock) {
        "C-SELECT" => ("SELECT", Step::Proposed),
        "C-OFFER" => ("OFFER", Step::Selected),
        "C-ANSWER" => ("ACCEPT", Step::Offered),
        "C-SIGN" => ("SIGN_CONTRACT", Step::Accepted),
        "C-AUTHORISE" => ("AUTHORISE", Step::ContractSigned),
        "C-VISA" => ("GRANT_VISA", Step::VisaApplied),
        "C-READY" | "C-LAST" => ("FINISH_PREPARATION", Step::Accepted),
        "C-NAMES" => ("BOOK_TRAVEL", Step::PdoDone),
        "C-FITNESS" => ("CLEAR_MEDICAL", Step::VisaGranted),
        "C-DEPART" => ("DEPART", Step::TravelBooked),
        "C-ARRIVAL" => ("CONFIRM_ARRIVAL", Step::Departed),
        "C-START" => ("START_WORK", Step::Arrived),
        "C-CONTACT" => ("CONTACT", Step::Accepted),
        "C-ABSENT" => ("CLEAR_ABSENCE", Step::Working),
        "C-STAY" => ("END_STAY", Step::Departed),
        "C-HEARING" => ("CLOSE_HEARING", Step::Accepted),
        "C-DECIDE" => ("DECIDE_CASE", Step::Accepted),
        "C-NOTICE" => ("GIVE_NOTICE", Step::WorkEnded),
        "C-END" => ("COMPLETE_WORK", Step::Working),
        "C-RETURN" => ("VERIFY_RETURN", Step::WorkEnded),
        "C-UNVERIFIED" => ("DECIDE_NON_RETURN", Step::WorkEnded),
        "C-REVIEW" => ("CLOSE_REVIEW", Step::WorkEnded),
        "C-REENTRY" => ("OPEN_RE_ENTRY", Step::ReturnedVerified),
        "C-LIST" => ("UNLIST", Step::Proposed),
        _ => return None,
    })
}
