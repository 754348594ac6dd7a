//! One place for all topics: which envelope travels on which topic, what its key is, and what its facts are called.

use prost::Message;

/// A topic: one per service, named like its package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topic {
    pub name: &'static str,
    /// The service whose relay is the only producer.
    pub producer: &'static str,
}

/// Every topic there is.
pub const TOPICS: &[Topic] = &[
    Topic { name: "circula.programme.v1", producer: "programme" },
    Topic { name: "circula.demand.v1", producer: "demand" },
    Topic { name: "circula.candidate.v1", producer: "candidate" },
    Topic { name: "circula.matching.v1", producer: "matching" },
    Topic { name: "circula.placement.v1", producer: "placement" },
];

/// Whose fact it is, which version it made, and what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Kind of aggregate, such as `job_order`.
    pub aggregate: &'static str,
    /// Id of the aggregate: the key of the message, so that facts of one aggregate keep their order.
    pub id: String,
    /// Version of the aggregate after this fact; contiguous from 1.
    pub version: i64,
    /// The fact in the past tense, such as `JobOrderPosted`; empty if a newer build wrote a fact that this one does not
    /// know. A projection still applies the state; who acts on facts parks the event.
    pub name: &'static str,
}

/// The envelope holds an aggregate that this build does not know, or no state.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("the envelope holds an aggregate that this version does not know, or no state")]
pub struct UnknownAggregate;

/// An enum holds a number that this build does not know: a newer one wrote it.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("{field} is {number}, which this version does not know")]
pub struct UnknownEnum {
    /// Full name of the field, such as `circula.demand.v1.JobOrder.state`.
    pub field: &'static str,
    pub number: i32,
}

/// What an event may hold. The getters of prost take a number that they do not know for 0, which means something else: who
/// acts on an event asks here first.
pub trait KnownEnums {
    /// # Errors
    /// [`UnknownEnum`] of the first enum, at any depth, whose number this build does not know. It knows 0.
    fn known_enums(&self) -> Result<(), UnknownEnum>;
}

/// One number of one enum, for what the build script writes.
pub(crate) fn known(is_valid: impl Fn(i32) -> bool, number: i32, field: &'static str) -> Result<(), UnknownEnum> {
    if is_valid(number) { Ok(()) } else { Err(UnknownEnum { field, number }) }
}

/// An envelope of a topic.
pub trait Event: Message + Default + KnownEnums {
    const TOPIC: &'static str;

    /// # Errors
    /// [`UnknownAggregate`] if the aggregate is unknown or has no state.
    fn head(&self) -> Result<Head, UnknownAggregate>;
}

/// One fact of the contracts: topic, aggregate, name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventName {
    pub topic: &'static str,
    pub aggregate: &'static str,
    pub name: &'static str,
}

macro_rules! topics {
    ($($package:ident :: $envelope:ident ($oneof:ident) on $topic:literal {
        $($variant:ident ($change:ident) $kind:literal by $key:ident { $($fact:ident = $name:literal),* $(,)? })*
    })*) => {
        $(impl Event for crate::$package::$envelope {
            const TOPIC: &'static str = $topic;

            fn head(&self) -> Result<Head, UnknownAggregate> {
                use crate::$package::*;
                match self.aggregate.as_ref().ok_or(UnknownAggregate)? {
                    $($oneof::Aggregate::$variant(event) => {
                        let state = event.state.as_ref().ok_or(UnknownAggregate)?;
                        let name = match event.change.as_ref() {
                            $(Some($change::Change::$fact(_)) => $name,)*
                            None => "",
                        };
                        Ok(Head { aggregate: $kind, id: state.$key.clone(), version: state.version, name })
                    })*
                }
            }
        })*

        /// Every fact there is, in the order of the topics.
        pub const EVENTS: &[EventName] = &[
            $($($(EventName { topic: $topic, aggregate: $kind, name: $name },)*)*)*
        ];
    };
}

topics! {
    programme::ProgrammeEvent(programme_event) on "circula.programme.v1" {
        Organisation(organisation_event) "organisation" by id { Registered = "OrganisationRegistered" }
        Corridor(corridor_event) "corridor" by code { Opened = "CorridorOpened" }
        RulePack(rule_pack_event) "rule_pack" by id { Published = "RulePackPublished" }
        Season(season_event) "season" by code { Planned = "SeasonPlanned" }
        Quota(quota_event) "quota" by id { Set = "QuotaSet", ReserveReleased = "QuotaReserveReleased" }
    }
    demand::DemandEvent(demand_event) on "circula.demand.v1" {
        Employer(employer_event) "employer" by id { Registered = "EmployerRegistered" }
        JobOrder(job_order_event) "job_order" by id {
            Posted = "JobOrderPosted", Approved = "JobOrderApproved", Denied = "JobOrderDenied",
            Withdrawn = "JobOrderWithdrawn", Imported = "JobOrderImported",
        }
    }
    candidate::CandidateEnvelope(candidate_envelope) on "circula.candidate.v1" {
        Candidate(candidate_event) "candidate" by id {
            Registered = "CandidateRegistered", Corrected = "CandidateCorrected",
            LeftRoster = "CandidateLeftRoster", SeasonCredited = "SeasonCredited",
            RosterRenewed = "RosterRenewed",
        }
    }
    matching::MatchingEvent(matching_event) on "circula.matching.v1" {
        Round(round_event) "round" by id {
            Computed = "RoundComputed", Published = "RoundPublished", Discarded = "RoundDiscarded",
            Overridden = "RoundOverridden",
        }
        LineProposal(line_proposal_event) "line_proposal" by id { Proposed = "CandidatesProposed" }
    }
    placement::PlacementEnvelope(placement_envelope) on "circula.placement.v1" {
        Placement(placement_event) "placement" by id {
            Moved = "PlacementMoved", PreparationUpdated = "PreparationUpdated",
        }
        Line(line_event) "line" by id {
            Opened = "LineOpened", LedgerMoved = "LineLedgerMoved", Closed = "LineClosed", Sized = "LineSized",
            QuotaReserved = "QuotaReserved", QuotaUnitGranted = "QuotaUnitGranted", SeatReopened = "SeatReopened",
        }
        QuotaUse(quota_use_event) "quota_use" by quota_id { Limited = "QuotaLimited", Allotted = "QuotaAllotted" }
        SeasonRecord(season_record_event) "season_record" by id { Written = "SeasonRecordWritten" }
        ProposalRefusal(proposal_refusal_event) "proposal_refusal" by id { Refused = "ProposalRefused" }
        Calendar(calendar_event) "calendar" by id { ClocksRun = "ClocksRun" }
    }
}
