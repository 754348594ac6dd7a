//! Ordered pairs origin → destination.

use platform::Refused;
use proto::{
    ids::OrganisationId,
    programme::{Corridor, CorridorState, OpenCorridorRequest, Organisation, OrganisationKind},
};

use crate::{check, organisation};

/// True for `CO-ES`: two different countries.
pub(crate) fn is_code(text: &str) -> bool {
    text.split_once('-').is_some_and(|(origin, destination)| {
        check::is_country(origin) && check::is_country(destination) && origin != destination
    })
}

/// The corridor that a request describes.
pub(crate) fn read(request: &OpenCorridorRequest) -> Result<Corridor, Refused> {
    check::country("origin", &request.origin)?;
    check::country("destination", &request.destination)?;
    if request.origin == request.destination {
        return Err(Refused::field("destination", "SAME_COUNTRY", "a corridor leads from one country to another")
            .mend("name another country as origin or as destination"));
    }
    check::text("agreement", &request.agreement)?;
    check::id::<OrganisationId>("ministry_id", &request.ministry_id)?;
    Ok(Corridor {
        code: format!("{}-{}", request.origin, request.destination),
        origin: request.origin.clone(),
        destination: request.destination.clone(),
        agreement: request.agreement.trim().to_owned(),
        state: CorridorState::Open.into(),
        ministry_id: request.ministry_id.to_lowercase(),
        version: 1,
    })
}

/// A corridor's candidates are registered by a ministry of its origin.
pub(crate) fn check_ministry(corridor: &Corridor, ministry: Option<&Organisation>) -> Result<(), Refused> {
    let fits =
        |ministry: &&Organisation| ministry.kind() == OrganisationKind::Ministry && ministry.country == corridor.origin;
    if ministry.filter(fits).is_some() {
        return Ok(());
    }
    let message = match ministry {
        Some(other) => format!(
            "{} is registered as {} of {}; the corridor needs a ministry of {}",
            other.name,
            organisation::word(other.kind()),
            other.country,
            corridor.origin
        ),
        None => format!("no organisation is registered as {}", corridor.ministry_id),
    };
    Err(Refused::field("ministry_id", "MINISTRY", message)
        .mend(format!("register the ministry of {} first, then name its id", corridor.origin))
        .with("origin", &corridor.origin))
}
