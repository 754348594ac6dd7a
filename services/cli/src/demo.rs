//! The demo: a season on real job orders, from the order to the verified return.

mod fate;
mod person;
mod progress;
mod season;
mod setup;
mod supply;

use std::{path::PathBuf, process::ExitCode};

use platform::Shutdown;
pub(crate) use progress::FILE;
pub use progress::Progress;
use proto::monitoring::{GetFlowsResponse, Verification};
use serde::{Deserialize, Serialize};

use crate::{
    args::{Broker, DemoArgs, FlowsArgs, Scale},
    client::Session,
    commands::{
        flows,
        up::{self, Started},
        verify,
    },
    found::Found,
    house::House,
    output::{self, Output},
};

/// What is played.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Script {
    /// Chance is drawn from this number.
    pub seed: u64,
    /// The H-2A file.
    pub orders: PathBuf,
    /// Where the generated batches are kept.
    pub batches: PathBuf,
    pub size: Size,
}

/// How much is played.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Size {
    /// Rows of the H-2A file in whole cases; `None` = all.
    pub order_rows: Option<usize>,
    pub candidates: usize,
    /// Share of the founding corridors' orders.
    pub founding_scale: f64,
}

fn size(scale: Scale) -> Size {
    match scale {
        Scale::Small => Size { order_rows: Some(1000), candidates: 2_000, founding_scale: 0.1 },
        Scale::Default => Size { order_rows: None, candidates: 30_000, founding_scale: 1.0 },
        Scale::Full => Size { order_rows: None, candidates: 260_000, founding_scale: 1.0 },
    }
}

/// Everybody who acts in the demo, signed in.
pub(crate) struct Cast<'a> {
    house: &'a House,
}

impl Cast<'_> {
    /// The session of a user.
    fn sign_in(&self, user: &str) -> anyhow::Result<Session> {
        Session::with_token(&self.house.addresses, &self.house.issuer.token(user)?)
    }
}

/// Plays, prints, stays. What is told on the way goes to standard error, results to standard output.
pub(crate) async fn run(options: DemoArgs, output: &Output) -> anyhow::Result<ExitCode> {
    platform::telemetry::install("circula", platform::telemetry::PERSON_LOG)?;
    let shutdown = Shutdown::new();
    shutdown.on_signal()?;
    anyhow::ensure!(
        !(options.resume && options.up.fresh),
        "--fresh removes what --resume (CONTINUE) would go on with: choose one"
    );
    refuse_without_room(&options)?;
    refuse_without_orders(&options)?;
    let Started { house, found, _hold } = up::start(&options.up, shutdown.clone()).await?;
    let mut progress = match begin(&options, &found) {
        Ok(progress) => progress,
        Err(error) => {
            house.stop().await;
            return Err(error);
        }
    };
    let played = tokio::select! {
        played = play_and_show(&house, progress.as_mut(), output) => played,
        ended = house.wait() => ended.and_then(|()| Err(anyhow::anyhow!(
            "stopped before the season was over: --resume (`make demo CONTINUE=yes`) goes on from there"
        ))),
    };
    let all_true = match played {
        Ok(all_true) => all_true,
        Err(error) => {
            house.stop().await;
            return Err(error);
        }
    };
    if options.stay {
        let outcome = match house.found().await.and_then(|found| up::welcome(&house, &found)) {
            Ok(welcome) => {
                println!("{welcome}");
                house.wait().await
            }
            Err(error) => Err(error),
        };
        house.stop().await;
        outcome?;
        return Ok(ExitCode::SUCCESS);
    }
    house.stop().await;
    Ok(if all_true { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What an earlier run began has the size that it began with.
///
/// # Errors
/// If it is more than the embedded broker keeps.
fn refuse_without_room(options: &DemoArgs) -> anyhow::Result<()> {
    let earlier = if options.resume { Progress::find(&options.up.directory)? } else { None };
    let candidates = earlier.map_or(size(options.scale).candidates, |progress| progress.script.size.candidates);
    if options.up.kafka == Broker::Embedded && candidates >= size(Scale::Full).candidates {
        anyhow::bail!("SCALE=full makes more events than the embedded broker keeps: add KAFKA=apache");
    }
    Ok(())
}

/// The H-2A file is opened before anything of an earlier run is removed, and not only once it is its turn.
///
/// # Errors
/// If it is still to be imported and cannot be read.
fn refuse_without_orders(options: &DemoArgs) -> anyhow::Result<()> {
    let orders = if options.resume {
        match Progress::find(&options.up.directory)? {
            Some(earlier) if !earlier.is_done("orders") => earlier.script.orders,
            _ => return Ok(()),
        }
    } else {
        options.orders.clone()
    };
    let Err(error) = std::fs::File::open(&orders) else { return Ok(()) };
    anyhow::bail!(
        "the H-2A file {} cannot be read ({error}); nothing was removed or started\n  What mends it: start in the folder of the \
         checkout, or name the file with --orders",
        orders.display()
    )
}

/// The demo to play: one that begins, or the earlier one; none if there is nothing to go on with but data to show.
///
/// # Errors
/// If something was found and it was not asked for that it goes on.
fn begin(options: &DemoArgs, found: &Found) -> anyhow::Result<Option<Progress>> {
    let directory = &options.up.directory;
    if found.is_nothing() {
        let script = Script {
            seed: options.seed,
            orders: options.orders.clone(),
            batches: directory.join("batches"),
            size: size(options.scale),
        };
        return Progress::begin(script, directory).map(Some);
    }
    if !options.resume {
        up::tell(found, directory, "nothing of it was changed");
        anyhow::bail!(
            "a demo begins where nothing is: --fresh removes what was found and starts anew (what DATABASE_URL names is for \
             its owner to remove), --resume goes on with it"
        );
    }
    up::tell(found, directory, "going on with it");
    let progress = Progress::find(directory)?;
    match &progress {
        None => eprintln!("  no demo was begun there: nothing is played"),
        Some(progress) if progress.is_over() => eprintln!("  nothing is left to play"),
        Some(_) => {}
    }
    Ok(progress)
}

/// Plays the demo, if there is one, and shows the figures. True if every figure was found true.
async fn play_and_show(house: &House, progress: Option<&mut Progress>, output: &Output) -> anyhow::Result<bool> {
    let began = std::time::Instant::now();
    if let Some(progress) = progress {
        play_on(house, progress).await?;
    }
    house.settle().await?;
    let operator = Cast { house }.sign_in("operator")?;
    let all = FlowsArgs { season: String::new(), corridor: String::new() };
    let flows = flows::get(&operator, all).await?;
    let verification = verify::verify(&operator).await?;
    let seconds = began.elapsed().as_secs();
    if output.json {
        println!("{:#}", as_json(&flows, &verification, seconds)?);
    } else {
        println!("\n{}", flows::show(&flows));
        println!("\n{}\nPlayed in {seconds} s.", verify::show(&verification));
    }
    Ok(verify::all_true(&verification))
}

/// The flows and the verification, each as its own call answers it, and how long it took.
fn as_json(flows: &GetFlowsResponse, verification: &Verification, seconds: u64) -> anyhow::Result<serde_json::Value> {
    Ok(serde_json::json!({
        "flows": output::value("circula.monitoring.v1.GetFlowsResponse", flows)?,
        "verification": output::value("circula.monitoring.v1.Verification", verification)?,
        "seconds": seconds,
    }))
}

/// Sets the programme up, brings orders and candidates in, and plays both seasons to their end.
///
/// # Errors
/// The first refusal or fault that a person could not go on after.
pub async fn play(house: &House, script: &Script) -> anyhow::Result<()> {
    play_on(house, &mut Progress::new(script.clone())).await
}

/// The same from where an earlier run stopped: what is done is not done again, and what was under way is found out.
///
/// # Errors
/// The first refusal or fault that a person could not go on after.
pub async fn play_on(house: &House, progress: &mut Progress) -> anyhow::Result<()> {
    let cast = Cast { house };
    if !progress.is_done("programme") {
        setup::programme(&cast, progress).await?;
        progress.part_is_done("programme")?;
    }
    house.settle().await?;
    if !progress.is_done("orders") {
        supply::orders(&cast, progress).await?;
        progress.part_is_done("orders")?;
    }
    if !progress.is_done("candidates") {
        supply::candidates(&cast, progress).await?;
        progress.part_is_done("candidates")?;
    }
    house.settle().await?;
    for season in season::SEASONS {
        if !progress.is_done(season.code) {
            season::play(&cast, season, progress).await?;
        }
    }
    house.settle().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demo_without_its_orders_is_refused_unless_they_are_in() {
        use clap::Parser;
        let folder = tempfile::tempdir().unwrap();
        let [directory, orders] = ["house", "no.csv"].map(|name| folder.path().join(name));
        let refused = |more: &[&str]| {
            let words =
                ["circula", "demo", "--directory", directory.to_str().unwrap(), "--orders", orders.to_str().unwrap()];
            let words = words.iter().chain(more);
            let crate::args::Command::Demo(options) = crate::args::Circula::parse_from(words).command else {
                panic!("this plays a demo");
            };
            refuse_without_orders(&options).err().map(|refused| refused.to_string())
        };
        let told = refused(&["--fresh"]).unwrap();
        for said in [orders.to_str().unwrap(), "nothing was removed", "--orders"] {
            assert!(told.contains(said), "{said} is not in {told}");
        }
        assert_eq!(refused(&["--resume"]), None, "no demo was begun there");
        std::fs::create_dir(&directory).unwrap();
        let script = Script { seed: 7, orders: orders.clone(), batches: "batches".into(), size: size(Scale::Small) };
        let mut earlier = Progress::begin(script, &directory).unwrap();
        assert!(refused(&["--resume"]).is_some(), "it stopped before its orders were in");
        earlier.part_is_done("orders").unwrap();
        assert_eq!(refused(&["--resume"]), None);
        std::fs::write(&orders, "").unwrap();
        assert_eq!(refused(&["--fresh"]), None);
    }

    #[test]
    fn a_played_demo_is_one_document() {
        let flows = GetFlowsResponse { as_of: "2026-11-14".to_owned(), ..GetFlowsResponse::default() };
        let verification = Verification { figures: 191, ..Verification::default() };
        let read = as_json(&flows, &verification, 352).unwrap();
        assert_eq!((&read["flows"]["asOf"], &read["verification"]["figures"]), (&"2026-11-14".into(), &191.into()));
        assert_eq!(read["verification"]["differences"], serde_json::json!([]));
        assert_eq!(read["seconds"], 352);
    }
}
