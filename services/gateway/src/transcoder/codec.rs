//! A codec for answers that are known by their descriptor only.

use std::marker::PhantomData;

use prost::Message;
use prost_reflect::{DynamicMessage, MessageDescriptor};
use tonic::{
    Status,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
};

/// Sends messages `M`, which may be dynamic themselves, and reads answers by their descriptor.
pub(crate) struct DynamicCodec<M> {
    answer: MessageDescriptor,
    request: PhantomData<fn(M)>,
}

impl<M> DynamicCodec<M> {
    pub(crate) fn new(answer: MessageDescriptor) -> Self {
        Self { answer, request: PhantomData }
    }
}

pub(crate) struct Write<M>(PhantomData<fn(M)>);
pub(crate) struct Read(MessageDescriptor);

impl<M: Message + 'static> Codec for DynamicCodec<M> {
    type Encode = M;
    type Decode = DynamicMessage;
    type Encoder = Write<M>;
    type Decoder = Read;

    fn encoder(&mut self) -> Write<M> {
        Write(PhantomData)
    }

    fn decoder(&mut self) -> Read {
        Read(self.answer.clone())
    }
}

impl<M: Message> Encoder for Write<M> {
    type Item = M;
    type Error = Status;

    fn encode(&mut self, message: M, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        message.encode(into).map_err(|error| Status::internal(error.to_string()))
    }
}

impl Decoder for Read {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        DynamicMessage::decode(self.0.clone(), from).map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}
