//! Descriptions of types, as `noob_zmq._describe` returns them.

use std::collections::HashSet;

use noob_zmq::graph::TypeShape;
use noob_zmq::node::{DynamicArgument, DynamicNodeType, NodeKind};
use pyo3::prelude::*;

/// Argument: name, type, whether it is optional, the default as written, whether it is read only.
type Slot = (String, String, bool, Option<String>, bool);

/// Description of a node type or an asset type.
#[derive(FromPyObject, PartialEq)]
#[pyo3(from_item_all)]
pub(super) struct Description {
    kind: String,
    doc: String,
    place: Option<String>,
    stateful: bool,
    params: Vec<Slot>,
    more_params: Option<String>,
    slots: Vec<Slot>,
    more_slots: Option<String>,
    more_positional: bool,
    epoch: Option<String>,
    events: Option<String>,
    signals: Vec<(String, String)>,
    dynamic: bool,
    main_thread: bool,
}

/// Facts that a call of a node needs.
#[derive(Debug, Default)]
pub(super) struct CallFacts {
    /// Whether slots and signals follow from the `params`.
    pub(super) dynamic: bool,
    /// Argument that receives the epoch.
    pub(super) epoch: Option<String>,
    /// Argument that receives the events.
    pub(super) events: Option<String>,
    /// Arguments that receive arrays without a copy, and their positions.
    pub(super) read_only: HashSet<String>,
    pub(super) read_only_at: HashSet<usize>,
}

impl Description {
    pub(super) fn node_kind(&self) -> NodeKind {
        match &*self.kind {
            "source" => NodeKind::Source,
            "class" => NodeKind::Class,
            _ => NodeKind::Function,
        }
    }

    /// Returns the facts that calls need.
    pub(super) fn call_facts(&self) -> CallFacts {
        let read_only = self.slots.iter().enumerate().filter(|(_, slot)| slot.4);
        CallFacts {
            dynamic: self.dynamic,
            epoch: self.epoch.clone(),
            events: self.events.clone(),
            read_only: read_only.clone().map(|(_, slot)| slot.0.clone()).collect(),
            read_only_at: read_only.map(|(at, _)| at).collect(),
        }
    }

    /// Adds everything to a type that has only its name.
    pub(super) fn describe(&self, mut described: DynamicNodeType) -> DynamicNodeType {
        described = described.doc(&*self.doc).stateful(self.stateful);
        if let Some(place) = &self.place {
            described = described.at(&**place);
        }
        let is_function = self.kind == "function";
        for slot in &self.params {
            // An argument of a function is both.
            described = if is_function {
                described.argument(argument(slot))
            } else {
                described.param(argument(slot))
            };
        }
        if !is_function {
            for slot in &self.slots {
                described = described.slot(argument(slot));
            }
        }
        if let Some(ty) = &self.more_params {
            described = described.more_params(DynamicArgument::new("kwargs", ty).optional());
        }
        if let Some(ty) = &self.more_slots {
            described = described.more_slots(DynamicArgument::new("kwargs", ty).optional());
        }
        if self.more_positional {
            described = described.more_positional();
        }
        if self.main_thread {
            described = described.main_thread();
        }
        if self.events.is_some() {
            described = described.events();
        }
        for (name, ty) in &self.signals {
            described = described.signal(name, ty, TypeShape::Unknown);
        }
        described
    }
}

fn argument(slot: &Slot) -> DynamicArgument {
    let (name, type_name, optional, default, _) = slot;
    let mut argument = DynamicArgument::new(name, type_name);
    if *optional {
        argument = argument.optional();
    }
    match default {
        Some(written) => argument.default(written),
        None => argument,
    }
}
