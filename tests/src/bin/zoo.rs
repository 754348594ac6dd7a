//! `make zoo`: plants one bug of the design after the other and shows which test finds it. A bug that no test finds is a
//! hole in the tests, and the status says so. What finds a bug has to be green without one: before tests are asked for the
//! first time, they run once as a control, and a test that is red in it finds nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
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
    /// Tests that should find it, by the beginning of their path; when they do not, all of [`EVERYTHING`] are asked.
    expected: &'static str,
}

const EVERYTHING: &str = "fire::";

const fn code(name: &'static str, expected: &'static str, breaks: &'static str) -> Bug {
    Bug { name, breaks, planted: Planted::Code(name), expected }
}

const fn schema(name: &'static str, expected: &'static str, breaks: &'static str, sql: &'static str) -> Bug {
    Bug { name, breaks, planted: Planted::Schema(sql), expected }
}

const BUGS: &[Bug] = &[
    code("inbox_dropped", "fire::consumers::an_effect", "an event has its effect once"),
    code("offset_first", "fire::consumers::a_consumer_killed", "offsets are committed after the database"),
    code("relay_marks_before_ack", "fire::broker", "a row is marked on its own delivery report"),
    code("relay_by_cursor", "fire::consumers::rows_of_a_slow", "a row that commits late is published too"),
    code("relay_newest_first", "fire::consumers::events_of_one", "events of one aggregate keep their order"),
    code("relay_without_lock", "fire::consumers::two_relays", "one relay publishes at a time"),
    code("place_is_believed", "fire::broker::a_place", "a place belongs to the log in which it was committed"),
    code("relay_keeps_its_marks", "fire::broker", "a new broker gets everything again"),
    code("no_idempotency", "fire::commands", "a repeated command has one effect"),
    code("other_body_is_answered", "fire::commands", "a request id belongs to one request"),
    code("answers_before_commit", "fire::commands", "what is acknowledged is committed"),
    code("published_before_commit", "fire::commands::killed", "an event is told once its change is committed"),
    Bug {
        name: "cancel_unsafe",
        breaks: "a caller who goes away drops no database work",
        planted: Planted::Code("handlers_are_dropped,begin_not_cleaned"),
        expected: "fire::commands::whenever",
    },
    code("lines_not_locked", "fire::ledgers", "a seat is looked at and taken under one lock"),
    code("seats_seen_before_lock", "fire::ledgers::the_last_seats", "what is locked is looked at again before it is taken"),
    code("quotas_not_locked", "fire::ledgers::the_last_units", "a unit is looked at and taken under one lock"),
    // A row of the outbox gets the place that its command drew, a moment before anything was locked.
    schema(
        "outbox_before_lock",
        "fire::ledgers::what_many",
        "an event gets its place while its row is locked",
        "CREATE FUNCTION planted_draw() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
             PERFORM set_config('planted.place', nextval(pg_get_serial_sequence('public.outbox', 'id'))::text, true);
             PERFORM pg_sleep(random() * 0.05);
             RETURN NEW; END $$;
         CREATE TRIGGER planted BEFORE INSERT ON command FOR EACH ROW EXECUTE FUNCTION planted_draw();
         CREATE FUNCTION planted_place() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             NEW.id := coalesce(nullif(current_setting('planted.place', true), '')::bigint, NEW.id) * 1000000 + NEW.id;
             RETURN NEW; END $$;
         CREATE TRIGGER planted BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION planted_place()",
    ),
    schema(
        "person_taken_twice",
        "fire::ledgers",
        "a person is in one place at a time",
        "DO $$ BEGIN IF to_regclass('public.occupancy') IS NOT NULL THEN
             ALTER TABLE occupancy DROP CONSTRAINT occupancy_once; END IF; END $$",
    ),
    schema(
        "older_state_overwrites",
        "fire::consumers::the_newest_state",
        "an older state never takes the place of a newer one",
        "CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             EXECUTE format('DELETE FROM %I WHERE id = $1', TG_TABLE_NAME) USING NEW.id; RETURN NEW; END $$;
         DO $$ BEGIN IF to_regclass('public.season_record') IS NOT NULL AND to_regclass('public.round') IS NOT NULL THEN
             CREATE TRIGGER planted BEFORE INSERT ON organisation FOR EACH ROW EXECUTE FUNCTION planted(); END IF; END $$",
    ),
    code("every_tenant_sees_all", "fire::tenants", "a tenant sees its own"),
    code("one_query_without_tenant", "fire::tenants", "no query forgets whose rows it asks for"),
    schema(
        "policies_open",
        "fire::tenants",
        "row-level security keeps tenants apart",
        "DO $$ DECLARE p record; BEGIN
             FOR p IN SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public' AND policyname IN ('reach', 'own') LOOP
                 EXECUTE format('ALTER POLICY %I ON %I USING (true)', p.policyname, p.tablename);
             END LOOP; END $$",
    ),
    schema(
        "one_table_unforced",
        "fire::tenants",
        "no table is left out of row-level security",
        "DO $$ BEGIN IF to_regclass('public.season_record') IS NOT NULL THEN
             ALTER TABLE season_record NO FORCE ROW LEVEL SECURITY; END IF; END $$",
    ),
    schema(
        "view_of_its_owner",
        "fire::tenants",
        "a view looks with the eyes of whoever asks",
        "DO $$ BEGIN IF to_regclass('public.figure') IS NOT NULL THEN
             ALTER VIEW figure SET (security_invoker = false); END IF; END $$",
    ),
    code("no_role_needed", "fire::limits::who_has", "who has no role is told nothing"),
    code("parks_only_the_poison", "fire::consumers::poison", "later events of a parked key wait behind it"),
    code("poison_is_skipped", "fire::consumers::poison", "what cannot be applied is kept"),
    code("unknown_is_applied", "fire::consumers::a_fact", "a handler does not act on a fact it does not know"),
    code("unknown_number_is_none", "fire::consumers::a_state", "an unknown number of an enum is not taken for none"),
    code("late_for_ever", "fire::poison::what_always_takes", "what always takes too long is parked"),
    code("panics_for_ever", "fire::poison::what_always_panics", "what a handler does not survive is parked"),
    code("nul_is_kept", "fire::poison::what_has_a_nul", "a key or a reason that the database cannot hold stops nobody"),
    code("replay_without_end", "fire::poison::a_replay", "a replay ends before its call does"),
    code("waits_for_a_replay", "fire::poison::a_replay", "other keys do not wait for a replay"),
    code("replay_backwards", "fire::consumers::poison", "parked events are replayed in their order"),
    code("epoch_ignored", "fire::restore::after", "events of a lost future are not applied"),
    code("parked_of_any_life", "fire::restore::what_is_parked", "a replay passes over parked events of a lost future"),
    code("answers_are_forgotten", "fire::commands::answers", "an answer is kept for as long as is said"),
    code("large_is_read", "fire::limits::a_message_a", "a message is no larger than is said"),
    code("headers_unbounded", "fire::limits::a_message_a", "headers are no longer than is said"),
    code("deadline_ignored", "fire::limits::a_deadline", "a call ends at its deadline"),
    code("messages_are_awaited", "fire::limits::a_message_that", "a message is awaited until its call's deadline"),
    code("everybody_is_let_in", "fire::limits::hundreds", "connections of one peer are bounded"),
    code("no_room_kept", "fire::limits::calls", "calls at once are bounded"),
    code("signature_before_room", "fire::limits::calls", "no signature is checked for whom there is no room"),
    code("failure_forgotten", "fire::limits::an_issuer", "who hangs is not asked by one caller after the other"),
    code("resets_unbounded", "fire::siege::a_rapid_reset", "who resets call after call is sent away"),
    code("streams_unbounded", "fire::siege::calls_of_one", "calls of one connection are bounded"),
    code("peer_unbounded", "fire::siege::a_peer", "calls of one peer are bounded over all of its connections"),
    code("peer_sets_the_pace", "fire::siege::whoever", "calls of one peer are read no faster than is said"),
    code("requests_unpaced", "fire::gate::whoever", "requests of one peer are read no faster than is said"),
    code("peer_fills_the_gateway", "fire::gate::forms", "requests of one peer leave room at the gateway for others"),
    code("bodies_are_awaited", "fire::gate::a_body", "a body keeps its place for as long as it may take to come"),
    code("silence_is_borne", "fire::siege::a_connection", "a connection that says nothing is closed"),
    code("dies_at_once", "fire::start", "asked to stop, a service finishes what it took"),
    code("drains_for_ever", "fire::start::asked_to_stop_no", "asked to stop, a service goes within ten seconds"),
    code("gives_up_waiting", "fire::start", "services start in any order"),
    code("floor_ignored", "fire::upgrade::a_build", "a build that a schema does not fit does not start"),
];

fn main() -> ExitCode {
    let only: Vec<String> = std::env::args().skip(1).collect();
    let built = Command::new("cargo").args(["test", "--quiet", "--locked", "--workspace", "--no-run"]).status();
    assert!(built.expect("cargo runs").success(), "the house does not build");
    let unknown: Vec<&String> = only.iter().filter(|name| BUGS.iter().all(|bug| bug.name != name.as_str())).collect();
    assert!(unknown.is_empty(), "no bug has the name of {unknown:?}");
    let (mut controls, mut unfound) = (BTreeMap::new(), Vec::new());
    for bug in BUGS.iter().filter(|bug| only.is_empty() || only.iter().any(|name| name == bug.name)) {
        let mut found = finders(bug, bug.expected, &mut controls);
        if found.is_empty() {
            found = finders(bug, EVERYTHING, &mut controls);
        }
        print!("{:24} {} ... ", bug.name, bug.breaks);
        match found.first() {
            Some(first) if found.len() == 1 => println!("found by {first}"),
            Some(first) => println!("found by {first} and {} more", found.len() - 1),
            None => {
                println!("NOT FOUND");
                unfound.push(bug.name);
            }
        }
    }
    let red: BTreeSet<&String> = controls.values().flatten().collect();
    if !red.is_empty() {
        println!("Red without a bug, so that what they find counts for nothing: {red:?}");
    }
    if !unfound.is_empty() {
        println!("No test found: {}", unfound.join(", "));
    }
    if red.is_empty() && unfound.is_empty() {
        println!("Every bug was found, by tests that are green without it.");
        return ExitCode::SUCCESS;
    }
    ExitCode::FAILURE
}

/// The tests of a filter that are red with the bug and were green without one.
fn finders(
    bug: &Bug,
    filter: &'static str,
    controls: &mut BTreeMap<&'static str, BTreeSet<String>>,
) -> BTreeSet<String> {
    let control = controls.entry(filter).or_insert_with(|| {
        print!("control                  {filter} ... ");
        std::io::stdout().flush().expect("there is an output");
        let red = failing(None, filter);
        println!("{}", if red.is_empty() { "green".to_owned() } else { format!("RED without a bug: {red:?}") });
        red
    });
    failing(Some(&bug.planted), filter).difference(control).cloned().collect()
}

/// The tests, of those whose path begins with `filter`, that fail with the bug in place, or without any.
fn failing(planted: Option<&Planted>, filter: &str) -> BTreeSet<String> {
    let migrations = tempfile::tempdir().expect("a folder for a migration");
    let mut command = Command::new("cargo");
    // The whole workspace, so that everything is built once, as `make test` builds it.
    command.args(["test", "--quiet", "--locked", "--workspace", "--test", "it", "--", filter]);
    match planted {
        None => {}
        Some(Planted::Code(name)) => {
            command.env("CIRCULA_BUG", name);
        }
        Some(Planted::Schema(sql)) => {
            std::fs::write(migrations.path().join("9900_planted.sql"), sql).expect("a migration is written");
            command.env("CIRCULA_TEST_MIGRATIONS", migrations.path());
        }
    }
    let output = command.output().expect("cargo runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let names: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("---- ")?.strip_suffix(" stdout ----"))
        .map(str::to_owned)
        .collect();
    // A suite that fails without a test that failed has not seen the bug, it has not run.
    assert!(output.status.success() || !names.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let ran = text.lines().any(|line| line.starts_with("running ") && line != "running 0 tests");
    assert!(ran, "no test has a path like {filter}");
    names
}
