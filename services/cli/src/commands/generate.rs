use std::path::Path;

use anyhow::Context;

use crate::{
    args::Generate,
    output::{Output, spinner, to_stdout},
};

/// Writes a candidate batch to a file or to standard output.
pub(crate) fn run(what: Generate, output: &Output) -> anyhow::Result<()> {
    let Generate::Candidates { origin, count, seed, filed_on, clean, out } = what;
    let spec = candidate::generate::Spec { seed, origin, count, filing_date: filed_on, dirt: !clean };
    let progress = spinner("making candidates");
    let made = candidate::generate::batch(&spec);
    progress.finish_and_clear();
    let bytes = made?;
    match out {
        Some(path) => {
            std::fs::write(&path, &bytes).with_context(|| format!("{} cannot be written", path.display()))?;
            if output.json {
                println!("{:#}", as_json(&path, &spec));
            } else {
                eprintln!("{} candidates of {} in {}", spec.count, spec.origin, path.display());
            }
        }
        None => to_stdout(&bytes)?,
    }
    Ok(())
}

/// What was written where, and from what the same can be made again.
fn as_json(file: &Path, spec: &candidate::generate::Spec) -> serde_json::Value {
    serde_json::json!({
        "file": file,
        "rows": spec.count,
        "origin": spec.origin,
        "seed": spec.seed,
        "filed_on": spec.filing_date,
        "clean": !spec.dirt,
    })
}
