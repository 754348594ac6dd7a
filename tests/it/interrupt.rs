//! Ctrl-C in a terminal: whatever `circula` is at, nothing that it started is left running. And the other way round: without
//! its PostgreSQL a house ends and says why.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    time::Duration,
};

use platform::testing::eventually;

use crate::{machines::circula, shape::repository};

/// How long a process that was told to end as well may take once `circula` has ended. One that was not told stays for ever, so
/// this is as long as any machine needs.
const GRACE: Duration = Duration::from_secs(50);

#[tokio::test]
async fn ctrl_c_at_any_moment_leaves_nothing_running() {
    let folder = tempfile::tempdir().unwrap();
    let orders = repository().join("deploy/data/h2a_fy2017.csv.gz");
    let demo = ["demo", "--scale", "small", "--listen", "127.0.0.1:0", "--orders", orders.to_str().unwrap()];
    let goes_on = [&demo[..], &["--resume"]].concat();
    let up = ["up", "--listen", "127.0.0.1:0"];
    // What is interrupted, when, whether PostgreSQL serves by then, and the status that is promised.
    for (words, moment, serves, status) in [
        (&demo[..], "Starting PostgreSQL", false, 1),
        (&demo[..], "union orders:", true, 1),
        // A round has gone out by then, and people are being moved.
        (&goes_on[..], "season 2017: month 1 of", true, 1),
        (&up[..], "Stop: Ctrl-C", true, 0),
    ] {
        let mut terminal = Terminal::run(folder.path(), words);
        terminal.reads(moment);
        let seen = family(terminal.0.id());
        assert!(!serves || seen.iter().any(|one| one.name == "postgres"), "{moment}: {seen:?}");
        terminal.interrupt();
        let ends = format!("circula ends, interrupted at {moment:?}");
        let ended = eventually(&ends, async || terminal.0.try_wait().unwrap()).await;
        assert_eq!(ended.code(), Some(status), "interrupted at {moment:?}: {ended}");
        let session = terminal.0.id();
        let gone = eventually("all of it ends", async || left(session, &seen).is_empty().then_some(()));
        let gone = tokio::time::timeout(GRACE, gone).await;
        assert!(gone.is_ok(), "interrupted at {moment:?}, this is left: {:?}", left(session, &seen));
    }
}

#[tokio::test]
async fn a_house_whose_postgresql_has_died_says_so_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::run(folder.path(), &["up", "--listen", "127.0.0.1:0"]);
    terminal.reads("Stop: Ctrl-C");
    let circula = terminal.0.id();
    let seen = family(circula);
    let server = seen.iter().find(|one| one.name == "postgres" && one.parent == circula);
    let server = server.unwrap_or_else(|| panic!("circula runs no PostgreSQL: {seen:?}"));
    Command::new("kill").args(["-KILL", &server.identity.0.to_string()]).status().unwrap();
    terminal.reads("PostgreSQL ended");
    let ended = eventually("circula ends", async || terminal.0.try_wait().unwrap()).await;
    assert_eq!(ended.code(), Some(1), "{ended}");
}

/// A program at the head of a session of its own, and what it writes.
struct Terminal(Child, Receiver<String>);

impl Terminal {
    fn run(folder: &Path, words: &[&str]) -> Self {
        let (reader, writer) = std::io::pipe().unwrap();
        let typed = circula(folder, words);
        let mut command = Command::new("setsid");
        command.arg(typed.get_program()).args(typed.get_args()).current_dir(folder);
        for (variable, value) in typed.get_envs() {
            match value {
                Some(value) => command.env(variable, value),
                None => command.env_remove(variable),
            };
        }
        command.stdin(Stdio::null()).stdout(writer.try_clone().unwrap()).stderr(writer);
        let child = command.spawn().unwrap();
        let (tell, told) = mpsc::channel();
        // Reads to the end, whoever listens: a full pipe would stop the program.
        std::thread::spawn(move || {
            for line in BufReader::new(reader).lines().map_while(Result::ok) {
                tell.send(line).ok();
            }
        });
        Self(child, told)
    }

    /// Reads up to the line that says this.
    fn reads(&self, wanted: &str) {
        let mut told = Vec::new();
        loop {
            let line = self.1.recv_timeout(Duration::from_secs(60));
            let line = line.unwrap_or_else(|error| panic!("{wanted:?} is not told ({error}):\n{}", told.join("\n")));
            if line.contains(wanted) {
                return;
            }
            told.push(line);
        }
    }

    /// Ctrl-C: a terminal tells everybody in the foreground.
    fn interrupt(&self) {
        self.signal("-INT");
    }

    fn signal(&self, name: &str) {
        Command::new("kill").args([name, "--", &format!("-{}", self.0.id())]).status().unwrap();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            self.signal("-KILL");
            self.0.wait().unwrap();
        }
    }
}

/// A process that runs.
#[derive(Debug)]
struct Running {
    name: String,
    /// Its number, and when it began: numbers are given out again.
    identity: (u32, u64),
    parent: u32,
    session: u32,
}

/// Every process. One that has ended may stay in the table until somebody asks how: it does not run.
fn running() -> Vec<Running> {
    let names = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter_map(|name| look(name.parse().ok()?)).collect()
}

fn look(process: u32) -> Option<Running> {
    let line = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in brackets, may contain anything.
    let (head, rest) = line.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    if ["Z", "X"].contains(fields.first()?) {
        return None;
    }
    Some(Running {
        name: head.split_once('(')?.1.to_owned(),
        identity: (process, fields.get(19)?.parse().ok()?),
        parent: fields.get(1)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
    })
}

/// A process and all that descend from it: those that PostgreSQL starts are in sessions of their own.
fn family(head: u32) -> Vec<Running> {
    let (mut found, mut others): (Vec<_>, Vec<_>) = running().into_iter().partition(|one| one.identity.0 == head);
    loop {
        let parents: Vec<u32> = found.iter().map(|one| one.identity.0).collect();
        let (more, rest): (Vec<_>, Vec<_>) = others.into_iter().partition(|one| parents.contains(&one.parent));
        if more.is_empty() {
            return found;
        }
        found.extend(more);
        others = rest;
    }
}

/// What runs of a session, or of those who were seen to belong to it.
fn left(session: u32, seen: &[Running]) -> Vec<Running> {
    let belongs = |one: &Running| one.session == session || seen.iter().any(|it| it.identity == one.identity);
    running().into_iter().filter(belongs).collect()
}
