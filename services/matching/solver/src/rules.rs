//! Rules beyond seats and quotas: who goes together, what is one farm, how few may work on a line.

use crate::builder::BuildError;
use crate::market::{Candidate, CandidateIx, Line, LineIx, SiteIx};

/// The most seats of one candidate.
pub(crate) const SIZE_MOST: u32 = 1_000;

/// How near those who go together must sit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// All on one line.
    Line,
    /// All on lines of one site. A line that belongs to none is a site of its own.
    Site,
}

/// Candidates who all get a seat or none does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Together {
    /// Who.
    pub members: Vec<CandidateIx>,
    /// How near.
    pub scope: Scope,
}

/// The rules of a market.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    pub(crate) together: Vec<Together>,
    /// The lines of each site.
    pub(crate) sites: Vec<Vec<LineIx>>,
    /// Lines with the least crew of each.
    pub(crate) least: Vec<(LineIx, u32)>,
}

impl Rules {
    /// Refuses what names nobody, or somebody twice.
    pub(crate) fn check(&self, candidates: &[Candidate], lines: &[Line]) -> Result<(), BuildError> {
        let mut seen = vec![false; candidates.len()];
        for &candidate in self.together.iter().flat_map(|group| &group.members) {
            match seen.get_mut(candidate.at()) {
                None => return Err(BuildError::UnknownCandidate { candidate, candidates: candidates.len() }),
                Some(true) => {
                    let reference = candidates[candidate.at()].reference.clone();
                    return Err(BuildError::TogetherTwice { reference });
                }
                Some(seen) => *seen = true,
            }
        }
        let mut placed = vec![false; lines.len()];
        for &line in self.sites.iter().flatten() {
            let place = placed.get_mut(line.at()).ok_or(BuildError::UnknownSiteLine { line, lines: lines.len() })?;
            if std::mem::replace(place, true) {
                return Err(BuildError::SiteTwice { reference: lines[line.at()].reference.clone() });
            }
        }
        let unknown = self.least.iter().find(|(line, _)| line.at() >= lines.len());
        unknown.map_or(Ok(()), |&(line, _)| Err(BuildError::UnknownSiteLine { line, lines: lines.len() }))
    }

    /// Returns the site of each of so many lines.
    pub(crate) fn site_of_lines(&self, lines: usize) -> Vec<Option<SiteIx>> {
        let mut sites = vec![None; lines];
        for (at, line) in self.sites.iter().enumerate().flat_map(|(at, lines)| lines.iter().map(move |line| (at, line)))
        {
            sites[line.at()] = Some(SiteIx::new(at));
        }
        sites
    }
}
