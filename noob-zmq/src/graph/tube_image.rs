//! The form in which the process of a node receives its tube.
//!
//! A node process makes neither the checks of a tube nor nodes but its own, so that it needs no
//! types but those of its node.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::tube::ReplaySource;
use super::{
    Edge, Input, Map, Name, Place, SlotInfo, Source, Supervision, Tube, TubeAsset, TubeNode,
    TubeNodeKind,
};

/// A checked tube for a node process: all nodes and edges, and the parameters of the nodes of the
/// process alone.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct TubeImage {
    id: Name,
    nodes: Vec<NodeImage>,
    edges: Vec<Edge>,
    inputs: Vec<Input>,
    assets: Vec<TubeAsset>,
    tube_input: Map,
    /// Signals whose values the runner records.
    #[serde(default)]
    recorded: Vec<(Name, Name)>,
    /// Names of the file and of those that it extends.
    files: Vec<Arc<str>>,
}

/// A node of such a tube.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct NodeImage {
    id: Name,
    kind: TubeNodeKind,
    enabled: bool,
    stateful: bool,
    restorable: bool,
    events: bool,
    slots: Vec<SlotInfo>,
    signals: Vec<Name>,
    supervision: Supervision,
    /// Parts for the process that makes the node.
    own: Option<OwnParts>,
}

/// Parts of a node that its own process needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct OwnParts {
    type_name: Name,
    params: Map,
    place: Place,
    child: Option<Box<TubeImage>>,
    #[serde(default)]
    replay: Option<ReplaySource>,
}

impl TubeImage {
    /// Returns the image of a tube for the process of these nodes.
    pub(crate) fn for_nodes(tube: &Tube, ids: &[Name]) -> Self {
        Self::with(tube, &|node| ids.contains(&node.id))
    }

    /// Returns the name of the tube.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    fn with(tube: &Tube, is_own: &dyn Fn(&TubeNode) -> bool) -> Self {
        let nodes = tube.nodes.values();
        // The assets that the node does not read keep their edges, and lose their parameters.
        let own = tube.nodes.values().filter(|node| is_own(node));
        let read: Vec<&Name> = own
            .flat_map(|node| tube.upstream(&node.id))
            .filter(|edge| &*edge.source_node == super::ASSETS)
            .map(|edge| &edge.source_signal)
            .collect();
        let assets = tube.assets.values().cloned().map(|mut asset| {
            if !read.contains(&&asset.id) {
                asset.params = Map::new();
            }
            asset
        });
        Self {
            id: tube.id.clone(),
            nodes: nodes
                .map(|node| NodeImage::of(node, is_own(node)))
                .collect(),
            edges: tube.edges.clone(),
            inputs: tube.inputs.values().cloned().collect(),
            assets: assets.collect(),
            tube_input: tube.tube_input.clone(),
            recorded: tube.recorded.clone(),
            files: std::iter::once(&tube.source)
                .chain(&tube.parents)
                .map(|source| Arc::clone(&source.name))
                .collect(),
        }
    }

    /// Returns the tube.
    ///
    /// The texts of its files are empty, and the nodes of other processes have no parameters.
    pub(crate) fn into_tube(self) -> Tube {
        let mut files = self.files.into_iter().map(|name| Source::new(name, ""));
        let nodes = self.nodes.into_iter().map(NodeImage::into_node);
        Tube {
            id: self.id,
            nodes: nodes.map(|node| (node.id.clone(), node)).collect(),
            edges: self.edges,
            inputs: self
                .inputs
                .into_iter()
                .map(|input| (input.name.clone(), input))
                .collect(),
            assets: self
                .assets
                .into_iter()
                .map(|asset| (asset.id.clone(), asset))
                .collect(),
            tube_input: self.tube_input,
            recorded: self.recorded,
            source: files.next().unwrap_or_default(),
            parents: files.collect(),
            ..Tube::default()
        }
    }
}

impl NodeImage {
    fn of(node: &TubeNode, is_own: bool) -> Self {
        let own = is_own.then(|| OwnParts {
            type_name: node.type_name.clone(),
            params: node.params.clone(),
            place: node.place,
            replay: node.replay.clone(),
            child: node
                .child
                .as_deref()
                .map(|child| Box::new(TubeImage::with(child, &|_| true))),
        });
        Self {
            id: node.id.clone(),
            kind: node.kind,
            enabled: node.enabled,
            stateful: node.stateful,
            restorable: node.restorable,
            events: node.events,
            slots: node.slots.clone(),
            signals: node.signals.clone(),
            supervision: node.supervision,
            own,
        }
    }

    fn into_node(self) -> TubeNode {
        let mut node = TubeNode {
            id: self.id,
            kind: self.kind,
            enabled: self.enabled,
            stateful: self.stateful,
            restorable: self.restorable,
            events: self.events,
            slots: self.slots,
            signals: self.signals,
            supervision: self.supervision,
            ..TubeNode::default()
        };
        if let Some(own) = self.own {
            node.type_name = own.type_name;
            node.params = own.params;
            node.place = own.place;
            node.replay = own.replay;
            node.child = own.child.map(|child| Arc::new(child.into_tube()));
        }
        node
    }
}
