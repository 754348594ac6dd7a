//! The demo: a season on real job orders, from the order to the verified return.

mod fate;
mod person;
mod season;
mod setup;
mod supply;

use std::process::ExitCode;

use platform::Shutdown;

use crate::{
    args::{Broker, DemoArgs, FlowsArgs, Scale},
    client::Session,
    commands::{flows, up, verify},
    house::House,
};

/// How much is played at a scale.
pub(crate) struct Size {
    /// Rows of the H-2A file in whole cases; `None` = all.
    order_rows: Option<usize>,
    candidates: usize,
    /// Share of the founding corridors' orders.
    founding_scale: f64,
    /// The embedded broker keeps a bounded number of batches a partition: more events, more partitions.
    placement_partitions: i32,
}

fn size(scale: Scale) -> Size {
    match scale {
        Scale::Small => Size { order_rows: Some(1000), candidates: 2_000, founding_scale: 0.1, placement_partitions: 16 },
        Scale::Default => Size { order_rows: None, candidates: 30_000, founding_scale: 1.0, placement_partitions: 128 },
        Scale::Full => Size { order_rows: None, candidates: 260_000, founding_scale: 1.0, placement_partitions: 128 },
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
    let size = size(options.scale);
    if options.scale == Scale::Full && options.up.kafka == Broker::Embedded {
        anyhow::bail!("SCALE=full makes more events than the embedded broker keeps: add KAFKA=apache");
    }
    println!("Starting PostgreSQL, a broker and all services in {}", options.up.directory.display());
    let house = up::start(&options.up, size.placement_partitions, shutdown.clone()).await?;
    let played = tokio::select! {
        played = play(&house, &options, &size) => played,
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

/// True if every figure was found true.
async fn play(house: &House, options: &DemoArgs, size: &Size) -> anyhow::Result<bool> {
    let cast = Cast { house };
    let began = std::time::Instant::now();
    if !options.resume {
        setup::programme(&cast).await?;
        house.settle().await?;
        supply::orders(&cast, options, size).await?;
        supply::candidates(&cast, options, size).await?;
        house.settle().await?;
        for season in season::SEASONS {
            season::play(&cast, season, options.seed).await?;
        }
    }
    house.settle().await?;
    let operator = cast.sign_in("operator")?;
    let all = FlowsArgs { season: String::new(), corridor: String::new() };
    println!("\n{}", flows::show(&flows::get(&operator, all).await?));
    let verification = verify::verify(&operator).await?;
    println!("\n{}\nPlayed in {} s.", verify::show(&verification), began.elapsed().as_secs());
    Ok(verify::all_true(&verification))
}
