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
    /// The counts as they were at most five seconds ago: rounds to be published, and parked events. Nothing for other desks,
    /// and of a service that does not answer in time.
    pub(super) async fn get(&self, app: &App, session: &Session, desk: Desk) -> Counts {
        if desk != Desk::Operator {
            return Vec::new();
        }
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, counts)) = kept.filter(|(read, _)| read.elapsed() < FRESH) {
            return counts;
        }
        let (rounds, parked) = tokio::join!(rounds(app, session), parked(app, session));
        let counts = vec![(Section::Rounds, rounds), (Section::Parked, parked)];
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), counts.clone()));
        counts
    }

    /// The next page counts anew: something that waited was done here.
    pub(super) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

async fn rounds(app: &App, session: &Session) -> u64 {
    let mut matching = app.upstream.matching(session);
    let request = ListRoundsRequest { page_size: ROUNDS, ..Default::default() };
    let Ok(Ok(told)) = tokio::time::timeout(WAIT, matching.list_rounds(request)).await else { return 0 };
    let rounds = told.into_inner().rounds;
    count(rounds.iter().filter(|round| round.state() == RoundState::Preview).count())
}

async fn parked(app: &App, session: &Session) -> u64 {
    join_all(SERVICES.map(|service| parked_at(app, session, service))).await.into_iter().sum()
}

async fn parked_at(app: &App, session: &Session, service: &'static str) -> u64 {
    let mut operation = app.upstream.operation(service, session);
    let request = ListParkedKeysRequest { service: service.to_owned(), page_size: 1, page_token: String::new() };
    let Ok(Ok(told)) = tokio::time::timeout(WAIT, operation.list_parked_keys(request)).await else { return 0 };
    count(told.into_inner().total_events)
}
