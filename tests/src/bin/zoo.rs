//! `make zoo`: plants one bug of the design after the other and shows which test finds it. A bug that no test finds is a
//! hole in the tests, and the status says so.

use std::{
    collections::BTreeSet,
    io::Write,
    process::{Command, ExitCode},
};

/// How a bug is planted.
enum Planted {
    /// By `CIRCULA_BUG`, at places in the code that know its name.
    Code(&'static str),
    /// By a last migration of every service, which finds the table only where it is.
    Schema(&'static str),
}

struct Bug {
    name: &'static str,
    breaks: &'static str,
    planted: Planted,
    /// The test binaries that are run, and which of their tests.
    suite: &'static [(&'static str, &'static str)],
}

const FIRE: &[(&str, &str)] = &[("it", "fire::")];
const TENANTS: &[(&str, &str)] = &[("it", "fire::tenants")];

const fn code(name: &'static str, breaks: &'static str) -> Bug {
    Bug { name, breaks, planted: Planted::Code(name), suite: FIRE }
}

const fn schema(name: &'static str, breaks: &'static str, sql: &'static str, suite: &'static [(&str, &str)]) -> Bug {
    Bug { name, breaks, planted: Planted::Schema(sql), suite }
}

const BUGS: &[Bug] = &[
    code("inbox_dropped", "an event has its effect once"),
    code("offset_first", "offsets are committed after the database"),
    code("relay_marks_before_ack", "a row is marked on its own delivery report"),
    code("relay_by_cursor", "a row that commits late is published too"),
    code("relay_newest_first", "events of one aggregate keep their order"),
    code("relay_without_lock", "one relay publishes at a time"),
    code("relay_keeps_its_marks", "a new broker gets everything again"),
    code("no_idempotency", "a repeated command has one effect"),
    code("other_body_is_answered", "a request id belongs to one request"),
    code("answers_before_commit", "what is acknowledged is committed"),
    Bug {
        name: "cancel_unsafe",
        breaks: "a caller who goes away drops no database work",
        planted: Planted::Code("handlers_are_dropped,begin_not_cleaned"),
        suite: FIRE,
    },
    Bug {
        name: "every_tenant_sees_all",
        breaks: "a tenant sees its own",
        planted: Planted::Code("every_tenant_sees_all"),
        suite: TENANTS,
    },
    code("no_role_needed", "who has no role is told nothing"),
    code("parks_only_the_poison", "later events of a parked key wait behind it"),
    code("poison_is_skipped", "what cannot be applied is kept"),
    code("unknown_is_applied", "a handler does not act on a fact it does not know"),
    code("replay_backwards", "parked events are replayed in their order"),
    code("epoch_ignored", "events of a lost future are not applied"),
    code("deadline_ignored", "a call ends at its deadline"),
    code("everybody_is_let_in", "connections of one peer are bounded"),
    code("no_room_kept", "calls at once are bounded"),
    code("dies_at_once", "asked to stop, a service finishes what it took"),
    code("gives_up_waiting", "services start in any order"),
    schema(
        "policies_open",
        "row-level security keeps tenants apart",
        "DO $$ DECLARE p record; BEGIN
             FOR p IN SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public' AND policyname IN ('reach', 'own') LOOP
                 EXECUTE format('ALTER POLICY %I ON %I USING (true)', p.policyname, p.tablename);
             END LOOP; END $$",
        TENANTS,
    ),
];

fn main() -> ExitCode {
    let only: Vec<String> = std::env::args().skip(1).collect();
    let built = Command::new("cargo").args(["test", "--quiet", "--locked", "--workspace", "--no-run"]).status();
    assert!(built.expect("cargo runs").success(), "the house does not build");
    let mut unfound = Vec::new();
    for bug in BUGS.iter().filter(|bug| only.is_empty() || only.iter().any(|name| name == bug.name)) {
        print!("{:24} {} ... ", bug.name, bug.breaks);
        std::io::stdout().flush().expect("there is an output");
        let found = failing(bug);
        match found.first() {
            Some(first) if found.len() == 1 => println!("found by {first}"),
            Some(first) => println!("found by {first} and {} more", found.len() - 1),
            None => {
                println!("NOT FOUND");
                unfound.push(bug.name);
            }
        }
    }
    if unfound.is_empty() {
        println!("Every bug was found.");
        return ExitCode::SUCCESS;
    }
    println!("No test found: {}", unfound.join(", "));
    ExitCode::FAILURE
}

/// The tests that fail with the bug in place.
fn failing(bug: &Bug) -> BTreeSet<String> {
    let migrations = tempfile::tempdir().expect("a folder for a migration");
    let mut failed = BTreeSet::new();
    for (binary, filter) in bug.suite {
        let mut command = Command::new("cargo");
        // The whole workspace, so that everything is built once, as `make test` builds it.
        command.args(["test", "--quiet", "--locked", "--workspace", "--test", binary, "--", filter]);
        match &bug.planted {
            Planted::Code(name) => {
                command.env("CIRCULA_BUG", name);
            }
            Planted::Schema(sql) => {
                std::fs::write(migrations.path().join("9900_planted.sql"), sql).expect("a migration is written");
                command.env("CIRCULA_TEST_MIGRATIONS", migrations.path());
            }
        }
        let output = command.output().expect("cargo runs");
        let text = String::from_utf8_lossy(&output.stdout);
        let names = text.lines().filter_map(|line| line.strip_prefix("---- ")?.strip_suffix(" stdout ----"));
        failed.extend(names.map(str::to_owned));
    }
    failed
}
