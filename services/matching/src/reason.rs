//! Reasons as codes with named values: whoever shows them says them in the reader's language.

use proto::matching as wire;
use solver::BuildError;

use crate::eligibility::Rule;

macro_rules! codes {
    ($($(#[$about:meta])* $name:ident $word:literal [$($text:literal),*] [$($number:literal),*];)*) => {
        /// What an explanation can say, beside the rules that close lines.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $($(#[$about])* $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code as it travels.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// Names of its texts and of its numbers.
            #[must_use]
            pub const fn arguments(self) -> (&'static [&'static str], &'static [&'static str]) {
                match self { $(Self::$name => (&[$($text),*], &[$($number),*]),)* }
            }
        }
    };
}

codes! {
    /// A person has a seat.
    Seated "SEATED" ["line", "title"] ["points", "open", "lines"];
    /// A person has no seat, and a place on a reserve list.
    OnReserve "ON_RESERVE" ["line", "title"] ["rank", "open", "lines"];
    /// There was no line with a free seat.
    NoLines "NO_LINES" [] [];
    /// The rules closed every line; the rule that closed most of them follows.
    NoLineOpen "NO_LINE_OPEN" [] [];
    /// A person has no seat; the line that came nearest.
    Nearest "NEAREST" ["line", "title"] ["score", "open", "lines"];
    /// A union asks for the person by name.
    Recalled "RECALLED" ["union", "season"] [];
    /// The person's last offer was taken back by the employer.
    First "FIRST" [] [];
    /// The person has a ground for priority that the corridor's pack puts before every score. Which one, is not told.
    Priority "PRIORITY" [] [];
    /// Of a near line: an operator laid down every seat.
    AllPinned "ALL_PINNED" [] [];
    /// Of a near line: workers asked for by name have every seat.
    AllNamed "ALL_NAMED" [] [];
    /// Of a near line: those who come first, or were asked for by name, have every seat.
    AllFirst "ALL_FIRST" [] [];
    /// Of a near line: those with a ground for priority, or a stronger claim, have every seat.
    AllPriority "ALL_PRIORITY" [] [];
    /// Of a near line: as good as the seat that the person has.
    AsGood "AS_GOOD" [] [];
    /// Of a near line: the seat that the person has is worth more.
    WorthMore "WORTH_MORE" [] ["points"];
    /// Of a near line: equal to the last one seated.
    Drawn "DRAWN" [] [];
    /// Of a near line: it is full.
    Full "FULL" [] ["lowest", "needed"];
    /// Of a near line: it has seats, the quota has no units.
    QuotaUsed "QUOTA_USED" [] ["needed"];
    /// A person goes with others, some of whom take no part, or have no line in common with the others.
    TogetherNotWhole "TOGETHER_NOT_WHOLE" [] ["people", "out"];
    /// A person goes with others, and there was no room for all of them.
    TogetherNoRoom "TOGETHER_NO_ROOM" [] ["people", "places"];
    /// Of a near line, or of a line: fewer people than its least crew would have come.
    LeastCrew "LEAST_CREW_NOT_REACHED" [] ["least"];
    /// Of a near line, or of a line: it has seats, and its housing no beds.
    BedsTaken "BEDS_TAKEN" [] ["filled", "seats"];
    /// Of a line: the rules close it to everybody.
    Nobody "NOBODY" [] ["people"];
    /// Of a line: it has free seats.
    SeatsLeft "SEATS_LEFT" [] ["filled", "seats", "eligible"];
    /// Of a line: every seat is filled.
    AllFilled "ALL_FILLED" [] ["seats", "eligible", "lowest"];
    /// Of a round that failed: a pack lets score or priority read a protected ground, and names no law for it.
    GroundUnfounded "GROUND_UNFOUNDED" ["corridor", "ground"] [];
    /// So too: the weights that make the goals come one after another pass what is counted exactly.
    WeightsTooLarge "WEIGHTS_TOO_LARGE" [] ["tiers", "score"];
    /// So too: there are more pairs than can be told apart.
    TooManyPairs "TOO_MANY_PAIRS" [] ["pairs"];
    /// So too: the solver refuses the market that was put together.
    MarketRefused "MARKET_REFUSED" ["code", "detail"] [];
    /// So too: the plan does not pass its checks.
    PlanWrong "PLAN_WRONG" ["checks"] [];
    /// So too: the process ended that computed it.
    ProcessEnded "PROCESS_ENDED" [] [];
    /// So too: something else broke; what, is told in English.
    NotComputed "NOT_COMPUTED" ["detail"] [];
}

impl Code {
    /// The reason with its English sentence; texts and numbers in the order of their names.
    pub(crate) fn say(self, message: impl Into<String>, texts: &[&str], numbers: &[i64]) -> wire::Reason {
        let (of_texts, of_numbers) = self.arguments();
        debug_assert_eq!((texts.len(), numbers.len()), (of_texts.len(), of_numbers.len()), "{self:?}");
        wire::Reason {
            code: self.word().to_owned(),
            message: message.into(),
            arguments: of_texts
                .iter()
                .zip(texts)
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect(),
            numbers: of_numbers.iter().zip(numbers).map(|(name, number)| ((*name).to_owned(), *number)).collect(),
        }
    }
}

/// Why the solver refuses the market of a round.
pub(crate) fn refused(error: &BuildError) -> wire::Reason {
    let (said, counted) = (error.to_string(), |count: usize| i64::try_from(count).unwrap_or(i64::MAX));
    match error {
        BuildError::WeightsTooLarge { tiers, score_max } => {
            Code::WeightsTooLarge.say(said, &[], &[counted(*tiers), *score_max])
        }
        BuildError::TooMany { pairs, .. } => Code::TooManyPairs.say(said, &[], &[counted(*pairs)]),
        other => Code::MarketRefused.say(said.clone(), &[other.code(), &said], &[]),
    }
}

/// What a rule says where it closes a line.
pub(crate) fn rule(rule: Rule) -> wire::Reason {
    wire::Reason { code: rule.key().to_owned(), message: rule.message().to_owned(), ..wire::Reason::default() }
}

/// The English sentences of reasons, one after the other.
pub(crate) fn sentences(reasons: &[wire::Reason]) -> String {
    reasons.iter().map(|reason| reason.message.as_str()).collect::<Vec<&str>>().join(" ")
}
