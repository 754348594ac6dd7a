//! Faults on purpose, in debug builds only. A release build has none of this.
//!
//! `CIRCULA_FAULT=relay.produced@3` makes the process die, without a goodbye, when it comes to that place for the third
//! time; `relay.produced@3:freeze` makes it stand still there, until somebody thaws it. `CIRCULA_BUG=inbox_dropped` breaks a promise of the design (several by comma), so that a test can show that it would notice;
//! the places are named in `tests/README.md`.

#[cfg(debug_assertions)]
mod armed {
    use std::sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    };

    use crate::config;

    struct Fault {
        place: String,
        /// How often the place may still be passed.
        left: AtomicU64,
        /// Stopped as by SIGSTOP, instead of ended.
        freezes: bool,
    }

    static FAULT: OnceLock<Option<Fault>> = OnceLock::new();
    static BUG: OnceLock<Option<String>> = OnceLock::new();

    fn read() -> Option<Fault> {
        let text = config::variable("CIRCULA_FAULT")?;
        let (text, freezes) = text.strip_suffix(":freeze").map_or((text.as_str(), false), |text| (text, true));
        let (place, count) = text.split_once('@').unwrap_or((text, "1"));
        Some(Fault { place: place.to_owned(), left: AtomicU64::new(count.parse().unwrap_or(1)), freezes })
    }

    /// A place where the process can be made to die, or to stand still.
    pub fn point(place: &str) {
        let Some(fault) = FAULT.get_or_init(read) else { return };
        if fault.place != place || fault.left.fetch_sub(1, Ordering::SeqCst) != 1 {
            return;
        }
        if fault.freezes {
            eprintln!("CIRCULA_FAULT: frozen at {place}");
            let me = std::process::id().to_string();
            std::process::Command::new("kill").args(["-STOP", &me]).status().ok();
            return;
        }
        eprintln!("CIRCULA_FAULT: dying at {place}");
        std::process::abort();
    }

    /// True if this bug was planted.
    #[must_use]
    pub fn planted(bug: &str) -> bool {
        BUG.get_or_init(|| config::variable("CIRCULA_BUG"))
            .as_deref()
            .is_some_and(|planted| planted.split(',').any(|name| name == bug))
    }
}

#[cfg(debug_assertions)]
pub use armed::{planted, point};

/// A place where a debug build can be made to die, or to stand still.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub const fn point(_place: &str) {}

/// True if a debug build has this bug planted.
#[cfg(not(debug_assertions))]
#[inline(always)]
#[must_use]
pub const fn planted(_bug: &str) -> bool {
    false
}
