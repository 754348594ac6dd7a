//! "Not yours" takes as long as "not there": not by a clock, which says something else each time, but by what the database is
//! asked for either, statement by statement.

use std::collections::BTreeMap;

use cli::house::SERVICES;
use platform::testing::Bench;
use serde_json::Value;

use super::{
    body,
    doors::Doors,
    rows::{ROWS, Row},
    world::{Instance, User, World},
};
use crate::process::Process;

/// How often two counts may differ before it is believed: a connection that had died is replaced once.
const TRIES: usize = 3;

/// Calls that ask the database for one thing where it is another's and for something else where it is not there. Starts the
/// services on what a house has left, one by one, so that each can be listened to.
pub(super) async fn faults(bench: &Bench, world: &mut World) -> Vec<String> {
    let mut processes = BTreeMap::new();
    for service in SERVICES {
        let says = [("CIRCULA_LOG", "info,sqlx::query=debug"), ("CIRCULA_LOG_FORMAT", "json")];
        let process = Process::start_with(bench, service, &says).await;
        process.channel().await;
        processes.insert(service, process);
    }
    for user in &mut world.users {
        user.token = bench.issuer.token(&user.name).unwrap();
    }
    let doors =
        Doors::without_gateway(processes.iter().map(|(name, process)| ((*name).to_owned(), process.url.clone())));
    let (mut faults, mut compared) = (Vec::new(), 0);
    for user in &world.users {
        for row in ROWS.iter().filter(|row| row.roles.contains(&user.role) && !row.names.field().is_empty()) {
            let (service, _) = row.method.split_once('.').unwrap();
            let Some(process) = processes.get(service) else { continue };
            let Some(foreign) = row.names.thing().and_then(|thing| world.foreign(thing, user)) else { continue };
            let absent = world.absent(&foreign);
            let asked = async |about: &Instance| statements(&doors, process, (row, user), about).await;
            let mut told = (Vec::new(), Vec::new());
            for _ in 0..TRIES {
                told = (asked(&foreign).await, asked(&absent).await);
                if told.0 == told.1 {
                    break;
                }
            }
            compared += usize::from(!told.0.is_empty());
            if told.0 != told.1 {
                let (name, method) = (&user.name, row.method);
                faults.push(format!("{method} by {name}: not yours asks {:?}, not there {:?}", told.0, told.1));
            }
        }
    }
    assert!(compared > 40, "{compared} calls asked the database anything");
    faults
}

/// What the database is asked while a call is answered.
async fn statements(doors: &Doors, process: &Process, (row, user): (&Row, &User), about: &Instance) -> Vec<String> {
    let (service, _) = row.method.split_once('.').unwrap();
    let before = process.log().len();
    doors.grpc(service, &doors.method(row.method), (Some(user), &body(row, service, about))).await;
    let log = process.log();
    let lines = log[before..].lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    // Relay and consumers ask outside of any call.
    let of_the_call = lines.filter(|line| line["target"] == "sqlx::query" && !line["span"].is_null());
    of_the_call.map(|line| line["fields"]["summary"].as_str().unwrap_or_default().to_owned()).collect()
}
