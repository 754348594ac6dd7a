//! Who takes part, and under which code.

use platform::Refused;
use proto::{
    ids::OrganisationId,
    programme::{Organisation, OrganisationKind, RegisterOrganisationRequest},
};

use crate::check;

const KIND_PREFIX: &str = "ORGANISATION_KIND_";

/// The word of a kind, such as `MINISTRY`: how it is stored and counted.
pub(crate) fn word(kind: OrganisationKind) -> &'static str {
    kind.as_str_name().trim_start_matches(KIND_PREFIX)
}

/// The kind that a word names.
pub(crate) fn kind(word: &str) -> OrganisationKind {
    OrganisationKind::from_str_name(&format!("{KIND_PREFIX}{word}")).unwrap_or_default()
}

/// The organisation that a request describes; `id` is used if the caller gives none.
pub(crate) fn read(request: &RegisterOrganisationRequest, id: OrganisationId) -> Result<Organisation, Refused> {
    if request.kind() == OrganisationKind::Unspecified {
        return Err(
            Refused::field("kind", "KIND", "an organisation is of some kind").mend("name one, such as MINISTRY")
        );
    }
    check::text("name", &request.name)?;
    check::country("country", &request.country)?;
    if !check::is_slug(&request.code, 64) {
        return Err(Refused::field("code", "CODE", format!("{:?} is no code", request.code))
            .mend("write small letters, digits and hyphens, such as unio-de-pagesos"));
    }
    let id = match request.organisation_id.as_str() {
        "" => id,
        given => check::id("organisation_id", given)?,
    };
    Ok(Organisation {
        id: id.to_string(),
        kind: request.kind,
        name: request.name.trim().to_owned(),
        country: request.country.clone(),
        code: request.code.clone(),
        version: 1,
    })
}

/// True if both say the same; the id counts only where the caller chose it.
pub(crate) fn same(there: &Organisation, asked: &Organisation, id_chosen: bool) -> bool {
    let id = if id_chosen { asked.id.clone() } else { there.id.clone() };
    *there == Organisation { id, version: there.version, ..asked.clone() }
}
