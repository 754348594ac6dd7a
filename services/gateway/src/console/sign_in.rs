//! Signing in as one of the development users, each named by its desk.

use askama::Template;

use super::frame::{Desk, Frame};
use super::words::Words;

/// `/sign-in` where the development issuer serves.
#[derive(Clone, Debug)]
pub struct SignIn {
    pub users: Vec<DevelopmentUser>,
    /// The token of the form, from before any session.
    pub csrf: String,
    /// Where to go afterwards.
    pub to: String,
}

/// A user of the development issuer.
#[derive(Clone, Debug)]
pub struct DevelopmentUser {
    /// What the form sends.
    pub id: String,
    pub desk: Desk,
    pub organisation: String,
}

impl SignIn {
    /// Renders the page.
    ///
    /// # Errors
    /// Fails only if the template does.
    pub fn render(&self, frame: &Frame) -> askama::Result<String> {
        let words = frame.words();
        Page { frame, w: words, page: self, ring: ring(words) }.render()
    }
}

fn ring(words: Words) -> String {
    use super::figure::Direction;
    use super::figure::ring::{Standing, head};
    use super::step::Step;
    head(Step::ReturnedVerified, Standing::Done, &words, Direction::Ltr)
}

#[derive(Template)]
#[template(path = "console/sign_in.html")]
struct Page<'a> {
    frame: &'a Frame,
    w: Words,
    page: &'a SignIn,
    ring: String,
}
