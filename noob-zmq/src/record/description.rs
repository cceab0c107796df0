//! Description of a run at the head of its record: the tube, its inputs and signals, and versions.

use std::collections::BTreeMap;

use super::RecordError;
use super::body::json;
use super::selection::Selection;
use crate::graph::{InputScope, Name, NodeTypes as _, Tube, TubeNodeKind, TypeShape};
use crate::node::Registry;

/// Name of the metadata of a record, by which a record is recognised.
pub(super) const METADATA: &str = "noob-zmq";
/// Version of the form of records.
pub(super) const FORMAT: &str = "1";
/// Topic of the end markers.
pub(super) const MARKERS: &str = "noob/epochs";
/// Node in the names of the channels of process-scoped inputs.
pub(super) const INPUT: &str = "input";

/// Signal that is recorded.
#[derive(Debug, Clone)]
pub(super) struct RecordedSignal {
    pub(super) node: Name,
    pub(super) signal: Name,
    /// Type of the node, as the tube has it.
    pub(super) node_type: Name,
    /// Type of the values as written in the source; empty if it is not known.
    pub(super) written: Name,
    pub(super) shape: TypeShape,
}

impl RecordedSignal {
    /// Returns `node.signal`.
    pub(super) fn topic(&self) -> String {
        format!("{}.{}", self.node, self.signal)
    }

    /// Returns the metadata of the channel.
    pub(super) fn metadata(&self) -> BTreeMap<String, String> {
        [
            ("node", &self.node),
            ("signal", &self.signal),
            ("node_type", &self.node_type),
            ("type", &self.written),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_string()))
        .collect()
    }
}

/// Contents of the head of a record.
#[derive(Debug)]
pub(super) struct Description {
    pub(super) metadata: BTreeMap<String, String>,
    /// Tube files: name and text.
    pub(super) files: Vec<(String, String)>,
    pub(super) signals: Vec<RecordedSignal>,
}

/// Returns the signals of a tube, and its process-scoped inputs as signals of `input`.
pub(super) fn signals_of(tube: &Tube) -> Vec<RecordedSignal> {
    let registry = Registry::of_tube(tube).ok();
    let mut signals = Vec::new();
    for node in tube.nodes.values() {
        if node.kind == TubeNodeKind::Return {
            continue;
        }
        let typed = node.kind == TubeNodeKind::Typed;
        let registry = registry.filter(|_| typed);
        let signature = registry
            .and_then(|registry| registry.resolve(&node.type_name, &node.params).ok())
            .flatten();
        for signal in &node.signals {
            let known = signature.as_ref();
            let known = known.and_then(|signature| signature.signal_types.get(signal));
            signals.push(RecordedSignal {
                node: node.id.clone(),
                signal: signal.clone(),
                node_type: node.type_name.clone(),
                written: known.map_or_else(Name::default, |known| known.written.clone()),
                shape: known.map_or(TypeShape::Unknown, |known| known.shape.clone()),
            });
        }
    }
    let inputs = tube.inputs.values();
    let process = inputs.filter(|input| input.scope == InputScope::Process);
    signals.extend(process.map(|input| RecordedSignal {
        node: INPUT.into(),
        signal: input.name.clone(),
        node_type: Name::default(),
        written: input.type_name.as_str().into(),
        shape: input.shape.clone(),
    }));
    signals
}

impl Description {
    /// Describes a run of a tube of which these signals are recorded.
    ///
    /// # Errors
    /// A pattern that matches no signal.
    pub(super) fn new(tube: &Tube, selection: &Selection) -> Result<Self, RecordError> {
        let all = signals_of(tube);
        let names: Vec<String> = all.iter().map(RecordedSignal::topic).collect();
        selection.check(&tube.id, &names)?;
        // A replay needs the inputs, so that only a pattern of their own leaves them out.
        let is_selected = |(signal, name): &(RecordedSignal, String)| match &*signal.node {
            INPUT => !selection.excludes(name),
            _ => selection.contains(name),
        };
        let signals = all.into_iter().zip(names).filter(is_selected);
        let signals: Vec<RecordedSignal> = signals.map(|(signal, _)| signal).collect();
        let mut files = Vec::new();
        add_files(tube, &mut files);
        let nodes = tube.nodes.values();
        let nodes: BTreeMap<&str, &str> = nodes.map(|node| (&*node.id, &*node.type_name)).collect();
        let recorded: Vec<String> = signals.iter().map(RecordedSignal::topic).collect();
        let metadata = [
            ("format", FORMAT.to_owned()),
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("tube", tube.id.to_string()),
            ("file", tube.source.name.to_string()),
            ("host", host()),
            ("nodes", json(&nodes)),
            ("signals", json(&recorded)),
            ("inputs", json(&tube.tube_input)),
        ];
        let metadata = metadata.into_iter();
        Ok(Self {
            metadata: metadata.map(|(key, text)| (key.to_owned(), text)).collect(),
            files,
            signals,
        })
    }
}

/// Adds the files of a tube and of the tubes inside, each once.
fn add_files(tube: &Tube, files: &mut Vec<(String, String)>) {
    for source in std::iter::once(&tube.source).chain(&tube.parents) {
        let name = source.name.to_string();
        if !files.iter().any(|(known, _)| *known == name) {
            files.push((name, source.text.to_string()));
        }
    }
    for child in tube.nodes.values().filter_map(|node| node.child.as_ref()) {
        add_files(child, files);
    }
}

fn host() -> String {
    let names = rustix::system::uname();
    names.nodename().to_string_lossy().into_owned()
}
