//! A person whom an earlier run of the demo knew, from the steps that the placement service has written down.

use proto::placement::{Move, MoveResult, Placement, Stage, Step};

use super::Person;

impl Person {
    /// Goes through what was done since the person was met, as if it were done now. What a clock did is learned from the
    /// refusal of what comes too late, as in a run that was never interrupted. None for who never had a seat.
    ///
    /// # Errors
    /// If a date does not read.
    pub(crate) fn as_known(placement: &Placement, lot: String, seed: u64) -> anyhow::Result<Option<Self>> {
        let Some(met) = placement.steps.iter().position(|step| step.stage() == Stage::Proposed) else {
            return Ok(None);
        };
        let (before, since) = placement.steps.split_at(met + 1);
        // Nobody had signed then: each signature is a step since.
        let then = Placement {
            stage: Stage::Proposed as i32,
            steps: before.to_vec(),
            contract_signers: Vec::new(),
            ..placement.clone()
        };
        let mut person = Self::new(&then, lot, seed)?;
        for step in since {
            let made = as_made(step);
            if step.actor_role == "clock" {
                if matches!(step.command.as_str(), "OpenCase" | "CloseHearing") {
                    person.refused(&made);
                }
                continue;
            }
            let result =
                MoveResult { stage: step.stage, tracks_done: placement.tracks_done.clone(), ..MoveResult::default() };
            person.made(&made, &result);
        }
        person.refusals = 0;
        if placement.stage() == Stage::Cancelled {
            person.stage = Stage::Cancelled;
        }
        Ok(Some(person))
    }
}

/// The move as far as a step tells it: of a record its kind is told as the reason.
fn as_made(step: &Step) -> Move {
    Move {
        command: step.command.clone(),
        occurred_on: step.occurred_on.clone(),
        kind: step.reason.clone(),
        reason: step.reason.clone(),
        ..Move::default()
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proto::placement::{Signer, Track};

    use super::*;
    use crate::demo::fate;

    fn step(command: &str, stage: Stage, on: &str, role: &str, reason: &str) -> Step {
        Step {
            command: command.to_owned(),
            stage: stage as i32,
            occurred_on: on.to_owned(),
            actor_role: role.to_owned(),
            reason: reason.to_owned(),
            ..Step::default()
        }
    }

    /// Somebody of Spain who leaves the work without a word, and whom nothing befalls before.
    fn absent() -> String {
        let spared =
            [("confirm", fate::CONFIRMED), ("death", fate::DIED), ("repatriation", fate::REPATRIATED), ("resign", 1.0)];
        let mut lots = (0..10_000).map(|number| format!("2026/{number}/1"));
        lots.find(|lot| {
            fate::falls(7, lot, "abandon", 2.0) && !spared.iter().any(|(step, rate)| fate::falls(7, lot, step, *rate))
        })
        .unwrap()
    }

    /// Somebody of Spain who stands where the last step led.
    fn placement(steps: Vec<Step>, tracks_done: &[Track]) -> Placement {
        Placement {
            id: "one".to_owned(),
            stage: steps.last().unwrap().stage,
            corridor_code: "CO-ES".to_owned(),
            starts_on: "2026-03-01".to_owned(),
            ends_on: "2026-09-01".to_owned(),
            tracks_done: tracks_done.iter().map(|track| *track as i32).collect(),
            steps,
            ..Placement::default()
        }
    }

    fn known(steps: Vec<Step>, lot: String) -> Person {
        Person::as_known(&placement(steps, &[Track::Contract]), lot, 7).unwrap().unwrap()
    }

    #[test]
    fn a_case_goes_on_where_it_stood() {
        let until = NaiveDate::from_ymd_opt(2027, 12, 31).unwrap();
        let act = |steps: &[Step]| known(steps.to_vec(), absent()).next(until).unwrap().made;
        let mut steps = vec![
            step("Propose", Stage::Proposed, "2025-11-15", "operator", ""),
            step("StartWork", Stage::Working, "2026-03-02", "union", ""),
        ];
        assert_eq!(act(&steps).command, "OpenCase");
        steps.push(step("OpenCase", Stage::Working, "2026-03-07", "union", "ABANDONMENT"));
        steps.push(step("AddRecord", Stage::Working, "2026-03-08", "operator", "CONTACT_ATTEMPT"));
        let next = act(&steps);
        assert_eq!((next.command.as_str(), next.occurred_on.as_str()), ("AddRecord", "2026-03-09"));
        for on in ["2026-03-09", "2026-03-10"] {
            steps.push(step("AddRecord", Stage::Working, on, "operator", "CONTACT_ATTEMPT"));
        }
        assert_eq!(act(&steps).command, "CloseHearing");
        // A clock closed it meanwhile: that is known without another try.
        steps.push(step("CloseHearing", Stage::Working, "2026-04-01", "clock", ""));
        assert_eq!(act(&steps).command, "DecideAbandonment");
    }

    #[test]
    fn one_signature_of_two_is_one() {
        let steps = vec![
            step("Propose", Stage::Proposed, "2025-11-15", "operator", ""),
            step("Accept", Stage::Accepted, "2025-11-20", "ministry", ""),
            step("SignContract", Stage::Accepted, "2025-12-26", "union", ""),
        ];
        let signer = |party: &str, signed_on: &str| Signer { party: party.to_owned(), signed_on: signed_on.to_owned() };
        let contract_signers = vec![signer("union", "2025-12-26"), signer("worker", "")];
        let placement = Placement { contract_signers, ..placement(steps, &[]) };
        let mut lots = (0..10_000).map(|number| format!("2026/{number}/1"));
        let stays = lots.find(|lot| !fate::falls(7, lot, "withdraw", fate::rates("CO-ES").withdraw)).unwrap();
        let until = NaiveDate::from_ymd_opt(2027, 12, 31).unwrap();
        let act = Person::as_known(&placement, stays, 7).unwrap().unwrap().next(until).unwrap();
        assert!(act.made.command == "SignContract" && act.made.for_worker, "the worker signs next: {:?}", act.made);
    }

    /// That somebody is not fit is no step, and the track is open until it is closed.
    #[test]
    fn who_was_found_unfit_before_a_stop_is_closed_after_the_refusal_of_the_same_again() {
        let rates = fate::rates("CO-ES");
        let spared = [("withdraw", rates.withdraw), ("authorisation", rates.authorisation_refused)];
        let mut lots = (0..10_000).map(|number| format!("2026/{number}/1"));
        let unfit = lots.find(|lot| {
            fate::falls(7, lot, "fitness", rates.not_fit)
                && !spared.iter().any(|(step, rate)| fate::falls(7, lot, step, *rate))
        });
        let steps = vec![
            step("Propose", Stage::Proposed, "2025-11-15", "operator", ""),
            step("Authorise", Stage::Accepted, "2025-12-31", "authority", ""),
        ];
        let placement = placement(steps, &[Track::Contract, Track::Authorisation]);
        let until = NaiveDate::from_ymd_opt(2027, 12, 31).unwrap();
        let mut person = Person::as_known(&placement, unfit.unwrap(), 7).unwrap().unwrap();
        let again = person.next(until).unwrap().made;
        assert_eq!((again.command.as_str(), again.occurred_on.as_str()), ("FailMedical", "2026-01-05"));
        person.refused(&again);
        let closed = person.next(until).unwrap().made;
        let told = (closed.command.as_str(), closed.reason.as_str(), closed.occurred_on.as_str());
        assert_eq!(told, ("ClosePreparation", "NOT_READY", "2026-01-07"), "as without a stop");
    }

    #[test]
    fn who_never_had_a_seat_is_nobody_yet_and_whose_placement_is_over_does_nothing() {
        let listed = Placement {
            steps: vec![step("Recommend", Stage::Recommended, "2025-11-15", "operator", "")],
            ..Placement::default()
        };
        assert!(Person::as_known(&listed, String::new(), 7).unwrap().is_none());
        let over = vec![
            step("Propose", Stage::Proposed, "2025-11-15", "operator", ""),
            step("ExpireProposal", Stage::Cancelled, "2025-12-15", "clock", "NOT_ANSWERED"),
        ];
        let until = NaiveDate::from_ymd_opt(2027, 12, 31).unwrap();
        assert!(known(over, absent()).next(until).is_none());
    }
}
