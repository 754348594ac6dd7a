//! Names of organisations: they change rarely, and every page needs one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use proto::programme::{ListOrganisationsRequest, Organisation};
use tokio::time::Instant;

use crate::{server::App, session::Session};

/// How long names are taken as they are.
const FRESH: Duration = Duration::from_secs(60);
/// Organisations read at most: five full pages.
const PAGES_MAX: usize = 5;
const PAGE: i32 = 1000;

/// Organisations' names by id.
pub(super) type ById = Arc<HashMap<String, String>>;

/// The names, and when they were read.
#[derive(Default)]
pub(super) struct Names(Mutex<Option<(Instant, ById)>>);

impl Names {
    /// The names as they were at most a minute ago; older ones, or none, if the service does not answer.
    pub(super) async fn get(&self, app: &App, session: &Session) -> ById {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, names)) = kept.as_ref().filter(|(read, _)| read.elapsed() < FRESH) {
            return names.clone();
        }
        match read(app, session).await {
            Ok(names) => {
                let names: ById = Arc::new(names);
                *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), names.clone()));
                names
            }
            Err(status) => {
                tracing::warn!(code = ?status.code(), "names of organisations cannot be read");
                kept.map(|(_, names)| names).unwrap_or_default()
            }
        }
    }
}

async fn read(app: &App, session: &Session) -> Result<HashMap<String, String>, tonic::Status> {
    let mut programme = app.upstream.programme(session);
    let mut names = HashMap::new();
    let mut page_token = String::new();
    for _ in 0..PAGES_MAX {
        let request = ListOrganisationsRequest { page_size: PAGE, page_token, ..Default::default() };
        let answer = programme.list_organisations(request).await?.into_inner();
        names.extend(answer.organisations.into_iter().map(|Organisation { id, name, .. }| (id, name)));
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    Ok(names)
}
