//! Keyset paging: where one is in a list, and how to go on.

/// How many there are in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    Exactly(u64),
    MoreThan(u64),
}

/// A window on a list that was read by key, never by offset.
#[derive(Clone, Debug)]
pub struct Paging {
    /// Place of the first row shown, counted from 1.
    pub from: u64,
    /// Rows shown.
    pub shown: u64,
    pub total: Total,
    /// Rows a page holds.
    pub size: u64,
    /// Opaque token of the next page; carries sort and filter.
    pub next: Option<String>,
}

impl Paging {
    /// Returns the place of the last row shown.
    #[must_use]
    pub fn last(&self) -> u64 {
        (self.from + self.shown).saturating_sub(1)
    }

    /// Returns the number of all, as far as it was counted.
    #[must_use]
    pub fn counted(&self) -> u64 {
        match self.total {
            Total::Exactly(count) | Total::MoreThan(count) => count,
        }
    }

    /// Says whether counting went to the end.
    #[must_use]
    pub fn exact(&self) -> bool {
        matches!(self.total, Total::Exactly(_))
    }
}
