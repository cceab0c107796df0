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
        Self::new("Req", true, true, &["Rep", "Router"]),
        Self::new("Rep", true, true, &["Req", "Dealer"]),
        Self::new("Dealer", true, true, &["Rep", "Dealer", "Router"]),
        Self::new("Router", true, true, &["Req", "Dealer", "Router"]),
        Self::new("Pub", false, true, &["Sub", "XSub"]),
        Self::new("Sub", true, false, &["Pub", "XPub"]),
        Self::new("XPub", true, true, &["Sub", "XSub"]),
        Self::new("XSub", true, false, &["Pub", "XPub"]),
        Self::new("Push", false, true, &["Pull"]),
        Self::new("Pull", true, false, &["Push"]),
    ];

    /// Describes a kind: its name, whether it receives and sends, and the kinds that it links to.
    const fn new(
        name: &'static str,
        receives: bool,
        sends: bool,
        peers: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            receives,
            sends,
            peers,
        }
    }

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
