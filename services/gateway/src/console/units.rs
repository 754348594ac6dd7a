//! Units of a quota that are kept back, and a form by which an operator asks for some of them.

use askama::Template;
use chrono::NaiveDate;

use super::{
    code::{Choice, Corridor, FormKeys},
    frame::Frame,
    refusal::{FieldError, Refusal},
    url,
    words::Words,
};

/// `/corridors/{code}/units`.
#[derive(Clone, Debug)]
pub struct UnitsPage {
    pub corridor: Corridor,
    /// Empty where no season has a quota.
    pub season: String,
    pub quotas: Vec<Kept>,
    /// True if this desk may ask for units.
    pub may: bool,
    /// What was typed: the quota's id and how many units.
    pub quota: String,
    pub units: String,
    /// What was typed is no number of units that this quota keeps back.
    pub wrong: bool,
    pub asked: Option<Asked>,
    pub refusal: Option<Refusal>,
    /// What one operator has asked for and nobody has confirmed yet.
    pub open: Vec<Open>,
}

/// Units that wait for a second operator.
#[derive(Clone, Debug)]
pub struct Open {
    pub quota: Kept,
    pub units: u64,
    pub asked_on: NaiveDate,
    /// The last day on which it can be confirmed.
    pub lapses_on: NaiveDate,
    /// Whoever looks asked for it, and cannot confirm it.
    pub own: bool,
}

/// A quota and what it keeps back.
#[derive(Clone, Debug)]
pub struct Kept {
    pub id: String,
    /// Section and division of ISIC: `A01`.
    pub sector: String,
    /// Units that may be used now.
    pub cap: u64,
    /// Units kept back on top.
    pub reserve: u64,
}

/// Units that can be asked for, and what would come of it.
#[derive(Clone, Debug)]
pub struct Asked {
    pub quota: Kept,
    /// At least one, and no more than the reserve.
    pub units: u64,
    pub form: FormKeys,
}

impl UnitsPage {
    /// Renders the page.
    ///
    /// # Errors
    /// Fails only if the template does.
    pub fn render(&self, frame: &Frame) -> askama::Result<String> {
        let w = frame.words();
        let path = format!("/corridors/{}", url::encode(&self.corridor.code));
        Page { frame, w, page: self, name: self.corridor.name(&w), path, sentence: self.sentence(w) }.render()
    }

    fn kept(&self) -> u64 {
        self.quotas.iter().map(|quota| quota.reserve).sum()
    }

    fn sentence(&self, words: Words) -> String {
        if self.quotas.is_empty() {
            return words.t("quota-none");
        }
        words.say("units-sentence").with("count", self.kept()).with("season", self.season.as_str()).html()
    }
}

#[derive(Template)]
#[template(path = "console/units.html")]
struct Page<'a> {
    frame: &'a Frame,
    w: Words,
    page: &'a UnitsPage,
    name: String,
    path: String,
    sentence: String,
}

impl Page<'_> {
    fn title(&self) -> String {
        self.w.title(self.page.wrong || self.page.refusal.is_some(), self.w.t("units-title"))
    }

    fn wrong(&self) -> String {
        self.w.say("units-wrong").with("most", self.most()).to_string()
    }

    fn errors(&self) -> Vec<FieldError> {
        vec![FieldError::new(self.w, "units", (&self.w.t("units-number"), &self.wrong()))]
    }

    /// The form, filled in with what was asked for.
    fn confirm(&self, open: &Open) -> String {
        let units = open.units.to_string();
        let same =
            [("season", self.page.season.as_str()), ("quota", open.quota.id.as_str()), ("units", units.as_str())];
        url::with_query(&format!("{}/units", self.path), &same)
    }

    fn choices(&self) -> Vec<Choice> {
        let kept = self.page.quotas.iter().filter(|quota| quota.reserve > 0);
        kept.map(|quota| Choice { value: quota.id.clone(), label: quota.sector.clone() }).collect()
    }

    /// The most that the chosen quota gives, or any of them.
    fn most(&self) -> u64 {
        let chosen = self.page.quotas.iter().find(|quota| quota.id == self.page.quota);
        chosen.map_or_else(|| self.page.kept(), |quota| quota.reserve)
    }
}
