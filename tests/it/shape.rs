//! The shape of the house, held by counting: who may depend on whom, what the chassis may know, how long things may be.

use std::{
    fs,
    path::{Path, PathBuf},
};

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every Rust file below a folder, by its path from the repository's top.
pub(crate) fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![repository().join(folder)];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(repository()).unwrap().to_owned(), text));
            }
        }
    }
    found.sort();
    found
}

const SERVICES: [&str; 7] = ["programme", "demand", "candidate", "matching", "placement", "monitoring", "gateway"];

#[test]
fn no_service_depends_on_another() {
    for service in SERVICES {
        let manifest = fs::read_to_string(repository().join("services").join(service).join("Cargo.toml")).unwrap();
        let dependencies = manifest.split("[dev-dependencies]").next().unwrap();
        for other in SERVICES.iter().filter(|other| **other != service) {
            let named = dependencies
                .lines()
                .any(|line| line.starts_with(&format!("{other}.")) || line.starts_with(&format!("{other} =")));
            assert!(!named, "{service} depends on {other}");
        }
    }
}

#[test]
fn the_chassis_has_no_word_of_the_domain() {
    const WORDS: [&str; 8] =
        ["candidate", "placement", "job order", "job_order", "ministry", "corridor", "quota", "employer"];
    for (path, text) in sources("services/platform/src") {
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default().to_lowercase();
            let found = WORDS.iter().find(|word| code.contains(*word));
            assert!(found.is_none(), "{}:{}: {line}", path.display(), number + 1);
        }
    }
}

#[test]
fn a_main_fits_in_fifteen_lines() {
    for (path, text) in sources("services") {
        if path.ends_with("src/main.rs") && !path.starts_with("services/local") {
            assert!(text.lines().count() <= 15, "{} has {} lines", path.display(), text.lines().count());
        }
    }
}

#[test]
fn no_file_is_one_that_nobody_wants_to_open() {
    let long: Vec<String> = ["proto/src", "services", "tests"]
        .into_iter()
        .flat_map(sources)
        .filter(|(_, text)| text.lines().count() > 500)
        .map(|(path, text)| format!("{} ({})", path.display(), text.lines().count()))
        .collect();
    assert!(long.is_empty(), "over 500 lines: {}", long.join(", "));
}

/// Inner layers do not reach out: the domain knows no database, the store no transport.
#[test]
fn the_domain_and_the_store_know_nothing_outside_them() {
    for (path, text) in sources("services") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let service = path.components().nth(1).unwrap().as_os_str().to_string_lossy().into_owned();
        if !SERVICES.contains(&service.as_str()) || !path.to_string_lossy().contains("/src/") {
            continue;
        }
        let uses = |word: &str| text.lines().any(|line| line.trim_start().starts_with("use ") && line.contains(word));
        if name == "store.rs" || path.to_string_lossy().contains("/src/store/") {
            assert!(!uses("tonic::{Request") && !uses("rdkafka"), "{} reaches for a transport", path.display());
        }
        if name == format!("{service}.rs") {
            for word in ["sqlx", "tonic", "rdkafka", "tokio"] {
                assert!(!uses(word), "{} uses {word}", path.display());
            }
        }
    }
}
