//! The door from outside: files in, files out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod hostile;
mod lists;
mod planted;
mod policies;
mod schema;
mod small;
mod truth;
