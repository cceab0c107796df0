//! Types of the arguments and signals of a node type, for the compiler, by number.
//!
//! `#[node]` generates an alias of [`NodeTypeInfo`] beside each node, which `tube!` uses. A number
//! is found by the name in the [`NodeType`]: [`slot_at`], [`param_at`], [`signal_at`].

use std::marker::PhantomData;

use serde::Serialize;

use super::RemainingSlots;
use crate::const_text::same;
use crate::graph::{Emit, Map, Value};
use crate::node::{Argument, NodeType, Output};

/// Number of a name that does not exist.
///
/// Its type is [`Value`], which matches everything, so that only the missing name is reported.
pub const ABSENT: usize = usize::MAX;

/// The number of a name that the rest of the slots, or of the parameters, takes.
pub const REMAINING: usize = usize::MAX - 1;

/// Number of an argument after the first 32.
///
/// Its type is [`Value`]: `tube!` accepts everything, and the type is checked when the tube is
/// loaded.
pub const BEYOND_NUMBERED: usize = usize::MAX - 2;

/// Count of arguments that have a number of their own.
const NUMBERED: usize = 32;

/// Types of a node: its slots, its parameters (of a function, the same), and its result without
/// `Result`.
pub struct NodeTypeInfo<Slots, Params, Returned>(PhantomData<(Slots, Params, Returned)>);

/// Types of arguments: a tuple of those with a name of their own ([`Concat`], if there are more
/// than eight), and the type for the others.
pub struct Arguments<Named, More = Map>(PhantomData<(Named, More)>);

/// An alias of [`NodeTypeInfo`], by its parts.
pub trait TypedNode {
    /// Its [`Arguments`] that `depends` feeds.
    type Slots;
    /// Its [`Arguments`] that `params` sets.
    type Params;
    /// Type of the result or, for a source, of the items of its iterator.
    type Returned: Output;
}

impl<Slots, Params, Returned: Output> TypedNode for NodeTypeInfo<Slots, Params, Returned> {
    type Slots = Slots;
    type Params = Params;
    type Returned = Returned;
}

/// The type of the argument of this number; of an `Option<T>`, the `T`.
pub trait SlotAt<const AT: usize> {
    /// The type.
    type Type;
}

impl<Named, More: RemainingSlots> SlotAt<REMAINING> for Arguments<Named, More> {
    type Type = More::Item;
}

impl<Named, More> SlotAt<ABSENT> for Arguments<Named, More> {
    type Type = Value;
}

impl<Named, More> SlotAt<BEYOND_NUMBERED> for Arguments<Named, More> {
    type Type = Value;
}

/// Type of the value on the signal with this number; of an `Emit<T>`, the `T`.
pub trait SignalAt<const AT: usize> {
    /// The type.
    type Type;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> SignalAt<0> for T {
    type Type = T;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> SignalAt<0> for Emit<T> {
    type Type = T;
}

#[diagnostic::do_not_recommend]
impl<T: Output> SignalAt<ABSENT> for T {
    type Type = Value;
}

macro_rules! arguments {
    ($(($($name:ident $at:literal),+))*) => {$(
        arguments!(@each [$($name),+] $($name $at),+);
    )*};
    (@each $all:tt $($name:ident $at:literal),+) => {$(
        arguments!(@one $all $name $at);
    )+};
    (@one [$($all:ident),+] $name:ident $at:literal) => {
        impl<$($all,)+ More> SlotAt<$at> for Arguments<($($all,)+), More> {
            type Type = $name;
        }
    };
}

arguments! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
}

/// Eight arguments as a tuple, and those behind them.
pub struct Concat<Eight, Others>(PhantomData<(Eight, Others)>);

/// The first eight are those of the tuple, and each further one is one of the others.
macro_rules! then {
    ($($at:literal),+; $($behind:literal is $other:literal),+) => {
        $(
            impl<Eight, Others, More> SlotAt<$at> for Arguments<Concat<Eight, Others>, More>
            where
                Arguments<Eight, More>: SlotAt<$at>,
            {
                type Type = <Arguments<Eight, More> as SlotAt<$at>>::Type;
            }
        )+
        $(
            impl<Eight, Others, More> SlotAt<$behind> for Arguments<Concat<Eight, Others>, More>
            where
                Arguments<Others, More>: SlotAt<$other>,
            {
                type Type = <Arguments<Others, More> as SlotAt<$other>>::Type;
            }
        )+
    };
}

then! {
    0, 1, 2, 3, 4, 5, 6, 7;
    8 is 0, 9 is 1, 10 is 2, 11 is 3, 12 is 4, 13 is 5, 14 is 6, 15 is 7,
    16 is 8, 17 is 9, 18 is 10, 19 is 11, 20 is 12, 21 is 13, 22 is 14, 23 is 15,
    24 is 16, 25 is 17, 26 is 18, 27 is 19, 28 is 20, 29 is 21, 30 is 22, 31 is 23
}

/// The number of the slot of this name.
#[must_use]
pub const fn slot_at(node: &NodeType, name: &str) -> usize {
    argument_at(node.slots, node.more_slots.is_some(), name)
}

/// The number of the slot that is fed by the item of this number.
#[must_use]
pub const fn slot_by_position(node: &NodeType, position: usize) -> usize {
    if position < node.slots.len() {
        number(position)
    } else {
        ABSENT
    }
}

/// The number of the parameter of this name.
#[must_use]
pub const fn param_at(node: &NodeType, name: &str) -> usize {
    argument_at(node.params, node.more_params.is_some(), name)
}

/// The number of the signal of this name.
#[must_use]
pub const fn signal_at(node: &NodeType, name: &str) -> usize {
    let mut at = 0;
    while at < node.signals.len() {
        if same(node.signals[at].name, name) {
            return at;
        }
        at += 1;
    }
    ABSENT
}

pub(crate) const fn argument_at(arguments: &[Argument], has_rest: bool, name: &str) -> usize {
    let mut at = 0;
    while at < arguments.len() {
        if same(arguments[at].name, name) {
            return number(at);
        }
        at += 1;
    }
    if has_rest { REMAINING } else { ABSENT }
}

const fn number(at: usize) -> usize {
    if at < NUMBERED { at } else { BEYOND_NUMBERED }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[noob_zmq::node(name = "known.function")]
    fn function(
        left: i64,
        epoch: &crate::graph::Epoch,
        right: Option<String>,
        #[slot(rest)] others: BTreeMap<String, f32>,
    ) -> Result<Emit<u8>, String> {
        let _ = (left, epoch, right, others);
        Ok(Emit::Nothing)
    }

    #[derive(noob_zmq::Signals)]
    struct Two {
        first: bool,
        second: Emit<char>,
    }

    struct Class;

    #[noob_zmq::node(name = "known.class")]
    impl Class {
        fn new(#[slot(default)] size: u16) -> Self {
            let _ = size;
            Self
        }

        #[process]
        fn process(&mut self, number: i8) -> Two {
            Two {
                first: number > 0,
                second: Emit::Nothing,
            }
        }
    }

    #[noob_zmq::node(name = "known.source")]
    fn source(limit: u32) -> impl Iterator<Item = std::io::Result<u32>> {
        (0..limit).map(Ok)
    }

    fn name<T>() -> &'static str {
        std::any::type_name::<T>()
    }

    type Slot<K, const AT: usize> = <<K as TypedNode>::Slots as SlotAt<AT>>::Type;
    type Param<K, const AT: usize> = <<K as TypedNode>::Params as SlotAt<AT>>::Type;
    type Signal<K, const AT: usize> = <<K as TypedNode>::Returned as SignalAt<AT>>::Type;

    #[test]
    fn names_resolve_to_types_at_compile_time() {
        const FUNCTION: &NodeType = __noob_node_function;
        const LEFT: usize = slot_at(FUNCTION, "left");
        const RIGHT: usize = param_at(FUNCTION, "right");
        const OTHER: usize = slot_at(FUNCTION, "epoch");
        const VALUE: usize = signal_at(FUNCTION, "value");
        assert_eq!(name::<Slot<__noob_node_function, LEFT>>(), name::<i64>());
        assert_eq!(
            name::<Param<__noob_node_function, RIGHT>>(),
            name::<String>()
        );
        assert_eq!((RIGHT, OTHER), (1, REMAINING), "an epoch is no slot");
        assert_eq!(name::<Slot<__noob_node_function, OTHER>>(), name::<f32>());
        assert_eq!(name::<Signal<__noob_node_function, VALUE>>(), name::<u8>());
    }

    #[test]
    fn types_of_blocks_and_sources_resolve() {
        const CLASS: &NodeType = __noob_node_Class;
        const SECOND: usize = signal_at(CLASS, "second");
        const NUMBER: usize = slot_at(CLASS, "number");
        const SIZE: usize = param_at(CLASS, "size");
        assert_eq!(name::<Signal<__noob_node_Class, SECOND>>(), name::<char>());
        assert_eq!(name::<Slot<__noob_node_Class, NUMBER>>(), name::<i8>());
        assert_eq!(name::<Param<__noob_node_Class, SIZE>>(), name::<u16>());
        const SOURCE: &NodeType = __noob_node_source;
        const VALUE: usize = signal_at(SOURCE, "value");
        assert_eq!(name::<Signal<__noob_node_source, VALUE>>(), name::<u32>());
        assert_eq!(slot_at(SOURCE, "limit"), ABSENT);
        assert_eq!(param_at(SOURCE, "limit"), 0);
    }

    #[test]
    fn missing_name_resolves_to_any_type() {
        const VALU: usize = signal_at(__noob_node_source, "valu");
        assert_eq!(VALU, ABSENT);
        assert_eq!(name::<Signal<__noob_node_source, VALU>>(), name::<Value>());
        assert_eq!(name::<Slot<__noob_node_source, VALU>>(), name::<Value>());
    }
}
