//! Limits: how many people may go by one corridor, in one sector, in one season, and what two people may add.

use chrono::{DateTime, TimeDelta, Utc};
use platform::Refused;
use proto::{
    ids::QuotaId,
    programme::{Quota, SetQuotaRequest},
};
use uuid::Uuid;

use crate::{check, corridor};

/// No programme that we know of is a tenth of this size.
const UNITS_MAX: i32 = 10_000_000;

/// The quota that a request describes.
pub(crate) fn read(request: &SetQuotaRequest, id: QuotaId) -> Result<Quota, Refused> {
    if !corridor::is_code(&request.corridor_code) {
        let message = format!("{:?} is no corridor code", request.corridor_code);
        return Err(
            Refused::field("corridor_code", "CORRIDOR", message).mend("write origin and destination, such as CO-ES")
        );
    }
    if !is_sector(&request.sector) {
        let message = format!("{:?} is no section and division of ISIC", request.sector);
        return Err(Refused::field("sector", "SECTOR", message).mend("write a letter and two digits, such as A01"));
    }
    check::units("cap", request.cap, (0, UNITS_MAX))?;
    check::units("flexible_reserve", request.flexible_reserve, (0, UNITS_MAX))?;
    Ok(Quota {
        id: id.to_string(),
        corridor_code: request.corridor_code.clone(),
        season_code: request.season_code.clone(),
        sector: request.sector.clone(),
        cap: request.cap,
        flexible_reserve: request.flexible_reserve,
        version: 1,
    })
}

/// ISIC revision 4: sections A to U, divisions of two digits.
fn is_sector(text: &str) -> bool {
    matches!(text.as_bytes(), [b'A'..=b'U', tens, ones] if tens.is_ascii_digit() && ones.is_ascii_digit())
}

/// Units of the reserve that one person has proposed to release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proposal {
    pub(crate) id: Uuid,
    pub(crate) units: i32,
    pub(crate) by: String,
    pub(crate) at: DateTime<Utc>,
}

impl Proposal {
    /// What nobody seconds within a week is void: five business days and a weekend.
    pub(crate) fn has_lapsed(&self, now: DateTime<Utc>) -> bool {
        now > self.lapses_at()
    }

    pub(crate) fn lapses_at(&self) -> DateTime<Utc> {
        self.at + TimeDelta::days(7)
    }
}

/// What a call to release reserve does.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Release {
    /// The first of two people: nothing moves yet.
    Propose,
    /// The second: the units move.
    Complete,
}

/// Why nothing is released or proposed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotReleased {
    /// The reserve holds only this many.
    TooFew(i32),
    /// The caller proposed it and cannot second it.
    SamePerson,
    /// Another number of units is proposed.
    OtherUnits(i32),
}

/// Decides what `units` asked for by `subject` do. `open` is the proposal that has not lapsed, `kept` what the reserve holds.
pub(crate) fn release(kept: i32, open: Option<&Proposal>, subject: &str, units: i32) -> Result<Release, NotReleased> {
    if units > kept {
        return Err(NotReleased::TooFew(kept));
    }
    match open {
        None => Ok(Release::Propose),
        Some(open) if open.by == subject => Err(NotReleased::SamePerson),
        Some(open) if open.units != units => Err(NotReleased::OtherUnits(open.units)),
        Some(_) => Ok(Release::Complete),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposed(by: &str, units: i32) -> Proposal {
        Proposal { id: Uuid::nil(), units, by: by.to_owned(), at: DateTime::UNIX_EPOCH }
    }

    #[test]
    fn reserve_is_released_by_the_second_person_only() {
        assert_eq!(release(10, None, "first", 4), Ok(Release::Propose));
        assert_eq!(release(10, Some(&proposed("first", 4)), "first", 4), Err(NotReleased::SamePerson));
        assert_eq!(release(10, Some(&proposed("first", 4)), "second", 4), Ok(Release::Complete));
    }

    #[test]
    fn the_second_person_seconds_what_was_proposed_and_nothing_else() {
        assert_eq!(release(10, Some(&proposed("first", 4)), "second", 5), Err(NotReleased::OtherUnits(4)));
        assert_eq!(release(3, None, "first", 4), Err(NotReleased::TooFew(3)));
    }

    #[test]
    fn a_proposal_lapses_after_a_week() {
        let proposal = proposed("first", 4);
        assert!(!proposal.has_lapsed(DateTime::UNIX_EPOCH + TimeDelta::days(7)));
        assert!(proposal.has_lapsed(DateTime::UNIX_EPOCH + TimeDelta::days(8)));
    }

    #[test]
    fn a_sector_is_a_section_and_a_division() {
        assert!(is_sector("A01"));
        assert!(!is_sector("A1") && !is_sector("Z01") && !is_sector("A0x"));
    }
}
