//! The demo: a season on real job orders, from the order to the verified return.

mod fate;
mod person;
mod season;
mod setup;
mod supply;

use std::{path::PathBuf, process::ExitCode};

use platform::Shutdown;

use crate::{
    args::{Broker, DemoArgs, FlowsArgs, Scale},
    client::Session,
    commands::{flows, up, verify},
    house::House,
};

/// What is played.
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

/// Plays, prints, stays.
pub(crate) async fn run(options: DemoArgs) -> anyhow::Result<ExitCode> {
    platform::telemetry::install("circula", platform::telemetry::PERSON_LOG)?;
    let shutdown = Shutdown::new();
    shutdown.on_signal()?;
    let script = Script {
        seed: options.seed,
        orders: options.orders,
        batches: options.up.directory.join("batches"),
        size: size(options.scale),
    };
    if options.scale == Scale::Full && options.up.kafka == Broker::Embedded {
        anyhow::bail!("SCALE=full makes more events than the embedded broker keeps: add KAFKA=apache");
    }
    let (house, _hold) = up::start(&options.up, shutdown.clone()).await?;
    let played = tokio::select! {
        played = play_and_show(&house, (!options.resume).then_some(&script)) => played,
        ended = house.wait() => ended.and_then(|()| Err(anyhow::anyhow!("stopped before the season was over"))),
    };
    let all_true = match played {
        Ok(all_true) => all_true,
        Err(error) => {
            house.stop().await;
            return Err(error);
        }
    };
    if options.stay == "yes" {
        println!("{}", up::welcome(&house));
        let outcome = house.wait().await;
        house.stop().await;
        outcome?;
        return Ok(ExitCode::SUCCESS);
    }
    house.stop().await;
    Ok(if all_true { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Plays the script, if there is one, and shows the figures. True if every figure was found true.
async fn play_and_show(house: &House, script: Option<&Script>) -> anyhow::Result<bool> {
    let began = std::time::Instant::now();
    if let Some(script) = script {
        play(house, script).await?;
    }
    house.settle().await?;
    let operator = Cast { house }.sign_in("operator")?;
    let all = FlowsArgs { season: String::new(), corridor: String::new() };
    println!("\n{}", flows::show(&flows::get(&operator, all).await?));
    let verification = verify::verify(&operator).await?;
    println!("\n{}\nPlayed in {} s.", verify::show(&verification), began.elapsed().as_secs());
    Ok(verify::all_true(&verification))
}

/// Sets the programme up, brings orders and candidates in, and plays both seasons to their end.
///
/// # Errors
/// The first refusal or fault that a person could not go on after.
pub async fn play(house: &House, script: &Script) -> anyhow::Result<()> {
    let cast = Cast { house };
    setup::programme(&cast).await?;
    house.settle().await?;
    supply::orders(&cast, script).await?;
    supply::candidates(&cast, script).await?;
    house.settle().await?;
    for season in season::SEASONS {
        season::play(&cast, season, script.seed).await?;
    }
    house.settle().await
}
