use std::io::Write;

use anyhow::Context;

use crate::{args::Generate, output::spinner};

/// Writes a candidate batch to a file or to standard output.
pub(crate) fn run(what: Generate) -> anyhow::Result<()> {
    let Generate::Candidates { origin, count, seed, filed_on, clean, out } = what;
    let spec = candidate::generate::Spec { seed, origin, count, filing_date: filed_on, dirt: !clean };
    let progress = spinner("making candidates");
    let made = candidate::generate::batch(&spec);
    progress.finish_and_clear();
    let bytes = made?;
    match out {
        Some(path) => {
            std::fs::write(&path, &bytes).with_context(|| format!("{} cannot be written", path.display()))?;
            eprintln!("{} candidates of {} in {}", spec.count, spec.origin, path.display());
        }
        None => std::io::stdout().write_all(&bytes)?,
    }
    Ok(())
}
