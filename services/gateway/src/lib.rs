//! One door for people and browsers: HTTP+JSON and the console.

pub mod console;
