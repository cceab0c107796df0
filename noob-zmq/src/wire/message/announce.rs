//! `announce`: where everybody is.

use indexmap::IndexMap;

use super::Identify;
use crate::{
    graph::Name,
    wire::{
        Message, RawMessage, WireError, Writer,
        lenient::{Fields, text},
    },
};

/// The command node tells all nodes what each of them said last about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announce {
    /// Address of the ROUTER of the command node.
    pub inbox: String,
    /// By node id.
    pub nodes: IndexMap<Name, Identify>,
}

#[diagnostic::do_not_recommend]
impl Message for Announce {
    const KIND: &'static str = "announce";

    fn encode(&self, writer: &mut Writer) -> Result<(), WireError> {
        writer.map(2);
        writer.key("inbox");
        writer.str(&self.inbox);
        writer.key("nodes");
        writer.map(self.nodes.len());
        for (id, identify) in &self.nodes {
            writer.key(id);
            identify.write(writer);
        }
        writer.end_map();
        writer.end_map();
        Ok(())
    }

    fn decode(raw: &RawMessage) -> Result<Self, WireError> {
        raw.is(Self::KIND)?;
        raw.required(|value| {
            let fields = Fields::of(value)?;
            Ok(Self {
                inbox: fields.get("inbox", |inbox| text(inbox).map(str::to_owned))?,
                nodes: fields.get("nodes", |nodes| {
                    let entries = Fields::of(nodes)?.entries();
                    entries
                        .map(|(id, identify)| match Identify::read(identify) {
                            Ok(identify) => Ok((Name::from(id.as_str()), identify)),
                            Err(error) => Err(error.under(id)),
                        })
                        .collect()
                })?,
            })
        })
    }
}
