//! Refusals of the services in the reader's language.

use platform::Refused;
use tonic::{Code, Status};

use super::{day, place};
use crate::{
    console::{
        refusal::Refusal,
        words::{Language, Words},
    },
    upstream::is_away,
};

/// Forms of a sentence with the values of the refusal, the fullest first. A form whose values are not all there is none.
const FULL: [&str; 2] = ["-more", "-in-full"];

/// A status as people read it.
pub(super) fn view(words: Words, what: &str, status: &Status) -> Refusal {
    let mut refused = Refused::from_status(status);
    // A library's or a driver's sentence is for the log, not for people.
    if !said_by_a_service(&refused) {
        (refused.reason, refused.message) = match status.code() {
            Code::DeadlineExceeded | Code::Cancelled => ("UNREACHABLE".to_owned(), String::new()),
            _ if is_away(status) => ("UNREACHABLE".to_owned(), String::new()),
            _ => ("INTERNAL".to_owned(), String::new()),
        };
    }
    told(words, what, &refused)
}

/// A refusal that travelled inside an answer.
pub(super) fn inside(words: Words, what: &str, refusal: &proto::common::Refusal) -> Refusal {
    let arguments = refusal.arguments.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let refused = Refused {
        code: Code::FailedPrecondition,
        reason: refusal.reason.clone(),
        message: refusal.message.clone(),
        place: refusal.r#where.clone(),
        mend: refusal.mend.clone(),
        arguments,
    };
    told(words, what, &refused)
}

fn said_by_a_service(refused: &Refused) -> bool {
    refused.reason.chars().all(|sign| sign.is_ascii_uppercase() || sign.is_ascii_digit() || sign == '_' || sign == '-')
}

/// Where the console has words for the values of a refusal, every reader gets these. Else English readers get the service's
/// own sentence, which says most; others the console's, with the service's beside it.
fn told(words: Words, what: &str, refused: &Refused) -> Refusal {
    let key = |kind: &str| format!("{kind}-{}", refused.reason.to_lowercase().replace('_', "-"));
    let values = worded(words, &refused.arguments);
    let plain = |kind: &str| words.filled(&key(kind), &values);
    let full = |kind: &str| FULL.iter().find_map(|form| words.filled(&format!("{}{form}", key(kind)), &values));
    let (theirs, their_mend) = (sentence(without_head(&refused.message)), sentence(&refused.mend));
    let same = words.language == Language::English;
    let whole = full("refusal");
    let says_all = whole.is_some();
    let (why, mend) = match whole.or_else(|| plain("refusal").filter(|_| !same || theirs.is_empty())) {
        Some(why) if same && says_all => (why, full("mend").unwrap_or_else(|| their_mend.clone())),
        Some(why) => (why, full("mend").or_else(|| plain("mend")).unwrap_or_default()),
        None => (theirs.clone(), their_mend.clone()),
    };
    let says_all = says_all && (!mend.is_empty() || their_mend.is_empty());
    let original = if same || says_all || why == theirs { String::new() } else { join(&theirs, &their_mend) };
    let place = stage(words, &refused.place).unwrap_or_else(|| refused.place.clone());
    Refusal { what: what.to_owned(), why, place, mend, original, fields: Vec::new() }
}

/// The values of a refusal as people say them: days, and codes of the kinds that placement names. The others stay as they are.
fn worded(words: Words, arguments: &[(String, String)]) -> Vec<(String, String)> {
    let tracks = arguments.iter().find(|(name, _)| name == "tracks").map_or("", |(_, tracks)| tracks.as_str());
    let said = |name: &str, value: &str| match name {
        "track" | "tracks" => listed(value, |code| words.known("track", code)),
        "tracks_by" => takers(words, tracks, value),
        "who" | "signed" | "signers" | "first" => listed(value, |code| words.known("party", code)),
        "stage" | "from" => listed(value, |code| stage(words, code)),
        "untried" => listed(value, |code| words.known("ground", code)),
        "clock" => words.known("clock", value),
        "command" => words.known("move", &place::code(value)),
        "due" | "first_on" | "last" | "on" | "since" | "taken_from" | "until" => day(value).map(|day| words.day(&day)),
        _ => Some(value.to_owned()),
    };
    // What has no words is no value, so that a sentence without it is told.
    arguments.iter().filter_map(|(name, value)| said(name, value).map(|said| (name.clone(), said))).collect()
}

fn listed(codes: &str, word: impl Fn(&str) -> Option<String>) -> Option<String> {
    codes.split(' ').map(word).collect::<Option<Vec<String>>>().map(|words| words.join(", "))
}

/// Each track with the parties that can take it on: one group of parties for each track, joined by `+`.
fn takers(words: Words, tracks: &str, groups: &str) -> Option<String> {
    let one = |(track, group): (&str, &str)| {
        let track = words.known("track", track)?;
        if group.is_empty() {
            return Some(track);
        }
        let parties = listed(&group.replace('+', " "), |code| words.known("party", code))?;
        Some(words.say("track-by").with("track", track).with("parties", parties).to_string())
    };
    let all: Option<Vec<String>> = tracks.split(' ').zip(groups.split(' ')).map(one).collect();
    all.map(|all| all.join(", "))
}

/// A stage in words, whether it is on the ring or beside it.
fn stage(words: Words, code: &str) -> Option<String> {
    words.known("step", code).or_else(|| words.known("ending", code))
}

/// What was asked for and where it stands are on the page already.
fn without_head(message: &str) -> &str {
    message.split_once(": ").filter(|(head, _)| head.contains(" in stage ")).map_or(message, |(_, rest)| rest)
}

fn join(why: &str, mend: &str) -> String {
    [why, mend].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A clause of a service as a sentence.
fn sentence(clause: &str) -> String {
    let mut signs = clause.chars();
    let Some(first) = signs.next() else { return String::new() };
    let text = first.to_uppercase().collect::<String>() + signs.as_str();
    if text.ends_with(['.', '?', '!']) { text } else { text + "." }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> Status {
        Refused::new(Code::FailedPrecondition, "TRACKS_OPEN", "departure waits for visa").mend("finish visa").into()
    }

    #[test]
    fn a_refusal_speaks_the_readers_language_and_keeps_what_the_service_said() {
        let english = view(Words { language: Language::English }, "Depart", &refused());
        assert_eq!((english.why.as_str(), english.mend.as_str()), ("Departure waits for visa.", "Finish visa."));
        assert_eq!(english.original, "");
        let french = view(Words { language: Language::French }, "Depart", &refused());
        assert_eq!(french.why, "Une partie de la préparation est encore ouverte.");
        assert_eq!(french.original, "Departure waits for visa. Finish visa.");
    }

    #[test]
    fn a_refusal_with_values_says_them_in_every_language_and_needs_no_original() {
        let refused = Refused::new(Code::FailedPrecondition, "TRACKS_OPEN", "departure waits for contract, visa");
        let refused = refused.mend("finish contract, visa").at("ACCEPTED").with("tracks", "contract visa");
        let status: Status =
            refused.clone().with("tracks_by", "worker+union authority").with("due", "2026-10-02").into();
        let told = |language| view(Words { language }, "Depart", &status);
        let french = told(Language::French);
        assert_eq!(french.why, "Une partie de la préparation est encore ouverte\u{a0}: contrat, visa.");
        let mend = "Qui s’en charge\u{a0}: contrat (Travailleur, Syndicat d’employeurs), visa (Autorité). L’échéance est le \
                    2\u{a0}octobre 2026.";
        assert_eq!(french.mend, mend);
        assert_eq!((french.place.as_str(), french.original.as_str()), ("Accepté", ""));
        assert!(
            told(Language::English).mend.ends_with("It is due on 2\u{a0}October 2026."),
            "{:?}",
            told(Language::English)
        );
        // Without the day, and with a track that this console does not know.
        let undated: Status = refused.clone().with("tracks_by", "worker authority").into();
        let spanish = view(Words { language: Language::Spanish }, "Depart", &undated);
        assert_eq!(spanish.mend, "Quién se encarga: contrato (Trabajador), visado (Autoridad).");
        let newer: Status = Refused { arguments: Vec::new(), ..refused }.with("tracks", "visa vaccination").into();
        let spanish = view(Words { language: Language::Spanish }, "Depart", &newer);
        assert_eq!(
            (spanish.why.as_str(), spanish.original.is_empty()),
            ("Una parte de la preparación sigue abierta.", false)
        );
    }

    #[test]
    fn a_clock_is_named_with_its_day_and_an_older_service_is_still_understood() {
        let refused = Refused::new(Code::FailedPrecondition, "TOO_EARLY", "C-END runs until 2026-10-14");
        let refused = refused.mend("wait until it is over");
        let french = |refused: Refused| view(Words { language: Language::French }, "Depart", &refused.into());
        let dated = french(refused.clone().with("clock", "C-END").with("until", "2026-10-14"));
        assert_eq!(
            dated.why,
            "C’est trop tôt\u{a0}: le délai «\u{a0}Fin du travail\u{a0}» court jusqu’au 14\u{a0}octobre 2026."
        );
        assert_eq!((dated.mend.as_str(), dated.original.as_str()), ("Attendez le 14\u{a0}octobre 2026.", ""));
        let older = french(refused);
        assert_eq!(older.why, "C’est trop tôt\u{a0}: un délai court encore.");
        assert_eq!(older.original, "C-END runs until 2026-10-14. Wait until it is over.");
    }

    #[test]
    fn an_unknown_reason_is_told_in_the_services_words() {
        let status: Status = Refused::new(Code::FailedPrecondition, "BRAND_NEW", "this is new").into();
        let spanish = view(Words { language: Language::Spanish }, "Depart", &status);
        assert_eq!(spanish.why, "This is new.");
    }

    #[test]
    fn the_head_that_names_move_and_stage_is_left_out() {
        let words = Words { language: Language::English };
        let status = Refused::new(Code::FailedPrecondition, "CASE_OPEN", "OpenCase in stage WORKING: a case is open");
        assert_eq!(view(words, "Open a case", &status.into()).why, "A case is open.");
    }

    #[test]
    fn what_a_driver_says_reaches_no_page() {
        let status = Status::internal("connection to postgres://secret@10.0.0.7 lost");
        let told = view(Words { language: Language::English }, "Depart", &status);
        assert!(!format!("{told:?}").contains("postgres"), "{told:?}");
        assert_eq!(told.why, "Something went wrong on our side.");
    }
}
