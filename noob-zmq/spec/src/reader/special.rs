//! The node types that every tube has: `return`, `map`, `gather` and `tube`.

use super::{Interface, Name, Slot, TubeNodeKind};

/// Names of the special types.
pub const NAMES: [&str; 4] = ["return", "map", "gather", "tube"];

/// Returns the interface of a special type; `None` for types of which the program has to know it.
#[must_use]
pub fn interface(kind: TubeNodeKind) -> Option<Interface> {
    let slot = |name: &str, required| Slot {
        name: name.into(),
        required,
    };
    let names = |names: &[&str]| names.iter().map(|&name| Name::from(name)).collect();
    match kind {
        // The slots have any names, and there is any number of items by position. The one signal is
        // never emitted.
        TubeNodeKind::Return => Some(Interface {
            signals: names(&["value"]),
            more_positional: true,
            more_named: true,
            ..Interface::default()
        }),
        TubeNodeKind::Map => Some(Interface {
            slots: vec![slot("value", true)],
            signals: names(&["value", "n"]),
            ..Interface::default()
        }),
        TubeNodeKind::Gather => Some(Interface {
            slots: vec![
                slot("value", true),
                slot("trigger", false),
                slot("n", false),
            ],
            params: names(&["n", "flatten"]),
            signals: names(&["value"]),
            ..Interface::default()
        }),
        TubeNodeKind::Tube | TubeNodeKind::Typed => None,
    }
}
