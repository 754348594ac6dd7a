//! Who looks, in which language, from which address; and the answer in their frame.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    response::{Html, IntoResponse, Redirect, Response},
};
use chrono::NaiveDate;
use http::{HeaderMap, StatusCode, header, request::Parts};
use proto::{Role, monitoring::WatchFlowsRequest};
use tonic::{Code, Status};

use super::{language, names, refusal};
use crate::{
    console::{
        frame::{Banner, Desk, Frame, Section, Signed},
        problem::{Kind, Problem},
        refusal::Refusal,
        url,
        words::{Language, Words},
    },
    server::{App, RequestId},
    session::{Session, SignedIn},
};

/// Seconds after which a service that did not answer is worth another try.
pub(super) const AGAIN: u64 = 5;

/// Somebody who may not be signed in.
pub(super) struct Guest {
    pub(super) language: Language,
    /// Path and query of the page they are on.
    pub(super) here: String,
    /// The id of the request.
    reference: String,
    now: chrono::NaiveDateTime,
}

impl Guest {
    pub(super) fn new(app: &App, headers: &HeaderMap, here: &str, reference: String) -> Self {
        let now = app.clock.now().naive_utc();
        Self { language: language::of(headers), here: here.to_owned(), reference, now }
    }

    fn of(app: &App, parts: &Parts) -> Self {
        let here = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let reference = parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
        Self::new(app, &parts.headers, here, reference)
    }

    pub(super) fn frame(&self, signed: Option<Signed>) -> Frame {
        Frame {
            language: self.language,
            signed,
            section: None,
            here: self.here.clone(),
            as_of: self.now,
            calendar: None,
            live: None,
            banner: None,
        }
    }

    fn problem(&self, signed: Option<Signed>, kind: Kind) -> (Problem, Frame) {
        let frame = Frame { here: "/".to_owned(), ..self.frame(signed) };
        // Who sits at no desk here may sit at one as somebody else.
        let back = if frame.signed.is_some() { "/" } else { "/sign-in" };
        let problem = Problem {
            kind,
            reference: self.reference.clone(),
            refusal: None,
            typed: Vec::new(),
            back: back.to_owned(),
        };
        (problem, frame)
    }
}

/// Somebody who is signed in at a desk.
pub(super) struct Visitor {
    pub(super) app: Arc<App>,
    pub(super) session: Session,
    pub(super) desk: Desk,
    pub(super) names: names::ById,
    /// What waits, by section.
    badges: Vec<(Section, u64)>,
    pub(super) guest: Guest,
}

/// What stays of a form that was sent.
#[derive(Default)]
pub(super) struct Remains {
    /// Labels and what was typed.
    pub(super) typed: Vec<(String, String)>,
    /// The page of the form; empty if there is none to go back to.
    pub(super) back: String,
}

/// Why a page could not be drawn.
pub(super) enum Trouble {
    Refused(Box<Status>),
    Drawing(askama::Error),
}

impl From<Status> for Trouble {
    fn from(status: Status) -> Self {
        Self::Refused(Box::new(status))
    }
}

impl From<askama::Error> for Trouble {
    fn from(error: askama::Error) -> Self {
        Self::Drawing(error)
    }
}

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let SignedIn(session) = SignedIn::from_request_parts(parts, app).await?;
        let guest = Guest::of(app, parts);
        let Some(desk) = desk(&session) else {
            let (problem, frame) = guest.problem(None, Kind::Forbidden);
            return Err(answer(StatusCode::FORBIDDEN, problem.render(&frame)));
        };
        let (names, badges) =
            tokio::join!(app.pages.names.get(app, &session), app.pages.waiting.get(app, &session, desk));
        Ok(Self { app: app.clone(), session, desk, names, badges, guest })
    }
}

/// The desk that somebody with these roles sits at; of several roles the one that sees most. A worker and an
/// employer have none: see [`Role::READERS`].
fn desk(session: &Session) -> Option<Desk> {
    let desks = [
        (Role::Operator, Desk::Operator),
        (Role::Authority, Desk::Authority),
        (Role::Ministry, Desk::Ministry),
        (Role::Union, Desk::Union),
        (Role::Auditor, Desk::Auditor),
        (Role::Service, Desk::Auditor),
    ];
    desks.into_iter().find(|(role, _)| session.principal.roles.contains(role)).map(|(_, desk)| desk)
}

impl Visitor {
    pub(super) fn words(&self) -> Words {
        Words { language: self.guest.language }
    }

    /// The name of an organisation, empty if it has none here.
    pub(super) fn name(&self, organisation_id: &str) -> String {
        self.names.get(organisation_id).cloned().unwrap_or_default()
    }

    fn signed(&self) -> Signed {
        let organisation = self.names.get(&self.session.principal.organisation_id.to_string());
        Signed {
            desk: self.desk,
            organisation: organisation.unwrap_or(&self.session.name).clone(),
            csrf: self.session.csrf.clone(),
            badges: self.badges.clone(),
        }
    }

    /// The frame of a page in a section.
    pub(super) fn frame(&self, section: Section, calendar: Option<NaiveDate>, live: Option<String>) -> Frame {
        Frame { section: Some(section), calendar, live, ..self.guest.frame(Some(self.signed())) }
    }

    /// The programme's own date: the last one up to which its clocks have run. Without monitoring, or before the first
    /// run, it is today.
    pub(super) async fn calendar(&self) -> NaiveDate {
        let told = match self.app.pages.live.calendar() {
            Some(day) => Some(day),
            None => self.ask_calendar().await,
        };
        told.unwrap_or_else(|| self.guest.now.date())
    }

    async fn ask_calendar(&self) -> Option<NaiveDate> {
        let mut monitoring = self.app.upstream.monitoring(&self.session);
        let mut told = monitoring.watch_flows(WatchFlowsRequest {}).await.ok()?.into_inner();
        super::day(&told.message().await.ok()??.as_of)
    }

    /// The page, or the page of what kept it from being drawn.
    pub(super) fn answer(&self, page: Result<String, Trouble>) -> Response {
        match page {
            Ok(html) => Html(html).into_response(),
            Err(Trouble::Refused(status)) => self.refused(&status),
            Err(Trouble::Drawing(error)) => answer(StatusCode::INTERNAL_SERVER_ERROR, Err(error)),
        }
    }

    /// The page for what a service refused.
    pub(super) fn refused(&self, status: &Status) -> Response {
        self.lost(status, Remains::default())
    }

    /// The page for a form that a service refused, or that no service answered, where its own page cannot be drawn again.
    pub(super) fn lost(&self, status: &Status, kept: Remains) -> Response {
        if status.code() == Code::Unauthenticated {
            return Redirect::to(&url::with_query("/sign-in", &[("to", &self.guest.here)])).into_response();
        }
        let kind = kind(status.code());
        let told = !matches!(kind, Kind::NotFound | Kind::Fault | Kind::Unavailable { .. });
        let why = told.then(|| refusal::view(self.words(), &self.words().t("refused-page"), status));
        self.shown(kind, why, kept)
    }

    /// A page of a problem.
    pub(super) fn problem(&self, kind: Kind, why: Option<Refusal>) -> Response {
        self.shown(kind, why, Remains::default())
    }

    fn shown(&self, kind: Kind, why: Option<Refusal>, kept: Remains) -> Response {
        let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let wait = match kind {
            Kind::TooMany { seconds } | Kind::Unavailable { seconds } => Some(seconds),
            _ => None,
        };
        let (mut problem, frame) = self.guest.problem(Some(self.signed()), kind);
        problem.refusal = why;
        problem.typed = kept.typed;
        if !kept.back.is_empty() {
            problem.back = kept.back;
        }
        let mut response = answer(status, problem.render(&frame));
        if let Some(seconds) = wait {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }

    /// 403 for a form that is not of this session.
    pub(super) fn stale_form(&self) -> Response {
        let words = self.words();
        let why =
            Refusal { what: words.t("problem-403-form"), why: words.t("problem-403-form-why"), ..Default::default() };
        self.problem(Kind::Forbidden, Some(why))
    }

    /// A frame with a banner.
    pub(super) fn with_banner(frame: Frame, banner: Option<Banner>) -> Frame {
        Frame { banner, ..frame }
    }
}

fn kind(code: Code) -> Kind {
    match code {
        Code::InvalidArgument | Code::OutOfRange | Code::FailedPrecondition => Kind::BadRequest,
        Code::PermissionDenied => Kind::Forbidden,
        Code::NotFound => Kind::NotFound,
        Code::Aborted | Code::AlreadyExists => Kind::Conflict,
        Code::ResourceExhausted => Kind::TooMany { seconds: AGAIN },
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unimplemented => {
            Kind::Unavailable { seconds: AGAIN }
        }
        _ => Kind::Fault,
    }
}

/// A page under a status; a template that fails is a fault of ours.
pub(super) fn answer(status: StatusCode, page: askama::Result<String>) -> Response {
    match page {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page cannot be drawn");
            // Nobody says here in which language it was to be.
            let words = Words { language: Language::default() };
            crate::server::problem(words, StatusCode::INTERNAL_SERVER_ERROR, &words.t("refusal-internal"))
        }
    }
}

/// 403 for somebody whom the issuer knows and who has no role here: there is no desk to show.
pub(crate) fn no_role(app: &App, parts: &Parts) -> Response {
    let guest = Guest::of(app, parts);
    let words = Words { language: guest.language };
    let (mut problem, frame) = guest.problem(None, Kind::Forbidden);
    problem.refusal = Some(Refusal {
        what: words.t("sign-in"),
        why: words.t("no-role-why"),
        mend: words.t("no-role-mend"),
        ..Refusal::default()
    });
    answer(StatusCode::FORBIDDEN, problem.render(&frame))
}

/// 404 in the frame of whoever came.
pub(crate) async fn no_such_page(State(app): State<Arc<App>>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let guest = Guest::of(&app, &parts);
    if app.sessions.current(&parts.headers).is_some()
        && let Ok(visitor) = Visitor::from_request_parts(&mut parts, &app).await
    {
        return visitor.problem(Kind::NotFound, None);
    }
    let (problem, frame) = guest.problem(None, Kind::NotFound);
    answer(StatusCode::NOT_FOUND, problem.render(&frame))
}
