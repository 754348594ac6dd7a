//! A message as it is worked on: read from the broker, or from where it was parked.

use proto::Event;
use rdkafka::{
    Message as _,
    message::{BorrowedMessage, Headers},
};
use uuid::Uuid;

use super::Received;
use crate::fault;

/// Bytes of a payload at most. The relay writes none that is larger.
pub(crate) const PAYLOAD_BYTES: usize = 1 << 20;
/// Characters of a key at most. Ours are shorter; an index holds no row of a page's third.
const KEY_CHARACTERS: usize = 500;
/// Header with the life of the owner's database in which the event was published.
pub(crate) const EPOCH: &str = "circula_epoch";

pub(crate) struct Message {
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    /// When it was written to its topic, ms since the epoch.
    pub(crate) written: Option<i64>,
    pub(crate) key: String,
    pub(crate) event_id: Option<Uuid>,
    pub(crate) epoch: Option<i64>,
    pub(crate) payload: Vec<u8>,
    /// Bytes of a payload that was too large to be kept.
    oversize: Option<usize>,
}

impl Message {
    pub(super) fn read(message: &BorrowedMessage<'_>) -> Self {
        let payload = message.payload().unwrap_or_default();
        let oversize = (payload.len() > PAYLOAD_BYTES).then_some(payload.len());
        Self {
            topic: message.topic().to_owned(),
            partition: message.partition(),
            offset: message.offset(),
            written: message.timestamp().to_millis(),
            key: plain(&String::from_utf8_lossy(message.key().unwrap_or_default()))
                .chars()
                .take(KEY_CHARACTERS)
                .collect(),
            event_id: header(message, "ce_id").and_then(|text| Uuid::parse_str(text).ok()),
            epoch: header(message, EPOCH).and_then(|text| text.parse().ok()),
            payload: if oversize.is_some() { Vec::new() } else { payload.to_vec() },
            oversize,
        }
    }

    /// One that was parked.
    pub(super) fn parked((topic, partition, offset): (String, i32, i64), key: &str) -> Self {
        let (written, event_id, epoch, payload, oversize) = (None, None, None, Vec::new(), None);
        Self { topic, partition, offset, written, key: key.to_owned(), event_id, epoch, payload, oversize }
    }

    pub(super) fn bytes(&self) -> usize {
        self.payload.len() + self.key.len() + 100
    }

    /// The event, or a code and why there is none.
    pub(super) fn decode<E: Event>(&self) -> Result<Received<E>, String> {
        if let Some(bytes) = self.oversize {
            return Err(format!("TOO_LARGE: {bytes} bytes, at most {PAYLOAD_BYTES} are read"));
        }
        let event_id = self.event_id.ok_or_else(|| "NO_EVENT_ID".to_owned())?;
        let event = E::decode(self.payload.as_slice()).map_err(|error| format!("NOT_DECODED: {error}"))?;
        let head = event.head().map_err(|error| format!("UNKNOWN_AGGREGATE: {error}"))?;
        if !fault::planted("unknown_number_is_none") {
            event.known_enums().map_err(|error| format!("UNKNOWN_ENUM: {error}"))?;
        }
        Ok(Received { event_id, head, event })
    }
}

/// A text as the database takes it: it knows no NUL.
pub(super) fn plain(text: &str) -> String {
    if fault::planted("nul_is_kept") { text.to_owned() } else { text.replace('\0', "\u{fffd}") }
}

fn header<'a>(message: &'a BorrowedMessage<'_>, name: &str) -> Option<&'a str> {
    let found = message.headers()?.iter().find(|header| header.key == name)?;
    std::str::from_utf8(found.value?).ok()
}
