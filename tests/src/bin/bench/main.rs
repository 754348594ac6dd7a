//! `make bench`: what the house does in a second, each figure beside a peer that is measured in the same run on the same
//! machine: pgbench, COPY, a bare client of the broker, bare SQL. Prints a table; `--json FILE` writes it as well.

#![expect(clippy::unwrap_used, reason = "a measurement stops at what it did not expect")]

mod answers;
#[path = "../../../it/attack.rs"]
mod attack;
mod commands;
mod freshness;
mod imports;
mod lists;
mod load;
mod log;
mod orders;
mod people;
mod placements;
#[path = "../../../it/process.rs"]
#[expect(dead_code, reason = "tests do more with a process")]
mod process;
mod races;
mod rest;
mod siege;
mod stage;
mod table;

use table::Table;

/// The parts, in the order in which they run.
const PARTS: [&str; 10] =
    ["rest", "orders", "people", "placements", "imports", "log", "answers", "siege", "lists", "races"];

#[tokio::main]
async fn main() {
    let mut parts: Vec<String> = Vec::new();
    let (mut json, mut full) = (None, false);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--json" => json = Some(words.next().expect("--json names a file")),
            "--full" => full = true,
            siege::WORD => return siege::attack(words.next().unwrap().parse().unwrap()).await,
            part if PARTS.contains(&part) => parts.push(part.to_owned()),
            other => panic!("{other:?} is none of --json FILE, --full, {}", PARTS.join(", ")),
        }
    }
    if parts.is_empty() {
        parts = PARTS.map(str::to_owned).to_vec();
    }
    let mut table = Table::default();
    for part in &parts {
        eprintln!("bench: {part}");
        match part.as_str() {
            "rest" => rest::measure(&mut table).await,
            "orders" => orders::measure(&mut table).await,
            "people" => people::measure(&mut table).await,
            "placements" => placements::measure(&mut table).await,
            "imports" => imports::measure(&mut table).await,
            "log" => log::measure(&mut table, if full { 400_000 } else { 100_000 }).await,
            "answers" => answers::measure(&mut table).await,
            "siege" => siege::measure(&mut table).await,
            "races" => races::measure(&mut table, if full { 100_000 } else { 1_000 }).await,
            _ => lists::measure(&mut table, if full { 1_000_000 } else { 100_000 }).await,
        }
    }
    println!("{}\n{}", table::machine().await, table.markdown());
    if let Some(file) = json {
        std::fs::write(&file, table.json()).unwrap();
    }
}
