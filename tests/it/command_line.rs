//! `circula` as people type it, against a played house: what one command prints, the next one takes.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use cli::house::House;
use platform::testing::request_id;
use proto::demand::{BatchApproveJobOrdersRequest, JobOrder, JobOrderState, ListJobOrdersRequest, PostJobOrderRequest};
use serde_json::Value;

use crate::season::session;

/// The program, and the folder of the house that it talks to.
struct Circula {
    program: PathBuf,
    directory: PathBuf,
}

pub(crate) async fn works(house: &House, directory: &Path) {
    let waiting = lines_wait(house).await;
    let here = std::env::current_exe().unwrap();
    let program = here.ancestors().map(|folder| folder.join("circula")).find(|path| path.is_file());
    let program = program.unwrap_or_else(|| panic!("circula is not built beside {}", here.display()));
    let circula = Circula { program, directory: directory.to_owned() };
    // The house lives on the threads of this runtime.
    let typed = tokio::task::spawn_blocking(move || {
        circula.pairs_lead_to_explanations();
        circula.a_ministry_keeps_its_records();
        circula.every_row_of_a_batch_is_reported();
        circula.placements_are_moved_once();
        circula.lines_are_opened_and_counted(waiting);
        circula.a_seed_is_committed_before_its_round();
        circula.json_is_given_or_refused();
    });
    typed.await.unwrap();
}

/// An order of 2026 to Spain, posted again under a name of its own and approved, after all lines were opened. Answers how many
/// lines it has.
async fn lines_wait(house: &House) -> usize {
    let [mut union, mut operator] = ["union-es", "operator"].map(|user| session(house, user).demand());
    let request = ListJobOrdersRequest { page_size: 1000, ..ListJobOrdersRequest::default() };
    let orders = union.list_job_orders(request).await.unwrap().into_inner().orders;
    let open = |order: &JobOrder| order.state() == JobOrderState::Open && order.season_code == "2026";
    let order = orders.into_iter().find(open).expect("an order of the season is open");
    let again = JobOrder { reference: format!("{} again", order.reference), ..order };
    let request = PostJobOrderRequest { order: Some(again), request_id: request_id() };
    let posted = union.post_job_order(request).await.unwrap().into_inner();
    let request = BatchApproveJobOrdersRequest {
        order_ids: vec![posted.id],
        decided_on: "2025-11-07".to_owned(),
        request_id: request_id(),
    };
    let approved = operator.batch_approve_job_orders(request).await.unwrap().into_inner();
    assert!(approved.results.iter().all(|result| result.refusal.is_none()), "{approved:?}");
    house.settle().await.unwrap();
    posted.lines.len()
}

impl Circula {
    fn command(&self, user: &str, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        for variable in ["CIRCULA_TOKEN", "CIRCULA_LANGUAGE", "CIRCULA_HOUSE", "CIRCULA_USER"] {
            command.env_remove(variable);
        }
        command.arg("--house").arg(self.directory.join("house.json")).args(["--as", user]).args(words);
        command.current_dir(&self.directory);
        command
    }

    fn run(&self, user: &str, words: &[&str]) -> Output {
        self.command(user, words).output().unwrap()
    }

    fn told(&self, user: &str, words: &[&str]) -> String {
        let output = self.run(user, words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, user: &str, words: &[&str]) -> Value {
        serde_json::from_str(&self.told(user, &[&["--json"], words].concat())).unwrap()
    }

    fn refused(&self, user: &str, words: &[&str]) -> String {
        let output = self.run(user, words);
        assert!(!output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }

    fn pairs_lead_to_explanations(&self) {
        let rounds = self.json("operator", &["round", "list"])["rounds"].as_array().unwrap().clone();
        let round = rounds.iter().find(|round| round["seatsFilled"].as_i64().unwrap() > 1).unwrap();
        let number = round["number"].to_string();
        let page = self.json("operator", &["round", "pairs", &number, "--size", "1"]);
        assert_eq!(page["totalSize"], round["seatsFilled"]);
        let pair = &page["pairs"][0];
        let (candidate, line) = (text(pair, "candidateId"), text(pair, "lineId"));
        let told = self.told("operator", &["round", "pairs", &number, "--size", "1"]);
        let token = text(&page, "nextPageToken");
        for wanted in [&candidate, &line, &format!("--page={token}")] {
            assert!(told.contains(wanted), "{wanted} is not in\n{told}");
        }

        let more = ["round", "pairs", &number, "--size", "1", &format!("--page={token}")];
        assert_ne!(text(&self.json("operator", &more)["pairs"][0], "candidateId"), candidate);
        let of_line = self.json("operator", &["round", "pairs", &number, "--line", &line]);
        let pairs = of_line["pairs"].as_array().unwrap();
        assert!(!pairs.is_empty() && pairs.iter().all(|pair| pair["lineId"] == line.as_str()), "{of_line}");
        let decided = text(pair, "reason");
        let word = decided.trim_start_matches("PAIR_REASON_").to_lowercase();
        let by_reason = self.json("operator", &["round", "pairs", &number, "--reason", &word]);
        let pairs = by_reason["pairs"].as_array().unwrap();
        assert!(!pairs.is_empty() && pairs.iter().all(|pair| pair["reason"] == decided.as_str()), "{by_reason}");
        let refused = self.refused("operator", &["round", "pairs", &number, "--reason", "luck"]);
        assert!(refused.contains("PAIR_REASON"), "{refused}");
        assert!(self.told("operator", &["explain", "candidate", &number, &candidate]).contains("points ="));
        assert!(self.told("operator", &["explain", "line", &number, &line]).contains("open seats filled"));
    }

    fn a_ministry_keeps_its_records(&self) {
        let ministry = "ministry-co";
        let found = self.json(ministry, &["candidate", "list", "--size", "1000"]);
        let alive = |one: &&Value| !["WITHDRAWN", "BARRED"].iter().any(|state| text(one, "state").ends_with(state));
        let candidate = text(found["candidates"].as_array().unwrap().iter().find(alive).unwrap(), "id");

        let record = self.json(ministry, &["candidate", "show", &candidate]);
        let reference = text(&record["person"], "reference");
        let told = self.told(ministry, &["--language", "es", "candidate", "find", "--reference", &reference]);
        for wanted in [&candidate, &text(&record["person"], "familyName"), "Fecha de nacimiento"] {
            assert!(told.contains(wanted), "{wanted} is not in\n{told}");
        }
        for stranger in ["operator", "ministry-gt"] {
            let refused = self.refused(stranger, &["candidate", "show", &candidate]);
            assert!(!refused.contains(&reference), "{stranger}: {refused}");
        }

        let seen = record["candidate"]["version"].to_string();
        let correct = ["candidate", "correct", &candidate, "phone=+573005550123", "--seen", &seen];
        assert_eq!(self.json(ministry, &correct)["person"]["phone"], "+573005550123");
        self.refused(ministry, &["candidate", "correct", &candidate, "phone=+573005550124", "--seen", &seen]);

        let told = self.told(ministry, &["candidate", "withdraw", &candidate, "--reason", "OWN_WISH"]);
        assert!(told.contains("withdrawn: OWN_WISH"), "{told}");
        let left = self.json(ministry, &["candidate", "list", "--state", "withdrawn", "--size", "1000"]);
        let left = left["candidates"].as_array().unwrap().clone();
        assert!(left.iter().any(|one| text(one, "id") == candidate));
        assert!(left.iter().all(|one| text(one, "state") == "CANDIDATE_STATE_WITHDRAWN"));
    }

    fn every_row_of_a_batch_is_reported(&self) {
        let ministry = "ministry-co";
        let batch = ["generate", "candidates", "--origin", "CO", "--count", "400", "--seed", "99", "--out", "b.csv"];
        self.told(ministry, &batch);
        let import = ["import", "candidates", "b.csv", "--check-only", "--report", "report.csv"];
        let checked = self.json(ministry, &import);
        let rows = checked["rows"].as_array().unwrap();
        assert_eq!(rows.len() as i64, checked["rowsRead"].as_i64().unwrap());
        let outcome = |row: &&Value| text(row, "outcome") == "ROW_OUTCOME_REFUSED";
        let refused = rows.iter().filter(outcome).count();
        assert_eq!(refused as i64, checked["rowsRefused"].as_i64().unwrap());
        assert!(refused > 0, "the batch has dirt");

        let written = |name: &str| std::fs::read_to_string(self.directory.join(name)).unwrap();
        let report = written("report.csv");
        for row in rows {
            let (number, findings) = (row["row"].as_i64().unwrap(), row["findings"].as_array().unwrap().len());
            let begin = format!("{number},");
            let lines = report.lines().filter(|line| line.starts_with(&begin)).count();
            assert_eq!(lines, findings.max(1), "row {number} in\n{report}");
        }

        let id = text(&checked, "id");
        assert!(self.told(ministry, &["batch", "list"]).contains(&id));
        let told = self.told(ministry, &["batch", "show", &id, "--report", "again.csv"]);
        assert!(told.contains("The first refused rows") && told.contains("again.csv"), "{told}");
        assert_eq!(written("again.csv"), report);
    }

    fn placements_are_moved_once(&self) {
        let user = "operator";
        let home = ["placement", "list", "--stage", "re-entry-eligible"];
        let found = self.json(user, &[&home[..], &["--size", "2"]].concat());
        let found = found["placements"].as_array().unwrap();
        let [one, other] = [0, 1].map(|at| text(&found[at], "id"));
        let ids = self.told(user, &[&home[..], &["--up-to", "2", "--ids"]].concat());
        assert_eq!(ids, format!("{one}\n{other}\n"));
        let steps = found.iter().map(|placement| placement["steps"].as_array().unwrap().last().unwrap());
        let day = steps.map(|step| text(step, "occurredOn")).max().unwrap();
        let shown = self.told(user, &["placement", "show", &one]);
        for wanted in [one.as_str(), "re-entry-eligible", "VerifyReturn", "AddRecord"] {
            assert!(shown.contains(wanted), "{wanted} is not in\n{shown}");
        }

        let version = || self.json(user, &["placement", "show", &one])["placement"]["version"].as_i64().unwrap();
        let was = version();
        let nobody = "0197f3a0-0000-7000-8000-00000000000f";
        std::fs::write(self.directory.join("ids.txt"), format!("{one}\n{nobody}\n{other}\n")).unwrap();
        let sought = ["--command", "AddRecord", "--kind", "CONTACT_ATTEMPT", "--reason", "PHONE", "--on", &day];
        let from_file = |more: &[&str]| {
            let ids = std::fs::File::open(self.directory.join("ids.txt")).unwrap();
            let words = [&["placement", "move", "-"][..], &sought[..], more].concat();
            let output = self.command(user, &words).stdin(ids).output().unwrap();
            assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        let tried = from_file(&["--dry-run"]);
        let count = "3\u{a0}read = 2\u{a0}would be made + 1\u{a0}would be refused.";
        for wanted in [count, nobody, "NOT_FOUND"] {
            assert!(tried.contains(wanted), "{wanted} is not in\n{tried}");
        }
        assert_eq!(version(), was, "nothing was changed");
        for _ in 0..2 {
            let made = from_file(&["--request-id", "0197f3a0-0000-7000-8000-0000000000aa", "--json"]);
            let made: Value = serde_json::from_str(&made).unwrap();
            assert_eq!(made["results"][0]["version"], was + 1, "{made}");
            assert_eq!(made["results"][1]["refusal"]["reason"], "NOT_FOUND", "{made}");
        }
        assert_eq!(version(), was + 1, "twice the same request has one effect");

        let seen = (was + 1).to_string();
        let of_one = ["placement", "move", one.as_str(), "--seen", seen.as_str()];
        let again = [&of_one[..], &sought[..]].concat();
        assert!(self.told(user, &again).contains("1\u{a0}read = 1\u{a0}made + 0\u{a0}refused."));
        self.refused(user, &again);
    }

    fn lines_are_opened_and_counted(&self, waiting: usize) {
        let open = |season| ["lines", "open", "--season", season, "--destination", "ES", "--on", "2026-11-14"];
        assert!(self.refused("union-es", &open("2026")).contains("ROLE_NEEDED"));
        // None of another season, all that wait of this one, and none twice.
        for (season, opened) in [("2017", 0), ("2026", waiting), ("2026", 0)] {
            let told = self.told("operator", &open(season));
            assert_eq!(told, format!("{opened} lines to ES opened for season {season}.\n"));
        }
    }

    fn a_seed_is_committed_before_its_round(&self) {
        // Of `abc`, as FIPS 180 has it.
        const DIGEST: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let user = "operator";
        let rounds = self.json(user, &["round", "list"])["rounds"].as_array().unwrap().clone();
        let is_of_group = |round: &&Value| round["seasonCode"] == "2026" && round["destination"] == "ES";
        let day = text(rounds.iter().find(is_of_group).unwrap(), "asOf");
        let group = ["--season", "2026", "--destination", "ES"];
        let commit = |seed| [&["round", "commit"][..], &group[..], &["--seed", seed][..]].concat();
        let compute = |seed| [&["round", "compute"][..], &group[..], &["--as-of", &day, "--seed", seed][..]].concat();

        assert!(self.refused("union-es", &commit("abc")).contains("ROLE_NEEDED"));
        assert!(self.refused(user, &commit(" ")).contains("1 to 200 characters"));
        let told = self.told(user, &commit(" abc "));
        assert!(told.contains(DIGEST) && !told.contains("abc"), "the digest is told and not the seed: {told}");
        assert!(self.refused(user, &commit("winter")).contains("SEED_COMMITTED"));
        let refused = self.refused(user, &compute("winter"));
        assert!(refused.contains("SEED_NOT_COMMITTED") && refused.contains("What mends it"), "{refused}");

        let round = self.json(user, &compute("abc"));
        assert_eq!((text(&round, "seed").as_str(), text(&round, "seedSha256").as_str()), ("abc", DIGEST));
        let (number, at) = (round["number"].to_string(), text(&round, "seedCommittedAt"));
        let shown = self.told(user, &["round", "show", &number]);
        assert!(shown.contains(&format!("Seed abc, committed at {at} by its SHA-256 {DIGEST}")), "{shown}");
        self.told(user, &["round", "discard", &number, "--reason", "a rehearsal"]);

        // Whoever has lost the seed says so.
        let why = ["--reason", "the safe burnt"];
        let winter = self.json(user, &[&commit("winter")[..], &why[..]].concat());
        assert_eq!((text(&winter, "seasonCode"), text(&winter, "destination")), ("2026".to_owned(), "ES".to_owned()));
        assert!(self.refused(user, &compute("abc")).contains("SEED_NOT_COMMITTED"));
        assert!(self.refused(user, &[&commit("abc")[..], &why[..]].concat()).contains("SEED_USED"));
    }

    fn json_is_given_or_refused(&self) {
        let directory = self.directory.join("another");
        let refused = self.refused("operator", &["--json", "demo", "--directory", &directory.display().to_string()]);
        assert!(refused.contains("leave --json out"), "{refused}");
        assert!(!directory.exists(), "nothing was started");
    }
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name} is no text in {value}")).to_owned()
}
