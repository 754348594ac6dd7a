//! Who signs the contract.

use proto::placement::Track;

use crate::house::{House, asked, for_worker};

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_is_signed_when_both_sides_have_signed() {
    let house = House::with_quota(10).await;
    let line = house.line(1).await;
    let id = house.propose(line, &[0]).await[0];
    house.accept(id).await;
    let signed = |placement: &proto::placement::Placement| -> Vec<(String, String)> {
        placement.contract_signers.iter().map(|signer| (signer.party.clone(), signer.signed_on.clone())).collect()
    };
    let done = |placement: &proto::placement::Placement| placement.tracks_done.contains(&(Track::Contract as i32));
    let pair = |party: &str, on: &str| (party.to_owned(), on.to_owned());
    let one = house.must("pagesos", asked(id, "SignContract", "2026-01-15")).await;
    assert_eq!((signed(&one), done(&one)), (vec![pair("union", "2026-01-15"), pair("worker", "")], false));
    let twice = house.make("pagesos", asked(id, "SignContract", "2026-01-15")).await.unwrap_err();
    assert_eq!(twice.reason, "WRONG_STATUS");
    let early = house.make("consulate", asked(id, "Authorise", "2026-01-16")).await.unwrap_err();
    assert!(early.reason == "TRACKS_OPEN" && early.message.contains("not signed by worker"), "{early}");
    // The ministry is offered the worker's signature, and no other.
    let view = house.view("sena", id).await.unwrap();
    let offered = view.possible.iter().find(|option| option.command == "SignContract").expect("for the worker");
    assert_eq!(offered.who, ["worker"]);
    let both = house.must("sena", for_worker(asked(id, "SignContract", "2026-01-17"))).await;
    assert_eq!((signed(&both)[1].1.as_str(), done(&both)), ("2026-01-17", true));
    assert!(both.clocks.iter().all(|clock| clock.name != "C-SIGN"), "{:?}", both.clocks);
    house.must("consulate", asked(id, "Authorise", "2026-01-18")).await;
    house.audit().await;
}
