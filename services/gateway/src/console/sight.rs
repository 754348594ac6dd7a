//! Who sees what of a placement, and from which step on: one table, drawn at `/who-sees-what` and, as far as it holds at
//! a stage, on the page of a placement. The services decide; a test compares rows of this table with what they give.

use askama::Template;

use super::frame::{Desk, Frame};
use super::step::Step;
use super::words::Words;

/// From when on somebody sees a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    Never,
    Always,
    /// From this step on; a name until the placement is cancelled.
    From(Step),
    /// As the programme agreed; no call or page gives it yet, and it is had on paper through the operator.
    Paper(Step),
}

/// A kind of what is known of a placement, and who sees it, in the order of [`ROLES`].
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// `NAME`, `DOCUMENTS` …
    pub code: &'static str,
    pub sights: [Sight; 6],
}

/// The field that a cancelled placement hides again.
const NAME: &str = "NAME";

/// Columns of the table, as words know them after `party-`.
pub const ROLES: [&str; 6] = ["MINISTRY", "UNION", "OPERATOR", "AUTHORITY", "AUDITOR", "WORKER"];

use Sight::{Always, From, Never, Paper};

/// A worker has no page yet: what is a worker's own is had from the ministry, on paper.
const OWN: Sight = Paper(Step::Proposed);

/// The table. Everybody means everybody who is a party of the placement, and those who oversee all.
pub const FIELDS: [Field; 9] = [
    Field { code: "NUMBER", sights: [Always, Always, Always, Always, Always, OWN] },
    Field { code: "RANK", sights: [Always, Always, Always, Always, Always, OWN] },
    Field { code: "PREPARATION", sights: [Always, Always, Always, Always, Always, OWN] },
    Field { code: "WORKPLACE", sights: [From(Step::Proposed), Always, Always, Always, Always, OWN] },
    Field {
        code: NAME,
        sights: [Always, From(Step::Selected), From(Step::Selected), Paper(Step::Accepted), Never, OWN],
    },
    Field { code: "CONTACT", sights: [Always, Paper(Step::Offered), Never, Never, Never, OWN] },
    Field {
        code: "DOCUMENTS",
        sights: [Always, Paper(Step::ContractSigned), Never, Paper(Step::Accepted), Never, OWN],
    },
    Field { code: "FITNESS", sights: [Always, Never, Never, Never, Never, OWN] },
    Field { code: "PROTECTED", sights: [Never, Never, Paper(Step::Proposed), Paper(Step::Proposed), Never, OWN] },
];

impl Sight {
    /// Says whether it is open at this step; at no step yet, only what always is.
    fn is_open(self, step: Option<Step>) -> bool {
        match self {
            Always => true,
            From(first) => step.is_some_and(|step| step >= first),
            Never | Paper(_) => false,
        }
    }

    /// Returns the sight in words.
    #[must_use]
    pub fn words(self, words: Words) -> String {
        match self {
            Never => words.t("sight-never"),
            Always => words.t("sight-always"),
            From(step) => words.say("sight-from").with("step", words.code("step", step.code())).to_string(),
            Paper(step) => words.say("sight-paper").with("step", words.code("step", step.code())).to_string(),
        }
    }
}

impl Field {
    /// Returns the sight of whoever sits at a desk.
    #[must_use]
    pub fn at(&self, desk: Desk) -> Sight {
        let column = ROLES.iter().position(|role| *role == desk.code());
        column.map_or(Never, |column| self.sights[column])
    }

    /// Says whether a desk sees it at this step; `None` for a placement that is only on a list. `ended` says that the
    /// placement was cancelled, which hides a name again and nothing else.
    #[must_use]
    pub fn is_open(&self, desk: Desk, step: Option<Step>, ended: bool) -> bool {
        let sight = self.at(desk);
        let lost = ended && self.code == NAME && matches!(sight, From(_));
        sight.is_open(step) && !lost
    }

    /// Returns who sees it at all, and from when on.
    #[must_use]
    pub fn seen_by(&self, words: &Words) -> Vec<(String, String)> {
        let words = *words;
        let seen = ROLES.iter().zip(self.sights).filter(|(_, sight)| *sight != Never);
        seen.map(|(role, sight)| (words.code("party", role), sight.words(words))).collect()
    }
}

/// Returns what is hidden at this desk while a placement stands at a step, or at none yet.
#[must_use]
pub fn hidden(desk: Desk, step: Option<Step>, ended: bool) -> Vec<&'static Field> {
    FIELDS.iter().filter(|field| !field.is_open(desk, step, ended)).collect()
}

/// Says whether this desk may read the person's name.
#[must_use]
pub fn is_named(desk: Desk, step: Option<Step>, ended: bool) -> bool {
    FIELDS.iter().any(|field| field.code == NAME && field.is_open(desk, step, ended))
}

/// `/who-sees-what`.
#[derive(Clone, Copy, Debug)]
pub struct WhoSeesWhat;

impl WhoSeesWhat {
    /// Renders the page.
    ///
    /// # Errors
    /// Fails only if the template does.
    pub fn render(self, frame: &Frame) -> askama::Result<String> {
        SightPage { frame, w: frame.words() }.render()
    }
}

#[derive(Template)]
#[template(path = "console/sight.html")]
struct SightPage<'a> {
    frame: &'a Frame,
    w: Words,
}

impl SightPage<'_> {
    fn roles(&self) -> Vec<String> {
        ROLES.iter().map(|role| self.w.code("party", role)).collect()
    }

    fn id(&self, field: &Field) -> String {
        format!("sight-{}", field.code.to_lowercase())
    }

    /// Role, sight in words, and whether it is open at some time.
    fn cells(&self, field: &Field) -> Vec<(String, String, bool)> {
        let cell = |(role, sight): (String, Sight)| (role, sight.words(self.w), matches!(sight, Always | From(_)));
        self.roles().into_iter().zip(field.sights).map(cell).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(desk: Desk, step: Option<Step>, ended: bool) -> Vec<&'static str> {
        hidden(desk, step, ended).into_iter().map(|field| field.code).collect()
    }

    #[test]
    fn a_union_learns_the_name_with_its_choice_and_loses_it_with_the_end() {
        let rest = ["CONTACT", "DOCUMENTS", "FITNESS", "PROTECTED"];
        assert_eq!(codes(Desk::Union, Some(Step::Proposed), false)[0], "NAME");
        assert_eq!(codes(Desk::Union, Some(Step::Selected), false), rest);
        assert_eq!(codes(Desk::Union, Some(Step::Departed), true)[0], "NAME");
        for (step, ended, named) in [
            (None, false, false),
            (Some(Step::Proposed), false, false),
            (Some(Step::Offered), false, true),
            (Some(Step::Offered), true, false),
        ] {
            assert_eq!(is_named(Desk::Union, step, ended), named, "{step:?} {ended}");
        }
    }

    /// As placement tells the terms: to a ministry once a seat is kept, and also after the end.
    #[test]
    fn a_ministry_learns_the_workplace_with_the_proposal_and_keeps_it() {
        assert_eq!(codes(Desk::Ministry, None, false), ["WORKPLACE", "PROTECTED"]);
        assert_eq!(codes(Desk::Ministry, Some(Step::Proposed), false), ["PROTECTED"]);
        assert_eq!(codes(Desk::Ministry, Some(Step::Proposed), true), ["PROTECTED"], "cancelled");
    }
}
