//! How far a demo has come: kept in a file of the house's directory, so that a further run goes on where this one stopped.

use std::{
    collections::BTreeSet,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Script, season::SEASONS};

/// The file, in the directory of a house.
pub(crate) const FILE: &str = "demo.json";

/// A demo under way. What is said here to be done is done; of what comes next a part may be done too, and is found out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Progress {
    /// Names the demo: the ids of its requests are drawn from this, so that one sent twice has one effect.
    run: Uuid,
    pub(crate) script: Script,
    /// Parts that are done: `programme`, `orders`, `candidates`, and the codes of seasons.
    done: BTreeSet<String>,
    /// Months of the season under way that are done.
    months: u32,
    /// The last day of the last of them, ISO 8601; empty before the first.
    reached: String,
    /// Begun by an earlier run of the program.
    #[serde(skip)]
    goes_on: bool,
    #[serde(skip)]
    file: Option<PathBuf>,
}

impl Progress {
    /// A demo that begins; kept nowhere.
    #[must_use]
    pub fn new(script: Script) -> Self {
        Self {
            run: platform::Clock::wall().id(),
            script,
            done: BTreeSet::new(),
            months: 0,
            reached: String::new(),
            goes_on: false,
            file: None,
        }
    }

    /// A demo that begins, kept in the directory from now on.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn begin(script: Script, directory: &Path) -> anyhow::Result<Self> {
        let progress = Self { file: Some(directory.join(FILE)), ..Self::new(script) };
        progress.keep()?;
        Ok(progress)
    }

    /// The demo that was begun in the directory, if one was.
    ///
    /// # Errors
    /// If the file is there and does not read.
    pub fn find(directory: &Path) -> anyhow::Result<Option<Self>> {
        let file = directory.join(FILE);
        let text = match std::fs::read(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", file.display())),
        };
        let read: Self = serde_json::from_slice(&text).with_context(|| format!("{} does not read", file.display()))?;
        Ok(Some(Self { goes_on: true, file: Some(file), ..read }))
    }

    /// True if nothing is left to play.
    #[must_use]
    pub fn is_over(&self) -> bool {
        SEASONS.iter().all(|season| self.is_done(season.code))
    }

    /// How far it has come, in a sentence without its end.
    #[must_use]
    pub fn in_words(&self) -> String {
        let what = format!("a demo of {} candidates, seed {}", self.script.size.candidates, self.script.seed);
        if self.is_over() {
            return format!("{what}: played to its end, {}", self.reached);
        }
        let Some(season) = SEASONS.iter().find(|season| !self.is_done(season.code)) else { return what };
        if !self.is_done("candidates") {
            return format!("{what}: stopped before all orders and candidates were in");
        }
        format!("{what}: season {} played for {} of {} months{}", season.code, self.months, season.months, self.up_to())
    }

    fn up_to(&self) -> String {
        if self.months == 0 { String::new() } else { format!(", up to {}", self.reached) }
    }

    pub(crate) fn is_done(&self, part: &str) -> bool {
        self.done.contains(part)
    }

    pub(crate) fn months(&self) -> u32 {
        self.months
    }

    /// True if an earlier run of the program began it.
    pub(crate) fn goes_on(&self) -> bool {
        self.goes_on
    }

    /// The id of a request of this demo: the same for the same name.
    pub(crate) fn request_id(&self, name: &str) -> String {
        Uuid::new_v5(&self.run, name.as_bytes()).to_string()
    }

    pub(crate) fn part_is_done(&mut self, part: &str) -> anyhow::Result<()> {
        self.done.insert(part.to_owned());
        self.months = 0;
        self.keep()
    }

    pub(crate) fn month_is_done(&mut self, until: chrono::NaiveDate) -> anyhow::Result<()> {
        self.months += 1;
        self.reached = until.to_string();
        self.keep()
    }

    /// Writes the file in one step: who stops the program meanwhile finds the one before.
    fn keep(&self) -> anyhow::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let beside = file.with_extension("partial");
        let written = std::fs::write(&beside, serde_json::to_vec_pretty(self)?);
        written
            .and_then(|()| std::fs::rename(&beside, file))
            .with_context(|| format!("{} cannot be written", file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Size, *};

    #[test]
    fn what_was_done_is_found_again_and_its_requests_have_the_ids_they_had() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Progress::find(folder.path()).unwrap().is_none());
        let size = Size { order_rows: Some(150), candidates: 400, founding_scale: 0.03 };
        let script = Script { seed: 11, orders: "a.csv".into(), batches: "batches".into(), size };
        let mut first = Progress::begin(script, folder.path()).unwrap();
        assert!(first.in_words().contains("stopped before all orders"), "{}", first.in_words());
        for part in ["programme", "orders", "candidates"] {
            first.part_is_done(part).unwrap();
        }
        first.month_is_done("2016-09-14".parse().unwrap()).unwrap();

        let mut again = Progress::find(folder.path()).unwrap().unwrap();
        assert!(again.goes_on() && again.is_done("orders") && !again.is_done("2017"));
        assert_eq!((again.months(), again.script.seed, again.script.size.order_rows), (1, 11, Some(150)));
        assert_eq!(again.request_id("round"), first.request_id("round"));
        assert_ne!(again.request_id("round"), Progress::new(again.script.clone()).request_id("round"));
        assert!(again.in_words().ends_with("season 2017 played for 1 of 30 months, up to 2016-09-14"));
        again.part_is_done("2017").unwrap();
        assert!(again.in_words().ends_with("season 2026 played for 0 of 12 months"), "{}", again.in_words());
        assert!(!again.is_over());
        again.part_is_done("2026").unwrap();
        assert!(Progress::find(folder.path()).unwrap().unwrap().is_over());
    }
}
