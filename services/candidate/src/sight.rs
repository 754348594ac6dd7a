//! Whether a placement lets its union see the name. Pure.

use proto::placement::{Placement, Stage};

/// True from SELECTED on, for as long as the placement was neither cancelled nor led back to a proposal. Every step so far
/// comes with the state, so what an end means follows from what was before it.
pub(crate) fn chosen(placement: &Placement) -> bool {
    placement.steps.iter().fold(false, |chosen, step| match step.stage() {
        Stage::Recommended | Stage::Proposed | Stage::Cancelled => false,
        Stage::Selected
        | Stage::Offered
        | Stage::Accepted
        | Stage::Departed
        | Stage::Arrived
        | Stage::Working
        | Stage::AwaitingTransfer
        | Stage::WorkEnded
        | Stage::ReturnTravel
        | Stage::ReturnedVerified
        | Stage::Unverified
        | Stage::NonReturn => true,
        // Ends that may come from anywhere. A step that names no stage changes nothing.
        Stage::Unspecified | Stage::ReEntryEligible | Stage::ReEntryBarred | Stage::LeftProgramme | Stage::Deceased => {
            chosen
        }
    })
}

#[cfg(test)]
mod tests {
    use proto::placement::Step;

    use super::*;

    #[test]
    fn a_name_is_shown_from_the_choice_on_and_not_after_it_fell_through() {
        use Stage as S;
        for (stages, shown) in [
            (&[][..], false),
            (&[S::Recommended], false),
            (&[S::Proposed], false),
            (&[S::Proposed, S::Selected], true),
            (&[S::Recommended, S::Selected, S::Offered, S::Accepted, S::Departed], true),
            (&[S::Proposed, S::Selected, S::Cancelled], false),
            (&[S::Proposed, S::Cancelled], false),
            // Led back to a proposal on another line; chosen there.
            (&[S::Proposed, S::Selected, S::Proposed], false),
            (&[S::Proposed, S::Selected, S::Proposed, S::Selected], true),
            // The cancellation was a mistake, and was taken back.
            (&[S::Proposed, S::Selected, S::Cancelled, S::Selected], true),
            (&[S::Proposed, S::Deceased], false),
            (&[S::Proposed, S::Selected, S::Working, S::Deceased], true),
            (&[S::Proposed, S::Selected, S::WorkEnded, S::ReturnedVerified, S::ReEntryEligible], true),
        ] {
            let steps = stages.iter().map(|stage| Step { stage: *stage as i32, ..Step::default() }).collect();
            assert_eq!(chosen(&Placement { steps, ..Placement::default() }), shown, "{stages:?}");
        }
    }
}
