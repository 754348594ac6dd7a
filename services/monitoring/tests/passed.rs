//! Who was passed over on a reserve list: kept from the facts, and told to whoever sees the placement.

use platform::Refused;
use proto::{
    monitoring::ListPassedOverRequest,
    placement::{
        PassedOver, PlacementEnvelope, SeatReopened, line_event, placement_envelope::Aggregate, placement_event,
    },
};

use crate::{
    House,
    ways::{SPAIN, Way, line},
};

fn passed(people: &[(&Way, &str)]) -> Vec<PassedOver> {
    people.iter().map(|(way, reason)| PassedOver { placement_id: way.id(), reason: (*reason).to_owned() }).collect()
}

/// The call of the fourth on a list, over others.
fn call(of: &Way, people: &[(&Way, &str)]) -> PlacementEnvelope {
    let mut fact = of.events().remove(0);
    let Some(Aggregate::Placement(event)) = &mut fact.aggregate else { panic!("a placement's fact") };
    event.state.as_mut().unwrap().reserve_rank = 4;
    let Some(placement_event::Change::Moved(moved)) = &mut event.change else { panic!("it moved") };
    moved.passed = passed(people);
    fact
}

/// A seat that the whole list could not take.
fn reopened(on: &str, people: &[(&Way, &str)]) -> PlacementEnvelope {
    let mut fact = line(1, SPAIN, "CO-ES");
    let Some(Aggregate::Line(event)) = &mut fact.aggregate else { panic!("a line's fact") };
    let reopened = SeatReopened { reason: "NOBODY_FITS".into(), passed: passed(people), occurred_on: on.into() };
    event.change = Some(line_event::Change::SeatReopened(reopened));
    fact
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_passed_over_is_told_why_to_whoever_sees_the_placement() {
    let house = House::start().await;
    let (first, second, called) = (Way::spain(1), Way::canada(2), Way::spain(3));
    let facts = [
        call(&called, &[(&first, "PERSON_TAKEN"), (&second, "TOO_LATE")]),
        reopened("2026-03-05", &[(&first, "NOT_ELIGIBLE")]),
    ];
    // Told before the placements are known here, and told again.
    house.produce_all(&facts).await;
    house.produce_all(&[first.events(), second.events()].concat()).await;
    house.produce_all(&facts).await;
    house.folded("placement", 3).await;
    house.folded("line", 1).await;

    let ask = async |who: &str, id: &str| {
        let request = ListPassedOverRequest { placement_id: id.to_owned() };
        let told = house.client.clone().list_passed_over(house.bench.call(who, request)).await;
        told.map(|told| {
            let told = told.into_inner().passed.into_iter();
            told.map(|one| (one.occurred_on, one.reason, one.called_rank)).collect::<Vec<_>>()
        })
    };
    let row = |on: &str, reason: &str, rank| (on.to_owned(), reason.to_owned(), rank);
    let why = vec![row("2026-03-01", "PERSON_TAKEN", 4), row("2026-03-05", "NOT_ELIGIBLE", 0)];
    for who in ["colombia", "spain", "operator"] {
        assert_eq!(ask(who, &first.id()).await.unwrap(), why, "{who}");
    }
    assert_eq!(ask("guatemala", &second.id()).await.unwrap(), [row("2026-03-01", "TOO_LATE", 4)]);
    // Another's, like one that is not there, and one that was passed over by nobody.
    assert!(ask("guatemala", &first.id()).await.unwrap().is_empty());
    assert!(ask("colombia", &second.id()).await.unwrap().is_empty());
    assert!(ask("operator", &Way::spain(9).id()).await.unwrap().is_empty());
    assert!(ask("operator", &called.id()).await.unwrap().is_empty());
    for (who, id, reason) in [("worker", first.id().as_str(), "ROLE_NEEDED"), ("operator", "nobody", "ID")] {
        assert_eq!(Refused::from_status(&ask(who, id).await.unwrap_err()).reason, reason);
    }
}
