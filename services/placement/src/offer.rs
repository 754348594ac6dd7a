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

/// The terms of a line. Dates are ISO 8601; `beds` is -1 if nothing is said of them, and of the whole housing where the line
/// names one; `hours_week` is 0 if nothing is said.
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
    /// The line names its housing, whose beds others may share. Terms kept by earlier builds do not say it, and keep their text.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shares_beds: bool,
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
        // Lines of an order that share a housing say the same of its beds, or nothing.
        let shares_beds = !line.housing.is_empty();
        let housed = order.lines.iter().filter(|other| shares_beds && other.housing == line.housing);
        let beds = housed.map(|other| other.beds).find(|beds| *beds >= 0).unwrap_or(line.beds);
        Self {
            employer: order.employer_name.clone(),
            city: place.city,
            region: place.region,
            country: place.country,
            starts_on: line.starts_on.clone(),
            ends_on: line.ends_on.clone(),
            pay: Money::of(line.pay.as_ref()),
            hours_week: line.hours_week,
            beds,
            shares_beds,
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
            beds if self.shares_beds => format!("{beds}{}", words.beds_shared),
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
    /// Likewise, where they are those of a housing that other lines may share.
    beds_shared: &'static str,
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
    beds_shared: " beds in the whole housing",
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
    beds_shared: " lits dans tout le logement",
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
    beds_shared: " camas en todo el alojamiento",
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
    beds_shared: " shared",
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
mod tests;
