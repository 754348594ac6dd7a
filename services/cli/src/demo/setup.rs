//! The programme: who takes part, which corridors are open under which rules, how many may go.

use proto::programme::{
    OpenCorridorRequest, PlanSeasonRequest, PublishRulePackRequest, RegisterOrganisationRequest, SetQuotaRequest,
};

use super::{Cast, Progress};
use crate::{
    cast::{self, CORRIDORS, ORGANISATIONS},
    client::refusal,
    output::spinner,
};

const SEASONS: [(&str, &str, &str); 2] = [("2017", "2016-08-01", "2018-12-31"), ("2026", "2025-11-01", "2026-12-31")];
/// ISIC: crop and animal production.
const SECTOR: &str = "A01";

/// Registers organisations, opens corridors, publishes rule packs, plans seasons, sets quotas.
pub(crate) async fn programme(cast: &Cast<'_>, kept: &Progress) -> anyhow::Result<()> {
    let mut programme = cast.sign_in("operator")?.programme();
    let progress = spinner("setting the programme up");
    for organisation in ORGANISATIONS {
        let request = RegisterOrganisationRequest {
            kind: organisation.kind as i32,
            name: organisation.name.to_owned(),
            country: organisation.country.to_owned(),
            code: organisation.code.to_owned(),
            request_id: kept.request_id(&format!("organisation/{}", organisation.code)),
            organisation_id: organisation.id().to_string(),
        };
        programme.register_organisation(request).await.map_err(|status| refusal(&status))?;
    }
    let packs = programme::packs::all();
    let rules: usize = packs.iter().map(|pack| pack.rules.len()).sum();
    let count = packs.len();
    for pack in packs {
        let request_id = kept.request_id(&format!("pack/{}", pack.id));
        let request = PublishRulePackRequest { pack: Some(pack), request_id };
        programme.publish_rule_pack(request).await.map_err(|status| refusal(&status))?;
    }
    for (code, starts_on, ends_on) in SEASONS {
        let request = PlanSeasonRequest {
            code: code.to_owned(),
            starts_on: starts_on.to_owned(),
            ends_on: ends_on.to_owned(),
            request_id: kept.request_id(&format!("season/{code}")),
        };
        programme.plan_season(request).await.map_err(|status| refusal(&status))?;
    }
    for (origin, destination, agreement, season, cap, reserve) in CORRIDORS {
        let request = OpenCorridorRequest {
            origin: (*origin).to_owned(),
            destination: (*destination).to_owned(),
            agreement: (*agreement).to_owned(),
            ministry_id: cast::ministry(origin).id().to_string(),
            request_id: kept.request_id(&format!("corridor/{origin}-{destination}")),
        };
        programme.open_corridor(request).await.map_err(|status| refusal(&status))?;
        let request = SetQuotaRequest {
            corridor_code: format!("{origin}-{destination}"),
            season_code: (*season).to_owned(),
            sector: SECTOR.to_owned(),
            cap: *cap,
            flexible_reserve: *reserve,
            request_id: kept.request_id(&format!("quota/{origin}-{destination}/{season}")),
        };
        programme.set_quota(request).await.map_err(|status| refusal(&status))?;
    }
    progress.finish_and_clear();
    eprintln!(
        "  programme: {} organisations, {} corridors with their quotas, {count} rule packs with {rules} rules",
        ORGANISATIONS.len(),
        CORRIDORS.len()
    );
    Ok(())
}
