//! `depends` of nodes: every source exists, and every slot exists and is fed as it must be.

use std::collections::HashSet;

use super::super::{
    Dependency, DiagnosticKind, Diagnostics, InnerTube, InputScope, Interface, Interfaces, Name,
    NodeSpec, Place, Slot, TubeNodeKind, TubeSpec,
};
use crate::suggest::nearest;

/// Reports dependencies on things that do not exist, and slots that are fed in a wrong way.
///
/// Inputs that nodes depend on are added to `used_inputs`.
pub fn references(
    spec: &TubeSpec,
    interfaces: &Interfaces,
    used_inputs: &mut HashSet<Name>,
    diagnostics: &mut Diagnostics,
) {
    let mut checker = References {
        spec,
        interfaces,
        used_inputs,
        diagnostics,
    };
    for node in spec.nodes.values() {
        for item in &node.depends {
            checker.source(node, item);
        }
        if let Some(Some(interface)) = interfaces.get(&node.id.value)
            && node.type_name.is_some()
        {
            checker.slots(node, interface);
        }
    }
}

/// Reports an input that is not declared, unless inputs may be missing because of other mistakes.
pub fn unknown_input(
    spec: &TubeSpec,
    node: &Name,
    input: &str,
    place: Place,
    in_params: bool,
    diagnostics: &mut Diagnostics,
) {
    if !spec.skipped.inputs && !spec.skipped.names.contains("input") {
        let kind = DiagnosticKind::UnknownInput {
            node: node.clone(),
            missing: input.into(),
            in_params,
            near: nearest(input, spec.inputs.keys()).cloned(),
        };
        diagnostics.push(place, kind);
    }
}

struct References<'a> {
    spec: &'a TubeSpec,
    interfaces: &'a Interfaces,
    used_inputs: &'a mut HashSet<Name>,
    diagnostics: &'a mut Diagnostics,
}

impl References<'_> {
    /// Checks that the source of a dependency exists.
    fn source(&mut self, node: &NodeSpec, item: &Dependency) {
        let spec = self.spec;
        if spec.skipped.names.contains(&item.node) {
            return;
        }
        let user = node.id.value.clone();
        let kind = match &*item.node {
            "input" => {
                self.used_inputs.insert(item.signal.clone());
                if !spec.inputs.contains_key(&item.signal) {
                    unknown_input(
                        spec,
                        &user,
                        &item.signal,
                        item.place,
                        false,
                        self.diagnostics,
                    );
                }
                return;
            }
            "assets" => {
                if spec.assets.contains_key(&item.signal) || spec.skipped.assets {
                    return;
                }
                DiagnosticKind::UnknownAsset {
                    node: user,
                    missing: item.signal.clone(),
                    near: nearest(&item.signal, spec.assets.keys()).cloned(),
                }
            }
            _ => match (spec.nodes.get(&item.node), self.interfaces.get(&item.node)) {
                (None, _) if spec.skipped.nodes => return,
                (None, _) => DiagnosticKind::UnknownNode {
                    node: user,
                    missing: item.node.clone(),
                    near: nearest(&item.node, spec.nodes.keys()).cloned(),
                    known: spec
                        .nodes
                        .keys()
                        .filter(|name| **name != node.id.value)
                        .filter(|name| !spec.skipped.names.contains(*name))
                        .cloned()
                        .collect(),
                },
                (Some(source), _) if source.kind() == TubeNodeKind::Return => {
                    DiagnosticKind::DependsOnReturn {
                        node: item.node.clone(),
                    }
                }
                (Some(source), Some(Some(interface)))
                    if !interface.signals.contains(&item.signal) =>
                {
                    DiagnosticKind::UnknownSignal {
                        node: item.node.clone(),
                        type_name: source.type_text(),
                        signal: item.signal.clone(),
                        near: nearest(&item.signal, &interface.signals).cloned(),
                        known: interface.signals.clone(),
                    }
                }
                _ => return,
            },
        };
        self.diagnostics.push(item.place, kind);
    }

    /// Checks that the slots of a node exist, and that those are fed which must be.
    fn slots(&mut self, node: &NodeSpec, interface: &Interface) {
        if interface.is_source {
            if let Some(item) = node.depends.first() {
                let kind = DiagnosticKind::SourceDepends {
                    node: node.id.value.clone(),
                    type_name: node.type_text(),
                    params: interface.params.clone(),
                };
                self.diagnostics.push(item.slot_place(), kind);
            }
            return;
        }
        let positional = self.positional(node, interface);
        // Slots that were probably meant by names that do not exist, if one is near: an unknown
        // slot and the one that seems to be unfed because of it are one mistake, not two.
        let mut meant = Vec::new();
        for item in &node.depends {
            let Some(slot) = &item.slot else { continue };
            let number = interface
                .slots
                .iter()
                .position(|known| known.name == slot.value);
            let kind = match number {
                Some(number) if number < positional => DiagnosticKind::PositionalAndNamed {
                    node: node.id.value.clone(),
                    slot: slot.value.clone(),
                    again: "by name",
                },
                Some(_) => continue,
                None if interface.more_named => continue,
                None => {
                    let kind = unknown_slot(node, interface, &slot.value);
                    if let DiagnosticKind::UnknownSlot { near, .. } = &kind {
                        meant.push(near.clone());
                    }
                    kind
                }
            };
            self.diagnostics.push(slot.place, kind);
        }
        self.unfed(node, interface, positional, &meant);
    }

    /// Checks the items without a slot name, and returns their number.
    fn positional(&mut self, node: &NodeSpec, interface: &Interface) -> usize {
        let items: Vec<&Dependency> = node
            .depends
            .iter()
            .filter(|item| item.slot.is_none())
            .collect();
        let takes = match node.kind() {
            // The others are fed by name only.
            TubeNodeKind::Gather => 1,
            _ => interface.slots.len(),
        };
        if items.len() > takes && !interface.more_positional {
            let kind = DiagnosticKind::TooManyPositional {
                node: node.id.value.clone(),
                type_name: node.type_text(),
                takes: match takes {
                    0 => "no values".into(),
                    1 => "1 value".into(),
                    _ => format!("{takes} values"),
                },
                given: items.len(),
                known: slot_names(interface),
            };
            self.diagnostics.push(items[takes].place, kind);
        }
        for slot in interface.slots.iter().take(items.len()) {
            if let Some(param) = node.params.get(&slot.name)
                && interface.params.contains(&slot.name)
            {
                let kind = DiagnosticKind::PositionalAndNamed {
                    node: node.id.value.clone(),
                    slot: slot.name.clone(),
                    again: "set in `params`",
                };
                self.diagnostics.push(param.key, kind);
            }
        }
        items.len()
    }

    /// Reports slots that must be fed and are not.
    ///
    /// `meant` has an item for each unknown slot: the slot that was probably meant, if one is near.
    fn unfed(
        &mut self,
        node: &NodeSpec,
        interface: &Interface,
        positional: usize,
        meant: &[Option<Name>],
    ) {
        if node.skipped {
            return;
        }
        let is_param = |slot: &Slot| interface.params.contains(&slot.name);
        let unfed = interface.slots.iter().enumerate().filter(|(number, slot)| {
            let fed = *number < positional
                || node.feeds_by_name(&slot.name)
                || (is_param(slot) && node.params.contains_key(&slot.name));
            let misspelt = meant.iter().flatten().any(|name| *name == slot.name)
                || node.params.keys().any(|name| {
                    !interface.params.contains(name) && nearest(name, [&slot.name]).is_some()
                });
            slot.required && !fed && !misspelt
        });
        let unfed: Vec<&Slot> = unfed.map(|(_, slot)| slot).collect();
        let unknown = meant.iter().filter(|near| near.is_none()).count();
        if unfed.len() > unknown {
            for slot in unfed {
                let kind = DiagnosticKind::UnfedSlot {
                    node: node.id.value.clone(),
                    type_name: node.type_text(),
                    slot: slot.name.clone(),
                    param: is_param(slot),
                };
                self.diagnostics.push(node.id.place, kind);
            }
        }
        if node.kind() == TubeNodeKind::Gather {
            let n = node.params.get("n").is_some_and(|n| !n.value.is_null());
            let name = node.id.value.clone();
            let kind = match (n || node.feeds_by_name("n"), node.feeds_by_name("trigger")) {
                (false, false) => DiagnosticKind::GatherNever { node: name },
                (true, true) => DiagnosticKind::GatherBoth { node: name },
                _ => return,
            };
            self.diagnostics.push(node.id.place, kind);
        }
    }
}

/// Returns the diagnostic for a slot that a node does not have.
///
/// A tube inside may ignore such values.
fn unknown_slot(node: &NodeSpec, interface: &Interface, slot: &Name) -> DiagnosticKind {
    if let Some((tube, why)) = interface
        .inner
        .as_ref()
        .and_then(|inner| Some((inner.id.clone(), ignored(inner, slot)?)))
    {
        return DiagnosticKind::IgnoredByTube {
            node: node.id.value.clone(),
            tube,
            name: slot.clone(),
            why,
        };
    }
    let known = slot_names(interface);
    DiagnosticKind::UnknownSlot {
        node: node.id.value.clone(),
        type_name: node.type_text(),
        slot: slot.clone(),
        near: nearest(slot, &known).cloned(),
        known,
    }
}

/// Returns why a tube inside ignores a value, if it does.
fn ignored(inner: &InnerTube, slot: &Name) -> Option<&'static str> {
    match inner.inputs.get(slot) {
        Some(InputScope::Tube) => Some("that input is given once, in `params`"),
        Some(InputScope::Process) => None,
        None if nearest(slot, inner.inputs.keys()).is_some() => None,
        None => Some("it has no such input"),
    }
}

fn slot_names(interface: &Interface) -> Vec<Name> {
    let slots = interface.slots.iter();
    slots.map(|slot| slot.name.clone()).collect()
}
