//! `depends` of a node: what it refers to is there, and what it feeds is there, once, and all of it.

use super::checker::{Checked, Checker};
use crate::graph::spec::mistake::Mistake;
use crate::graph::spec::names::nearest;
use crate::graph::spec::raw::{Dependency, NodeSpec};
use crate::graph::{InputScope, Name, RestartWhen, Signature, TubeNodeKind};

impl Checker<'_> {
    pub(super) fn depends(&mut self, node: &NodeSpec) {
        for item in &node.depends {
            self.source(node, item);
        }
        let Some(Checked {
            kind,
            signature: Some(signature),
            child,
            ..
        }) = self.nodes.get(&node.id.value)
        else {
            return;
        };
        let (kind, signature) = (*kind, signature.clone());
        let early = child
            .as_ref()
            .map(|child| (child.id.clone(), child.inputs.clone()));
        self.restart(node, &signature);
        let Some(type_name) = node.type_name.as_ref().map(|name| name.value.clone()) else {
            return;
        };
        if signature.source {
            if let Some(item) = node.depends.first() {
                let place = item.slot.as_ref().map_or(item.place, |slot| slot.place);
                let params = signature
                    .params
                    .iter()
                    .map(|param| param.name.clone())
                    .collect();
                self.problems.push(
                    place,
                    Mistake::SourceDepends {
                        node: node.id.value.clone(),
                        type_name,
                        params,
                    },
                );
            }
            return;
        }
        let positional = self.positional(node, kind, &signature, &type_name);
        // Slots that were probably meant by a name that does not exist: that is one mistake, not two.
        let mut meant = Vec::new();
        for item in &node.depends {
            let Some(slot) = &item.slot else { continue };
            match signature
                .slots
                .iter()
                .position(|known| known.name == slot.value)
            {
                Some(at) if at < positional => {
                    let mistake = Mistake::PositionalAndNamed {
                        node: node.id.value.clone(),
                        slot: slot.value.clone(),
                        again: "by name",
                    };
                    self.problems.push(slot.place, mistake);
                }
                Some(_) => {}
                None if signature.more_named => {}
                None => {
                    let why = early.as_ref().and_then(|(_, inputs)| {
                        match inputs.get(&slot.value).map(|input| input.scope) {
                            Some(InputScope::Tube) => Some("that input is given once, in `params`"),
                            Some(InputScope::Process) => None,
                            None if nearest(&slot.value, inputs.keys()).is_some() => None,
                            None => Some("it has no such input"),
                        }
                    });
                    if let (Some((tube, _)), Some(why)) = (&early, why) {
                        let mistake = Mistake::IgnoredByTube {
                            node: node.id.value.clone(),
                            tube: tube.clone(),
                            name: slot.value.clone(),
                            why,
                        };
                        self.problems.push(slot.place, mistake);
                        continue;
                    }
                    let known: Vec<Name> = signature
                        .slots
                        .iter()
                        .map(|slot| slot.name.clone())
                        .collect();
                    let near = nearest(&slot.value, &known);
                    meant.extend(near.clone());
                    let mistake = Mistake::UnknownSlot {
                        node: node.id.value.clone(),
                        type_name: type_name.clone(),
                        slot: slot.value.clone(),
                        near,
                        known,
                    };
                    self.problems.push(slot.place, mistake);
                }
            }
        }
        self.unfed(node, kind, &signature, positional, &meant);
    }

    /// Whether it could be started again, if that is asked for.
    fn restart(&mut self, node: &NodeSpec, signature: &Signature) {
        let restart = node.supervision.restart.unwrap_or_default();
        if restart.when != RestartWhen::Never
            && node.stateful.unwrap_or(signature.stateful)
            && !signature.restorable
        {
            let mistake = Mistake::RestartForgets {
                node: node.id.value.clone(),
            };
            self.problems.push(node.id.place, mistake);
        }
    }

    /// Looks at the items without a slot name, and gives their number.
    fn positional(
        &mut self,
        node: &NodeSpec,
        kind: TubeNodeKind,
        signature: &Signature,
        type_name: &Name,
    ) -> usize {
        let items: Vec<&Dependency> = node
            .depends
            .iter()
            .filter(|item| item.slot.is_none())
            .collect();
        let takes = match kind {
            // The others by name only.
            TubeNodeKind::Gather => 1,
            _ => signature.slots.len(),
        };
        if items.len() > takes && !signature.more_positional {
            let known: Vec<Name> = signature
                .slots
                .iter()
                .map(|slot| slot.name.clone())
                .collect();
            let mistake = Mistake::TooManyPositional {
                node: node.id.value.clone(),
                type_name: type_name.clone(),
                takes: match takes {
                    0 => "no values".into(),
                    1 => "1 value".into(),
                    _ => format!("{takes} values"),
                },
                given: items.len(),
                known,
            };
            self.problems.push(items[takes].place, mistake);
        }
        for slot in signature.slots.iter().take(items.len()) {
            if let Some(param) = node.params.get(&slot.name)
                && signature.params.iter().any(|known| known.name == slot.name)
            {
                let mistake = Mistake::PositionalAndNamed {
                    node: node.id.value.clone(),
                    slot: slot.name.clone(),
                    again: "set in `params`",
                };
                self.problems.push(param.key, mistake);
            }
        }
        items.len()
    }

    fn unfed(
        &mut self,
        node: &NodeSpec,
        kind: TubeNodeKind,
        signature: &Signature,
        positional: usize,
        meant: &[Name],
    ) {
        let Some(type_name) = node.type_name.as_ref().filter(|_| !node.lost) else {
            return;
        };
        let named = |name: &Name| {
            node.depends
                .iter()
                .any(|item| item.slot.as_ref().is_some_and(|slot| slot.value == *name))
        };
        for (at, slot) in signature.slots.iter().enumerate() {
            let param = signature.params.iter().any(|param| param.name == slot.name);
            let fed = at < positional
                || named(&slot.name)
                || (param && node.params.contains_key(&slot.name));
            let misspelt = meant.contains(&slot.name)
                || node.params.keys().any(|name| {
                    !known_param(signature, name) && nearest(name, [&slot.name]).is_some()
                });
            if slot.required && !fed && !misspelt {
                let mistake = Mistake::UnfedSlot {
                    node: node.id.value.clone(),
                    type_name: type_name.value.clone(),
                    slot: slot.name.clone(),
                    param,
                };
                self.problems.push(node.id.place, mistake);
            }
        }
        if kind == TubeNodeKind::Gather {
            let n = named(&"n".into())
                || node
                    .params
                    .get("n")
                    .is_some_and(|param| param.value != crate::graph::Value::Null);
            let mistake = match (n, named(&"trigger".into())) {
                (false, false) => Mistake::GatherNever {
                    node: node.id.value.clone(),
                },
                (true, true) => Mistake::GatherBoth {
                    node: node.id.value.clone(),
                },
                _ => return,
            };
            self.problems.push(node.id.place, mistake);
        }
    }

    /// Looks at what an item refers to.
    fn source(&mut self, node: &NodeSpec, item: &Dependency) {
        let spec = self.spec;
        let asked = || node.id.value.clone();
        if spec.lost.names.contains(&item.node) {
            return;
        }
        match &*item.node {
            "input" => {
                self.used_inputs.insert(item.signal.clone());
                if !spec.inputs.contains_key(&item.signal) {
                    self.unknown_input(&node.id.value, &item.signal, item.place, false);
                }
            }
            "assets" => {
                if !spec.assets.contains_key(&item.signal) && !spec.lost.assets {
                    let near = nearest(&item.signal, spec.assets.keys());
                    let mistake = Mistake::UnknownAsset {
                        node: asked(),
                        missing: item.signal.clone(),
                        near,
                    };
                    self.problems.push(item.place, mistake);
                }
            }
            _ => match self.nodes.get(&item.node) {
                None if spec.lost.nodes => {}
                None => {
                    let near = nearest(&item.node, spec.nodes.keys());
                    let known = spec
                        .nodes
                        .keys()
                        .filter(|name| **name != node.id.value && !spec.lost.names.contains(*name))
                        .cloned()
                        .collect();
                    let mistake = Mistake::UnknownNode {
                        node: asked(),
                        missing: item.node.clone(),
                        near,
                        known,
                    };
                    self.problems.push(item.place, mistake);
                }
                Some(Checked {
                    kind: TubeNodeKind::Return,
                    ..
                }) => {
                    self.problems.push(
                        item.place,
                        Mistake::DependsOnReturn {
                            node: item.node.clone(),
                        },
                    );
                }
                Some(Checked {
                    signature: Some(signature),
                    ..
                }) if !signature.signals.contains(&item.signal) => {
                    let known = signature.signals.clone();
                    let type_name = spec
                        .nodes
                        .get(&item.node)
                        .and_then(|node| node.type_name.as_ref());
                    let mistake = Mistake::UnknownSignal {
                        node: item.node.clone(),
                        type_name: type_name.map(|name| name.value.clone()).unwrap_or_default(),
                        signal: item.signal.clone(),
                        near: nearest(&item.signal, &known),
                        known,
                    };
                    self.problems.push(item.place, mistake);
                }
                Some(_) => {}
            },
        }
    }
}

fn known_param(signature: &Signature, name: &str) -> bool {
    signature.params.iter().any(|param| &*param.name == name)
}
