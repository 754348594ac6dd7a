//! `circula` as people type it, against a played house: what one command prints, the next one takes.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

/// The program, and the folder of the house that it talks to.
struct Circula {
    program: PathBuf,
    directory: PathBuf,
}

pub(crate) async fn works(directory: &Path) {
    let here = std::env::current_exe().unwrap();
    let program = here.ancestors().map(|folder| folder.join("circula")).find(|path| path.is_file());
    let program = program.unwrap_or_else(|| panic!("circula is not built beside {}", here.display()));
    let circula = Circula { program, directory: directory.to_owned() };
    // The house lives on the threads of this runtime.
    let typed = tokio::task::spawn_blocking(move || {
        circula.pairs_lead_to_explanations();
        circula.a_ministry_keeps_its_records();
        circula.every_row_of_a_batch_is_reported();
        circula.json_is_given_or_refused();
    });
    typed.await.unwrap();
}

impl Circula {
    fn run(&self, user: &str, words: &[&str]) -> Output {
        let mut command = Command::new(&self.program);
        for variable in ["CIRCULA_TOKEN", "CIRCULA_LANGUAGE", "CIRCULA_HOUSE", "CIRCULA_USER"] {
            command.env_remove(variable);
        }
        command.arg("--house").arg(self.directory.join("house.json")).args(["--as", user]).args(words);
        command.current_dir(&self.directory).output().unwrap()
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
