//! The door from outside: files in, files out.

mod hostile;
mod planted;
mod policies;
mod small;
mod truth;
