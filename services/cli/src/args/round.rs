//! What an operator says of rounds.

use clap::{Args, Subcommand, ValueEnum};

use super::Page;

/// What is laid down for a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Laid {
    /// The candidate gets a seat of the line.
    Pin,
    /// The candidate gets none of the line.
    Forbid,
}

#[derive(Debug, Subcommand)]
pub enum Round {
    /// Commit to the seed of a season's rounds to a destination before the roster closes: its SHA-256 is kept, and no round is
    /// computed with another seed until one has gone out. The seed itself is told with the round.
    Commit {
        /// The season, by code, such as 2026.
        #[arg(long)]
        season: String,
        /// Destination, ISO 3166-1 alpha-2.
        #[arg(long)]
        destination: String,
        /// The lottery's seed, which stays here: only its SHA-256 is sent. Draw it by chance and long, as `openssl rand -hex 16`
        /// does, for the SHA-256 tells whoever guesses it that the guess is right. `round compute` asks for it again.
        #[arg(long)]
        seed: String,
        /// Why it takes the place of the one that is committed; needed only where there is one.
        #[arg(long, default_value = "", hide_default_value = true)]
        reason: String,
    },
    /// Compute a round and show what it would do.
    Compute {
        /// The season, by code, such as 2026.
        #[arg(long)]
        season: String,
        /// Destination, ISO 3166-1 alpha-2.
        #[arg(long)]
        destination: String,
        /// The day as of which rules and validities are judged.
        #[arg(long)]
        as_of: chrono::NaiveDate,
        /// The lottery's seed: decides between plans that are equally good. It has no default, for whoever knows it before the
        /// roster closes can choose a reference that wins. Where one was committed (`round commit`), that one.
        #[arg(long)]
        seed: String,
    },
    /// List rounds, newest first.
    List,
    /// Show one round, by id or number.
    Show {
        /// By id or number, as `round list` shows them.
        round: String,
    },
    /// Show who would sit where, with the ids that `explain` and `what-if` ask for.
    Pairs(Pairs),
    /// Send a round's proposals out.
    Publish {
        /// By id or number, as `round list` shows them.
        round: String,
    },
    /// Throw a round away before anything of it went out, also while it is computed.
    Discard {
        /// By id or number, as `round list` shows them.
        round: String,
        /// Why it is thrown away.
        #[arg(long)]
        reason: String,
    },
    /// What it would cost to lay one pair down, and who would pay. Changes nothing.
    WhatIf(Pair),
    /// Lay one pair of a preview down: the round becomes the best plan that keeps it. Recorded with who, why and the cost.
    Override {
        #[command(flatten)]
        pair: Pair,
        /// Why the plan is overridden.
        #[arg(long)]
        reason: String,
    },
    /// Show what was laid down in a round, by whom and why.
    Overrides {
        /// By id or number, as `round list` shows them.
        round: String,
    },
    /// Show who got a seat, of those who could have had one: by sex, region, first season and age.
    Fairness {
        /// By id or number, as `round list` shows them.
        round: String,
    },
}

// No doc comment: that of the command stands.
#[derive(Debug, Clone, Args)]
pub struct Pair {
    /// By id or number, as `round list` shows them.
    pub round: String,
    pub kind: Laid,
    /// By id, as `round pairs` and `candidate list` show it.
    pub candidate: String,
    /// By id, as `round pairs` shows it.
    pub line: String,
}

// No doc comment: that of the command stands.
#[derive(Debug, Clone, Args)]
pub struct Pairs {
    /// By id or number.
    pub round: String,
    /// Only of this line, by id.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub line: String,
    /// Only of this candidate, by id.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub candidate: String,
    /// Only those that this decided: pinned, named, first, priority, crew, family, draw or score; on reserve lists
    /// named, first, priority or score.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub reason: String,
    /// The reserve lists instead of the seats.
    #[arg(long)]
    pub reserves: bool,
    #[command(flatten)]
    pub page: Page,
}

#[derive(Debug, Subcommand)]
pub enum Explain {
    /// Why this line, or why none.
    Candidate {
        /// By id or number, as `round list` shows them.
        round: String,
        /// By id, as `round pairs` and `candidate list` show it.
        candidate: String,
        /// Also look for the smallest changes that would have given a seat: the market is solved anew, up to 20 s.
        #[arg(long)]
        changes: bool,
    },
    /// Why these people, and who comes next.
    Line {
        /// By id or number, as `round list` shows them.
        round: String,
        /// By id, as `round pairs` shows it.
        line: String,
        /// Also look for what the next in line lacked, or what would have filled a free seat: up to 20 s.
        #[arg(long)]
        changes: bool,
    },
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::args::Circula;

    #[test]
    fn no_round_is_drawn_by_a_seed_that_nobody_chose() {
        let words = "circula round compute --season 2026 --destination ES --as-of 2026-01-10";
        let parsed = |words: &str| Circula::try_parse_from(words.split(' '));
        let refused = parsed(words).unwrap_err().to_string();
        assert!(refused.contains("--seed"), "{refused}");
        assert!(parsed(&format!("{words} --seed spring")).is_ok());
    }
}
