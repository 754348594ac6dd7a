//! What a good caller notices while others mean harm.

use std::{
    net::SocketAddr,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::{TcpSocket, TcpStream},
    process::{Child, Command},
};

use crate::{
    attack::besiege,
    load::{Run, Serials, paced},
    orders,
    process::Process,
    stage::Stage,
    table::{Aim, Table, median},
};

/// Orders a second that the good callers post, over how many connections and for how long.
const RATE: f64 = 50.0;
const CALLERS: usize = 8;
const LASTS: Duration = Duration::from_secs(8);
const RUNS: usize = 3;
/// Connections of one wave.
const WAVE: usize = 200;
/// What makes this program the attacker's.
pub(crate) const WORD: &str = "--attack";

pub(crate) async fn measure(table: &mut Table) {
    let stage = Stage::new().await;
    let process = stage.start("demand").await;
    stage.programme_known(&process).await;
    let employer_id = orders::employer(&stage, &process).await;
    let callers = orders::callers((&stage, &process), &employer_id, CALLERS).await;
    let serials = Serials::new(usize::MAX);
    let run = async || paced(&callers, (RATE, LASTS), &serials).await;
    run().await;
    let (mut quiet, mut besieged): (Vec<Run>, Vec<Run>) = (Vec::new(), Vec::new());
    let (mut resets, mut waves) = (0, 0);
    for _ in 0..RUNS {
        quiet.push(run().await);
        let attack = Attack::begin(&process);
        besieged.push(run().await);
        let (some, more) = attack.end().await;
        (resets, waves) = (resets + some, waves + more);
    }
    let of = |runs: &[Run], share: f64| median(runs.iter().map(|run| run.within(share)).collect());
    let note = format!(
        "{RATE} orders a second; p50 {:.1}, quiet {:.1} ms; {waves} waves of {WAVE} silent, half-open and garbled \
         connections, and {resets} calls begun and reset at once, of which the client lets out what it may",
        of(&besieged, 0.5),
        of(&quiet, 0.5)
    );
    let (ours, peer) = (of(&besieged, 0.99), of(&quiet, 0.99));
    table.add(("post an order line under attack, p99, beside quiet", "ms"), (ours, Some(peer)), Aim::Times(2.0), note);
    let memory = process.memory() as f64 / 1024.0;
    table.add(("memory of demand after it", "MiB"), (memory, None), Aim::None, "under attack");
}

/// An attack that goes on until it is told to end: this program once more, at the lowest priority. Who attacks brings a
/// machine of his own; here he shall take from the house what the house spends on him, not the processor itself.
struct Attack(Child);

impl Attack {
    fn begin(process: &Process) -> Self {
        let child = Command::new("nice")
            .args(["-n", "19"])
            .arg(std::env::current_exe().unwrap())
            .args([WORD, &process.address().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        Self(child.expect("nice starts the attacker"))
    }

    /// Calls reset, and waves.
    async fn end(mut self) -> (usize, usize) {
        drop(self.0.stdin.take());
        let said = self.0.wait_with_output().await.unwrap();
        let said = String::from_utf8(said.stdout).unwrap();
        let (resets, waves) = said.trim().split_once(' ').expect("the attacker says what it did");
        (resets.parse().unwrap(), waves.parse().unwrap())
    }
}

/// The attacker's program: attacks until its input ends, then says how many calls it reset and how many waves there were.
pub(crate) async fn attack(address: SocketAddr) {
    let over = Arc::new(AtomicBool::new(false));
    let done = over.clone();
    let resets = tokio::spawn(async move {
        let mut sent = 0;
        while !done.load(Ordering::Relaxed) {
            sent += rapid_reset(address, 10_000).await;
        }
        sent
    });
    let done = over.clone();
    let waves = tokio::task::spawn_blocking(move || {
        let mut waves = 0;
        while !done.load(Ordering::Relaxed) {
            let open = besiege(address, WAVE);
            std::thread::sleep(Duration::from_millis(500));
            drop(open);
            waves += 1;
        }
        waves
    });
    tokio::io::copy(&mut tokio::io::stdin(), &mut tokio::io::sink()).await.unwrap();
    over.store(true, Ordering::Relaxed);
    println!("{} {}", resets.await.unwrap(), waves.await.unwrap());
}

/// A connection from another address of this machine, so that the attacker's limits are his own.
async fn elsewhere(address: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 2], 0).into())?;
    socket.connect(address).await
}

/// Begins calls over one connection and resets each at once, until the other side closes it or there were `many`; answers
/// how many. Those that the client still holds back when they are reset never leave it.
async fn rapid_reset(address: SocketAddr, many: usize) -> usize {
    let Ok(stream) = elsewhere(address).await else { return 0 };
    let Ok((mut attacker, connection)) = h2::client::handshake(stream).await else { return 0 };
    let gone = tokio::spawn(connection);
    let mut sent = 0;
    for _ in 0..many {
        let Ok(ready) = attacker.clone().ready().await else { break };
        attacker = ready;
        let uri = format!("http://{address}/circula.programme.v1.ProgrammeService/ListOrganisations");
        let request = http::Request::post(uri).header("content-type", "application/grpc").body(());
        let request = request.expect("an address makes a request");
        let Ok((_, mut body)) = attacker.send_request(request, false) else { break };
        body.send_reset(h2::Reason::CANCEL);
        sent += 1;
    }
    drop(attacker);
    tokio::time::timeout(Duration::from_secs(20), gone).await.ok();
    sent
}
