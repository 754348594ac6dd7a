//! What a line says of who works and sleeps together.

use std::collections::HashMap;

use platform::Refused;
use proto::demand::OrderLine;

use super::text;
use crate::order::Line;

/// Letters a housing's name may have.
const HOUSING_MAX: usize = 100;

/// The least number of people with whom the work can be done: 0, or up to the line's seats.
pub(super) fn least(said: &OrderLine, at: &str) -> Result<i32, Refused> {
    if (0..=said.seats).contains(&said.least_crew) {
        return Ok(said.least_crew);
    }
    let message = format!("at least {} people for {} seats: nobody could ever work there", said.least_crew, said.seats);
    Err(Refused::field(at, "LEAST_CREW", message)
        .with("value", said.least_crew)
        .with("seats", said.seats)
        .mend("give 0 for any number of people, or at most the seats of the line"))
}

/// The poster's own name for a housing; empty is the line's own.
pub(super) fn housing(said: &str, at: &str) -> Result<String, Refused> {
    let name = text::optional(said, at)?;
    let letters = name.chars().count();
    if letters > HOUSING_MAX {
        let message = format!("{at} has {letters} letters; {HOUSING_MAX} are the most");
        return Err(Refused::field(at, "FIELD_LONG", message).mend("name the housing shorter, in each line the same"));
    }
    Ok(name)
}

/// Lines that share a housing say the same of its beds, or nothing.
pub(super) fn shared_beds(lines: &[Line]) -> Result<(), Refused> {
    let mut known: HashMap<&str, &Line> = HashMap::new();
    for line in lines.iter().filter(|line| !line.housing.is_empty() && line.beds >= 0) {
        let first = *known.entry(&line.housing).or_insert(line);
        if first.beds != line.beds {
            let message = format!(
                "line {} says {} beds of {:?}, line {} says {}",
                line.number, line.beds, line.housing, first.number, first.beds
            );
            return Err(Refused::field(&format!("order.lines[{}].beds", line.number - 1), "HOUSING_BEDS", message)
                .with("housing", &line.housing)
                .with("beds", line.beds)
                .with("other", first.beds)
                .mend("say the beds of the whole housing, in each line the same, or -1; or name two housings"));
        }
    }
    Ok(())
}
