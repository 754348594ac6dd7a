use std::path::Path;

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
    let directory = options.directory.display();
    if options.fresh && forget(&options.directory)? {
        println!("Removed what an earlier run left in {directory}: starting anew");
    }
    println!("Starting PostgreSQL, a broker and all services in {directory}");
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

/// Removes what an earlier run left, if anything. A data folder of root's may lie elsewhere, behind a link.
///
/// # Errors
/// If a server still runs there: a removed folder would take the data of a house that is up.
fn forget(directory: &Path) -> anyhow::Result<bool> {
    let [postgres, kafka] = ["postgres", "kafka"].map(|name| directory.join(name));
    let servers = [("PostgreSQL", local::postgres::in_use(&postgres)), ("Apache Kafka", local::kafka::in_use(&kafka))];
    for (server, process) in servers {
        if let Some(process) = process {
            anyhow::bail!(
                "{directory} is in use by a house that runs, with {server} as process {process}: nothing was removed, \
                 for --fresh would have taken its data\n  What mends it: end that house with Ctrl-C in its terminal and \
                 start again, with --fresh for a new beginning, without it (or with `make demo CONTINUE=yes`) to go on \
                 with its data; or start beside it with another --directory and --listen",
                directory = directory.display()
            );
        }
    }
    let mut found = false;
    for folder in [postgres, kafka] {
        if let Ok(target) = std::fs::read_link(folder.join("data"))
            && target.exists()
        {
            std::fs::remove_dir_all(&target)?;
        }
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
            found = true;
        }
    }
    Ok(found)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn what_a_running_server_works_on_is_not_removed() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("house");
        assert!(!forget(&directory).unwrap(), "there was nothing to remove");
        let postgres = local::postgres::Postgres::start(&directory.join("postgres")).await.unwrap();
        let process = local::postgres::in_use(&directory.join("postgres")).unwrap();
        let refused = forget(&directory).unwrap_err().to_string();
        let place = directory.display().to_string();
        for said in [place.as_str(), &format!("process {process}"), "Ctrl-C", "CONTINUE", "--directory"] {
            assert!(refused.contains(said), "{said} is not in {refused}");
        }
        assert!(directory.join("postgres/data/PG_VERSION").exists(), "its data is still there");

        postgres.stop().await.unwrap();
        // As root the data is elsewhere: the folder of the test belongs to its user alone.
        let data = std::fs::canonicalize(directory.join("postgres/data")).unwrap();
        assert!(forget(&directory).unwrap());
        assert!(!directory.join("postgres").exists() && !data.exists());
    }
}
