use platform::Shutdown;

use crate::{
    args::UpArgs,
    cast,
    house::{House, Plan},
};

/// Starts the house, says what is where, and stays until Ctrl-C.
pub(crate) async fn run(options: UpArgs) -> anyhow::Result<()> {
    platform::telemetry::install("circula", platform::telemetry::PERSON_LOG)?;
    let shutdown = Shutdown::new();
    shutdown.on_signal()?;
    let house = start(&options, shutdown).await?;
    println!("{}", welcome(&house));
    let outcome = house.wait().await;
    house.stop().await;
    outcome
}

/// Starts a house in the directory named, anew if asked.
pub(crate) async fn start(options: &UpArgs, shutdown: Shutdown) -> anyhow::Result<House> {
    if options.fresh && options.directory.exists() {
        forget(&options.directory)?;
    }
    let plan = Plan {
        directory: options.directory.clone(),
        postgres: platform::config::variable("DATABASE_URL"),
        brokers: platform::config::variable("KAFKA_BROKERS"),
        prefix: String::new(),
        kafka: options.kafka,
        listen: options.listen,
    };
    House::start(plan, shutdown).await
}

/// Removes what an earlier run left. A data folder of root's may lie elsewhere, behind a link.
fn forget(directory: &std::path::Path) -> anyhow::Result<()> {
    for name in ["postgres", "kafka"] {
        let folder = directory.join(name);
        if let Ok(target) = std::fs::read_link(folder.join("data"))
            && target.exists()
        {
            std::fs::remove_dir_all(&target)?;
        }
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
    }
    Ok(())
}

/// Which address answers what, who may sign in, what to try, how to stop.
pub(crate) fn welcome(house: &House) -> String {
    let addresses = &house.addresses;
    let users: Vec<String> = cast::users().into_iter().map(|user| user.name).collect();
    let mut text = format!(
        "\nThe house is up.\n\n  Console           {gateway}/\n  HTTP+JSON         {gateway}/v1/…, described at {gateway}/docs and {gateway}/openapi.json\n",
        gateway = addresses.gateway
    );
    for (name, url) in &addresses.services {
        let admin = addresses.admin.get(name).map(String::as_str).unwrap_or_default();
        text.push_str(&format!("  gRPC {name:<12} {url}   health and metrics {admin}/readyz, /metrics\n"));
    }
    text.push_str(&format!(
        "\n  Sign in as: {}\n\n  Try next:  circula flows · circula verify · circula round list\n             circula --as ministry-co import candidates FILE · circula round show 1 · circula explain candidate 1 ID\n  Stop:      Ctrl-C\n",
        users.join(", ")
    ));
    text
}
