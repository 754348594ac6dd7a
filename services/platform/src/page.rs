//! Keyset pages: a token carries the last key seen and a digest of the filter it belongs to; never an offset.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::refusal::Refused;

/// Rows a page holds at most.
pub const PAGE_MAX: i64 = 1000;
/// Rows a page holds if the caller does not say.
pub const PAGE_DEFAULT: i64 = 50;

/// The size asked for, within bounds.
///
/// # Errors
/// `PAGE_SIZE` if it is negative.
pub fn size(asked: i32) -> Result<i64, Refused> {
    match asked {
        0 => Ok(PAGE_DEFAULT),
        size if size > 0 => Ok(i64::from(size).min(PAGE_MAX)),
        _ => Err(Refused::field("page_size", "PAGE_SIZE", "a page holds at least one row")
            .mend(format!("ask for 1 to {PAGE_MAX} rows, or leave it out"))),
    }
}

/// A token that goes on after `key` under the same `filter`.
#[must_use]
pub fn token(filter: &str, key: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}{key}", digest(filter)))
}

/// The key after which to go on; empty for the first page.
///
/// # Errors
/// `PAGE_TOKEN` if the token is not ours, or belongs to another filter.
pub fn after(filter: &str, token: &str) -> Result<String, Refused> {
    if token.is_empty() {
        return Ok(String::new());
    }
    let refused = || {
        Refused::field("page_token", "PAGE_TOKEN", "this page token does not belong to this list")
            .mend("start again from the first page")
    };
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| refused())?;
    let text = String::from_utf8(bytes).map_err(|_| refused())?;
    text.strip_prefix(&digest(filter)).map(str::to_owned).ok_or_else(refused)
}

fn digest(filter: &str) -> String {
    hex::encode(&Sha256::digest(filter.as_bytes())[..4])
}
