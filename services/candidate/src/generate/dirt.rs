//! The slips of hands that fill in spreadsheets.

use std::collections::HashSet;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::row::Draft;

/// Rows in 100 that have a slip worth a finding.
const SLIPS_IN_HUNDRED: usize = 4;

/// Spoils some rows, at most [`SLIPS_IN_HUNDRED`] in 100, and writes some others in small letters, which is no fault. Answers
/// which rows have a slip, by their places.
pub(super) fn spoil(drafts: &mut [Draft], chance: &mut ChaCha8Rng) -> HashSet<usize> {
    let mut spoilt = HashSet::new();
    let mut left = drafts.len() * SLIPS_IN_HUNDRED / 100;
    for at in 1..drafts.len() {
        let drawn = chance.random_range(0..1000);
        if drawn < 35 && left > 0 {
            left -= 1;
            spoilt.insert(at);
            let (before, rest) = drafts.split_at_mut(at);
            slip(drawn, &before[at - 1], &mut rest[0]);
        } else if drawn >= 970 {
            small_letters(&mut drafts[at]);
        }
    }
    spoilt
}

fn slip(drawn: u32, before: &Draft, draft: &mut Draft) {
    match drawn {
        // The same person entered twice.
        0..6 => *draft = before.clone(),
        // Another person with a document that was copied from the row above.
        6..11 => {
            draft.set("document_number", before.get("document_number"));
            draft.set("mrz", "");
        }
        11..15 => letter_for_digit(draft),
        15..19 => wrong_digit(draft),
        19..24 => {
            let born = draft.get("birth_date");
            draft.set("birth_date", format!("30/02/{}", &born[..4]));
            draft.set("mrz", "");
        }
        24..26 => draft.set("reference", ""),
        26..30 => {
            let year = draft.get("document_expiry")[..4].parse::<i32>().unwrap_or(2000);
            draft.set("document_expiry", format!("15/06/{}", year - 12));
            draft.set("mrz", "");
        }
        30..33 => draft.set("occupations", "9999:12"),
        _ => draft.set("languages", "es:B7"),
    }
}

/// The letter O for the first zero among the digits of the passport's line.
fn letter_for_digit(draft: &mut Draft) {
    let line = draft.get("mrz");
    if let Some(at) = line.get(..28).and_then(|fields| fields.rfind('0')) {
        draft.set("mrz", format!("{}O{}", &line[..at], &line[at + 1..]));
    }
}

/// Another last digit of the document number than the check digit was made for.
fn wrong_digit(draft: &mut Draft) {
    let line = draft.get("mrz");
    if let Some(digit) = line.get(8..9) {
        let other = if digit == "7" { "4" } else { "7" };
        draft.set("mrz", format!("{}{other}{}", &line[..8], &line[9..]));
    }
}

fn small_letters(draft: &mut Draft) {
    for column in ["sex", "region", "document_number", "languages", "certificates"] {
        let text = draft.get(column).to_lowercase();
        draft.set(column, text);
    }
}
