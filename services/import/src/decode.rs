//! From the bytes of a spreadsheet's export to rows: encoding, separator and blank rows are found out, not asked for.

use std::collections::HashMap;

use platform::Refused;

/// Rows a file may have.
const ROWS_MAX: usize = 300_000;

/// A file as read.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) encoding: &'static str,
    pub(crate) separator: char,
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Row>,
    /// Rows without any content, left out.
    pub(crate) blank: u64,
    /// Rows with more cells than the head, by their numbers, with the first cell that is too many.
    pub(crate) overlong: HashMap<i64, String>,
}

/// One row: its number as a spreadsheet shows it, and as many fields as the head has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub number: i64,
    pub fields: Vec<String>,
}

/// Reads a whole file.
///
/// # Errors
/// `FILE_EMPTY`, `FILE_TOO_LONG`, or `FILE_NOT_READ` with the row where reading stopped.
pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded, Refused> {
    let (text, encoding) = text(bytes);
    let separator = separator(&text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator as u8)
        .flexible(true)
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut decoded =
        Decoded { encoding, separator, head: Vec::new(), rows: Vec::new(), blank: 0, overlong: HashMap::new() };
    let mut number = 0;
    for record in reader.records() {
        number += 1;
        let record = record.map_err(|error| {
            Refused::field(&format!("row {number}"), "FILE_NOT_READ", format!("row {number} cannot be read: {error}"))
                .mend("save the sheet as CSV again and send that file")
        })?;
        let passed_over = blank_lines(&text, record.position().map_or(0, csv::Position::byte));
        number += passed_over;
        decoded.blank += passed_over.unsigned_abs();
        let mut fields: Vec<String> = record.iter().map(|field| field.replace('\0', "")).collect();
        if decoded.head.is_empty() {
            decoded.head = fields;
            continue;
        }
        if fields.iter().all(String::is_empty) {
            decoded.blank += 1;
            continue;
        }
        if decoded.rows.len() == ROWS_MAX {
            return Err(Refused::field("file", "FILE_TOO_LONG", format!("a file has at most {ROWS_MAX} rows"))
                .mend("send it in parts"));
        }
        if let Some(cell) = fields.iter().skip(decoded.head.len()).find(|cell| !cell.is_empty()) {
            decoded.overlong.insert(number, cell.clone());
        }
        fields.resize(decoded.head.len(), String::new());
        decoded.rows.push(Row { number, fields });
    }
    if decoded.head.is_empty() {
        return Err(
            Refused::field("file", "FILE_EMPTY", "the file has no rows").mend("send the sheet with its head row")
        );
    }
    Ok(decoded)
}

/// Lines with nothing in them before the record that is read from this byte on. The reader passes over them; whoever opens
/// the file as a sheet sees a row for each.
fn blank_lines(text: &str, from: u64) -> i64 {
    let (before, rest) = usize::try_from(from).ok().and_then(|from| text.split_at_checked(from)).unwrap_or((text, ""));
    // The second half of the end of the line before.
    let rest = rest.strip_prefix('\n').filter(|_| before.ends_with('\r')).unwrap_or(rest);
    let ends = &rest[..rest.len() - rest.trim_start_matches(['\r', '\n']).len()];
    let lines = ends.replace("\r\n", "\n").len();
    i64::try_from(lines).unwrap_or(i64::MAX)
}

/// UTF-8 if the bytes are, else Windows-1252: what Excel and LibreOffice write in western Europe and the Americas.
fn text(bytes: &[u8]) -> (String, &'static str) {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), "utf-8"),
        Err(_) => (encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(), "windows-1252"),
    }
}

/// The sign that stands most often in the head, outside quotes.
fn separator(text: &str) -> char {
    let mut quoted = false;
    let mut counts = [(',', 0), (';', 0), ('\t', 0)];
    for sign in text.chars() {
        match sign {
            '"' => quoted = !quoted,
            '\n' if !quoted => break,
            other if !quoted => {
                if let Some(count) = counts.iter_mut().find(|(separator, _)| *separator == other) {
                    count.1 += 1;
                }
            }
            _ => {}
        }
    }
    counts.into_iter().max_by_key(|(sign, count)| (*count, *sign == ',')).map_or(',', |(sign, _)| sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_of_a_western_spreadsheet_is_read_as_it_was_meant() {
        let file = b"name;place\r\nMu\xF1oz;\"a;b\"\r\n;\r\nLi;\r\n;\r\n";
        let decoded = decode(file).unwrap();
        assert_eq!((decoded.encoding, decoded.separator, decoded.blank), ("windows-1252", ';', 2));
        assert_eq!(decoded.rows[0], Row { number: 2, fields: vec!["Muñoz".to_owned(), "a;b".to_owned()] });
        assert_eq!(decoded.rows[1].number, 4, "rows are numbered as the sheet numbers them");
    }

    #[test]
    fn a_row_has_the_number_that_the_sheet_shows_however_many_lines_before_it_are_empty() {
        for end in ["\n", "\r\n", "\r"] {
            let sheet = ["", "name,b", "A,1", "", "", "\"B\nb\",2", ",", "C,3", "", ""].join(end);
            let decoded = decode(sheet.as_bytes()).unwrap();
            let rows: Vec<(i64, &str)> = decoded.rows.iter().map(|row| (row.number, row.fields[0].as_str())).collect();
            assert_eq!(rows, [(3, "A"), (6, "B\nb"), (8, "C")], "{end:?}");
            assert_eq!(decoded.head, ["name", "b"]);
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_column() {
        assert_eq!(decode(b"\xEF\xBB\xBFname,b\nx,y\n").unwrap().head, ["name", "b"]);
    }

    #[test]
    fn a_file_without_rows_says_so() {
        assert_eq!(decode(b"").unwrap_err().reason, "FILE_EMPTY");
    }
}
