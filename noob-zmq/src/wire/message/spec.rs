//! `spec`: the definition of a tube, for viewers.

use crate::{
    graph::Value,
    wire::{Message, RawMessage, WireError, Writer},
};

/// The definition of a tube as noob streams it to viewers; carried, not looked into.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// The definition.
    pub spec: Value,
}

#[diagnostic::do_not_recommend]
impl Message for Spec {
    const KIND: &'static str = "spec";

    fn encode(&self, writer: &mut Writer) -> Result<(), WireError> {
        writer.value(&self.spec)
    }

    fn decode(raw: &RawMessage) -> Result<Self, WireError> {
        raw.is(Self::KIND)?;
        Ok(Self {
            spec: raw.required(|value| Ok(value.clone()))?,
        })
    }
}
