use proto::matching::{Change, change::What};

use crate::words::Language;

/// What would have given a seat, a sentence each, smallest change first as they came.
pub(crate) fn in_words(language: Language, changes: &[Change], cut: bool) -> String {
    let mut lines = Vec::new();
    if changes.is_empty() {
        lines.push(
            language
                .of([
                    "No single small change was found that would have given a seat.",
                    "Aucun petit changement à lui seul n’aurait donné un poste.",
                    "Ningún pequeño cambio por sí solo habría dado un puesto.",
                ])
                .to_owned(),
        );
    } else {
        let head = [
            "Enough for a seat, each alone, found true by solving the market anew:",
            "Suffisant pour un poste, chacun seul, vérifié par un nouveau calcul\u{a0}:",
            "Suficiente para un puesto, cada uno por sí solo, comprobado con un nuevo cálculo:",
        ];
        lines.push(language.of(head).to_owned());
        lines.extend(changes.iter().map(|change| format!("  {}", sentence(language, change))));
    }
    if cut {
        let text = [
            "The time was over before everything had been tried.",
            "Le temps s’est écoulé avant que tout ait été essayé.",
            "El tiempo se agotó antes de probarlo todo.",
        ];
        lines.push(language.of(text).to_owned());
    }
    lines.join("\n")
}

fn sentence(language: Language, change: &Change) -> String {
    let what = match &change.what {
        Some(What::Points(points)) => points_more(language, points.more),
        Some(What::Certificates(certificates)) => {
            let names = certificates.certificates.join(", ");
            let without = change.candidate_id.is_empty();
            language.of([
                format!("{} {names}", if without { "without asking for" } else { "with" }),
                format!("{} {names}", if without { "sans exiger" } else { "avec" }),
                format!("{} {names}", if without { "sin exigir" } else { "con" }),
            ])
        }
        Some(What::Dates(dates)) => days(language, &dates.from, &dates.until, change.candidate_id.is_empty()),
        Some(What::Seats(seats)) => {
            let forms = [("seat", "seats"), ("poste", "postes"), ("puesto", "puestos")];
            let seats = language.count(seats.more.into(), forms);
            language.of([format!("{seats} more"), format!("{seats} de plus"), format!("{seats} más")])
        }
        Some(What::Quota(quota)) => {
            let forms = [("unit", "units"), ("unité", "unités"), ("unidad", "unidades")];
            let (units, code) = (language.count(quota.more.into(), forms), &quota.corridor_code);
            language.of([
                format!("{units} more in the quota of {code}"),
                format!("{units} de plus dans le quota {code}"),
                format!("{units} más en el cupo {code}"),
            ])
        }
        None => String::new(),
    };
    let (number, title) = (change.line_number, &change.line_title);
    let whose = match change.candidate_id.as_str() {
        "" => String::new(),
        id => format!(" [{id}]"),
    };
    language.of([
        format!("{what}: line {number}, {title}{whose}"),
        format!("{what}\u{a0}: ligne {number}, {title}{whose}"),
        format!("{what}: línea {number}, {title}{whose}"),
    ])
}

fn points_more(language: Language, more: i64) -> String {
    let points = language.count(more, [("point", "points"), ("point", "points"), ("punto", "puntos")]);
    language.of([format!("{points} more"), format!("{points} de plus"), format!("{points} más")])
}

/// Days of a person, or of a line's work; an empty one is as it was.
fn days(language: Language, from: &str, until: &str, of_line: bool) -> String {
    let days = match (from, until) {
        (from, "") => language.of([format!("from {from}"), format!("à partir du {from}"), format!("desde el {from}")]),
        ("", until) => {
            language.of([format!("until {until}"), format!("jusqu’au {until}"), format!("hasta el {until}")])
        }
        (from, until) => language.of([
            format!("from {from} until {until}"),
            format!("du {from} au {until}"),
            format!("del {from} al {until}"),
        ]),
    };
    let whose = if of_line {
        language.of(["work", "travail", "trabajo"])
    } else {
        language.of(["available", "disponible", "disponible"])
    };
    format!("{whose} {days}")
}

#[cfg(test)]
mod tests {
    use proto::matching::{CertificatesChange, DatesChange, PointsChange};

    use super::*;

    fn change(what: What) -> Change {
        Change { what: Some(what), line_number: 3, line_title: "Harvest".to_owned(), ..Change::default() }
    }

    #[test]
    fn a_change_is_one_sentence_in_each_language() {
        let points = change(What::Points(PointsChange { more: 1 }));
        let said = [Language::En, Language::Fr, Language::Es].map(|language| sentence(language, &points));
        let wanted = [
            "1\u{a0}point more: line 3, Harvest",
            "1\u{a0}point de plus\u{a0}: ligne 3, Harvest",
            "1\u{a0}punto más: línea 3, Harvest",
        ];
        assert_eq!(said, wanted);
        let dates = change(What::Dates(DatesChange { from: String::new(), until: "2026-08-31".to_owned() }));
        assert_eq!(sentence(Language::Fr, &dates), "travail jusqu’au 2026-08-31\u{a0}: ligne 3, Harvest");
        let mut held = change(What::Certificates(CertificatesChange { certificates: vec!["TRACTOR".to_owned()] }));
        assert_eq!(sentence(Language::Es, &held), "sin exigir TRACTOR: línea 3, Harvest");
        held.candidate_id = "c1".to_owned();
        assert_eq!(sentence(Language::En, &held), "with TRACTOR: line 3, Harvest [c1]");
    }
}
