//! "Not yours" and "not there" are one answer; it takes the same time too, so that nobody learns from a clock which ids
//! exist.

use std::time::{Duration, Instant};

use proto::demand::{GetJobOrderRequest, demand_service_client::DemandServiceClient};
use tonic::Code;
use uuid::Uuid;

use crate::{
    load::Run,
    orders,
    stage::Stage,
    table::{Aim, Table},
};

const CALLS: usize = 3000;

pub(crate) async fn measure(table: &mut Table) {
    let stage = Stage::new().await;
    let process = stage.start("demand").await;
    stage.programme_known(&process).await;
    let employer_id = orders::employer(&stage, &process).await;
    for number in 0..200 {
        orders::post(&stage, &process, &employer_id, &format!("order {number}")).await;
    }
    let mut database = stage.database("demand").await;
    let there: Vec<Uuid> =
        sqlx::query_scalar("SELECT id FROM job_order ORDER BY id").fetch_all(&mut database).await.unwrap();
    // An employer who has none of them.
    let (mut client, signed) = (DemandServiceClient::new(process.channel().await), stage.signed("importer"));
    let (mut not_yours, mut not_there) = (Vec::new(), Vec::new());
    for call in 0..CALLS {
        let (yours, nobodys) = (there[call % there.len()], Uuid::now_v7());
        for (id, times) in [(yours, &mut not_yours), (nobodys, &mut not_there)] {
            let request = signed.call(GetJobOrderRequest { order_id: id.to_string() });
            let began = Instant::now();
            let refused = client.get_job_order(request).await.unwrap_err();
            times.push(began.elapsed().as_secs_f64());
            assert_eq!(refused.code(), Code::NotFound);
        }
    }
    let of = |times: Vec<f64>| Run::new(times, Duration::from_secs(1));
    let (ours, peer) = (of(not_yours), of(not_there));
    let note = format!("p99 {:.2} and {:.2} ms; {CALLS} calls of each in turn", ours.within(0.99), peer.within(0.99));
    table.add(
        ("an order that is not yours, beside one that is not there, p50", "ms"),
        (ours.within(0.5), Some(peer.within(0.5))),
        Aim::Same(0.1),
        note,
    );
}
