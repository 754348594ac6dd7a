//! Refusals of the services in the reader's language.

use platform::Refused;
use tonic::{Code, Status};

use crate::{
    console::{
        refusal::Refusal,
        words::{Language, Words},
    },
    upstream::is_away,
};

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

/// English readers get the service's own sentence, which says most; others the console's, with the service's beside it.
fn told(words: Words, what: &str, refused: &Refused) -> Refusal {
    let key = |kind: &str| format!("{kind}-{}", refused.reason.to_lowercase().replace('_', "-"));
    let ours = words.filled(&key("refusal"), &refused.arguments);
    let mends = words.filled(&key("mend"), &refused.arguments);
    let (theirs, their_mend) = (sentence(without_head(&refused.message)), sentence(&refused.mend));
    let english = words.language == Language::English && !theirs.is_empty();
    let (why, mend, original) = match (english, ours) {
        (false, Some(ours)) => {
            let same = words.language == Language::English;
            (ours, mends.unwrap_or_default(), if same { String::new() } else { join(&theirs, &their_mend) })
        }
        _ => (theirs, their_mend, String::new()),
    };
    Refusal { what: what.to_owned(), why, place: refused.place.clone(), mend, original, fields: Vec::new() }
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
