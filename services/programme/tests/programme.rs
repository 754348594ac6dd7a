//! The service by its gRPC, on a real PostgreSQL and a real broker.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it says")]

use std::collections::BTreeMap;

use platform::{
    Clock, Context, Refused,
    service::Bound,
    testing::{Bench, request_id, user},
};
use proto::{
    Role,
    common::TallyRequest,
    programme::{
        GetRulePackInForceRequest, ListQuotasRequest, ListRulePacksRequest, OpenCorridorRequest, OrganisationKind,
        PlanSeasonRequest, PublishRulePackRequest, Quota, RegisterOrganisationRequest, ReleaseReserveRequest,
        SetQuotaRequest, programme_service_client::ProgrammeServiceClient,
    },
};
use tonic::{Code, Status, transport::Channel};
use uuid::Uuid;

const OPERATOR: Uuid = Uuid::from_u128(1);
const MINISTRY: Uuid = Uuid::from_u128(2);

struct House {
    bench: Bench,
    client: ProgrammeServiceClient<Channel>,
}

impl House {
    async fn start() -> Self {
        let bench = Bench::new(vec![
            user("operator", OPERATOR, &[Role::Operator]),
            user("second", OPERATOR, &[Role::Operator]),
            user("ministry", MINISTRY, &[Role::Ministry]),
            user("auditor", Uuid::from_u128(3), &[Role::Auditor]),
        ])
        .await;
        let (told, bound) = tokio::sync::oneshot::channel();
        let context = Context { clock: Clock::wall(), shutdown: bench.shutdown.clone(), bound: Some(told) };
        let config = bench.config(programme::NAME).await;
        tokio::spawn(async move { programme::run(config, context).await.expect("programme runs") });
        let Bound { grpc, .. } = bound.await.expect("programme listens");
        let channel = Channel::from_shared(format!("http://{grpc}")).unwrap().connect().await.unwrap();
        Self { bench, client: ProgrammeServiceClient::new(channel) }
    }

    async fn register(&mut self, who: &str, code: &str) -> Result<String, Status> {
        let request = RegisterOrganisationRequest {
            kind: OrganisationKind::Ministry.into(),
            name: "SENA".to_owned(),
            country: "CO".to_owned(),
            code: code.to_owned(),
            request_id: request_id(),
            organisation_id: String::new(),
        };
        Ok(self.client.register_organisation(self.bench.call(who, request)).await?.into_inner().id)
    }

    async fn open(&mut self, ministry_id: &str, destination: &str) -> Result<String, Status> {
        let request = OpenCorridorRequest {
            origin: "CO".to_owned(),
            destination: destination.to_owned(),
            agreement: "Agreement of 2001".to_owned(),
            ministry_id: ministry_id.to_owned(),
            request_id: request_id(),
        };
        Ok(self.client.open_corridor(self.bench.call("operator", request)).await?.into_inner().code)
    }

    async fn plan(&mut self) -> Result<(), Status> {
        let request = PlanSeasonRequest {
            code: "2026".to_owned(),
            starts_on: "2025-10-01".to_owned(),
            ends_on: "2026-12-31".to_owned(),
            request_id: request_id(),
        };
        self.client.plan_season(self.bench.call("operator", request)).await.map(|_| ())
    }

    async fn set_quota(&mut self, cap: i32) -> Result<Quota, Status> {
        let request = SetQuotaRequest {
            corridor_code: "CO-ES".to_owned(),
            season_code: "2026".to_owned(),
            sector: "A01".to_owned(),
            cap,
            flexible_reserve: 40,
            request_id: request_id(),
        };
        Ok(self.client.set_quota(self.bench.call("operator", request)).await?.into_inner())
    }

    async fn with_quota() -> (Self, Quota) {
        let mut house = Self::start().await;
        let ministry = house.register("operator", "sena").await.unwrap();
        house.open(&ministry, "ES").await.unwrap();
        house.plan().await.unwrap();
        let quota = house.set_quota(400).await.unwrap();
        (house, quota)
    }

    async fn release(&mut self, who: &str, quota_id: &str, units: i32) -> Result<Quota, Status> {
        self.release_as_seen(who, (quota_id, 0), units).await
    }

    /// Of a quota that was looked at in this version; 0 for whichever it is.
    async fn release_as_seen(&mut self, who: &str, quota: (&str, i64), units: i32) -> Result<Quota, Status> {
        let (quota_id, expected_version) = (quota.0.to_owned(), quota.1);
        let request = ReleaseReserveRequest { quota_id, units, request_id: request_id(), expected_version };
        Ok(self.client.release_reserve(self.bench.call(who, request)).await?.into_inner())
    }

    /// What waits for a second operator, as this caller sees it; within a week it lapses.
    async fn open_releases(&mut self, who: &str) -> Vec<(String, i32, String)> {
        let request = self.bench.call(who, ListQuotasRequest::default());
        let open = self.client.list_quotas(request).await.unwrap().into_inner().open_releases;
        let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
        assert!(open.iter().all(|open| (day(&open.lapses_on) - day(&open.asked_on)).num_days() == 7));
        open.into_iter().map(|open| (open.quota_id, open.units, open.asked_by)).collect()
    }

    async fn publish(&mut self, pack: proto::programme::RulePack) -> Result<i64, Status> {
        let request = PublishRulePackRequest { pack: Some(pack), request_id: request_id() };
        Ok(self.client.publish_rule_pack(self.bench.call("operator", request)).await?.into_inner().version)
    }
}

fn reason(status: &Status) -> String {
    Refused::from_status(status).reason
}

#[tokio::test(flavor = "multi_thread")]
async fn only_operators_write_and_everybody_reads() {
    let (mut house, quota) = House::with_quota().await;
    let refused = house.register("ministry", "mine").await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::PermissionDenied, "ROLE_NEEDED"));
    let refused = house.release("ministry", &quota.id, 1).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let request = house.bench.call("ministry", ListQuotasRequest::default());
    let seen = house.client.list_quotas(request).await.unwrap().into_inner().quotas;
    assert_eq!(seen, [quota]);
    let request = house.bench.call("ministry", TallyRequest {});
    assert_eq!(house.client.tally(request).await.unwrap_err().code(), Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_content_again_is_refused_with_its_id() {
    let (mut house, quota) = House::with_quota().await;
    let again = house.register("operator", "sena").await.unwrap_err();
    assert_eq!((again.code(), reason(&again).as_str()), (Code::AlreadyExists, "EXISTS"));
    let arguments: BTreeMap<String, String> = Refused::from_status(&again).arguments.into_iter().collect();
    let ministry = arguments["id"].clone();
    let code = house.open(&ministry, "ES").await.unwrap_err();
    assert_eq!(Refused::from_status(&code).arguments[0], ("id".to_owned(), "CO-ES".to_owned()));
    assert_eq!(reason(&house.plan().await.unwrap_err()), "EXISTS");
    let same = house.set_quota(400).await.unwrap_err();
    assert_eq!(reason(&same), "EXISTS");
    assert!(Refused::from_status(&same).arguments.contains(&("id".to_owned(), quota.id)));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_does_not_change_a_cap_that_is_set() {
    let (mut house, quota) = House::with_quota().await;
    let refused = house.set_quota(500).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "QUOTA_SET"));
    let request = house.bench.call("operator", ListQuotasRequest::default());
    assert_eq!(house.client.list_quotas(request).await.unwrap().into_inner().quotas, [quota]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_of_reserve_needs_two_operators() {
    let (mut house, quota) = House::with_quota().await;
    let proposed = house.release("operator", &quota.id, 30).await.unwrap();
    assert_eq!(proposed, quota, "a proposal changes nothing");
    assert_eq!(reason(&house.release("operator", &quota.id, 30).await.unwrap_err()), "TWO_PEOPLE");
    assert_eq!(reason(&house.release("second", &quota.id, 31).await.unwrap_err()), "RELEASE_DIFFERS");
    for (who, told) in [("second", vec![(quota.id.clone(), 30, "operator".to_owned())]), ("ministry", vec![])] {
        assert_eq!(house.open_releases(who).await, told, "{who}");
    }
    let released = house.release("second", &quota.id, 30).await.unwrap();
    assert_eq!(house.open_releases("second").await, []);
    assert_eq!((released.cap, released.flexible_reserve, released.version), (430, 10, 2));
    let stale = house.release_as_seen("operator", (&quota.id, 1), 5).await.unwrap_err();
    assert_eq!(
        (stale.code(), reason(&stale).as_str()),
        (Code::Aborted, "VERSION"),
        "units moved since it was looked at"
    );
    assert_eq!(reason(&house.release_as_seen("operator", (&quota.id, 2), 11).await.unwrap_err()), "RESERVE_TOO_SMALL");
    assert_eq!(reason(&house.release("operator", &quota.id, 11).await.unwrap_err()), "RESERVE_TOO_SMALL");
    assert_eq!(house.release("operator", &quota.id, 10).await.unwrap().cap, 430, "a new proposal begins anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pack_in_force_is_the_latest_that_has_started() {
    let mut house = House::start().await;
    for pack in programme::packs::all() {
        house.publish(pack).await.unwrap();
    }
    for (on, minimum) in [("2024-06-01", "5"), ("2025-12-31", "5"), ("2026-01-01", "10"), ("2030-01-01", "10")] {
        let request = GetRulePackInForceRequest { code: "ES".to_owned(), on: on.to_owned() };
        let pack =
            house.client.get_rule_pack_in_force(house.bench.call("ministry", request)).await.unwrap().into_inner();
        let rule = pack.rules.iter().find(|rule| rule.key == "order.seats_min").unwrap();
        assert_eq!(rule.value, minimum, "on {on}");
    }
    let before = GetRulePackInForceRequest { code: "ES".to_owned(), on: "2023-12-31".to_owned() };
    let refused = house.client.get_rule_pack_in_force(house.bench.call("ministry", before)).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_is_published_once_and_never_edited() {
    let mut house = House::start().await;
    let pack = programme::packs::all().into_iter().find(|pack| pack.code == "CO-ES").unwrap();
    assert_eq!(house.publish(pack.clone()).await.unwrap(), 1);
    assert_eq!(house.publish(pack.clone()).await.unwrap(), 1);
    let mut edited = pack;
    edited.rules[0].source = "another law".to_owned();
    assert_eq!(reason(&house.publish(edited).await.unwrap_err()), "PACK_PUBLISHED");
    let request = house.bench.call("auditor", TallyRequest {});
    let tally = house.client.tally(request).await.unwrap().into_inner();
    let packs = tally.positions.iter().find(|position| position.aggregate == "rule_pack").unwrap();
    assert_eq!((packs.aggregates, packs.events), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corridor_needs_a_ministry_of_its_origin() {
    let mut house = House::start().await;
    let refused = house.open(&Uuid::from_u128(77).to_string(), "ES").await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "MINISTRY"));
    let ministry_id = house.register("operator", "sena").await.unwrap();
    let request = OpenCorridorRequest {
        origin: "GH".to_owned(),
        destination: "IT".to_owned(),
        agreement: "Pilot of 2011".to_owned(),
        ministry_id,
        request_id: request_id(),
    };
    let refused = house.client.open_corridor(house.bench.call("operator", request)).await.unwrap_err();
    let message = Refused::from_status(&refused).message;
    assert_eq!(message, "SENA is registered as MINISTRY of CO; the corridor needs a ministry of GH");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_without_gap() {
    let mut house = House::start().await;
    for pack in programme::packs::all() {
        house.publish(pack).await.unwrap();
    }
    let (mut ids, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListRulePacksRequest { code: String::new(), page_size: 5, page_token };
        let page = house.client.list_rule_packs(house.bench.call("ministry", request)).await.unwrap().into_inner();
        ids.extend(page.packs.into_iter().map(|pack| pack.id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let mut all: Vec<String> = programme::packs::all().into_iter().map(|pack| pack.id).collect();
    all.sort();
    assert_eq!(ids, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_gets_the_same_answer_and_counts_once() {
    let mut house = House::start().await;
    let ministry = house.register("operator", "sena").await.unwrap();
    let request = OpenCorridorRequest {
        origin: "CO".to_owned(),
        destination: "ES".to_owned(),
        agreement: "Agreement of 2001".to_owned(),
        ministry_id: ministry,
        request_id: request_id(),
    };
    let first = house.client.open_corridor(house.bench.call("operator", request.clone())).await.unwrap().into_inner();
    let second = house.client.open_corridor(house.bench.call("operator", request)).await.unwrap().into_inner();
    assert_eq!(first, second);
    let tally = house.client.tally(house.bench.call("operator", TallyRequest {})).await.unwrap().into_inner();
    let corridors: Vec<_> = tally.counts.iter().filter(|count| count.figure == "corridors").collect();
    assert_eq!(corridors.len(), 1);
    assert_eq!((corridors[0].corridor.as_str(), corridors[0].state.as_str(), corridors[0].value), ("CO-ES", "OPEN", 1));
}
