//! The events of a call, for nodes that ask for them.

use indexmap::IndexMap;

use super::Argument;
use crate::graph::{Event, Name, SlotEvent, SlotRef};

/// The events that a call is made of, by slot, in the order of the file: what was said, by which node, on which signal, in which epoch, and when.
///
/// A `#[node]` with an argument of this type is given it; no tube feeds that argument. What comes from `input`, from `params` or from a
/// default is no event, and a slot to which nothing came has none.
///
/// ```
/// use noob_zmq::node::EventMap;
///
/// /// Says how old the picture is, in microseconds.
/// #[noob_zmq::node(name = "camera.age")]
/// fn age(picture: Vec<u8>, events: &EventMap) -> Option<i64> {
///     let now = noob_zmq::graph::Timestamp::from_system(std::time::SystemTime::now());
///     Some(now.as_micros() - events.get("picture")?.timestamp.as_micros())
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventMap {
    events: IndexMap<Name, Event>,
}

impl EventMap {
    /// By the names of the slots, which an event that was led to a position does not have itself.
    pub(super) fn new(fed: &[SlotEvent], slots: &[Argument]) -> Self {
        let position = |at: usize| slots.get(at).map(|slot| Name::from(slot.name));
        let named = fed.iter().filter_map(|fed| {
            let slot = match &fed.slot {
                SlotRef::Name(name) => name.clone(),
                SlotRef::Scalar => position(0)?,
                SlotRef::Position(at) => position(*at)?,
            };
            Some((slot, fed.event.clone()))
        });
        Self {
            events: named.collect(),
        }
    }

    /// The event that came to this slot.
    #[must_use]
    pub fn get(&self, slot: &str) -> Option<&Event> {
        self.events.get(slot)
    }

    /// All of them, with their slots.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Event)> {
        self.events.iter()
    }

    /// How many slots something came to.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether nothing came.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}
