//! Checks of a tube that need no node types: names that lead nowhere, return nodes, cycles.
//!
//! [`all`] runs all of them with the special types as the only known ones, as `tube!` does. The
//! loader at run time knows the interface of every type, and runs them one by one.

mod cycles;
mod lists;
mod references;

use std::collections::HashSet;

pub use cycles::{Node, graph};
pub use references::{references, unknown_input};

use super::{
    DiagnosticKind, Diagnostics, EnabledSpec, Interfaces, TubeNodeKind, TubeSpec, special,
};
use crate::suggest::nearest;

/// Checks everything that shows in the text alone.
pub fn all(spec: &TubeSpec, diagnostics: &mut Diagnostics) {
    returns(spec, diagnostics);
    assets(spec, diagnostics);
    inputs(spec, diagnostics);
    let nodes = spec.nodes.values();
    let interfaces: Interfaces = nodes
        .map(|node| (node.id.value.clone(), special::interface(node.kind())))
        .collect();
    references(spec, &interfaces, &mut HashSet::new(), diagnostics);
    let nodes: Vec<Node> = spec
        .nodes
        .values()
        .map(|node| Node {
            enabled: node.enabled != EnabledSpec::Always(false),
            is_map: node.kind() == TubeNodeKind::Map,
        })
        .collect();
    graph(spec, &nodes, diagnostics);
}

/// Reports every node of `type: return` but the first.
pub fn returns(spec: &TubeSpec, diagnostics: &mut Diagnostics) {
    let mut returns = spec.return_nodes();
    let Some(first) = returns.next() else { return };
    for second in returns {
        let kind = DiagnosticKind::TwoReturns {
            first: first.id.value.clone(),
        };
        diagnostics.push_with(second.id.place, kind, first.id.place, "the first");
    }
}

/// Warns of assets that depend on a node that does not exist.
pub fn assets(spec: &TubeSpec, diagnostics: &mut Diagnostics) {
    for asset in spec.assets.values() {
        let Some(depends) = &asset.depends else {
            continue;
        };
        if !spec.nodes.contains_key(&depends.node) {
            let kind = DiagnosticKind::AssetNeverReplaced {
                asset: asset.id.value.clone(),
                node: depends.node.clone(),
                near: nearest(&depends.node, spec.nodes.keys()).cloned(),
            };
            diagnostics.push(depends.place, kind);
        }
    }
}

/// Reports inputs that `params` and `enabled` of nodes use, and that are not declared.
fn inputs(spec: &TubeSpec, diagnostics: &mut Diagnostics) {
    for node in spec.nodes.values() {
        for param in node.params.values() {
            if let Some(input) = param.input()
                && !spec.inputs.contains_key(input)
            {
                unknown_input(spec, &node.id.value, input, param.place, true, diagnostics);
            }
        }
        if let EnabledSpec::Input(input) = &node.enabled
            && !spec.inputs.contains_key(&input.value)
        {
            let (name, place) = (&input.value, input.place);
            unknown_input(spec, &node.id.value, name, place, false, diagnostics);
        }
    }
}
