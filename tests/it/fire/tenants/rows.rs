//! The matrix: for every call who may make it, what of a tenant its request names, and where.

use proto::Role::{self, Auditor, Authority, Employer, Ministry, Operator, Service, Union, Worker};

use super::world::Thing;

/// What is nobody's is for every role.
const ALL: &[Role] = &[Ministry, Union, Employer, Operator, Authority, Auditor, Worker, Service];
const READERS: &[Role] = &[Ministry, Union, Operator, Authority, Auditor, Service];
const MINISTRY: &[Role] = &[Ministry];
const OPERATOR: &[Role] = &[Operator];
const POSTERS: &[Role] = &[Union, Operator];
const MOVERS: &[Role] = &[Ministry, Union, Operator, Authority];
const SCHEDULERS: &[Role] = &[Operator, Service];
const COUNTERS: &[Role] = &[Operator, Auditor, Service];
const NAMERS: &[Role] = &[Ministry, Union, Operator];
const ROSTER: &[Role] = &[Ministry, Operator, Authority, Auditor, Service];

/// What of a tenant a request names, and in which field.
#[derive(Clone, Copy, Debug)]
pub(super) enum Names {
    /// Nothing, and the answer belongs to everybody, or to the roles that may ask.
    Nothing,
    /// Nothing, and the answer is the caller's own.
    Own(Thing),
    /// One thing: without it there is no answer.
    One(Thing, &'static str),
    /// One thing, and for whoever may not ask it is not there either.
    Hidden(Thing, &'static str),
    /// Things of which each has its own result.
    Each(Thing, &'static str),
    /// What a list is narrowed to.
    Narrowed(Thing, &'static str),
}

impl Names {
    pub(super) fn thing(self) -> Option<Thing> {
        match self {
            Self::Nothing => None,
            Self::Own(thing)
            | Self::One(thing, _)
            | Self::Hidden(thing, _)
            | Self::Each(thing, _)
            | Self::Narrowed(thing, _) => Some(thing),
        }
    }

    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Nothing | Self::Own(_) => "",
            Self::One(_, field) | Self::Hidden(_, field) | Self::Each(_, field) | Self::Narrowed(_, field) => field,
        }
    }
}

/// A call of the matrix. `body` has `{id}` for the thing, `{round}` for its round, `{request}` for a new request id,
/// `{service}` for whoever is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) method: &'static str,
    pub(super) roles: &'static [Role],
    pub(super) names: Names,
    pub(super) body: &'static str,
}

const fn row(method: &'static str, roles: &'static [Role], names: Names, body: &'static str) -> Row {
    Row { method, roles, names, body }
}

use Names::{Each, Hidden, Narrowed, Nothing, One, Own};
use Thing as T;

/// Fields that end like an id and name nothing of a tenant: ids of things to come, and the registry of organisations.
pub(super) const NO_IDS: &[(&str, &str)] = &[
    ("programme.RegisterOrganisation", "organisation_id"),
    ("programme.OpenCorridor", "ministry_id"),
    ("demand.RegisterEmployer", "reference"),
    // A round is everybody's; what of it one may see is asked for by line and candidate.
    ("matching.ExplainCandidate", "round_id"),
    ("matching.ExplainLine", "round_id"),
    // Only an operator asks, who sees every pair.
    ("matching.WhatIf", "candidate_id"),
    ("matching.WhatIf", "line_id"),
    ("matching.OverrideRound", "candidate_id"),
    ("matching.OverrideRound", "line_id"),
];

const IMPORT: &str = r#"{"import_id":"{id}"}"#;
const IMPORT_DEED: &str = r#"{"import_id":"{id}","request_id":"{request}"}"#;
const PIECE: &str = r#"{"import_id":"{id}","data":"YSxiCg=="}"#;
const REASON: &str = r#"{"order_id":"{id}","reason":"OTHER","request_id":"{request}"}"#;
const PAIR: &str = r#"{"round_id":"{id}","candidate_id":"00000000-0000-0000-0000-000000000001",
    "line_id":"00000000-0000-0000-0000-000000000002","kind":"OVERRIDE_KIND_PIN"}"#;
const PAIR_DEED: &str = r#"{"round_id":"{id}","candidate_id":"00000000-0000-0000-0000-000000000001",
    "line_id":"00000000-0000-0000-0000-000000000002","kind":"OVERRIDE_KIND_PIN","reason":"OTHER",
    "request_id":"{request}"}"#;
const PAGE: &str = r#"{"page_size":1000}"#;
const EMPTY: &str = "{}";
const ORDER: &str = r#"{"order":{"reference":"{request}","employer_id":"{id}","destination":"ES","season_code":"2026",
    "filed_on":"2025-11-03","lines":[{"title":"Harvest","isco_codes":["9211"],"seats":1,"starts_on":"2026-03-02",
    "ends_on":"2026-09-01","pay":{"amount":"1300","currency":"EUR","unit":"month"},"hours_week":40,
    "workplace":{"region":"Lleida"},"beds":1}]},
    "request_id":"{request}"}"#;
const MOVE: &str = r#"{"placement_id":"{id}","move":{"command":"AddRecord","occurred_on":"2026-10-01","version":"999999",
    "kind":"STATEMENT"},"request_id":"{request}"}"#;
const MOVES: &str = r#"{"moves":[{"placement_id":"{id}","command":"AddRecord","occurred_on":"2026-10-01",
    "version":"999999","kind":"STATEMENT"}],"request_id":"{request}"}"#;

pub(super) const ROWS: &[Row] = &[
    row("programme.RegisterOrganisation", OPERATOR, Nothing, EMPTY),
    row("programme.ListOrganisations", ALL, Nothing, PAGE),
    row("programme.OpenCorridor", OPERATOR, Nothing, EMPTY),
    row("programme.GetCorridor", ALL, One(T::Corridor, "code"), r#"{"code":"{id}"}"#),
    row("programme.ListCorridors", ALL, Nothing, PAGE),
    row("programme.PublishRulePack", OPERATOR, Nothing, EMPTY),
    row("programme.GetRulePackInForce", ALL, One(T::Corridor, "code"), r#"{"code":"{id}","on":"2026-01-01"}"#),
    row("programme.ListRulePacks", ALL, Nothing, PAGE),
    row("programme.PlanSeason", OPERATOR, Nothing, EMPTY),
    row("programme.ListSeasons", ALL, Nothing, PAGE),
    row(
        "programme.SetQuota",
        OPERATOR,
        One(T::Corridor, "corridor_code"),
        r#"{"corridor_code":"{id}","season_code":"2026","sector":"A01","cap":1,"request_id":"{request}"}"#,
    ),
    row(
        "programme.ReleaseReserve",
        OPERATOR,
        One(T::Quota, "quota_id"),
        r#"{"quota_id":"{id}","units":1,"request_id":"{request}"}"#,
    ),
    row("programme.ListQuotas", ALL, Nothing, PAGE),
    row("programme.Tally", COUNTERS, Nothing, EMPTY),
    row("demand.RegisterEmployer", POSTERS, Nothing, EMPTY),
    row("demand.ListEmployers", READERS, Own(T::Employer), PAGE),
    row("demand.PostJobOrder", POSTERS, One(T::OwnEmployer, "order"), ORDER),
    row("demand.GetJobOrder", READERS, One(T::Order, "order_id"), r#"{"order_id":"{id}"}"#),
    row("demand.ListJobOrders", READERS, Own(T::Order), PAGE),
    row("demand.ListJobOrders", READERS, Narrowed(T::OrderReference, "reference"), r#"{"reference":"{id}"}"#),
    row(
        "demand.BatchApproveJobOrders",
        OPERATOR,
        Each(T::Order, "order_ids"),
        r#"{"order_ids":["{id}"],"decided_on":"2026-10-01","request_id":"{request}"}"#,
    ),
    row("demand.DenyJobOrder", OPERATOR, One(T::Order, "order_id"), REASON),
    row("demand.WithdrawJobOrder", POSTERS, One(T::Order, "order_id"), REASON),
    row("demand.CreateImport", POSTERS, Nothing, EMPTY),
    row("demand.UploadImport", POSTERS, One(T::DemandImport, "import_id"), PIECE),
    row("demand.CheckImport", POSTERS, One(T::DemandImport, "import_id"), IMPORT_DEED),
    row("demand.RegisterImport", POSTERS, One(T::DemandImport, "import_id"), IMPORT_DEED),
    row("demand.DiscardImport", POSTERS, One(T::DemandImport, "import_id"), IMPORT_DEED),
    row("demand.GetImport", READERS, One(T::DemandImport, "import_id"), IMPORT),
    row("demand.ListImports", READERS, Own(T::DemandImport), PAGE),
    row("demand.ListImportRows", READERS, One(T::DemandImport, "import_id"), IMPORT),
    row("demand.Tally", COUNTERS, Nothing, EMPTY),
    row("candidate.CreateImport", MINISTRY, Nothing, EMPTY),
    row("candidate.UploadImport", MINISTRY, One(T::CandidateImport, "import_id"), PIECE),
    row("candidate.CheckImport", MINISTRY, One(T::CandidateImport, "import_id"), IMPORT_DEED),
    row("candidate.RegisterImport", MINISTRY, One(T::CandidateImport, "import_id"), IMPORT_DEED),
    row("candidate.DiscardImport", MINISTRY, One(T::CandidateImport, "import_id"), IMPORT_DEED),
    row("candidate.GetImport", MINISTRY, One(T::CandidateImport, "import_id"), IMPORT),
    row("candidate.ListImports", MINISTRY, Own(T::CandidateImport), PAGE),
    row("candidate.ListImportRows", MINISTRY, One(T::CandidateImport, "import_id"), IMPORT),
    row("candidate.ListCandidates", ROSTER, Own(T::Candidate), PAGE),
    row("candidate.ListCandidates", ROSTER, Narrowed(T::Reference, "reference"), r#"{"reference":"{id}"}"#),
    row("candidate.GetCandidateRecord", MINISTRY, Hidden(T::Candidate, "candidate_id"), r#"{"candidate_id":"{id}"}"#),
    row("candidate.GetCandidateName", NAMERS, Hidden(T::ChosenCandidate, "candidate_id"), r#"{"candidate_id":"{id}"}"#),
    row("candidate.GetCandidateRecord", MINISTRY, Hidden(T::Reference, "reference"), r#"{"reference":"{id}"}"#),
    row(
        "candidate.CorrectCandidate",
        MINISTRY,
        One(T::Candidate, "candidate_id"),
        r#"{"candidate_id":"{id}","fields":{"phone":"1"},"version":"999999","request_id":"{request}"}"#,
    ),
    row(
        "candidate.WithdrawCandidate",
        MINISTRY,
        One(T::Candidate, "candidate_id"),
        r#"{"candidate_id":"{id}","reason":"OWN_WISH","request_id":"{request}"}"#,
    ),
    row("candidate.RunDue", SCHEDULERS, Nothing, r#"{"as_of":"2016-01-01","limit":1,"request_id":"{request}"}"#),
    row("candidate.Tally", COUNTERS, Nothing, EMPTY),
    row("matching.CommitSeed", SCHEDULERS, Nothing, EMPTY),
    row("matching.ComputeRound", SCHEDULERS, Nothing, EMPTY),
    row("matching.GetRound", READERS, One(T::Round, "round_id"), r#"{"round_id":"{id}"}"#),
    row("matching.ListRounds", READERS, Nothing, PAGE),
    row("matching.ListRoundPairs", READERS, One(T::Round, "round_id"), r#"{"round_id":"{id}","page_size":1000}"#),
    row(
        "matching.ListRoundPairs",
        READERS,
        Narrowed(T::PairLine, "line_id"),
        r#"{"round_id":"{round}","line_id":"{id}"}"#,
    ),
    row(
        "matching.ListRoundPairs",
        READERS,
        Narrowed(T::PairCandidate, "candidate_id"),
        r#"{"round_id":"{round}","candidate_id":"{id}","reserves":true}"#,
    ),
    row(
        "matching.PublishRound",
        SCHEDULERS,
        One(T::Round, "round_id"),
        r#"{"round_id":"{id}","request_id":"{request}"}"#,
    ),
    row(
        "matching.DiscardRound",
        SCHEDULERS,
        One(T::Round, "round_id"),
        r#"{"round_id":"{id}","reason":"OTHER","request_id":"{request}"}"#,
    ),
    row(
        "matching.ExplainCandidate",
        READERS,
        One(T::RoundCandidate, "candidate_id"),
        r#"{"round_id":"{round}","candidate_id":"{id}"}"#,
    ),
    row("matching.ExplainLine", READERS, One(T::RoundLine, "line_id"), r#"{"round_id":"{round}","line_id":"{id}"}"#),
    row("matching.WhatIf", OPERATOR, One(T::Round, "round_id"), PAIR),
    row("matching.OverrideRound", OPERATOR, One(T::Round, "round_id"), PAIR_DEED),
    row("matching.ListRoundOverrides", &[Operator, Auditor], One(T::Round, "round_id"), r#"{"round_id":"{id}"}"#),
    row("matching.GetRoundFairness", READERS, One(T::Round, "round_id"), r#"{"round_id":"{id}"}"#),
    row("matching.SolveMarket", OPERATOR, Nothing, EMPTY),
    row("matching.Tally", COUNTERS, Nothing, EMPTY),
    row("placement.GetPlacement", READERS, One(T::Placement, "placement_id"), r#"{"placement_id":"{id}"}"#),
    row("placement.ListPlacements", READERS, Own(T::Placement), PAGE),
    row("placement.ListPlacements", READERS, Narrowed(T::PlacedLine, "line_id"), r#"{"line_id":"{id}"}"#),
    row(
        "placement.ListPlacements",
        READERS,
        Narrowed(T::PlacedCandidate, "candidate_id"),
        r#"{"candidate_id":"{id}"}"#,
    ),
    row("placement.ListPlacements", READERS, Narrowed(T::PlacedOrder, "order_id"), r#"{"order_id":"{id}"}"#),
    row("placement.MovePlacement", MOVERS, One(T::Placement, "placement_id"), MOVE),
    row("placement.BatchMovePlacements", MOVERS, Each(T::Placement, "moves"), MOVES),
    row(
        "placement.OpenLines",
        OPERATOR,
        Nothing,
        r#"{"season_code":"2026","destination":"ZZ","occurred_on":"2026-01-01","request_id":"{request}"}"#,
    ),
    row("placement.GetLine", READERS, One(T::Line, "line_id"), r#"{"line_id":"{id}"}"#),
    row("placement.ListLines", READERS, Own(T::Line), PAGE),
    row("placement.ListLines", READERS, Narrowed(T::PlacedOrder, "order_id"), r#"{"order_id":"{id}"}"#),
    row("placement.ListQuotaUse", READERS, Nothing, EMPTY),
    row("placement.RunDue", SCHEDULERS, Nothing, r#"{"as_of":"2016-01-01","limit":1,"request_id":"{request}"}"#),
    row("placement.Tally", COUNTERS, Nothing, EMPTY),
    row("monitoring.GetFlows", READERS, Nothing, EMPTY),
    row("monitoring.GetCorridorSteps", READERS, Nothing, r#"{"corridor_code":"CO-ES"}"#),
    row("monitoring.GetClockTimes", READERS, Nothing, r#"{"corridor_code":"CO-ES"}"#),
    row("monitoring.ListClocks", READERS, Nothing, EMPTY),
    row("monitoring.ListPassedOver", READERS, Narrowed(T::Placement, "placement_id"), r#"{"placement_id":"{id}"}"#),
    row("monitoring.Tally", COUNTERS, Nothing, EMPTY),
    row("monitoring.Verify", COUNTERS, Nothing, r#"{"request_id":"{request}"}"#),
    row("monitoring.GetVerification", &[Operator, Auditor, Authority, Service], Nothing, EMPTY),
    row("monitoring.WatchFlows", READERS, Nothing, EMPTY),
    row("operation.ListParkedKeys", COUNTERS, Nothing, r#"{"service":"{service}"}"#),
    row(
        "operation.ReplayParkedKey",
        OPERATOR,
        One(T::Consumer, "consumer"),
        r#"{"service":"{service}","consumer":"{id}","key":"none","request_id":"{request}"}"#,
    ),
    row(
        "operation.DiscardParkedEvent",
        OPERATOR,
        One(T::Consumer, "consumer"),
        r#"{"service":"{service}","consumer":"{id}","key":"none","reason":"OTHER","request_id":"{request}"}"#,
    ),
];
