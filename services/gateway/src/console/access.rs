//! What is done so that everybody can use the console, and what is not.

use askama::Template;

use super::{frame::Frame, words::Words};

/// `/accessibility`: the same for all.
#[derive(Clone, Copy, Debug)]
pub struct Accessibility;

impl Accessibility {
    /// Renders the page.
    ///
    /// # Errors
    /// Fails only if the template does.
    pub fn render(self, frame: &Frame) -> askama::Result<String> {
        AccessPage { frame, w: frame.words() }.render()
    }
}

#[derive(Template)]
#[template(path = "console/access.html")]
struct AccessPage<'a> {
    frame: &'a Frame,
    w: Words,
}
