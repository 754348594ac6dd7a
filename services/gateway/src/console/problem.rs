//! What did not work: what is so, what is safe, what would mend it.

use askama::Template;

use super::frame::Frame;
use super::refusal::Refusal;
use super::words::Words;

/// An error page of the same frame.
#[derive(Clone, Debug)]
pub struct Problem {
    pub kind: Kind,
    /// To be told to whoever looks for it in the log.
    pub reference: String,
    /// Why, in the words of the service that refused.
    pub refusal: Option<Refusal>,
    /// What was typed into the form that was sent, with its labels, so that nothing is lost.
    pub typed: Vec<(String, String)>,
    /// Where to go on; `/` if there is nothing nearer.
    pub back: String,
}

/// Which problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 400: mend and send again.
    BadRequest,
    /// 403: this desk may not.
    Forbidden,
    /// 404: not there, or not yours.
    NotFound,
    /// 409: someone else was faster.
    Conflict,
    /// 413: too large.
    TooLarge { limit_mib: u64 },
    /// 429: too many at once.
    TooMany { seconds: u64 },
    /// 500: something went wrong on our side.
    Fault,
    /// 503: a part does not answer.
    Unavailable { seconds: u64 },
}

impl Kind {
    /// Returns the status of the answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Kind::BadRequest => 400,
            Kind::Forbidden => 403,
            Kind::NotFound => 404,
            Kind::Conflict => 409,
            Kind::TooLarge { .. } => 413,
            Kind::TooMany { .. } => 429,
            Kind::Fault => 500,
            Kind::Unavailable { .. } => 503,
        }
    }
}

impl Problem {
    /// Renders the page.
    ///
    /// # Errors
    /// Fails only if the template does.
    pub fn render(&self, frame: &Frame) -> askama::Result<String> {
        Page { frame, w: frame.words(), page: self }.render()
    }
}

#[derive(Template)]
#[template(path = "console/problem.html")]
struct Page<'a> {
    frame: &'a Frame,
    w: Words,
    page: &'a Problem,
}

impl Page<'_> {
    fn heading(&self) -> String {
        self.w.t(&format!("problem-{}-title", self.page.kind.status()))
    }

    fn title(&self) -> String {
        self.w.title(true, self.heading())
    }

    fn text(&self) -> String {
        let key = format!("problem-{}-text", self.page.kind.status());
        let message = self.w.say(&key);
        match &self.page.kind {
            Kind::BadRequest | Kind::Forbidden | Kind::NotFound | Kind::Conflict | Kind::Fault => message,
            Kind::TooLarge { limit_mib } => message.with("limit", limit_mib),
            Kind::TooMany { seconds } | Kind::Unavailable { seconds } => message.with("seconds", seconds),
        }
        .to_string()
    }
}
