//! The log: from the outbox to the broker, and from the broker into a fold that was thrown away.

use std::time::{Duration, Instant};

use futures::future::join_all;
use platform::{Clock, testing::request_id};
use proto::{
    Event,
    placement::{PlacementEnvelope, placement_envelope::Aggregate},
};
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{Consumer, StreamConsumer},
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord},
};
use uuid::Uuid;

use crate::{
    process::Process,
    stage::{Stage, run, until, until_every},
    table::{Aim, Table, median},
};

const RUNS: usize = 3;
const FOLDED: &str = "circula_events_applied_total";

/// An event as it stands in an outbox: id, key, payload.
type Row = (Uuid, String, Vec<u8>);

/// `many` events a run.
pub(crate) async fn measure(table: &mut Table, many: usize) {
    let stage = Stage::new().await;
    let process = stage.start("placement").await;
    stage.programme_known(&process).await;
    stage.told("placement").await;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let rows = rows(many);
        ours.push(relayed(&stage, &rows).await);
        theirs.push(produced(&stage, &rows).await);
    }
    let note = format!("{many} placement events a run, {} bytes each", rows(1)[0].2.len());
    table.add(("relay", "events/s"), (median(ours), Some(median(theirs))), Aim::Share(0.5), note);
    let memory = process.memory() as f64 / 1024.0;
    table.add(("memory of placement after it", "MiB"), (memory, None), Aim::None, "");
    drop(process);
    rebuilt(table, &stage, RUNS * many).await;
}

/// Placements of different ids, each as the golden event has it.
fn rows(many: usize) -> Vec<Row> {
    let golden = include_bytes!("../../../../proto/fixtures/placement/v1/placement.PlacementMoved.bin");
    let clock = Clock::wall();
    let row = |_| {
        let mut event: PlacementEnvelope = prost::Message::decode(golden.as_slice()).unwrap();
        let Some(Aggregate::Placement(placement)) = &mut event.aggregate else {
            panic!("the golden event is a placement")
        };
        let state = placement.state.as_mut().unwrap();
        (state.id, state.version) = (clock.id().to_string(), 1);
        (clock.id(), state.id.clone(), prost::Message::encode_to_vec(&event))
    };
    (0..many).map(row).collect()
}

/// Events in the outbox until all are marked as published, a second. The database is asked whether one is left, by its
/// index: `/metrics` would count them all each time, on the processors that the relay needs.
async fn relayed(stage: &Stage, rows: &[Row]) -> f64 {
    const LEFT: &str = "SELECT EXISTS (SELECT FROM outbox WHERE published_at IS NULL)";
    let mut database = stage.database("placement").await;
    run(&mut database, "BEGIN").await;
    for rows in rows.chunks(10_000) {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.0).collect();
        let keys: Vec<&str> = rows.iter().map(|row| row.1.as_str()).collect();
        let payloads: Vec<&[u8]> = rows.iter().map(|row| row.2.as_slice()).collect();
        sqlx::query(
            "INSERT INTO outbox (event_id, aggregatetype, aggregateid, type, version, payload)
             SELECT id, 'placement', key, 'circula.placement.v1.PlacementMoved', 1, payload
             FROM unnest($1::uuid[], $2::text[], $3::bytea[]) AS n (id, key, payload)",
        )
        .bind(&ids)
        .bind(&keys)
        .bind(&payloads)
        .execute(&mut database)
        .await
        .unwrap();
    }
    run(&mut database, "COMMIT").await;
    let began = Instant::now();
    run(&mut database, "SET enable_seqscan = off; SET enable_bitmapscan = off").await;
    until("the relay has published all", async || {
        !sqlx::query_scalar::<_, bool>(LEFT).fetch_one(&mut database).await.unwrap()
    })
    .await;
    rows.len() as f64 / began.elapsed().as_secs_f64()
}

/// The same, by a loop that has nothing else to do: the relay's settings, as many partitions, the same headers.
async fn produced(stage: &Stage, rows: &[Row]) -> f64 {
    let config = stage.bench.config("placement").await.kafka;
    let topic = format!("{}peer-{}", stage.bench.prefix, Clock::wall().id().simple());
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", &config.brokers).create().unwrap();
    let wanted = NewTopic::new(&topic, config.partitions, TopicReplication::Fixed(1));
    admin.create_topics(&[wanted], &AdminOptions::new()).await.unwrap();
    let producer: FutureProducer = ClientConfig::new()
        .set("bootstrap.servers", &config.brokers)
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("compression.type", "lz4")
        .set("linger.ms", platform::config::KafkaConfig::default().linger_ms.to_string())
        .set("batch.size", "1000000")
        .create()
        .unwrap();
    let began = Instant::now();
    let sent = rows.iter().map(|(id, key, payload)| {
        let id = id.to_string();
        let mut headers = OwnedHeaders::new();
        for (name, value) in [
            ("ce_specversion", "1.0"),
            ("ce_id", id.as_str()),
            ("ce_source", "placement"),
            ("ce_type", "circula.placement.v1.PlacementMoved"),
            ("ce_subject", key.as_str()),
            ("ce_time", "2026-01-10T00:00:00.000Z"),
            ("content-type", "application/protobuf"),
            ("circula_epoch", "1"),
        ] {
            headers = headers.insert(Header { key: name, value: Some(value) });
        }
        producer.send(FutureRecord::to(&topic).key(key).payload(payload).headers(headers), Duration::from_secs(30))
    });
    for outcome in join_all(sent).await {
        outcome.unwrap();
    }
    rows.len() as f64 / began.elapsed().as_secs_f64()
}

/// The fold of all that was published, made anew; and a consumer that only reads it.
async fn rebuilt(table: &mut Table, stage: &Stage, many: usize) {
    let topic = format!("{}{}", stage.bench.prefix, PlacementEnvelope::TOPIC);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut memory = 0.0_f64;
    drop(stage.start("monitoring").await);
    for _ in 0..RUNS {
        forget(stage).await;
        let began = Instant::now();
        let monitoring = Process::start(&stage.bench, "monitoring").await;
        let whole = async || monitoring.metric(FOLDED).await >= Some(many as f64);
        until_every(Duration::from_millis(100), "the fold is whole", whole).await;
        ours.push(many as f64 / began.elapsed().as_secs_f64());
        stage.counted("monitoring", "SELECT count(*) FROM placement", i64::try_from(many).unwrap()).await;
        memory = memory.max(monitoring.memory() as f64 / 1024.0);
        drop(monitoring);
        theirs.push(read(stage, &topic, many).await);
    }
    let note = format!("{many} placement events, from the start of the process on");
    table.add(("projection rebuild", "events/s"), (median(ours), Some(median(theirs))), Aim::Least(20_000.0), note);
    table.add(("memory of monitoring after it", "MiB"), (memory, None), Aim::None, "");
}

/// Empties the fold and forgets how far it had come: services/monitoring/README.md says how.
async fn forget(stage: &Stage) {
    run(&mut stage.database("monitoring").await, "TRUNCATE placement").await;
    let group = format!("{}monitoring-placement", stage.bench.prefix);
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", stage.bench.brokers()).create().unwrap();
    until("the group of the fold is gone", async || {
        let outcome = admin.delete_groups(&[group.as_str()], &AdminOptions::new()).await.unwrap();
        // A group that never committed is as good as gone.
        outcome.iter().all(|one| match one {
            Ok(_) => true,
            Err((_, code)) => *code == rdkafka::types::RDKafkaErrorCode::GroupIdNotFound,
        })
    })
    .await;
}

async fn read(stage: &Stage, topic: &str, many: usize) -> f64 {
    let consumer: StreamConsumer = ClientConfig::new()
        .set("bootstrap.servers", stage.bench.brokers())
        .set("group.id", request_id())
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .create()
        .unwrap();
    consumer.subscribe(&[topic]).unwrap();
    let began = Instant::now();
    for _ in 0..many {
        consumer.recv().await.unwrap();
    }
    many as f64 / began.elapsed().as_secs_f64()
}
