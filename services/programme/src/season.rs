//! Years of campaigns that are planned and counted together.

use chrono::NaiveDate;
use platform::Refused;
use proto::programme::{PlanSeasonRequest, Season};

use crate::check;

/// The season that a request describes, with its first and last day.
pub(crate) fn read(request: &PlanSeasonRequest) -> Result<(Season, NaiveDate, NaiveDate), Refused> {
    if !check::is_slug(&request.code, 16) {
        return Err(Refused::field("code", "CODE", format!("{:?} is no season code", request.code))
            .mend("write a year, such as 2026"));
    }
    let starts_on = check::date("starts_on", &request.starts_on)?;
    let ends_on = check::date("ends_on", &request.ends_on)?;
    if ends_on < starts_on {
        return Err(Refused::field("ends_on", "ENDS_BEFORE_START", "a season ends after it starts")
            .mend("exchange the two dates, or correct one"));
    }
    let season = Season {
        code: request.code.clone(),
        starts_on: starts_on.to_string(),
        ends_on: ends_on.to_string(),
        version: 1,
    };
    Ok((season, starts_on, ends_on))
}
