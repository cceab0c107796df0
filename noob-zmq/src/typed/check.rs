//! Checks of a tube that need the node types, evaluated by the compiler.
//!
//! A check that fails stops the build with a text that names file, line and node.

use super::ResolvedNode;
use crate::const_text::{ConstText, same};
use crate::node::macro_support::types::{
    ABSENT, REMAINING, argument_at, param_at, signal_at, slot_at,
};
use crate::node::{Argument, NodeKind, NodeType};

/// A node of a tube file, for messages.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// `file:line:column` of the piece of text to change.
    pub at: &'static str,
    /// Name of the node.
    pub node: &'static str,
    /// Type of the node, as written.
    pub type_name: &'static str,
}

impl Place {
    /// Creates a place in the entry of a node.
    #[must_use]
    pub const fn new(at: &'static str, node: &'static str, type_name: &'static str) -> Self {
        Self {
            at,
            node,
            type_name,
        }
    }
}

impl ConstText {
    /// Starts with the place of a node in its tube file.
    const fn of(place: Place) -> Self {
        let text = Self::new(place.at).and(": node `").and(place.node);
        text.and("` (").and(place.type_name).and(")")
    }

    /// Appends the names of arguments as a list, or `none` if there are none.
    const fn arguments(mut self, arguments: &[Argument], none: &str) -> Self {
        if arguments.is_empty() {
            return self.and(none);
        }
        let mut at = 0;
        while at < arguments.len() {
            self = self.between(at, arguments.len());
            self = self.quoted(&[arguments[at].name]);
            at += 1;
        }
        self
    }
}

/// Returns whether the node was found; if not, only that is reported.
const fn is_there(node: &NodeType) -> bool {
    !node.ident.is_empty()
}

/// Checks that a node was found at the path of its name, and has this name in tubes.
///
/// # Panics
/// With the text `absent` if the node was not found; with `other` and its name if it has another
/// one.
#[track_caller]
pub const fn resolved<N: ResolvedNode>(name: &str, absent: &str, other: &str) {
    let node = N::TYPE;
    if !is_there(node) {
        panic!("{}", absent);
    }
    if let Some(given) = node.given_name
        && !same(given, name)
    {
        ConstText::new(other).and("`").and(given).and("`").fail();
    }
}

/// Type of a node that was not found.
pub(crate) static NOT_FOUND: NodeType = NodeType::not_found();

/// Checks that a node with `depends` is no source.
///
/// # Panics
/// The node is a source.
#[track_caller]
pub const fn takes_dependencies<N: ResolvedNode>(place: Place) {
    let node = N::TYPE;
    if is_there(node) && matches!(node.kind, NodeKind::Source) {
        ConstText::of(place)
            .and(" is a source: it takes no `depends`; its parameters are ")
            .arguments(node.params, "none")
            .fail();
    }
}

/// Checks that a slot that `depends` feeds by name exists.
///
/// # Panics
/// The node has none of that name.
#[track_caller]
pub const fn slot<N: ResolvedNode>(place: Place, name: &str) {
    let node = N::TYPE;
    if is_there(node) && !is_source(node) && slot_at(node, name) == ABSENT {
        let text = ConstText::of(place).and(" has no slot `").and(name);
        text.and("`; it has ").arguments(node.slots, "none").fail();
    }
}

/// Checks that a slot that `depends` feeds by position exists.
///
/// # Panics
/// The node has fewer slots.
#[track_caller]
pub const fn position<N: ResolvedNode>(place: Place, position: usize) {
    let node = N::TYPE;
    if is_there(node) && !is_source(node) && position >= node.slots.len() {
        let text = ConstText::of(place).and(" takes fewer values by position: it has ");
        text.arguments(node.slots, "no slots").fail();
    }
}

/// Checks that a signal that something depends on exists.
///
/// # Panics
/// The node has none of that name.
#[track_caller]
pub const fn signal<N: ResolvedNode>(place: Place, name: &str) {
    let node = N::TYPE;
    if is_there(node) && signal_at(node, name) == ABSENT {
        let mut text = ConstText::of(place).and(" has no signal `").and(name);
        text = text.and("`; it has ");
        let mut at = 0;
        while at < node.signals.len() {
            text = text.between(at, node.signals.len());
            text = text.and("`").and(node.signals[at].name).and("`");
            at += 1;
        }
        text.fail();
    }
}

/// Checks that a parameter that `params` sets exists.
///
/// # Panics
/// The node has none of that name.
#[track_caller]
pub const fn param<N: ResolvedNode>(place: Place, name: &str) {
    let node = N::TYPE;
    if is_there(node) && param_at(node, name) == ABSENT {
        let mut text = ConstText::of(place).and(" has no parameter `").and(name);
        text = text.and("`; it has ").arguments(node.params, "none");
        if slot_at(node, name) != ABSENT {
            text = text.and("; `").and(name);
            text = text.and("` is a slot, which `depends` feeds");
        }
        text.fail();
    }
}

/// Checks that every slot and parameter that must have a value is given one.
///
/// Values come from `depends`, by name or by position, or from `params`.
///
/// # Panics
/// A slot or parameter is not given.
#[track_caller]
pub const fn nothing_unfed<N: ResolvedNode>(
    place: Place,
    by_position: usize,
    by_name: &[&str],
    params: &[&str],
) {
    let node = N::TYPE;
    // A name that is not there was reported, and probably meant what seems to be missing.
    if !is_there(node) || one_is_absent(node.slots, by_name) || one_is_absent(node.params, params) {
        return;
    }
    let mut at = 0;
    while at < node.slots.len() {
        let slot = &node.slots[at];
        // `params` of a block are not its slots.
        let set = !matches!(node.kind, NodeKind::Class) && contains(params, slot.name);
        if slot.required() && at >= by_position && !contains(by_name, slot.name) && !set {
            let text = ConstText::of(place)
                .and(" needs a value for `")
                .and(slot.name);
            text.and("` (").and(slot.type_name).and(")").fail();
        }
        at += 1;
    }
    let mut at = 0;
    while at < node.params.len() && !matches!(node.kind, NodeKind::Function) {
        let param = &node.params[at];
        if param.required() && !contains(params, param.name) {
            let text = ConstText::of(place)
                .and(" needs the parameter `")
                .and(param.name);
            text.and("` (").and(param.type_name).and(")").fail();
        }
        at += 1;
    }
}

/// Type of a signal that feeds a slot, for messages.
#[derive(Debug, Clone, Copy)]
pub struct EmittedType {
    /// The signal as written: `count.index`.
    pub name: &'static str,
    /// Words in front of the type: none, or `an item of `.
    pub before: &'static str,
    /// The type.
    pub type_name: &'static str,
}

impl EmittedType {
    /// Creates the type of a signal.
    #[must_use]
    pub const fn new(name: &'static str, before: &'static str, type_name: &'static str) -> Self {
        Self {
            name,
            before,
            type_name,
        }
    }
}

/// Checks that the types at both ends of an edge fit.
///
/// `slot` is the number of the slot, and `fits` the result of comparing the types.
///
/// # Panics
/// The types do not fit.
#[track_caller]
pub const fn edge<N: ResolvedNode>(place: Place, slot: usize, said: EmittedType, fits: bool) {
    let node = N::TYPE;
    if fits || !is_there(node) || slot == ABSENT {
        return;
    }
    let argument = match node.more_slots {
        Some(rest) if slot == REMAINING => rest,
        _ => &node.slots[slot],
    };
    ConstText::new(place.at)
        .and(": `")
        .and(said.name)
        .and("` is ")
        .and(said.before)
        .and("`")
        .and(said.type_name)
        .and("`, and slot `")
        .and(argument.name)
        .and("` of node `")
        .and(place.node)
        .and("` (")
        .and(place.type_name)
        .and(") takes `")
        .and(argument.type_name)
        .and("` (types of your own say what they go into: `noob_zmq::typed::AssignableTo`)")
        .fail();
}

/// Returns the type of a signal as written, for messages.
#[must_use]
pub const fn type_of_signal<N: ResolvedNode>(name: &str) -> &'static str {
    let node = N::TYPE;
    let at = signal_at(node, name);
    if at == ABSENT {
        "Value"
    } else {
        node.signals[at].type_name
    }
}

const fn one_is_absent(arguments: &[Argument], names: &[&str]) -> bool {
    let mut at = 0;
    while at < names.len() {
        if argument_at(arguments, false, names[at]) == ABSENT {
            return true;
        }
        at += 1;
    }
    false
}

const fn is_source(node: &NodeType) -> bool {
    matches!(node.kind, NodeKind::Source)
}

const fn contains(names: &[&str], name: &str) -> bool {
    let mut at = 0;
    while at < names.len() {
        if same(names[at], name) {
            return true;
        }
        at += 1;
    }
    false
}
