//! What is said of placements: which to see, how to move them; and of the lines that they stand on.

use clap::{Args, Subcommand};
use proto::placement::Stage;

use super::Page;

/// Under the help of `placement move`.
const EXAMPLES: &str = "\
Examples:
  circula placement show PLACEMENT                                which moves are possible now, and what others wait for
  circula --as union-es placement move PLACEMENT --command Select --on 2026-02-03
  circula --as ministry-co placement move PLACEMENT --command Accept --for-worker --witness DESK-7 --text-language es
  circula placement list --stage accepted --clock C-VISA --up-to 5000 --ids > ids.txt
  circula placement move - --command ApplyVisa --dry-run < ids.txt

The moves, who may make them and what each needs: services/placement/README.md.
Status: 0 = all were made; 1 = any was refused, or not all were answered.";

#[derive(Debug, Subcommand)]
pub enum Placement {
    /// List placements by id: ministries and unions see their own, an operator all.
    List(Placements),
    /// Show one: where it stands, whose it is, its clocks and tracks, the moves that are possible, and every step so far.
    Show {
        /// By id, as `placement list` shows it.
        placement: String,
    },
    /// Make one move of one placement, or of many. What fits is made; what does not is refused, told, and changes nothing.
    #[command(after_help = EXAMPLES)]
    Move(Moves),
}

// No doc comment: that of the command stands.
#[derive(Debug, Clone, Args)]
pub struct Placements {
    /// Only of this corridor, by code, such as CO-ES.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub corridor: String,
    /// Only of this season, by code, such as 2026.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub season: String,
    /// Only in this stage, such as accepted or work-ended; given several times, in any of these.
    #[arg(long = "stage", value_name = "STAGE", value_parser = stage)]
    pub stages: Vec<Stage>,
    /// Only of this line, by id.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub line: String,
    /// Only of this order, by id.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub order: String,
    /// Only of this candidate, by id.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub candidate: String,
    /// Only those with a deadline before the day up to which the clocks were run. An alarm within the time of another clock
    /// is none.
    #[arg(long)]
    pub late: bool,
    /// Only those with an open case of abuse or health: for those who handle it; whoever does not finds nothing.
    #[arg(long)]
    pub unpublished_case: bool,
    /// Only those for whom this clock runs, such as C-VISA; with --late, those for whom it is due.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub clock: String,
    #[command(flatten)]
    pub page: Page,
    /// Page after page, up to this many placements, instead of one page.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000), conflicts_with = "size")]
    pub up_to: Option<u32>,
    /// Only the ids, one on a line, as `placement move -` reads them.
    #[arg(long)]
    pub ids: bool,
}

// No doc comment: that of the command stands.
#[derive(Debug, Clone, Args)]
pub struct Moves {
    /// By id, as `placement list` shows them; `-` reads them from standard input, one on a line.
    #[arg(required = true, value_name = "PLACEMENT")]
    pub placements: Vec<String>,
    /// The move, such as `Select`, `Offer` or `SignContract`; `placement show` says which are possible.
    #[arg(long)]
    pub command: String,
    /// The day on which it happened. Today (UTC) if not given.
    #[arg(long, value_name = "DATE")]
    pub on: Option<chrono::NaiveDate>,
    /// The ground, a code that the move knows, such as `SKILLS_DIFFER` of `Reject`: it is published.
    #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
    pub reason: String,
    /// Code or digest of what proves it, never a text: of a consent, a clearance, an arrival, a return.
    #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
    pub evidence: String,
    /// The language that the worker read an offer in, or consented in, as a BCP 47 tag such as es; --language is that of
    /// this program.
    #[arg(long, value_name = "TAG", default_value = "", hide_default_value = true)]
    pub text_language: String,
    /// Who witnessed what the worker decided and somebody else records.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub witness: String,
    /// A ministry or an operator records what the worker did; needs a witness.
    #[arg(long)]
    pub for_worker: bool,
    /// The kind of a case or record, such as `NO_SHOW_WORK` of `OpenCase`, `CONTACT_ATTEMPT` of `AddRecord`.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub kind: String,
    /// A date that the move carries: the day of travel of `BookTravel`, the last day of a bar.
    #[arg(long, value_name = "DATE")]
    pub date: Option<chrono::NaiveDate>,
    /// The last day on which what is recorded is valid, of `ClearMedical`.
    #[arg(long, value_name = "DATE")]
    pub valid_until: Option<chrono::NaiveDate>,
    /// The rule of the pack by which `BarReEntry` bars, such as `INA_218F`.
    #[arg(long, value_name = "RULE", default_value = "", hide_default_value = true)]
    pub rule: String,
    /// The day on which the worker was told how to appeal, or to ask for a review: of `Terminate` and `DecideNonReturn`.
    #[arg(long, value_name = "DATE")]
    pub appeal_told_on: Option<chrono::NaiveDate>,
    /// The version that you looked at, as `show` tells it: a placement that changed since is left as it is. Of one
    /// placement only.
    #[arg(long, value_name = "VERSION")]
    pub seen: Option<i64>,
    /// Change nothing: say what would become of each, as the service judges it now. It judges 1,000 at a time.
    #[arg(long)]
    pub dry_run: bool,
    /// Name this request, by a UUID of yours: the same command sent again with it gets the same answer and has one effect.
    /// Give --on as well, for today is another day tomorrow.
    #[arg(long, value_name = "UUID", conflicts_with = "dry_run")]
    pub request_id: Option<uuid::Uuid>,
}

#[derive(Debug, Subcommand)]
pub enum Lines {
    /// Open all lines of a season and destination that wait for it, and allot units of their quotas. Operators only.
    Open {
        /// The season, by code, such as 2026.
        #[arg(long)]
        season: String,
        /// Destination, ISO 3166-1 alpha-2.
        #[arg(long)]
        destination: String,
        /// The day on which they open. Today (UTC) if not given.
        #[arg(long, value_name = "DATE")]
        on: Option<chrono::NaiveDate>,
    },
}

/// The stage of a word: `work-ended`, or the service's `WORK_ENDED`.
fn stage(word: &str) -> Result<Stage, String> {
    let known = Stage::from_str_name(&format!("STAGE_{}", word.to_uppercase().replace('-', "_")));
    known.filter(|stage| *stage != Stage::Unspecified).ok_or_else(|| {
        let words = Stage::all().map(stage_word);
        format!("write one of {}", words.collect::<Vec<_>>().join(", "))
    })
}

/// The word that `--stage` takes.
pub(crate) fn stage_word(stage: Stage) -> String {
    stage.as_str_name().trim_start_matches("STAGE_").to_lowercase().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use proto::placement::Stage;

    use super::{stage, stage_word};
    use crate::{
        args::{Circula, Command, Placement},
        words::Language,
    };

    fn parsed(words: &str) -> Result<Placement, clap::Error> {
        let Circula { command, .. } = Circula::try_parse_from(words.split(' '))?;
        let Command::Placement(what) = command else { panic!("{words} is of placements") };
        Ok(what)
    }

    #[test]
    fn every_stage_is_said_by_a_word_and_another_word_is_told_which_there_are() {
        for known in Stage::all() {
            assert_eq!(stage(&stage_word(known)), Ok(known));
        }
        assert_eq!(stage("RE_ENTRY_BARRED"), Ok(Stage::ReEntryBarred));
        for word in ["unspecified", "hired", ""] {
            let told = stage(word).unwrap_err();
            assert!(told.contains("recommended") && told.contains("re-entry-barred"), "{told}");
        }
    }

    #[test]
    fn a_move_has_a_language_beside_that_of_the_program() {
        let words = "circula placement move a b --command Offer --on 2026-02-03 --text-language fr --language es";
        let Circula { language, command: Command::Placement(Placement::Move(asked)), .. } =
            Circula::try_parse_from(words.split(' ')).unwrap()
        else {
            panic!("this moves placements");
        };
        assert_eq!((asked.text_language.as_str(), language), ("fr", Language::Es));
        assert_eq!((asked.placements.join(" "), asked.for_worker), ("a b".to_owned(), false));
        assert_eq!(asked.on.unwrap().to_string(), "2026-02-03");
    }

    #[test]
    fn what_would_be_ignored_is_refused() {
        for words in [
            "circula placement move --command Select",
            "circula placement move a",
            "circula placement move a --command Select --dry-run --request-id 0197f3a0-0000-7000-8000-000000000001",
            "circula placement move a --command Select --request-id mine",
            "circula placement list --up-to 10 --size 5",
        ] {
            assert!(parsed(words).is_err(), "{words}");
        }
        let Placement::List(asked) = parsed("circula placement list --stage proposed --stage selected --late").unwrap()
        else {
            panic!("this lists placements");
        };
        assert_eq!((asked.stages, asked.late), (vec![Stage::Proposed, Stage::Selected], true));
        assert!(parsed("circula placement move - --command Select").is_ok());
    }
}
