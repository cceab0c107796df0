//! The types on both ends of every dependency.

use indexmap::IndexMap;

use super::checker::{Checked, Checker};
use crate::graph::spec::{Dependency, DiagnosticKind, NodeSpec, TypeEdge};
use crate::graph::{Fit, Input, Name, SignalType, TubeNodeKind, TypeShape, Value, fit};

/// Limit of the maps and gathers in a row through which types are followed.
const FARTHEST: usize = 64;

/// Type of the values of a signal: for messages, and as a shape.
struct Carried {
    text: String,
    shape: TypeShape,
}

impl Carried {
    fn unknown() -> Self {
        Self {
            text: "anything".to_owned(),
            shape: TypeShape::Unknown,
        }
    }

    fn written(written: &str, shape: TypeShape) -> Self {
        Self {
            text: format!("`{written}`"),
            shape,
        }
    }
}

/// Type of the values that a slot takes: for messages, and as a shape.
struct Taken<'a> {
    slot: &'a Name,
    written: &'a str,
    shape: &'a TypeShape,
}

impl Checker<'_> {
    /// Compares the types on both ends of every dependency between nodes that can run.
    pub(super) fn types(&mut self) {
        let spec = self.spec;
        for node in spec.nodes.values() {
            let mut position = 0;
            for item in &node.depends {
                let place = item.slot.is_none().then(|| {
                    position += 1;
                    position - 1
                });
                if let Some(kind) = self.edge(node, item, place) {
                    self.diagnostics.push(item.place, kind);
                }
            }
        }
    }

    /// Returns the mistake in a dependency, or the warning that not every value fits.
    fn edge(
        &self,
        node: &NodeSpec,
        item: &Dependency,
        position: Option<usize>,
    ) -> Option<DiagnosticKind> {
        let target = self.nodes.get(&node.id.value)?;
        let disabled = |node: &Checked| !node.enabled;
        if disabled(target) || self.nodes.get(&item.node).is_some_and(disabled) {
            return None;
        }
        let taken = taken(target, item, position)?;
        let carried = self.carried(&item.node, &item.signal, FARTHEST);
        let fit = if target.kind == TubeNodeKind::Map {
            items_of(&carried.shape)
        } else {
            fit(&carried.shape, taken.shape)
        };
        let edge = |reason| TypeEdge {
            source_signal: format!("{}.{}", item.node, item.signal),
            emits: carried.text.clone(),
            node: node.id.value.clone(),
            slot: taken.slot.clone(),
            takes: taken.written.to_owned(),
            reason,
        };
        match fit {
            Fit::Fits => None,
            // A value is made one of the type that the input of a tube inside has, where it stands
            // for one: a text such as `"2"` stands for an integer.
            Fit::Never(reason) if target.kind != TubeNodeKind::Tube => {
                Some(DiagnosticKind::TypeMismatch(Box::new(edge(reason))))
            }
            Fit::Narrows(reason) | Fit::Never(reason) => {
                Some(DiagnosticKind::TypeNarrows(Box::new(edge(reason))))
            }
        }
    }

    /// Returns the type of a signal, as far as it is known.
    fn carried(&self, node: &str, signal: &str, farthest: usize) -> Carried {
        if node == "input" {
            return self.declared_input(signal);
        }
        let (Some(spec), Some(checked)) = (self.spec.nodes.get(node), self.nodes.get(node)) else {
            return Carried::unknown();
        };
        let fed = || match spec.value_source() {
            Some(item) if farthest > 0 => self.carried(&item.node, &item.signal, farthest - 1),
            _ => Carried::unknown(),
        };
        match checked.kind {
            TubeNodeKind::Typed | TubeNodeKind::Tube => {
                let signature = checked.signature.as_ref();
                match signature.and_then(|signature| signature.signal_types.get(signal)) {
                    Some(said) => Carried::written(&said.written, said.shape.clone()),
                    None => Carried::unknown(),
                }
            }
            TubeNodeKind::Map if signal == "n" => Carried::written("int", TypeShape::Int(None)),
            TubeNodeKind::Map => {
                let whole = fed();
                Carried {
                    shape: whole.shape.items().unwrap_or_default(),
                    text: item_of(&whole.text),
                }
            }
            TubeNodeKind::Gather => {
                let each = fed();
                let flat = checked.params.get("flatten") == Some(&Value::Bool(true));
                let (item, text) = if flat {
                    (each.shape.items().unwrap_or_default(), item_of(&each.text))
                } else {
                    (each.shape, each.text)
                };
                Carried {
                    shape: TypeShape::list(item),
                    text: list_of(&text),
                }
            }
            TubeNodeKind::Return => Carried::unknown(),
        }
    }

    fn declared_input(&self, name: &str) -> Carried {
        let Some(input) = self.spec.inputs.get(name) else {
            return Carried::unknown();
        };
        Carried::written(&input.type_name, Input::from(input).shape)
    }

    /// Returns the types of the results, as the signals of a node that holds the tube.
    ///
    /// Below a `map` there may be one value or a list of them, so nothing is known there.
    pub(super) fn returned(&self) -> IndexMap<Name, SignalType> {
        let is = |kind| {
            move |node: &&NodeSpec| {
                let checked = self.nodes.get(&node.id.value);
                checked.is_some_and(|checked| checked.kind == kind)
            }
        };
        let nodes = &self.spec.nodes;
        let found = nodes.values().find(is(TubeNodeKind::Return));
        let Some(node) = found.filter(|_| !nodes.values().any(|node| is(TubeNodeKind::Map)(&node)))
        else {
            return IndexMap::new();
        };
        let keyed = node.depends.iter().any(|item| item.slot.is_some());
        let types = node.depends.iter().filter_map(|item| {
            let name = match &item.slot {
                Some(slot) => slot.value.clone(),
                None if node.scalar && !keyed => "value".into(),
                None => return None,
            };
            let carried = self.carried(&item.node, &item.signal, FARTHEST);
            let said = SignalType {
                written: carried.text.trim_matches('`').into(),
                shape: carried.shape,
            };
            Some((name, said))
        });
        types.collect()
    }
}

/// Returns the text for an item of a type: `` `int` `` for `` `list[int]` ``.
fn item_of(text: &str) -> String {
    let inside = text.trim_matches('`');
    let inside = inside
        .strip_suffix([']', '>'])
        .and_then(|text| text.split_once(['[', '<']));
    match inside {
        Some((_, item)) if !item.contains(',') => format!("`{item}`"),
        _ => format!("an item of {text}"),
    }
}

/// Returns the text for a list of a type, or the same text before it becomes too long.
fn list_of(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.len() > LONGEST {
        return text.to_owned();
    }
    format!("a list of {text}")
}

/// Returns the type of the slot that an item feeds.
fn taken<'a>(
    target: &'a Checked,
    item: &'a Dependency,
    position: Option<usize>,
) -> Option<Taken<'a>> {
    let signature = target.signature.as_ref()?;
    let declared = match (&item.slot, position) {
        (Some(slot), _) => signature
            .slots
            .iter()
            .find(|known| known.name == slot.value),
        (None, Some(position)) => signature.slots.get(position),
        (None, None) => None,
    };
    if let Some(slot) = declared {
        return Some(Taken {
            slot: &slot.name,
            written: &slot.type_name,
            shape: &slot.shape,
        });
    }
    let (written, shape) = signature.more_shape.as_ref()?;
    Some(Taken {
        slot: &item.slot.as_ref()?.value,
        written,
        shape,
    })
}

/// Returns whether a `map` can take such values apart.
fn items_of(shape: &TypeShape) -> Fit {
    match shape {
        TypeShape::Option(inner) => match items_of(inner) {
            Fit::Fits => Fit::Narrows("it may be null, which has no items".to_owned()),
            other => other,
        },
        shape if shape.items().is_none() => Fit::Never(format!("{} has no items", shape.noun())),
        _ => Fit::Fits,
    }
}
