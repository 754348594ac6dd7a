use std::process::ExitCode;

use proto::monitoring::{Verification, VerifyRequest};

use crate::{
    args::ClientArgs,
    client::{Session, refusal, request_id},
    output::{Output, number, table, waiting},
};

/// Compares every figure with its owner's own count.
pub(crate) async fn run(client: &ClientArgs, output: &Output) -> anyhow::Result<ExitCode> {
    let session = Session::open(client).await?;
    let verification = verify(&session).await?;
    if output.json {
        output.json("circula.monitoring.v1.Verification", &verification)?;
    } else {
        println!("{}", show(&verification));
    }
    Ok(if all_true(&verification) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(crate) async fn verify(session: &Session) -> anyhow::Result<Verification> {
    let request = VerifyRequest { request_id: request_id() };
    let verified = waiting("every owner counts again", session.monitoring().verify(request)).await;
    Ok(verified.map_err(|status| refusal(&status))?.into_inner())
}

/// True if every source was compared and nothing differs.
pub(crate) fn all_true(verification: &Verification) -> bool {
    verification.figures > 0
        && verification.differences.is_empty()
        && verification.sources.iter().all(|source| source.failure.is_empty())
}

pub(crate) fn show(verification: &Verification) -> String {
    let rows = verification.sources.iter().map(|source| {
        let outcome =
            match verification.differences.iter().filter(|difference| difference.service == source.service).count() {
                _ if !source.failure.is_empty() => source.failure.clone(),
                0 => "all true".to_owned(),
                count => format!("{count} differ"),
            };
        vec![source.service.clone(), number(source.events), number(source.figures), outcome]
    });
    let mut text = table(&["Owner", "Events", "Figures", "Compared"], rows.collect(), true).to_string();
    for difference in &verification.differences {
        let owner = difference.owner.clone().unwrap_or_default();
        text.push_str(&format!(
            "\n  {} {} {} {} {}: the owner counts {}, the figure shown is {}",
            difference.service,
            owner.figure,
            owner.corridor,
            owner.season,
            owner.state,
            number(owner.value),
            number(difference.folded)
        ));
    }
    let verdict = if all_true(verification) {
        format!(
            "All {} figures are true ({} events counted again).",
            number(verification.figures),
            number(verification.events)
        )
    } else if verification.differences.is_empty() {
        "Not every owner could be compared: nothing is said about the figures.".to_owned()
    } else {
        format!("{} figures differ.", verification.differences.len())
    };
    format!("{text}\n{verdict}")
}
