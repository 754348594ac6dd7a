//! Addresses with filters, so that every number can lead to its list.

use std::fmt::Write;

/// Escapes a value for a query or a path segment.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                safe.push(char::from(byte));
            }
            other => {
                // Writing to a String cannot fail.
                let _infallible = write!(safe, "%{other:02X}");
            }
        }
    }
    safe
}

/// Joins a path and the parameters that are not empty.
#[must_use]
pub fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    let query: Vec<String> = parameters
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_escaped_and_empty_filters_are_left_out() {
        let url = with_query("/placements", &[("state", "A&B c"), ("corridor", "")]);
        assert_eq!(url, "/placements?state=A%26B%20c");
        assert_eq!(with_query("/rounds", &[("after", "")]), "/rounds");
    }
}
