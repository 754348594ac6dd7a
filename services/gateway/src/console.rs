//! The console's look: plain values in, pages out.
//!
//! Nothing here calls a service, reads a clock or keeps state. A page is a
//! struct of plain values with `render(&self, frame: &Frame)`; the frame holds
//! what all pages share (desk, language, token of the form, time). Figures are
//! pure functions in [`figure`]; all words are in `locales/`.

pub mod access;
pub mod code;
pub mod corridor;
pub mod desk;
pub mod figure;
pub mod flow;
pub mod format;
pub mod frame;
pub mod home;
pub mod language;
pub mod packs;
pub mod paging;
pub mod parked;
pub mod placement;
pub mod placements;
pub mod preview;
pub mod problem;
pub mod reason;
pub mod refusal;
pub mod round;
pub mod rounds;
pub mod rule;
pub mod sight;
pub mod sign_in;
pub mod step;
pub mod units;
pub mod url;
pub mod words;

/// The one stylesheet.
pub const STYLESHEET: &str = include_str!("../assets/console.css");

/// The one script: it only adds liveness.
pub const SCRIPT: &str = include_str!("../assets/live.js");

/// The content security policy under which every page works.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    connect-src 'self'; img-src 'self' data:; form-action 'self'; \
    frame-ancestors 'none'; base-uri 'none'";
