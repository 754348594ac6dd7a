//! Rule packs side by side, and units of the reserve.

use gateway::console::code::{Choice, Corridor, FormKeys};
use gateway::console::packs::{Change, Compared, PacksPage, Said};
use gateway::console::refusal::Refusal;
use gateway::console::units::{Asked, Kept, Open, UnitsPage};

use super::pages::date;

const EARLIER: &str = "CO-ES@2025-01-01";
const LATER: &str = "CO-ES@2026-01-01";

pub(crate) fn packs() -> PacksPage {
    let said = |value: &str, source: &str| {
        Some(Said { value: value.to_owned(), source: source.to_owned(), assumed: source.is_empty() })
    };
    let change = |key: &str, before, after| Change { key: key.to_owned(), before, after, since: date(2026, 1, 1) };
    let changes = vec![
        change("clock.answer.days", said("7", ""), said("5", "Orden ISM/1488/2025, art. 7")),
        change("stay.days_max_in_12_months", said("270", "RD 557/2011"), said("275", "RD 1155/2024, art. 101")),
        change("tracks.waits.authorisation", None, said("documents, medical", "Orden ISM/1488/2025, art. 9")),
    ];
    let choice = |id: &str| Choice { value: id.to_owned(), label: id.to_owned() };
    PacksPage {
        corridor: Corridor::new("CO-ES"),
        packs: [EARLIER, LATER, "ES@2024-01-01"].map(choice).into(),
        from: EARLIER.to_owned(),
        to: LATER.to_owned(),
        compared: Compared::Told { same: 14, changes },
    }
}

pub(crate) fn no_packs() -> PacksPage {
    let none = String::new();
    PacksPage { from: none.clone(), to: none, packs: Vec::new(), compared: Compared::Few, ..packs() }
}

pub(crate) fn units() -> UnitsPage {
    let quota =
        |id: &str, sector: &str, cap, reserve| Kept { id: id.to_owned(), sector: sector.to_owned(), cap, reserve };
    let first = quota("q1", "A01", 4_200, 420);
    let second = quota("q2", "A02", 120, 30);
    let open = |id: &str, units, own| Open {
        quota: if id == "q1" { first.clone() } else { second.clone() },
        units,
        asked_on: date(2026, 3, 2),
        lapses_on: date(2026, 3, 9),
        own,
    };
    UnitsPage {
        corridor: Corridor::new("CO-ES"),
        season: "2026".to_owned(),
        quotas: vec![first.clone(), second.clone()],
        may: true,
        quota: "q1".to_owned(),
        units: "60".to_owned(),
        wrong: false,
        asked: Some(Asked {
            quota: first.clone(),
            units: 60,
            form: FormKeys { request_id: "01J8-units".to_owned(), version: "3".to_owned() },
        }),
        refusal: None,
        open: vec![open("q1", 60, false), open("q2", 5, true)],
    }
}

pub(crate) fn refused_units() -> UnitsPage {
    UnitsPage {
        units: "500".to_owned(),
        wrong: true,
        asked: None,
        refusal: Some(Refusal {
            what: "Ask for units".to_owned(),
            why: "Another operator has asked for 40 units.".to_owned(),
            place: "units".to_owned(),
            mend: "Ask for the same number, or wait seven days until that lapses.".to_owned(),
            original: String::new(),
            fields: Vec::new(),
        }),
        ..units()
    }
}
