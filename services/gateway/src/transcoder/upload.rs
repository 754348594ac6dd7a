//! The raw body of a file, cut into the pieces that an import takes.
//!
//! A call to the service carries at most a mebibyte and begins when its pieces are here: a slow line never holds a call
//! open, memory stays bounded, and what was sent is kept, so that a broken upload goes on at `bytesReceived`.
//!
//! The whole of a file has no deadline: over the line of a village a season's file takes an hour, and a least speed would be
//! somebody's guess at that line. It goes on for as long as it moves. Whoever sends a byte now and then had to show a token
//! first, and keeps places of his own peer's share only.

use axum::body::Body;
use futures::StreamExt;
use http::request::Parts;
use import::PIECE_BYTES_MAX;
use platform::Refused;
use prost_reflect::DynamicMessage;
use proto::common::UploadImportRequest;
use tonic::{Code, Status, metadata::MetadataMap};

use super::{
    DEADLINE, DynamicCodec, Problem, Transcoder, binding::Call, broken, check_encoding, late, query, template::Pairs,
};

/// Bytes of one call: sixteen pieces.
const CALL_BYTES: usize = 16 * PIECE_BYTES_MAX;

/// What has come and is not sent yet, and where in the file it begins.
struct Pending {
    import_id: String,
    offset: i64,
    bytes: Vec<u8>,
}

impl Pending {
    /// Cuts up to `limit` bytes off as pieces.
    fn cut(&mut self, limit: usize) -> Vec<UploadImportRequest> {
        let taken: Vec<u8> = self.bytes.drain(..limit.min(self.bytes.len())).collect();
        taken
            .chunks(PIECE_BYTES_MAX)
            .map(|data| {
                let piece =
                    UploadImportRequest { import_id: self.import_id.clone(), offset: self.offset, data: data.to_vec() };
                self.offset += i64::try_from(data.len()).unwrap_or(i64::MAX);
                piece
            })
            .collect()
    }
}

/// Sends the whole body; the answer is the import after its last piece.
pub(super) async fn run(
    transcoder: &Transcoder,
    (call, metadata): (&Call, MetadataMap),
    (variables, parts): (Pairs, &Parts),
    body: Body,
) -> Result<DynamicMessage, Problem> {
    check_encoding(&parts.headers)?;
    let import_id = variables.into_iter().next().map(|(_, id)| id).unwrap_or_default();
    let offset = offset(parts.uri.query().unwrap_or_default())?;
    let mut pending = Pending { import_id, offset, bytes: Vec::new() };
    let mut chunks = body.into_data_stream();
    let mut answer = None;
    let patience = transcoder.patience;
    while let Some(chunk) = tokio::time::timeout(patience, chunks.next()).await.map_err(|_| late(patience))? {
        // What is left of a broken upload is dropped: pieces keep their borders, and the next attempt finds them again.
        pending.bytes.extend_from_slice(&chunk.map_err(|_| broken())?);
        while pending.bytes.len() >= CALL_BYTES {
            answer = Some(send(transcoder, (call, &metadata), pending.cut(CALL_BYTES)).await?);
        }
    }
    if !pending.bytes.is_empty() {
        answer = Some(send(transcoder, (call, &metadata), pending.cut(CALL_BYTES)).await?);
    }
    answer.ok_or_else(|| {
        Refused::new(Code::InvalidArgument, "BODY_EMPTY", "no byte of a file was sent")
            .mend("send the file as the body")
            .into()
    })
}

async fn send(
    transcoder: &Transcoder,
    (call, metadata): (&Call, &MetadataMap),
    pieces: Vec<UploadImportRequest>,
) -> Result<DynamicMessage, Problem> {
    let pieces = tokio_stream::iter(pieces);
    let request = tonic::Request::from_parts(metadata.clone(), tonic::Extensions::default(), pieces);
    let made = async {
        let mut grpc = transcoder.ready(&call.service).await?;
        grpc.client_streaming(request, call.path.clone(), DynamicCodec::new(call.method.output())).await
    };
    let answered = tokio::time::timeout(DEADLINE, made).await;
    let answered = answered.unwrap_or_else(|_| Err(Status::deadline_exceeded("the service did not answer in time")));
    Ok(answered.map_err(|status| Problem::from_service(status, &call.service))?.into_inner())
}

/// Where in the file the body begins.
fn offset(text: &str) -> Result<i64, Problem> {
    let mut offset = 0;
    for (name, value) in query(text) {
        if name != "offset" {
            let refused = Refused::field(&name, "UNKNOWN_FIELD", format!("an upload reads no {name}"));
            return Err(refused.mend("only offset may be given").into());
        }
        offset = value.parse().ok().filter(|offset| *offset >= 0).ok_or_else(|| {
            Refused::field("offset", "BAD_VALUE", format!("offset does not fit: {value:?} is no number of bytes"))
        })?;
    }
    Ok(offset)
}
