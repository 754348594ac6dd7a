//! Cases of abuse and health. Who does not handle them learns of none: their steps look like any other record that somebody else
//! put down, their clocks run for nobody else, and what they forbid is refused without saying why.

use std::borrow::Cow;

use chrono::NaiveDate;
use platform::Principal;
use proto::{
    Role,
    ids::OrganisationId,
    placement::{self as wire, Stage},
};

use crate::{
    cases::{is_published, may_open_case},
    decide::{Kind, Refusal},
    guards::Scene,
    moves::{Party, TABLE},
    placement::{Case, Clock, Placement, Step},
};

/// Who reads a placement.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reader {
    pub organisation_id: OrganisationId,
    /// Handles cases of abuse and health.
    pub knows: bool,
}

impl Reader {
    /// The reader behind a principal.
    #[must_use]
    pub fn of(principal: &Principal) -> Self {
        Self { organisation_id: OrganisationId(principal.organisation_id), knows: knows(&principal.roles) }
    }
}

/// Do these roles handle cases of abuse and health? The person's ministry, the operator and an authority do, and the worker
/// whose case it is; nobody who is also on the employer's side.
#[must_use]
pub fn knows(roles: &[Role]) -> bool {
    let any = |of: &[Role]| roles.iter().any(|role| of.contains(role));
    any(&[Role::Ministry, Role::Operator, Role::Authority, Role::Worker]) && !any(&[Role::Union, Role::Employer])
}

/// An open case of which nobody else may know.
pub(crate) fn is_hidden(case: Option<&Case>) -> bool {
    case.is_some_and(|case| !is_published(&case.kind))
}

/// The placement as the reader may know it: without such a case.
#[must_use]
pub fn shown(placement: &Placement, knows: bool) -> Cow<'_, Placement> {
    if knows || !is_hidden(placement.case.as_ref()) {
        return Cow::Borrowed(placement);
    }
    let clocks = placement.clocks.iter().filter(|clock| is_shown(placement, clock)).cloned().collect();
    Cow::Owned(Placement { case: None, clocks, ..placement.clone() })
}

/// May this clock be known to everybody?
pub(crate) fn is_shown(placement: &Placement, clock: &Clock) -> bool {
    let of_case = ["C-CONTACT", "C-HEARING", "C-DECIDE"].contains(&&*clock.name);
    !(of_case && is_hidden(placement.case.as_ref()))
}

/// Which of these steps are told to others as a record and no more, in their order: those of a case that is not published; and
/// in the stages of cases, while no published one is open, every attempt to reach the person and every statement but the
/// union's own. If the steps of such a case alone looked so, their look would tell of it.
pub(crate) fn covered(steps: &[Step]) -> Vec<bool> {
    // Whether a case is open, and whether it is hidden: a published one is opened with its kind as the ground.
    let (mut stage, mut case): (Stage, Option<bool>) = (Stage::Unspecified, None);
    let covers = |step: &Step| {
        if stage != step.stage {
            // A move of stage closes the case, if it does not outlast it.
            (stage, case) = (step.stage, case.filter(|hidden| *hidden && may_open_case(step.stage)));
        }
        let hidden = case == Some(true);
        let union = step.role == Party::Union.as_str();
        match (step.command.as_str(), step.reason.as_str()) {
            ("OpenCase", kind) => {
                case = Some(kind.is_empty());
                kind.is_empty()
            }
            ("CloseHearing", _) => hidden,
            ("DismissCase", _) => {
                case = None;
                hidden
            }
            ("AddRecord", "DENIAL") => {
                if may_open_case(stage) {
                    case.get_or_insert(false);
                }
                hidden && !union
            }
            ("AddRecord", "CONTACT_ATTEMPT" | "STATEMENT") => !union && may_open_case(stage) && case != Some(false),
            _ => false,
        }
    };
    steps.iter().map(covers).collect()
}

/// A step of which others learn that something was put on record on that day; not at which moment, which it may share with all
/// that the clocks moved.
pub(crate) fn cover(step: wire::Step) -> wire::Step {
    wire::Step {
        version: step.version,
        command: "AddRecord".to_owned(),
        event: "RecordAdded".to_owned(),
        stage: step.stage,
        occurred_on: step.occurred_on,
        ..wire::Step::default()
    }
}

/// Is a case open of which whoever asks may not know?
pub(crate) fn is_kept_from(scene: &Scene<'_>) -> bool {
    scene.party != Party::Clock && !knows(&scene.actor.roles) && is_hidden(scene.placement.case.as_ref())
}

/// Is an open case in the way? Who may not know of it is sent to the operator.
pub(crate) fn case_open(guard: &str, scene: &Scene<'_>) -> Refusal {
    if is_kept_from(scene) {
        let message = "this cannot be recorded here just now";
        return Refusal::of(Kind::Precondition, "ASK_OPERATOR", message)
            .mend("ask the operator when it can be recorded");
    }
    Refusal::guard(guard, "CASE_OPEN", "a case is open").mend("hear it and decide it, or dismiss it")
}

/// After such a case what it kept from opening another one does so, and that one is heard from this day on.
pub(crate) fn resume(next: &mut Placement, on: NaiveDate) {
    let opens = |clock: &Clock| TABLE.clocks.iter().any(|rule| rule.rule == clock.rule && rule.fires == "OpenCase");
    for clock in next.clocks.iter_mut().filter(|clock| opens(clock)) {
        clock.due_on = clock.due_on.max(on);
    }
}
