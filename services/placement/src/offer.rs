//! What a worker is offered (P9): the terms of the order's line, the text that tells them, and its digest.

use std::borrow::Cow;

use proto::{demand, placement as wire};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    decide::{Move, Refusal},
    guards::Scene,
    placement::Offer,
};

/// The command that makes an offer, and the one that agrees to it.
pub const OFFER: &str = "Offer";
const ACCEPT: &str = "Accept";
/// `source` of orders that a union posted, field by field; others come from a feed, which may say less.
const POSTED: &str = "posted";
/// What the union's own text may say where the order does not.
const OWN_TEXT: [&str; 2] = ["place", "hours"];
/// The worker pays nothing for the work.
const WORKER_FEES: &str = "0";

/// Money as it was said: decimal, ISO 4217, and `hour`, `week`, `fortnight`, `month` or `piece`; empty where not said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    pub amount: String,
    pub currency: String,
    pub unit: String,
}

impl Money {
    fn of(said: Option<&demand::Pay>) -> Self {
        let said = said.cloned().unwrap_or_default();
        Self { amount: said.amount, currency: said.currency, unit: said.unit }
    }

    fn message(&self) -> demand::Pay {
        demand::Pay { amount: self.amount.clone(), currency: self.currency.clone(), unit: self.unit.clone() }
    }
}

/// The terms of a line. Dates are ISO 8601; `beds` is -1 if nothing is said of them, `hours_week` 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub employer: String,
    pub city: String,
    pub region: String,
    pub country: String,
    pub starts_on: String,
    pub ends_on: String,
    pub pay: Money,
    pub hours_week: i32,
    pub beds: i32,
    /// Code and amount of what the employer keeps of the pay.
    pub deductions: Vec<(String, Money)>,
    /// A union posted it; else it comes from a feed.
    pub posted: bool,
}

impl Terms {
    /// Reads the terms of an order's line.
    #[must_use]
    pub fn of(order: &demand::JobOrder, line: &demand::OrderLine) -> Self {
        let place = line.workplace.clone().unwrap_or_default();
        let deduction = |said: &demand::Deduction| (said.code.clone(), Money::of(said.amount.as_ref()));
        Self {
            employer: order.employer_name.clone(),
            city: place.city,
            region: place.region,
            country: place.country,
            starts_on: line.starts_on.clone(),
            ends_on: line.ends_on.clone(),
            pay: Money::of(line.pay.as_ref()),
            hours_week: line.hours_week,
            beds: line.beds,
            deductions: line.deductions.iter().map(deduction).collect(),
            posted: order.source == POSTED,
        }
    }

    /// Terms without which nobody is asked to decide. A posted order has to say all; where a feed says no hours, no unit of
    /// pay or no more of the place than its country, the worker is told that this is not known.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let place = self.country.is_empty() || (self.posted && self.city.is_empty() && self.region.is_empty());
        let pay = self.pay.amount.is_empty() || self.pay.currency.is_empty();
        let missing = [
            ("employer", self.employer.is_empty()),
            ("place", place),
            ("dates", self.starts_on.is_empty() || self.ends_on.is_empty()),
            ("pay", pay || (self.posted && self.pay.unit.is_empty())),
            ("hours", self.posted && self.hours_week <= 0),
        ];
        missing.into_iter().filter(|(_, missing)| *missing).map(|(what, _)| what).collect()
    }

    /// The text in a language, by its BCP 47 tag; plain codes in one that this service does not write. The same terms give
    /// the same bytes.
    #[must_use]
    pub fn text(&self, language: &str) -> String {
        let words = Tongue::of(language).words();
        let place = [&self.city, &self.region, &self.country];
        let place: Vec<&str> = place.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        let hours = if self.hours_week > 0 { self.hours_week.to_string() } else { words.unknown.to_owned() };
        let beds = match self.beds {
            ..0 => words.unknown.to_owned(),
            0 => words.none.to_owned(),
            beds => format!("{beds}{}", words.beds),
        };
        let kept = |(code, money): &(String, Money)| format!("{} {}", words.code(code), words.money(money));
        let deductions = match self.deductions.as_slice() {
            [] => words.none.to_owned(),
            some => some.iter().map(kept).collect::<Vec<_>>().join(words.between),
        };
        let values = [
            self.employer.clone(),
            place.join(", "),
            self.starts_on.clone(),
            self.ends_on.clone(),
            words.money(&self.pay),
            hours,
            beds,
            deductions,
            WORKER_FEES.to_owned(),
        ];
        let lines = words.labels.iter().zip(values).map(|(label, value)| format!("{label}{}{value}\n", words.is));
        lines.collect()
    }

    /// SHA-256 of the text, hexadecimal.
    #[must_use]
    pub fn text_hash(&self, language: &str) -> String {
        hex::encode(Sha256::digest(self.text(language)))
    }

    /// The terms as they are shown.
    #[must_use]
    pub fn told(&self, language: &str) -> wire::OfferTerms {
        let deduction =
            |(code, money): &(String, Money)| demand::Deduction { code: code.clone(), amount: Some(money.message()) };
        wire::OfferTerms {
            employer: self.employer.clone(),
            place: Some(demand::Place {
                city: self.city.clone(),
                region: self.region.clone(),
                country: self.country.clone(),
            }),
            starts_on: self.starts_on.clone(),
            ends_on: self.ends_on.clone(),
            pay: Some(self.pay.message()),
            hours_week: self.hours_week,
            housing_beds: self.beds,
            deductions: self.deductions.iter().map(deduction).collect(),
            worker_fees: WORKER_FEES.to_owned(),
            text: self.text(language),
            language: Tongue::of(language).tag().to_owned(),
            text_hash: self.text_hash(language),
            missing: self.missing().into_iter().map(str::to_owned).collect(),
        }
    }
}

/// A move that offers without a text of its own carries the digest of the terms' text, if that says all; a yes without one, in
/// the language of the offer, is a yes to what was offered.
#[must_use]
pub fn with_text<'m>(asked: &'m Move, terms: Option<&Terms>, offered: Option<&Offer>) -> Cow<'m, Move> {
    match (terms, offered) {
        (_, Some(offer)) if asked.command == ACCEPT && asked.evidence.is_empty() && offer.speaks(&asked.language) => {
            Cow::Owned(Move { evidence: format!("sha256:{}", offer.text_hash), ..asked.clone() })
        }
        (Some(terms), _) if asked.command == OFFER && asked.evidence.is_empty() && terms.missing().is_empty() => {
            let evidence = format!("sha256:{}", terms.text_hash(&asked.language));
            Cow::Owned(Move { evidence, ..asked.clone() })
        }
        _ => Cow::Borrowed(asked),
    }
}

/// The digest that evidence gives, without the name of its kind.
pub(crate) fn digest(evidence: &str) -> &str {
    evidence.strip_prefix("sha256:").unwrap_or(evidence)
}

/// Guard G7: a worker agrees to the text that was offered. In another language it is another text, whose digest is sent.
///
/// # Errors
/// `OTHER_TEXT`.
pub(crate) fn consent(scene: &Scene<'_>) -> Result<(), Refusal> {
    let (asked, Some(offer)) = (scene.asked, &scene.placement.offer) else { return Ok(()) };
    let refusal = |message: String, mend: String| Err(Refusal::guard("G7", "OTHER_TEXT", message).mend(mend));
    match (offer.speaks(&asked.language), digest(&asked.evidence)) {
        (false, "") => refusal(
            format!("the offer was made in {}; of a text in {} there is no digest", offer.language, asked.language),
            format!("send the digest of the text that the worker read as evidence, or agree in {}", offer.language),
        ),
        (true, agreed) if agreed != offer.text_hash => refusal(
            "the worker agrees to another text than the one that was offered".to_owned(),
            "leave the evidence away to agree to what was offered, or let the union take the offer back and make it anew"
                .to_owned(),
        ),
        _ => Ok(()),
    }
}

/// Guard TERMS: nobody is asked to decide on an offer that leaves out what it is about. Of a line that this service was told of
/// before it kept terms, and of place and hours that an order was once taken without, the union's own text speaks.
///
/// # Errors
/// `TERMS_MISSING`, which names what is missing.
pub(crate) fn whole(scene: &Scene<'_>) -> Result<(), Refusal> {
    let refusal = |what: &str| {
        Refusal::guard("TERMS", "TERMS_MISSING", format!("the order does not say: {what}"))
            .mend("post the order with employer, place, dates, pay and hours")
    };
    let (own, send) = (
        scene.probe || !scene.asked.evidence.is_empty(),
        "send the digest of the text that the worker reads as evidence",
    );
    match scene.view.terms {
        Some(terms) => match terms.missing() {
            missing if missing.is_empty() => Ok(()),
            missing if !missing.iter().all(|what| OWN_TEXT.contains(what)) => Err(refusal(&missing.join(", "))),
            _ if own => Ok(()),
            missing => Err(refusal(&missing.join(", ")).mend(send)),
        },
        None if own => Ok(()),
        None => Err(refusal("employer, place, dates, pay, hours").mend(send)),
    }
}

/// A language in which the terms can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tongue {
    English,
    French,
    Spanish,
    Codes,
}

/// What a text is made of.
struct Words {
    labels: [&'static str; 9],
    /// Between a label and its value.
    is: &'static str,
    /// Between two deductions.
    between: &'static str,
    /// Between an amount and its unit.
    per: &'static str,
    units: [&'static str; 5],
    /// Where the unit is not said.
    no_unit: &'static str,
    deductions: [&'static str; 3],
    /// After the number of beds.
    beds: &'static str,
    unknown: &'static str,
    none: &'static str,
}

const UNITS: [&str; 5] = ["hour", "week", "fortnight", "month", "piece"];
const DEDUCTIONS: [&str; 3] = ["HOUSING", "TRANSPORT", "MEALS"];

const ENGLISH: Words = Words {
    labels: [
        "Employer",
        "Place of work",
        "First day",
        "Last day",
        "Pay",
        "Hours a week",
        "Housing",
        "Kept of the pay",
        "Fees paid by the worker",
    ],
    is: ": ",
    between: "; ",
    per: " per ",
    units: UNITS,
    no_unit: " (per what is not said)",
    deductions: ["housing", "transport", "meals"],
    beds: " beds for the places of this order line",
    unknown: "not known",
    none: "none",
};

const FRENCH: Words = Words {
    labels: [
        "Employeur",
        "Lieu de travail",
        "Premier jour",
        "Dernier jour",
        "Salaire",
        "Heures par semaine",
        "Logement",
        "Retenues sur le salaire",
        "Frais payés par le travailleur",
    ],
    is: "\u{a0}: ",
    between: "\u{202f}; ",
    per: " par ",
    units: ["heure", "semaine", "quinzaine", "mois", "pièce"],
    no_unit: " (période non précisée)",
    deductions: ["logement", "transport", "repas"],
    beds: " lits pour les places de cette ligne",
    unknown: "non précisé",
    none: "aucun",
};

const SPANISH: Words = Words {
    labels: [
        "Empleador",
        "Lugar de trabajo",
        "Primer día",
        "Último día",
        "Salario",
        "Horas por semana",
        "Alojamiento",
        "Descuentos del salario",
        "Gastos a cargo del trabajador",
    ],
    is: ": ",
    between: "; ",
    per: " por ",
    units: ["hora", "semana", "quincena", "mes", "pieza"],
    no_unit: " (no consta por qué período)",
    deductions: ["alojamiento", "transporte", "comidas"],
    beds: " camas para los puestos de esta línea",
    unknown: "no consta",
    none: "ninguno",
};

const CODES: Words = Words {
    labels: [
        "employer",
        "place",
        "starts_on",
        "ends_on",
        "pay",
        "hours_week",
        "housing_beds",
        "deductions",
        "worker_fees",
    ],
    is: "=",
    between: "; ",
    per: "/",
    units: UNITS,
    no_unit: "",
    deductions: DEDUCTIONS,
    beds: "",
    unknown: "-",
    none: "0",
};

impl Tongue {
    fn of(language: &str) -> Self {
        match language.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "en" => Self::English,
            "fr" => Self::French,
            "es" => Self::Spanish,
            _ => Self::Codes,
        }
    }

    const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Codes => "",
        }
    }

    const fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::French => &FRENCH,
            Self::Spanish => &SPANISH,
            Self::Codes => &CODES,
        }
    }
}

impl Words {
    fn money(&self, money: &Money) -> String {
        if money.amount.is_empty() {
            return self.unknown.to_owned();
        }
        match UNITS.iter().position(|unit| *unit == money.unit) {
            Some(at) => format!("{} {}{}{}", money.amount, money.currency, self.per, self.units[at]),
            None => format!("{} {}{}", money.amount, money.currency, self.no_unit),
        }
    }

    fn code<'c>(&self, code: &'c str) -> &'c str
    where
        Self: 'c,
    {
        DEDUCTIONS.iter().position(|known| *known == code).map_or(code, |at| self.deductions[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(amount: &str, unit: &str) -> Money {
        Money { amount: amount.to_owned(), currency: "EUR".to_owned(), unit: unit.to_owned() }
    }

    fn terms() -> Terms {
        Terms {
            employer: "Cooperativa d’Aitona".to_owned(),
            city: "Aitona".to_owned(),
            region: "Lleida".to_owned(),
            country: "ES".to_owned(),
            starts_on: "2026-04-01".to_owned(),
            ends_on: "2026-09-30".to_owned(),
            pay: money("9.40", "hour"),
            hours_week: 40,
            beds: 9,
            deductions: vec![
                ("HOUSING".to_owned(), money("45.50", "month")),
                ("GLOVES".to_owned(), money("2", "month")),
            ],
            posted: true,
        }
    }

    #[test]
    fn the_text_tells_every_term_in_the_language_asked_for() {
        let french = terms().text("fr-SN");
        assert!(
            french.starts_with("Employeur\u{a0}: Cooperativa d’Aitona\nLieu de travail\u{a0}: Aitona, Lleida, ES\n")
        );
        assert!(french.contains("Salaire\u{a0}: 9.40 EUR par heure\n"), "{french}");
        assert!(french.ends_with(
            "Retenues sur le salaire\u{a0}: logement 45.50 EUR par mois\u{202f}; GLOVES 2 EUR par mois\n\
             Frais payés par le travailleur\u{a0}: 0\n"
        ));
        let spanish = terms().text("es-CO");
        assert!(spanish.contains("Horas por semana: 40\nAlojamiento: 9 camas"), "{spanish}");
        let plain = terms().text("wo");
        assert_eq!(
            plain,
            "employer=Cooperativa d’Aitona\nplace=Aitona, Lleida, ES\nstarts_on=2026-04-01\nends_on=2026-09-30\n\
             pay=9.40 EUR/hour\nhours_week=40\nhousing_beds=9\ndeductions=HOUSING 45.50 EUR/month; GLOVES 2 EUR/month\n\
             worker_fees=0\n"
        );
        assert_eq!(terms().text_hash("en"), terms().text_hash("en-GB"));
        let hashes: std::collections::BTreeSet<String> =
            ["en", "fr", "es", "wo"].map(|tag| terms().text_hash(tag)).into();
        assert_eq!(hashes.len(), 4);
    }

    #[test]
    fn another_term_is_another_text() {
        let mut other = terms();
        other.deductions.pop();
        assert_ne!(other.text_hash("en"), terms().text_hash("en"));
        other.deductions.clear();
        assert!(other.text("en").contains("Kept of the pay: none\n"));
    }

    #[test]
    fn a_posted_order_says_all_and_what_a_feed_leaves_out_is_told_as_not_known() {
        assert!(terms().missing().is_empty());
        let bare = Terms {
            employer: String::new(),
            city: String::new(),
            region: String::new(),
            pay: Money::default(),
            hours_week: 0,
            ..terms()
        };
        assert_eq!(bare.missing(), ["employer", "place", "pay", "hours"]);
        let feed = Terms { hours_week: 0, beds: -1, pay: money("11.59", ""), posted: false, ..terms() };
        assert!(feed.missing().is_empty());
        let told = feed.text("en");
        assert!(
            told.contains("Pay: 11.59 EUR (per what is not said)\nHours a week: not known\nHousing: not known\n"),
            "{told}"
        );
        assert_eq!(Terms { pay: Money::default(), ..feed }.missing(), ["pay"], "an amount there has to be");
    }

    #[test]
    fn an_offer_without_a_text_of_its_own_is_proved_by_this_one() {
        let asked = Move { command: OFFER.to_owned(), language: "es".to_owned(), ..Move::default() };
        let filled = with_text(&asked, Some(&terms()), None).into_owned();
        assert_eq!(filled.evidence, format!("sha256:{}", terms().text_hash("es")));
        let own = Move { evidence: "sha256:5f1e".to_owned(), ..asked.clone() };
        assert_eq!(with_text(&own, Some(&terms()), None).evidence, "sha256:5f1e");
        let other = Move { command: "Accept".to_owned(), ..asked };
        assert!(with_text(&other, Some(&terms()), None).evidence.is_empty(), "nothing was offered");
    }
}
