use std::{
    io,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    time::Duration,
};

use local::hold::{self, Hold};
use platform::Shutdown;

use crate::{
    args::UpArgs,
    cast, demo,
    found::Found,
    house::{House, Plan},
    output::{Output, spinner, table, whole},
};

/// How long a house that goes on with its data waits for the one before it to end.
const PREDECESSOR: Duration = Duration::from_secs(20);

/// What mends it that a house has the directory.
const MEND: &str = "end that house with Ctrl-C in its terminal and start again, with --fresh for a new beginning, without it \
    (or with `make demo CONTINUE=yes`) to go on with its data; or start beside it with another --directory and --listen";

/// Starts the house, says what is where, and stays until Ctrl-C. What is told on the way goes to standard error.
pub(crate) async fn run(options: UpArgs, output: &Output) -> anyhow::Result<()> {
    platform::telemetry::install("circula", platform::telemetry::PERSON_LOG)?;
    let shutdown = Shutdown::new();
    shutdown.on_signal()?;
    let Started { house, found, _hold } = start(&options, shutdown).await?;
    tell(&found, &options.directory, "going on with it");
    if output.json {
        println!("{:#}", as_json(&house)?);
    } else {
        println!("{}", welcome(&house, &found)?);
    }
    let outcome = house.wait().await;
    house.stop().await;
    outcome
}

/// A house that has started.
pub(crate) struct Started {
    pub(crate) house: House,
    /// What an earlier run had left in it.
    pub(crate) found: Found,
    /// Keep it until the house has stopped.
    pub(crate) _hold: Hold,
}

/// Starts a house in the directory named, anew if asked.
pub(crate) async fn start(options: &UpArgs, shutdown: Shutdown) -> anyhow::Result<Started> {
    let patience = if options.fresh { Duration::ZERO } else { PREDECESSOR };
    let hold = tokio::select! {
        held = hold(&options.directory, patience) => held?,
        () = shutdown.wait() => anyhow::bail!("stopped before anything was removed or started"),
    };
    refuse_if_taken(options.listen)?;
    let directory = options.directory.display();
    if options.fresh {
        begin_anew(&options.directory, &shutdown).await?;
    }
    eprintln!("Starting PostgreSQL, a broker and all services in {directory}");
    let plan = Plan {
        directory: options.directory.clone(),
        postgres: platform::config::variable("DATABASE_URL"),
        brokers: platform::config::variable("KAFKA_BROKERS"),
        prefix: String::new(),
        kafka: options.kafka,
        listen: options.listen,
        users: cast::users(),
    };
    // A terminal tells the programs that a start runs as well: what they say of their end is not why it ended.
    let house = House::start(plan, shutdown.clone())
        .await
        .map_err(|error| if shutdown.asked() { error.context("stopped before the house was up") } else { error })?;
    let found = house.found().await?;
    Ok(Started { house, found, _hold: hold })
}

/// Says what an earlier run left, if anything, and what becomes of it.
pub(crate) fn tell(found: &Found, directory: &Path, becomes: &str) {
    if found.is_nothing() {
        return;
    }
    eprintln!("Found in {} what an earlier run left; {becomes}:\n{}", directory.display(), found.in_words());
    match demo::Progress::find(directory) {
        Ok(Some(progress)) => eprintln!("  {}", progress.in_words()),
        Ok(None) => {}
        Err(error) => eprintln!("  how far its demo came cannot be told: {error:#}"),
    }
}

/// Says what an earlier run left in the directory, and removes it.
///
/// # Errors
/// If a server still runs there, or it was asked to stop before anything was removed.
async fn begin_anew(directory: &Path, shutdown: &Shutdown) -> anyhow::Result<()> {
    refuse_if_used(directory)?;
    if directory.join("postgres/data").exists() {
        let progress = spinner("looking at what an earlier run left");
        let found = look(directory).await;
        progress.finish_and_clear();
        match found {
            Ok(found) => tell(&found, directory, "it is removed"),
            Err(error) => eprintln!("Found the data of an earlier run, which cannot be read: {error:#}"),
        }
    }
    anyhow::ensure!(!shutdown.asked(), "stopped before anything was removed");
    if forget(directory)? {
        eprintln!("Removed what an earlier run left in {}: starting anew", directory.display());
    }
    Ok(())
}

/// Counts in the databases of a directory where no house runs.
async fn look(directory: &Path) -> anyhow::Result<Found> {
    let postgres = local::postgres::Postgres::start(&directory.join("postgres")).await?;
    let found = Found::look(postgres.url(), "").await;
    postgres.stop().await?;
    found
}

/// Takes the directory before anything else: in its first seconds a house has no server yet that could be found there.
/// Says so if it has to wait.
///
/// # Errors
/// If another house has it.
async fn hold(directory: &Path, patience: Duration) -> anyhow::Result<Hold> {
    if let Some(hold) = Hold::take(directory, Duration::ZERO).await? {
        return Ok(hold);
    }
    let process = hold::taker(directory).map(|process| format!(", process {process}")).unwrap_or_default();
    let used = format!("{} is in use by a house that starts or runs{process}", directory.display());
    if !patience.is_zero() {
        eprintln!("{used}: waiting {} s for it to end", patience.as_secs());
        if let Some(hold) = Hold::take(directory, patience).await? {
            return Ok(hold);
        }
    }
    anyhow::bail!("{used}: nothing was removed or started\n  What mends it: {MEND}")
}

/// Tries the console's address and lets it go again: what would end the start late is said before anything is removed.
///
/// # Errors
/// If nobody can listen there now.
fn refuse_if_taken(listen: SocketAddr) -> anyhow::Result<()> {
    let Err(error) = TcpListener::bind(listen) else { return Ok(()) };
    let why = match error.kind() {
        io::ErrorKind::AddrInUse => "another program has taken that address",
        io::ErrorKind::AddrNotAvailable => "that is no address of this machine",
        _ => "the system does not allow it",
    };
    anyhow::bail!(
        "the console cannot listen on {listen}: {why} ({error}); nothing was removed or started\n  What mends it: name \
         another address with --listen or CIRCULA_LISTEN, such as CIRCULA_LISTEN=127.0.0.1:0 for any port that is free; or \
         end the program that has this one"
    )
}

/// # Errors
/// If a server still runs there: a removed folder would take the data of a house that is up.
fn refuse_if_used(directory: &Path) -> anyhow::Result<()> {
    let [postgres, kafka] = ["postgres", "kafka"].map(|name| directory.join(name));
    let servers = [("PostgreSQL", local::postgres::in_use(&postgres)), ("Apache Kafka", local::kafka::in_use(&kafka))];
    for (server, process) in servers {
        if let Some(process) = process {
            anyhow::bail!(
                "{directory} is in use by a house that runs, with {server} as process {process}: nothing was removed, \
                 for --fresh would have taken its data\n  What mends it: {MEND}",
                directory = directory.display()
            );
        }
    }
    Ok(())
}

/// Removes what an earlier run left, if anything. A data folder of root's may lie elsewhere, behind a link.
///
/// # Errors
/// If a server still runs there, or something cannot be removed.
fn forget(directory: &Path) -> anyhow::Result<bool> {
    refuse_if_used(directory)?;
    let mut found = false;
    match std::fs::remove_file(directory.join(demo::FILE)) {
        Ok(()) => found = true,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    for folder in ["postgres", "kafka"].map(|name| directory.join(name)) {
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

/// Which address answers what, who may sign in, what to try with what is there, how to stop.
///
/// # Errors
/// If PostgreSQL's URL is none.
pub(crate) fn welcome(house: &House, found: &Found) -> anyhow::Result<String> {
    let users: Vec<String> = cast::users().into_iter().map(|user| user.name).collect();
    let answers = whole(table(&["What", "Address", "Answers"], answers(house)?, false), &[1]);
    let mut text = format!("\nThe house is up.\n\n{answers}\n\n  Sign in as: {}\n\n  Try next:\n", users.join(", "));
    for line in next(&program(), house.directory(), found) {
        text.push_str(&format!("    {line}\n"));
    }
    if found.is_nothing() {
        text.push_str(&to_fill_it(&program(), house.directory()));
    }
    text.push_str("\n  Stop: Ctrl-C\n");
    Ok(text)
}

/// Where what listens, for machines: `addresses` as in house.json, and what is not in there.
fn as_json(house: &House) -> anyhow::Result<serde_json::Value> {
    let users: Vec<String> = cast::users().into_iter().map(|user| user.name).collect();
    Ok(serde_json::json!({
        "house": house.directory().join("house.json"),
        "addresses": house.addresses,
        "postgres": house.psql("placement")?,
        "broker": house.broker().0,
        "users": users,
    }))
}

/// Which address answers what.
fn answers(house: &House) -> anyhow::Result<Vec<Vec<String>>> {
    let addresses = &house.addresses;
    let (gateway, issuer) = (&addresses.gateway, &addresses.issuer);
    let metrics = "/readyz, /livez, /metrics";
    let row = |what: &str, address: &str, answers: &str| vec![what.to_owned(), address.to_owned(), answers.to_owned()];
    let mut rows = vec![
        row("console", &format!("{gateway}/"), "people, in a browser"),
        row("HTTP+JSON", &format!("{gateway}/v1/"), "machines with a token; described at /docs and /openapi.json"),
    ];
    for (name, url) in &addresses.services {
        rows.push(row(name, url, "gRPC"));
    }
    for (name, url) in &addresses.admin {
        rows.push(row(&format!("{name}, health"), url, metrics));
    }
    let token = format!("tokens: curl -d grant_type=client_credentials -d username=operator {issuer}/token");
    rows.push(row("token issuer", issuer, &token));
    let (broker, kind) = house.broker();
    rows.push(row("broker", broker, &format!("Kafka's protocol: {kind}")));
    let psql = house.psql("placement")?;
    rows.push(row("PostgreSQL", &psql, &format!("psql {psql}; a database for each service, by its name")));
    Ok(rows)
}

/// Commands that do something as they stand, pasted into another terminal in the same folder: what there is to show depends
/// on what is there.
fn next(program: &str, directory: &Path, found: &Found) -> Vec<String> {
    let place = |name: &str| pasted(&directory.join(name));
    // What every command looks for if not told where the house is.
    let here = directory == Path::new(".circula");
    let circula = if here { program.to_owned() } else { format!("{program} --house {}", place("house.json")) };
    let batch = place("batch.csv");
    let mut lines = Vec::new();
    if found.orders > 0 {
        lines.push(format!("{circula} flows"));
    }
    lines.push(format!("{circula} verify"));
    // Placements come of a round that went out.
    if !found.placements.is_empty() {
        let shown = ["list", "show 1", "pairs 1 --size 10"];
        lines.extend(shown.map(|what| format!("{circula} round {what}")));
    }
    lines.push(format!("{program} generate candidates --origin CO --count 100 --seed 8 --out {batch}"));
    if found.organisations > 0 {
        lines.push(format!("{circula} --as ministry-co import candidates {batch} --check-only"));
    }
    lines
}

/// How an empty house comes to something to show: no command here sets a programme up but the demo.
fn to_fill_it(program: &str, directory: &Path) -> String {
    let demo = format!("{program} demo --scale small --directory {}", pasted(directory));
    format!("\n  Nothing is set up here yet. To have a season played in it, stop this house, then:\n    {demo}\n")
}

/// This program as a shell in the current folder is to be told: it is on no `PATH` where `make demo` built it.
fn program() -> String {
    let Ok(program) = std::env::current_exe() else {
        return "circula".to_owned();
    };
    pasted(&std::env::current_dir().map_or_else(|_| program.clone(), |here| below(&program, &here)))
}

/// The path from `here`, if the file lies below it, else its own. A bare name would be looked for on the `PATH`.
fn below(file: &Path, here: &Path) -> PathBuf {
    match file.strip_prefix(here) {
        Ok(path) if path.components().count() == 1 => Path::new(".").join(path),
        Ok(path) => path.to_owned(),
        Err(_) => file.to_owned(),
    }
}

/// A path as a shell reads it.
fn pasted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |sign: char| sign.is_alphanumeric() || "/._-+@:,".contains(sign);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
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

    /// `circula up --fresh`.
    fn anew(directory: &Path, listen: &str) -> UpArgs {
        use clap::Parser;
        let words = ["circula", "up", "--fresh", "--directory", directory.to_str().unwrap(), "--listen", listen];
        let crate::args::Command::Up(options) = crate::args::Circula::parse_from(words).command else {
            panic!("this starts a house");
        };
        options
    }

    #[tokio::test]
    async fn nothing_is_removed_for_a_house_whose_address_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("postgres/data")).unwrap();
        std::fs::write(folder.path().join(demo::FILE), "{}").unwrap();
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = other.local_addr().unwrap().to_string();
        let refused = start(&anew(folder.path(), &listen), Shutdown::new()).await.err().unwrap().to_string();
        for said in [listen.as_str(), "another program", "nothing was removed", "--listen", "CIRCULA_LISTEN=127"] {
            assert!(refused.contains(said), "{said} is not in {refused}");
        }
        assert!(folder.path().join("postgres/data").exists() && folder.path().join(demo::FILE).exists());

        // Another test may be given the address as soon as it is free.
        platform::testing::eventually("an address is free once nobody listens there", async || {
            let other = TcpListener::bind("127.0.0.1:0").unwrap();
            let listen = other.local_addr().unwrap();
            assert!(refuse_if_taken(listen).is_err(), "somebody listens there");
            drop(other);
            refuse_if_taken(listen).ok()
        })
        .await;
    }

    #[tokio::test]
    async fn a_house_in_its_first_seconds_is_not_removed() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("house");
        let first = hold(&directory, Duration::ZERO).await.unwrap();
        // What PostgreSQL has begun to make, and no process to be found yet.
        std::fs::create_dir_all(directory.join("postgres/data")).unwrap();
        let refused = start(&anew(&directory, "127.0.0.1:0"), Shutdown::new()).await.err().unwrap().to_string();
        let process = format!("process {}", std::process::id());
        for said in [directory.to_str().unwrap(), &process, "nothing was removed", "Ctrl-C", "--directory"] {
            assert!(refused.contains(said), "{said} is not in {refused}");
        }
        assert!(directory.join("postgres/data").exists());
        drop(first);
        hold(&directory, Duration::ZERO).await.unwrap();
        assert!(forget(&directory).unwrap(), "and then it may go");
        assert!(directory.join("lock").exists() && !directory.join("postgres").exists(), "the lock stays in its place");
    }

    #[test]
    fn commands_can_be_pasted_where_the_house_was_started() {
        let here = Path::new("/home/a/circula");
        let told = |file: &str| pasted(&below(Path::new(file), here));
        assert_eq!(told("/home/a/circula/target/debug/circula"), "target/debug/circula");
        assert_eq!(told("/home/a/circula/circula"), "./circula");
        assert_eq!(told("/var/cache/target/debug/circula"), "/var/cache/target/debug/circula");
        assert_eq!(told("/home/a b/it's/circula"), r"'/home/a b/it'\''s/circula'");

        let played = Found {
            organisations: 13,
            orders: 1204,
            placements: vec![(proto::placement::Stage::Working, 12)],
            ..Found::default()
        };
        assert_eq!(next("x/circula", Path::new(".circula"), &played)[0], "x/circula flows");
        let elsewhere = next("x/circula", Path::new("/srv/house"), &played);
        assert_eq!(elsewhere[0], "x/circula --house /srv/house/house.json flows");
        let empty = next("circula", Path::new(".circula"), &Found::default());
        let fill = to_fill_it("circula", Path::new("/srv/house"));
        let fill = vec![fill.lines().next_back().unwrap().trim().to_owned()];
        for line in [next("circula", Path::new(".circula"), &played), elsewhere, empty, fill].concat() {
            use clap::Parser;
            crate::args::Circula::try_parse_from(line.split(' ')).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }

    #[test]
    fn what_to_try_next_is_what_there_is_to_show() {
        let told = |found: &Found| next("circula", Path::new(".circula"), found).join("\n");
        let empty = told(&Found::default());
        for wanted in ["circula verify", "generate candidates"] {
            assert!(empty.contains(wanted), "{wanted} is not in\n{empty}");
        }
        for shows_nothing in ["flows", "round", "import"] {
            assert!(!empty.contains(shows_nothing), "{shows_nothing} of an empty house:\n{empty}");
        }
        let posted = told(&Found { organisations: 2, orders: 1, ..Found::default() });
        for wanted in ["circula flows", "import candidates"] {
            assert!(posted.contains(wanted), "{wanted} is not in\n{posted}");
        }
        assert!(!posted.contains("round"), "there is none yet:\n{posted}");
        let placements = vec![(proto::placement::Stage::Working, 12)];
        let played = told(&Found { organisations: 2, orders: 1, placements, ..Found::default() });
        assert!(played.contains("round list") && played.contains("round pairs 1"), "{played}");
    }
}
