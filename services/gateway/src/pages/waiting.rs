//! What waits for the operators, as counts beside the entries of the navigation.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures::future::join_all;
use proto::{
    matching::{ListRoundsRequest, RoundState},
    operation::ListParkedKeysRequest,
};
use tokio::time::Instant;

use super::count;
use crate::{
    console::frame::{Desk, Section},
    server::App,
    session::Session,
    upstream::SERVICES,
};

/// How long the counts are taken as they are: every page shows them, and none is drawn from them.
const FRESH: Duration = Duration::from_secs(5);
/// How long a page waits for them. It stands without.
const WAIT: Duration = Duration::from_millis(500);
/// Rounds looked through, the latest first.
const ROUNDS: i32 = 50;

/// Counts by section.
type Counts = Vec<(Section, u64)>;

/// The counts, and when they were read. They are the same for every operator.
#[derive(Default)]
pub(super) struct Waiting(Mutex<Option<(Instant, Counts)>>);

impl Waiting {
    /// The counts as they were about five seconds ago at most: rounds to be published, and parked events. None for other desks,
    /// and none that a service does not answer for in time: such are asked for again by the next page.
    pub(super) async fn get(&self, app: &App, session: &Session, desk: Desk) -> Counts {
        if desk != Desk::Operator {
            return Vec::new();
        }
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, counts)) = kept.filter(|(read, _)| read.elapsed() < FRESH) {
            return counts;
        }
        let (rounds, parked) = tokio::join!(rounds(app, session), parked(app, session));
        let whole = rounds.is_some() && parked.is_some();
        let told = [(Section::Rounds, rounds), (Section::Parked, parked)];
        let counts: Counts = told.into_iter().filter_map(|(section, count)| Some((section, count?))).collect();
        if whole {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), counts.clone()));
        }
        counts
    }

    /// The next page counts anew: something that waited was done here.
    pub(super) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

async fn rounds(app: &App, session: &Session) -> Option<u64> {
    let mut matching = app.upstream.matching(session);
    let request = ListRoundsRequest { page_size: ROUNDS, ..Default::default() };
    let told = tokio::time::timeout(WAIT, matching.list_rounds(request)).await.ok()?.ok()?;
    let rounds = told.into_inner().rounds;
    Some(count(rounds.iter().filter(|round| round.state() == RoundState::Preview).count()))
}

/// Of all services, or none: a part of them is no count.
async fn parked(app: &App, session: &Session) -> Option<u64> {
    join_all(SERVICES.map(|service| parked_at(app, session, service))).await.into_iter().sum()
}

async fn parked_at(app: &App, session: &Session, service: &'static str) -> Option<u64> {
    let mut operation = app.upstream.operation(service, session);
    let request = ListParkedKeysRequest { service: service.to_owned(), page_size: 1, page_token: String::new() };
    let told = tokio::time::timeout(WAIT, operation.list_parked_keys(request)).await.ok()?.ok()?;
    Some(count(told.into_inner().total_events))
}
