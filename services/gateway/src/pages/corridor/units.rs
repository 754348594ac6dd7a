//! `/corridors/{code}/units`: units that a quota keeps back, and asking for some of them.

use axum::{
    Form,
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use proto::programme::{ListQuotasRequest, OpenRelease, Quota, ReleaseReserveRequest};
use tonic::Status;

use super::known;
use crate::{
    console::{
        code::{Corridor, FormKeys},
        frame::{Banner, Desk, Section, Tone},
        problem::Kind,
        refusal::Refusal,
        units::{Asked, Kept, Open, UnitsPage},
        url,
    },
    pages::{
        Params, count, day, moves, param, refusal,
        visitor::{Remains, Trouble, Visitor},
    },
};

pub(in crate::pages) async fn page(
    visitor: Visitor,
    Path(code): Path<String>,
    Query(params): Query<Params>,
) -> Response {
    let page = draw(&visitor, &code, &params, None).await;
    visitor.answer(page)
}

async fn draw(visitor: &Visitor, code: &str, params: &Params, refusal: Option<Refusal>) -> Result<String, Trouble> {
    let mut programme = visitor.app.upstream.programme(&visitor.session);
    let corridor = known(visitor, code).await?;
    let request = ListQuotasRequest {
        corridor_code: corridor.code.clone(),
        season_code: param(params, "season").to_owned(),
        ..Default::default()
    };
    let told = programme.list_quotas(request).await?.into_inner();
    let mut quotas = told.quotas;
    let season = quotas.iter().map(|quota| quota.season_code.clone()).max().unwrap_or_default();
    quotas.retain(|quota| quota.season_code == season);
    let may = visitor.desk == Desk::Operator;
    let (typed, banner) = match done(visitor, params) {
        // What was asked for is done: the form is empty again.
        Some(banner) => ("", Some(banner)),
        None => (param(params, "units"), None),
    };
    let chosen = chosen(&quotas, param(params, "quota"));
    let asked = chosen.and_then(|quota| asked(visitor, quota, typed)).filter(|_| may);
    let open = told.open_releases.iter().filter_map(|open| waiting(visitor, &quotas, open)).collect();
    let page = UnitsPage {
        open,
        corridor: Corridor::new(&corridor.code),
        season,
        may,
        quota: chosen.map(|quota| quota.id.clone()).unwrap_or_default(),
        units: typed.to_owned(),
        wrong: may && !typed.is_empty() && asked.is_none(),
        asked,
        refusal,
        quotas: quotas.iter().map(kept).collect(),
    };
    Ok(page.render(&Visitor::with_banner(visitor.frame(Section::Home, None, None), banner))?)
}

/// The quota asked for; the only one that keeps anything back need not be named.
fn chosen<'q>(quotas: &'q [Quota], id: &str) -> Option<&'q Quota> {
    let mut keeping = quotas.iter().filter(|quota| quota.flexible_reserve > 0);
    match quotas.iter().find(|quota| quota.id == id) {
        Some(quota) => Some(quota),
        None => keeping.next().filter(|_| keeping.next().is_none()),
    }
}

fn kept(quota: &Quota) -> Kept {
    Kept {
        id: quota.id.clone(),
        sector: quota.sector.clone(),
        cap: count(quota.cap),
        reserve: count(quota.flexible_reserve),
    }
}

/// What waits for a second operator, of the quotas that are shown.
fn waiting(visitor: &Visitor, quotas: &[Quota], open: &OpenRelease) -> Option<Open> {
    Some(Open {
        quota: kept(quotas.iter().find(|quota| quota.id == open.quota_id)?),
        units: count(open.units),
        asked_on: day(&open.asked_on)?,
        lapses_on: day(&open.lapses_on)?,
        own: open.asked_by == visitor.session.principal.subject,
    })
}

/// What would come of so many units; nothing if the quota does not keep so many back.
fn asked(visitor: &Visitor, quota: &Quota, units: &str) -> Option<Asked> {
    let units = units.parse().ok().filter(|units| (1..=count(quota.flexible_reserve)).contains(units))?;
    let form = FormKeys { request_id: visitor.app.clock.id().to_string(), version: quota.version.to_string() };
    Some(Asked { quota: kept(quota), units, form })
}

/// What is told of units that were just asked for, or released. No figure: anybody can write an address.
fn done(visitor: &Visitor, params: &Params) -> Option<Banner> {
    let key = ["asked", "released"].into_iter().find(|key| *key == param(params, "done"))?;
    let words = visitor.words();
    let sentence = words.t(&format!("units-{key}"));
    let (tone, more) = match key {
        "asked" => (Tone::Note, words.t("units-asked-more")),
        _ => (Tone::Ok, words.t("units-released-more")),
    };
    Some(Banner { tone, sentence, more, link: None })
}

/// Asks for the units that the form names; the second of two operators gets them released.
pub(in crate::pages) async fn ask(visitor: Visitor, Path(code): Path<String>, Form(typed): Form<Params>) -> Response {
    if !visitor.session.admits(param(&typed, "csrf")) {
        return visitor.stale_form();
    }
    if let Err(status) = known(&visitor, &code).await {
        return visitor.refused(&status);
    }
    if visitor.desk != Desk::Operator {
        return visitor.problem(Kind::Forbidden, None);
    }
    let Some(request) = request(&typed) else { return visitor.problem(Kind::BadRequest, None) };
    let seen = request.expected_version;
    match visitor.app.upstream.programme(&visitor.session).release_reserve(request).await {
        Ok(answer) => {
            let done = if answer.into_inner().version > seen { "released" } else { "asked" };
            let path = format!("/corridors/{}/units", url::encode(&code));
            let told = [("season", param(&typed, "season")), ("done", done)];
            Redirect::to(&url::with_query(&path, &told)).into_response()
        }
        Err(status) => refused(&visitor, &code, &typed, &status).await,
    }
}

/// The call; none if the form lacks what every one of ours has.
fn request(typed: &Params) -> Option<ReleaseReserveRequest> {
    let text = |name: &str| Some(param(typed, name).to_owned()).filter(|text| !text.is_empty());
    Some(ReleaseReserveRequest {
        quota_id: text("quota")?,
        units: param(typed, "units").parse().ok()?,
        request_id: text("request_id")?,
        // To the service 0 is any version.
        expected_version: param(typed, "version").parse().ok().filter(|version| *version > 0)?,
    })
}

async fn refused(visitor: &Visitor, code: &str, typed: &Params, status: &Status) -> Response {
    let words = visitor.words();
    let Some(answer) = moves::page_status(status.code()) else {
        let typed = vec![(words.t("units-number"), param(typed, "units").to_owned())];
        return visitor.lost(status, Remains { typed, back: format!("/corridors/{}/units", url::encode(code)) });
    };
    let why = refusal::view(words, &words.t("units-form"), status);
    let mut response = visitor.answer(draw(visitor, code, typed, Some(why)).await);
    if response.status() == StatusCode::OK {
        *response.status_mut() = answer;
    }
    response
}
