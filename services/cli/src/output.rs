//! Tables for people, JSON for machines, and how far a wait has come. Progress goes to standard error: drawn on a terminal,
//! elsewhere in plain lines now and then.

use std::{
    io::{self, Write as _, stderr},
    time::Duration,
};

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};

/// How often a spinner turns and the time that has passed is written anew.
const TICK: Duration = Duration::from_millis(120);
/// How often a wait is told in a line where nothing can be drawn.
const LINE: Duration = Duration::from_secs(10);

/// A bar for what can be counted. Its message says what is under way.
pub(crate) fn bar(what: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg:28} {bar:32} {human_pos:>9} of {human_len} {elapsed:>5}");
    let bar = ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    shown(bar.with_message(what.to_owned()))
}

/// A spinner for what ends when it ends. Its message says what is waited for, and how much of it there is.
pub(crate) fn spinner(what: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}");
    let spinner = ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    shown(spinner.with_message(what.to_owned()))
}

/// Drawn where there is a terminal; in lines where there is none.
fn shown(progress: ProgressBar) -> ProgressBar {
    if progress.is_hidden() {
        tell_now_and_then(&progress, LINE, tell);
    } else {
        progress.enable_steady_tick(TICK);
    }
    progress
}

/// Tells every so often how far a wait has come, until it is over. A wait may be one that blocks its thread: so this has one
/// of its own, which keeps nothing alive.
fn tell_now_and_then(progress: &ProgressBar, every: Duration, tell: impl Fn(&str) + Send + 'static) {
    let progress = progress.downgrade();
    let telling = move || loop {
        std::thread::sleep(every);
        match progress.upgrade() {
            Some(progress) if !progress.is_finished() => tell(&line(&progress)),
            _ => return,
        }
    };
    // Without a thread nothing is told, and the work goes on.
    std::thread::Builder::new().name("progress".to_owned()).spawn(telling).ok();
}

/// What is under way, how much of it is done if that can be counted, and for how long it has been.
fn line(progress: &ProgressBar) -> String {
    let count = |value: u64| number(i64::try_from(value).unwrap_or(i64::MAX));
    let length = progress.length().filter(|length| *length > 0);
    let done = length.map(|length| format!("{} of {}, ", count(progress.position()), count(length)));
    format!("  {} ({}{} s)", progress.message(), done.unwrap_or_default(), progress.elapsed().as_secs())
}

/// Tells in a line that a part of a long step is done, where nothing draws it.
pub(crate) fn part_is_done(progress: &ProgressBar, line: &str) {
    if progress.is_hidden() {
        tell(line);
    }
}

/// Writes a line to standard error. That nobody reads it any more is no reason to stop.
fn tell(line: &str) {
    writeln!(stderr(), "{line}").ok();
}

/// Waits for what ends when it ends, and says meanwhile what that is.
pub(crate) async fn waiting<T>(what: &str, work: impl Future<Output = T>) -> T {
    let spinner = spinner(what);
    let done = work.await;
    spinner.finish_and_clear();
    done
}

/// How results are written.
pub(crate) struct Output {
    pub(crate) json: bool,
    /// Of what is said about people and seats.
    pub(crate) language: crate::words::Language,
}

impl Output {
    /// Writes a message as proto3 JSON; `full_name` is its name in the contracts.
    pub(crate) fn json(&self, full_name: &str, message: &impl Message) -> anyhow::Result<()> {
        let mut text = Vec::new();
        let mut serializer = serde_json::Serializer::pretty(&mut text);
        dynamic(full_name, message)?.serialize_with_options(&mut serializer, &options())?;
        println!("{}", String::from_utf8(text)?);
        Ok(())
    }
}

/// The status of a program that SIGPIPE has ended.
pub(crate) const ENDED_BY_SIGPIPE: i32 = 128 + 13;

/// Writes bytes to standard output. If nobody reads them any more the program ends, as it does where text is printed.
pub(crate) fn to_stdout(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout();
    let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
    if written.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
        std::process::exit(ENDED_BY_SIGPIPE);
    }
    written
}

/// A message as proto3 JSON, for one that is written together with another.
pub(crate) fn value(full_name: &str, message: &impl Message) -> anyhow::Result<serde_json::Value> {
    Ok(dynamic(full_name, message)?.serialize_with_options(serde_json::value::Serializer, &options())?)
}

fn dynamic(full_name: &str, message: &impl Message) -> anyhow::Result<DynamicMessage> {
    let pool = DescriptorPool::decode(proto::DESCRIPTORS)?;
    let descriptor = pool.get_message_by_name(full_name).ok_or_else(|| anyhow::anyhow!("{full_name} is no message"))?;
    Ok(DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice())?)
}

fn options() -> SerializeOptions {
    SerializeOptions::new().skip_default_fields(false).stringify_64_bit_integers(false)
}

/// The name of a value of an enumeration without what all of them share: `accepted` of `ROW_OUTCOME_ACCEPTED`.
pub(crate) fn word(name: &str, prefix: &str) -> String {
    name.trim_start_matches(prefix).to_lowercase()
}

/// A plain table: first column left, the rest right where `numbers` says so.
pub(crate) fn table(head: &[&str], rows: Vec<Vec<String>>, numbers: bool) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    let align = |at: usize| if numbers && at > 0 { CellAlignment::Right } else { CellAlignment::Left };
    table.set_header(head.iter().enumerate().map(|(at, text)| Cell::new(text).set_alignment(align(at))));
    for row in rows {
        table.add_row(row.into_iter().enumerate().map(|(at, text)| Cell::new(text).set_alignment(align(at))));
    }
    table
}

/// The same table with columns that are never broken over lines, however narrow the terminal: ids that somebody copies.
pub(crate) fn whole(mut table: Table, columns: &[usize]) -> Table {
    for at in columns {
        if let Some(column) = table.column_mut(*at) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table
}

/// A whole number with separators: 12,930.
pub(crate) fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, Receiver};

    use super::*;

    #[test]
    fn an_id_stays_whole_in_a_narrow_terminal() {
        let id = "0197f3a0-0000-7000-8000-000000000001";
        let row = vec![id.to_owned(), "a title of many words, longer than the terminal is wide".to_owned()];
        let mut narrow = table(&["Candidate", "Line"], vec![row], false);
        narrow.set_width(60);
        assert!(whole(narrow, &[0]).to_string().contains(id));
    }

    #[test]
    fn a_wait_without_a_terminal_is_told_in_lines_until_it_is_over() {
        let progress = ProgressBar::hidden().with_message("season 2017: 1,234 moves");
        progress.set_length(30);
        progress.set_position(3);
        let told = lines_of(&progress);
        let first = told.recv().unwrap();
        assert!(first.starts_with("  season 2017: 1,234 moves (3 of 30, ") && first.ends_with(" s)"), "{first}");
        progress.set_message("season 2017: who is named again");
        assert!(told.iter().any(|line| line.contains("named again")));
        progress.finish_and_clear();
        told.iter().for_each(drop);

        let given_up = ProgressBar::hidden();
        let told = lines_of(&given_up);
        drop(given_up);
        told.iter().for_each(drop);
        let spinner = ProgressBar::hidden().with_message("every owner counts again");
        assert_eq!(line(&spinner), "  every owner counts again (0 s)");
    }

    /// What is told of a wait, up to its end.
    fn lines_of(progress: &ProgressBar) -> Receiver<String> {
        let (sender, told) = mpsc::channel();
        tell_now_and_then(progress, Duration::from_millis(1), move |line| {
            sender.send(line.to_owned()).ok();
        });
        told
    }

    #[test]
    fn numbers_have_separators() {
        assert_eq!([0, 999, 1000, 12_930, -4_000_000].map(number), ["0", "999", "1,000", "12,930", "-4,000,000"]);
    }
}
