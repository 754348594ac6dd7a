//! Every page of the console, filled with the invented season.

use chrono::NaiveDate;
use gateway::console::access::Accessibility;
use gateway::console::frame::{Banner, Desk, Frame, Section, Signed, Tone};
use gateway::console::parked::Parked;
use gateway::console::preview::Phase;
use gateway::console::problem::{Kind, Problem};
use gateway::console::sight::WhoSeesWhat;
use gateway::console::sign_in::{DevelopmentUser, SignIn};
use gateway::console::words::Language;

use super::{matching, people, rules, season};

pub(crate) type Pages = Vec<(String, String)>;

pub(crate) fn all(language: Language) -> anyhow::Result<Pages> {
    let mut pages = Vec::new();
    let mut add = |name: &str, html: String| pages.push((name.to_owned(), html));
    let home = frame(language, Desk::Operator, Section::Home, "/");
    add("home", season::home().render(&home)?);
    add("home-empty", season::empty_home().render(&home)?);
    add("home-differs", season::wrong_home().render(&home)?);
    add("corridor", season::corridor().render(&home)?);
    add("packs", rules::packs().render(&home)?);
    add("packs-none", rules::no_packs().render(&home)?);
    add("units", rules::units().render(&home)?);
    add("units-refused", rules::refused_units().render(&home)?);
    let union = frame(language, Desk::Union, Section::Home, "/");
    add("union", season::union().render(&union)?);
    let ministry = frame(language, Desk::Ministry, Section::Home, "/");
    add("ministry", season::ministry().render(&ministry)?);
    add("ministry-empty", season::empty_ministry().render(&ministry)?);
    let list = frame(language, Desk::Operator, Section::Placements, "/placements");
    add("placements", people::list().render(&list)?);
    add("placements-none", people::no_list().render(&list)?);
    add("preview-asked", people::preview(Phase::Asked).render(&list)?);
    add("preview", people::preview(Phase::Tried).render(&list)?);
    add("preview-done", people::preview(Phase::Done).render(&list)?);
    add("placement", people::under_way().render(&list)?);
    add("placement-new", people::proposed().render(&union)?);
    add("placement-lost", people::lost().render(&list)?);
    add("who-sees-what", WhoSeesWhat.render(&list)?);
    let rounds = frame(language, Desk::Operator, Section::Rounds, "/rounds");
    add("rounds", matching::list().render(&rounds)?);
    add("rounds-none", matching::no_list().render(&rounds)?);
    add("round", matching::computed().render(&rounds)?);
    add("round-computing", matching::computing().render(&rounds)?);
    add("round-publishing", matching::publishing().render(&rounds)?);
    add("round-discarded", matching::discarded().render(&rounds)?);
    add("round-failed", matching::failed().render(&rounds)?);
    add("round-published", matching::published().render(&with_banner(rounds))?);
    let parked = frame(language, Desk::Operator, Section::Parked, "/parked");
    add("parked", matching::parked().render(&parked)?);
    add("parked-none", Parked::default().render(&parked)?);
    add("accessibility", Accessibility.render(&nobody(language))?);
    add("sign-in", sign_in().render(&nobody(language))?);
    for problem in problems() {
        let name = format!("problem-{}", problem.kind.status());
        add(&name, problem.render(&nobody(language))?);
    }
    Ok(pages)
}

pub(crate) fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("the gallery writes real days")
}

pub(crate) fn frame(language: Language, desk: Desk, section: Section, here: &str) -> Frame {
    let organisation = match desk {
        Desk::Operator => "IOM mission, Bogotá",
        Desk::Union => "Unió de Pagesos",
        Desk::Ministry => "SENA, Colombia",
        Desk::Authority | Desk::Auditor => "Auditor",
    };
    Frame {
        language,
        signed: Some(Signed {
            desk,
            organisation: organisation.to_owned(),
            csrf: "token-of-the-session".to_owned(),
            badges: vec![(Section::Rounds, 1)],
        }),
        section: Some(section),
        here: here.to_owned(),
        as_of: date(2026, 9, 29).and_hms_opt(10, 42, 0).expect("a real time"),
        calendar: Some(date(2026, 9, 29)),
        live: Some("home".to_owned()),
        banner: None,
    }
}

fn nobody(language: Language) -> Frame {
    Frame { signed: None, section: None, live: None, ..frame(language, Desk::Operator, Section::Home, "/sign-in") }
}

fn with_banner(frame: Frame) -> Frame {
    Frame {
        banner: Some(Banner {
            tone: Tone::Ok,
            sentence: "412 \u{2192} 412".to_owned(),
            more: String::new(),
            link: None,
        }),
        ..frame
    }
}

fn sign_in() -> SignIn {
    let user = |id: &str, desk, organisation: &str| DevelopmentUser {
        id: id.to_owned(),
        desk,
        organisation: organisation.to_owned(),
    };
    SignIn {
        users: vec![
            user("operator", Desk::Operator, "IOM mission, Bogotá"),
            user("ministry-co", Desk::Ministry, "SENA, Colombia"),
            user("ministry-sn", Desk::Ministry, "Direction de l’emploi, Sénégal"),
            user("union-up", Desk::Union, "Unió de Pagesos"),
            user("union-ferme", Desk::Union, "FERME, Québec"),
        ],
        csrf: "token-before-any-session".to_owned(),
        to: "/".to_owned(),
    }
}

fn problems() -> Vec<Problem> {
    let kinds = [
        Kind::BadRequest,
        Kind::Forbidden,
        Kind::NotFound,
        Kind::Conflict,
        Kind::TooLarge { limit_mib: 16 },
        Kind::TooMany { seconds: 1 },
        Kind::Fault,
        Kind::Unavailable { seconds: 30 },
    ];
    kinds.into_iter().map(problem).collect()
}

fn problem(kind: Kind) -> Problem {
    let typed = match kind {
        Kind::Conflict => vec![("Reason".to_owned(), "<b>two seats</b> & more".to_owned())],
        _ => Vec::new(),
    };
    Problem {
        kind,
        reference: "3fa9-11d0".to_owned(),
        refusal: None,
        typed,
        back: "/placements/CO-ES-2026-03318".to_owned(),
    }
}
