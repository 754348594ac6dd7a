//! From bytes to a checked market or a plan file. Every input is taken for hostile.

use serde::de::DeserializeOwned;
use serde_json::error::Category;
use sha2::{Digest, Sha256};

use crate::check;
use crate::finding::{Finding, Findings, Rule, What, shown, what};
use crate::format::{MarketFile, PlanFile};
use crate::market::Market;

/// The most bytes of a file.
pub const BYTES_MOST: usize = 512 << 20;

const EMPTY: Rule =
    Rule("EMPTY", "there is nothing to read", "write the file first; the README of `door` has an example");
const TOO_LARGE: Rule =
    Rule("TOO_LARGE", "what is read must fit in memory several times over", "divide the market, or leave pairs out");
const SYNTAX: Rule = Rule("SYNTAX", "the file must be JSON in UTF-8", "correct the text at this place");
const TRUNCATED: Rule = Rule("TRUNCATED", "the JSON ends in the middle", "write the whole file, then ask again");
const SHAPE: Rule = Rule(
    "SHAPE",
    "the file has members and types that the schema does not know, or lacks some it needs",
    "compare with `services/matching/door/schema`",
);

/// Returns the checked market of a file.
///
/// # Errors
/// All that is wrong with it: what is no JSON of the right shape one by one, everything else together.
pub fn market(bytes: &[u8]) -> Result<Market, Vec<Finding>> {
    let file: MarketFile = shape(bytes)?;
    let mut market = check::check(&file)?;
    market.digest = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(market)
}

/// Returns a plan as it is written; [`crate::verify()`] judges what it says.
///
/// # Errors
/// What is no JSON of the right shape.
pub fn plan(bytes: &[u8]) -> Result<PlanFile, Vec<Finding>> {
    shape(bytes)
}

fn shape<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Vec<Finding>> {
    let one = |rule: &Rule, at: String, what: What| {
        let mut findings = Findings::default();
        findings.add(rule, at, what);
        findings.into_list()
    };
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(one(&EMPTY, "$".to_owned(), what!("file-empty": "the file is empty")));
    }
    if bytes.len() > BYTES_MOST {
        let what = what!(
            "file-large": "the file has {bytes} bytes, at most {most} are read",
            bytes = bytes.len(),
            most = BYTES_MOST
        );
        return Err(one(&TOO_LARGE, "$".to_owned(), what));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut reader);
    let (path, error) = match read.map(|file| (file, reader.end())) {
        Ok((file, Ok(()))) => return Ok(file),
        Ok((_, Err(error))) => (String::new(), error),
        Err(error) => (error.path().to_string(), error.into_inner()),
    };
    let rule = match error.classify() {
        Category::Data => &SHAPE,
        Category::Eof => &TRUNCATED,
        Category::Syntax | Category::Io => &SYNTAX,
    };
    let path =
        if path.is_empty() || path == "." || path == "?" { "$".to_owned() } else { format!("$.{}", short(&path)) };
    let said = error.to_string();
    let what = said.split(" at line ").next().unwrap_or(&said);
    let at = format!("{path} (line {}, column {})", error.line(), error.column());
    Err(one(rule, at, what!("not-read": "{parser}", parser = short(what))))
}

/// Returns a message that may quote the file, cut to a length that can be shown.
fn short(text: &str) -> String {
    if text.chars().count() <= 160 {
        return text.escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'");
    }
    shown(text)
}
