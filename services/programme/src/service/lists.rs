//! Lists, in keyset pages.

use platform::{Error, Principal, page};
use proto::{
    Role,
    ids::QuotaId,
    programme::{
        ListCorridorsRequest, ListCorridorsResponse, ListOrganisationsRequest, ListOrganisationsResponse,
        ListQuotasRequest, ListQuotasResponse, ListRulePacksRequest, ListRulePacksResponse, ListSeasonsRequest,
        ListSeasonsResponse, OpenRelease, OrganisationKind, Quota,
    },
};

use super::Service;
use crate::{check, organisation, store};

/// Cuts the row beyond the page, and says with which token to go on. Stores read one row more than a page holds.
fn next<T>(rows: &mut Vec<T>, size: i64, filter: &str, key: impl Fn(&T) -> &str) -> String {
    let size = usize::try_from(size).unwrap_or_default();
    if rows.len() <= size {
        return String::new();
    }
    rows.truncate(size);
    rows.last().map(|last| page::token(filter, key(last))).unwrap_or_default()
}

impl Service {
    pub(crate) async fn list_organisations(
        &self,
        who: &Principal,
        request: ListOrganisationsRequest,
    ) -> Result<ListOrganisationsResponse, Error> {
        let kind = match request.kind() {
            OrganisationKind::Unspecified => "",
            kind => organisation::word(kind),
        };
        let filter = format!("organisations {kind}");
        let (size, after) = (page::size(request.page_size)?, page::after(&filter, &request.page_token)?);
        let mut tx = self.database.begin(who.reach()).await?;
        let mut organisations = store::organisations(&mut tx, kind, &after, size + 1).await?;
        let next_page_token = next(&mut organisations, size, &filter, |row| &row.code);
        Ok(ListOrganisationsResponse { organisations, next_page_token })
    }

    pub(crate) async fn list_corridors(
        &self,
        who: &Principal,
        request: ListCorridorsRequest,
    ) -> Result<ListCorridorsResponse, Error> {
        let (size, after) = (page::size(request.page_size)?, page::after("corridors", &request.page_token)?);
        let mut tx = self.database.begin(who.reach()).await?;
        let mut corridors = store::corridors(&mut tx, &after, size + 1).await?;
        let next_page_token = next(&mut corridors, size, "corridors", |row| &row.code);
        Ok(ListCorridorsResponse { corridors, next_page_token })
    }

    pub(crate) async fn list_rule_packs(
        &self,
        who: &Principal,
        request: ListRulePacksRequest,
    ) -> Result<ListRulePacksResponse, Error> {
        let filter = format!("packs {}", request.code);
        let (size, after) = (page::size(request.page_size)?, page::after(&filter, &request.page_token)?);
        let mut tx = self.database.begin(who.reach()).await?;
        let mut packs = store::packs(&mut tx, &request.code, &after, size + 1).await?;
        let next_page_token = next(&mut packs, size, &filter, |row| &row.id);
        Ok(ListRulePacksResponse { packs, next_page_token })
    }

    pub(crate) async fn list_seasons(
        &self,
        who: &Principal,
        request: ListSeasonsRequest,
    ) -> Result<ListSeasonsResponse, Error> {
        let (size, after) = (page::size(request.page_size)?, page::after("seasons", &request.page_token)?);
        let mut tx = self.database.begin(who.reach()).await?;
        let mut seasons = store::seasons(&mut tx, &after, size + 1).await?;
        let next_page_token = next(&mut seasons, size, "seasons", |row| &row.code);
        Ok(ListSeasonsResponse { seasons, next_page_token })
    }

    pub(crate) async fn list_quotas(
        &self,
        who: &Principal,
        request: ListQuotasRequest,
    ) -> Result<ListQuotasResponse, Error> {
        let filter = format!("quotas {} {}", request.corridor_code, request.season_code);
        let size = page::size(request.page_size)?;
        let after = match page::after(&filter, &request.page_token)?.as_str() {
            "" => QuotaId::default(),
            id => check::id("page_token", id)?,
        };
        let mut tx = self.database.begin(who.reach()).await?;
        let codes = (request.corridor_code.as_str(), request.season_code.as_str());
        let mut quotas = store::quotas(&mut tx, codes, after, size + 1).await?;
        let next_page_token = next(&mut quotas, size, &filter, |row| &row.id);
        let open_releases = self.open_releases(&mut tx, who, &quotas).await?;
        Ok(ListQuotasResponse { quotas, next_page_token, open_releases })
    }

    /// What waits for a second operator, told to whoever could be one.
    async fn open_releases(
        &self,
        tx: &mut sqlx::PgConnection,
        who: &Principal,
        quotas: &[Quota],
    ) -> Result<Vec<OpenRelease>, Error> {
        if !who.is(Role::Operator) {
            return Ok(Vec::new());
        }
        let ids: Vec<uuid::Uuid> = quotas.iter().filter_map(|quota| quota.id.parse().ok()).collect();
        let open = store::open_releases(tx, &ids).await?;
        let now = self.clock.now();
        let told =
            open.into_iter().filter(|(_, proposal)| !proposal.has_lapsed(now)).map(|(quota, proposal)| OpenRelease {
                quota_id: quota.to_string(),
                units: proposal.units,
                asked_on: proposal.at.date_naive().to_string(),
                lapses_on: proposal.lapses_at().date_naive().to_string(),
                asked_by: proposal.by,
            });
        Ok(told.collect())
    }
}
