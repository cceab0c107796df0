//! Events of a call, for nodes that request them.

use indexmap::IndexMap;

use super::Argument;
use crate::graph::{Event, Name, SlotEvent, SlotRef};

/// Events of a call by slot, in the order of the file: node, signal, epoch, time and value of each.
///
/// A `#[node]` receives them in an argument of this type, which no tube feeds. Values from `input`,
/// from `params` or from a default have no event; neither has a slot without a value.
///
/// ```
/// use noob_zmq::node::EventMap;
///
/// /// Emits the age of the picture, in microseconds.
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

    /// Returns the number of slots that have an event.
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
