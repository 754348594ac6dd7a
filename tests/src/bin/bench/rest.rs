//! How long each process takes until it is ready, and what it holds when nothing happens.

use std::time::{Duration, Instant};

use crate::{
    process::Process,
    stage::{Stage, until},
    table::{Aim, Table, median},
};

const SERVICES: [&str; 6] = ["programme", "demand", "candidate", "matching", "placement", "monitoring"];
const RUNS: usize = 3;

pub(crate) async fn measure(table: &mut Table) {
    let stage = Stage::new().await;
    let mut running = Vec::new();
    for service in SERVICES {
        // The first start makes the tables; the later ones are what a restart is.
        drop(stage.start(service).await);
        let mut took = Vec::new();
        for run in 0..RUNS {
            let began = Instant::now();
            let process = ready(&stage, service, &[]).await;
            took.push(began.elapsed().as_secs_f64());
            if run + 1 == RUNS {
                running.push((service, process));
            }
        }
        table.add((format!("start of {service} until ready"), "s"), (median(took), None), Aim::Most(2.0), "");
    }
    let began = Instant::now();
    let process = gateway(&stage, &running).await;
    let took = began.elapsed().as_secs_f64();
    table.add(("start of gateway until ready", "s"), (took, None), Aim::Most(2.0), "");
    running.push(("gateway", process));
    // What a start needed and gives back is not what is held at rest.
    tokio::time::sleep(Duration::from_secs(5)).await;
    for (service, process) in &running {
        let memory = process.memory() as f64 / 1024.0;
        table.add((format!("memory of {service} at rest"), "MiB"), (memory, None), Aim::Most(60.0), "");
    }
}

async fn ready(stage: &Stage, service: &str, environment: &[(&str, &str)]) -> Process {
    let process = Process::start_with(&stage.bench, service, environment).await;
    until(&format!("{service} is ready"), async || matches!(process.ready().await, Some((200, _)))).await;
    process
}

async fn gateway(stage: &Stage, running: &[(&str, Process)]) -> Process {
    let mut environment: Vec<(String, String)> = running
        .iter()
        .map(|(service, process)| {
            (format!("CIRCULA_GATEWAY__SERVICES__{}", service.to_uppercase()), process.url.clone())
        })
        .collect();
    environment.push(("CIRCULA_GATEWAY__LISTEN".to_owned(), "127.0.0.1:0".to_owned()));
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    ready(stage, "gateway", &environment).await
}
