//! The tree of a text to the raw form of a tube: checks keys, kinds of values and names.

mod entry;
mod node;
mod supervision;

use std::collections::HashSet;

use indexmap::IndexMap;

use super::keys::{self, Key};
use super::yaml::{Data, Mapping, Pair, Scalar, Yaml};
use super::{DiagnosticKind, Diagnostics, Name, Place, Skipped, Spanned, TubeSpec, coerce};
use crate::names::{MAX_NAME, RESERVED, is_identifier, is_path};
use crate::suggest::nearest;

/// Owner of the keys of the whole file, in messages.
const A_TUBE: &str = "a tube";

/// Reads the raw form of a tube from its tree; `None` if it is no tube at all.
pub(super) fn tube(yaml: &Yaml, diagnostics: &mut Diagnostics) -> Option<TubeSpec> {
    let Data::Map(map) = &yaml.data else {
        diagnostics.push(
            yaml.place,
            if yaml.is_null() {
                DiagnosticKind::Empty
            } else {
                DiagnosticKind::NotATube {
                    found: yaml.describe(),
                }
            },
        );
        return None;
    };
    let mut shape = Shape {
        diagnostics,
        bad_names: HashSet::new(),
    };
    shape.known_keys(map, A_TUBE, keys::TUBE);
    let mut spec = TubeSpec {
        sources: Vec::new(),
        id: shape.tube_id(map, yaml.place),
        model: shape
            .text(map, "noob_model", "`noob_model`")
            .map(|model| shape.path("noob_model", model).value),
        version: shape
            .text(map, "noob_version", "`noob_version`")
            .map(|version| version.value),
        description: shape.description(map, "the tube"),
        extends: shape.extends(map),
        inputs: IndexMap::new(),
        assets: IndexMap::new(),
        nodes: IndexMap::new(),
        skipped: Skipped::default(),
    };
    let skipped = &mut spec.skipped;
    spec.inputs = shape.entries(map, "input", Shape::input, &mut skipped.inputs);
    spec.assets = shape.entries(map, "assets", Shape::asset, &mut skipped.assets);
    match shape.section(map, "nodes") {
        Some(nodes) => {
            for (key, pair) in nodes {
                if !shape.name(key, pair.key, &pair.key_value, "a node") {
                    shape.bad_names.insert(key.clone());
                }
            }
            spec.skipped.names.clone_from(&shape.bad_names);
            for (key, pair) in nodes {
                spec.nodes.insert(key.clone(), shape.node(key, pair));
            }
        }
        None => spec.skipped.nodes = true,
    }
    Some(spec)
}

/// Reader of the parts of a tube, which reports the mistakes in each.
struct Shape<'a> {
    diagnostics: &'a mut Diagnostics,
    /// Names of nodes that were rejected, so that references to them are not.
    bad_names: HashSet<Name>,
}

impl Shape<'_> {
    pub(super) fn known_keys(&mut self, map: &Mapping, owner: &'static str, known: &'static [Key]) {
        for (key, pair) in map {
            // Such a key of a tube holds values with anchors, which other places repeat.
            let holds_anchors = owner == A_TUBE && key.starts_with("x-");
            if !holds_anchors && !known.iter().any(|known| known.name == &**key) {
                let kind = DiagnosticKind::UnknownKey {
                    owner,
                    key: key.clone(),
                    known: keys::names(known),
                };
                self.diagnostics.push(pair.key, kind);
            }
        }
    }

    pub(super) fn wrong_kind(
        &mut self,
        pair: &Pair,
        what: impl Into<String>,
        expected: &'static str,
    ) {
        let kind = DiagnosticKind::WrongKind {
            what: what.into(),
            expected,
            found: pair.value.describe(),
        };
        self.diagnostics.push(pair.value_place(), kind);
    }

    /// Returns what was read of a value, or reports that the value is of another kind.
    pub(super) fn expect<T>(
        &mut self,
        read: Option<T>,
        pair: &Pair,
        what: impl Into<String>,
        expected: &'static str,
    ) -> Option<T> {
        if read.is_none() {
            self.wrong_kind(pair, what, expected);
        }
        read
    }

    /// Returns the text behind a key, if the key is there and has one.
    pub(super) fn text(&mut self, map: &Mapping, key: &str, what: &str) -> Option<Spanned<Name>> {
        let pair = map.get(key)?;
        let text = self.expect(pair.value.as_text(), pair, what, "a text")?;
        Some(Spanned::new(text.clone(), pair.value.place))
    }

    pub(super) fn description(&mut self, map: &Mapping, owner: &str) -> Option<String> {
        written(map, "description")?;
        self.text(map, "description", &format!("`description` of {owner}"))
            .map(|text| text.value.to_string())
    }

    /// Returns the truth value that a value stands for, by the rules of noob.
    pub(super) fn truth(value: &Yaml) -> Option<bool> {
        match &value.data {
            Data::Scalar(value, _) => coerce::truth(value),
            _ => None,
        }
    }

    /// Returns the truth value that a value stands for, or reports that there is none.
    pub(super) fn truth_of(&mut self, pair: &Pair, what: String) -> Option<bool> {
        self.expect(Self::truth(&pair.value), pair, what, "`true` or `false`")
    }

    fn tube_id(&mut self, map: &Mapping, place: Place) -> Spanned<Name> {
        let unknown = Spanned::new("".into(), place);
        if written(map, "noob_id").is_none() {
            let place = map.get("noob_id").map_or(place, |pair| pair.key);
            self.missing_key(place, "the tube", "noob_id");
            return unknown;
        }
        let Some(id) = self.text(map, "noob_id", "`noob_id`") else {
            return unknown;
        };
        if !id
            .value
            .chars()
            .any(|c| c.is_alphanumeric() || "_-/#".contains(c))
        {
            let kind = DiagnosticKind::BadTubeId {
                id: id.value.clone(),
            };
            self.diagnostics.push(id.place, kind);
        }
        id
    }

    /// Reports a text that is not dotted words.
    fn path(&mut self, key: &'static str, path: Spanned<Name>) -> Spanned<Name> {
        let is_model = key == "noob_model";
        if !is_path(&path.value) || (is_model && !path.value.contains('.')) {
            let kind = DiagnosticKind::BadPath {
                key,
                name: path.value.clone(),
            };
            self.diagnostics.push(path.place, kind);
        }
        path
    }

    /// Returns the `type` of a node or an asset; `None` if it is missing or no type.
    pub(super) fn type_name(
        &mut self,
        map: &Mapping,
        key: Place,
        owner: &str,
    ) -> Option<Spanned<Name>> {
        let path = self.type_text(map, key, owner)?;
        let path = self.path("type", path);
        is_path(&path.value).then_some(path)
    }

    /// Returns the `type` of an entry as written; `None` if it is missing or no text.
    pub(super) fn type_text(
        &mut self,
        map: &Mapping,
        key: Place,
        owner: &str,
    ) -> Option<Spanned<Name>> {
        // `typ:` is one mistake, not two.
        if !map.keys().any(|key| nearest(key, ["type"]).is_some()) {
            self.missing_key(key, owner, "type");
        }
        self.text(map, "type", &format!("`type` of {owner}"))
    }

    pub(super) fn missing_key(&mut self, place: Place, owner: &str, key: &'static str) {
        let owner = owner.into();
        self.diagnostics
            .push(place, DiagnosticKind::MissingKey { owner, key });
    }

    fn extends(&mut self, map: &Mapping) -> Vec<Spanned<Name>> {
        let Some(pair) = map.get("extends") else {
            return Vec::new();
        };
        let Data::List(items) = &pair.value.data else {
            if !pair.value.is_null() {
                self.wrong_kind(pair, "`extends`", "a list of tubes");
            }
            return Vec::new();
        };
        let mut extends = Vec::new();
        for item in items {
            match item.as_text() {
                Some(text) => extends.push(Spanned::new(text.clone(), item.place)),
                None => {
                    let found = item.describe();
                    let kind = DiagnosticKind::WrongKind {
                        what: "an item of `extends`".into(),
                        expected: "a text",
                        found,
                    };
                    self.diagnostics.push(item.place, kind);
                }
            }
        }
        extends
    }

    /// Reads the entries of a section. `skipped` is set if one of them, or all, cannot be read.
    fn entries<T>(
        &mut self,
        map: &Mapping,
        section: &str,
        read: fn(&mut Self, &Name, &Pair) -> Option<T>,
        skipped: &mut bool,
    ) -> IndexMap<Name, T> {
        let Some(entries) = self.section(map, section) else {
            *skipped = true;
            return IndexMap::new();
        };
        let mut found = IndexMap::new();
        for (key, pair) in entries {
            match read(self, key, pair) {
                Some(entry) => drop(found.insert(key.clone(), entry)),
                None => *skipped = true,
            }
        }
        found
    }

    /// Returns the entries of a section: none if the key is absent, `None` if it is no mapping.
    fn section<'m>(&mut self, map: &'m Mapping, key: &str) -> Option<&'m Mapping> {
        static NOTHING: std::sync::LazyLock<Mapping> = std::sync::LazyLock::new(Mapping::new);
        let Some(pair) = map.get(key) else {
            return Some(&NOTHING);
        };
        match &pair.value.data {
            Data::Map(entries) => Some(entries),
            _ => {
                self.wrong_kind(pair, format!("`{key}`"), "a mapping");
                None
            }
        }
    }

    /// Returns whether a key can be a name, and reports one that cannot.
    pub(super) fn name(
        &mut self,
        name: &Name,
        place: Place,
        meant: &Scalar,
        what: &'static str,
    ) -> bool {
        let kind = if !is_identifier(name) || !matches!(meant, Scalar::Str(_)) {
            DiagnosticKind::NotAnIdentifier {
                what,
                name: name.clone(),
            }
        } else if name.len() > MAX_NAME {
            DiagnosticKind::NameTooLong {
                what,
                name: name.clone(),
            }
        } else if RESERVED.contains(&&**name) {
            DiagnosticKind::Reserved {
                what,
                name: name.clone(),
            }
        } else {
            return true;
        };
        self.diagnostics.push(place, kind);
        false
    }

    /// Returns the mapping of an entry, after its `id` was checked.
    pub(super) fn entry<'m>(
        &mut self,
        key: &Name,
        pair: &'m Pair,
        owner: &str,
    ) -> Option<&'m Mapping> {
        let Data::Map(map) = &pair.value.data else {
            self.wrong_kind(pair, owner, "a mapping");
            return None;
        };
        if let Some(id) = self.text(map, "id", &format!("`id` of {owner}"))
            && id.value != *key
        {
            let kind = DiagnosticKind::OtherId {
                owner: owner.into(),
                id: id.value,
            };
            self.diagnostics.push(id.place, kind);
        }
        Some(map)
    }
}

/// Returns the pair of a key, if the key is there and its value is not null.
fn written<'m>(map: &'m Mapping, key: &str) -> Option<&'m Pair> {
    map.get(key).filter(|pair| !pair.value.is_null())
}
