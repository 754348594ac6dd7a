//! Posting an order of one line.

use platform::testing::request_id;
use proto::demand::{
    JobOrder, OrderLine, Pay, Place, PostJobOrderRequest, RegisterEmployerRequest,
    demand_service_client::DemandServiceClient,
};
use tonic::transport::Channel;

use crate::{
    commands::{Peer, compare},
    load::{AsyncCaller, Serials},
    process::Process,
    stage::{Signed, Stage},
    table::Table,
};

const FILL: [(&str, &str); 5] = [
    ("organisation", "SELECT organisation_id::text FROM job_order LIMIT 1"),
    ("order", "SELECT replace(to_jsonb(o)::text, '''', '''''') FROM job_order AS o LIMIT 1"),
    ("line", "SELECT replace(to_jsonb(l)::text, '''', '''''') FROM order_line AS l LIMIT 1"),
    ("payload", "SELECT encode(payload, 'hex') FROM outbox WHERE aggregatetype = 'job_order' LIMIT 1"),
    ("answer", "SELECT encode(response, 'hex') FROM command WHERE method = 'PostJobOrder' LIMIT 1"),
];

pub(crate) async fn measure(table: &mut Table) {
    let stage = Stage::new().await;
    let process = stage.start("demand").await;
    stage.programme_known(&process).await;
    let employer_id = employer(&stage, &process).await;
    post(&stage, &process, &employer_id, "the first").await;
    stage.told("demand").await;
    drop(process);
    let peer = Peer::new(&stage, "demand", (include_str!("peer/order.sql"), &FILL)).await;
    let process = stage.start("demand").await;
    let callers = async |many: usize| callers((&stage, &process), &employer_id, many).await;
    compare(table, "post an order line", (&process, &peer), (callers, &Serials::new(usize::MAX))).await;
}

/// Callers who post orders, each over a connection of its own.
pub(crate) async fn callers((stage, process): (&Stage, &Process), employer_id: &str, many: usize) -> Vec<Caller> {
    let (channels, signed) = (stage.channels(process, many).await, stage.signed("union"));
    let caller = |channel| Caller {
        client: DemandServiceClient::new(channel),
        signed: signed.clone(),
        employer_id: employer_id.to_owned(),
    };
    channels.into_iter().map(caller).collect()
}

#[derive(Clone)]
pub(crate) struct Caller {
    client: DemandServiceClient<Channel>,
    signed: Signed,
    employer_id: String,
}

impl AsyncCaller for Caller {
    async fn call(&mut self, serial: usize) {
        let order = Some(order(&self.employer_id, &format!("B-{serial}")));
        let request = PostJobOrderRequest { order, request_id: request_id() };
        self.client.post_job_order(self.signed.call(request)).await.unwrap();
    }
}

/// An employer of the union, in a service that runs.
pub(crate) async fn employer(stage: &Stage, process: &Process) -> String {
    let request = RegisterEmployerRequest {
        name: "Farms by the Segre".to_owned(),
        country: "ES".to_owned(),
        region: "Lleida".to_owned(),
        city: "Aitona".to_owned(),
        reference: "farms".to_owned(),
        request_id: request_id(),
    };
    let mut client = DemandServiceClient::new(process.channel().await);
    client.register_employer(stage.signed("union").call(request)).await.unwrap().into_inner().id
}

/// One order, posted.
pub(crate) async fn post(stage: &Stage, process: &Process, employer_id: &str, reference: &str) {
    let mut client = DemandServiceClient::new(process.channel().await);
    let request = PostJobOrderRequest { order: Some(order(employer_id, reference)), request_id: request_id() };
    client.post_job_order(stage.signed("union").call(request)).await.unwrap();
}

fn order(employer_id: &str, reference: &str) -> JobOrder {
    JobOrder {
        reference: reference.to_owned(),
        employer_id: employer_id.to_owned(),
        destination: "ES".to_owned(),
        season_code: "2026".to_owned(),
        filed_on: "2025-12-31".to_owned(),
        lines: vec![OrderLine {
            title: "Peach picking".to_owned(),
            isco_codes: vec!["9211".to_owned()],
            seats: 9,
            starts_on: "2026-04-01".to_owned(),
            ends_on: "2026-09-30".to_owned(),
            workplace: Some(Place { city: "Aitona".to_owned(), region: "Lleida".to_owned(), country: "ES".to_owned() }),
            pay: Some(Pay { amount: "9.40".to_owned(), currency: "EUR".to_owned(), unit: "hour".to_owned() }),
            hours_week: 40,
            substitutes: true,
            origins: vec!["CO".to_owned()],
            beds: 9,
            ..OrderLine::default()
        }],
        ..JobOrder::default()
    }
}
