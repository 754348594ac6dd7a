//! Reasons of the services as the console says them.

use crate::console::reason::Reason;

impl From<proto::matching::Reason> for Reason {
    fn from(reason: proto::matching::Reason) -> Self {
        let mut texts: Vec<_> = reason.arguments.into_iter().collect();
        let mut numbers: Vec<_> = reason.numbers.into_iter().collect();
        texts.sort();
        numbers.sort();
        Self { code: reason.code, message: reason.message, texts, numbers }
    }
}
