//! Clocks of placements, by their names.

/// The clock of whose time a part is over when this one is due, `C-SELECT` of `C-SELECT-HALF`: an alarm, by which nobody is
/// late. None of a deadline.
#[must_use]
pub fn alarm_of(clock: &str) -> Option<&str> {
    clock.strip_suffix("-HALF")
}
