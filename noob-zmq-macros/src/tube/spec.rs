//! A tube file, as it was read: plain data.

use super::mistakes::At;

/// A tube.
#[derive(Debug)]
pub(crate) struct Spec {
    /// `noob_id`.
    pub(crate) id: String,
    /// `input`, in the order of the file.
    pub(crate) inputs: Vec<Input>,
    /// `assets`, in the order of the file.
    pub(crate) assets: Vec<Asset>,
    /// `nodes`, in the order of the file.
    pub(crate) nodes: Vec<Node>,
    /// Names of entries that could not be read, which was reported: what refers to them is not reported again.
    pub(crate) lost: Vec<String>,
}

/// A declared input.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) name: String,
    /// As written: `int`.
    pub(crate) type_name: String,
    /// Given with each `process`, and not once.
    pub(crate) of_process: bool,
    /// May be left out.
    pub(crate) optional: bool,
}

/// Something that nodes share; what it is shows when the tube is loaded.
#[derive(Debug)]
pub(crate) struct Asset {
    pub(crate) name: String,
    /// The signal that takes its place.
    pub(crate) depends: Option<Dependency>,
}

/// A node.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) at: At,
    pub(crate) kind: Kind,
    pub(crate) type_name: String,
    pub(crate) type_at: At,
    pub(crate) depends: Vec<Dependency>,
    /// `depends` is one `node.signal`, and no list.
    pub(crate) scalar: bool,
    pub(crate) params: Vec<Param>,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Typed,
    Return,
    Map,
    Gather,
    Tube,
}

/// One `node.signal`, and where it goes.
#[derive(Debug)]
pub(crate) struct Dependency {
    pub(crate) slot: Option<String>,
    pub(crate) node: String,
    pub(crate) signal: String,
    /// Where `node.signal` stands.
    pub(crate) at: At,
    /// Where the slot stands; in its absence, where `node.signal` does.
    pub(crate) slot_at: At,
}

/// An entry of `params`.
#[derive(Debug)]
pub(crate) struct Param {
    pub(crate) name: String,
    pub(crate) at: At,
    /// `k` of `input.k`.
    pub(crate) input: Option<String>,
    pub(crate) is_true: bool,
}

impl Spec {
    /// The node of this name.
    pub(crate) fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.name == name)
    }

    /// The input of this name.
    pub(crate) fn input(&self, name: &str) -> Option<&Input> {
        self.inputs.iter().find(|input| input.name == name)
    }

    /// The node of `type: return`.
    pub(crate) fn return_node(&self) -> Option<&Node> {
        self.nodes.iter().find(|node| node.kind == Kind::Return)
    }
}

impl Node {
    /// The dependencies without a slot name, with their positions.
    pub(crate) fn positional(&self) -> impl Iterator<Item = (usize, &Dependency)> {
        self.depends
            .iter()
            .filter(|item| item.slot.is_none())
            .enumerate()
    }

    /// What feeds a slot of a node whose first slot has this name.
    pub(crate) fn feeding(&self, slot: &str, is_first: bool) -> Option<&Dependency> {
        let named = self
            .depends
            .iter()
            .find(|item| item.slot.as_deref() == Some(slot));
        named.or_else(|| {
            self.positional()
                .next()
                .map(|(_, item)| item)
                .filter(|_| is_first)
        })
    }

    /// The parameter of this name.
    pub(crate) fn param(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|param| param.name == name)
    }
}
