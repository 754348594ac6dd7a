#![doc = include_str!("../README.md")]

pub mod args;
pub mod cast;
pub mod client;
mod commands;
pub mod demo;
pub mod found;
pub mod house;
mod output;
mod words;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, error::ErrorKind};

use crate::args::{Circula, Command};

/// The whole program: arguments, then one of the commands.
#[must_use]
pub fn main() -> ExitCode {
    end_with_the_reader();
    platform::service::install_crypto();
    let circula = Circula::parse();
    if let Some(refused) = circula.json_refused() {
        Circula::command().error(ErrorKind::ArgumentConflict, refused).exit();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("circula: no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(run(circula));
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("circula: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whoever reads what is printed may stop, as `head` does. That is no fault: the program ends without a word then, with the
/// status of one that SIGPIPE has ended.
fn end_with_the_reader() {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload().downcast_ref::<String>();
        if said.is_some_and(|text| text.starts_with("failed printing to stdout: Broken pipe")) {
            std::process::exit(output::ENDED_BY_SIGPIPE);
        }
        told(panic);
    }));
}

async fn run(circula: Circula) -> anyhow::Result<ExitCode> {
    let Circula { client, json, language, command } = circula;
    let output = output::Output { json, language };
    match command {
        Command::Up(options) => commands::up::run(options, &output).await?,
        Command::Demo(options) => return demo::run(options, &output).await,
        Command::Generate(what) => commands::generate::run(what, &output)?,
        Command::Import(what) => commands::import::run(&client, &output, what).await?,
        Command::Candidate(what) => commands::candidate::run(&client, &output, what).await?,
        Command::Batch(what) => commands::batch::run(&client, &output, what).await?,
        Command::Round(what) => commands::round::run(&client, &output, what).await?,
        Command::Explain(what) => commands::explain::run(&client, &output, what).await?,
        Command::Placement(what) => return commands::placement::run(&client, &output, what).await,
        Command::Lines(what) => commands::lines::run(&client, &output, what).await?,
        Command::Flows(filter) => commands::flows::run(&client, &output, filter).await?,
        Command::Parked(what) => commands::parked::run(&client, &output, what).await?,
        Command::Solve(options) => return Ok(commands::solve::run(&output, &options)),
        Command::Verify => return commands::verify::run(&client, &output).await,
    }
    Ok(ExitCode::SUCCESS)
}
