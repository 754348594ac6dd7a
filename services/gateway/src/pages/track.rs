//! What a preparation waits for: the next open track that the corridor's pack asks for before departure, the move that
//! takes it on, and who makes that.

use std::time::Duration;

use proto::{
    placement::{Placement, PossibleMove, Track},
    programme::{GetRulePackInForceRequest, RulePack},
};

use super::{season, visitor::Visitor};

/// How long the page waits for the pack.
const WAIT: Duration = Duration::from_secs(2);

/// A track as rule packs name it.
struct Way {
    word: &'static str,
    track: Track,
    /// The move that takes it on, and the first of the roles in its row of placement's table.
    command: &'static str,
    party: &'static str,
}

const fn way(word: &'static str, track: Track, command: &'static str, party: &'static str) -> Way {
    Way { word, track, command, party }
}

/// In the order of the ring.
const WAYS: [Way; 7] = [
    way("contract", Track::Contract, "SIGN_CONTRACT", "union"),
    way("authorisation", Track::Authorisation, "AUTHORISE", "authority"),
    way("visa", Track::Visa, "APPLY_VISA", "ministry"),
    way("fitness", Track::Fitness, "CLEAR_MEDICAL", "ministry"),
    way("training", Track::Training, "COMPLETE_TRAINING", "ministry"),
    way("orientation", Track::Orientation, "COMPLETE_ORIENTATION", "ministry"),
    way("travel", Track::Travel, "BOOK_TRAVEL", "operator"),
];

/// True of the clocks that run until every track is done.
pub(super) fn is_of_all(clock: &str) -> bool {
    matches!(clock, "C-READY" | "C-LAST")
}

/// The pack by which the placement is prepared, if the page needs it. The page stands without.
pub(super) async fn pack(visitor: &Visitor, placement: &Placement) -> Option<RulePack> {
    season::deadline(&placement.clocks).filter(|clock| is_of_all(&clock.name))?;
    let on = placement.steps.last()?.occurred_on.clone();
    let mut programme = visitor.app.upstream.programme(&visitor.session);
    let request = GetRulePackInForceRequest { code: placement.corridor_code.clone(), on };
    let told = tokio::time::timeout(WAIT, programme.get_rule_pack_in_force(request)).await.ok()?.ok()?;
    Some(told.into_inner())
}

/// The move that is next and the role that makes it: of the first track that is open and waits for no other. Without a pack
/// every track is asked for, and none waits.
pub(super) fn next<'a>(
    placement: &'a Placement,
    possible: &'a [PossibleMove],
    pack: Option<&RulePack>,
) -> Option<(&'static str, &'a str)> {
    let done = |track: Track| placement.tracks_done().any(|there| there == track);
    let rule = |key: &str| {
        let found = pack.and_then(|pack| pack.rules.iter().find(|rule| rule.key == key));
        found.map(|rule| rule.value.as_str())
    };
    let names = |value: &str, way: &Way| value.split([' ', ',']).any(|word| word == way.word);
    let asked_for = |way: &Way| rule("tracks.depart").is_none_or(|value| names(value, way));
    let waits = |way: &Way| {
        let before = rule(&format!("tracks.waits.{}", way.word)).unwrap_or_default();
        WAYS.iter().any(|other| names(before, other) && !done(other.track))
    };
    let open: Vec<&Way> = WAYS.iter().filter(|way| asked_for(way) && !done(way.track)).collect();
    let way = open.iter().find(|way| !waits(way)).or(open.first())?;
    // What was refused looks open to others; whoever can take it up again is told so.
    again(way.track, possible).or(Some(match way.track {
        Track::Contract => (way.command, unsigned(placement).unwrap_or(way.party)),
        Track::Visa if done(Track::VisaApplied) => ("GRANT_VISA", "authority"),
        _ => (way.command, way.party),
    }))
}

/// Whose signature is missing.
fn unsigned(placement: &Placement) -> Option<&str> {
    let mut missing = placement.contract_signers.iter().filter(|signer| signer.signed_on.is_empty());
    missing.next().map(|signer| signer.party.as_str())
}

fn again(track: Track, possible: &[PossibleMove]) -> Option<(&'static str, &str)> {
    let (command, code) = match track {
        Track::Authorisation => ("ReopenAuthorisation", "REOPEN_AUTHORISATION"),
        Track::Fitness => ("ReopenMedical", "REOPEN_MEDICAL"),
        _ => return None,
    };
    let option = possible.iter().find(|option| option.command == command)?;
    option.who.first().map(|party| (code, party.as_str()))
}

#[cfg(test)]
mod tests {
    use proto::{placement::Signer, programme::Rule};

    use super::*;

    fn pack(rules: &[(&str, &str)]) -> RulePack {
        let rule = |(key, value): &(&str, &str)| Rule {
            key: (*key).to_owned(),
            value: (*value).to_owned(),
            ..Rule::default()
        };
        RulePack { rules: rules.iter().map(rule).collect(), ..RulePack::default() }
    }

    fn prepared(done: &[Track]) -> Placement {
        Placement { tracks_done: done.iter().map(|track| (*track).into()).collect(), ..Placement::default() }
    }

    #[test]
    fn the_next_track_is_the_first_that_the_pack_lets_go_on() {
        let spain = pack(&[
            ("tracks.waits.authorisation", "contract"),
            ("tracks.waits.visa", "authorisation"),
            ("tracks.waits.travel", "visa fitness"),
            ("tracks.depart", "contract authorisation visa fitness training orientation travel"),
        ]);
        let mut placement = prepared(&[]);
        let signer = |party: &str, on: &str| Signer { party: party.to_owned(), signed_on: on.to_owned() };
        placement.contract_signers = vec![signer("union", "2026-03-01"), signer("worker", "")];
        assert_eq!(next(&placement, &[], Some(&spain)), Some(("SIGN_CONTRACT", "worker")));
        let mut done = vec![Track::Contract];
        for (track, expected) in [
            (Track::Authorisation, ("AUTHORISE", "authority")),
            (Track::VisaApplied, ("APPLY_VISA", "ministry")),
            (Track::Visa, ("GRANT_VISA", "authority")),
            (Track::Fitness, ("CLEAR_MEDICAL", "ministry")),
            (Track::Training, ("COMPLETE_TRAINING", "ministry")),
            (Track::Orientation, ("COMPLETE_ORIENTATION", "ministry")),
            (Track::Travel, ("BOOK_TRAVEL", "operator")),
        ] {
            assert_eq!(next(&prepared(&done), &[], Some(&spain)), Some(expected));
            done.push(track);
        }
        assert_eq!(next(&prepared(&done), &[], Some(&spain)), None);
    }

    #[test]
    fn a_track_that_waits_or_that_departure_does_not_need_is_passed_by() {
        let italy = pack(&[("tracks.waits.visa", "authorisation"), ("tracks.depart", "visa fitness travel")]);
        assert_eq!(next(&prepared(&[]), &[], Some(&italy)), Some(("CLEAR_MEDICAL", "ministry")));
    }

    #[test]
    fn what_was_refused_is_taken_up_again_by_who_can() {
        let option = PossibleMove {
            command: "ReopenAuthorisation".to_owned(),
            who: vec!["union".to_owned(), "operator".to_owned()],
            ..PossibleMove::default()
        };
        let placement = prepared(&[Track::Contract]);
        assert_eq!(next(&placement, &[option], None), Some(("REOPEN_AUTHORISATION", "union")));
        assert_eq!(next(&placement, &[], None), Some(("AUTHORISE", "authority")));
    }
}
