//! The console's pages: each asks the services in the name of whoever is signed in and fills a view of [`crate::console`].
//!
//! No number is made up here: what the services do not say is left out. A service that does not answer gives the 503
//! page, or a sentence in place where the rest of the page is whole without it.

mod access;
mod bulk;
mod corridor;
mod desk;
mod flows;
mod forms;
mod home;
mod language;
mod live;
mod moves;
mod names;
mod parked;
mod passed;
mod place;
mod placement;
mod placements;
mod preview;
mod reason;
mod refusal;
mod round;
mod rounds;
mod season;
mod sight;
mod sign_in;
mod track;
mod typed;
mod untold;
mod visitor;
mod waiting;

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    routing::{get, post},
};
use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use crate::server::App;
pub(crate) use language::words;
pub(crate) use sign_in::page as sign_in_page;
pub(crate) use visitor::{no_role, no_such_page};

/// What pages share between requests.
#[derive(Default)]
pub(crate) struct Shared {
    names: names::Names,
    waiting: waiting::Waiting,
    pub(crate) live: live::Live,
}

/// All pages.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(home::page))
        .route("/flows.csv", get(flows::file))
        .route("/corridors/{code}", get(corridor::page))
        .route("/corridors/{code}/packs", get(corridor::packs::page))
        .route("/corridors/{code}/units", get(corridor::units::page).post(corridor::units::ask))
        .route("/placements", get(placements::page))
        .route("/placements/{id}", get(placement::page))
        .route("/placements/{id}/moves/{command}", post(moves::make))
        .route("/preview", post(preview::show))
        .route("/preview/confirm", post(preview::confirm))
        .route("/parked", get(parked::page))
        .route("/parked/{service}/replay", post(parked::replay))
        .route("/parked/{service}/discard", post(parked::discard))
        .route("/who-sees-what", get(sight::page))
        .route("/accessibility", get(access::page))
        .route("/rounds", get(rounds::page))
        .route("/rounds/{id}", get(round::page))
        .route("/rounds/{id}/publish", post(round::publish))
        .route("/rounds/{id}/overrides", post(round::overrule::lay))
        .route("/language/{tag}", get(language::switch))
        .route("/live", get(live::stream))
}

/// The parameters of an address or a form; of one that is named twice the last counts.
type Params = HashMap<String, String>;

/// A parameter, empty if it is not there.
fn param<'a>(params: &'a Params, name: &str) -> &'a str {
    params.get(name).map_or("", |value| value.trim())
}

/// A date of the contracts; none if it is empty.
fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

/// A count of the contracts, which are signed and never below zero.
fn count(number: impl TryInto<u64>) -> u64 {
    number.try_into().unwrap_or(0)
}

/// The end of an id: enough to tell people apart on a page, short enough to read out.
fn short(id: &str) -> String {
    let start = id.len().saturating_sub(12);
    id.get(start..).unwrap_or(id).to_owned()
}

/// What a page was drawn from, so that a live stream can tell whether it has changed.
fn fingerprint<'a, M: prost::Message + 'a>(messages: impl IntoIterator<Item = &'a M>) -> String {
    let mut digest = Sha256::new();
    for message in messages {
        digest.update(message.encode_to_vec());
    }
    hex::encode(&digest.finalize()[..8])
}
