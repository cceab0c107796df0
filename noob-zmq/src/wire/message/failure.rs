//! `error`: a node has failed.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    graph::{Epoch, Name, Value, ValueError},
    wire::{
        Message, RawMessage, WireError, Writer,
        lenient::{self, Fields, list, text},
        sentinel::PICKLE,
    },
};

/// A node has failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The node: whoever sends it.
    pub node_id: Name,
    /// What it said.
    pub cause: Cause,
}

/// What a failed node said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Said by a node of ours. A Python peer takes only pickles, and drops it.
    Report(Report),
    /// Said by a Python node: `pck__` and the base64 of a pickled exception; carried, and never opened.
    Pickled(Arc<str>),
}

/// What a node of ours says when it has failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// In which epoch, if in one.
    pub epoch: Option<Epoch>,
    /// What it was doing.
    pub phase: Phase,
    /// What happened.
    pub message: String,
    /// The causes, outermost first.
    pub chain: Vec<String>,
    /// For a panic: where, as `file:line:column`.
    pub panicked_at: Option<String>,
}

/// What a node was doing when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phase {
    /// It was being made and initialised.
    Init,
    /// It was called.
    Process,
    /// It was being shut down.
    Deinit,
}

impl Phase {
    const ALL: [Self; 3] = [Self::Init, Self::Process, Self::Deinit];

    /// The word for it on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Process => "process",
            Self::Deinit => "deinit",
        }
    }

    fn read(value: &Value) -> Result<Self, ValueError> {
        let word = text(value)?;
        let phase = Self::ALL.into_iter().find(|phase| phase.as_str() == word);
        phase.ok_or_else(|| ValueError::expected(&"`init`, `process` or `deinit`", value))
    }
}

impl Report {
    fn write(&self, writer: &mut Writer) {
        writer.map(5);
        writer.key("epoch");
        match &self.epoch {
            Some(epoch) => writer.epoch(epoch),
            None => writer.null(),
        }
        writer.key("phase");
        writer.str(self.phase.as_str());
        writer.key("message");
        writer.str(&self.message);
        writer.key("chain");
        writer.list(self.chain.len());
        for cause in &self.chain {
            writer.str(cause);
        }
        writer.end_list();
        writer.key("panicked_at");
        match &self.panicked_at {
            Some(at) => writer.str(at),
            None => writer.null(),
        }
        writer.end_map();
    }

    fn read(value: &Value) -> Result<Self, ValueError> {
        let fields = Fields::of(value)?;
        let owned = |value: &Value| text(value).map(str::to_owned);
        Ok(Self {
            epoch: fields.optional("epoch", lenient::epoch)?,
            phase: fields.get("phase", Phase::read)?,
            message: fields.get("message", owned)?,
            chain: fields.get("chain", |chain| list(chain, "a list of causes", owned))?,
            panicked_at: fields.optional("panicked_at", owned)?,
        })
    }
}

#[diagnostic::do_not_recommend]
impl Message for Failure {
    const KIND: &'static str = "error";

    fn encode(&self, writer: &mut Writer) -> Result<(), WireError> {
        match &self.cause {
            Cause::Report(report) => report.write(writer),
            Cause::Pickled(text) => {
                let put = writer.pickle(text);
                put.map_err(|error| writer.unencodable_error(error.under("value")))?;
            }
        }
        Ok(())
    }

    fn decode(raw: &RawMessage) -> Result<Self, WireError> {
        raw.is(Self::KIND)?;
        let cause = raw.required(|value| match value {
            Value::Pickle(text) => Ok(Cause::Pickled(text.clone())),
            Value::Str(text) if text.starts_with(PICKLE) => Ok(Cause::Pickled(text.clone())),
            Value::Map(_) => Report::read(value).map(Cause::Report),
            other => Err(ValueError::expected(
                &"a pickled exception (`pck__` and base64), or a report",
                other,
            )),
        })?;
        Ok(Self {
            node_id: raw.sender().clone(),
            cause,
        })
    }
}
