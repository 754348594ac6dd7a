//! One placement as a whole: where it stands, whose it is, what runs, what may be done, what was done.

use proto::placement::{Ending, Fault, Holding, Placement, PlacementView, PossibleMove, Step, Track};

use super::{due, said, span, stage};
use crate::{
    output::{table, whole, word},
    words::Language,
};

type Row = ([&'static str; 3], String);

pub(super) fn in_words(language: Language, view: &PlacementView) -> String {
    let placement = view.placement.clone().unwrap_or_default();
    let head = language.of([["Field", "Value"], ["Champ", "Valeur"], ["Campo", "Valor"]]);
    let mut rows = about(language, &placement);
    rows.extend(state(language, &placement, &view.holdings));
    let rows = rows.into_iter().map(|(field, value)| vec![language.of(field).to_owned(), said(&value)]);
    let mut parts = vec![table(&head, rows.collect(), false).to_string()];
    if !view.possible.is_empty() || !view.waiting.is_empty() {
        parts.push(moves(language, view));
    }
    parts.push(steps(language, &placement.steps));
    parts.join("\n")
}

/// Whose it is, and where it came from.
fn about(language: Language, placement: &Placement) -> Vec<Row> {
    let rank = i64::from(placement.reserve_rank);
    let source = match rank {
        0 => word(placement.source().as_str_name(), "SOURCE_"),
        rank => format!("{} ({})", word(placement.source().as_str_name(), "SOURCE_"), language.number(rank)),
    };
    vec![
        (["Placement", "Placement", "Colocación"], placement.id.clone()),
        (["Version", "Version", "Versión"], placement.version.to_string()),
        (["Stage", "Étape", "Etapa"], stage(language, placement.stage())),
        (["Candidate", "Candidat", "Candidato"], placement.candidate_id.clone()),
        (["Ministry", "Ministère", "Ministerio"], placement.ministry_id.clone()),
        (["Union", "Syndicat d’employeurs", "Organización de empleadores"], placement.union_id.clone()),
        (["Corridor", "Corridor", "Corredor"], placement.corridor_code.clone()),
        (["Season", "Saison", "Temporada"], placement.season_code.clone()),
        (["Order", "Commande", "Pedido"], placement.order_id.clone()),
        (["Line", "Ligne", "Línea"], placement.line_id.clone()),
        (["Round", "Tour", "Ronda"], placement.round_id.clone()),
        (["Source (place on the list)", "Source (rang de réserve)", "Origen (puesto de reserva)"], source),
        (["Work", "Travail", "Trabajo"], span(&placement.starts_on, &placement.ends_on)),
        (["Days taken", "Jours pris", "Días ocupados"], span(&placement.taken_from, &placement.taken_until)),
    ]
}

/// What runs and what is done; how it ended, if it did.
fn state(language: Language, placement: &Placement, holdings: &[Holding]) -> Vec<Row> {
    let words = language.console();
    let clocks =
        placement.clocks.iter().map(|clock| format!("{} ({})", due(clock), words.code("party", &clock.waits_for)));
    let tracks = placement.tracks_done().map(|track: Track| word(track.as_str_name(), "TRACK_"));
    let held = holdings.iter().map(|one| {
        let (ledger, status) = (words.code("ledger", &one.ledger), words.code("hold", &one.status));
        if one.detail.is_empty() { format!("{ledger} {status}") } else { format!("{ledger} {status} ({})", one.detail) }
    });
    let mut rows = vec![
        (["Clocks", "Délais", "Plazos"], clocks.collect::<Vec<_>>().join("\n")),
        (["Tracks done", "Préparation faite", "Preparación hecha"], tracks.collect::<Vec<_>>().join(", ")),
        (["Holds", "Détient", "Tiene"], held.collect::<Vec<_>>().join("\n")),
    ];
    if let Some(case) = &placement.open_case {
        rows.push((["Open case", "Cas ouvert", "Caso abierto"], format!("{} {}", case.kind, case.opened_on)));
    }
    if placement.fault() != Fault::Unspecified {
        let fault = word(placement.fault().as_str_name(), "FAULT_");
        rows.push((["Reason (fault)", "Motif (faute)", "Motivo (culpa)"], format!("{} ({fault})", placement.reason)));
    }
    if placement.ending() != Ending::Unspecified {
        let ending = word(placement.ending().as_str_name(), "ENDING_");
        rows.push((["How the work ended", "Fin du travail", "Fin del trabajo"], ending));
    }
    if !placement.barred_until.is_empty() {
        let until = format!("{} {}", placement.barred_until, placement.rule_id);
        rows.push((["Barred until", "Exclu jusqu’au", "Excluido hasta"], until.trim_end().to_owned()));
    }
    rows
}

/// What the caller could do now, and what waits for something.
fn moves(language: Language, view: &PlacementView) -> String {
    let head = language.of([
        ["Move", "Leads to", "Who", "Possible"],
        ["Mouvement", "Mène à", "Qui", "Possible"],
        ["Movimiento", "Lleva a", "Quién", "Posible"],
    ]);
    let rows = view.possible.iter().chain(&view.waiting).map(|option| possible(language, option));
    table(&head, rows.collect(), false).to_string()
}

fn possible(language: Language, option: &PossibleMove) -> Vec<String> {
    let words = language.console();
    let why = match &option.refusal {
        None => language.of(["yes", "oui", "sí"]).to_owned(),
        Some(refusal) if refusal.mend.is_empty() => format!("{} ({})", refusal.message, refusal.reason),
        Some(refusal) => format!("{} ({}): {}", refusal.message, refusal.reason, refusal.mend),
    };
    let who = option.who.iter().map(|party| words.code("party", party)).collect::<Vec<_>>().join(", ");
    vec![option.command.clone(), stage(language, option.to()), who, why]
}

/// Every step, in order.
fn steps(language: Language, steps: &[Step]) -> String {
    let head = language.of([
        ["Version", "On", "Move", "Stage", "Who", "Reason", "Evidence"],
        ["Version", "Le", "Mouvement", "Étape", "Qui", "Motif", "Preuve"],
        ["Versión", "El", "Movimiento", "Etapa", "Quién", "Motivo", "Prueba"],
    ]);
    let rows = steps.iter().map(|step| {
        vec![
            step.version.to_string(),
            step.occurred_on.clone(),
            step.command.clone(),
            stage(language, step.stage()),
            language.console().code("party", &step.actor_role),
            said(&step.reason),
            said(&step.evidence),
        ]
    });
    whole(table(&head, rows.collect(), false), &[1, 2]).to_string()
}

#[cfg(test)]
mod tests {
    use proto::{
        common::Refusal,
        placement::{Clock, Stage},
    };

    use super::*;

    const ID: &str = "0197f3a0-0000-7000-8000-000000000005";

    fn view() -> PlacementView {
        let clock = Clock {
            name: "C-VISA".to_owned(),
            due_on: "2026-02-20".to_owned(),
            waits_for: "authority".to_owned(),
            ..Clock::default()
        };
        let step = Step {
            version: 3,
            command: "Accept".to_owned(),
            stage: Stage::Accepted.into(),
            occurred_on: "2026-02-03".to_owned(),
            actor_role: "worker".to_owned(),
            ..Step::default()
        };
        let option = |command: &str, refusal| PossibleMove {
            command: command.to_owned(),
            to: Stage::Departed.into(),
            who: vec!["ministry".to_owned()],
            refusal,
            ..PossibleMove::default()
        };
        let refusal = Refusal {
            reason: "TRACKS_OPEN".to_owned(),
            message: "departure waits for visa".to_owned(),
            mend: "finish visa".to_owned(),
            ..Refusal::default()
        };
        PlacementView {
            placement: Some(Placement {
                id: ID.to_owned(),
                version: 3,
                stage: Stage::Accepted.into(),
                clocks: vec![clock],
                tracks_done: vec![Track::Contract.into(), Track::VisaApplied.into()],
                steps: vec![step],
                ..Placement::default()
            }),
            possible: vec![option("ClearMedical", None)],
            waiting: vec![option("Depart", Some(refusal))],
            holdings: vec![Holding { ledger: "SEAT".to_owned(), status: "HELD".to_owned(), detail: String::new() }],
            ..PlacementView::default()
        }
    }

    #[test]
    fn a_placement_tells_what_runs_what_may_be_done_and_what_was() {
        let told = [Language::En, Language::Fr, Language::Es].map(|language| in_words(language, &view()));
        let wanted =
            [ID, "C-VISA 2026-02-20", "contract, visa_applied", "ClearMedical", "Depart", "TRACKS_OPEN", "Accept"];
        for text in &told {
            for wanted in wanted {
                assert!(text.contains(wanted), "{wanted} is not in\n{text}");
            }
        }
        for wanted in ["accepted", "(Authority)", "Seat Held", "yes", "finish visa", "Worker"] {
            assert!(told[0].contains(wanted), "{wanted} is not in\n{}", told[0]);
        }
        assert!(told[1].contains("Délais") && told[2].contains("Plazos"), "{}", told[1]);
    }

    #[test]
    fn one_that_ended_says_why_and_offers_nothing() {
        let mut view = PlacementView { possible: Vec::new(), waiting: Vec::new(), ..view() };
        let placement = view.placement.as_mut().unwrap();
        placement.set_stage(Stage::Cancelled);
        placement.set_fault(Fault::Employer);
        placement.reason = "ORDER_REDUCED".to_owned();
        let text = in_words(Language::En, &view);
        assert!(text.contains("ORDER_REDUCED (employer)") && text.contains("cancelled"), "{text}");
        assert!(!text.contains("Leads to"), "{text}");
    }
}
