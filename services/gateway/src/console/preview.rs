//! A bulk action, placement by placement: what it would do, and what it did.

use askama::Template;

use super::figure::ring;
use super::frame::Frame;
use super::placement::{Field, Input, choice, label, standing};
use super::placements::PlacementRow;
use super::refusal::{FieldError, Refusal};
use super::words::Words;

/// How far a bulk action has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Something that it needs is missing yet.
    Asked,
    /// It was tried and taken back.
    Tried,
    /// It was done.
    Done,
}

/// `/preview`.
#[derive(Clone, Debug)]
pub struct Preview {
    pub phase: Phase,
    /// As forms send it: `SignContract`.
    pub action: String,
    /// As words know it: `SIGN_CONTRACT`.
    pub command: String,
    /// Gives something up.
    pub grave: bool,
    pub fields: Vec<Field>,
    pub rows: Vec<PreviewRow>,
    /// It comes from this page's own form: what is missing now was left out there.
    pub again: bool,
    /// Something was changed after the last preview, so this is another one.
    pub changed: bool,
    pub request_id: String,
    /// Stands for what this page shows; what is confirmed has to be it.
    pub seen: String,
    /// The list it came from.
    pub back: String,
}

/// One placement of a bulk action.
#[derive(Clone, Debug)]
pub struct PreviewRow {
    /// Id and version it was drawn from, as forms send it.
    pub pick: String,
    pub number: String,
    /// As the list shows it; `None` if it is not this desk's to see.
    pub placement: Option<PlacementRow>,
    /// The stage it would come to, or came to: `SELECTED`.
    pub then: Option<String>,
    pub refusal: Option<Refusal>,
}

impl PreviewRow {
    /// Says whether the move was made, or would be.
    #[must_use]
    pub fn is_made(&self) -> bool {
        self.then.is_some()
    }
}

impl Preview {
    /// Renders the page.
    ///
    /// # Errors
    /// Fails only if the template does.
    pub fn render(&self, frame: &Frame) -> askama::Result<String> {
        PreviewPage { frame, w: frame.words(), page: self, notes: self.notes() }.render()
    }

    /// What is said of several rows: it stands once below the table, so that a full page stays below its 100 kB.
    fn notes(&self) -> Vec<&Refusal> {
        let mut told: Vec<(&Refusal, usize)> = Vec::new();
        for refusal in self.rows.iter().filter_map(|row| row.refusal.as_ref()) {
            match told.iter_mut().find(|(known, _)| *known == refusal) {
                Some((_, times)) => *times += 1,
                None => told.push((refusal, 1)),
            }
        }
        told.into_iter().filter(|(_, times)| *times > 1).map(|(refusal, _)| refusal).collect()
    }

    fn made(&self) -> usize {
        self.rows.iter().filter(|row| row.is_made()).count()
    }
}

#[derive(Template)]
#[template(path = "console/preview.html")]
struct PreviewPage<'a> {
    frame: &'a Frame,
    w: Words,
    page: &'a Preview,
    notes: Vec<&'a Refusal>,
}

impl PreviewPage<'_> {
    fn heading(&self) -> String {
        self.w.code("move", &self.page.command)
    }

    fn title(&self) -> String {
        self.w.title(self.is_wrong(), self.heading())
    }

    fn is_wrong(&self) -> bool {
        self.page.again && self.page.fields.iter().any(|field| self.missing(field))
    }

    fn errors(&self) -> Vec<FieldError> {
        let missing = self.page.fields.iter().filter(|field| self.missing(field));
        let wrong = self.w.t("preview-missing");
        missing.map(|field| FieldError::new(self.w, field.name, (&self.label(field), &wrong))).collect()
    }

    fn sentence(&self) -> String {
        let (made, all) = (self.page.made(), self.page.rows.len());
        let key = match self.page.phase {
            Phase::Asked => "preview-asked",
            Phase::Tried => "preview-tried",
            Phase::Done => "preview-done",
        };
        self.w.say(key).with("made", made).with("not", all - made).with("all", all).html()
    }

    fn is_done(&self) -> bool {
        self.page.phase == Phase::Done
    }

    fn is_tried(&self) -> bool {
        self.page.phase == Phase::Tried
    }

    /// Those that will be moved come first among what the form sends on.
    fn name(&self, row: &PreviewRow) -> &'static str {
        if self.is_tried() && !row.is_made() { "rest" } else { "pick" }
    }

    /// The number of the note that holds a refusal; `None` if it is said in its row.
    fn note(&self, refusal: &Refusal) -> Option<usize> {
        self.notes.iter().position(|note| *note == refusal).map(|place| place + 1)
    }

    fn glyph(&self, row: &PlacementRow) -> String {
        ring::glyph(Some(row.step), standing(row.step, &row.ending))
    }

    fn state(&self, row: &PlacementRow) -> String {
        if row.ending.is_empty() { self.w.code("step", row.step.code()) } else { self.w.code("ending", &row.ending) }
    }

    /// The stage in words. A stage that stays is none to name: what is recorded within it says the action.
    fn then(&self, row: &PreviewRow) -> String {
        let (Some(stage), Some(placement)) = (&row.then, &row.placement) else { return String::new() };
        if self.is_done() {
            // The state is a column of its own by now.
            return String::new();
        }
        if placement.stage == *stage {
            return self.w.t("preview-recorded");
        }
        self.w.known("step", stage).unwrap_or_else(|| self.w.code("ending", stage))
    }

    fn label(&self, field: &Field) -> String {
        label(self.w, field)
    }

    fn choice(&self, field: &Field, code: &str) -> String {
        choice(self.w, field, code)
    }

    fn missing(&self, field: &Field) -> bool {
        self.page.phase == Phase::Asked && field.required && field.value.is_empty()
    }
}
