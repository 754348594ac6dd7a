//! What a ministry says: of its candidates and of the batches that it sent.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::Page;

/// What a candidate is to the roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CandidateIs {
    /// Something needed for the roster is missing.
    Registered,
    /// On the roster: rounds take them in.
    Rostered,
    /// The time on the roster is over.
    Expired,
    Withdrawn,
    Barred,
}

#[derive(Debug, Subcommand)]
pub enum Candidate {
    /// List candidates by coded facts, without a name: a ministry sees its own, an operator all.
    List {
        /// Only those who are this.
        #[arg(long, value_enum)]
        state: Option<CandidateIs>,
        /// Only from this country of origin, ISO 3166-1 alpha-2.
        #[arg(long, default_value = "", hide_default_value = true)]
        origin: String,
        #[command(flatten)]
        page: Page,
    },
    /// Show the whole record with the ministry's own reference. Only the ministry that registered the person sees it.
    Find {
        /// The reference as in the batch.
        #[arg(long)]
        reference: String,
    },
    /// Show a whole record, by the candidate's id. Only the ministry that registered the person sees it.
    Show {
        /// By id, as `candidate list` shows it.
        candidate: String,
    },
    /// Give fields of a record new values, each judged as in a batch.
    Correct {
        /// By id, as `candidate list` shows it.
        candidate: String,
        /// Column of the layout `candidates-v1` and its new value, such as `phone=+573001112233`.
        #[arg(required = true, value_name = "COLUMN=VALUE", value_parser = field)]
        fields: Vec<(String, String)>,
        /// The version that you looked at, as `show` tells it: a record that changed since is left as it is.
        #[arg(long, value_name = "VERSION")]
        seen: i64,
    },
    /// Take a candidate off the roster, for a reason. It cannot be undone.
    Withdraw {
        /// By id, as `candidate list` shows it.
        candidate: String,
        /// Why: a code in capitals such as `OWN_WISH` travels with the event, free text stays in the record's history.
        #[arg(long)]
        reason: String,
    },
}

fn field(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((column, value)) if !column.is_empty() => Ok((column.to_owned(), value.to_owned())),
        _ => Err("write a column, `=` and the new value, such as `phone=+573001112233`".to_owned()),
    }
}

#[derive(Debug, Subcommand)]
pub enum Batch {
    /// List the batches that were sent, newest first.
    List {
        #[command(flatten)]
        page: Page,
    },
    /// Show a batch by its id, with the first refused rows and what mends them. `--json` has the reports on all rows.
    Show {
        /// By id, as `batch list` shows it.
        batch: String,
        /// Write a CSV file with what was found in every row, as `circula import --report` does.
        #[arg(long, value_name = "FILE")]
        report: Option<PathBuf>,
    },
}
