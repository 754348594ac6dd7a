//! What can be said on the command line.

mod ministry;
pub(crate) mod placement;
mod round;

use std::{net::SocketAddr, path::PathBuf};

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, builder::BoolishValueParser};
pub use ministry::{Batch, Candidate, CandidateIs};
pub use placement::{Lines, Moves, Placement, Placements};
pub use round::{Explain, Laid, Pair, Pairs, Round};

use crate::words::Language;

/// Under the help of the whole program.
const FIRST_STEPS: &str = "\
First steps:
  circula demo --scale small        a season on real job orders in a house of its own; stays up and says what to try
  circula flows                     in another terminal, same folder: what became of the seats
  circula verify                    and whether every figure shown is true
  circula COMMAND --help            what a command takes; circula COMMAND SUBCOMMAND --help where it has some

Status: 0 = done; 1 = refused or failed, for `verify` also if a figure is not true; 2 = the words do not fit.
`solve --help` has its own.";

/// Under what every command takes.
const EVERYWHERE: &str = "Of every command that asks a house";

/// Circular labour migration as software: orders, candidates, rounds, placements, figures that add up.
#[derive(Debug, Parser)]
#[command(name = "circula", version, max_term_width = 100, after_help = FIRST_STEPS)]
pub struct Circula {
    #[command(flatten)]
    pub client: ClientArgs,
    /// Write JSON for machines instead of tables for people, of `up` once it is up. `demo` needs `--stay=no` with it,
    /// `generate` a file to write to.
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub json: bool,
    /// The language of candidates, placements, lists of batches, rounds, pairs, explanations, what-ifs, fairness and `solve`;
    /// refusals and everything else are said in English.
    #[arg(long, global = true, value_enum, env = "CIRCULA_LANGUAGE", default_value = "en", help_heading = EVERYWHERE)]
    pub language: Language,
    #[command(subcommand)]
    pub command: Command,
}

/// Which house to talk to, and as whom.
#[derive(Debug, Clone, Args)]
pub struct ClientArgs {
    /// The file with the addresses of a house: a running one writes it, for one elsewhere it is written by hand.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "CIRCULA_HOUSE",
        default_value = ".circula/house.json",
        help_heading = EVERYWHERE
    )]
    pub house: PathBuf,
    /// Sign in as this user of the development issuer; a house says at its start which there are.
    #[arg(long = "as", global = true, env = "CIRCULA_USER", default_value = "operator", help_heading = EVERYWHERE)]
    pub user: String,
    /// Use this access token of your own issuer instead of signing in.
    #[arg(long, global = true, env = "CIRCULA_TOKEN", hide_env_values = true, help_heading = EVERYWHERE)]
    pub token: Option<String>,
}

impl Circula {
    /// Why `--json` cannot be had of this command, if it was asked for: what would be ignored is refused.
    #[must_use]
    pub fn json_refused(&self) -> Option<String> {
        let why = match &self.command {
            _ if !self.json => return None,
            Command::Demo(DemoArgs { stay: true, .. }) => {
                "the figures of a demo are one document once it has ended: add --stay=no (STAY=no), or leave --json out; of a \
                 house that stays, `circula --json flows` and `circula --json verify` give them"
            }
            Command::Generate(Generate::Candidates { out: None, .. }) => {
                "a batch is a CSV file, as a ministry sends it, and goes to standard output: name a file with --out, or leave \
                 --json out"
            }
            Command::Placement(Placement::List(Placements { ids: true, .. })) => {
                "ids on lines of their own are no JSON: leave --ids out, or leave --json out"
            }
            _ => return None,
        };
        Some(why.to_owned())
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run all services in this process, with a PostgreSQL and a broker of their own, until Ctrl-C.
    Up(UpArgs),
    /// Play a season on real job orders, print its flows, and stay up.
    Demo(DemoArgs),
    /// Make input: candidate batches.
    #[command(subcommand)]
    Generate(Generate),
    /// Bring a file in: upload, check, show what was refused, register.
    #[command(subcommand)]
    Import(Import),
    /// A ministry's candidates: list, look at one, correct, withdraw. Sign in as the ministry: `--as ministry-co`.
    #[command(subcommand)]
    Candidate(Candidate),
    /// A ministry's batches of candidates, and what became of their rows. Sign in as the ministry: `--as ministry-co`.
    #[command(subcommand)]
    Batch(Batch),
    /// Matching rounds: compute, look, publish.
    #[command(subcommand)]
    Round(Round),
    /// Say why a candidate got a line or none, or why a line was filled as it was.
    #[command(subcommand)]
    Explain(Explain),
    /// Placements: list, look at one, move one or many. Sign in as whose move it is: `--as union-es`.
    #[command(subcommand)]
    Placement(Placement),
    /// Lines of orders: open them for placements.
    #[command(subcommand)]
    Lines(Lines),
    /// Show the flows per corridor as a figure and a table.
    Flows(FlowsArgs),
    /// Events that could not be applied: list them, apply them again, give one up.
    #[command(subcommand)]
    Parked(Parked),
    /// Solve anyone's market: market.json in, a checked plan.json out. Needs no house.
    Solve(SolveArgs),
    /// Ask every service for its own counts and compare them with the figures shown. Status 0 only if all are true.
    Verify,
}

/// Which broker the house uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Broker {
    /// A small one inside this process, for a first look: no Java, nothing durable.
    Embedded,
    /// Apache Kafka, fetched and started here.
    Apache,
}

#[derive(Debug, Clone, Args)]
pub struct UpArgs {
    /// Where data is kept. `DATABASE_URL` (a superuser's) names a PostgreSQL of your own to use instead of one in there.
    #[arg(long, default_value = ".circula")]
    pub directory: PathBuf,
    /// The broker; `KAFKA_BROKERS` names one of your own instead.
    #[arg(long, value_enum, env = "CIRCULA_KAFKA", default_value = "embedded")]
    pub kafka: Broker,
    /// Where the console and the HTTP interface listen.
    #[arg(long, env = "CIRCULA_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Say what an earlier run left in the directory, remove it, and start anew. Without this, a house goes on with it.
    #[arg(long)]
    pub fresh: bool,
}

/// How much is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scale {
    /// About 1,000 order rows in whole cases and 2,000 candidates: under a minute.
    Small,
    /// All order rows and 30,000 candidates: some minutes.
    Default,
    /// All positions: 260,000 candidates. On Apache Kafka.
    Full,
}

#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    #[command(flatten)]
    pub up: UpArgs,
    /// How much is played.
    #[arg(long, value_enum, env = "SCALE", default_value = "default")]
    pub scale: Scale,
    /// Stay up afterwards (`yes`), or end with status 0 only if every figure was found true (`no`).
    #[arg(
        long,
        env = "STAY",
        default_value = "yes",
        action = ArgAction::Set,
        value_parser = BoolishValueParser::new(),
        hide_possible_values = true
    )]
    pub stay: bool,
    /// Chance is drawn from this number: the same seed brings in the same orders and people, with the same fates.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// The H-2A file.
    #[arg(long, default_value = "deploy/data/h2a_fy2017.csv.gz")]
    pub orders: PathBuf,
    /// Go on with what an earlier run left in the directory: play from the month where it stopped to the end. Its scale and
    /// seed hold. If its season is over, show the figures again.
    #[arg(long, env = "CONTINUE", value_parser = BoolishValueParser::new(), default_value = "false")]
    pub resume: bool,
}

/// What a plan is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SolvePolicy {
    /// The greatest total score, with a bound and prices that prove it.
    Optimal,
    /// No candidate and line would rather have each other. Candidates of one seat, without groups.
    Stable,
    /// For each seat several candidates to pick from; no pick passes a quota. Candidates of one seat, without groups.
    Lists,
}

/// Exit status: 0 = a plan, or a plan that was checked and holds; 1 = no plan keeps all rules (the causes are told), or a
/// checked plan is wrong; 2 = a file is not well formed, or the policy has no answer for it; 3 = nothing was decided.
///
/// Both files are described in services/matching/door/README.md and services/matching/door/schema.
/// The same market, policy and seed give the same plan, byte for byte but for `seconds`, unless time ran out.
#[derive(Debug, Clone, Args)]
pub struct SolveArgs {
    /// The market; `-` for standard input.
    pub market: PathBuf,
    /// What the plan is made for.
    #[arg(long, value_enum, default_value = "optimal")]
    pub policy: SolvePolicy,
    /// With `--policy lists`: how many candidates a list names for each seat.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub k: u32,
    /// The lottery's seed: decides between plans that are equally good.
    #[arg(long, default_value = "7")]
    pub seed: String,
    /// Where the plan is written, a summary going to standard output; without it, the plan goes there.
    #[arg(long, short)]
    pub out: Option<PathBuf>,
    /// Stop searching after this time and give the best plan found, with its gap.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub seconds: u32,
    /// Stop searching after this many nodes: unlike time, the same on every machine.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub nodes: Option<u32>,
    /// Solve nothing: check this plan of the market.
    #[arg(long, value_name = "PLAN", conflicts_with_all = ["out", "policy", "k", "seed", "seconds", "nodes"])]
    pub check: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Generate {
    /// A candidate batch as a ministry would send it, deterministic in seed, origin and count.
    Candidates {
        /// Country of origin, ISO 3166-1 alpha-2: CO, GT, GH, NG, SN or MX.
        #[arg(long)]
        origin: String,
        /// How many candidates.
        #[arg(long, default_value_t = 1000)]
        count: usize,
        /// The same number makes the same people.
        #[arg(long, default_value_t = 7)]
        seed: u64,
        /// The day the file is made for; validities follow from it.
        #[arg(long, default_value = "2025-11-03")]
        filed_on: chrono::NaiveDate,
        /// Leave out the dirt of real spreadsheets.
        #[arg(long)]
        clean: bool,
        /// Where to write; standard output if not given.
        #[arg(long, short)]
        out: Option<PathBuf>,
    },
}

// No doc comment: clap would show it for the command that takes these.
#[derive(Debug, Clone, Args)]
pub struct ImportEnd {
    /// Stop after the check: show, register nothing.
    #[arg(long)]
    pub check_only: bool,
    /// Write a CSV file with what was found in every row: where, what, why, and what would mend it. It holds values of the
    /// rows, as confidential as they are; a file of this name is replaced.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Import {
    /// Job orders, such as the H-2A disclosure file; a `.gz` is unpacked.
    Orders {
        /// CSV, its encoding and separator found from its bytes.
        file: PathBuf,
        /// What its columns are called and mean; `oflc-h2a-fy2017` is the one that there is.
        #[arg(long, default_value = "oflc-h2a-fy2017")]
        layout: String,
        /// The season of all its orders, by code.
        #[arg(long, default_value = "2017")]
        season: String,
        #[command(flatten)]
        end: ImportEnd,
    },
    /// A batch of candidates of a ministry (sign in as one: `--as ministry-co`).
    Candidates {
        /// CSV of the layout `candidates-v1`, as `circula generate candidates` makes it.
        file: PathBuf,
        /// The day the batch is filed; validities are judged as of it. Today if not given.
        #[arg(long)]
        filed_on: Option<chrono::NaiveDate>,
        #[command(flatten)]
        end: ImportEnd,
    },
}

// No doc comment: clap would show it for the command that takes these.
#[derive(Debug, Clone, Args)]
pub struct Page {
    /// Rows at most, 1 to 1000.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=1000))]
    pub size: i32,
    /// Go on after an earlier page; it ends with the token to give here.
    #[arg(
        long = "page",
        value_name = "TOKEN",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    pub after: String,
}

#[derive(Debug, Subcommand)]
pub enum Parked {
    /// Show what waits in every service, and why.
    List,
    /// Apply the events of an aggregate again, in their order, up to the first that still does not fit.
    Replay {
        /// As the list shows it, such as `matching-demand`.
        consumer: String,
        /// The aggregate's id.
        key: String,
    },
    /// Give up the first event of an aggregate. It is kept with your reason, and never applied.
    Discard {
        /// As the list shows it, such as `matching-demand`.
        consumer: String,
        /// The aggregate's id.
        key: String,
        /// Why it may be given up.
        #[arg(long)]
        reason: String,
    },
}

#[derive(Debug, Clone, Args)]
pub struct FlowsArgs {
    /// Only this season, by code, such as 2026.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub season: String,
    /// Only this corridor, by code, such as CO-ES.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub corridor: String,
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_arguments_fit_together() {
        use clap::CommandFactory;
        super::Circula::command().debug_assert();
    }

    /// A field of the same name as that of a global argument would take its place without a word.
    #[test]
    fn a_page_and_an_access_token_do_not_meet() {
        use super::{Candidate, Circula, Command};
        use clap::Parser;
        let words = ["circula", "candidate", "list", "--page=-a", "--token", "access", "--size", "7"];
        let Circula { client, command: Command::Candidate(Candidate::List { page, .. }), .. } =
            Circula::try_parse_from(words).unwrap()
        else {
            panic!("this lists candidates");
        };
        assert_eq!((page.after.as_str(), page.size, client.token.as_deref()), ("-a", 7, Some("access")));
    }

    #[test]
    fn json_is_refused_where_it_would_be_ignored() {
        use clap::Parser;
        let refused = |words: &str| super::Circula::try_parse_from(words.split(' ')).unwrap().json_refused();
        let generate = "circula generate candidates --origin CO --json";
        let ids = "circula --json placement list --ids";
        for words in ["circula demo --json --stay yes", "circula --json demo --stay=on", generate, ids] {
            let why = refused(words).unwrap_or_else(|| panic!("{words} ignores --json"));
            assert!(why.contains("leave --json out"), "{why}");
        }
        for words in ["circula --json up", "circula demo --json --stay no", "circula demo --json --stay=False"] {
            assert_eq!(refused(words), None, "{words}");
        }
        assert_eq!(refused(&format!("{generate} --out batch.csv")), None);
        assert_eq!(refused("circula --json verify"), None);
    }
}
