//! Clocks of placements, by their names, which is all that rows and messages keep of them.

/// What it means that a clock is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Whoever it runs for is late, whether it moves something then or not.
    Deadline,
    /// A part of the time of this deadline is over: a warning, by which nobody is late.
    Alarm(&'static str),
}

/// Alarms, each with the deadline within whose time it warns. Nothing else says which clocks are alarms.
const ALARMS: [(&str, &str); 2] = [("C-SELECT-HALF", "C-SELECT"), ("C-OFFER-HALF", "C-OFFER")];

/// The kind of a clock. One that is not known here is a deadline.
#[must_use]
pub fn kind(clock: &str) -> Kind {
    let alarm = ALARMS.iter().find(|(alarm, _)| *alarm == clock);
    alarm.map_or(Kind::Deadline, |&(_, deadline)| Kind::Alarm(deadline))
}

/// Is somebody late for whom this clock is over?
#[must_use]
pub fn makes_late(clock: &str) -> bool {
    kind(clock) == Kind::Deadline
}

/// The deadline of which a clock tells: that of an alarm, or the clock itself.
#[must_use]
pub fn deadline(clock: &str) -> &str {
    match kind(clock) {
        Kind::Alarm(deadline) => deadline,
        Kind::Deadline => clock,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_tells_of_its_deadline_and_makes_nobody_late() {
        for (clock, of, late) in [
            ("C-SELECT-HALF", "C-SELECT", false),
            ("C-OFFER-HALF", "C-OFFER", false),
            ("C-SELECT", "C-SELECT", true),
            ("C-STAY", "C-STAY", true),
            ("C-NEW", "C-NEW", true),
        ] {
            assert_eq!((deadline(clock), makes_late(clock)), (of, late), "{clock}");
        }
    }
}
