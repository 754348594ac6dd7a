//! Who drops out where: one draw per placement and step, from the seed and what is the same in every run, so that neither
//! the order of work nor the ids of a run change anything. Rates: the table of drop-off for simulated seasons in services/cli/README.md.

use sha2::{Digest, Sha256};

/// Per cent of those who reach a step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rates {
    pub(crate) decline: f64,
    pub(crate) withdraw: f64,
    pub(crate) authorisation_refused: f64,
    pub(crate) visa_refused: f64,
    pub(crate) not_fit: f64,
    pub(crate) no_show_departure: f64,
    pub(crate) not_arrived: f64,
    pub(crate) no_show_work: f64,
    pub(crate) resign: f64,
    pub(crate) abandon: f64,
    pub(crate) terminate: f64,
    pub(crate) early: f64,
    pub(crate) unverified: f64,
    /// Of the unverified.
    pub(crate) non_return: f64,
    /// Of the verified returns.
    pub(crate) recall: f64,
}

/// Per cent of those who work, in every corridor.
pub(crate) const REPATRIATED: f64 = 0.46;
pub(crate) const DIED: f64 = 0.02;
/// Per cent of those who start whose own word confirms it: assumed, nothing is published of it.
pub(crate) const CONFIRMED: f64 = 90.0;
/// Per cent of the ends of work that the authority has to be told of where the union never does, and of the others where it
/// does late: assumed.
pub(crate) const NOTICE_NEVER: f64 = 5.0;
pub(crate) const NOTICE_LATE: f64 = 10.0;

const SPAIN: Rates = Rates {
    decline: 6.0,
    withdraw: 5.0,
    authorisation_refused: 2.0,
    visa_refused: 4.0,
    not_fit: 4.0,
    no_show_departure: 5.0,
    not_arrived: 1.0,
    no_show_work: 1.0,
    resign: 1.0,
    abandon: 2.0,
    terminate: 0.5,
    early: 3.0,
    unverified: 8.0,
    non_return: 50.0,
    recall: 58.0,
};

const CANADA: Rates = Rates {
    decline: 3.0,
    withdraw: 2.0,
    authorisation_refused: 0.0,
    visa_refused: 2.0,
    not_fit: 1.0,
    no_show_departure: 1.5,
    not_arrived: 0.3,
    no_show_work: 0.3,
    resign: 1.0,
    abandon: 1.0,
    terminate: 0.5,
    early: 3.0,
    unverified: 4.0,
    non_return: 40.0,
    recall: 75.0,
};

const ITALY: Rates = Rates {
    decline: 4.0,
    withdraw: 4.0,
    authorisation_refused: 20.0,
    visa_refused: 15.0,
    not_fit: 2.0,
    no_show_departure: 2.0,
    not_arrived: 1.0,
    no_show_work: 2.0,
    resign: 2.0,
    abandon: 3.0,
    terminate: 0.5,
    early: 3.0,
    unverified: 15.0,
    non_return: 65.0,
    recall: 40.0,
};

const UNITED_STATES: Rates = Rates {
    decline: 3.0,
    withdraw: 4.0,
    authorisation_refused: 0.0,
    visa_refused: 12.0,
    not_fit: 0.0,
    no_show_departure: 1.0,
    not_arrived: 0.5,
    no_show_work: 1.0,
    resign: 1.0,
    abandon: 3.0,
    terminate: 1.0,
    early: 5.0,
    unverified: 6.0,
    non_return: 50.0,
    recall: 60.0,
};

/// The rates of a corridor, by its destination.
pub(crate) fn rates(corridor: &str) -> Rates {
    match corridor.split('-').next_back() {
        Some("ES") => SPAIN,
        Some("CA") => CANADA,
        Some("IT") => ITALY,
        _ => UNITED_STATES,
    }
}

/// True for `percent` of all lots at this step. A lot is a person's, and a new one for each of their placements.
pub(crate) fn falls(seed: u64, lot: &str, step: &str, percent: f64) -> bool {
    let digest = Sha256::digest(format!("{seed}/{lot}/{step}"));
    let draw = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    f64::from(draw) < percent / 100.0 * f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_that_falls_is_the_rate() {
        let fell = (0..20_000).filter(|id| falls(7, &id.to_string(), "decline", 6.0)).count();
        assert!((1_100..1_300).contains(&fell), "{fell} of 20,000 at 6 %");
        assert!(!falls(7, "1", "never", 0.0));
    }

    /// The product of the rates before work is the share that the table gives.
    #[test]
    fn the_share_that_starts_work_is_that_of_the_table() {
        for (corridor, wanted) in [("CO-ES", 75.1), ("GT-CA", 90.3), ("GH-IT", 58.4), ("MX-US", 79.9)] {
            let rates = rates(corridor);
            let steps = [
                rates.decline,
                rates.withdraw,
                rates.authorisation_refused,
                rates.visa_refused,
                rates.not_fit,
                rates.no_show_departure,
                rates.not_arrived,
                rates.no_show_work,
            ];
            let share: f64 = 100.0 * steps.iter().map(|percent| 1.0 - percent / 100.0).product::<f64>();
            assert!((share - wanted).abs() < 0.1, "{corridor}: {share:.1} against {wanted}");
        }
    }
}
