//! The ten kinds of socket by the names of their types, with the rules of ZMTP (RFC 28 to 30).

use syn::Type;

/// Kind of socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) receives: bool,
    pub(crate) sends: bool,
    pub(crate) peers: &'static [&'static str],
}

impl Kind {
    /// All kinds.
    pub(crate) const ALL: [Self; 10] = [
        Self {
            name: "Req",
            receives: true,
            sends: true,
            peers: &["Rep", "Router"],
        },
        Self {
            name: "Rep",
            receives: true,
            sends: true,
            peers: &["Req", "Dealer"],
        },
        Self {
            name: "Dealer",
            receives: true,
            sends: true,
            peers: &["Rep", "Dealer", "Router"],
        },
        Self {
            name: "Router",
            receives: true,
            sends: true,
            peers: &["Req", "Dealer", "Router"],
        },
        Self {
            name: "Pub",
            receives: false,
            sends: true,
            peers: &["Sub", "XSub"],
        },
        Self {
            name: "Sub",
            receives: true,
            sends: false,
            peers: &["Pub", "XPub"],
        },
        Self {
            name: "XPub",
            receives: true,
            sends: true,
            peers: &["Sub", "XSub"],
        },
        Self {
            name: "XSub",
            receives: true,
            sends: false,
            peers: &["Pub", "XPub"],
        },
        Self {
            name: "Push",
            receives: false,
            sends: true,
            peers: &["Pull"],
        },
        Self {
            name: "Pull",
            receives: true,
            sends: false,
            peers: &["Push"],
        },
    ];

    /// Returns the kind called `name`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name == name)
    }

    /// Returns the kind that has the name of the type.
    ///
    /// A type that was renamed on import has none, and is checked by its constants instead.
    pub(crate) fn of_type(ty: &Type) -> Option<Self> {
        let Type::Path(path) = ty else { return None };
        Self::named(&path.path.segments.last()?.ident.to_string())
    }

    /// Returns `a` or `an`, as the name of the kind asks for.
    pub(crate) fn article(self) -> &'static str {
        if self.name.starts_with('X') {
            "an"
        } else {
            "a"
        }
    }
}
