use proto::matching::{FairnessAttribute, FairnessGroup, FairnessReport, GetRoundFairnessRequest};

use crate::{
    client::{Session, refusal},
    commands::round,
    output::{Output, table, waiting},
    words::Language,
};

/// Shows who got a seat, of those who could have had one.
pub(crate) async fn run(session: &Session, output: &Output, round: &str) -> anyhow::Result<()> {
    let request = GetRoundFairnessRequest { round_id: round::get(session, round).await?.id };
    let answer = waiting("counting who got a seat", session.matching().get_round_fairness(request)).await;
    let answer = answer.map_err(|status| refusal(&status))?.into_inner();
    if output.json {
        return output.json("circula.matching.v1.FairnessReport", &answer);
    }
    println!("{}", in_words(output.language, &answer));
    Ok(())
}

fn in_words(language: Language, report: &FairnessReport) -> String {
    let (seated, eligible) = (language.number(report.seated), language.number(report.eligible));
    let head = language.of([
        ["Group", "Seated", "Eligible", "Rate", "95% interval"],
        ["Groupe", "Placés", "Éligibles", "Taux", "Intervalle à 95\u{a0}%"],
        ["Grupo", "Con puesto", "Elegibles", "Tasa", "Intervalo al 95\u{a0}%"],
    ]);
    let rows = report.groups.iter().map(|group| row(language, group)).collect();
    let least = language.number(report.least);
    let text = language.of([
        format!("{seated} of {eligible} people to whom a line was open got a seat."),
        format!("{seated} des {eligible} personnes à qui une ligne était ouverte ont un poste."),
        format!("{seated} de las {eligible} personas que podían ocupar una línea tienen puesto."),
    ]);
    let note = language.of([
        format!("–: fewer than {least} people, or a group that could be told from the others. Intervals by Wilson."),
        format!(
            "–\u{a0}: moins de {least} personnes, ou un groupe que les autres laisseraient deviner. Intervalles de Wilson."
        ),
        format!("–: menos de {least} personas, o un grupo que los demás dejarían deducir. Intervalos de Wilson."),
    ]);
    format!("{text}\n{}\n{note}", table(&head, rows, true))
}

fn row(language: Language, group: &FairnessGroup) -> Vec<String> {
    let name = name(language, group);
    if group.suppressed {
        return std::iter::once(name).chain(std::iter::repeat_n("–".to_owned(), 4)).collect();
    }
    vec![
        name,
        language.number(group.seated),
        language.number(group.eligible),
        language.percent(group.rate_ppm),
        format!("{} – {}", language.percent(group.low_ppm), language.percent(group.high_ppm)),
    ]
}

fn name(language: Language, group: &FairnessGroup) -> String {
    let unknown = language.of(["unknown", "inconnu", "desconocido"]);
    let word = match (group.attribute(), group.name.as_str()) {
        (_, "") => unknown,
        (FairnessAttribute::Sex, "F") => language.of(["women", "femmes", "mujeres"]),
        (FairnessAttribute::Sex, "M") => language.of(["men", "hommes", "hombres"]),
        (FairnessAttribute::Sex, _) => language.of(["unspecified", "non précisé", "sin especificar"]),
        (FairnessAttribute::FirstTimer, "yes") => language.of(["yes", "oui", "sí"]),
        (FairnessAttribute::FirstTimer, _) => language.of(["no", "non", "no"]),
        (FairnessAttribute::AgeBand, "-24") => {
            language.of(["24 and under", "24\u{a0}ans et moins", "24\u{a0}años o menos"])
        }
        (FairnessAttribute::AgeBand, "55-") => {
            language.of(["55 and over", "55\u{a0}ans et plus", "55\u{a0}años o más"])
        }
        (_, name) => name,
    };
    let attribute = match group.attribute() {
        FairnessAttribute::Sex => language.of(["Sex", "Sexe", "Sexo"]),
        FairnessAttribute::Region => language.of(["Region", "Région", "Región"]),
        FairnessAttribute::FirstTimer => language.of(["First season", "Première saison", "Primera temporada"]),
        _ => language.of(["Age", "Âge", "Edad"]),
    };
    language.of([format!("{attribute}: {word}"), format!("{attribute}\u{a0}: {word}"), format!("{attribute}: {word}")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_a_table_in_each_language_and_small_groups_are_not_told() {
        let group = |attribute: FairnessAttribute, name: &str, suppressed| FairnessGroup {
            attribute: attribute.into(),
            name: name.to_owned(),
            eligible: 40,
            seated: 10,
            rate_ppm: 250_000,
            low_ppm: 141_900,
            high_ppm: 401_900,
            suppressed,
        };
        let report = FairnessReport {
            eligible: 1040,
            seated: 10,
            least: 10,
            groups: vec![group(FairnessAttribute::Sex, "F", false), group(FairnessAttribute::AgeBand, "55-", true)],
            ..FairnessReport::default()
        };
        let said = [Language::En, Language::Fr, Language::Es].map(|language| in_words(language, &report));
        assert!(said[0].contains("Sex: women") && said[0].contains("14.2% – 40.2%"), "{}", said[0]);
        assert!(said[1].contains("Sexe\u{a0}: femmes") && said[1].contains("1\u{202f}040"), "{}", said[1]);
        assert!(said[2].contains("Edad: 55\u{a0}años o más") && said[2].contains("25,0\u{a0}%"), "{}", said[2]);
        assert!(!said[0].lines().any(|line| line.contains("55 and over") && line.contains("40")), "{}", said[0]);
    }
}
