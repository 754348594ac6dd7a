//! What the kernel's table of processes says.

use std::fs;
use std::path::Path;

struct Entry {
    state: char,
    parent: u32,
}

/// Returns the children of `parent`.
pub(crate) fn children_of(parent: u32) -> Vec<u32> {
    all().filter(|pid| entry(*pid).is_some_and(|entry| entry.parent == parent)).collect()
}

/// Returns a running process with all of these in its command line.
pub(crate) fn started_with(arguments: &[&Path]) -> Option<u32> {
    all().find(|pid| arguments.iter().all(|argument| was_started_with(*pid, argument)))
}

/// Returns whether the process does anything yet. One that has ended may stay in the table until somebody asks how.
pub(crate) fn is_running(pid: u32) -> bool {
    entry(pid).is_some_and(|entry| !matches!(entry.state, 'Z' | 'X'))
}

/// Returns whether `argument` is in the command line of a running process.
pub(crate) fn was_started_with(pid: u32, argument: &Path) -> bool {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    is_running(pid) && line.split(|byte| *byte == 0).any(|part| part == argument.as_os_str().as_encoded_bytes())
}

fn all() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten();
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

fn entry(pid: u32) -> Option<Entry> {
    let line = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in brackets, may contain anything, also brackets and spaces.
    let (_, rest) = line.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    Some(Entry { state: fields.next()?.chars().next()?, parent: fields.next()?.parse().ok()? })
}
