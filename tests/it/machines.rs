//! What starts a house, as scripts and machines use it: the words of `make demo`, and one JSON document of each command.

use std::{
    fs,
    io::{BufReader, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use cli::{args::ClientArgs, cast, client::Session};
use proto::programme::RegisterOrganisationRequest;
use serde_json::Value;

/// A copy of `deploy/demo.sh` beside data of an earlier run, which builds nothing and tells what it would start.
struct Script {
    folder: tempfile::TempDir,
}

impl Script {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        for made in ["deploy", "bin", "target/debug", ".circula/postgres"] {
            fs::create_dir_all(here.join(made)).unwrap();
        }
        let script = fs::read_to_string(crate::shape::repository().join("deploy/demo.sh")).unwrap();
        let tells = "#!/bin/sh\necho \"$@\" CONTINUE=$CONTINUE STAY=$STAY\n";
        for (name, text) in
            [("deploy/demo.sh", script.as_str()), ("bin/cargo", "#!/bin/sh\n"), ("target/debug/circula", tells)]
        {
            fs::write(here.join(name), text).unwrap();
            fs::set_permissions(here.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { folder }
    }

    fn run(&self, variable: &str, word: &str) -> Output {
        let here = self.folder.path();
        let mut command = Command::new("bash");
        for variable in ["CONTINUE", "FRESH", "STAY", "SCALE"] {
            command.env_remove(variable);
        }
        command.arg(here.join("deploy/demo.sh"));
        // `make` hands the broker over as an argument.
        if variable == "KAFKA" {
            command.arg(word)
        } else {
            command.env(variable, word)
        };
        command.env("CARGO_TARGET_DIR", here.join("target"));
        command.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", here.join("bin").display())).output().unwrap()
    }

    /// The last line that it tells: what it would start.
    fn starts(&self, variable: &str, word: &str) -> String {
        let output = self.run(variable, word);
        assert!(output.status.success(), "{variable}={word}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().lines().last().unwrap().to_owned()
    }
}

#[test]
fn no_word_for_no_removes_what_an_earlier_run_left() {
    let script = Script::new();
    for word in ["no", "No", "n", "false", "FALSE", "f", "off", "0"] {
        assert!(!script.starts("FRESH", word).contains("--fresh"), "FRESH={word}");
        assert!(script.starts("CONTINUE", word).ends_with("--fresh CONTINUE=no STAY=yes"), "CONTINUE={word}");
        assert!(script.starts("STAY", word).ends_with("STAY=no"), "STAY={word}");
    }
    for word in ["yes", "Yes", "y", "true", "t", "ON", "1"] {
        assert!(script.starts("FRESH", word).contains("--fresh"), "FRESH={word}");
        assert!(script.starts("CONTINUE", word).ends_with("embedded CONTINUE=yes STAY=yes"), "CONTINUE={word}");
        assert!(script.starts("STAY", word).ends_with("STAY=yes"), "STAY={word}");
    }
    for variable in ["FRESH", "CONTINUE", "STAY"] {
        assert!(script.starts(variable, "").ends_with("--fresh CONTINUE=no STAY=yes"), "nothing said of {variable}");
        let output = script.run(variable, "maybe");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && output.stdout.is_empty(), "{variable}=maybe starts something");
        assert!(told.contains(&format!("{variable}=maybe")), "{told}");
    }
}

#[test]
fn a_slip_in_a_size_or_a_broker_is_told_before_anything_is_built() {
    let script = Script::new();
    for (variable, word, known) in [("SCALE", "smal", "small default full"), ("KAFKA", "Apache", "embedded apache")] {
        let output = script.run(variable, word);
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && output.stdout.is_empty(), "{variable}={word} starts something");
        assert!(told.contains(&format!("{variable}={word}")) && told.contains(known), "{told}");
    }
    assert!(script.starts("SCALE", "small").ends_with("STAY=yes"));
    assert!(script.starts("KAFKA", "apache").starts_with("demo --kafka apache"));
}

/// `circula` in a folder of its own, on servers of its own.
pub(crate) fn circula(folder: &Path, words: &[&str]) -> Command {
    let here = std::env::current_exe().unwrap();
    let program: Option<PathBuf> = here.ancestors().map(|folder| folder.join("circula")).find(|path| path.is_file());
    let mut command = Command::new(program.unwrap_or_else(|| panic!("circula is not built beside {}", here.display())));
    for variable in ["DATABASE_URL", "KAFKA_BROKERS", "CIRCULA_KAFKA", "CONTINUE", "STAY", "SCALE"] {
        command.env_remove(variable);
    }
    command.args(words).current_dir(folder);
    command
}

#[test]
fn what_was_generated_is_said_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let words =
        ["--json", "generate", "candidates", "--origin", "GH", "--count", "30", "--seed", "5", "--out", "b.csv"];
    let output = circula(folder.path(), &words).output().unwrap();
    let wanted = serde_json::json!({
        "file": "b.csv", "rows": 30, "origin": "GH", "seed": 5, "filed_on": "2025-11-03", "clean": false
    });
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), wanted);
    assert!(folder.path().join("b.csv").is_file());

    let refused = circula(folder.path(), &words[..9]).output().unwrap();
    assert!(!refused.status.success() && refused.stdout.is_empty(), "a batch and a document on one output");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--out"));
}

#[test]
fn a_reader_who_stops_ends_the_program_without_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["--json", "generate", "candidates", "--origin", "GH", "--count", "30", "--out", "b.csv"];
    // What is printed, and a batch that is written out.
    for words in [&words[..], &words[1..7]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = circula(folder.path(), words).stdout(writer).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{words:?}");
        assert_eq!(output.status.code(), Some(141), "{words:?}");
    }
}

/// Ended with the test, as by Ctrl-C.
struct Up(Child);

impl Up {
    fn end(&mut self) {
        Command::new("kill").args(["-INT", &self.0.id().to_string()]).status().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            self.end();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_says_its_addresses_and_a_demo_its_figures_as_one_document() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = circula(folder.path(), &["--json", "up", "--listen", "127.0.0.1:0"]);
    let mut up = Up(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut told = BufReader::new(up.0.stdout.take().unwrap());
    let (told, said) = tokio::task::spawn_blocking(move || {
        let said: Value = serde_json::Deserializer::from_reader(&mut told).into_iter().next().unwrap().unwrap();
        (told, said)
    })
    .await
    .unwrap();
    let written: Value = serde_json::from_slice(&fs::read(folder.path().join(".circula/house.json")).unwrap()).unwrap();
    assert_eq!(said["addresses"], written);
    assert!(said["users"].as_array().unwrap().contains(&"ministry-co".into()), "{said}");
    assert!(said["postgres"].as_str().unwrap().starts_with("postgres://"), "{said}");

    somebody_takes_part(folder.path().join(said["house"].as_str().unwrap())).await;
    up.end();
    let mut rest = String::new();
    { told }.read_to_string(&mut rest).unwrap();
    assert_eq!(rest.trim(), "", "one document and nothing else");

    // No demo was begun there: it shows the figures of what it finds.
    let words = ["--json", "demo", "--resume", "--stay=no", "--listen", "127.0.0.1:0"];
    let mut demo = circula(folder.path(), &words);
    let shown = tokio::task::spawn_blocking(move || demo.output().unwrap()).await.unwrap();
    let told = String::from_utf8_lossy(&shown.stderr);
    let document: Value = serde_json::from_slice(&shown.stdout).unwrap_or_else(|error| panic!("{error}: {told}"));
    assert!(document["flows"]["flows"].is_array() && document["seconds"].is_u64(), "{document}");
    assert!(!document["verification"]["sources"].as_array().unwrap().is_empty(), "{document}");
    assert!(told.contains("no demo was begun there"), "{told}");
}

async fn somebody_takes_part(house: PathBuf) {
    let ministry = cast::ministry("CO");
    let request = RegisterOrganisationRequest {
        kind: ministry.kind as i32,
        name: ministry.name.to_owned(),
        country: ministry.country.to_owned(),
        code: ministry.code.to_owned(),
        request_id: platform::testing::request_id(),
        organisation_id: ministry.id().to_string(),
    };
    let operator = ClientArgs { house, user: "operator".to_owned(), token: None };
    Session::open(&operator).await.unwrap().programme().register_organisation(request).await.unwrap();
}
